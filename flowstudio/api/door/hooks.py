"""Webhook triggers: any JSON object posted to a secret address becomes an event of that hook."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from flowstudio.api.door import strict
from flowstudio.api.door.keys import Source
from flowstudio.domain.errors import InputError
from flowstudio.engine.ingest import Incoming
from flowstudio.store.ids import new_id

MAX_BODY = 1024 * 1024
_ID_HEADERS = ("webhook-id", "idempotency-key", "x-request-id")


def event(value: Any, source: Source, headers: Mapping[str, str], received_at: datetime) -> Incoming:
    """The body as an event; the sender's own id for it, when a header gives one, makes a repeat harmless."""
    found = strict.problem(value)
    if found:
        raise InputError(f"The body cannot be stored: {found}.")
    if not isinstance(value, dict):
        raise InputError("The body must be a JSON object.")
    event_id = new_id()
    message_id = next((headers[name] for name in _ID_HEADERS if headers.get(name)), "") or event_id
    if len(message_id) > 100 or not message_id.isprintable():
        message_id = hashlib.sha256(message_id.encode("utf-8", "replace")).hexdigest()
    payload = msgspec.json.encode({"type": "hook", "node": source.node, "properties": value})
    return Incoming(
        id=event_id,
        workspace_id=source.workspace_id,
        source=source.id,
        message_id=message_id,
        type="hook",
        name=f"hook:{source.id}",
        user_id="",
        anonymous_id="",
        payload=payload.decode(),
        digest=hashlib.blake2b(payload, digest_size=16).hexdigest(),
        occurred_at=received_at,
        received_at=received_at,
    )
