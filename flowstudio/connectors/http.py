"""The one guarded HTTP client: aiohttp (`network`), with the guard of `egress` before every connection.

Everything a flow, a connector or "test connection" sends goes through `Http.request`. It judges the address, keeps a
total deadline (timeouts of a client are per read: RELIABILITY F13), bounds what it reads, follows redirects itself so
that no credential crosses an origin, remembers no cookies, reads nothing from the environment, and raises only
`ConnectorError`, which says whether the request left the house.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json as jsonlib
import re
import ssl
from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import certifi
import httpx

from flowstudio.connectors import egress, reading, wire
from flowstudio.connectors import target as targets
from flowstudio.connectors.network import Network, Progress, StandIn, Way
from flowstudio.connectors.network import progress as progress_
from flowstudio.connectors.target import Target
from flowstudio.domain.errors import ConnectorError, EgressRefused

MAX_REQUEST_BODY = 1024 * 1024
MAX_REDIRECTS = 3
USER_AGENT = "flowstudio/0.1"
_DEFAULTS = {"user-agent": USER_AGENT, "accept": "*/*"}
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,200}")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]{0,8000}")
_NUMERIC = re.compile(r"(^|\.)(\d+|0x[0-9a-f]*)\.?$", re.IGNORECASE)
_BODY = jsonlib.JSONEncoder(allow_nan=False, ensure_ascii=False, separators=(",", ":"))
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
# Ours to set: they decide where and how a message is framed.
_RESERVED = frozenset(
    {"host", "content-length", "transfer-encoding", "connection", "te", "trailer", "upgrade", "expect", "keep-alive"}
    | {"proxy-authorization", "proxy-connection", "accept-encoding"}
)
# All that may follow to another origin; every other header may carry a secret (SECURITY S3).
_SAFE_ACROSS_ORIGINS = frozenset({"accept", "accept-language", "user-agent"})
_FOLLOWED = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, kw_only=True, slots=True)
class Response:
    """A vendor's answer, wholly read and bounded: header names are lower case, the body is decompressed."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str
    host: str

    @property
    def text(self) -> str:
        """The body as text in the charset that the answer names (UTF-8 without one); broken bytes are replaced."""
        return self.body.decode(reading.charset(self.headers.get("content-type", "")), errors="replace")

    def json(self) -> Any:
        """The body as strict JSON; ValueError with a short reason otherwise."""
        return wire.parse_json(self.body)


@functools.cache
def strict_tls() -> ssl.SSLContext:
    """TLS 1.2 or newer against the bundled authorities; SSL_CERT_FILE and friends are not read (SECURITY S5)."""
    context = ssl.create_default_context(cafile=certifi.where())
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


@dataclass(slots=True)
class Http:
    """The guarded client. One for the process; it keeps one connection pool for each event loop that uses it.

    `allow` are the operator's private targets, `proxy` an egress proxy, `transport` takes the network's place (the
    sandbox's vendors), `lookup` the name resolver's, `tls` the trusted authorities.
    """

    allow: Iterable[str] = ()
    proxy: str = ""
    transport: httpx.AsyncBaseTransport | None = None
    lookup: egress.Lookup = egress.system_lookup
    tls: ssl.SSLContext | None = None
    _guard: egress.Guard = field(init=False)
    _resolver: egress.JudgedResolver = field(init=False)
    _way: Way = field(init=False)

    def __post_init__(self) -> None:
        self._guard = egress.Guard(self.allow)
        self._resolver = egress.JudgedResolver(self._guard, self.lookup)
        if self.transport is not None:
            self._way = StandIn(self.transport)
        else:
            self._way = Network(self._resolver, lambda: self.tls or strict_tls(), self.proxy)

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        content: bytes | None = None,
        params: Mapping[str, str | list[str]] | None = None,
        deadline_s: float = 30.0,
        allowed_hosts: Collection[str] | None = None,
        follow: int | None = None,
    ) -> Response:
        """Send one request and read the whole answer within `deadline_s`; any status is an answer.

        `allowed_hosts` binds a credential: no other host is asked, not by a redirect either. `follow` is how many
        redirects to follow, by default 3 for GET and HEAD and none for methods that change something.
        """
        verb = method.upper()
        if verb not in _METHODS:
            raise wire.input_error(f"{method[:20]!r} is not an HTTP method that can be sent.")
        body, kept = _prepared(headers, json, content)
        target = self._target(egress.check_url_text(url), allowed_hosts, dict(params) if params else None)
        left = (MAX_REDIRECTS if verb in ("GET", "HEAD") else 0) if follow is None else follow
        progress = Progress()
        token = progress_.set(progress)
        try:
            async with asyncio.timeout(max(deadline_s, 0.001)):
                return await self._follow(verb, target, kept, body, left, allowed_hosts, progress)
        except TimeoutError:
            raise ConnectorError(
                f"{target.host} did not answer in full within {deadline_s:g} seconds.",
                error_class="timeout",
                retryable=True,
                sent=progress.sent,
            ) from None
        finally:
            progress_.reset(token)

    async def aclose(self) -> None:
        """Close the running loop's connections."""
        await self._way.aclose()

    @contextlib.asynccontextmanager
    async def lent(self) -> AsyncIterator[Http]:
        """For a short-lived event loop: the connections are closed at the end."""
        try:
            yield self
        finally:
            await self.aclose()

    async def _follow(
        self,
        verb: str,
        target: Target,
        headers: dict[str, str],
        body: bytes | None,
        left: int,
        allowed_hosts: Collection[str] | None,
        progress: Progress,
    ) -> Response:
        hops = 0
        while True:
            await self._judge(target)
            response = await self._once(verb, target, headers, body, progress)
            location = response.headers.get("location", "")
            if response.status not in _FOLLOWED or not location or (hops == 0 and left == 0):
                return response
            if hops >= left:
                raise ConnectorError(
                    f"{target.host} redirects more than {left} times; the address to call is not clear.",
                    error_class="redirects",
                    retryable=False,
                    status=response.status,
                    sent="answered",
                )
            hops += 1
            following = self._target(egress.check_url_text(target.joined(location)), allowed_hosts)
            if target.scheme == "https" and following.scheme == "http":
                raise EgressRefused("This address redirects from https to http, which is not followed.")
            if following.origin != target.origin:
                headers = {name: value for name, value in headers.items() if name in _SAFE_ACROSS_ORIGINS}
            target, progress.sent = following, "no"

    def _target(
        self, text: str, allowed_hosts: Collection[str] | None, params: dict[str, str | list[str]] | None = None
    ) -> Target:
        target = targets.read(text, params)
        if allowed_hosts is not None and target.host not in allowed_hosts:
            raise EgressRefused(
                f"This credential may be sent to {', '.join(sorted(allowed_hosts))} only, not {target.host}."
            )
        self._guard.port(target.host.rstrip("."), target.port)
        return target

    async def _judge(self, target: Target) -> None:
        """Judge what the resolver will not see: addresses written out, and names when a proxy does the connecting."""
        if self.transport is not None:
            return
        host, port = target.host, target.port
        address = egress.literal(host)
        if address is not None:
            self._guard.address(host, address, port)
        elif _NUMERIC.search(host):
            # A short form such as 127.1 or 0x7f.1: no name ends in a number, and no honest address is written so.
            raise EgressRefused
        elif self.proxy:
            await self._resolver.judged(host, port)

    async def _once(
        self, verb: str, target: Target, headers: Mapping[str, str], body: bytes | None, progress: Progress
    ) -> Response:
        whole = {**_DEFAULTS, **headers, "accept-encoding": "gzip, deflate"}
        try:
            status, kept, raw = await self._way.send(verb, target, whole, body)
            plain = reading.decompressed(raw, kept.get("content-encoding", "")) if raw and verb != "HEAD" else b""
            return Response(status=status, headers=kept, body=plain, url=target.text, host=target.host)
        except ConnectorError:
            raise
        except (httpx.HTTPError, aiohttp.ClientError, aiohttp.http.HttpProcessingError, OSError, ValueError) as error:
            reading.raise_as_ours(error, target.host, progress.sent)


def _unfit(name: str) -> ConnectorError:
    return wire.input_error(
        f"The header {name[:60]!r} has characters that a header cannot hold (line breaks, for example)."
    )


@functools.lru_cache(maxsize=1_024)
def _header(name: str) -> str:
    """A header's name as it is kept; refuses what is none, and what is ours to set."""
    if not _TOKEN.fullmatch(name):
        raise _unfit(name)
    lower = name.lower()
    if lower in _RESERVED:
        raise wire.input_error(f"The header {name[:60]!r} is set by flowstudio itself; remove it.")
    return lower


def _prepared(
    headers: Mapping[str, str] | None, json: Any, content: bytes | None
) -> tuple[bytes | None, dict[str, str]]:
    kept: dict[str, str] = {}
    for name, value in (headers or {}).items():
        text = str(value)
        if not _VALUE.fullmatch(text):
            raise _unfit(name)
        kept[_header(name)] = text
    body = content
    if json is not None:
        try:
            body = _BODY.encode(json).encode()
        except (ValueError, TypeError, UnicodeError, RecursionError):
            raise wire.input_error("The body holds a value that cannot be written as JSON.") from None
        kept.setdefault("content-type", "application/json")
    if body is not None and len(body) > MAX_REQUEST_BODY:
        raise wire.input_error("The body to send is larger than 1 MiB.")
    return body, kept
