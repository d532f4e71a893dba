"""Runs: one customer going once through one flow. How lists and pages show them; retry and cancel."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from threading import Lock
from typing import Any

from django.db import transaction

from flowstudio.engine import control, review
from flowstudio.services import announce, audit, events
from flowstudio.services.caller import Caller
from flowstudio.store.models import Attempt, Run, Step, Token
from flowstudio.store.queries import events as event_queries
from flowstudio.store.queries import flows as flow_queries
from flowstudio.store.queries import runs as queries

_KEPT = 500
_lock = Lock()
_names: OrderedDict[str, Mapping[str, str]] = OrderedDict()

ENDINGS: Mapping[str, str] = {
    "end_of_path": "Reached the end of its path",
    "goal": "Reached the goal",
    "exit_rule": "Left by an exit rule",
    "stopped_matching": "No longer matched",
    "unsubscribed": "Unsubscribed",
    "customer_deleted": "The customer was deleted",
    "node_removed": "Its node was removed",
    "flow_stopped": "The flow was stopped",
    "cancelled_by_user": "Cancelled by a person",
    "budget": "The budget was used up",
    "expired": "Took too long",
    "merged_into": "Went on in another run of the same customer",
    "runaway": "Stopped after 1,000 steps",
}


def items(runs: Sequence[Run]) -> list[dict[str, Any]]:
    """Runs as lists show them: four queries at most whatever their number, one more for versions not seen before."""
    rows = list(runs)
    places = queries.tokens([run.id for run in rows if run.status in {"active", "paused"}])
    tokens = {run_id: mine[0] for run_id, mine in places.items()}
    arms = {run_id: sum(token.block is None for token in mine) for run_id, mine in places.items()}
    open_or_last = {run.id: _step_id(run, tokens.get(run.id)) for run in rows}
    steps = queries.steps_by_id([step_id for step_id in open_or_last.values() if step_id])
    names = node_names({run.version_id for run in rows})
    failed = [run.id for run in rows if run.status == "failed"]
    retried = queries.retries(failed) if failed else {}
    return [
        {
            **_item(
                run, tokens.get(run.id), steps.get(open_or_last[run.id]), names[run.version_id], arms.get(run.id, 0)
            ),
            "retry_of": run.retry_of,
            "retried_as": retried.get(run.id, ""),
        }
        for run in rows
    ]


def _step_id(run: Run, token: Token | None) -> str:
    return (token.step_id if token and token.step_id else getattr(run, "last_step", None)) or ""


def _item(run: Run, token: Token | None, step: Step | None, names: Mapping[str, str], arms: int) -> dict[str, Any]:
    node = token.node if token else step.node if step else ""
    return {
        "id": run.id,
        "flow": {"id": run.flow_id, "name": run.flow.name},
        "version": run.number,
        "customer": {"id": run.customer_id, "name": run.customer.name, "email": run.customer.email},
        "status": run.status,
        "state": token.state if token else "",
        "node": {"id": node, "name": names.get(node, node)} if node else None,
        "sentence": _sentence(run, token, step, names.get(node, node)) + _elsewhere(arms),
        "reason": run.reason,
        "started_at": run.started_at,
        "ended_at": run.ended_at,
        "cost": run.cost,
        "steps": run.steps,
    }


def _elsewhere(arms: int) -> str:
    return "" if arms < 2 else f" (and in {arms - 1} other {'arm' if arms == 2 else 'arms'})"


def _sentence(run: Run, token: Token | None, step: Step | None, node: str) -> str:
    said = step.reason if step else ""
    if token is not None:
        word = {
            "ready": "On its way",
            "running": "Running",
            "waiting": "Waiting",
            "held": "Held",
            "retrying": "Trying again",
            "blocked": "Needs a person",
        }[token.state]
        own = token.node == (step.node if step else "")
        return f"{node}: {said}" if said and own else f"{word} at {node}" if node else word
    if run.status == "failed":
        return f"{node}: {said or run.reason}" if node else said or run.reason
    return run.ending or ENDINGS.get(run.reason, run.reason)


def node_names(version_ids: Iterable[str]) -> dict[str, Mapping[str, str]]:
    """Node names by version: a version never changes, so names are kept in memory once read."""
    wanted = set(version_ids)
    with _lock:
        found = {version_id: _names[version_id] for version_id in wanted if version_id in _names}
    missing = wanted - found.keys()
    if missing:
        for version_id, graph in queries.version_graphs(missing).items():
            found[version_id] = _names_in(graph)
        with _lock:
            _names.update({version_id: found[version_id] for version_id in missing if version_id in found})
            while len(_names) > _KEPT:
                _names.popitem(last=False)
    return {version_id: found.get(version_id, {}) for version_id in wanted}


def _names_in(graph: object) -> Mapping[str, str]:
    nodes = graph.get("nodes", []) if isinstance(graph, dict) else []
    return {node["id"]: node.get("name") or node["id"] for node in nodes}


def detail(caller: Caller, run_id: str) -> dict[str, Any]:
    """One run with its event, steps, attempts and what its expressions see."""
    run = queries.one(caller.workspace_id, run_id)
    rows = path(run)
    event = event_queries.listed(caller.workspace_id).filter(id=run.event_id).first()
    outputs = {step.node: {"output": step.output} for step in rows if step.status == "done"}
    return {
        **items([run])[0],
        "event": events.items(caller.workspace_id, [event])[0] if event else None,
        "correlation": run.correlation,
        "steps": [step_item(step) for step in rows],
        "step_count": len(rows),
        "context": {"event": run.subject, "steps": outputs},
    }


def path(run: Run) -> list[Step]:
    """The customer's whole path in order: a retry begins with the steps of the runs that it goes on from."""
    line = [*queries.before(run), run.id]
    place = {run_id: number for number, run_id in enumerate(line)}
    return sorted(queries.steps(line), key=lambda step: (place[step.run_id], step.seq, step.id))


def step_item(step: Step) -> dict[str, Any]:
    """A step as answers show it."""
    return {
        "id": step.id,
        "node": step.node,
        "visit": step.visit,
        "seq": step.seq,
        "status": step.status,
        "entered_at": step.entered_at,
        "due_at": step.due_at,
        "left_at": step.left_at,
        "port": step.port,
        "reason": step.reason,
        "flagged": step.flagged,
        "reads": step.reads,
        "input": step.input,
        "output": step.output,
        "traits": step.traits,
        "cost": step.cost,
        "gate": step.gate or [],
        "attempts": [_attempt(attempt) for attempt in step.attempts.all()],
    }


def _attempt(attempt: Attempt) -> dict[str, Any]:
    return {
        "number": attempt.number,
        "key": attempt.key,
        "state": attempt.state,
        "started_at": attempt.started_at,
        "ended_at": attempt.ended_at,
        "status": attempt.status,
        "error_class": attempt.error_class,
        "message": attempt.message,
        "sandbox": attempt.sandbox,
        "cost": attempt.cost,
    }


@transaction.atomic
def cancel(caller: Caller, run_id: str) -> None:
    """Ends a run where it stands; a run that is over already gives a Conflict (from the engine)."""
    run = queries.one(caller.workspace_id, run_id)
    control.cancel_run(caller.workspace_id, run.id, caller.actor)
    audit.record(caller, "run.cancelled", "run", run.id, {"flow": run.flow_id})
    announce.ring("viewers")
    announce.ring("engine")


@transaction.atomic
def retry(caller: Caller, run_id: str) -> str:
    """Tries a failed or parked step once more and gives the id of the run that goes on (docs/decisions/0004).

    Finished steps are never executed again (SEMANTICS 10.7).
    """
    run = queries.one(caller.workspace_id, run_id)
    going = control.retry_run(caller.workspace_id, run.id, caller.actor)
    audit.record(caller, "run.retried", "run", run.id, {"flow": run.flow_id, "as": going})
    announce.ring("viewers")
    announce.ring("engine")
    return going


@transaction.atomic
def settle(caller: Caller, run_id: str, choice: str) -> None:
    """What a person found about an effect that was parked for review: done, send it again, or end the run (10.3)."""
    run = queries.one(caller.workspace_id, run_id)
    nodes = review.settle_run(caller.workspace_id, run.id, choice, caller.actor)
    audit.record(caller, "run.settled", "run", run.id, {"flow": run.flow_id, "choice": choice, "nodes": nodes})
    announce.ring("viewers")
    announce.ring("engine")


@transaction.atomic
def settle_node(caller: Caller, flow_id: str, node: str, choice: str) -> dict[str, int]:
    """The same for everything in review at one node of a flow, a bounded number at once: how many, and how many are left."""
    flow = flow_queries.one(caller.workspace_id, flow_id)
    runs, left = review.settle_node(caller.workspace_id, flow.id, node, choice, caller.actor)
    for run in runs:
        audit.record(caller, "run.settled", "run", run, {"flow": flow.id, "choice": choice, "nodes": [node]})
    announce.ring("viewers")
    announce.ring("engine")
    return {"settled": len(runs), "left": left}
