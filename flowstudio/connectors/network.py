"""What `Http` sends through: the network itself by aiohttp, or a transport that stands in its place.

Both give the answer's status, its headers and its whole body, still compressed. The network is asked through aiohttp
alone: httpx's client, request and response around it cost as much again as the call, and nothing of theirs is used,
since `Http` follows redirects itself and keeps no cookies.
"""

from __future__ import annotations

import asyncio
import ssl
import weakref
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Protocol, override

import aiohttp
import httpx
from aiohttp.abc import AbstractResolver
from yarl import URL

from flowstudio.connectors import reading
from flowstudio.connectors.target import Target
from flowstudio.domain.errors import Sent


@dataclass(slots=True)
class Progress:
    """How far one request came, for `ConnectorError.sent`."""

    sent: Sent = "no"


progress: ContextVar[Progress | None] = ContextVar("flowstudio_http_progress", default=None)
type Raw = tuple[int, dict[str, str], bytes]


class Way(Protocol):
    """Sends one request and reads the whole answer, within `reading.MAX_BODY`."""

    async def send(self, verb: str, target: Target, headers: Mapping[str, str], body: bytes | None) -> Raw:
        """Status, headers with lower-case names, and the body as it came."""

    async def aclose(self) -> None:
        """Closes the running loop's connections."""


class _Request(aiohttp.ClientRequest):
    """Notes when a connection is there and writing begins: from then on the request may have arrived."""

    @override
    async def send(self, conn: Any) -> aiohttp.ClientResponse:
        mine = progress.get()
        # CONNECT only asks the proxy for a way.
        if mine is not None and self.method != "CONNECT":
            mine.sent = "maybe"
        return await super().send(conn)


@dataclass(slots=True)
class Network:
    """aiohttp with kept-alive connections, one pool for each event loop that uses it."""

    resolver: AbstractResolver
    tls: Callable[[], ssl.SSLContext]
    proxy: str = ""
    _sessions: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, aiohttp.ClientSession] = field(
        init=False, default_factory=weakref.WeakKeyDictionary
    )

    async def send(self, verb: str, target: Target, headers: Mapping[str, str], body: bytes | None) -> Raw:
        """One request on a connection of the pool; an answer that is not read to its end closes its connection."""
        by = self._by_proxy(headers, plain=target.scheme == "http") if self.proxy else {"headers": headers}
        url = URL(target.text, encoded=target.plain)
        answer = await self._session().request(verb, url, data=body, allow_redirects=False, **by)
        try:
            kept: dict[str, str] = {}
            for raw_name, raw_value in answer.raw_headers:
                name, value = raw_name.decode("latin-1").lower(), _text(raw_value)
                kept[name] = f"{kept[name]}, {value}" if name in kept else value
            reading.check_declared(kept.get("content-length", ""), verb, answer.status)
            content = answer.content
            parts: list[bytes] = []
            size = 0
            while chunk := await content.readany():
                size += len(chunk)
                reading.check_size(size, answer.status)
                parts.append(chunk)
            return answer.status, kept, b"".join(parts)
        finally:
            # Read to its end, the connection has gone back into the pool already, and nothing happens here.
            answer.close()

    def _by_proxy(self, headers: Mapping[str, str], *, plain: bool) -> dict[str, Any]:
        """How the proxy is asked: what it wants to know of us goes to it alone, never through it to the vendor."""
        proxy = URL(self.proxy)
        known: dict[str, str] = {}
        if proxy.user or proxy.password:
            known["proxy-authorization"] = aiohttp.encode_basic_auth(proxy.user or "", proxy.password or "")
        address = proxy.with_user(None)
        # A plain request is the proxy's own to read; for TLS it gets a CONNECT with headers of its own.
        if plain:
            return {"proxy": address, "headers": {**headers, **known}}
        return {"proxy": address, "headers": headers, "proxy_headers": known}

    async def aclose(self) -> None:
        """Closes the running loop's connections."""
        session = self._sessions.pop(asyncio.get_running_loop(), None)
        if session is not None:
            await session.close()

    def _session(self) -> aiohttp.ClientSession:
        loop = asyncio.get_running_loop()
        session = self._sessions.get(loop)
        if session is None:
            session = self._sessions[loop] = self._made()
        return session

    def _made(self) -> aiohttp.ClientSession:
        session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                # The proxy is the operator's: its own name is not judged, the targets are (`Http._judge`).
                resolver=None if self.proxy else self.resolver,
                use_dns_cache=False,
                ssl=self.tls(),
                limit=0,
                limit_per_host=32,
                keepalive_timeout=30,
            ),
            # No cookie is ever kept: the pool is shared by all workspaces.
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            auto_decompress=False,
            request_class=_Request,
            # The total deadline is `asyncio.timeout` in `Http.request`.
            timeout=aiohttp.ClientTimeout(total=None),
            # A request without a body has no type: aiohttp would call it a stream of bytes.
            skip_auto_headers=("Content-Type",),
            max_line_size=8190,
            max_field_size=8190,
            max_headers=100,
        )
        # aiohttp sends PUT and DELETE again by itself when the connection breaks; whether to is the engine's to judge.
        session._retry_connection = False
        return session


@dataclass(slots=True)
class StandIn:
    """An httpx transport in the network's place: the sandbox's vendors, or a test's."""

    transport: httpx.AsyncBaseTransport

    async def send(self, verb: str, target: Target, headers: Mapping[str, str], body: bytes | None) -> Raw:
        """The transport's answer, bounded like a real one."""
        answer = await self.transport.handle_async_request(
            httpx.Request(verb, target.text, headers=headers, content=body)
        )
        try:
            kept = {name.lower(): value for name, value in answer.headers.items()}
            reading.check_declared(kept.get("content-length", ""), verb, answer.status_code)
            parts: list[bytes] = []
            size = 0
            async for chunk in answer.aiter_raw():
                size += len(chunk)
                reading.check_size(size, answer.status_code)
                parts.append(chunk)
            return answer.status_code, kept, b"".join(parts)
        finally:
            await answer.aclose()

    async def aclose(self) -> None:
        """Nothing is held open."""


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")
