"""The released Segment client against a real server on loopback (EVENTS_API, "Acceptance with the real clients")."""

from __future__ import annotations

import http.client
import logging
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from segment.analytics.client import Client

from flowstudio.api.events import EventsDoor
from flowstudio.store.models import Event
from tests.api.door_support import KEY, Lifespan, make_workspace, served

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def address():
    make_workspace()
    with served(Lifespan(EventsDoor())) as url:
        yield url


def segment(url, **options):
    return Client(KEY, host=url, upload_interval=0.05, on_error=pytest.fail, timeout=5, **options)


def six_calls(client):
    client.identify("u1", {"email": "a@b.co"})
    client.track("u1", "Signed Up", {"plan": "pro"})
    client.page("u1", "Cat", "Home")
    client.screen("u1", "Cat", "Home")
    client.group("u1", "g1", {"n": 1})
    client.alias("anon1", "u1")


@pytest.mark.parametrize("gzip", [False, True])
def test_six_calls_plain_and_gzip(address, gzip):
    client = segment(address, gzip=gzip)
    six_calls(client)
    client.shutdown()
    events = list(Event.objects.order_by("id"))
    assert [e.type for e in events] == ["identify", "track", "page", "screen", "group", "alias"]
    assert {e.user_id for e in events} == {"u1"} and {e.problem for e in events} == {""}


class Middleman(ThreadingHTTPServer):
    """Stands between client and server and spoils the first answers; `script` says how, one word an answer."""

    def __init__(self, target, script):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.target, self.script, self.requests = target, list(script), 0
        self.guard = threading.Lock()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with self.server.guard:
            self.server.requests += 1
            todo = self.server.script.pop(0) if self.server.script else "pass"
        if todo in ("429", "503"):
            self.send_response(int(todo))
            self.send_header("Retry-After", "1")
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")
            return
        upstream = http.client.HTTPConnection(self.server.target.removeprefix("http://"), timeout=5)
        upstream.request("POST", self.path, body, dict(self.headers))
        answer = upstream.getresponse()
        data = answer.read()
        upstream.close()
        if todo == "cut":
            self.close_connection = True
            return
        self.send_response(answer.status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@pytest.mark.parametrize("script", [["cut"], ["429"], ["503", "503"], ["cut", "429", "503", "cut"]])
def test_f2_f20_cut_after_commit_and_refused_for_a_while_is_stored_once(address, script):
    proxy = Middleman(address, script)
    try:
        client = segment(proxy.url)
        six_calls(client)
        client.shutdown()
    finally:
        proxy.shutdown()
        proxy.server_close()
    assert proxy.requests > len(script)
    assert sorted(Event.objects.values_list("type", flat=True)) == sorted(
        ["identify", "track", "page", "screen", "group", "alias"]
    )
    assert set(Event.objects.values_list("conflict", flat=True)) == {0}


def test_a_bad_key_does_not_make_the_client_loop(address):
    # Its log is not ours to read here; a retry would be seen as a second request.
    logging.getLogger("segment").setLevel(logging.CRITICAL)
    proxy = Middleman(address, [])
    errors = []
    try:
        client = Client(
            "wrong", host=proxy.url, upload_interval=0.05, on_error=lambda error, _items: errors.append(error.status)
        )
        client.track("u1", "x")
        client.shutdown()
    finally:
        proxy.shutdown()
        proxy.server_close()
    assert (errors, proxy.requests) == ([401], 1)


def test_a_thousand_sign_ups_at_full_speed_lose_nothing(address):
    client = segment(address, upload_size=100, max_queue_size=5_000)
    started = time.monotonic()
    for n in range(1_000):
        client.track(f"u{n}", "Signed Up")
    client.shutdown()
    assert Event.objects.values("user_id").distinct().count() == Event.objects.count() == 1_000
    assert time.monotonic() - started < 20


def test_large_body_with_a_wrong_key_gets_its_401_and_the_line_stays_usable(address):
    content = b'{"batch": [' + b" " * 2_000_000 + b"]}"
    with httpx.Client(base_url=address) as http_client:
        for _ in range(2):
            answer = http_client.post("/v1/batch", content=content, auth=("wrong", ""))
            assert answer.status_code == 401 and set(answer.json()) == {"code", "message"}


def test_slow_and_idle_sockets_leave_the_door_free(address):
    lines = [http.client.HTTPConnection(address.removeprefix("http://")) for _ in range(50)]
    for line in lines:
        line.connect()
        line.send(b"POST /v1/batch HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
    answer = httpx.post(f"{address}/v1/track", json={"event": "x", "userId": "u"}, auth=(KEY, ""), timeout=2)
    assert answer.status_code == 200
    for line in lines:
        line.close()
