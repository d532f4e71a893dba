"""How an edge is drawn: an orthogonal polyline, the same on the canvas and in every export.

A line leaves the card's bottom at its port, bends below it and goes down to the middle of the target's top. Where a card
stands in the way it bends just above its target instead, or takes the gutter beside a card; a line that goes back up
runs round the side. `wires` gives every line a lane of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flowstudio.domain.graph import CARD_WIDTH, Edge, Graph, Position
from flowstudio.domain.layout.frame import height, ports
from flowstudio.domain.layout.tracks import Box, End, Point
from flowstudio.domain.layout.wires import Wires
from flowstudio.domain.nodes.base import Catalogue, Port

__all__ = ["Box", "Point", "Router", "place_ports", "route"]

STRAIGHT = 62


def place_ports(offsets: Sequence[float | None]) -> list[float]:
    """Where each port sits on the bottom border, as a share of the width.

    The port whose target stands straight below is at 50 %; ports left of it take 20 % and on, ports right of it end at
    80 %, in the order of their targets, so that branches leave without crossing. An open port (None) stays beside its
    neighbour. This is `placePorts` of the canvas.
    """
    count = len(offsets)
    if count <= 1:
        return [0.5] * count
    keys = [offset if offset is not None else _beside(offsets, at) for at, offset in enumerate(offsets)]
    order = sorted(range(count), key=lambda at: (keys[at], at))
    near = [(abs(offset), at) for at, offset in enumerate(offsets) if offset is not None and abs(offset) <= STRAIGHT]
    if near:
        pivot = order.index(min(near)[1])
    elif count == 2 or any(offset is not None for offset in offsets):
        pivot = -1
    else:
        pivot = (count - 1) // 2
    places = [0.5] * count
    for rank, port in enumerate(order):
        if pivot < 0:
            places[port] = 0.2 + 0.6 * rank / (count - 1)
        elif rank < pivot:
            places[port] = 0.2 + 0.3 * rank / pivot
        elif rank > pivot:
            places[port] = 0.8 - 0.3 * (count - 1 - rank) / (count - 1 - pivot)
    return places


def shares(wanted: Sequence[bool], offsets: Sequence[float | None]) -> list[float]:
    """Where a node's ports sit: this is `sharesOf` of the canvas.

    While nothing is connected, the ways that must lead on share the border as if they were alone, and those that may
    stay open stand at its right end.
    """
    count = sum(wanted)
    if count in (0, len(wanted)) or any(offset is not None for offset in offsets):
        return place_ports(offsets)
    main, rest = iter(place_ports([None] * count)), len(wanted) - count
    edge = iter((0.8 if count == 1 else 0.95) - 0.15 * (rest - 1 - number) for number in range(rest))
    return [next(main) if must else next(edge) for must in wanted]


def _beside(offsets: Sequence[float | None], at: int) -> float:
    for step in range(1, len(offsets)):
        before = offsets[at - step] if at - step >= 0 else None
        if before is not None:
            return before + step * 0.01
        after = offsets[at + step] if at + step < len(offsets) else None
        if after is not None:
            return after - step * 0.01
    return float(at)


class Router:
    """Routes the edges of one graph at given positions."""

    def __init__(self, graph: Graph, catalogue: Catalogue, positions: Mapping[str, Position]) -> None:
        self.boxes: dict[str, Box] = {}
        for node in graph.nodes:
            place = positions[node.id]
            self.boxes[node.id] = (place.x, place.y, place.x + CARD_WIDTH, place.y + height(node.type, catalogue))
        self.starts: dict[tuple[str, str], Point] = {}
        outs: dict[str, dict[str, str]] = {}
        for edge in graph.edges:
            if edge.target in self.boxes:
                outs.setdefault(edge.source, {}).setdefault(edge.source_port, edge.target)
        errors: set[tuple[str, str]] = set()
        optional: set[tuple[str, str]] = set()
        for node in graph.nodes:
            offered = ports(node.type, node.config, catalogue)
            self._place(node.id, offered, outs.get(node.id, {}))
            errors |= {(node.id, port.id) for port in offered if port.kind == "error"}
            optional |= {(node.id, port.id) for port in offered if port.kind == "error" or port.id == "not_found"}
        joined = [e for e in graph.edges if e.target in self.boxes and (e.source, e.source_port) in self.starts]
        lines = Wires(self.boxes).draw(
            [
                End(
                    e.source,
                    e.source_port,
                    e.target,
                    self.starts[e.source, e.source_port],
                    (e.source, e.source_port) in errors,
                )
                for e in joined
            ]
        )
        used = {(e.source, e.source_port) for e in joined}
        #: What no label may cover: cards, ports that are shown, and the + below one that still has to lead somewhere.
        self.solid: list[Box] = list(self.boxes.values())
        for at, (x, y) in self.starts.items():
            if at in used:
                self.solid.append((x - 5, y - 5, x + 5, y + 5))
            elif at not in optional:
                self.solid.append((x - 12, y - 5, x + 12, y + 38))
        self._lines = {edge.id: line for edge, line in zip(joined, lines, strict=True)}

    def _place(self, node: str, offered: Sequence[Port], used: Mapping[str, str]) -> None:
        left, _, _, bottom = self.boxes[node]
        may_stay_open = {port.id for port in offered if port.kind == "error"} | {"not_found"}
        names = list(dict.fromkeys([*(port.id for port in offered), *used]))
        offsets = [self.boxes[used[name]][0] - left if name in used else None for name in names]
        placed = shares([name not in may_stay_open for name in names], offsets)
        for name, share in zip(names, placed, strict=True):
            self.starts[node, name] = (left + share * CARD_WIDTH, bottom)

    def route(self, edge: Edge) -> list[Point]:
        """The corners of an edge from its port to its target's top, ends included; empty when an end is missing."""
        return self._lines.get(edge.id, [])


def route(graph: Graph, catalogue: Catalogue, positions: Mapping[str, Position]) -> dict[str, list[Point]]:
    """The corners of every edge by its id."""
    router = Router(graph, catalogue, positions)
    return {edge.id: router.route(edge) for edge in graph.edges}
