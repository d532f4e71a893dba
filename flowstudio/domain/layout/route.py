"""How an edge is drawn: an orthogonal polyline, the same on the canvas and in every export.

A line leaves the card's bottom at its port, bends 28 px below it and goes down to the middle of the target's top. Where
a card stands in the way it bends just above its target instead, or takes the gutter beside a card; a line that goes
back up runs round the side. The candidate that runs under the fewest cards wins, ties by the order above.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from flowstudio.domain.graph import CARD_WIDTH, Edge, Graph, Position
from flowstudio.domain.layout.frame import height, ports
from flowstudio.domain.nodes.base import Catalogue, Port

Point = tuple[float, float]
Box = tuple[float, float, float, float]

BEND = 28
GUTTER = 16
STRAIGHT = 62
_BUCKET = 256


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
        self._buckets: dict[tuple[int, int], list[str]] = {}
        for name, (left, top, right, bottom) in self.boxes.items():
            for cell in _cells(left, top, right, bottom):
                self._buckets.setdefault(cell, []).append(name)
        self.starts: dict[tuple[str, str], Point] = {}
        outs: dict[str, dict[str, str]] = {}
        for edge in graph.edges:
            if edge.target in self.boxes:
                outs.setdefault(edge.source, {}).setdefault(edge.source_port, edge.target)
        for node in graph.nodes:
            self._place(node.id, ports(node.type, node.config, catalogue), outs.get(node.id, {}))

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
        start = self.starts.get((edge.source, edge.source_port))
        box = self.boxes.get(edge.target)
        if start is None or box is None:
            return []
        end = ((box[0] + box[2]) / 2, box[1])
        best: list[Point] = []
        least = -1
        for points in self._candidates(edge, start, end):
            hits = self._hits(points)
            if least < 0 or hits < least:
                best, least = points, hits
            if hits == 0:
                break
        return best

    def _candidates(self, edge: Edge, start: Point, end: Point) -> Iterable[list[Point]]:
        (sx, sy), (tx, ty) = start, end
        room = ty - sy
        if room >= 12 and abs(sx - tx) < 1:
            yield [start, end]
        bend = sy + (BEND if room >= BEND + 12 else max(room / 2, 0))
        if room >= 12:
            if abs(sx - tx) >= 1:
                yield [start, (sx, bend), (tx, bend), end]
            if room > 2 * BEND and abs(sx - tx) >= 1:
                yield [start, (sx, ty - BEND), (tx, ty - BEND), end]
        else:
            bend = sy + BEND
        source, target = self.boxes[edge.source], self.boxes[edge.target]
        gutters = {target[0] - GUTTER, target[2] + GUTTER, source[0] - GUTTER, source[2] + GUTTER}
        if room < 12:
            gutters |= {min(source[0], target[0]) - 2 * GUTTER, max(source[2], target[2]) + 2 * GUTTER}
        for name in self._under([(tx, bend), (tx, ty)] if room >= 12 else [(sx, bend), (sx, ty)])[:4]:
            gutters |= {self.boxes[name][0] - GUTTER, self.boxes[name][2] + GUTTER}
        last = ty - (20 if room < 2 * BEND + 12 else BEND)
        for gutter in sorted(gutters, key=lambda x: (abs(x - sx) + abs(x - tx), x)):
            yield [start, (sx, bend), (gutter, bend), (gutter, last), (tx, last), end]

    def _under(self, points: Sequence[Point]) -> list[str]:
        """The cards that a polyline runs under, in the order it meets them."""
        found: dict[str, None] = {}
        for (ax, ay), (bx, by) in pairwise(points):
            left, right, top, bottom = min(ax, bx), max(ax, bx), min(ay, by), max(ay, by)
            for cell in _cells(left, top, right, bottom):
                for name in self._buckets.get(cell, ()):
                    box = self.boxes[name]
                    if box[0] < right + 0.5 and left - 0.5 < box[2] and box[1] < bottom - 0.5 and top + 0.5 < box[3]:
                        found[name] = None
        return list(found)

    def _hits(self, points: Sequence[Point]) -> int:
        return len(self._under(points))


def _cells(left: float, top: float, right: float, bottom: float) -> Iterable[tuple[int, int]]:
    for column in range(int(left // _BUCKET), int(right // _BUCKET) + 1):
        for row in range(int(top // _BUCKET), int(bottom // _BUCKET) + 1):
            yield column, row


def route(graph: Graph, catalogue: Catalogue, positions: Mapping[str, Position]) -> dict[str, list[Point]]:
    """The corners of every edge by its id."""
    router = Router(graph, catalogue, positions)
    return {edge.id: router.route(edge) for edge in graph.edges}
