"""Who is in which segment: judged when a trait or an event may have changed it, and when time alone may (SEMANTICS 1.5).

Coming in and leaving are events of the engine's own, written in the commit that causes them, for the flows that begin
with them. A row is changed by compare-and-set, so that of two that see the same change one tells it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db.backends.utils import CursorWrapper

from flowstudio.domain import segment as segments
from flowstudio.domain.errors import FlowstudioError
from flowstudio.engine import rows, subflows
from flowstudio.engine.subflows import Note
from flowstudio.store.ids import new_id
from flowstudio.store.sql import db_time, from_db_json, from_db_time

SEGMENT = "segment"
_PIECE = 250


@dataclass(frozen=True, kw_only=True, slots=True)
class Touched:
    """What happened to a customer: traits that changed and events that came. `quiet`: nothing is told (12.3)."""

    workspace: str
    traits: Collection[str] = ()
    events: Collection[str] = ()
    quiet: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class _Segment:
    id: str
    workspace: str
    ready: bool
    rule: Mapping[str, Any]
    dids: tuple[segments.Did, ...]
    traits: frozenset[str]
    events: frozenset[str]

    def concerned(self, touched: Touched) -> bool:
        """Whether what happened may matter."""
        if self.events & set(touched.events) or (touched.traits and segments.ANY_TRAIT in self.traits):
            return True
        return bool(self.traits & set(touched.traits))


@dataclass(kw_only=True, slots=True)
class _Judging:
    """Pairs to be judged, with what is known of their customers."""

    pairs: list[tuple[_Segment, str]] = field(default_factory=list)
    quiet: set[str] = field(default_factory=set)


def came_in(segment: str, direction: str) -> str:
    """The event name under which flows find a change of a segment."""
    return f"segment:{segment}:{direction}"


def touched(cursor: CursorWrapper, people: Mapping[str, Touched], now: datetime) -> None:
    """Judges the segments that may have changed for these customers."""
    found = _segments(cursor, {one.workspace for one in people.values()}) if people else []
    if not found:
        return
    judging = _Judging(quiet={customer for customer, one in people.items() if one.quiet})
    for segment in found:
        judging.pairs += [
            (segment, customer)
            for customer, one in people.items()
            if one.workspace == segment.workspace and segment.concerned(one)
        ]
    _judge(cursor, judging, now)


def work(cursor: CursorWrapper, now: datetime) -> tuple[bool, datetime | None]:
    """A piece of what is due: new rules judged for everybody, and members whom time alone may change; whether there is
    more at once, and when to look again."""
    more = _first_time(cursor, now)
    cursor.execute(
        "SELECT m.segment_id, m.customer_id FROM store_member m WHERE m.look_at IS NOT NULL AND m.look_at <= %s "
        "ORDER BY m.look_at LIMIT %s",
        [db_time(now), _PIECE],
    )
    due = cursor.fetchall()
    if due:
        known = {one.id: one for one in _segments(cursor, None, sorted({segment for segment, _ in due}))}
        judging = _Judging(pairs=[(known[segment], customer) for segment, customer in due if segment in known])
        _judge(cursor, judging, now)
    cursor.execute("SELECT MIN(look_at) FROM store_member WHERE look_at IS NOT NULL")
    return more or len(due) >= _PIECE, from_db_time(cursor.fetchone()[0])


def _first_time(cursor: CursorWrapper, now: datetime) -> bool:
    cursor.execute("SELECT id, judged, revision FROM store_segment WHERE NOT ready ORDER BY id LIMIT 1")
    row = cursor.fetchone()
    if row is None:
        return False
    key, after, revision = row
    found = _segments(cursor, None, [key])
    customers: list[str] = []
    if found:
        cursor.execute(
            "SELECT id FROM store_customer WHERE workspace_id = %s AND id > %s ORDER BY id LIMIT %s",
            [found[0].workspace, after, _PIECE],
        )
        customers = [one[0] for one in cursor.fetchall()]
        _judge(cursor, _Judging(pairs=[(found[0], customer) for customer in customers], quiet=set(customers)), now)
    last = len(customers) < _PIECE
    cursor.execute(
        "UPDATE store_segment SET judged = %s, ready = %s WHERE id = %s AND revision = %s",
        [customers[-1] if customers else after, last, key, revision],
    )
    return True


def _segments(cursor: CursorWrapper, workspaces: Collection[str] | None, ids: Sequence[str] = ()) -> list[_Segment]:
    column, keys = ("id", ids) if workspaces is None else ("workspace_id", sorted(workspaces))
    found: list[_Segment] = []
    for chunk in rows.chunks(keys):
        cursor.execute(
            f"SELECT id, workspace_id, ready, rule FROM store_segment WHERE {column} IN ({rows.marks(len(chunk))}) "  # noqa: S608
            "ORDER BY id",
            list(chunk),
        )
        found += [made for row in cursor.fetchall() if (made := _made(*row)) is not None]
    return found


def _made(key: str, workspace: str, ready: Any, rule: Any) -> _Segment | None:
    read = from_db_json(rule)
    parts = _parts(json.dumps(read))
    if parts is None:
        return None
    dids, traits = parts
    return _Segment(
        id=key, workspace=workspace, ready=bool(ready), rule=read, dids=dids, traits=traits,
        events=frozenset(did.event for did in dids),
    )  # fmt: skip


@lru_cache(maxsize=1024)
def _parts(text: str) -> tuple[tuple[segments.Did, ...], frozenset[str]] | None:
    rule = json.loads(text)
    try:
        return segments.events_of(rule), segments.traits_of(rule)
    except FlowstudioError:
        # A newer flowstudio wrote this rule: nobody comes in or leaves meanwhile.
        return None


def _judge(cursor: CursorWrapper, judging: _Judging, now: datetime) -> None:
    if not judging.pairs:
        return
    customers = sorted({customer for _, customer in judging.pairs})
    people = _people(cursor, customers)
    occurred = _occurred(cursor, customers, {did for segment, _ in judging.pairs for did in segment.dids}, now)
    known = _known(cursor, {segment.id for segment, _ in judging.pairs}, customers)
    put: list[tuple[Any, ...]] = []
    for segment, customer in judging.pairs:
        if customer not in people:
            continue
        did = occurred.get(customer, {})
        inside = segments.holds(segment.rule, people[customer], did, now)
        look = segments.look_again(segment.rule, did, now)
        was = known.get((segment.id, customer))
        if was is None and not inside and look is None:
            continue
        if was != (inside, look):
            put.append((segment.id, customer, inside, db_time(now), db_time(look)))
    told = _write(cursor, put, known)
    ready = {segment.id: segment.workspace for segment, _ in judging.pairs if segment.ready}
    notes = [one for one in told if one[0] in ready and one[1] not in judging.quiet]
    _tell(cursor, [(ready[segment], segment, customer, inside) for segment, customer, inside in notes], now)


def _write(
    cursor: CursorWrapper, put: Sequence[tuple[Any, ...]], known: Mapping[tuple[str, str], tuple[bool, datetime | None]]
) -> list[tuple[str, str, bool]]:
    """Writes memberships; gives those that really turned, by whoever was first."""
    turned: list[tuple[str, str, bool]] = []
    for segment, customer, inside, since, look in put:
        was = known.get((segment, customer))
        if was is not None and was[0] == inside:
            cursor.execute(
                "UPDATE store_member SET look_at = %s WHERE segment_id = %s AND customer_id = %s",
                [look, segment, customer],
            )
            continue
        cursor.execute(
            "INSERT INTO store_member (segment_id, customer_id, inside, since, look_at) VALUES (%s, %s, %s, %s, %s) "
            "ON CONFLICT (segment_id, customer_id) DO UPDATE SET inside = excluded.inside, since = excluded.since, "
            "look_at = excluded.look_at WHERE store_member.inside <> excluded.inside RETURNING id",
            [segment, customer, inside, since, look],
        )
        if cursor.fetchone() is not None and (inside or was is not None):
            turned.append((segment, customer, inside))
    return turned


def _tell(cursor: CursorWrapper, turned: Sequence[tuple[str, str, str, bool]], now: datetime) -> None:
    names = {came_in(segment, "enter" if inside else "leave") for _, segment, _, inside in turned}
    wanted: set[str] = set()
    for chunk in rows.chunks(sorted(names)):
        cursor.execute(
            f"SELECT event FROM store_triggerindex WHERE event IN ({rows.marks(len(chunk))})",  # noqa: S608
            list(chunk),
        )
        wanted.update(row[0] for row in cursor.fetchall())
    notes = []
    for workspace, segment, customer, inside in turned:
        direction = "enter" if inside else "leave"
        if came_in(segment, direction) in wanted:
            notes.append(
                Note(
                    workspace=workspace, customer=customer, type=SEGMENT, name=came_in(segment, direction),
                    message_id=new_id(), source=SEGMENT, properties={"segment": segment, "direction": direction},
                    context={},
                )
            )  # fmt: skip
    subflows.put(cursor, notes, now)


def _people(cursor: CursorWrapper, customers: Sequence[str]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for chunk in rows.chunks(customers):
        cursor.execute(
            f"SELECT id, email, name, traits FROM store_customer WHERE id IN ({rows.marks(len(chunk))})",  # noqa: S608
            list(chunk),
        )
        for key, email, name, traits in cursor.fetchall():
            found[key] = {"id": key, "email": email or None, "name": name or None, "traits": from_db_json(traits) or {}}
    return found


def _occurred(
    cursor: CursorWrapper, customers: Sequence[str], dids: Collection[segments.Did], now: datetime
) -> dict[str, dict[str, list[datetime]]]:
    """When each customer did what is counted, the newest first, no further back than is asked."""
    found: dict[str, dict[str, list[datetime]]] = {}
    if not dids:
        return found
    names, since = sorted({did.event for did in dids}), now - max(did.within for did in dids)
    for chunk in rows.chunks(customers):
        cursor.execute(
            "SELECT customer_id, name, occurred_at FROM store_event "  # noqa: S608
            f"WHERE customer_id IN ({rows.marks(len(chunk))}) AND name IN ({rows.marks(len(names))}) "
            "AND occurred_at > %s AND status <> 'rejected' ORDER BY occurred_at DESC",
            [*chunk, *names, db_time(since)],
        )
        for customer, name, at in cursor.fetchall():
            moment = from_db_time(at)
            if moment is not None:
                found.setdefault(customer, {}).setdefault(name, []).append(moment)
    return found


def _known(
    cursor: CursorWrapper, segment_ids: Collection[str], customers: Sequence[str]
) -> dict[tuple[str, str], tuple[bool, datetime | None]]:
    found: dict[tuple[str, str], tuple[bool, datetime | None]] = {}
    keys = sorted(segment_ids)
    for chunk in rows.chunks(customers):
        cursor.execute(
            "SELECT segment_id, customer_id, inside, look_at FROM store_member "  # noqa: S608
            f"WHERE segment_id IN ({rows.marks(len(keys))}) AND customer_id IN ({rows.marks(len(chunk))})",
            [*keys, *chunk],
        )
        for segment, customer, inside, look in cursor.fetchall():
            found[segment, customer] = (bool(inside), from_db_time(look))
    return found


def sample(
    cursor: CursorWrapper, workspace: str, rule: Mapping[str, Any], now: datetime, *, limit: int
) -> tuple[int, int]:
    """(how many are in, of how many): a rule judged on the newest customers, nothing written."""
    cursor.execute(
        "SELECT id FROM store_customer WHERE workspace_id = %s ORDER BY id DESC LIMIT %s", [workspace, limit]
    )
    customers = sorted(row[0] for row in cursor.fetchall())
    people = _people(cursor, customers)
    occurred = _occurred(cursor, customers, set(segments.events_of(rule)), now)
    return sum(segments.holds(rule, one, occurred.get(key, {}), now) for key, one in people.items()), len(people)
