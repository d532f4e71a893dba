"""A flow in plain English, a sentence a node, in the order in which customers meet them. Deterministic."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from flowstudio.domain import rules_said, switched_off
from flowstudio.domain.graph import Edge, Graph, Node
from flowstudio.domain.nodes.base import Catalogue


@dataclass(frozen=True, kw_only=True, slots=True)
class Sentence:
    """What happens at `node`, and where each way out leads."""

    node: str
    text: str


def sentences(graph: Graph, catalogue: Catalogue) -> tuple[Sentence, ...]:
    """One sentence for each node, triggers first, then in the order of the lines; islands last."""
    by_id = {node.id: node for node in graph.nodes}
    out: dict[str, list[Edge]] = defaultdict(list)
    for edge in graph.edges:
        if edge.source in by_id and edge.target in by_id:
            out[edge.source].append(edge)
    triggers = [node.id for node in graph.nodes if (kind := catalogue.get(node.type)) and kind.trigger]
    order: list[str] = []
    seen: set[str] = set()
    for start in [*triggers, *by_id]:
        waiting = [start]
        while waiting:
            at = waiting.pop()
            if at in seen:
                continue
            seen.add(at)
            order.append(at)
            kind = catalogue.get(by_id[at].type)
            rank = {port.id: index for index, port in enumerate(kind.ports(by_id[at].config))} if kind else {}
            after = sorted(out[at], key=lambda edge: (rank.get(edge.source_port, 99), edge.id))
            waiting.extend(edge.target for edge in reversed(after))
    return tuple(Sentence(node=at, text=_sentence(at, by_id, catalogue, out[at])) for at in order)


def _sentence(at: str, nodes: Mapping[str, Node], catalogue: Catalogue, edges: list[Edge]) -> str:
    node = nodes[at]
    kind = catalogue.get(node.type)
    if kind is None:
        return f"{node.name or node.id}: a step of a kind that is not known here."
    off = node.disabled and switched_off.may_be(kind)
    said = "switched off, customers pass through" if off else kind.explain(node.config)
    labels = {port.id: port for port in kind.ports(node.config)}
    if off:
        out = switched_off.way(kind, node.config)
        edges = [edge for edge in edges if edge.source_port == out]
        labels = {out: labels[out]} if out in labels else {}
    ways = []
    for edge in sorted(
        edges, key=lambda item: list(labels).index(item.source_port) if item.source_port in labels else 99
    ):
        target = nodes[edge.target].name or edge.target
        port = labels.get(edge.source_port)
        if port is None or len(labels) == 1:
            ways.append(f"then “{target}”")
        elif port.kind == "error":
            ways.append(f"if it fails, “{target}”")
        else:
            ways.append(f"{port.label}: “{target}”")
    named = f"{node.name}: {said}" if node.name and node.name.lower() not in said.lower() else said
    return f"{named}{'; ' + ', '.join(ways) if ways else ''}."


def explain(graph: Graph, catalogue: Catalogue) -> str:
    """The whole flow as text: a line a node, then a line for each setting that is not as it comes."""
    told = [sentence.text for sentence in sentences(graph, catalogue)]
    return "\n".join([*told, *rules_said.said(graph.settings)])
