"""From what the interpreter decided to what a commit must write: values in, one `Move` out, no IO.

The carried run is brought up to date on the way; should the commit then fail, the run is dropped from memory and read
again by whoever claims it next.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from flowstudio.connectors.base import Connector
from flowstudio.domain import histogram
from flowstudio.domain.decision import Answered, EventCame, TimerFired
from flowstudio.domain.interpreter import (
    Calling,
    Ended,
    Finished,
    Forking,
    Gathering,
    Joining,
    Sleeping,
    Standing,
    Waiting,
    Walk,
    arrive,
    resume,
)
from flowstudio.engine import forking, outputs, poison, sentences, waits
from flowstudio.engine.carried import Carried, OpenStep, Tried
from flowstudio.engine.moves import Ending, Move, Outcome, Sending, StepRow
from flowstudio.store.ids import new_id

_REASON = 4_000


def begin(carried: Carried, now: datetime, *, stand: bool = False) -> Walk | None:
    """What a run just claimed does first; None: its open step is a call to be tried (again).

    With `stand` it goes no further than to the end of its open step."""
    program = carried.program().program
    step = carried.step
    if step is None:
        return arrive(program, carried.node, carried.facts(now))
    happening: EventCame | TimerFired | Answered | None = None
    if carried.wake is not None and "settled" in carried.wake:
        # A person has found that what was parked for review had been done (10.3).
        by = str(carried.wake.get("by") or "")
        happening = Answered(port=_main_port(carried), output=None, reason=f"Done, says {by}" if by else "Done")
    elif carried.wake is not None:
        happening = EventCame(branch=str(carried.wake["branch"]), event=carried.wake.get("event") or {})
    elif step.status == "waiting" and not carried.held:
        happening = TimerFired(at=step.due_at or now)
    if happening is not None:
        return resume(program, carried.node, step.entered_at, carried.visit, carried.facts(now), happening, stand=stand)
    again = arrive(program, carried.node, carried.facts(now, back=1))
    return None if isinstance(again.stop, Calling) and not again.steps else again


def _main_port(carried: Carried) -> str:
    """The way out by which a step leaves that has done what it should."""
    entry = carried.program()
    kind, node = entry.program.nodes[carried.node].type, entry.nodes[carried.node]
    ports = kind.ports(node.config) if kind is not None else ()
    return next((port.id for port in ports if port.kind == "main"), "out")


def calling_again(carried: Carried, now: datetime) -> Calling:
    """The call of the open step, with the params of its first try where the row has them whole (F16)."""
    walk = arrive(carried.program().program, carried.node, carried.facts(now, back=1))
    if not isinstance(walk.stop, Calling) or walk.steps:
        raise RuntimeError(f"node {carried.node} of run {carried.run} no longer asks for a call")
    kept = carried.step.kept_input if carried.step else None
    if not isinstance(kept, Mapping) or not outputs.whole(kept):
        return walk.stop
    return Calling(
        node=walk.stop.node,
        visit=carried.visit,
        entered_at=carried.step.entered_at if carried.step else now,
        action=walk.stop.action,
        params=kept,
        effect=walk.stop.effect,
        idempotent=walk.stop.idempotent,
    )


def _move(carried: Carried, now: datetime, **fields: Any) -> Move:
    given: dict[str, Any] = {
        "node": carried.node,
        "visit": carried.visit,
        "state": carried.state,
        "due_at": now,
        "keep": False,
        "step_id": carried.step.id if carried.step else "",
        "tries": carried.tries,
        **fields,
    }
    move = Move(carried=carried, at=now, **given)
    if carried.state == "blocked":
        move.counts.append((f"node:{carried.node}", "held", -1))
    return move


def moved(
    carried: Carried,
    walk: Walk,
    now: datetime,
    *,
    outcome: Outcome | None = None,
    secrets: Collection[str] = (),
    written: tuple[Any, str | None] | None = None,
    connector: Connector | None = None,
    slot: bool = True,
) -> Move:
    """The commit for a walk. At a `Calling` stop `connector` is whose slot was taken; without a `slot` the run only
    comes to stand before the node, still leased. `written` is the call's output with its text."""
    told = sentences.of_walk(carried, walk.steps, walk.stop)
    move = _move(carried, now, outcome=outcome)
    if outcome is not None:
        move.cost = outcome.cost
    for done in walk.steps:
        _finish(carried, move, done, outcome, secrets, written)
    move.reached = walk.reached
    stop = walk.stop
    status = "active"
    if carried.block is not None and not isinstance(stop, Gathering):
        carried.block, move.leaves = None, True
    if isinstance(stop, Ended):
        _end(carried, move, stop, now)
        status = stop.status
    elif isinstance(stop, Standing):
        carried.node, carried.visit = stop.node, 1
        move.node, move.visit, move.step_id, move.tries, move.state = stop.node, 1, "", 0, "ready"
    elif isinstance(stop, Calling):
        carried.node, carried.visit = stop.node, stop.visit
        if slot and connector is not None:
            _send(carried, move, stop, connector)
        else:
            _stand(move, stop)
    elif isinstance(stop, Forking):
        forking.fork(carried, move, stop)
    elif isinstance(stop, Joining):
        forking.join(move, stop)
    elif isinstance(stop, Gathering):
        move.node, move.step_id, move.state, move.due_at = stop.node, "", "waiting", stop.until
    else:
        _rest(carried, move, stop)
    carried.state, carried.wake = move.state, None
    if carried.deaths and (walk.steps or not isinstance(stop, Calling)):
        carried.deaths, move.cleared = 0, True
    if not isinstance(stop, Calling) or slot or walk.steps:
        move.line = sentences.line(carried, node=told[0], status=status, state=move.state, sentence=told[1], at=now)
    return move


def _is_open(carried: Carried, node: str, visit: int) -> bool:
    return carried.step is not None and (carried.node, carried.visit) == (node, visit)


def _finish(
    carried: Carried, move: Move, done: Finished, outcome: Outcome | None, secrets: Collection[str],
    written: tuple[Any, str | None] | None,
) -> None:  # fmt: skip
    subject = f"node:{done.node}"
    if written is not None and done.output is written[0]:
        given, given_text = written
    else:
        given, given_text = outputs.answered(done.output, secrets=secrets)
    _, input_text = outputs.kept(done.input or None, secrets=secrets, names=True)
    _, reads = outputs.kept(dict(done.reads or {}), secrets=secrets)
    new_traits, traits = outputs.kept(dict(done.traits or {}), secrets=secrets)
    opened = carried.step if _is_open(carried, done.node, done.visit) else None
    if opened is None:
        carried.seq += 1
        move.counts.append((subject, "entered", 1))
    else:
        move.counts.append((subject, "inside", -1))
        if opened.status == "waiting":
            move.close_waits = opened.id
    entered_at = opened.entered_at if opened else done.entered_at
    row = StepRow(
        id=opened.id if opened else new_id(),
        new=opened is None,
        node=done.node,
        visit=done.visit,
        seq=carried.seq,
        status=done.status,
        entered_at=entered_at,
        due_at=opened.due_at if opened else None,
        left_at=done.left_at,
        port=done.port,
        reason=outputs.text(done.reason, _REASON),
        flagged=outputs.text(done.flagged, _REASON),
        reads=reads or "{}",
        input=input_text if opened is None else None,
        output=given_text,
        traits=traits or "{}",
        cost=outcome.cost if outcome and opened else 0.0,
        gate=outputs.verdicts(done.gate),
    )
    move.counts += [(subject, "withheld", 1)] if done.gate else []
    move.steps.append(row)
    move.counts.append((subject, "done" if done.status == "done" else "failed", 1))
    bucket = histogram.bucket((done.left_at - entered_at).total_seconds())
    move.counts.append((subject, f"d{bucket}", 1))
    for edge in (done.edge, *done.edges):
        if edge:
            move.counts.append((f"edge:{edge}", "count", 1))
    if new_traits:
        move.traits.append((_source(carried, done.node), new_traits, done.left_at, row.id))
        carried.traits = {**carried.traits, **new_traits}
    if done.starts is not None and opened is None:
        move.starts.append((row.id, done.node, done.starts))
    if done.assigned:
        move.assigned.append((done.node, done.assigned))
        carried.assigned[done.node] = done.assigned
    move.emits += [(done.node, done.visit, one) for one in done.emits]
    carried.outputs[done.node] = {"output": given}
    carried.visits[done.node] = done.visit
    if opened is not None:
        carried.step, carried.tried, carried.tries = None, None, 0


def _source(carried: Carried, node: str) -> str:
    kind = carried.program().nodes[node].type
    return "flow" if kind.startswith("customer.") else kind.partition(".")[0]


def _open(
    carried: Carried, move: Move, node: str, visit: int, entered_at: datetime, *, status: str, due_at: datetime | None,
    given: Any = None,
) -> OpenStep:  # fmt: skip
    """The step at which the move comes to rest: a new row, or the open one once more."""
    same = carried.step if _is_open(carried, node, visit) else None
    known = same is not None and same.kept_input is not None
    plain, written = (None, None) if known else outputs.kept(given, names=True)
    if same is None:
        carried.seq += 1
        carried.visits[node] = visit
        move.counts += [(f"node:{node}", "entered", 1), (f"node:{node}", "inside", 1)]
    step = OpenStep(
        id=same.id if same else new_id(),
        entered_at=same.entered_at if same else entered_at,
        due_at=due_at,
        status=status,
        kept_input=same.kept_input if same and known else plain,
        tried_since=same.tried_since if same else None,
        version=same.version if same else "",
    )
    move.steps.append(
        StepRow(
            id=step.id, new=same is None, node=node, visit=visit, seq=carried.seq, status=status,
            entered_at=step.entered_at, due_at=due_at, input=written, gate=outputs.verdicts(carried.gate),
        )
    )  # fmt: skip
    carried.gate = []
    carried.node, carried.visit, carried.step = node, visit, step
    move.node, move.visit, move.step_id = node, visit, step.id
    return step


def _rest(carried: Carried, move: Move, stop: Sleeping | Waiting) -> None:
    carried.tries = 0
    given = dict(stop.given) or None if isinstance(stop, Sleeping) else None
    step = _open(
        carried, move, stop.node, stop.visit, stop.entered_at, status="waiting", due_at=stop.until, given=given
    )
    move.steps[-1].reason = outputs.text(stop.reason, _REASON)
    move.state, move.due_at, move.tries = "waiting", stop.until, 0
    if isinstance(stop, Waiting) and stop.starts is not None and move.steps[-1].new:
        move.starts.append((step.id, stop.node, stop.starts))
    if isinstance(stop, Waiting):
        move.waits = waits.rows_of(stop, arrived=step.entered_at, began=carried.started_at)
        move.close_waits = step.id


def _stand(move: Move, stop: Calling) -> None:
    move.node, move.visit, move.step_id, move.tries = stop.node, stop.visit, "", 0
    move.state, move.keep = "ready", True


def _send(carried: Carried, move: Move, stop: Calling, connector: Connector) -> None:
    step = _open(
        carried, move, stop.node, stop.visit, stop.entered_at, status="running", due_at=None, given=stop.params
    )
    number = carried.tried.number + 1 if carried.tried else 1
    carried.tries += 1
    move.state, move.keep, move.tries = "running", True, carried.tries
    move.sending = Sending(
        id=new_id(),
        step=step.id,
        number=number,
        key=carried.key,
        connector=connector.id,
        has_sandbox=connector.sandbox,
        credential=str(stop.params.get("credential") or ""),
        started_at=move.at,
    )
    first_at = carried.tried.first_at if carried.tried else step.tried_since or move.at
    carried.tried = Tried(id=move.sending.id, number=number, state="sending", sandbox=False, first_at=first_at)


def _end(carried: Carried, move: Move, stop: Ended, now: datetime) -> None:
    if carried.step is not None:
        step = carried.step
        failed, left = stop.status == "failed", stop.status in ("exited", "goal")
        move.steps.append(
            StepRow(
                id=step.id, new=False, node=carried.node, visit=carried.visit, seq=carried.seq,
                status="failed" if failed else "cancelled" if left else "done", entered_at=step.entered_at,
                due_at=step.due_at, left_at=now, reason=outputs.text(stop.sentence or stop.reason, _REASON),
            )
        )  # fmt: skip
        subject = f"node:{carried.node}"
        move.counts.append((subject, "inside", -1))
        if not left:
            move.counts.append((subject, "failed" if failed else "done", 1))
        move.close_waits = step.id
        carried.step = None
    move.step_id = ""
    reason, sentence = outputs.text(stop.reason, 255), outputs.text(stop.sentence, _REASON)
    move.ending = Ending(status=stop.status, reason=reason, at=now, sentence=sentence)
    move.counts += [("run", "active", -1), ("run", stop.status, 1)]


def poisoned(carried: Carried, now: datetime, *, outcome: Outcome | None) -> Move:
    """The run fails at a step that has stopped its engine too often; nothing of the step is executed (10.8)."""
    visit = carried.visit if carried.step else carried.visits.get(carried.node, 0) + 1
    step = Finished(node=carried.node, visit=visit, entered_at=now, left_at=now, status="failed", reason=poison.CRASHED)
    over: Ended | Joining = Ended(status="failed", reason="error:crash", node=step.node)
    if carried.parent:
        over = Joining(node=carried.meets, arm=carried.arm, at=step.node, failed="error:crash")
    return moved(carried, Walk(steps=(step,), stop=over), now, outcome=outcome)


def again(carried: Carried, calling: Calling, now: datetime, *, outcome: Outcome | None, connector: Connector) -> Move:
    """The next try of the open step: what became of the last one (if that is not yet known) and the new `sending`."""
    move = _move(carried, now, outcome=outcome)
    _send(carried, move, calling, connector)
    carried.state = "running"
    return move


def retry_later(
    carried: Carried, now: datetime, *, outcome: Outcome | None, due_at: datetime, message: str, counted: bool = True
) -> Move:
    """Lets the token go until the next try; a try that never left the house (`counted=False`) is not one."""
    seconds = max(0.0, (due_at - now).total_seconds())
    tries = carried.tries if counted else max(0, carried.tries - 1)
    move = _move(carried, now, outcome=outcome, state="retrying", due_at=due_at, tries=tries)
    _keep_open(carried, move, "retrying", message, due_at)
    if counted:
        sentence = sentences.of_failure(carried, message, seconds)
        move.line = sentences.line(
            carried, node=carried.node, status="active", state="retrying", sentence=sentence, at=now
        )
    return move


def hold(carried: Carried, now: datetime, *, outcome: Outcome | None, message: str) -> Move:
    """Parks the step for a person to review: nobody knows whether its effect happened (SEMANTICS 10.3)."""
    move = _move(carried, now, outcome=outcome, state="held", due_at=None)
    _keep_open(carried, move, "held", message, None)
    move.counts.append((f"node:{carried.node}", "held", 1))
    sentence = sentences.of_failure(carried, message, None)
    move.line = sentences.line(carried, node=carried.node, status="active", state="held", sentence=sentence, at=now)
    return move


def _keep_open(carried: Carried, move: Move, status: str, reason: str, due_at: datetime | None) -> None:
    step = carried.step
    if step is None:
        raise RuntimeError("only an open step can be tried again or held")
    move.steps.append(
        StepRow(
            id=step.id, new=False, node=carried.node, visit=carried.visit, seq=carried.seq, status=status,
            entered_at=step.entered_at, due_at=due_at, reason=outputs.text(reason, _REASON),
        )
    )  # fmt: skip


def let_go(carried: Carried, now: datetime, *, due_at: datetime) -> Move:
    """Puts the token back untouched, to be looked at again at `due_at`."""
    return Move(
        carried=carried, at=now, node=carried.node, visit=carried.visit, state=carried.state, due_at=due_at, keep=False,
        step_id=carried.step.id if carried.step else "", tries=carried.tries,
    )  # fmt: skip
