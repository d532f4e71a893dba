"""Questions about a graph document, saved or not: is it right, where do its cards go, what does it say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from flowstudio.connectors.registry import CATALOGUE
from flowstudio.domain import flow_settings_check
from flowstudio.domain import graph as documents
from flowstudio.domain.explain import explain as explain_graph
from flowstudio.domain.graph import Graph
from flowstudio.domain.layout import layout as lay_out_graph
from flowstudio.domain.nodes.base import NodeType
from flowstudio.domain.validate import Issue
from flowstudio.domain.validate import validate as validate_graph

# Widgets whose entries become ports: the editor computes them in the browser while the author types.
_PORT_FIELDS = {"cases", "arms", "wait-branches"}


@cache
def node_types() -> tuple[dict[str, Any], ...]:
    """Every node type as the editor needs it; made once a process."""
    return tuple(_node_type(row) for row in CATALOGUE.values())


def _node_type(row: NodeType) -> dict[str, Any]:
    schema = row.config.model_json_schema(by_alias=True)
    fields = schema.get("properties", {})
    return {
        "type": row.type,
        "name": row.name,
        "category": row.category,
        "kind": row.kind,
        "icon": row.icon,
        "help": row.help,
        "schema": schema,
        "ports": [port_item(port) for port in row.ports({})],
        "ports_from": next((name for name, field in fields.items() if field.get("x-widget") in _PORT_FIELDS), ""),
        "summary": row.summary,
        "slim": row.slim,
        "trigger": row.trigger,
        "effect": row.effect,
        "idempotent": row.idempotent,
        "vendor": {"id": row.vendor.id, "name": row.vendor.name, "letter": row.vendor.letter} if row.vendor else None,
        "capability": row.capability,
        "price": row.price,
        "output": dict(row.output),
    }


@cache
def settings_schema() -> dict[str, Any]:
    """The JSON Schema of a graph's `settings`, for the editor's form; made once a process."""
    return flow_settings_check.schema()


def port_item(port: Any) -> dict[str, str]:
    """A port as answers show it."""
    return {"id": port.id, "label": port.label, "kind": port.kind}


def validate(graph: Graph) -> list[dict[str, Any]]:
    """Every issue of a graph, errors first as the domain orders them."""
    return [issue.as_dict() for issue in issues_of(graph)]


def issues_of(graph: Graph) -> tuple[Issue, ...]:
    """Every issue of a graph against the whole catalogue."""
    return validate_graph(graph, CATALOGUE)


def laid_out(graph: Graph, direction: str = "down") -> Graph:
    """The graph with a place for every card."""
    places = lay_out_graph(graph, CATALOGUE, direction="right" if direction == "right" else "down")
    return replace(
        graph, nodes=tuple(replace(node, position=places.get(node.id, node.position)) for node in graph.nodes)
    )


def placed(graph: Graph) -> Graph:
    """The graph as it stands when every card has a place, else laid out as a whole."""
    return graph if all(node.position for node in graph.nodes) else laid_out(graph)


def explain(graph: Graph) -> str:
    """The flow in plain English."""
    return explain_graph(graph, CATALOGUE)


def parse(document: object) -> Graph:
    """The document as a Graph, or GraphMalformed with every problem."""
    return documents.parse(document)


def serialise(graph: Graph) -> dict[str, Any]:
    """The document in its one deterministic form."""
    return documents.serialise(graph)


def empty() -> Mapping[str, Any]:
    """The document of a flow that was just made."""
    return documents.serialise(Graph())
