"""Django behind the ASGI server: a slow or endless body costs no thread, odd bytes no error."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable
from typing import Any

from flowstudio.api.bridge import MAX_BODY, Bridge

Environ = dict[str, Any]


def echo(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
    """A WSGI app that says what it was given."""
    body = environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps({"query": environ["QUERY_STRING"], "length": len(body)}).encode()]


def scope(**more: Any) -> dict[str, Any]:
    return {
        "type": "http", "http_version": "1.1", "method": "POST", "path": "/", "query_string": b"", "headers": [],
        "client": ("127.0.0.1", 5), "server": ("127.0.0.1", 80), "scheme": "http", **more,
    }  # fmt: skip


class Client:
    """One request's two ends."""

    def __init__(self, *parts: bytes, ends: bool = True, gone: bool = False) -> None:
        self._parts = list(parts)
        self._ends = ends
        self._gone = gone
        self.messages: list[dict[str, Any]] = []

    async def receive(self) -> dict[str, Any]:
        if self._parts:
            part = self._parts.pop(0)
            return {"type": "http.request", "body": part, "more_body": bool(self._parts) or not self._ends}
        if self._gone:
            return {"type": "http.disconnect"}
        await asyncio.sleep(60)
        raise AssertionError("nobody asks for more than there is")

    async def send(self, message: dict[str, Any]) -> None:
        self.messages.append(message)

    @property
    def status(self) -> int:
        return int(self.messages[0]["status"])

    def json(self) -> Any:
        return json.loads(b"".join(message.get("body", b"") for message in self.messages[1:]))


async def test_a_body_in_parts_arrives_whole_and_a_query_in_ascii() -> None:
    bridge, client = Bridge(echo), Client(b"ab", b"", b"cde")
    await bridge(scope(query_string="q=é%20&a=b".encode()), client.receive, client.send)
    assert client.status == 200
    assert client.json() == {"query": "q=%C3%A9%20&a=b", "length": 5}
    bridge.close()


async def test_slow_senders_hold_no_thread() -> None:
    bridge = Bridge(echo, threads=1, deadline_s=0.5)
    slow = [Client(b"x", ends=False) for _ in range(20)]
    waiting = [asyncio.create_task(bridge(scope(), one.receive, one.send)) for one in slow]
    await asyncio.sleep(0.05)
    quick = Client(b"abc")
    await asyncio.wait_for(bridge(scope(), quick.receive, quick.send), 0.4)
    assert quick.json()["length"] == 3
    await asyncio.gather(*waiting)
    assert {one.status for one in slow} == {408}
    assert slow[0].json()["code"] == "too_slow"
    bridge.close()


async def test_a_body_that_is_too_large_is_refused_while_it_comes() -> None:
    bridge = Bridge(echo)
    declared = Client(b"x")
    headers = [(b"content-length", str(MAX_BODY + 1).encode())]
    await bridge(scope(headers=headers), declared.receive, declared.send)
    undeclared = Client(*[b"x" * 1_000_000] * 12)
    await bridge(scope(), undeclared.receive, undeclared.send)
    assert (declared.status, undeclared.status) == (413, 413)
    assert undeclared.json()["code"] == "too_large"
    bridge.close()


async def test_a_client_that_went_away_is_left_alone() -> None:
    bridge, client = Bridge(echo), Client(b"x", ends=False, gone=True)
    await bridge(scope(), client.receive, client.send)
    assert client.messages == []
    bridge.close()
