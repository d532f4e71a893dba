"""What ends a wait: events and conditions that have come true (SEMANTICS 3.2 to 3.7).

Event and timer race by compare-and-set on the waiting step; at equality the event wins.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.backends.utils import CursorWrapper

from flowstudio.domain import expression
from flowstudio.domain.errors import ExpressionError
from flowstudio.engine import rows
from flowstudio.engine.arrivals import Arrival
from flowstudio.store.sql import db_json, db_time, from_db_json, from_db_time

# An event that a busy client sent a moment before the customer arrived here still counts (3.2).
SLACK = timedelta(seconds=5)
MAX_RESTARTS = 100
# Any trait may have changed, or more of the customer than a trait.
ANY = "*"


@dataclass(frozen=True, kw_only=True, slots=True)
class Woken:
    """A wait that an event or (`event_id` is '') a condition has ended."""

    token_id: str
    step_id: str
    run_id: str
    flow_id: str
    branch: str
    event_id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Changed:
    """Traits of a customer that changed, by name (`ANY`: perhaps all), as of when."""

    workspace: str
    names: Collection[str]
    at: datetime


@dataclass(kw_only=True, slots=True)
class _Standing:
    """The token of a wait while it is judged; a restart moves `due`."""

    step: str
    due: datetime | None
    flow: str
    restarts: int = 0
    moved: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class _Chosen:
    woken: Woken
    value: Mapping[str, Any]
    place: int
    consume: bool = False


def wake(
    cursor: CursorWrapper,
    events: Sequence[Arrival],
    people: Mapping[str, Mapping[str, Any]],
    *,
    now: datetime,
    changed: Mapping[str, Changed] | None = None,
) -> list[Woken]:
    """Ends the waits that these events satisfy, in the order received, and those whose conditions hold since traits
    `changed`; one event may end many, a wait ends once.

    `people` are the customers as expressions see them, by id.
    """
    waits = _of_events(cursor, events) if events else {}
    conditions = _of_traits(cursor, changed) if changed else []
    if not waits and not conditions:
        return []
    return _Waking(cursor=cursor, people=people, now=now).all(events, waits, conditions, changed or {})


@dataclass(kw_only=True)
class _Waking:
    cursor: CursorWrapper
    people: Mapping[str, Mapping[str, Any]]
    now: datetime
    tokens: dict[str, _Standing] = field(default_factory=dict)
    chosen: dict[str, _Chosen] = field(default_factory=dict)
    eaten: set[tuple[str, str]] = field(default_factory=set)

    def all(
        self,
        events: Sequence[Arrival],
        waits: Mapping[tuple[str, str], Sequence[_Wait]],
        conditions: Sequence[tuple[str, _Wait]],
        changed: Mapping[str, Changed],
    ) -> list[Woken]:
        standing = {wait.token_id for group in waits.values() for wait in group}
        self.tokens = _tokens(self.cursor, standing | {wait.token_id for _, wait in conditions})
        if any(wait.consume for group in waits.values() for wait in group):
            self.eaten = _consumed(self.cursor, {event.id for event in events})
        for customer, wait in conditions:
            self.condition(customer, wait, changed[customer])
        for event in events:
            found = waits.get((event.customer, event.name), ())
            for wait in found:
                if wait.kind == "event":
                    self.event(event, wait)
            for wait in found:
                if wait.kind == "restart":
                    self.restart(event, wait)
        self.begin_anew()
        return self.write()

    def standing(self, wait: _Wait) -> _Standing | None:
        """The token, while it still waits in this step."""
        token = self.tokens.get(wait.token_id)
        return token if token is not None and token.step == wait.step_id else None

    def condition(self, customer: str, wait: _Wait, changed: Changed) -> None:
        """A condition that holds now, from a change that came no later than the timeout."""
        token, before = self.standing(wait), self.chosen.get(wait.step_id)
        if token is None or (before is not None and before.place < wait.place):
            return
        if (token.due is not None and changed.at > token.due) or not _concerned(wait.filter, changed.names):
            return
        if self.judge(wait, from_db_json(wait.subject) or {}, customer):
            self.take(wait, token, {"branch": wait.branch, "event": None}, "")

    def event(self, event: Arrival, wait: _Wait) -> None:
        """An event that counts for this branch (3.2, 3.5)."""
        token, before = self.standing(wait), self.chosen.get(wait.step_id)
        if token is None or (before is not None and (before.woken.event_id or before.place < wait.place)):
            return
        if event.occurred_at < _since(wait) - SLACK or (token.due is not None and event.occurred_at > token.due):
            return
        if wait.consume and (event.id, token.flow) in self.eaten:
            return
        subject = event.subject()
        if wait.filter.strip() and not self.judge(wait, subject, event.customer):
            return
        if wait.consume:
            self.eaten.add((event.id, token.flow))
        self.take(wait, token, {"branch": wait.branch, "event": subject}, event.id)

    def take(self, wait: _Wait, token: _Standing, value: Mapping[str, Any], event_id: str) -> None:
        woken = Woken(
            token_id=wait.token_id, step_id=wait.step_id, run_id=wait.run_id, flow_id=token.flow, branch=wait.branch,
            event_id=event_id,
        )  # fmt: skip
        self.chosen[wait.step_id] = _Chosen(woken=woken, value=value, place=wait.place, consume=wait.consume)

    def judge(self, wait: _Wait, subject: Mapping[str, Any], customer: str) -> bool:
        run = {"id": wait.run_id, "correlation": wait.correlation, "event": from_db_json(wait.subject)}
        scope = {"customer": self.people.get(customer, {}), "event": subject, "run": run, "now": self.now}
        return expression.judge(wait.filter, scope).matched

    def restart(self, event: Arrival, wait: _Wait) -> None:
        """The timer begins anew from the event, at most `MAX_RESTARTS` times (3.6)."""
        token = self.standing(wait)
        if token is None or token.due is None or wait.step_id in self.chosen:
            return
        if not _since(wait) - SLACK <= event.occurred_at <= token.due:
            return
        token.restarts = max(token.restarts, wait.restarts)
        due = event.occurred_at + timedelta(seconds=wait.span_s)
        if token.restarts < MAX_RESTARTS and due > token.due:
            token.due, token.restarts, token.moved = due, token.restarts + 1, True

    def begin_anew(self) -> None:
        """Writes the new ends of waits that go on."""
        moved = [
            (token, one.step, db_time(one.due), one.restarts)
            for token, one in self.tokens.items()
            if one.moved and one.step not in self.chosen
        ]
        if not moved:
            return
        # Whoever claimed the token for its old end is refused by the fence.
        done = rows.update(
            self.cursor,
            "store_token",
            ["=step_id", "due_at"],
            [row[:3] for row in moved],
            types=["text", "text", "timestamptz"],
            where="t.step_id = v.step_id AND t.wake IS NULL",
            extra="owner = '', lease_until = NULL, fence = fence + 1",
            returning="t.id",
        )
        kept = [row for row in moved if row[0] in done]
        rows.update(
            self.cursor,
            "store_step",
            ["due_at"],
            [row[1:3] for row in kept],
            types=["text", "timestamptz"],
            where="t.status = 'waiting'",
        )
        rows.update(
            self.cursor,
            "store_wait",
            ["restarts"],
            [(row[1], row[3]) for row in kept],
            types=["text", "integer"],
            key="step_id",
        )

    def write(self) -> list[Woken]:
        """Leaves what ended each wait with its token; an event that may be taken once goes to whoever is first."""
        eating = [one.woken for one in self.chosen.values() if one.consume]
        won = (
            rows.insert(
                self.cursor,
                "store_consumed",
                ("event_id", "flow_id", "run_id"),
                [(one.event_id, one.flow_id, one.run_id) for one in eating],
                skip_conflicts=True,
                returning="run_id",
            )
            if eating
            else set()
        )
        going = [one for one in self.chosen.values() if not one.consume or one.woken.run_id in won]
        done = rows.update(
            self.cursor,
            "store_token",
            ["=step_id", "wake", "due_at"],
            [(one.woken.token_id, one.woken.step_id, db_json(one.value), db_time(self.now)) for one in going],
            types=["text", "text", "jsonb", "timestamptz"],
            where="t.step_id = v.step_id AND t.wake IS NULL",
            extra="owner = '', lease_until = NULL, fence = fence + 1",
            returning="t.id",
        )
        for one in going:
            if one.consume and one.woken.token_id not in done:
                # Its timer was faster: the event is free for another run.
                self.cursor.execute(
                    "DELETE FROM store_consumed WHERE event_id = %s AND flow_id = %s",
                    [one.woken.event_id, one.woken.flow_id],
                )
        return [one.woken for one in going if one.woken.token_id in done]


def _concerned(condition: str, names: Collection[str]) -> bool:
    """Whether a change of these traits may matter to a condition."""
    if ANY in names:
        return True
    try:
        paths = expression.references(condition)
    except ExpressionError:
        return False
    for path in paths:
        root, _, rest = path.partition(".")
        if root == "customer":
            kind, _, trait = rest.partition(".")
            if kind != "traits" or not trait or trait.split(".")[0] in names:
                return True
    return False


class _Wait(NamedTuple):
    id: int
    customer_id: str
    event: str
    run_id: str
    token_id: str
    step_id: str
    branch: str
    place: int
    filter: str
    since: Any
    kind: str
    consume: bool
    span_s: int
    restarts: int
    correlation: str
    subject: Any
    owner: str


_COLUMNS = (
    "w.id, w.customer_id, w.event, w.run_id, w.token_id, w.step_id, w.branch, w.place, w.filter, w.since, w.kind, "
    "w.consume, w.span_s, w.restarts, r.correlation, r.subject, r.customer_id"
)
# Two ways to a wait: by whom it was registered for, and by whom its run belongs to since (a taken-over run may have
# registered its wait under the old id in the same moment).
_REGISTERED = (
    "SELECT {columns} FROM store_wait w JOIN store_run r ON r.id = w.run_id "
    "WHERE w.workspace_id IN ({spaces}) AND w.customer_id IN ({customers}) AND w.event IN ({names})"
)
_OWNED = (
    "SELECT {columns} FROM store_run r JOIN store_wait w ON w.run_id = r.id WHERE r.customer_id IN ({customers}) "
    "AND r.status = 'active' AND w.customer_id <> r.customer_id AND w.event IN ({names})"
)


def _since(wait: _Wait) -> datetime:
    read = from_db_time(wait.since)
    if read is None:
        raise ValueError("a wait begins at some time")
    return read


def _of_events(cursor: CursorWrapper, events: Sequence[Arrival]) -> dict[tuple[str, str], list[_Wait]]:
    spaces, names = sorted({e.workspace_id for e in events}), sorted({e.name for e in events})
    grouped: dict[tuple[str, str], list[_Wait]] = {}
    for customer, wait in _named(cursor, spaces, sorted({e.customer for e in events if e.customer}), names):
        grouped.setdefault((customer, wait.event), []).append(wait)
    return grouped


def _of_traits(cursor: CursorWrapper, changed: Mapping[str, Changed]) -> list[tuple[str, _Wait]]:
    # A condition has no event.
    found = _named(cursor, sorted({one.workspace for one in changed.values()}), sorted(changed), [""])
    return [pair for pair in found if pair[1].kind == "condition"]


def _named(
    cursor: CursorWrapper, spaces: Sequence[str], customers: Sequence[str], names: Sequence[str]
) -> list[tuple[str, _Wait]]:
    """(customer, wait) pairs, the oldest run first, its branches in their order."""
    found: dict[int, tuple[str, _Wait]] = {}
    for chunk in rows.chunks(customers):
        words = {"columns": _COLUMNS, "customers": rows.marks(len(chunk)), "names": rows.marks(len(names))}
        cursor.execute(_REGISTERED.format(spaces=rows.marks(len(spaces)), **words), [*spaces, *chunk, *names])
        for wait in map(_Wait._make, cursor.fetchall()):
            found[wait.id] = (wait.customer_id, wait)
        cursor.execute(_OWNED.format(**words), [*chunk, *names])
        for wait in map(_Wait._make, cursor.fetchall()):
            found.setdefault(wait.id, (wait.owner, wait))
    return sorted(found.values(), key=lambda pair: (pair[1].run_id, pair[1].place, pair[1].id))


def _tokens(cursor: CursorWrapper, ids: set[str]) -> dict[str, _Standing]:
    found: dict[str, _Standing] = {}
    for chunk in rows.chunks(sorted(ids)):
        cursor.execute(
            "SELECT id, step_id, due_at, flow_id FROM store_token "  # noqa: S608
            f"WHERE wake IS NULL AND id IN ({rows.marks(len(chunk))})",
            list(chunk),
        )
        for token, step, due, flow in cursor.fetchall():
            found[token] = _Standing(step=step, due=from_db_time(due), flow=flow)
    return found


def _consumed(cursor: CursorWrapper, events: set[str]) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for chunk in rows.chunks(sorted(events)):
        cursor.execute(
            f"SELECT event_id, flow_id FROM store_consumed WHERE event_id IN ({rows.marks(len(chunk))})",  # noqa: S608
            list(chunk),
        )
        found.update(cursor.fetchall())
    return found
