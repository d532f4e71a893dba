"""Layered layout: a place for every card of any well-formed graph, valid or not (Sugiyama's method on networkx).

`layout` is pure and deterministic: the same graph gives the same picture on every machine, because all budgets are
numbers of steps. Groups are blocks (`clusters`). The steps, each in its own file: `frame` numbers the cards and finds the main path, `acyclic` turns
round the edges that close cycles, `ranks` gives each card its rank, `order` its place within the rank, `across` and
`along` its pixels, `pack` sets unconnected pieces beside each other. `route` draws an edge the way the canvas does.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from flowstudio.domain.graph import Graph, Position
from flowstudio.domain.layout.across import across
from flowstudio.domain.layout.along import along, rows
from flowstudio.domain.layout.clusters import clustered
from flowstudio.domain.layout.frame import Direction, Piece, pieces
from flowstudio.domain.layout.order import Layers, improve
from flowstudio.domain.layout.pack import Box, pack
from flowstudio.domain.layout.polish import Polish
from flowstudio.domain.layout.ranks import ranks
from flowstudio.domain.nodes.base import Catalogue

__all__ = ["Direction", "layout"]

PIVOTS = 4_000
SWEEPS = 10
VERTICES = 8_000  # cards and bends that one start may visit
SECOND_LOOK = 700  # cards and bends up to which a second order is tried
TESTS = 750_000  # comparisons of two lines in the last polish


def layout(graph: Graph, catalogue: Catalogue, direction: Direction = "down") -> dict[str, Position]:
    """A position for every node: the first trigger's card at the origin, its main path straight on from there.

    The cards of a group stand together, and nothing else among them.
    """
    if not graph.groups:
        return _flat(graph, catalogue, direction, {})
    return clustered(graph, catalogue, lambda part, sizes: _flat(part, catalogue, direction, sizes))


def _flat(
    graph: Graph, catalogue: Catalogue, direction: Direction, sizes: Mapping[str, tuple[float, float]]
) -> dict[str, Position]:
    places: dict[str, Position] = {}
    drawn = [(piece, _draw(piece)) for piece in pieces(graph, catalogue, direction, sizes)]
    boxes = [_box(piece, place, direction) for piece, place in drawn]
    for (piece, place), (dx, dy) in zip(drawn, pack(boxes, [piece.triggers for piece, _ in drawn]), strict=True):
        # The pinned line is the middle of a card: tall and slim cards of one path share it.
        middle = piece.across[piece.main[0]] / 2
        for number, node in enumerate(piece.ids):
            side = place[number][0] - piece.across[number] / 2 + middle
            ahead = place[number][1]
            x, y = (side, ahead) if direction == "down" else (ahead, side)
            places[node] = Position(x=x + dx, y=y + dy)
    return places


def _draw(piece: Piece) -> list[tuple[float, float]]:
    """Centre across and top along for each card of one piece."""
    count = len(piece.ids)
    links = list(piece.links)
    on_main = set(pairwise(piece.main))
    weighted = [(source, target, 2 if (source, target) in on_main else 1) for source, target, _ in links]
    layers = Layers(count, ranks(count, weighted, pivots=PIVOTS), links)
    sweeps = max(4, min(SWEEPS, VERTICES // layers.size))
    best: list[list[int]] = []
    least = -1
    for mirrored in (False, True):
        layers.set(layers.by_walk([piece.main[0]], mirrored=mirrored))
        improve(layers, sweeps=sweeps)
        now = layers.crossings()
        if least < 0 or now < least:
            least, best = now, layers.layers
        if least == 0:
            break
    straight = rows(piece, layers)
    price, crossed, centre = _across(piece, layers, best, straight)
    if price and layers.size <= SECOND_LOOK:
        # The order of ports is a price, not a law: an order found without it may be the cheaper picture.
        layers.set(best)
        layers.forget_ports()
        improve(layers, sweeps=sweeps)
        other = _across(piece, layers, layers.layers, straight)
        if other[0] < price:
            _, crossed, centre = other
            best = layers.layers
    layers.set(best)
    top = along(piece, layers, centre)
    closed = Polish(piece, layers.rank, centre)
    closed.stand(top)
    if closed.total() > crossed:
        # Columns that close up make slanted lines meet: then straight rows are the clearer picture.
        top = rows(piece, layers, centre)
    first = top[piece.main[0]]
    return [(centre[n], top[n] - first) for n in range(count)]


def _across(
    piece: Piece, layers: Layers, order: list[list[int]], straight: list[float]
) -> tuple[int, int, list[float]]:
    """For one order, polished: its price (crossings of straight lines and ports out of order), crossings, centres."""
    layers.set(order)
    centre = across(piece, layers)
    polish = Polish(piece, layers.rank, centre)
    polish.stand(straight)
    crossed = polish.total()
    if crossed:
        polish.run(TESTS)
        crossed = polish.total()
        centre[: len(piece.ids)] = polish.x
    return crossed + polish.inversions(), crossed, centre


def _box(piece: Piece, place: list[tuple[float, float]], direction: Direction) -> Box:
    middle = piece.across[piece.main[0]] / 2
    first = min(p[0] - piece.across[n] / 2 for n, p in enumerate(place)) + middle
    last = max(p[0] + piece.across[n] / 2 for n, p in enumerate(place)) + middle
    top = min(p[1] for p in place)
    end = max(p[1] + piece.along[n] for n, p in enumerate(place))
    return (first, top, last, end) if direction == "down" else (top, first, end, last)
