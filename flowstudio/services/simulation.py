"""Simulations: how a customer would travel through a flow, asked by people before anybody does (issue 3, "Simulate")."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from flowstudio.connectors.registry import CATALOGUE
from flowstudio.domain import schedule
from flowstudio.domain.errors import InputError, NotPublishable
from flowstudio.domain.graph import Graph
from flowstudio.domain.outcomes import Outcomes
from flowstudio.domain.simulate import simulate
from flowstudio.domain.simulated import End, Happened, Simulation, Stepped
from flowstudio.engine import outputs
from flowstudio.services import graphs, imagined, rehearsal
from flowstudio.services.caller import Caller
from flowstudio.services.runs import ENDINGS
from flowstudio.store.models import Workspace
from flowstudio.store.queries import flows as queries
from flowstudio.store.queries.runs import arms_of

# What the inputs and outputs of all steps together may be; beyond it they are left out, and say so.
_SHOWN = 8 * 1024 * 1024


def of_flow(caller: Caller, flow_id: str, sent: Mapping[str, Any]) -> dict[str, Any]:
    """A stored flow's draft, one of its versions, or a drawing that is not saved yet, with what its runs recorded."""
    flow = queries.one(caller.workspace_id, flow_id)
    number = sent.get("version")
    if sent.get("graph") is not None and number is not None:
        raise InputError("Give a graph or a version, not both.", field="version")
    if sent.get("graph") is not None:
        document = sent["graph"]
    elif number is not None:
        document = queries.version(flow.id, number).graph
    else:
        document = queries.draft(caller.workspace_id, flow.id).graph
    return of_graph(graphs.parse(document), sent, workspace_id=caller.workspace_id, flow=flow.id, version=number)


def of_graph(
    graph: Graph, sent: Mapping[str, Any], *, workspace_id: str = "", flow: str = "", version: int | None = None
) -> dict[str, Any]:
    """The path through a graph. NotPublishable with every issue when the graph has errors: no engine would run it.

    `sent` are customer, event, at, outcomes, events and seed, as people write them; what is missing is made up.
    """
    issues = graphs.validate(graph)
    errors = [issue for issue in issues if issue["severity"] == "error"]
    if errors:
        count = "1 error" if len(errors) == 1 else f"{len(errors)} errors"
        raise NotPublishable(f"This drawing has {count}: {errors[0]['message']}", issues=issues)
    imagined.bounded(*(sent.get(key) for key in ("customer", "event", "events", "outcomes")))
    asked = sent.get("at")
    at = imagined.instant(asked, "at") if asked else timezone.now().replace(microsecond=0)
    traveller, stored = imagined.person(workspace_id, sent.get("customer"))
    begin, traveller, assumed = imagined.start(graph, sent.get("event"), at, traveller, stored)
    recorded: Outcomes = imagined.recorded(flow, stored.id if stored else "") if flow else {}
    made = simulate(
        graph,
        CATALOGUE,
        person=traveller,
        event=begin,
        later=imagined.later(sent.get("events") or (), at),
        outcomes=imagined.outcomes(sent.get("outcomes") or {}),
        recorded=recorded,
        timezone=_zone(workspace_id),
        seed=int(sent.get("seed") or 0),
        flow=flow,
        version=version or 0,
        keep=lambda value: outputs.kept(value)[0],
        refuses=rehearsal.refused,
        assigned=arms_of(stored.id, flow) if stored else {},
    )
    who = {
        "id": traveller.id, "email": traveller.email, "name": traveller.name, "traits": dict(traveller.traits),
        "stored": stored is not None,
    }  # fmt: skip
    return {"version": version, "customer": who, "event": _event(begin, assumed), **_shown(graph, made, at)}


def _zone(workspace_id: str) -> str:
    found = Workspace.objects.filter(id=workspace_id).values_list("timezone", flat=True).first() if workspace_id else ""
    return found or ""


def _event(begin: Happened, assumed: bool) -> dict[str, Any]:
    subject = begin.subject
    return {"name": subject["name"], "type": subject["type"], "properties": subject["properties"], "assumed": assumed}


def _shown(graph: Graph, made: Simulation, at: datetime) -> dict[str, Any]:
    names = {node.id: node.name or node.id for node in graph.nodes}
    types = {node.id: node.type for node in graph.nodes}
    steps = [_step(step, number, names, types) for number, step in enumerate(made.steps, 1)]
    _bound(steps)
    end = made.end
    return {
        "at": at,
        "steps": steps,
        "edges": list(made.edges),
        "end": {
            "status": end.status,
            "reason": end.reason,
            "sentence": _sentence(made, names, at),
            "node": end.node,
            "at": end.at,
        },
        "goals": [{"goal": one.id, "name": one.name, "sentence": one.sentence, "at": one.at} for one in made.goals],
        "traits": outputs.kept(dict(made.traits))[0],
        "cost": made.cost,
        "assumed": sum(step.assumed for step in made.steps),
    }


def _step(step: Stepped, number: int, names: Mapping[str, str], types: Mapping[str, str]) -> dict[str, Any]:
    return {
        "seq": number,
        "node": step.node,
        "name": names.get(step.node, step.node),
        "type": types.get(step.node, ""),
        "visit": step.visit,
        "status": step.status,
        "entered_at": step.entered_at,
        "left_at": step.left_at,
        "port": step.port,
        "edge": step.edge,
        "edges": list(step.edges) or ([step.edge] if step.edge else []),
        "reason": outputs.text(step.reason, 4_000),
        "sentence": outputs.text(step.sentence, 4_000),
        "flagged": outputs.text(step.flagged, 4_000),
        "reads": outputs.kept(dict(step.reads))[0],
        "input": outputs.kept(step.input, names=True)[0],
        "output": outputs.kept(step.output)[0],
        "traits": outputs.kept(dict(step.traits))[0],
        "cost": step.cost,
        "origin": step.origin,
        "assumed": step.assumed,
        "gate": [dict(verdict) for verdict in step.gate],
    }


def _bound(steps: Sequence[dict[str, Any]]) -> None:
    left = _SHOWN
    for step in steps:
        for key in ("input", "output"):
            size = len(json.dumps(step[key], ensure_ascii=False)) if step[key] else 0
            left -= size
            if size and left < 0:
                step[key] = {outputs.CUT: "Not shown: the steps before this one are 8 MB already."}


def _sentence(made: Simulation, names: Mapping[str, str], at: datetime) -> str:
    end = made.end
    if end.status == "not_started":
        return end.reason
    return f"{_ending(made, end, names.get(end.node, end.node))}{_after(end.at - at)}."


def _ending(made: Simulation, end: End, name: str) -> str:
    last = made.steps[-1].reason if made.steps else ""
    if end.status == "unfinished":
        return f"Given up: “{name}” would last longer than the ten years that are simulated"
    if end.status == "failed" and end.reason != "runaway":
        return f"“{name}” failed: {last.rstrip('.') or end.reason}"
    if end.sentence:
        return f"{end.sentence} (at “{name}”)" if name else end.sentence
    known = ENDINGS.get(end.reason)
    if end.reason == "exit":
        return f"Left at “{name}”"
    return f"{known} at “{name}”" if known else f"Left at “{name}”: {end.reason.rstrip('.')}"


def _after(span: timedelta) -> str:
    seconds = int(span.total_seconds())
    if seconds <= 0:
        return ", at once"
    parts = [(seconds // 86_400, "d"), (seconds % 86_400 // 3_600, "h"), (seconds % 3_600 // 60, "m")]
    said = " ".join(f"{count}{unit}" for count, unit in parts if count)
    return f", after {schedule.say(said) if said else f'{seconds} seconds'}"
