"""Traits: the latest occurrence wins, not the latest arrival, and every value stays in the history (SEMANTICS 11.3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.backends.utils import CursorWrapper

from flowstudio.engine import rows
from flowstudio.store.models import Customer, TraitValue
from flowstudio.store.sql import db_json, db_time

_COLUMNS = (
    "workspace_id", "customer_id", "name", "value", "source", "priority", "reference", "occurred_at", "recorded_at",
    "won",
)  # fmt: skip
_NAME_LIMIT = 255


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """Values that one event or step brings to one customer."""

    workspace_id: str
    customer_id: str
    values: Mapping[str, Any]
    source: str
    occurred_at: datetime
    priority: int = 0
    reference: str = ""


@dataclass(kw_only=True, slots=True)
class _Winner:
    rank: tuple[datetime, int]
    value: Any
    row: int = 0
    made: int = -1


@dataclass(kw_only=True)
class Ledger:
    """The traits of a batch's customers while it is matched: who holds each trait, and what must be written.

    `load` reads the present winners in set queries, `apply` judges one change in memory, `save` writes everything.
    """

    traits: dict[str, dict[str, Any]] = field(default_factory=dict)
    _winners: dict[tuple[str, str], _Winner] = field(default_factory=dict)
    _new: list[list[Any]] = field(default_factory=list)
    _lost: set[int] = field(default_factory=set)
    _renewed: dict[int, datetime] = field(default_factory=dict)

    def load(self, customers: Mapping[str, Mapping[str, Any]], names: set[str]) -> None:
        """Takes the customers' present traits and reads who won those in `names`."""
        for customer_id, values in customers.items():
            self.traits.setdefault(customer_id, dict(values))
        if not names:
            return
        for chunk in rows.chunks(list(customers)):
            query = TraitValue.objects.filter(customer_id__in=chunk, name__in=names, won=True)
            for row in query.values_list("id", "customer_id", "name", "value", "occurred_at", "priority"):
                self._winners[row[1], row[2]] = _Winner(rank=(row[4], row[5]), value=row[3], row=row[0])

    def apply(self, change: Change, now: datetime) -> dict[str, Any]:
        """The traits that really changed; a null that wins takes the trait away."""
        changed: dict[str, Any] = {}
        held = self.traits.setdefault(change.customer_id, {})
        rank = (change.occurred_at, change.priority)
        for name, value in change.values.items():
            if not name or len(name) > _NAME_LIMIT:
                continue
            winner = self._winners.get((change.customer_id, name))
            wins = winner is None or rank >= winner.rank
            if winner is not None and winner.value == value:
                if wins:
                    self._renew(winner, rank)
                continue
            self._new.append([
                change.workspace_id, change.customer_id, name, db_json(value), change.source, change.priority,
                change.reference, change.occurred_at, db_time(now), wins,
            ])  # fmt: skip
            if not wins:
                continue
            if winner is not None:
                self._lose(winner)
            self._winners[change.customer_id, name] = _Winner(rank=rank, value=value, made=len(self._new) - 1)
            if held.get(name) != value:
                changed[name] = value
            if value is None:
                held.pop(name, None)
            else:
                held[name] = value
        return changed

    def _renew(self, winner: _Winner, rank: tuple[datetime, int]) -> None:
        # The same value said again later: it now beats what happened in between, without a row for each repetition.
        winner.rank = rank
        if winner.row:
            self._renewed[winner.row] = rank[0]
        else:
            self._new[winner.made][7] = rank[0]

    def _lose(self, winner: _Winner) -> None:
        if winner.row:
            self._lost.add(winner.row)
        else:
            self._new[winner.made][9] = False

    def save(self, cursor: CursorWrapper) -> None:
        """Writes history rows and winners; the customers' own rows are the caller's."""
        rows.update(
            cursor,
            "store_traitvalue",
            ["occurred_at"],
            [(row, db_time(at)) for row, at in self._renewed.items()],
            types=["bigint", "timestamptz"],
        )
        for chunk in rows.chunks(sorted(self._lost)):
            TraitValue.objects.filter(id__in=chunk).update(won=False)
        rows.insert(cursor, "store_traitvalue", _COLUMNS, [[*row[:7], db_time(row[7]), *row[8:]] for row in self._new])


def absorb(cursor: CursorWrapper, taken: Sequence[tuple[str, str]]) -> list[Change]:
    """Gives the history of taken-over customers to those who took them, and what they had won as changes to apply."""
    if not taken:
        return []
    into = dict(taken)
    changes: list[Change] = []
    moved: list[tuple[int, str]] = []
    won: list[int] = []
    for row in TraitValue.objects.filter(customer_id__in=into).order_by("id"):
        target = row.customer_id
        while target in into:
            target = into[target]
        if not row.won:
            moved.append((row.id, target))
            continue
        won.append(row.id)
        changes.append(
            Change(
                workspace_id=row.workspace_id,
                customer_id=target,
                values={row.name: row.value},
                source=row.source,
                occurred_at=row.occurred_at,
                priority=row.priority,
                reference=row.reference,
            )
        )
    rows.update(cursor, "store_traitvalue", ["customer_id"], moved, types=["bigint", "text"])
    for chunk in rows.chunks(won):
        TraitValue.objects.filter(id__in=chunk).delete()
    return changes


def shown(traits: Mapping[str, Any]) -> tuple[str, str]:
    """E-mail address and name as lists show them, from the traits."""
    email = traits.get("email")
    name = traits.get("name")
    if not isinstance(name, str) or not name:
        parts = [traits.get(key) for key in ("first_name", "last_name")]
        if not any(parts):
            parts = [traits.get(key) for key in ("firstName", "lastName")]
        name = " ".join(part for part in parts if isinstance(part, str) and part)
    return (email[:320] if isinstance(email, str) else "", name[:255])


def write(
    cursor: CursorWrapper,
    *,
    workspace_id: str,
    customer_id: str,
    values: Mapping[str, Any],
    source: str,
    occurred_at: datetime,
    priority: int,
    reference: str,
    now: datetime,
) -> dict[str, Any]:
    """Writes what a step brought to its customer, in the running transaction; gives the traits that changed."""
    change = Change(
        workspace_id=workspace_id,
        customer_id=customer_id,
        values=values,
        source=source,
        occurred_at=occurred_at,
        priority=priority,
        reference=reference,
    )
    return write_all(cursor, [change], now=now).get(customer_id, {})


def write_all(cursor: CursorWrapper, changes: Sequence[Change], *, now: datetime) -> dict[str, dict[str, Any]]:
    """The same for many steps at once, with set queries; gives the changed traits by customer."""
    if not changes:
        return {}
    wanted = {change.customer_id for change in changes}
    present: dict[str, Mapping[str, Any]] = {}
    for chunk in rows.chunks(sorted(wanted)):
        # On PostgreSQL the matcher and the engine's commits write the same row: the second must see the first's traits.
        query = Customer.objects.select_for_update(no_key=True).filter(id__in=chunk).order_by("id")
        present.update(query.values_list("id", "traits"))
    ledger = Ledger()
    ledger.load(present, {name for change in changes for name in change.values})
    changed: dict[str, dict[str, Any]] = {}
    for change in changes:
        if change.customer_id in present:
            found = ledger.apply(change, now)
            if found:
                changed.setdefault(change.customer_id, {}).update(found)
    ledger.save(cursor)
    save_customers(cursor, {customer: ledger.traits[customer] for customer in changed})
    return changed


def save_customers(cursor: CursorWrapper, traits: Mapping[str, Mapping[str, Any]]) -> None:
    """Writes the winning values, and e-mail and name that follow from them, to the customers' rows."""
    rows.update(
        cursor,
        "store_customer",
        ["traits", "email", "name"],
        [(customer, db_json(values), *shown(values)) for customer, values in traits.items()],
        types=["text", "jsonb", "text", "text"],
    )
