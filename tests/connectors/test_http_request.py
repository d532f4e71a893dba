"""`http.request` against real servers on loopback: what is sent, what comes back, and what every failure means."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from flowstudio.connectors.base import Answer, Tools
from flowstudio.connectors.http_request.form import HttpRequest, check, host
from flowstudio.connectors.registry import CONNECTORS, action, build_tools, rendered
from flowstudio.domain.errors import ConnectorError
from flowstudio.domain.nodes.base import View
from tests.connectors.conftest import KeptMails, Reply, answering, asked, loopback

SCOPE = {
    "customer": {
        "id": "c/1 ü",
        "email": "ada@acme.example",
        "traits": {"employees": 540, "vip": True, "name": 'A "B"'},
    },
    "event": {"id": "e-1", "name": "Signed Up", "properties": {"items": [1, 2], "price": 9.5, "none": None}},
    "steps": {},
}
KEY = {"host": "127.0.0.1", "header": "X-Api-Key", "value": "canary-123456"}


@asynccontextmanager
async def product(*allow: str) -> AsyncIterator[Tools]:
    """The tools that the product builds from these settings."""
    settings = SimpleNamespace(
        FLOWSTUDIO_EGRESS_ALLOW=list(allow or ("127.0.0.1",)), FLOWSTUDIO_EGRESS_PROXY="", FLOWSTUDIO_WAREHOUSE_URL="",
        FLOWSTUDIO_SMTP_URL="", FLOWSTUDIO_MAIL_FROM="flowstudio <hello@flowstudio.example>", DATA_DIR=Path("nowhere"),
    )  # fmt: skip
    tools = build_tools(settings, mailer=KeptMails())
    try:
        yield tools
    finally:
        await tools.http.aclose()


async def sent(config: dict[str, Any], *, credential: dict[str, str] | None = None, **more: Any) -> Answer:
    """The node as the engine performs it: config read, filled in from the scope, called."""
    now = datetime(2026, 11, 24, tzinfo=UTC)
    view = View(now=now, scope=SCOPE, entered_at=now, visit=1, timezone="UTC")
    params = rendered(HttpRequest.model_validate(config), view)
    async with product() as tools:
        return await action("http.request")[1].call(asked(params, credential, **more), tools)


async def failing(config: dict[str, Any], **more: Any) -> ConnectorError:
    with pytest.raises(ConnectorError) as caught:
        await sent(config, **more)
    return caught.value


def read(raw: bytes) -> tuple[str, dict[str, str], str]:
    """(request line, headers, body) of a request as it came over the wire."""
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    names = [line.partition(":")[0].lower() for line in lines]
    assert len(names) == len(set(names)), "a header came twice"
    return first, {line.partition(":")[0].lower(): line.partition(":")[2].strip() for line in lines}, body.decode()


def saying(body: Any, **headers: str) -> Reply:
    return answering(body=json.dumps(body).encode(), headers={"Content-Type": "application/json", **headers})


# What is sent


async def test_everything_is_filled_in_and_keeps_its_type() -> None:
    async with loopback(saying({"ok": True})) as server:
        await sent(
            {
                "method": "POST",
                "url": server.url + "/customers/{{ customer.id }}?plan={{ customer.traits.name }}",
                "headers": {"X-Employees": "{{ customer.traits.employees }}", "Accept": "application/json"},
                "query": {"vip": "{{ customer.traits.vip }}", "item": "{{ event.properties.items }}", "gone": "{{ event.properties.none }}"},
                "body": {
                    "employees": "{{ customer.traits.employees }}", "vip": "{{ customer.traits.vip }}",
                    "price": "{{ event.properties.price }}", "items": "{{ event.properties.items }}",
                    "none": "{{ event.properties.none }}", "text": "Hi {{ customer.traits.name }}", "plain": [1, {"a": None}],
                },
            }
        )  # fmt: skip
    first, headers, body = read(server.requests[0])
    method, target, _ = first.split(" ")
    assert method == "POST"
    assert urlsplit(target).path == "/customers/c%2F1%20%C3%BC"
    assert parse_qsl(urlsplit(target).query) == [("plan", 'A "B"'), ("vip", "true"), ("item", "1"), ("item", "2")]
    assert (headers["x-employees"], headers["accept"]) == ("540", "application/json")
    assert headers["content-type"] == "application/json"
    assert json.loads(body) == {
        "employees": 540, "vip": True, "price": 9.5, "items": [1, 2], "none": None, "text": 'Hi A "B"', "plain": [1, {"a": None}],
    }  # fmt: skip


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"])
async def test_methods_and_the_idempotency_key(method: str) -> None:
    async with loopback(answering(body=b"")) as server:
        got = await sent({"method": method, "url": f"{server.url}/x"}, key="step-7")
    first, headers, _ = read(server.requests[0])
    assert first == f"{method} /x HTTP/1.1"
    changing = method in ("POST", "PUT", "PATCH", "DELETE")
    assert headers.get("idempotency-key") == ("step-7" if changing else None)
    assert (got.status, got.summary) == (200, f"{method} 127.0.0.1: 200")


@pytest.mark.parametrize("name", ["Idempotency-Key", "idempotency-key", "IDEMPOTENCY-KEY"])
async def test_the_authors_own_key_wins(name: str) -> None:
    async with loopback(answering()) as server:
        await sent({"method": "POST", "url": server.url, "headers": {name: "order-{{ event.id }}"}})
    assert read(server.requests[0])[1]["idempotency-key"] == "order-e-1"


@pytest.mark.parametrize(
    ("body", "headers", "kind", "written"),
    [
        ("plain {{ customer.email }}", {}, "text/plain; charset=utf-8", "plain ada@acme.example"),
        ('{"n": {{ customer.traits.employees }}}', {}, "application/json", '{"n": 540}'),
        ("<a/>", {"content-type": "application/xml"}, "application/xml", "<a/>"),
        ({"To": "+49 1", "Tag": ["a", "b"], "No": None}, {"Content-Type": "application/x-www-form-urlencoded"},
         "application/x-www-form-urlencoded", "To=%2B49+1&Tag=a&Tag=b"),
        ({"a": 1}, {"content-type": "application/vnd.api+json"}, "application/vnd.api+json", '{"a":1}'),
        ([1, "ü"], {}, "application/json", '[1,"ü"]'),
        (0, {}, "application/json", "0"),
        (False, {}, "application/json", "false"),
        ("{{ event.properties.items }}", {}, "application/json", "[1,2]"),
    ],
)  # fmt: skip
async def test_bodies(body: Any, headers: dict[str, str], kind: str, written: str) -> None:
    async with loopback(answering()) as server:
        await sent({"method": "POST", "url": server.url, "body": body, "headers": headers})
    _, got, text = read(server.requests[0])
    assert (got["content-type"], text) == (kind, written)


@pytest.mark.parametrize("body", [None, "", "{{ event.properties.none }}"])
async def test_no_body(body: Any) -> None:
    async with loopback(answering()) as server:
        await sent({"method": "POST", "url": server.url, "body": body})
    _, headers, text = read(server.requests[0])
    assert (text, headers.get("content-type")) == ("", None)


@pytest.mark.parametrize(
    "config",
    [
        {"headers": {"X-A": "a\r\nX-Evil: 1"}}, {"headers": {"X A": "1"}}, {"headers": {"Host": "evil.example"}},
        {"headers": {"Content-Length": "3"}}, {"method": "POST", "body": ["x" * 220_000] * 5},
    ],
)  # fmt: skip
async def test_s4_what_cannot_be_sent_does_not_leave(config: dict[str, Any]) -> None:
    async with loopback(answering()) as server:
        error = await failing({"url": server.url, **config})
    assert (error.error_class, error.retryable, error.sent, server.requests) == ("input", False, "no", [])


# What comes back


@pytest.mark.parametrize(
    ("body", "kind", "parsed"),
    [
        (b'{"id": 7, "deep": [1.5, null]}', "application/json", {"id": 7, "deep": [1.5, None]}),
        (b'{"id": 7}', "application/vnd.api+json; charset=utf-8", {"id": 7}),
        (b'{"id": 7}', "text/plain", {"id": 7}),
        (b'\xef\xbb\xbf{"id": 7}', "application/json", {"id": 7}),
        (b"540", "application/json", 540),
        (b"540", "text/plain", "540"),
        (b"{not json", "application/json", "{not json"),
        (b'{"a": NaN}', "application/json", '{"a": NaN}'),
        (b"", "application/json", ""),
        (b"<b>hi</b><script>x</script>", "text/html", "<b>hi</b><script>x</script>"),
        ("Größe".encode("latin-1"), "text/plain; charset=iso-8859-1", "Größe"),
        ("10 €".encode("cp1252"), 'text/plain; charset="windows-1252"', "10 €"),
        ("Größe".encode(), "text/plain; charset=rot13", "Größe"),
        ("Größe".encode(), "text/plain; charset=idna", "Größe"),
        (b"\xff\xfe", "text/plain", "��"),
    ],
)
async def test_the_output(body: bytes, kind: str, parsed: Any) -> None:
    async with loopback(answering(201, body, {"Content-Type": kind, "X-Total": "3"})) as server:
        got = await sent({"url": server.url, "price": 0.02})
    assert (got.output["status"], got.output["body"]) == (201, parsed)
    assert (got.output["headers"]["x-total"], got.output["headers"]["content-type"]) == ("3", kind)
    assert (got.port, got.cost) == ("out", 0.02)


async def test_a_compressed_answer() -> None:
    packed = gzip.compress(b'{"packed": true}')
    async with loopback(
        answering(200, packed, {"Content-Type": "application/json", "Content-Encoding": "gzip"})
    ) as server:
        got = await sent({"url": server.url})
    assert got.output["body"] == {"packed": True}


@pytest.mark.parametrize("size", [1024 * 1024 + 1, 50_000_000])
async def test_a_huge_answer_is_refused(size: int) -> None:
    async def endless(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _raw: bytes) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(size // 65536 + 1):
            writer.write(b"10000\r\n" + b"x" * 65536 + b"\r\n")
            await writer.drain()

    async with loopback(endless) as server:
        error = await failing({"url": server.url})
    assert (error.error_class, error.retryable, error.sent) == ("too_large", False, "answered")


async def test_an_answer_up_to_the_bound() -> None:
    async with loopback(answering(body=b"x" * 1024 * 1024)) as server:
        got = await sent({"url": server.url})
    assert len(got.output["body"]) == 1024 * 1024


# Refusals


@pytest.mark.parametrize(
    ("status", "retryable", "sentence"),
    [(400, False, "refused the request"), (401, False, "refused the credential"), (404, False, "refused the request"),
     (408, True, "refused"), (409, True, "refused"), (422, False, "refused"), (500, True, "a problem of its own"),
     (503, True, "a problem of its own"), (302, False, "redirect")],
)  # fmt: skip
async def test_statuses(status: int, sentence: str, *, retryable: bool) -> None:
    async with loopback(answering(status, b"why: no such thing")) as server:
        error = await failing({"method": "POST", "url": server.url})
    assert (error.status, error.error_class, error.retryable) == (status, f"status_{status}", retryable)
    assert (error.sent, error.detail) == ("answered", "why: no such thing")
    assert sentence in error.message


@pytest.mark.parametrize(
    ("value", "wait"), [("7", 7.0), ("0", 0.0), ("99999999", 86_400.0), ("-1", None), ("soon", None)]
)
async def test_f15_429_says_how_long_to_wait(value: str, wait: float | None) -> None:
    async with loopback(answering(429, b"slow down", {"Retry-After": value})) as server:
        error = await failing({"url": server.url})
    assert (error.error_class, error.retryable, error.retry_after) == ("status_429", True, wait)


async def test_s3_a_redirect_to_a_private_address_is_refused() -> None:
    async with (
        loopback(answering(body=b"inner")) as inner,
        loopback(answering(302, b"", {"Location": f"http://127.0.0.2:{inner.port}/"})) as server,
    ):
        error = await failing({"url": server.url})
        hidden = await failing({"url": f"http://127.0.0.2:{inner.port}/"})
    assert (error.error_class, error.retryable, error.sent) == ("egress", False, "no")
    assert error.message == hidden.message
    assert inner.requests == []


async def test_nothing_private_is_reached_unless_the_operator_lists_it() -> None:
    async with loopback(answering()) as server, product("10.0.0.0/8") as tools:
        with pytest.raises(ConnectorError) as caught:
            await action("http.request")[1].call(asked({"method": "GET", "url": server.url}), tools)
    assert (caught.value.error_class, server.requests) == ("egress", [])


# Broken connections


async def test_nobody_listens_means_nothing_was_sent() -> None:
    async with loopback(answering()) as server:
        port = server.port
    error = await failing({"method": "POST", "url": f"http://127.0.0.1:{port}/"})
    assert (error.error_class, error.retryable, error.sent) == ("connect", True, "no")


async def test_cut_before_the_request_is_read_means_maybe() -> None:
    """The other side took the connection; what it read of the request nobody knows."""

    async def slam(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    server = await asyncio.start_server(slam, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    error = await failing({"method": "POST", "url": f"http://127.0.0.1:{port}/"})
    server.close()
    await server.wait_closed()
    assert (error.retryable, error.sent) == (True, "maybe")


async def test_cut_after_the_request_is_unknown() -> None:
    async def cut(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _raw: bytes) -> None:
        writer.close()

    async with loopback(cut) as server:
        error = await failing({"method": "POST", "url": server.url, "body": {"pay": 1}})
    assert (error.error_class, error.retryable, error.sent) == ("reset", True, "maybe")
    assert len(server.requests) == 1


@pytest.mark.parametrize(("limit", "deadline", "said"), [(1.0, 9.0, "1 seconds"), (20, 0.3, "0.3 seconds")])
async def test_the_shorter_of_the_nodes_limit_and_the_steps_deadline(limit: float, deadline: float, said: str) -> None:
    async def silent(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter, _raw: bytes) -> None:
        await asyncio.sleep(30)

    async with loopback(silent) as server:
        error = await failing({"method": "POST", "url": server.url, "timeout_s": limit}, deadline_s=deadline)
    assert (error.error_class, error.retryable, error.sent) == ("timeout", True, "maybe")
    assert said in error.message


# Credentials


async def test_a_credential_is_used_only_when_the_node_names_it_and_replaces_the_header() -> None:
    async with loopback(answering()) as server:
        named = {"url": server.url, "headers": {"x-api-key": "typed in"}, "credential": "cred-1"}
        await sent(named, credential=KEY)
        await sent({"url": server.url}, credential=KEY)
    assert read(server.requests[0])[1]["x-api-key"] == "canary-123456"
    assert "canary" not in server.requests[1].decode()


async def test_s21_a_credential_goes_to_its_host_alone() -> None:
    async with loopback(answering()) as server:
        error = await failing({"url": server.url, "credential": "cred-1"}, credential={**KEY, "host": "api.acme.com"})
    assert (error.error_class, server.requests) == ("egress", [])
    assert "api.acme.com only" in error.message


@pytest.mark.parametrize(
    ("pasted", "bound"),
    [("api.acme.com", "api.acme.com"), (" https://API.acme.com/v1?x ", "api.acme.com"), ("api.acme.com:8443", "api.acme.com"),
     ("bücher.example", "bücher.example"), ("xn--bcher-kva.example", "bücher.example"), ("127.0.0.1:9000", "127.0.0.1"),
     ("[::1]", "::1")],
)  # fmt: skip
def test_hosts_as_people_paste_them(pasted: str, bound: str) -> None:
    assert host(pasted) == bound


async def test_a_credential_that_is_gone_sends_nothing() -> None:
    async with loopback(answering()) as server:
        error = await failing({"url": server.url, "credential": "cred-1"})
    assert (error.error_class, error.retryable, server.requests) == ("input", False, [])


async def test_s24_a_secret_that_comes_back_is_not_kept() -> None:
    secret = KEY["value"]
    async with loopback(saying({"echo": secret, secret: [f"x{secret}y"]}, **{"X-Echo": secret})) as server:
        got = await sent({"url": server.url, "credential": "c"}, credential=KEY)
    assert secret not in repr(got)
    assert got.output["headers"]["x-echo"] == "•••"
    async with loopback(answering(403, f"bad key {secret}".encode())) as server:
        error = await failing({"url": server.url, "credential": "c"}, credential=KEY)
    assert secret not in f"{error} {error.detail} {error!r}"
    assert error.detail == "bad key •••"


# The form


@pytest.mark.parametrize(
    ("config", "code", "field"),
    [
        ({"url": "api.acme.com/x"}, "http_url", "url"),
        ({"url": "ftp://api.acme.com"}, "http_url", "url"),
        ({"url": "https://ada:pw@api.acme.com/"}, "http_userinfo", "url"),
        ({"url": "https://api.acme.com/", "headers": {"Authorization": "Bearer abc"}}, "secret_in_plain_field", "headers"),
        ({"url": "https://api.acme.com/", "headers": {"X-Custom": "sk_live_abcdef123456"}}, "secret_in_plain_field", "headers"),
        ({"url": "https://api.acme.com/", "query": {"api_key": "12345"}}, "secret_in_plain_field", "query"),
        ({"url": "https://api.acme.com/?access_token=12345"}, "secret_in_plain_field", "url"),
        ({"url": "https://hooks.acme.com/xoxb-123456789012"}, "secret_in_plain_field", "url"),
    ],
)  # fmt: skip
def test_s25_what_the_form_warns_of(config: dict[str, Any], code: str, field: str) -> None:
    (issue,) = check(HttpRequest.model_validate(config))
    assert (issue.code, issue.field) == (code, field)
    assert issue.message.endswith(".")
    assert issue.fix


@pytest.mark.parametrize(
    "config",
    [
        {"url": "https://api.acme.com/customers/{{ customer.id }}?page=2&q={{ customer.email }}"},
        {"url": "{{ event.properties.callback }}"},
        {"url": "https://api.acme.com/", "headers": {"X-Api-Key": "{{ customer.traits.key }}", "Accept": "text/csv"}},
        {"url": "https://api.acme.com/", "query": {"key": "name", "token_type": "x"}},
    ],
)
def test_what_the_form_leaves_alone(config: dict[str, Any]) -> None:
    assert check(HttpRequest.model_validate(config)) == ()


def test_a_lost_answer_is_asked_about_where_it_can_matter() -> None:
    fields = HttpRequest.model_json_schema()["properties"]
    changing = ["POST", "PUT", "PATCH", "DELETE"]
    assert fields["idempotent"]["x-when"] == {"method": changing}
    assert fields["unknown"]["x-when"] == {"method": changing, "idempotent": False}
    assert fields["unknown"]["default"] == "park"
    assert "Idempotency-Key" in fields["idempotent"]["description"]


async def test_the_credential_is_proved_by_its_bound_host_alone() -> None:
    prove = CONNECTORS["http"].test
    assert prove is not None
    async with product("10.0.0.0/8") as tools:
        with pytest.raises(ConnectorError) as caught:
            await prove({**KEY, "host": "https://127.0.0.1/x"}, tools)
    assert caught.value.error_class == "egress"
