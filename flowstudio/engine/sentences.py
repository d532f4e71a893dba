"""Sentences for the stream beside the canvas: what just happened to whom, in a marketer's words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flowstudio.domain.interpreter import Calling, Ended, Finished, Forking, Gathering, Joining, Standing, Stop
from flowstudio.engine.carried import Carried

_LIMIT = 200
_REASONS = {
    "end_of_path": "reached the end of the path",
    "goal": "reached the goal",
    "exit_rule": "left by an exit",
    "runaway": "stopped after 1,000 steps",
    "flow_stopped": "ended because the flow was stopped",
    "cancelled_by_user": "cancelled by hand",
    "node_removed": "ended because its step was removed",
    "expired": "ended because it took too long",
}


def plain_line(
    *, run: str, customer: Mapping[str, str], node: str, status: str, state: str, sentence: str, at: datetime
) -> dict[str, Any]:
    """One line of the stream (docs/architecture.md, "Feed"): the run's status, its token's state, and a sentence."""
    return {
        "run": run,
        "customer": dict(customer),
        "node": node,
        "status": status,
        "state": state,
        "sentence": sentence if len(sentence) <= _LIMIT else sentence[: _LIMIT - 1] + "…",
        "at": at.isoformat(),
    }


def line(carried: Carried, *, node: str, status: str, state: str, sentence: str, at: datetime) -> dict[str, Any]:
    """One line of the stream about a carried run."""
    who = {"id": carried.customer, "name": carried.name, "email": carried.email}
    return plain_line(run=carried.run, customer=who, node=node, status=status, state=state, sentence=sentence, at=at)


def of_end(reason: str) -> str:
    """A run's end reason in words."""
    if reason.startswith("error:"):
        return f"failed ({reason.removeprefix('error:').replace('_', ' ')})"
    return _REASONS.get(reason, reason.replace("_", " "))


def of_walk(carried: Carried, finished: Sequence[Finished], stop: Stop) -> tuple[str, str]:
    """Node and sentence for what a move did: its end if it ended, the last thing decided, or what it does now."""
    entry = carried.program()
    told = next((step for step in reversed(finished) if step.reason or step.status == "failed"), None)
    if isinstance(stop, Ended):
        end = of_end(stop.reason)
        if told is not None and told.status == "failed":
            return stop.node, f"{entry.name(told.node)}: {told.reason or end}"
        if stop.sentence:
            return stop.node, stop.sentence
        return stop.node, f"{entry.name(stop.node)}: {end}"
    if isinstance(stop, Forking | Joining | Gathering):
        if told is not None:
            return told.node, f"{entry.name(told.node)}: {told.reason}"
        if isinstance(stop, Joining):
            return stop.at, f"{entry.name(stop.node)}: an arm has come"
        return (
            stop.node,
            f"{entry.name(stop.node)}: {'waits for its arms' if isinstance(stop, Forking) else stop.reason}",
        )
    if isinstance(stop, Calling | Standing):
        if told is not None:
            return told.node, f"{entry.name(told.node)}: {told.reason}"
        return stop.node, f"{entry.name(stop.node)}: {'under way' if isinstance(stop, Calling) else 'comes next'}"
    what = stop.reason or f"waits until {stop.until:%-d %b %H:%M} UTC"
    return stop.node, f"{entry.name(stop.node)}: {what}"


def of_failure(carried: Carried, message: str, seconds: float | None) -> str:
    """A failed try and what follows."""
    name = carried.program().name(carried.node)
    if seconds is None:
        return f"{name}: {message}"
    wait = f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
    return f"{name}: {message.rstrip('.')}, next try in {wait}"
