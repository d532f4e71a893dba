"""The names an expression or template may use, each with its type and values that were seen."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from flowstudio.connectors.registry import CATALOGUE
from flowstudio.domain.graph import Graph
from flowstudio.services import graphs
from flowstudio.services.caller import Caller
from flowstudio.store.queries import customers as customer_queries
from flowstudio.store.queries import events as event_queries
from flowstudio.store.queries import flows as flow_queries
from flowstudio.store.queries import runs as run_queries

SAMPLES = 50
RUNS = 10
VALUES = 8
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


def variables(caller: Caller, *, flow: str = "", node: str = "") -> list[dict[str, Any]]:
    """The names an expression at `node` may use, each with its type and a value that was seen.

    Traits of the customers seen last, properties of the trigger's latest events, and the outputs of earlier nodes: as
    they were recorded lately, or by the node type's own sample. `values` holds what was really seen.
    """
    found: dict[str, dict[str, Any]] = {
        "customer.id": _variable("customer.id", "customer", ""),
        "customer.email": _variable("customer.email", "customer", ""),
    }
    for traits in customer_queries.recent_traits(caller.workspace_id, SAMPLES):
        _collect(found, "customer.traits", traits, "customer")
    found["event.name"] = _variable("event.name", "event", "")
    graph = graphs.parse(flow_queries.draft(caller.workspace_id, flow).graph) if flow else Graph()
    wanted = [str(each.config.get("event", "")) for each in graph.nodes if each.type == "trigger.event"]
    for payload in event_queries.recent_payloads(caller.workspace_id, [name for name in wanted if name], SAMPLES):
        properties = payload.get("properties") if isinstance(payload, dict) else None
        _collect(found, "event.properties", properties, "event")
    before = {each.id: each for each in _before(graph, node)}
    for earlier in before.values():
        kind = CATALOGUE.get(earlier.type)
        if kind is not None and kind.output:
            _collect_sample(found, f"steps.{earlier.id}.output", kind.output, earlier.name or earlier.id)
    for step in run_queries.recent_outputs(flow, before, RUNS) if flow and before else ():
        name = before[step.node].name or step.node
        _collect_sample(found, f"steps.{step.node}.output", step.output, name, recorded=True)
    return sorted(found.values(), key=lambda row: row["path"])


def event_names(caller: Caller) -> list[str]:
    """Names of track events that arrived lately, for completion."""
    return event_queries.names(caller.workspace_id, 2_000)


def _before(graph: Graph, node: str) -> Iterable[Any]:
    """The nodes from which `node` can be reached; all of them when it is not named."""
    if not node:
        return graph.nodes
    sources: dict[str, list[str]] = {}
    for edge in graph.edges:
        sources.setdefault(edge.target, []).append(edge.source)
    seen: set[str] = set()
    todo = list(sources.get(node, ()))
    while todo:
        here = todo.pop()
        if here not in seen:
            seen.add(here)
            todo.extend(sources.get(here, ()))
    return [each for each in graph.nodes if each.id in seen]


def _collect(found: dict[str, dict[str, Any]], prefix: str, values: object, source: str) -> None:
    if not isinstance(values, Mapping):
        return
    for name, value in values.items():
        path = f"{prefix}.{name}" if str(name).isidentifier() else f'{prefix}["{name}"]'
        known = found.get(path)
        if known is None or known["sample"] is None:
            found[path] = _variable(path, source, value) | ({"values": known["values"]} if known else {})
        _remember(found[path], value)


def _collect_sample(
    found: dict[str, dict[str, Any]],
    path: str,
    sample: object,
    source: str,
    *,
    recorded: bool = False,
    depth: int = 4,
) -> None:
    """A node's output with what lies inside it: what was recorded takes the place of what is only known to be so."""
    known = found.get(path)
    if known is None or (recorded and not known["values"] and _short(sample) is not None):
        found[path] = _variable(path, source, sample)
    if recorded:
        _remember(found[path], sample)
    if isinstance(sample, Mapping) and depth:
        for name, value in list(sample.items())[:SAMPLES]:
            if str(name).isidentifier():
                _collect_sample(found, f"{path}.{name}", value, source, recorded=recorded, depth=depth - 1)


def _remember(row: dict[str, Any], value: object) -> None:
    """Keeps a few different values as examples: those of a list are its members."""
    for each in value[:VALUES] if isinstance(value, list) else [value]:
        short = _short(each)
        fresh = isinstance(short, str | int | float) and short != "" and short not in row["values"]
        if fresh and len(row["values"]) < VALUES:
            row["values"].append(short)


def _variable(path: str, source: str, value: object) -> dict[str, Any]:
    return {"path": path, "type": _type(value), "sample": _short(value), "source": source, "values": []}


def _type(value: object) -> str:
    if isinstance(value, str) and _TIME.fullmatch(value):
        return "date"
    for kind, name in ((bool, "boolean"), (int, "number"), (float, "number"), (str, "string"), (list, "list")):
        if isinstance(value, kind):
            return name
    return "object" if isinstance(value, dict) else "any"


def _short(value: object) -> Any:
    if isinstance(value, str):
        return value[:120]
    if isinstance(value, list):
        return value[:5]
    return None if isinstance(value, dict) else value
