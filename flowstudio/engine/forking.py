"""What a commit writes when a run parts into arms, and when an arm is over (SEMANTICS 9.2)."""

from __future__ import annotations

from flowstudio.domain.interpreter import Forking, Joining
from flowstudio.engine.carried import Carried
from flowstudio.engine.moves import Fork, Joined, Move, NewArm
from flowstudio.store.ids import new_id


def fork(carried: Carried, move: Move, stop: Forking) -> None:
    """The token goes to the Join and waits there; each arm begins with a token of its own (SEMANTICS 9.2)."""
    gathered = stop.gathered
    block = {
        "parallel": stop.parallel,
        "join": stop.node,
        "need": gathered.need,
        "since": gathered.since.isoformat(),
        "until": gathered.until.isoformat() if gathered.until else None,
        "arms": list(gathered.arms),
        "came": list(gathered.came),
        "failed": [],
    }
    arms = tuple(NewArm(token=new_id(), arm=arm, node=node) for arm, node in stop.arms)
    move.fork = Fork(block=block, arms=arms, meets=stop.node)
    move.node, move.visit, move.step_id, move.tries = stop.node, carried.visits.get(stop.node, 0) + 1, "", 0
    move.state, move.due_at = "waiting", gathered.until


def join(move: Move, stop: Joining) -> None:
    """The arm's token goes; what that means for its Join is decided in the commit, where nobody else decides."""
    failed = next((row.id for row in reversed(move.steps) if row.status == "failed"), "") if stop.failed else ""
    move.joined = Joined(arm=stop.arm, node=stop.at, failed=stop.failed, step=failed)
    move.node, move.step_id, move.due_at = stop.at, "", None
