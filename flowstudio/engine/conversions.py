"""Goals that runs reached: counted once a run and goal, credited to the last delivered message (SEMANTICS 2.5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.backends.utils import CursorWrapper

from flowstudio.domain.leaving import Reached
from flowstudio.engine import programs, rows
from flowstudio.engine.carried import Carried
from flowstudio.engine.moves import Move
from flowstudio.engine.tally import Tally
from flowstudio.store.ids import new_id
from flowstudio.store.models import Attempt, Run
from flowstudio.store.sql import db_time

_COLUMNS = (
    "id", "workspace_id", "flow_id", "run_id", "customer_id", "goal", "name", "event_id", "credited_step",
    "credited_node", "reached_at",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Reaching:
    """A run that reached a goal, by an event ('' : by what is known of the customer)."""

    run: Run
    reached: Reached
    event_id: str
    at: datetime


def reachings(moves: Sequence[Move]) -> list[Reaching]:
    """What walks reached by themselves: conditions at a boundary, and Goal nodes."""
    return [
        Reaching(run=_run(move.carried), reached=one, event_id="", at=move.at) for move in moves for one in move.reached
    ]


def _run(one: Carried) -> Run:
    return Run(
        id=one.run, workspace_id=one.workspace, flow_id=one.flow, version_id=one.version, number=one.number,
        customer_id=one.customer,
    )  # fmt: skip


def record(cursor: CursorWrapper, reachings: Sequence[Reaching], tally: Tally) -> set[tuple[str, str]]:
    """Writes and counts those that are new; gives their (run, goal) pairs."""
    if not reachings:
        return set()
    first: dict[tuple[str, str], Reaching] = {}
    for one in reachings:
        first.setdefault((one.run.id, one.reached.goal), one)
    credit = _credit(list(first.values()))
    made = {pair: new_id() for pair in first}
    new = rows.insert(
        cursor,
        "store_conversion",
        _COLUMNS,
        [
            (
                made[pair], one.run.workspace_id, one.run.flow_id, one.run.id, one.run.customer_id, one.reached.goal,
                one.reached.name[:255], one.event_id, *credit.get(pair, ("", "")), db_time(one.at),
            )
            for pair, one in first.items()
        ],
        skip_conflicts=True,
        returning="id",
    )  # fmt: skip
    counted = {pair for pair, identity in made.items() if identity in new}
    for pair in counted:
        run = first[pair].run
        tally.count(run.workspace_id, run.flow_id, run.number, f"goal:{pair[1]}", "reached")
        node = credit.get(pair, ("", ""))[1]
        if node:
            tally.count(run.workspace_id, run.flow_id, run.number, f"node:{node}", "converted")
        tally.run(run.workspace_id, run.flow_id, run.id, run.customer_id)
    return counted


def _credit(reachings: Sequence[Reaching]) -> dict[tuple[str, str], tuple[str, str]]:
    """Step and node of the last message that was delivered before each goal was reached."""
    sent: dict[str, list[tuple[datetime, str, str]]] = {}
    for chunk in rows.chunks(sorted({one.run.id for one in reachings})):
        query = Attempt.objects.filter(run_id__in=chunk, state="accepted", ended_at__isnull=False).order_by("ended_at")
        for run, at, step, node in query.values_list("run_id", "ended_at", "step_id", "step__node"):
            if at is not None:
                sent.setdefault(run, []).append((at, step, node))
    found: dict[tuple[str, str], tuple[str, str]] = {}
    for one in reachings:
        nodes = programs.entry(one.run.version_id).program.nodes
        for at, step, node in reversed(sent.get(one.run.id, ())):
            compiled = nodes.get(node)
            if at <= one.at and compiled and compiled.type and compiled.type.effect == "person":
                found[one.run.id, one.reached.goal] = (step, node)
                break
    return found
