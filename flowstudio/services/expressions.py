"""Help while typing: is this expression or template right, what would it say, which names may it use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils import timezone

from flowstudio.connectors.registry import CATALOGUE
from flowstudio.domain import expression, template
from flowstudio.domain.errors import ExpressionError, InputError, TemplateError
from flowstudio.domain.graph import Graph
from flowstudio.services import graphs
from flowstudio.services.caller import Caller
from flowstudio.store.models import Customer
from flowstudio.store.queries import customers as customer_queries
from flowstudio.store.queries import events as event_queries
from flowstudio.store.queries import flows as flow_queries
from flowstudio.store.queries import runs as run_queries

SAMPLES = 50
ESCAPES = ("none", "html", "slack", "header", "url")


def check(source: str, kind: str) -> dict[str, Any]:
    """Whether a CEL expression or a Liquid template compiles; where not, what is wrong and at which character."""
    try:
        if kind == "liquid":
            template.check(source)
            return {"ok": True, "message": "", "position": None, "references": []}
        expression.compile(source)
        return {"ok": True, "message": "", "position": None, "references": sorted(expression.references(source))}
    except ExpressionError as error:
        return {"ok": False, "message": error.message, "position": error.position, "references": []}
    except TemplateError as error:
        return {"ok": False, "message": error.message, "position": None, "line": error.line, "references": []}
    except InputError as error:
        return {"ok": False, "message": error.message, "position": None, "references": []}


def preview(
    caller: Caller, *, source: str, customer: str = "", flow: str = "", escape: template.Escape = "none"
) -> dict[str, Any]:
    """A template as one customer (or the one seen last) would get it; a template error is an InputError."""
    person = (
        customer_queries.one(caller.workspace_id, customer)
        if customer
        else customer_queries.newest(caller.workspace_id)
    )
    scope = scope_of(caller.workspace_id, person, flow)
    return {
        "text": template.render(source, scope, escape=escape),
        "customer": customer_queries.refs(caller.workspace_id, [person.id])[person.id] if person else None,
    }


def scope_of(workspace_id: str, customer: Customer | None, flow: str = "") -> dict[str, Any]:
    """What expressions see for a customer: their latest run (in `flow` when given) supplies event and outputs."""
    scope: dict[str, Any] = {
        "customer": {"id": "", "email": "", "traits": {}},
        "event": {"id": "", "name": "", "properties": {}, "context": {}},
        "run": {"id": "", "flow": ""},
        "steps": {},
        "now": timezone.now(),
    }
    if customer is None:
        return scope
    scope["customer"] = {
        "id": customer.external_id or customer.id,
        "email": customer.email,
        "traits": customer.traits,
    }
    runs = run_queries.listed(workspace_id, flow=flow, customer=customer.id).defer(None).order_by("-id")
    run = runs.first()
    if run is not None:
        scope["event"] = run.subject
        scope["run"] = {"id": run.id, "flow": run.flow_id}
        scope["steps"] = {step.node: {"output": step.output} for step in run_queries.steps([run.id])}
        return scope
    for event in event_queries.of_customer(workspace_id, customer.id, 1):
        payload = event.payload if isinstance(event.payload, dict) else {}
        scope["event"] = {
            "id": event.id,
            "name": event.name,
            "properties": payload.get("properties") or {},
            "context": payload.get("context") or {},
            "occurred_at": event.occurred_at,
            "received_at": event.received_at,
        }
    return scope


def variables(caller: Caller, *, flow: str = "", node: str = "") -> list[dict[str, Any]]:
    """The names an expression at `node` may use, each with its type and a value that was seen.

    Traits of the customers seen last, properties of the trigger's latest events, and the outputs of earlier nodes.
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
    for earlier in _before(graph, node):
        kind = CATALOGUE.get(earlier.type)
        if kind is not None and kind.output:
            _collect_sample(found, f"steps.{earlier.id}.output", kind.output, earlier.name or earlier.id)
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
            found[path] = _variable(path, source, value)


def _collect_sample(found: dict[str, dict[str, Any]], path: str, sample: object, source: str, depth: int = 4) -> None:
    """A node's output by its sample (`NodeType.output`), with what lies inside it."""
    found[path] = _variable(path, source, sample)
    if isinstance(sample, Mapping) and depth:
        for name, value in sample.items():
            if str(name).isidentifier():
                _collect_sample(found, f"{path}.{name}", value, source, depth - 1)


def _variable(path: str, source: str, value: object) -> dict[str, Any]:
    return {"path": path, "type": _type(value), "sample": _short(value), "source": source}


def _type(value: object) -> str:
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
