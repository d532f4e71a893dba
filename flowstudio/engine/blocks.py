"""Parallel blocks in the database: arms begin, come to their Join, and the Join closes once (SEMANTICS 9.2, 9.3).

The token that came to the Parallel waits before the Join and knows its arms (`Token.block`); each arm has a token whose
`parent` that one is. Whether an arm that ends closes the Join is decided in the commit that ends it, while every token of
the run is locked: of arms that come at one instant to several engines, one sees that it is the last.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.models import Exists, OuterRef

from flowstudio.engine import control, failpoints, rows, sentences
from flowstudio.engine.carried import Carried, gathered
from flowstudio.engine.moves import Fork, Move
from flowstudio.engine.tally import Tally
from flowstudio.store.models import Run, Step, Token
from flowstudio.store.sql import db_json, db_time, from_db_json

_TOKEN = (
    "id", "run_id", "workspace_id", "flow_id", "node", "visit", "step_id", "state", "due_at", "tries", "deaths",
    "owner", "lease_until", "fence", "parent", "arm", "meets",
)  # fmt: skip
# A call under way when its arm is stopped is finished and recorded (9.3), so its step stays open until then.
_UNDER_WAY = "SELECT 1 FROM store_attempt a WHERE a.step_id = s.id AND a.state = 'sending'"


@dataclass(kw_only=True, slots=True)
class _Place:
    """A token of a run, as its row has it now."""

    id: str
    node: str
    state: str
    step: str
    parent: str
    arm: str
    meets: str
    block: dict[str, Any] | None


@dataclass(kw_only=True, slots=True)
class _Run:
    one: Carried
    places: dict[str, _Place] = field(default_factory=dict)

    def below(self, token: str) -> list[_Place]:
        """The tokens of a block's arms, those of blocks inside them included."""
        found: list[_Place] = []
        above = {token}
        while above:
            inner = [place for place in self.places.values() if place.parent in above]
            found += inner
            above = {place.id for place in inner}
        return found


def concerns(move: Move) -> bool:
    """Whether a move has to do with a block."""
    return bool(move.fork or move.joined or move.leaves or (move.ending and move.carried.parent))


def lock(cursor: CursorWrapper, moves: Sequence[Move]) -> None:
    """Locks every token of the runs whose arms come, are stopped or end their run, in the order of ids, as everybody
    does; SQLite has one writer."""
    if connection.vendor != "postgresql":
        return
    runs = sorted({m.carried.run for m in moves if m.joined or m.leaves or (m.ending and m.carried.parent)})
    if not runs:
        return
    # The tokens of the whole group come in one order, so that two groups never wait for each other in a circle.
    tokens = [move.carried.token for move in moves]
    cursor.execute(
        "SELECT id FROM store_token WHERE run_id = ANY(%s) OR id = ANY(%s) ORDER BY id FOR UPDATE", [runs, tokens]
    )
    cursor.fetchall()


def apply(
    cursor: CursorWrapper, moves: Sequence[Move], tally: Tally, *, owner: str, lease_until: datetime, now: datetime
) -> set[str]:
    """What the moves mean for blocks, after everything else of the group is written; gives the tokens whose moves closed
    a Join."""
    mine = [move for move in moves if concerns(move)]
    counted = sorted({m.carried.run for m in [*mine, *(m for m in moves if m.carried.parent and not m.keep)]})
    if counted:
        _count_steps(cursor, counted)
    if not mine:
        return set()
    closed: set[str] = set()
    for move in mine:
        # First: an arm that comes in the same commit finds that nobody waits for it any more.
        if move.leaves:
            cursor.execute("UPDATE store_token SET block = NULL WHERE id = %s", [move.carried.token])
            run = _read(cursor, move.carried)
            stop(cursor, tally, run, run.below(move.carried.token), "Not needed any more: the run has gone on", now)
    for move in mine:
        if not (move.joined or move.ending):
            continue
        run = _read(cursor, move.carried)
        if move.joined is not None:
            failpoints.hit("before_join")
            lost = {"arm": move.joined.arm, "reason": move.joined.failed, "node": move.joined.node,
                    "step": move.joined.step}  # fmt: skip
            if _come(cursor, tally, run, move.carried.parent, move.joined.arm, lost, now):
                closed.add(move.carried.token)
        elif move.ending is not None:
            stop(cursor, tally, run, list(run.places.values()), "The run ended in another arm", now)
    # Last, so that a token that goes from one block into the next has nothing left of the first.
    _begin(cursor, mine, owner=owner, lease_until=lease_until)
    return closed


def _count_steps(cursor: CursorWrapper, runs: Sequence[str]) -> None:
    """Arms are carried apart, so none of them knows how many steps the run has; its rows do."""
    for chunk in rows.chunks(runs):
        cursor.execute(
            "UPDATE store_run SET steps = (SELECT COUNT(*) FROM store_step s WHERE s.run_id = store_run.id) "  # noqa: S608
            f"WHERE id IN ({', '.join(['%s'] * len(chunk))})",
            list(chunk),
        )


def _begin(cursor: CursorWrapper, moves: Sequence[Move], *, owner: str, lease_until: datetime) -> None:
    forks: list[tuple[Move, Fork]] = [(move, move.fork) for move in moves if move.fork is not None]
    if not forks:
        return
    cursor.executemany(
        "UPDATE store_token SET block = %s WHERE id = %s", [(db_json(f.block), m.carried.token) for m, f in forks]
    )
    until = db_time(lease_until)
    rows.insert(
        cursor,
        "store_token",
        _TOKEN,
        [
            (
                arm.token, m.carried.run, m.carried.workspace, m.carried.flow, arm.node, 1, "", "ready", db_time(m.at),
                0, 0, owner, until, 1, m.carried.token, arm.arm, f.meets,
            )
            for m, f in forks
            for arm in f.arms
        ],
    )  # fmt: skip


def _read(cursor: CursorWrapper, one: Carried) -> _Run:
    cursor.execute(
        "SELECT id, node, state, step_id, parent, arm, meets, block FROM store_token WHERE run_id = %s ORDER BY id",
        [one.run],
    )
    run = _Run(one=one)
    for token, node, state, step, parent, arm, meets, block in cursor.fetchall():
        run.places[token] = _Place(
            id=token, node=node, state=state, step=step, parent=parent, arm=arm, meets=meets,
            block=from_db_json(block),
        )  # fmt: skip
    return run


def _come(
    cursor: CursorWrapper, tally: Tally, run: _Run, parent: str, arm: str, lost: Mapping[str, Any], now: datetime
) -> bool:
    """One arm is over: its Join closes, waits on, or can never be satisfied any more, and then fails what is around it.

    Gives whether a token is due now.
    """
    while True:
        waiting = run.places.get(parent)
        block = waiting.block if waiting is not None else None
        if waiting is None or block is None or gathered(block).state != "open":
            # Closed a moment ago by another arm of the same commit.
            return False
        if lost["reason"]:
            block["failed"].append(dict(lost))
        else:
            block["came"].append(arm)
        state = gathered(block).state
        cursor.execute("UPDATE store_token SET block = %s WHERE id = %s", [db_json(block), waiting.id])
        if state == "open":
            return False
        stop(cursor, tally, run, run.below(waiting.id), f"Not needed any more: {_said(run.one, block)}", now)
        if state == "met":
            cursor.execute(
                "UPDATE store_token SET state = 'ready', due_at = %s, owner = '', lease_until = NULL, "
                "fence = fence + 1 WHERE id = %s",
                [db_time(now), waiting.id],
            )
            return True
        # Lost: too few can come any more, and what failed had no way for it (10.6).
        if not waiting.parent:
            _fail(cursor, run, block)
            return False
        cursor.execute("DELETE FROM store_token WHERE id = %s", [waiting.id])
        del run.places[waiting.id]
        parent, arm = waiting.parent, waiting.arm
        first = block["failed"][0]
        lost = {"arm": arm, "reason": first["reason"], "node": first["node"], "step": first["step"], "block": block}


def _said(one: Carried, block: Mapping[str, Any]) -> str:
    return f"{len(block['came'])} of {len(block['arms'])} arms have come to “{one.program().name(block['join'])}”"


def _fail(cursor: CursorWrapper, run: _Run, block: Mapping[str, Any]) -> None:
    one, first = run.one, block["failed"][0]
    entry = one.program()
    why = sentences.of_end(first["reason"])
    sentence = f"{entry.name(first['node'])}: {why}, so “{entry.name(block['join'])}” cannot go on"
    cursor.execute("UPDATE store_run SET block = %s WHERE id = %s", [db_json(block), one.run])
    runs = list(Run.objects.filter(id=one.run).select_related("customer"))
    control.end_runs(runs, status="failed", reason=first["reason"][:255], sentence=sentence)
    run.places.clear()


def stop(
    cursor: CursorWrapper, tally: Tally, run: _Run, places: Sequence[_Place], sentence: str, now: datetime
) -> None:
    """Stops arms: tokens, timers and waits go, open steps are `cancelled`; a call under way is finished first (9.3)."""
    if not places:
        return
    one = run.one
    for place in places:
        run.places.pop(place.id, None)
    tokens = [place.id for place in places]
    steps = [place.step for place in places if place.step]
    cursor.execute(f"DELETE FROM store_token WHERE id IN ({_marks(tokens)})", tokens)  # noqa: S608
    for place in places:
        if place.state == "blocked":
            tally.count(one.workspace, one.flow, one.number, f"node:{place.node}", "held", -1)
    if not steps:
        return
    cursor.execute(f"DELETE FROM store_wait WHERE step_id IN ({_marks(steps)})", steps)  # noqa: S608
    cursor.execute(
        f"SELECT s.id, s.node, s.status FROM store_step s WHERE s.id IN ({_marks(steps)}) "  # noqa: S608
        f"AND s.status NOT IN ('done', 'failed', 'cancelled') AND NOT EXISTS ({_UNDER_WAY})",
        steps,
    )
    for step, node, status in cursor.fetchall():
        cursor.execute(
            "UPDATE store_step SET status = 'cancelled', left_at = %s, reason = %s WHERE id = %s",
            [db_time(now), sentence, step],
        )
        tally.count(one.workspace, one.flow, one.number, f"node:{node}", "inside", -1)
        if status == "held":
            tally.count(one.workspace, one.flow, one.number, f"node:{node}", "held", -1)
        tally.step(one.workspace, one.flow, step, one.run)
    tally.run(one.workspace, one.flow, one.run, one.customer)


def _marks(values: Sequence[Any]) -> str:
    return ", ".join(["%s"] * len(values))


def abandon(cursor: CursorWrapper, steps: Sequence[str], now: datetime) -> None:
    """Steps of stopped arms whose call nobody can finish any more are closed (I7)."""
    tally = Tally()
    open_steps = Step.objects.filter(id__in=steps, status="running").exclude(
        Exists(Token.objects.filter(step_id=OuterRef("id")))
    )
    for step in open_steps.select_related("run"):
        Step.objects.filter(id=step.id).update(
            status="cancelled", left_at=now, reason="Nobody knows whether it was done"
        )
        tally.count(step.workspace_id, step.flow_id, step.run.number, f"node:{step.node}", "inside", -1)
        tally.step(step.workspace_id, step.flow_id, step.id, step.run_id)
    tally.write(cursor, now)
