"""Loopback servers that stand in for the internet, a fake resolver, and the tools that actions get."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

import flowstudio.connectors
from flowstudio.connectors.base import Request, Tools
from flowstudio.connectors.http import Http
from flowstudio.connectors.mailer import Mail, message_id
from flowstudio.connectors.warehouse.database import Warehouse
from flowstudio.sandbox.transport import SandboxTransport

FOLDER = Path(flowstudio.connectors.__file__).parent
Reply = Callable[[asyncio.StreamReader, asyncio.StreamWriter, bytes], Awaitable[None]]


class Loopback:
    """A raw server on 127.0.0.1: it reads one request's head and body, then does what the test says."""

    def __init__(self) -> None:
        self.requests: list[bytes] = []
        self.connections = 0
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@asynccontextmanager
async def loopback(reply: Reply, **serving: Any) -> AsyncIterator[Loopback]:
    server = Loopback()
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server.connections += 1
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = next(
                    (
                        int(line.split(b":")[1])
                        for line in head.split(b"\r\n")
                        if line.lower().startswith(b"content-length:")
                    ),
                    0,
                )
                raw = head + await reader.readexactly(length)
                server.requests.append(raw)
                await reply(reader, writer, raw)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            tasks.discard(task)
            writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0, **serving)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def answering(status: int = 200, body: bytes = b"ok", headers: dict[str, str] | None = None) -> Reply:
    async def reply(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _raw: bytes) -> None:
        lines = [f"HTTP/1.1 {status} Said", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        writer.write("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body)

    return reply


class Dns:
    """A resolver that tests script: each look-up of a name takes its next answer (the last one stays)."""

    def __init__(self, **names: list[list[str]] | list[str]) -> None:
        self.names: dict[str, list[list[str]]] = {}
        self.asked: list[str] = []
        for name, answers in names.items():
            self.set(name.replace("_", "."), answers)

    def set(self, name: str, answers: list[list[str]] | list[str]) -> None:
        self.names[name] = [answers] if answers and isinstance(answers[0], str) else answers  # type: ignore[list-item,assignment]

    async def __call__(self, host: str, port: int) -> list[str]:
        self.asked.append(host)
        answers = self.names.get(host)
        if not answers:
            raise OSError("no such name")
        return answers.pop(0) if len(answers) > 1 else answers[0]


@asynccontextmanager
async def client(**options: Any) -> AsyncIterator[Http]:
    http = Http(**options)
    try:
        yield http
    finally:
        await http.aclose()


class KeptMails:
    """A mailer that keeps what it was given."""

    def __init__(self) -> None:
        self.mails: list[Mail] = []

    async def send(self, mail: Mail) -> str:
        self.mails.append(mail)
        return message_id(mail.key, "flowstudio <hello@flowstudio.example>")


def recorded(connector: str, name: str) -> httpx.Response:
    """A vendor's answer as it was recorded."""
    data = json.loads((FOLDER / connector / "recorded" / f"{name}.json").read_text())
    body = data["body"]
    content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return httpx.Response(data["status"], headers=data.get("headers", {}), content=content)


class Recordings(httpx.AsyncBaseTransport):
    """Answers with what it was given, in turn, and keeps the requests."""

    def __init__(self, *answers: httpx.Response) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return httpx.Response(answer.status_code, headers=answer.headers, stream=httpx.ByteStream(answer.content))


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[Warehouse]:
    opened = Warehouse(tmp_path / "warehouse.sqlite3")
    yield opened
    opened.close()


@pytest.fixture
def mails() -> KeptMails:
    return KeptMails()


@pytest.fixture
def tools_of(warehouse: Warehouse, mails: KeptMails) -> Callable[..., Tools]:
    def build(transport: httpx.AsyncBaseTransport, *, sandbox: bool = False) -> Tools:
        return Tools(http=Http(transport=transport), warehouse=warehouse, mailer=mails, sandbox=sandbox)

    return build


@pytest.fixture
def sandbox() -> SandboxTransport:
    return SandboxTransport(latency_s=(0, 0))


def asked(params: dict[str, Any], credential: dict[str, str] | None = None, **more: Any) -> Request:
    """A request as the engine makes one."""
    given = {"key": "k-1", "workspace": "w-1", "customer": "c-1", "run": "r-1", "node": "n-1", "deadline_s": 5.0}
    return Request(params=params, credential=credential, **{**given, **more})
