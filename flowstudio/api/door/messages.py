"""Segment messages as events: fields, ids and times as EVENTS_API.md sets them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from flowstudio.api.door import strict
from flowstudio.domain.errors import InputError, TooLarge
from flowstudio.engine.ingest import Incoming
from flowstudio.store.ids import new_id

TYPES = frozenset({"track", "identify", "page", "screen", "group", "alias"})
MAX_MESSAGE = 32 * 1024
_MAX_ID = 255
_FUTURE = timedelta(minutes=5)
_SANE = timedelta(days=36_500)
# A client's retry may differ in these; the digest of a message must not (SEMANTICS 11.1).
_VOLATILE = frozenset({"sentAt", "receivedAt", "writeKey"})
_encoder = msgspec.json.Encoder()
_sorted = msgspec.json.Encoder(order="sorted")


@dataclass(frozen=True, kw_only=True, slots=True)
class Envelope:
    """What a request says about all of its messages."""

    workspace_id: str
    source: str
    request_id: str
    received_at: datetime
    sent_at: datetime | None = None
    context: Mapping[str, Any] | None = None
    type: str = ""


class _Refused(Exception):
    """This message cannot be an event; the text says why and how to mend it."""


def event(message: Any, index: int, envelope: Envelope, *, single: bool = False) -> Incoming:
    """The message as an event. A bad one raises when it came alone, and is stored as rejected inside a batch."""
    try:
        found = strict.problem(message)
        if found:
            raise _Refused(f"This message cannot be stored: {found}.")
        if not isinstance(message, dict):
            raise _Refused("A message must be a JSON object.")
        size = len(_encoder.encode(message))
        if size > MAX_MESSAGE:
            if single:
                raise TooLarge(f"This message has {size:,} bytes; at most {MAX_MESSAGE:,} are allowed.")
            raise _Refused(f"This message has {size:,} bytes; at most {MAX_MESSAGE:,} are allowed.")
        return _accepted(message, index, envelope)
    except _Refused as refused:
        if single:
            raise InputError(str(refused)) from None
        return _rejected(message, index, envelope, str(refused))


def _accepted(message: dict[str, Any], index: int, envelope: Envelope) -> Incoming:
    kind = envelope.type or message.get("type")
    if not isinstance(kind, str) or kind not in TYPES:
        raise _Refused(f"The type is {_show(kind)}; it must be one of {', '.join(sorted(TYPES))}.")
    user, anonymous = _id(message, "userId"), _id(message, "anonymousId")
    previous = _id(message, "previousId") if kind == "alias" else ""
    if kind == "alias" and not (user and (previous or anonymous)):
        raise _Refused("An alias needs userId and previousId.")
    if not (user or anonymous):
        raise _Refused("userId or anonymousId is missing: whose event is it?")
    for field in ("properties", "traits", "context"):
        if message.get(field) is not None and not isinstance(message[field], dict):
            raise _Refused(f"{field} must be an object, not {_show(message[field])}.")
    name = kind
    if kind == "track":
        named = message.get("event")
        if not isinstance(named, str) or not named.strip():
            raise _Refused("A track call needs event, the name of what happened.")
        name = named.strip()
        if len(name) > _MAX_ID:
            raise _Refused(f"The event's name has {len(name):,} characters; at most {_MAX_ID} are allowed.")
    if kind == "group" and not _id(message, "groupId"):
        raise _Refused("A group call needs groupId.")
    digest = _digest(message)
    kept = {key: value for key, value in message.items() if key != "writeKey"} | {"type": kind}
    if envelope.context:
        kept["context"] = {**envelope.context, **(message.get("context") or {})}
    occurred_at, clamped = when(message, envelope)
    return Incoming(
        id=new_id(),
        workspace_id=envelope.workspace_id,
        source=envelope.source,
        message_id=_message_id(message, index, envelope),
        type=kind,
        name=name,
        user_id=user,
        anonymous_id=anonymous,
        payload=_encoder.encode(kept).decode(),
        digest=digest,
        occurred_at=occurred_at,
        received_at=envelope.received_at,
        clamped=clamped,
    )


def _rejected(message: Any, index: int, envelope: Envelope, problem: str) -> Incoming:
    kept = strict.storable(message)
    payload = _encoder.encode(kept)
    if len(payload) > MAX_MESSAGE:
        payload = _encoder.encode({"cut": payload[:4_000].decode("utf-8", "ignore")})
    fields = kept if isinstance(kept, dict) else {}
    given = fields.get("type")
    kind = given if isinstance(given, str) and given in TYPES else "unknown"
    named = fields.get("event")
    return Incoming(
        id=new_id(),
        workspace_id=envelope.workspace_id,
        source=envelope.source,
        message_id=_message_id(fields, index, envelope),
        type=kind,
        name=named[:_MAX_ID] if isinstance(named, str) and named else kind,
        user_id=_lenient_id(fields.get("userId")),
        anonymous_id=_lenient_id(fields.get("anonymousId")),
        payload=payload.decode(),
        digest=hashlib.blake2b(payload, digest_size=16).hexdigest(),
        occurred_at=envelope.received_at,
        received_at=envelope.received_at,
        status="rejected",
        problem=problem,
    )


def _id(message: Mapping[str, Any], field: str) -> str:
    value = message.get(field)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise _Refused(f"{field} must be a text or a number, not {_show(value)}.")
    text = str(value)
    if len(text) > _MAX_ID:
        raise _Refused(f"{field} has {len(text):,} characters; at most {_MAX_ID} are allowed.")
    return text


def _lenient_id(value: Any) -> str:
    return str(value)[:_MAX_ID] if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _message_id(message: Mapping[str, Any], index: int, envelope: Envelope) -> str:
    given = message.get("messageId")
    text = str(given) if isinstance(given, str | int) and not isinstance(given, bool) else ""
    if not text:
        text = f"{envelope.request_id}-{index}"
    return text if len(text) <= 100 else hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _digest(message: Mapping[str, Any]) -> str:
    fixed = {key: value for key, value in message.items() if key not in _VOLATILE}
    return hashlib.blake2b(_sorted.encode(fixed), digest_size=16).hexdigest()


def _show(value: Any) -> str:
    if value is None:
        return "missing"
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    return repr(value)[:60]


def instant(value: Any) -> datetime | None:
    """An ISO 8601 text (or a number of seconds or milliseconds) as UTC; None when it cannot be read."""
    try:
        if isinstance(value, str) and value:
            parsed = datetime.fromisoformat(value.strip())
            return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).astimezone(UTC)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value / 1000 if abs(value) > 1e11 else value, UTC)
    except (ValueError, OverflowError, OSError):
        pass
    return None


def when(message: Mapping[str, Any], envelope: Envelope) -> tuple[datetime, bool]:
    """When it happened by our clock, and whether that was clamped: over 5 minutes in the future (SEMANTICS 11.1).

    A device's wrong clock is taken out: received − (sentAt − timestamp), when both are there and sane.
    """
    received = envelope.received_at
    stamp = instant(message.get("timestamp")) or instant(message.get("originalTimestamp"))
    if stamp is None:
        return received, False
    sent = envelope.sent_at or instant(message.get("sentAt"))
    occurred = stamp
    try:
        if sent is not None and abs(sent - stamp) < _SANE:
            occurred = received - (sent - stamp)
    except OverflowError:
        occurred = stamp
    if occurred > received + _FUTURE:
        return received, True
    if occurred.year < 1970:
        return received, False
    return occurred, False
