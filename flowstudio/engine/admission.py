"""Who may enter a flow: the order of SEMANTICS 1.4, each refusal with its sentence, and the runs that result."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.db.backends.utils import CursorWrapper

from flowstudio.domain import expression, schedule
from flowstudio.domain.errors import ExpressionError, ScheduleError
from flowstudio.domain.flow_settings import FlowSettings
from flowstudio.engine import rows
from flowstudio.engine.arrivals import Arrival
from flowstudio.engine.doors import Doors, held_out, rules_of
from flowstudio.engine.identity import exclusive_key
from flowstudio.store.ids import new_id
from flowstudio.store.models import Version
from flowstudio.store.sql import db_json, db_time, from_db_time

MAX_GRACE = timedelta(minutes=30)
_CLOSED = {
    "draft": "the flow is not published",
    "closed": "the flow takes nobody new: its entry is closed",
    "paused": "the flow is paused",
    "draining": "the flow takes nobody new: it is draining",
    "stopped": "the flow is stopped",
    "archived": "the flow is archived",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Entrance:
    """A trigger of a flow's current version, and the flow's rules of entry."""

    workspace_id: str
    flow_id: str
    flow_name: str
    state: str
    version_id: str
    version: int
    node: str
    filter: str
    identify: str
    settings: Mapping[str, Any]

    @property
    def rules(self) -> FlowSettings:
        """The flow's settings as far as they can be used."""
        return rules_of(self.version_id, self.settings)

    def duration(self, name: str, default: timedelta) -> timedelta:
        """A duration of the flow's settings; an unreadable one counts as not set."""
        value = self.settings.get(name)
        try:
            return schedule.parse_duration(value) if isinstance(value, str) and value else default
        except ScheduleError:
            return default

    def number(self, name: str) -> int | None:
        """A whole number of the flow's settings, or None."""
        value = self.settings.get(name)
        return int(value) if isinstance(value, int | float) and not isinstance(value, bool) and value > 0 else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """Why an event did not start a run; `code` is for machines, `sentence` for the customer's journey."""

    code: str
    sentence: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """A run that shall begin, and its token at the trigger."""

    run_id: str
    token_id: str
    entrance: Entrance
    customer: str
    event: Arrival
    correlation: str
    exclusive: str
    shadow: bool = False


class _Shelf:
    """Graphs of versions by id: they never change."""

    lock: ClassVar[threading.Lock] = threading.Lock()
    graphs: ClassVar[OrderedDict[str, Mapping[str, Any]]] = OrderedDict()


def _graphs(version_ids: Iterable[str]) -> dict[str, Mapping[str, Any]]:
    with _Shelf.lock:
        wanted = list(dict.fromkeys(version_ids))
        known = {v: _Shelf.graphs[v] for v in wanted if v in _Shelf.graphs}
    missing = [v for v in wanted if v not in known]
    if missing:
        known.update(Version.objects.filter(id__in=missing).values_list("id", "graph"))
        with _Shelf.lock:
            _Shelf.graphs.update({v: known[v] for v in missing if v in known})
            while len(_Shelf.graphs) > 256:
                _Shelf.graphs.popitem(last=False)
    return known


_ENTRANCES = """
SELECT i.workspace_id, i.event, i.flow_id, i.node, f.name, f.state, v.id, v.number
FROM store_triggerindex i JOIN store_flow f ON f.id = i.flow_id
JOIN store_version v ON v.flow_id = f.id AND v.number = f.version
WHERE i.workspace_id IN ({workspaces}) AND i.event IN ({events}) ORDER BY i.flow_id, i.node
"""


def entrances(cursor: CursorWrapper, wanted: set[tuple[str, str]]) -> dict[tuple[str, str], list[Entrance]]:
    """The triggers that want these (workspace, event name) pairs, in a fixed order; two set queries at most."""
    found: list[Sequence[Any]] = []
    for chunk in rows.chunks(sorted(wanted)):
        workspaces, events = sorted({w for w, _ in chunk}), sorted({e for _, e in chunk})
        sql = _ENTRANCES.format(workspaces=rows.marks(len(workspaces)), events=rows.marks(len(events)))
        cursor.execute(sql, [*workspaces, *events])
        found += cursor.fetchall()
    graphs = _graphs(row[6] for row in found)
    made: dict[tuple[str, str], list[Entrance]] = {}
    for workspace, event, flow, node, name, state, version, number in found:
        if (workspace, event) not in wanted:
            continue
        graph = graphs[version]
        config = next((n.get("config") or {} for n in graph.get("nodes", ()) if n.get("id") == node), None)
        if config is None:
            continue
        entrance = Entrance(
            workspace_id=workspace,
            flow_id=flow,
            flow_name=name,
            state=state,
            version_id=version,
            version=number,
            node=node,
            filter=str(config.get("filter") or ""),
            identify=str(config.get("identify") or ""),
            settings=graph.get("settings") or {},
        )
        made.setdefault((workspace, event), []).append(entrance)
    return made


@dataclass(kw_only=True, slots=True)
class _Past:
    ever: int = 0
    active: int = 0
    last: datetime | None = None
    shadow: int = 0


# A retry goes on with an entry that is counted already.
_PAST = """
SELECT flow_id, customer_id, correlation, SUM(CASE WHEN retry_of = '' THEN 1 ELSE 0 END),
  SUM(CASE WHEN status IN ('active', 'paused') THEN 1 ELSE 0 END),
  MAX(CASE WHEN retry_of = '' THEN started_at END), SUM(CASE WHEN shadow THEN 1 ELSE 0 END)
FROM store_run WHERE customer_id IN ({customers}) AND flow_id IN ({flows}) GROUP BY flow_id, customer_id, correlation
"""


@dataclass(kw_only=True)
class History:
    """The runs that customers of a batch have had in its flows; entries of the batch itself are added as they come."""

    _past: dict[tuple[str, str], dict[str, _Past]] = field(default_factory=dict)

    def load(self, cursor: CursorWrapper, flows: set[str], customers: set[str]) -> None:
        """Reads it, in one query for 500 customers."""
        if not flows:
            return
        wanted = sorted(flows)
        for chunk in rows.chunks(sorted(customers)):
            sql = _PAST.format(customers=rows.marks(len(chunk)), flows=rows.marks(len(wanted)))
            cursor.execute(sql, [*chunk, *wanted])
            for flow, customer, correlation, ever, active, last, shadow in cursor.fetchall():
                mine = self._past.setdefault((flow, customer), {})
                mine[correlation] = _Past(
                    ever=ever or 0, active=active or 0, last=from_db_time(last), shadow=shadow or 0
                )

    def of(self, flow: str, customer: str, correlation: str) -> _Past:
        """Of one identity (SEMANTICS 1.2)."""
        return self._past.get((flow, customer), {}).get(correlation) or _Past()

    def of_flow(self, flow: str, customer: str) -> _Past:
        """Of one customer in one flow, whatever the correlation."""
        mine = self._past.get((flow, customer), {}).values()
        return _Past(
            ever=sum(past.ever for past in mine), active=sum(past.active for past in mine),
            shadow=sum(past.shadow for past in mine),
        )  # fmt: skip

    def add(self, flow: str, customer: str, correlation: str, now: datetime, *, shadow: bool = False) -> None:
        """One more run, begun now."""
        past = self._past.setdefault((flow, customer), {}).setdefault(correlation, _Past())
        past.ever, past.active, past.last = past.ever + 1, past.active + 1, now
        past.shadow += int(shadow)


def judge(
    entrance: Entrance, event: Arrival, scope: Mapping[str, Any], history: History, doors: Doors, now: datetime
) -> Entry | Refusal:
    """Admission in the order of 1.4; a duplicate event never comes this far (it is one row)."""
    if entrance.state != "live":
        return Refusal(code="state", sentence=f"Not started: {_CLOSED.get(entrance.state, 'the flow is not live')}.")
    limit = entrance.duration("max_event_age", timedelta(hours=24))
    if event.received_at - event.occurred_at > limit:
        hours = (event.received_at - event.occurred_at).total_seconds() / 3600
        return Refusal(code="too_late", sentence=f"Not started: the event was {hours:,.0f} hours old when it came.")
    if event.imported:
        return Refusal(code="imported", sentence="Not started: the event was imported, and an import starts nothing.")
    if entrance.filter.strip():
        verdict = expression.judge(entrance.filter, scope)
        if not verdict.matched:
            why = verdict.reason or verdict.flagged or "the filter did not match"
            return Refusal(code="filter", sentence=f"Not started: {why}.")
    rules = entrance.rules
    email = str(scope["customer"].get("email") or "")
    why = doors.refused_consent(event.workspace_id, event.customer, email, rules)
    if why:
        return Refusal(code="consent", sentence=f"Not started: {why}.")
    correlation = _correlation(entrance, scope)
    refused = _reentry(entrance, event.customer, correlation, history, now)
    if refused is not None:
        return refused
    why = doors.refused_rate(entrance.flow_id, rules)
    if why:
        return Refusal(code="entry_rate", sentence=f"Not started: {why}.")
    past = history.of_flow(entrance.flow_id, event.customer)
    shadow = held_out(entrance.flow_id, event.customer, rules, before=past.shadow > 0 if past.ever else None)
    run_id = new_id()
    parallel = entrance.settings.get("reentry") == "parallel"
    history.add(entrance.flow_id, event.customer, correlation, now, shadow=shadow)
    doors.entered(entrance.flow_id)
    return Entry(
        run_id=run_id,
        token_id=new_id(),
        entrance=entrance,
        customer=event.customer,
        event=event,
        correlation=correlation,
        exclusive=run_id if parallel else exclusive_key(entrance.flow_id, event.customer, correlation),
        shadow=shadow,
    )


def _correlation(entrance: Entrance, scope: Mapping[str, Any]) -> str:
    source = entrance.settings.get("correlation")
    if not isinstance(source, str) or not source.strip():
        return ""
    try:
        value = expression.compile(source).evaluate(scope)
    except ExpressionError:
        return ""
    return "" if value is None else str(value)[:255]


def _reentry(entrance: Entrance, customer: str, correlation: str, history: History, now: datetime) -> Refusal | None:
    past = history.of(entrance.flow_id, customer, correlation)
    flow = history.of_flow(entrance.flow_id, customer)
    reentry = entrance.settings.get("reentry", "after_exit")
    sentence = ""
    if reentry == "never" and past.ever:
        sentence = "Not started: the customer was in this flow before, and it is entered once only."
    elif reentry != "parallel" and past.active:
        sentence = "Not started: the customer is still in this flow."
    elif flow.active >= (entrance.number("max_parallel") or 25):
        sentence = f"Not started: the customer is in this flow {flow.active} times already."
    elif flow.ever >= (entrance.number("max_entries") or flow.ever + 1):
        sentence = f"Not started: the customer has entered this flow {flow.ever} times, which is the limit."
    elif past.last is not None and now - past.last < entrance.duration("cooldown", timedelta(0)):
        sentence = (
            f"Not started: the customer entered less than {schedule.say(str(entrance.settings['cooldown']))} ago."
        )
    return Refusal(code="reentry", sentence=sentence) if sentence else None


_RUN = (
    "id", "workspace_id", "flow_id", "version_id", "number", "customer_id", "event_id", "correlation", "exclusive",
    "subject", "status", "reason", "steps", "cost", "started_at", "shadow",
)  # fmt: skip
_TOKEN = (
    "id", "run_id", "workspace_id", "flow_id", "node", "visit", "step_id", "state", "due_at", "tries", "deaths",
    "owner", "lease_until", "fence",
)  # fmt: skip


def start(
    cursor: CursorWrapper, entries: Sequence[Entry], *, now: datetime, owner: str, lease_until: datetime
) -> set[str]:
    """Inserts runs and tokens; gives the runs that really began. The unique constraints have the last word (1.3)."""
    at, until = db_time(now), db_time(lease_until)
    began = rows.insert(
        cursor,
        "store_run",
        _RUN,
        [
            (
                e.run_id, e.entrance.workspace_id, e.entrance.flow_id, e.entrance.version_id, e.entrance.version,
                e.customer, e.event.id, e.correlation, e.exclusive, db_json(e.event.subject()), "active", "", 0, 0.0,
                at, e.shadow,
            )
            for e in entries
        ],
        skip_conflicts=True,
        returning="id",
    )  # fmt: skip
    rows.insert(
        cursor,
        "store_token",
        _TOKEN,
        [
            (
                e.token_id, e.run_id, e.entrance.workspace_id, e.entrance.flow_id, e.entrance.node, 1, "", "ready", at,
                0, 0, owner, until, 1,
            )
            for e in entries
            if e.run_id in began
        ],
    )  # fmt: skip
    return began
