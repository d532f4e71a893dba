"""Taking runs to another version (SEMANTICS 8.3 to 8.5): a bounded number of them, in the running transaction.

A run that stands still goes over whole, whatever its tokens do: one before a node meets the new node; one that waits in a
changed node gets the end that the new version gives to its arrival; one whose step is a call that is not over keeps that
step's version for it (`store_step.version_id`), and goes on by the new version after it (`engine.crossing`).
A run that some engine carries at this moment is left for later.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper

from flowstudio.domain import moving
from flowstudio.domain.decision import Go, Sleep, WaitFor
from flowstudio.domain.errors import FlowstudioError, Stale
from flowstudio.domain.nodes.base import View
from flowstudio.domain.schedule import zone_for
from flowstudio.engine import control, rows, waits, waking
from flowstudio.engine.arrivals import matched
from flowstudio.engine.carried import Carried
from flowstudio.engine.programs import Entry
from flowstudio.engine.tally import Tally
from flowstudio.store.models import Run, Step
from flowstudio.store.sql import db_time, from_db_json, from_db_time

_TOKENS = """
SELECT t.id, t.run_id, t.node, t.visit, t.state, t.owner, t.wake, r.workspace_id, r.flow_id, r.customer_id, r.subject,
  r.correlation, r.started_at, c.external_id, c.email, c.name, c.traits, w.timezone, s.id, s.status, s.entered_at, s.due_at,
  t.parent, t.arm, t.meets, t.block, t.leaving
FROM store_token t JOIN store_run r ON r.id = t.run_id JOIN store_customer c ON c.id = r.customer_id
JOIN store_workspace w ON w.id = r.workspace_id LEFT JOIN store_step s ON s.id = t.step_id
WHERE t.run_id IN ({marks}) AND r.status = 'active' ORDER BY t.id
"""


_BUSY = timedelta(seconds=0.2)


@dataclass(frozen=True, kw_only=True, slots=True)
class Way:
    """From which version to which, by which orders."""

    source: int
    target: int
    target_id: str
    before: Entry
    after: Entry
    orders: Mapping[str, Any]


@dataclass(kw_only=True, slots=True)
class Taken:
    """What one piece did; `busy` are runs that are being carried just now."""

    moved: list[str] = field(default_factory=list)
    stayed: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    released: int = 0
    busy: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Standing:
    """One token and what is to be known of it."""

    token: str
    run: str
    node: str
    visit: int
    state: str
    owner: str
    woken: bool
    workspace: str
    flow: str
    customer: str
    email: str
    name: str
    traits: Mapping[str, Any]
    event: Mapping[str, Any]
    correlation: str
    started_at: datetime | None
    zone: str
    step: str
    step_status: str
    entered_at: datetime | None
    due_at: datetime | None
    arm: str
    meets: str
    gathers: bool
    leaving: bool

    @property
    def calling(self) -> bool:
        """Whether its step is a call, or an end of waiting, that is not over yet: it keeps its version (8.5)."""
        return bool(self.step) and (self.step_status != "waiting" or self.woken)


def take(cursor: CursorWrapper, way: Way, runs: Sequence[str], now: datetime, *, mine: str = "") -> Taken:
    """Carries out the orders for these runs of the source version. `mine` is a token that the caller holds itself."""
    taken = Taken()
    standing = _standing(cursor, runs)
    goes: list[_Standing] = []
    ends: dict[bool, list[str]] = {True: [], False: []}
    after = way.after
    for run, tokens in standing.items():
        said = {one.node: moving.verdict(way.orders, one.node)[0] for one in tokens}
        choice = moving.together(list(said.values()))
        if choice == "finish" and any(one.node not in way.before.nodes for one in tokens):
            # It has crossed already, at the end of its step: there is no way back.
            choice = "move"
        elif choice == "move" and not _fits(tokens, way):
            choice = "finish"
        if choice == "exit":
            removed = any(said[node] == "exit" and node not in after.nodes for node in said)
            ends[removed].append(run)
        elif choice == "finish":
            taken.stayed.append(run)
        elif any(one.leaving or (one.owner and one.token != mine) for one in tokens):
            taken.busy.append(run)
        else:
            taken.moved.append(run)
            goes += tokens
    tally = Tally()
    if goes:
        taken.released = _Taking(cursor, way, after, now, tally).all(goes, taken.moved)
    if taken.stayed:
        _set(cursor, taken.stayed, "stays = %s", [True])
    tally.write(cursor, now)
    for removed, gone in ends.items():
        taken.ended += _end(gone, way, removed=removed)
    return taken


def _fits(tokens: Sequence[_Standing], way: Way) -> bool:
    """Whether every arm of a run lies in an arm of the new version that meets at the same Join.

    A run inside a block that is drawn otherwise now finishes on its own version: half of it cannot go over.
    """
    blocks = {block.join: block for block in way.after.program.shape.blocks.values()}
    for one in tokens:
        if one.gathers and one.node not in blocks:
            return False
        if one.meets:
            block = blocks.get(one.meets)
            place = moving.verdict(way.orders, one.node)[1] or one.node
            if block is None or place not in block.arms.get(one.arm, frozenset()) | {one.meets}:
                return False
    return True


def own(cursor: CursorWrapper, way: Way, one: Carried, owner: str, now: datetime) -> bool:
    """The same for a run that the caller has claimed. True: it stays as it is and goes on now; else its lease is gone.

    Where another part of it is being carried, it waits for that part.
    """
    cursor.execute(
        "SELECT 1 FROM store_token WHERE id = %s AND owner = %s AND fence = %s", [one.token, owner, one.fence]
    )
    if cursor.fetchone() is None:
        raise Stale("This run went on elsewhere: the lease was lost.")
    taken = take(cursor, way, [one.run], now, mine=one.token)
    if taken.busy:
        cursor.execute(
            "UPDATE store_token SET owner = '', lease_until = NULL, fence = fence + 1, due_at = %s WHERE id = %s",
            [db_time(now + _BUSY), one.token],
        )
    return bool(taken.stayed)


def stay(cursor: CursorWrapper, run: str) -> None:
    """This run finishes on its version."""
    _set(cursor, [run], "stays = %s", [True])


def _standing(cursor: CursorWrapper, runs: Sequence[str]) -> dict[str, list[_Standing]]:
    lock = " FOR UPDATE OF t" if connection.vendor == "postgresql" else ""
    found: dict[str, list[_Standing]] = defaultdict(list)
    for chunk in rows.chunks(sorted(runs)):
        cursor.execute(_TOKENS.format(marks=", ".join(["%s"] * len(chunk))) + lock, list(chunk))
        for row in cursor.fetchall():
            one = _Standing(
                token=row[0], run=row[1], node=row[2], visit=row[3], state=row[4], owner=row[5],
                woken=row[6] is not None, workspace=row[7], flow=row[8], customer=row[9],
                event=from_db_json(row[10]) or {}, correlation=row[11], started_at=from_db_time(row[12]), email=row[14],
                name=row[15], traits=from_db_json(row[16]) or {}, zone=row[17], step=row[18] or "",
                step_status=row[19] or "", entered_at=from_db_time(row[20]), due_at=from_db_time(row[21]),
                arm=row[23] if row[22] else "", meets=row[24] if row[22] else "", gathers=row[25] is not None,
                leaving=row[26] is not None,
            )  # fmt: skip
            found[one.run].append(one)
    return found


def _set(cursor: CursorWrapper, runs: Sequence[str], what: str, values: list[Any]) -> None:
    for chunk in rows.chunks(sorted(runs)):
        marks = ", ".join(["%s"] * len(chunk))
        cursor.execute(f"UPDATE store_run SET {what} WHERE id IN ({marks})", [*values, *chunk])  # noqa: S608


def _end(runs: Sequence[str], way: Way, *, removed: bool) -> list[str]:
    if not runs:
        return []
    found = list(Run.objects.filter(id__in=runs).select_related("customer"))
    reason = "node_removed" if removed else "cancelled_by_user"
    sentence = f"v{way.target} has no such step any more" if removed else f"Let out when v{way.target} was published"
    control.end_runs(found, status="cancelled", reason=reason, sentence=sentence)
    return list(runs)


class _Taking:
    """The writes for tokens that go over."""

    def __init__(self, cursor: CursorWrapper, way: Way, after: Entry, now: datetime, tally: Tally) -> None:
        self.cursor, self.way, self.after, self.now, self.tally = cursor, way, after, now, tally
        self.touched = {node for node, own in (way.orders.get("nodes") or {}).items() if own.get("choice") == "move"}
        self.closed: list[tuple[Any, ...]] = []
        self.kept: list[tuple[Any, ...]] = []
        self.stand: list[tuple[Any, ...]] = []
        self.timers: list[tuple[Any, ...]] = []
        self.registered: list[tuple[Any, ...]] = []
        self.named: set[str] = set()
        self.unregistered: list[str] = []
        self.fresh: list[_Standing] = []
        self.released = 0

    def all(self, tokens: Sequence[_Standing], runs: Sequence[str]) -> int:
        """Writes everything; gives how many waits are over now."""
        for one in tokens:
            self.one(one)
        _set(self.cursor, runs, "version_id = %s, number = %s", [self.way.target_id, self.way.target])
        self._write()
        for run, one in {one.run: one for one in tokens}.items():
            self._count(one, "run", "active")
            self.tally.run(one.workspace, one.flow, run, one.customer)
        return self.released

    def one(self, one: _Standing) -> None:
        """What becomes of one token."""
        if one.step:
            self._count(one, f"node:{one.node}", "inside")
        if one.state in ("held", "blocked"):
            self._count(one, f"node:{one.node}", "held")
        if one.calling:
            # The step ends as it began; where it leads then is asked when it is over.
            return
        to = moving.verdict(self.way.orders, one.node)[1]
        if to:
            self._leave(one, to, f"v{self.way.target} has no such step any more")
        elif one.step_status == "waiting":
            self._wait(one)
        else:
            # Where it could not go on, it is looked at anew; else its time stays as it is.
            due = db_time(self.now) if one.state == "blocked" else None
            self.stand.append((one.token, one.node, "", one.state, due))

    def _leave(self, one: _Standing, to: str, why: str) -> None:
        if one.step:
            self.closed.append((one.step, "cancelled", db_time(self.now), why))
            self.unregistered.append(one.step)
            self.tally.count(one.workspace, one.flow, self.way.target, f"node:{one.node}", "inside", -1)
            self.tally.step(one.workspace, one.flow, one.step, one.run)
        if one.state == "blocked":
            self.tally.count(one.workspace, one.flow, self.way.target, f"node:{one.node}", "held", -1)
        self.stand.append((one.token, to, "", "ready", db_time(self.now)))
        self.released += 1

    def _wait(self, one: _Standing) -> None:
        if one.node not in self.touched or one.entered_at is None:
            self.kept.append((one.step, self.way.target_id, db_time(one.due_at)))
            if one.owner:
                self.stand.append((one.token, one.node, one.step, one.state, None))
            return
        decision = self._decide(one, one.entered_at)
        if decision is None:
            self._leave(one, one.node, f"v{self.way.target} has another step here")
            return
        until, stop, why = decision
        self.kept.append((one.step, self.way.target_id, db_time(until)))
        self.timers.append((one.token, one.step, db_time(until), why))
        self.unregistered.append(one.step)
        if stop is not None:
            found = waits.rows_of(stop, arrived=one.entered_at, began=one.started_at or one.entered_at)
            self.named.update(row.event for row in found if row.event)
            self.registered += [
                waits.values(
                    row, workspace=one.workspace, customer=one.customer, run=one.run, token=one.token, step=one.step
                )
                for row in found
            ]
            self.fresh.append(one)
        if one.state == "blocked":
            self.tally.count(one.workspace, one.flow, self.way.target, f"node:{one.node}", "held", -1)
        if until <= self.now:
            self.released += 1
        self.tally.step(one.workspace, one.flow, one.step, one.run)

    def _decide(self, one: _Standing, entered_at: datetime) -> tuple[datetime, WaitFor | None, str] | None:
        """Until when and for what the new node waits, judged as on the day of arrival; None: it does not wait so."""
        compiled = self.after.program.nodes.get(one.node)
        if compiled is not None and compiled.off is not None:
            return entered_at, None, "switched off"
        if compiled is None or compiled.type is None or compiled.problem or compiled.type.resume is None:
            return None
        zone, zone_from = zone_for(one.traits, str(self.after.settings.get("timezone") or ""), one.zone)
        customer = {"id": one.customer, "email": one.email or None, "name": one.name or None, "traits": one.traits}
        run = {
            "id": one.run, "flow": one.flow, "version": self.way.target, "correlation": one.correlation,
            "started_at": one.started_at,
        }  # fmt: skip
        view = View(
            now=entered_at,
            scope={"customer": customer, "event": one.event, "run": run, "steps": {}, "now": entered_at},
            entered_at=entered_at,
            visit=one.visit,
            timezone=zone.key,
            zone_from=zone_from,
            node=one.node,
            settings=self.after.settings,
        )
        try:
            decision = compiled.type.decide(compiled.config, view)
        except FlowstudioError:
            return None
        match decision:
            case Sleep(until=until, reason=reason):
                return until, None, reason
            case WaitFor(until=until, reason=reason):
                return until, decision, reason
            case Go(reason=reason):
                # It would not even have waited: what it waits for is over.
                return entered_at, None, reason
        return None

    def _count(self, one: _Standing, subject: str, metric: str) -> None:
        self.tally.count(one.workspace, one.flow, self.way.source, subject, metric, -1)
        self.tally.count(one.workspace, one.flow, self.way.target, subject, metric, 1)

    def _write(self) -> None:
        cursor = self.cursor
        free = "owner = '', lease_until = NULL, fence = fence + 1"
        rows.update(
            cursor, "store_token", ["node", "step_id", "state", "=due_at"], self.stand,
            types=["text", "text", "text", "text", "timestamptz"],
            extra=f"due_at = COALESCE(v.due_at, t.due_at), {free}",
        )  # fmt: skip
        rows.update(
            cursor, "store_token", ["due_at"], [(token, due) for token, _, due, _ in self.timers],
            types=["text", "timestamptz"], extra=f"state = 'waiting', {free}",
        )  # fmt: skip
        rows.update(
            cursor, "store_step", ["reason"], [(step, why) for _, step, _, why in self.timers], types=["text", "text"]
        )
        rows.update(
            cursor, "store_step", ["version_id", "due_at"], self.kept, types=["text", "text", "timestamptz"],
            where="t.status = 'waiting'",
        )  # fmt: skip
        rows.update(
            cursor, "store_step", ["status", "left_at", "reason"], self.closed,
            types=["text", "text", "timestamptz", "text"], where="t.status NOT IN ('done', 'failed', 'cancelled')",
        )  # fmt: skip
        for chunk in rows.chunks(self.unregistered):
            marks = ", ".join(["%s"] * len(chunk))
            cursor.execute(f"DELETE FROM store_wait WHERE step_id IN ({marks})", list(chunk))  # noqa: S608
        waits.register(cursor, self.registered)
        if self.fresh:
            self._read_again()

    def _read_again(self) -> None:
        """Events that came since the arrival count for branches that are new, as if those had been there (3.8)."""
        since = min(one.entered_at for one in self.fresh if one.entered_at) - waking.SLACK
        customers, names = {one.customer for one in self.fresh}, self.named
        used = self._used()
        events = [event for event in matched(self.cursor, customers, names, since) if event.id not in used]
        people = {one.customer: {"id": one.customer, "email": one.email, "traits": one.traits} for one in self.fresh}
        # Conditions that are new here are judged as on an arrival, on what is true now.
        changed = {
            one.customer: waking.Changed(workspace=one.workspace, names={waking.ANY}, at=self.now) for one in self.fresh
        }
        waking.wake(self.cursor, events, people, now=self.now, changed=changed)

    def _used(self) -> set[str]:
        """Events that moved these runs already: their triggers, and what ended their earlier waits."""
        used = {str(one.event.get("id", "")) for one in self.fresh}
        waits = {
            node for node, it in self.after.program.nodes.items() if it.type is not None and it.type.kind == "wait"
        }
        earlier = Step.objects.filter(run_id__in={one.run for one in self.fresh}, node__in=waits, status="done")
        for output in earlier.values_list("output", flat=True):
            event = output.get("event") if isinstance(output, Mapping) else None
            if isinstance(event, Mapping):
                used.add(str(event.get("id", "")))
        return used
