"""The events door: a raw ASGI function ahead of Django (DEPENDENCIES §2: 28 to 60 times as fast as a view).

Every route answers with and without a trailing slash and never redirects; an answer of 200 is given after the COMMIT
only; every refusal carries `code` and `message`, without which some clients repeat it for ever (EVENTS_API).
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from django.db import Error as DatabaseError

from flowstudio.api.door import body as bodies
from flowstudio.api.door import hooks, messages, posthog, strict
from flowstudio.api.door.keys import Directory, Source, WrongOnes, hook, ingest_key
from flowstudio.domain.errors import InputError, Overloaded, TooLarge
from flowstudio.engine import bell, failpoints, ingest
from flowstudio.engine.writer import GroupWriter
from flowstudio.store.ids import new_id

logger = logging.getLogger("flowstudio.api.door")

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_BATCHES = frozenset({"/v1/batch", "/v1/b", "/v1/import"})
_SINGLES = {f"/v1/{name}": name for name in messages.TYPES} | {f"/v1/{name[0]}": name for name in messages.TYPES}
_POSTHOG = "/batch"
_HOOKS = "/hooks/"
MAX_BATCH = 2_500
MAX_EVENTS_WAITING = 20_000
MAX_BYTES_WAITING = 64 * 1024 * 1024
COMMIT_S = 10.0
# A body larger than this is parsed in a thread: the event loop must not stand still for it.
_IN_THREAD = 128 * 1024
_SUCCESS = b'{"success":true}'
_CORS = [
    (b"access-control-allow-origin", b"*"),
]
_PREFLIGHT = [
    *_CORS,
    (b"access-control-allow-methods", b"POST, OPTIONS"),
    (b"access-control-allow-headers", b"authorization, content-type, content-encoding, x-retry-count"),
    (b"access-control-max-age", b"86400"),
]


class Unknown(Exception):
    """No key, or a wrong one: 401 without detail."""


class EventsDoor:
    """Serves the events routes and hands everything else to `inner`. `start` and `stop` belong into the lifespan."""

    def __init__(
        self,
        inner: App | None = None,
        *,
        max_events: int = MAX_EVENTS_WAITING,
        max_bytes: int = MAX_BYTES_WAITING,
        wrong_a_minute: int = 60,
        body_deadline_s: float = bodies.DEADLINE_S,
    ) -> None:
        self._inner = inner
        self._writer: GroupWriter[ingest.Delivery, ingest.Stored] | None = None
        self._keys = Directory(ingest_key)
        self._hooks = Directory(hook)
        self._wrong = WrongOnes(a_minute=wrong_a_minute)
        self._max_events = max_events
        self._max_bytes = max_bytes
        self._events = 0
        self._bytes = 0
        self._ringing = False
        self._body_deadline_s = body_deadline_s

    async def start(self) -> None:
        """Opens the writer; calling twice changes nothing."""
        if self._writer is None:
            self._writer = ingest.writer()

    async def stop(self) -> None:
        """Commits what was accepted and ends the writer's thread."""
        writer, self._writer = self._writer, None
        if writer is not None:
            await asyncio.to_thread(writer.close, 8.0)

    def forget(self) -> None:
        """Forgets keys and hooks (after one was revoked or rotated in this process)."""
        self._keys.forget()
        self._hooks.forget()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI: ours, or the inner app's."""
        if await self.handle(scope, receive, send):
            return
        if self._inner is None:
            await _problem(send, 404, "not_found", "There is nothing at this address.")
            return
        await self._inner(scope, receive, send)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> bool:
        """Answers when the route is one of ours; says whether it was."""
        if scope["type"] != "http":
            return False
        path: str = scope["path"].rstrip("/")
        if path not in _BATCHES and path not in _SINGLES and path != _POSTHOG and not path.startswith(_HOOKS):
            return False
        method = scope["method"]
        if method == "OPTIONS":
            await _answer(send, 204, b"", _PREFLIGHT)
        elif method != "POST":
            await _problem(send, 405, "method_not_allowed", "Use POST.", [(b"allow", b"POST, OPTIONS")])
        else:
            await self._post(path, scope, receive, send)
        return True

    async def _post(self, path: str, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            if path.startswith(_HOOKS):
                status, answer = await self._hook(path.removeprefix(_HOOKS), scope, receive)
            else:
                status, answer = await self._segment(path, scope, receive)
            failpoints.hit("door.committed")
            await _answer(send, status, answer)
        except bodies.Gone:
            return
        except Unknown:
            await _problem(send, 401, "unknown_key", "This key is missing, unknown or was revoked.")
        except bodies.TooSlow:
            await _problem(
                send, 408, "too_slow", "The body did not come in time. Send it again.", [(b"connection", b"close")]
            )
        except TooLarge as error:
            await _problem(send, 413, error.code, error.message, [(b"connection", b"close")])
        except InputError as error:
            await _problem(send, 400, error.code, error.message)
        except Overloaded as error:
            retry = [(b"retry-after", str(error.retry_after).encode())]
            await _problem(send, 429, error.code, error.message, retry)
        except (DatabaseError, TimeoutError, RuntimeError) as error:
            logger.warning("events not stored: %s", type(error).__name__)
            await _problem(send, 503, "not_stored", "Nothing was stored. Send it again.", [(b"retry-after", b"1")])
        except Exception:
            # A mistake of ours must not look like the sender's: 503 is repeated by every client, nothing is lost.
            logger.exception("the door failed")
            await _problem(send, 503, "not_stored", "Nothing was stored. Send it again.", [(b"retry-after", b"5")])

    async def _segment(self, path: str, scope: Scope, receive: Receive) -> tuple[int, bytes]:
        headers = _headers(scope)
        peer = _peer(scope)
        token = _basic(headers.get("authorization", ""))
        source = await self._source(self._keys, token, peer) if token else None
        if token and source is None:
            # Read it out all the same: closing on a client in mid-sentence looks like a broken line, and is repeated.
            await self._read(receive, headers, bodies.MAX_RAW, keep=False)
            raise Unknown
        raw = await self._read(receive, headers, bodies.MAX_RAW)
        try:
            value, suspect = await self._value(raw, headers)
            if source is None:
                source = await self._source(self._keys, _key_in(value), peer)
                if source is None:
                    raise Unknown
            delivery = await self._delivery(path, value, source, len(raw), suspect)
            await self._store(delivery)
        finally:
            self._bytes -= len(raw)
        return 200, _SUCCESS

    async def _hook(self, token: str, scope: Scope, receive: Receive) -> tuple[int, bytes]:
        headers = _headers(scope)
        source = await self._source(self._hooks, token, _peer(scope))
        if source is None:
            await self._read(receive, headers, hooks.MAX_BODY, keep=False)
            raise Unknown
        raw = await self._read(receive, headers, hooks.MAX_BODY)
        try:
            value, _ = await self._value(raw, headers, limit=hooks.MAX_BODY)
            event = hooks.event(value, source, headers, datetime.now(UTC))
            stored = await self._store([event])
        finally:
            self._bytes -= len(raw)
        return 202, msgspec.json.encode({"accepted": True, "event": stored.ids.get(event.message_id, event.id)})

    async def _source(self, directory: Directory, token: str, peer: str) -> Source | None:
        if not token:
            self._wrong.note(peer)
            return None
        if not directory.seen(token):
            self._wrong.check(peer)
        found = await directory.source(token)
        if found is None:
            self._wrong.note(peer)
        return found

    async def _read(self, receive: Receive, headers: dict[str, str], limit: int, *, keep: bool = True) -> bytes:
        length = headers.get("content-length", "")
        declared = int(length) if length.isascii() and length.isdigit() and len(length) < 16 else 0
        if keep and self._bytes + declared > self._max_bytes:
            raise Overloaded("Too much is arriving at once. Come again in a second.", retry_after=1)
        raw = await bodies.read(receive, limit=limit, declared=declared, deadline_s=self._body_deadline_s, keep=keep)
        if keep:
            self._bytes += len(raw)
        return raw

    async def _value(
        self, raw: bytes, headers: dict[str, str], *, limit: int = bodies.MAX_UNPACKED
    ) -> tuple[Any, bool]:
        def parse() -> tuple[Any, bool]:
            return strict.read(bodies.unpack(raw, headers.get("content-encoding", ""), limit=limit))

        packed = raw.startswith(b"\x1f\x8b")
        if len(raw) > (_IN_THREAD // 8 if packed else _IN_THREAD):
            return await asyncio.to_thread(parse)
        return parse()

    async def _delivery(
        self, path: str, value: Any, source: Source, size: int, suspect: bool
    ) -> Sequence[ingest.Incoming]:
        def build() -> Sequence[ingest.Incoming]:
            return deliver(path, value, source, new_id(), datetime.now(UTC))

        if suspect or size > _IN_THREAD:
            return await asyncio.to_thread(build)
        return build()

    async def _store(self, delivery: Sequence[ingest.Incoming]) -> ingest.Stored:
        failpoints.hit("door.parsed")
        if not delivery:
            return ingest.Stored(new=0, repeats=0, conflicts=0, ids={})
        if self._events + len(delivery) > self._max_events:
            raise Overloaded("Too many events are waiting to be stored. Come again in a second.", retry_after=1)
        if self._writer is None:
            await self.start()
        assert self._writer is not None
        self._events += len(delivery)
        try:
            future = self._writer.put(delivery)
            # The count falls when the commit is done, also when the client has stopped waiting for it.
            future.add_done_callback(lambda _done: self._written(len(delivery)))
        except BaseException:
            self._events -= len(delivery)
            raise
        async with asyncio.timeout(COMMIT_S):
            stored = await asyncio.shield(future)
        self._ring_soon()
        return stored

    def _ring_soon(self) -> None:
        # All requests of one commit wake up in one turn of the loop: they share a ring, too.
        if not self._ringing:
            self._ringing = True
            asyncio.get_running_loop().call_soon(self._ring)

    def _ring(self) -> None:
        self._ringing = False
        bell.ring("engine")
        bell.ring("viewers")

    def _written(self, count: int) -> None:
        self._events -= count


def deliver(path: str, value: Any, source: Source, request_id: str, received_at: datetime) -> list[ingest.Incoming]:
    """A request's messages as events; raises InputError or TooLarge when the request as a whole cannot be taken."""
    if not isinstance(value, dict):
        raise InputError("The body must be a JSON object.")
    kind = _SINGLES.get(path, "")
    context = value.get("context")
    envelope = messages.Envelope(
        workspace_id=source.workspace_id,
        source=source.id,
        request_id=request_id,
        received_at=received_at,
        sent_at=messages.instant(value.get("sentAt", value.get("sent_at"))),
        context=context if not kind and isinstance(context, dict) and not strict.problem(context) else None,
        type=kind,
    )
    if kind:
        return [messages.event(value, 0, envelope, single=True)]
    batch = value.get("batch")
    if not isinstance(batch, list):
        raise InputError('The body must have "batch", a list of messages.', field="batch")
    if len(batch) > MAX_BATCH:
        raise TooLarge(f"The batch has {len(batch):,} messages; at most {MAX_BATCH:,} are allowed.")
    if path == _POSTHOG:
        batch = [posthog.message(item) for item in batch]
    return [messages.event(message, index, envelope) for index, message in enumerate(batch)]


def _headers(scope: Scope) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}


def _peer(scope: Scope) -> str:
    client = scope.get("client")
    return str(client[0]) if client else ""


def _basic(header: str) -> str:
    scheme, _, rest = header.partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        text = base64.b64decode(rest.strip(), validate=False).decode()
    except (binascii.Error, ValueError):
        return "?"
    # A header that is there but empty is still a wrong key, not a missing one.
    return text.partition(":")[0] or "?"


def _key_in(value: Any) -> str:
    if not isinstance(value, dict):
        raise InputError("The body must be a JSON object.")
    for field in ("writeKey", "api_key"):
        if isinstance(value.get(field), str):
            return str(value[field])
    return ""


async def _answer(send: Send, status: int, body: bytes, headers: Sequence[tuple[bytes, bytes]] = _CORS) -> None:
    kind = [(b"content-type", b"application/json")] if body else []
    length = [(b"content-length", str(len(body)).encode())] if status != 204 else []
    start = {"type": "http.response.start", "status": status, "headers": [*kind, *length, *headers]}
    await send(start)
    await send({"type": "http.response.body", "body": body})


async def _problem(
    send: Send, status: int, code: str, message: str, headers: Sequence[tuple[bytes, bytes]] = ()
) -> None:
    await _answer(send, status, msgspec.json.encode({"code": code, "message": message}), [*_CORS, *headers])
