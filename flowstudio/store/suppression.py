"""Whom no message may reach, by keyed hash: an address is known again without being kept (SEMANTICS 5.4, G25, G26).

Each workspace has a key of its own, made at the first use and sealed like every secret; rotating the encryption keys
does not change it, so a suppression holds for good. Without the key nobody can be recognised, so nothing is sent.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import ClassVar

from django.db import connection

from flowstudio.store.ids import new_id
from flowstudio.store.models import Suppression, Workspace
from flowstudio.store.secrets import decrypt, encrypt
from flowstudio.store.sql import from_db_time

EMAIL, CUSTOMER = "email", "customer"
Name = tuple[str, str]
"""(channel, address); for `customer` the address is the customer's id."""


_FOUND = (
    "SELECT address_hash, reason, created_at FROM store_suppression WHERE workspace_id = %s AND channel IN (%s, %s) "
    "AND lifted_at IS NULL AND address_hash IN ({})"
)


class _Keys:
    """The keys that this process has opened."""

    lock: ClassVar[threading.Lock] = threading.Lock()
    opened: ClassVar[dict[str, bytes]] = {}


def _opened(workspace_id: str) -> bytes | None:
    """The workspace's key; None while there is none, and so nobody is suppressed."""
    with _Keys.lock:
        known = _Keys.opened.get(workspace_id)
    if known is not None:
        return known
    with connection.cursor() as cursor:
        cursor.execute("SELECT suppression_key_encrypted FROM store_workspace WHERE id = %s", [workspace_id])
        row = cursor.fetchone()
    if row is None or not row[0]:
        return None
    opened = decrypt(row[0]).encode()
    with _Keys.lock:
        _Keys.opened[workspace_id] = opened
    return opened


def _key(workspace_id: str) -> bytes:
    known = _opened(workspace_id)
    if known is not None:
        return known
    mine = Workspace.objects.filter(id=workspace_id)
    mine.filter(suppression_key_encrypted="").update(suppression_key_encrypted=encrypt(secrets.token_hex(32)))
    # Another process may have been first: what is stored counts. It is kept in memory once it is certain to stay.
    return decrypt(mine.values_list("suppression_key_encrypted", flat=True).get()).encode()


def hashed(workspace_id: str, channel: str, address: str) -> str:
    """The address as it is kept: case and space around it do not matter."""
    said = f"{channel}\x1f{address.strip().casefold()}"
    return hmac.new(_key(workspace_id), said.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def names(customer_id: str, email: str) -> tuple[Name, ...]:
    """Under what a customer may be suppressed: as a whole, and by the address."""
    return ((CUSTOMER, customer_id), (EMAIL, email)) if email else ((CUSTOMER, customer_id),)


def found(workspace_id: str, wanted: Iterable[Name]) -> dict[Name, tuple[str, datetime]]:
    """Which of these are suppressed now: reason and since when. One look-up by index."""
    if _opened(workspace_id) is None:
        return {}
    by_hash = {hashed(workspace_id, channel, address): (channel, address) for channel, address in wanted}
    present: dict[Name, tuple[str, datetime]] = {}
    keys = list(by_hash)
    # Plain SQL: it is asked for every batch of events and every message.
    with connection.cursor() as cursor:
        for start in range(0, len(keys), 500):
            chunk = keys[start : start + 500]
            cursor.execute(_FOUND.format(", ".join(["%s"] * len(chunk))), [workspace_id, EMAIL, CUSTOMER, *chunk])
            for kept, reason, since in cursor.fetchall():
                at = from_db_time(since)
                if at is not None:
                    present[by_hash[kept]] = (reason, at)
    return present


def add(workspace_id: str, wanted: Sequence[Name], *, reason: str, source: str, now: datetime) -> int:
    """Suppresses these; who is suppressed already stays so, with the first reason. Gives how many are new."""
    present = found(workspace_id, wanted)
    new = [name for name in dict.fromkeys(wanted) if name not in present]
    Suppression.objects.bulk_create(
        [
            Suppression(
                id=new_id(), workspace_id=workspace_id, channel=channel, reason=reason, source=source[:120],
                address_hash=hashed(workspace_id, channel, address), created_at=now,
            )
            for channel, address in new
        ],
        ignore_conflicts=True,
    )  # fmt: skip
    return len(new)


def lift(workspace_id: str, wanted: Sequence[Name], now: datetime) -> int:
    """Ends the suppression of these; the rows stay. Only a person may ask for it, and it is audited."""
    keys = [hashed(workspace_id, channel, address) for channel, address in wanted]
    mine = Suppression.objects.filter(workspace_id=workspace_id, address_hash__in=keys, lifted_at=None)
    return mine.update(lifted_at=now)


def carry_over(moved: Mapping[str, tuple[str, str]], now: datetime) -> None:
    """A suppressed customer that another one takes over leaves that one suppressed, too: the most restrictive wins
    (SEMANTICS 12.1). `moved` is old id → (workspace, new id)."""
    for old, (workspace, new) in moved.items():
        for reason, _ in found(workspace, [(CUSTOMER, old)]).values():
            add(workspace, [(CUSTOMER, new)], reason=reason, source="merge", now=now)
