"""Groups in a layout: each is laid out by itself and stands as one block among the other cards.

A frame therefore never holds a card that is not its own, and a collapsed group takes the room of one card. The measures
are the canvas's (`frontend/src/graph/groups.ts`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from flowstudio.domain.graph import CARD_HEIGHT, CARD_WIDTH, Edge, Graph, Group, Node, Position
from flowstudio.domain.layout.frame import FOLDED, height
from flowstudio.domain.nodes.base import Catalogue

PAD = 12
HEAD = 22

Size = tuple[float, float]
Box = tuple[float, float, float, float]
LayOut = Callable[[Graph, Mapping[str, Size]], dict[str, Position]]


def around(members: Sequence[str], boxes: Mapping[str, Box]) -> Box:
    """The frame around cards: their bounds with room for the name above them."""
    there = [boxes[node] for node in members]
    return (
        min(box[0] for box in there) - PAD,
        min(box[1] for box in there) - PAD - HEAD,
        max(box[2] for box in there) + PAD,
        max(box[3] for box in there) + PAD,
    )


def boxes_of(graph: Graph, places: Mapping[str, Position], catalogue: Catalogue) -> dict[str, Box]:
    """Every card's left, top, right and bottom."""
    return {
        node.id: (at.x, at.y, at.x + CARD_WIDTH, at.y + height(node.type, catalogue))
        for node in graph.nodes
        for at in (places[node.id],)
    }


def card_of(group: Group, boxes: Mapping[str, Box]) -> Position:
    """Where the one card of a collapsed group stands: in the middle of what it stands for, at its top."""
    left = min(boxes[node][0] for node in group.nodes)
    right = max(boxes[node][2] for node in group.nodes)
    return Position(x=left + (right - left - CARD_WIDTH) / 2, y=min(boxes[node][1] for node in group.nodes))


def clustered(graph: Graph, catalogue: Catalogue, lay_out: LayOut) -> dict[str, Position]:
    """Positions of all cards, with every group in one block; `lay_out` places cards of given sizes."""
    owner = {node: group.id for group in graph.groups for node in group.nodes}
    inside: dict[str, dict[str, Position]] = {}
    sizes: dict[str, Size] = {}
    corner: dict[str, tuple[float, float]] = {}
    for group in graph.groups:
        members = set(group.nodes)
        part = Graph(
            nodes=tuple(node for node in graph.nodes if node.id in members),
            edges=tuple(edge for edge in graph.edges if edge.source in members and edge.target in members),
        )
        places = inside[group.id] = lay_out(part, {})
        boxes = boxes_of(part, places, catalogue)
        if group.collapsed:
            at = card_of(group, boxes)
            corner[group.id], sizes[group.id] = (at.x, at.y), (CARD_WIDTH, CARD_HEIGHT)
        else:
            left, top, right, bottom = around(group.nodes, boxes)
            corner[group.id], sizes[group.id] = (left, top), (right - left, bottom - top)
    placed = lay_out(_contracted(graph, owner), sizes)
    found = {node: at for node, at in placed.items() if node not in inside}
    for name, places in inside.items():
        dx, dy = placed[name].x - corner[name][0], placed[name].y - corner[name][1]
        found |= {node: Position(x=at.x + dx, y=at.y + dy) for node, at in places.items()}
    return found


def _contracted(graph: Graph, owner: Mapping[str, str]) -> Graph:
    """The graph with each group as one node, in the place of its first card."""
    nodes: dict[str, Node] = {}
    for node in graph.nodes:
        group = owner.get(node.id)
        nodes.setdefault(group or node.id, Node(id=group, type=FOLDED) if group else node)
    edges: list[Edge] = []
    for edge in graph.edges:
        source, target = owner.get(edge.source, edge.source), owner.get(edge.target, edge.target)
        if source != target:
            port = edge.source_port if source == edge.source else f"{edge.source} {edge.source_port}"
            edges.append(replace(edge, source=source, target=target, source_port=port))
    return Graph(nodes=tuple(nodes.values()), edges=tuple(edges))
