"""Groups as a drawing shows them: frames around the cards of open ones, one card for a collapsed one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from flowstudio.domain.drawing.label import clean
from flowstudio.domain.graph import Edge, Graph, Group, Node, Position
from flowstudio.domain.layout.clusters import Box, around, boxes_of, card_of
from flowstudio.domain.layout.frame import FOLDED, ports
from flowstudio.domain.nodes.base import Catalogue


@dataclass(frozen=True, kw_only=True, slots=True)
class Frame:
    """The frame of an open group; its name is clean, not escaped."""

    name: str
    box: Box
    nodes: tuple[str, ...]


def fold(graph: Graph, catalogue: Catalogue, places: Mapping[str, Position]) -> tuple[Graph, tuple[Frame, ...]]:
    """The graph with collapsed groups as one card each, every card at its place, and the frames of the open ones."""
    graph = replace(graph, nodes=tuple(replace(node, position=places[node.id]) for node in graph.nodes))
    if not graph.groups:
        return graph, ()
    boxes = boxes_of(graph, places, catalogue)
    frames = tuple(
        Frame(name=clean(group.name) or "Group", box=around(group.nodes, boxes), nodes=group.nodes)
        for group in graph.groups
        if not group.collapsed
    )
    closed = [group for group in graph.groups if group.collapsed]
    owner = {node: group.id for group in closed for node in group.nodes}
    edges = tuple(_outside(edge, owner) for edge in graph.edges if _crosses(edge, owner))
    nodes = [node for node in graph.nodes if node.id not in owner]
    nodes += [_card(group, graph, catalogue, owner, card_of(group, boxes)) for group in closed]
    return replace(graph, nodes=tuple(nodes), edges=edges, groups=()), frames


def _crosses(edge: Edge, owner: Mapping[str, str]) -> bool:
    source = owner.get(edge.source)
    return source is None or source != owner.get(edge.target)


def _outside(edge: Edge, owner: Mapping[str, str]) -> Edge:
    source, target = owner.get(edge.source, edge.source), owner.get(edge.target, edge.target)
    port = edge.source_port if source == edge.source else f"{edge.source} {edge.source_port}"
    return replace(edge, source=source, target=target, source_port=port)


def _card(group: Group, graph: Graph, catalogue: Catalogue, owner: Mapping[str, str], at: Position) -> Node:
    by_id = {node.id: node for node in graph.nodes}
    ways: list[dict[str, str]] = []
    entries = 0
    for edge in graph.edges:
        if not _crosses(edge, owner):
            continue
        if owner.get(edge.source) == group.id:
            source = by_id[edge.source]
            port = next(
                (one for one in ports(source.type, source.config, catalogue) if one.id == edge.source_port), None
            )
            label = port.label if port is not None and port.id != "out" else source.name or source.id
            kind = port.kind if port is not None else "main"
            ways.append({"id": f"{edge.source} {edge.source_port}", "label": label, "kind": kind})
        elif owner.get(edge.target) == group.id:
            entries += 1
    count = len(group.nodes)
    return Node(
        id=group.id,
        type=FOLDED,
        name=group.name or "Group",
        config={
            "said": f"{count} {'step' if count == 1 else 'steps'}",
            "foot": f"{entries} in, {len(ways)} out",
            "ports": ways,
        },
        position=at,
    )
