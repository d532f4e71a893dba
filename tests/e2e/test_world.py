"""A webhook comes in, a partner's server is called, a mail goes out: the product against real local servers."""

from __future__ import annotations

import email
import email.policy
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
from aiosmtpd.controller import Controller

from tests.e2e.product import running
from tests.servers import free_port

GRAPH = {
    "schema": 1,
    "nodes": [
        {"id": "hook", "type": "trigger.webhook", "name": "Order", "config": {}},
        {
            "id": "ask",
            "type": "http.request",
            "name": "Ask the shop",
            "config": {
                "method": "POST",
                "url": "http://127.0.0.1:{port}/orders",
                "body": {"order": "{{ event.properties.order }}", "total": "{{ event.properties.total }}"},
            },
        },
        {
            "id": "mail",
            "type": "email.send",
            "name": "Confirm",
            "config": {
                "to": "{{ customer.email }}",
                "subject": "Order {{ event.properties.order }}",
                "body": "The shop says **{{ steps.ask.output.body.state }}**.",
            },
        },
    ],
    "edges": [
        {"id": "e1", "source": "hook", "source_port": "out", "target": "ask"},
        {"id": "e2", "source": "ask", "source_port": "out", "target": "mail"},
    ],
    "notes": [],
    "settings": {"reentry": "parallel"},
}


class Mailbox:
    """What an SMTP server was given."""

    def __init__(self) -> None:
        self.mails: list[Any] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.mails.append(envelope)
        return "250 kept"


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, int]]:
    box, port = Mailbox(), free_port()
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    yield box, port
    controller.stop()


@pytest.fixture
def shop() -> Iterator[tuple[list[dict[str, Any]], int]]:
    """A partner's server: the first request of each key breaks (503), the next one is answered."""
    asked: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            key = self.headers["Idempotency-Key"]
            again = any(one["key"] == key for one in asked)
            asked.append({"key": key, "body": body})
            content = b'{"state": "packed"}' if again else b"{}"
            self.send_response(200 if again else 503)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield asked, server.server_port
    server.shutdown()
    server.server_close()
    thread.join()


def test_webhook_in_request_and_mail_out(
    tmp_path: Any, mailbox: tuple[Mailbox, int], shop: tuple[list[dict[str, Any]], int]
) -> None:
    box, smtp = mailbox
    asked, port = shop
    graph = json.loads(json.dumps(GRAPH).replace("{port}", str(port)))
    world = {
        "DEMO": "0",
        "FLOWSTUDIO_SMTP_URL": f"smtp://127.0.0.1:{smtp}",
        "FLOWSTUDIO_EGRESS_ALLOW": f"127.0.0.1:{port},127.0.0.1:{smtp}",
        "FLOWSTUDIO_RETRY_BASE_S": "0.2",
    }
    with running(tmp_path, **world) as product, product.client("editor") as client:
        flow = client.post("/api/v1/flows/", json={"name": "Orders", "graph": graph}).json()
        published = client.post(f"/api/v1/flows/{flow['id']}/publish/", json={"revision": flow["draft_revision"]})
        assert published.status_code in (200, 201), published.text
        (hook,) = client.get(f"/api/v1/flows/{flow['id']}/").json()["hooks"]
        order = {"userId": "u-1", "email": "ana@umber-works.example", "order": "A-17", "total": 99.5}
        answer = httpx.post(hook["url"], json=order, trust_env=False)
        assert answer.status_code == 202, answer.text
        assert answer.json()["accepted"] is True

        until = time.monotonic() + 30
        while not (runs := client.get("/api/v1/runs/").json()["results"]) or runs[0]["status"] == "active":
            assert time.monotonic() < until, product.log()
            time.sleep(0.1)
        run = client.get(f"/api/v1/runs/{runs[0]['id']}/").json()
        assert run["status"] == "completed", run

    # One request, tried twice with one key; numbers stay numbers.
    assert [one["body"] for one in asked] == [{"order": "A-17", "total": 99.5}] * 2
    assert len({one["key"] for one in asked}) == 1
    (mail,) = box.mails
    assert mail.rcpt_tos == ["ana@umber-works.example"]
    message = email.message_from_bytes(mail.content, policy=email.policy.default)
    assert message["Subject"] == "Order A-17"
    html = message.get_body(("html",))
    assert html is not None and "<strong>packed</strong>" in html.get_content()
    attempts = next(step for step in run["steps"] if step["node"] == "ask")["attempts"]
    assert [attempt["status"] for attempt in attempts] == [503, 200]
