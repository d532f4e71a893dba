"""The writes for tokens that go over to another version (SEMANTICS 8.3 to 8.5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.backends.utils import CursorWrapper

from flowstudio.domain import moving
from flowstudio.domain.decision import Go, Sleep, WaitFor
from flowstudio.domain.errors import FlowstudioError
from flowstudio.domain.nodes.base import View
from flowstudio.domain.schedule import zone_for
from flowstudio.engine import rows, waits, waking
from flowstudio.engine.arrivals import matched
from flowstudio.engine.programs import Entry
from flowstudio.engine.standing import Standing, Way
from flowstudio.engine.tally import Tally
from flowstudio.store.models import Step
from flowstudio.store.sql import db_time


class Taking:
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
        self.fresh: list[Standing] = []
        self.released = 0
        self.since = now

    def all(self, tokens: Sequence[Standing], runs: Sequence[str]) -> int:
        """Writes everything; gives how many waits are over now."""
        for one in tokens:
            self.one(one)
        for chunk in rows.chunks(sorted(runs)):
            marks = ", ".join(["%s"] * len(chunk))
            self.cursor.execute(
                f"UPDATE store_run SET version_id = %s, number = %s WHERE id IN ({marks})",  # noqa: S608
                [self.way.target_id, self.way.target, *chunk],
            )
        self._write()
        for run, one in {one.run: one for one in tokens}.items():
            self._count(one, "run", "active")
            self.tally.run(one.workspace, one.flow, run, one.customer)
        return self.released

    def one(self, one: Standing) -> None:
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

    def _leave(self, one: Standing, to: str, why: str) -> None:
        if one.step:
            self.closed.append((one.step, "cancelled", db_time(self.now), why))
            self.unregistered.append(one.step)
            self.tally.count(one.workspace, one.flow, self.way.target, f"node:{one.node}", "inside", -1)
            self.tally.step(one.workspace, one.flow, one.step, one.run)
        if one.state == "blocked":
            self.tally.count(one.workspace, one.flow, self.way.target, f"node:{one.node}", "held", -1)
        self.stand.append((one.token, to, "", "ready", db_time(self.now)))
        self.released += 1

    def _wait(self, one: Standing) -> None:
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
            self.since = min(self.since, *(row.since for row in found))
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

    def _decide(self, one: Standing, entered_at: datetime) -> tuple[datetime, WaitFor | None, str] | None:
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
            case Go(port="out", reason=reason):
                # It would not even have waited: what it waits for is over. By another way out it arrives anew.
                return entered_at, None, reason
        return None

    def _count(self, one: Standing, subject: str, metric: str) -> None:
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
        used, customers = self._used(), {one.customer for one in self.fresh}
        came = matched(self.cursor, customers, self.named, self.since - waking.SLACK) if self.named else []
        events = [event for event in came if event.id not in used]
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
