"""Exits and goals while customers are inside: judged on events as they are matched and on traits as they change
(SEMANTICS 2.1, 2.3 to 2.5).

Everything happens in the caller's transaction: the timer of a run that is left goes with the event that ends it. A run
whose call is with a vendor is marked instead (`Token.leaving`): its call is recorded first, then it ends (2.2).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.backends.utils import CursorWrapper
from django.db.models import Q

from flowstudio.domain import leaving
from flowstudio.domain.errors import FlowstudioError
from flowstudio.domain.leaving import Judged, Left, Moment
from flowstudio.engine import control, conversions, programs, rows
from flowstudio.engine.arrivals import Arrival
from flowstudio.engine.conversions import Reaching
from flowstudio.engine.tally import Tally
from flowstudio.store.models import Attempt, Customer, Run
from flowstudio.store.sql import db_json


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """What an event did to a run: the goals it reached, and whether it ended it."""

    event_id: str
    run_id: str
    flow_id: str
    goals: tuple[str, ...] = ()
    left: str = ""


@dataclass(kw_only=True)
class _Watched:
    """The runs that may be concerned, by customer; those that a batch has ended are known."""

    runs: dict[str, list[Run]] = field(default_factory=dict)
    lefts: dict[str, tuple[Run, Left]] = field(default_factory=dict)
    reachings: list[Reaching] = field(default_factory=list)

    def load(self, versions: Collection[str], customers: Collection[str], now: datetime) -> None:
        """Runs that are active, or began so lately that a goal may still count for them."""
        longest = max((_longest(version) for version in versions), default=timedelta(0))
        recent = Q(status="active") | Q(started_at__gte=now - longest) if longest else Q(status="active")
        for chunk in rows.chunks(sorted(customers)):
            query = Run.objects.select_related("customer").filter(
                recent, customer_id__in=chunk, version_id__in=versions
            )
            for run in query.order_by("id"):
                self.runs.setdefault(run.customer_id, []).append(run)

    def take(self, run: Run, judged: Judged, event_id: str, at: datetime) -> None:
        """Keeps what came of one judgement."""
        self.reachings += [Reaching(run=run, reached=one, event_id=event_id, at=at) for one in judged.reached]
        if judged.left is not None:
            self.lefts[run.id] = (run, judged.left)

    def inside(self, run: Run) -> bool:
        """Whether the run is still to be ended."""
        return run.status == "active" and run.id not in self.lefts

    def write(self, cursor: CursorWrapper, tally: Tally, now: datetime) -> set[tuple[str, str]]:
        """Goals first, then the ends; gives the (run, goal) pairs that are new."""
        counted = conversions.record(cursor, self.reachings, tally)
        _end(cursor, list(self.lefts.values()), now)
        return counted


def on_events(
    cursor: CursorWrapper,
    events: Sequence[Arrival],
    people: Mapping[str, Mapping[str, Any]],
    tally: Tally,
    *,
    now: datetime,
) -> list[Told]:
    """Judges events in the order received, before they may end waits. `people` are the customers as expressions see
    them, by id."""
    mine = [event for event in events if event.customer]
    watched = _versions(cursor, "event", {event.workspace_id for event in mine}, {event.name for event in mine})
    if not watched:
        return []
    found = _Watched()
    found.load({version for version, _ in watched}, {event.customer for event in mine}, now)
    judged: list[tuple[Arrival, Run, Judged]] = []
    for event in mine:
        for run in found.runs.get(event.customer, ()):
            if (run.version_id, event.name) not in watched or event.id == run.event_id or _before(event, run):
                continue
            entry = programs.entry(run.version_id)
            moment = _moment(run, people.get(event.customer, {}), now, at=event.occurred_at, inside=found.inside(run))
            verdict = leaving.on_event(entry.program.rules, event.subject(), moment)
            if verdict.reached or verdict.left:
                found.take(run, verdict, event.id, event.occurred_at)
                judged.append((event, run, verdict))
    counted = found.write(cursor, tally, now)
    return [
        Told(
            event_id=event.id, run_id=run.id, flow_id=run.flow_id,
            goals=tuple(one.name for one in verdict.reached if (run.id, one.goal) in counted),
            left=verdict.left.sentence if verdict.left else "",
        )
        for event, run, verdict in judged
    ]  # fmt: skip


def on_traits(
    cursor: CursorWrapper,
    workspaces: Collection[str],
    changed: Mapping[str, Collection[str]],
    tally: Tally,
    now: datetime,
) -> None:
    """Judges conditions for customers whose traits (by name) have just changed; call when the traits are written."""
    if not changed:
        return
    names = {name for group in changed.values() for name in group}
    watched = _versions(cursor, "trait", workspaces, {*names, leaving.ANY_TRAIT})
    if not watched:
        return
    found = _Watched()
    found.load({version for version, _ in watched}, changed.keys(), now)
    if not found.runs:
        return
    people = {
        row.id: {"id": row.id, "email": row.email or None, "name": row.name or None, "traits": row.traits}
        for chunk in rows.chunks(sorted(found.runs))
        for row in Customer.objects.filter(id__in=chunk)
    }
    for customer, runs in found.runs.items():
        keys = {*changed[customer], leaving.ANY_TRAIT}
        for run in runs:
            if any((run.version_id, key) in watched for key in keys):
                moment = _moment(run, people.get(customer, {}), now, at=now, inside=found.inside(run))
                found.take(run, leaving.on_state(programs.entry(run.version_id).program.rules, moment), "", now)
    found.write(cursor, tally, now)


def _versions(
    cursor: CursorWrapper, kind: str, workspaces: Collection[str], keys: Collection[str]
) -> set[tuple[str, str]]:
    """(version, key) pairs of those that watch any of the keys and can be run here."""
    found: set[tuple[str, str]] = set()
    if not workspaces:
        return found
    for chunk in rows.chunks(sorted(keys)):
        cursor.execute(
            "SELECT version_id, key FROM store_watch "  # noqa: S608
            f"WHERE workspace_id IN ({rows.marks(len(workspaces))}) AND kind = %s AND key IN ({rows.marks(len(chunk))})",
            [*workspaces, kind, *chunk],
        )
        found.update((version, key) for version, key in cursor.fetchall())
    return {pair for pair in found if _runs_here(pair[0])}


def _runs_here(version: str) -> bool:
    try:
        programs.entry(version)
    except FlowstudioError:
        # A newer flowstudio drew this: its runs are set aside, and nobody judges for it.
        return False
    return True


def _longest(version: str) -> timedelta:
    rules = programs.entry(version).program.rules
    return max((rules.window(goal) for goal in rules.goals), default=timedelta(0))


def _before(event: Arrival, run: Run) -> bool:
    """Whether the event happened before the one that began the run: it ends nothing that began after it."""
    began = run.subject.get("occurred_at") if isinstance(run.subject, Mapping) else None
    try:
        since = datetime.fromisoformat(str(began))
    except ValueError:
        since = run.started_at
    return event.occurred_at < since


def _moment(run: Run, customer: Mapping[str, Any], now: datetime, *, at: datetime, inside: bool) -> Moment:
    seen = {
        "id": run.id,
        "flow": run.flow_id,
        "version": run.number,
        "correlation": run.correlation,
        "started_at": run.started_at,
        "event": run.subject,
    }
    scope = {"customer": customer, "event": run.subject, "run": seen, "now": now}
    return Moment(scope=scope, began=run.subject, started_at=run.started_at, at=at, inside=inside)


def _end(cursor: CursorWrapper, lefts: Sequence[tuple[Run, Left]], now: datetime) -> None:
    if not lefts:
        return
    ids = [run.id for run, _ in lefts]
    calling: set[str] = set()
    for chunk in rows.chunks(ids):
        calling.update(Attempt.objects.filter(run_id__in=chunk, state="sending").values_list("run_id", flat=True))
    groups: dict[Left, list[Run]] = {}
    for run, left in lefts:
        if run.id in calling:
            mark(cursor, run.id, left)
        else:
            groups.setdefault(left, []).append(run)
    for left, runs in groups.items():
        control.end_runs(runs, status=left.status, reason=left.reason, sentence=left.sentence)


def mark(cursor: CursorWrapper, run: str, left: Left) -> None:
    """Lets a run end once the call that is under way is on record: nothing else of it is begun (2.2)."""
    how = {"status": left.status, "reason": str(left.reason), "sentence": left.sentence}
    cursor.execute("UPDATE store_token SET leaving = %s WHERE run_id = %s AND leaving IS NULL", [db_json(how), run])
