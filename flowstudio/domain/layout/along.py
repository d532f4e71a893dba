"""Where cards stand along the ranks: as high as their predecessors, the cards above them and the lines beside allow.

Ranks give the order, not the place: a column of slim cards closes up instead of leaving the gaps of its tall
neighbours. A skyline keeps every card clear of what was placed before it, so that no two cards can overlap.
"""

from __future__ import annotations

from collections.abc import Sequence

from flowstudio.domain.layout.frame import GAP_ALONG, Piece
from flowstudio.domain.layout.order import Layers

BEND = 28
CLEAR = 12
_CELL = 16
# Less than half of what two cards keep free after one cell is lost to rounding: neighbours never share a cell.
_MARGIN = 4


class _Skyline:
    """The lowest bottom met so far, by cell across the ranks."""

    def __init__(self) -> None:
        self.bottom: dict[int, float] = {}

    def under(self, first: float, last: float) -> float:
        bottom = self.bottom
        return max((bottom.get(cell, 0.0) for cell in range(int(first // _CELL), int(last // _CELL) + 1)), default=0.0)

    def add(self, first: float, last: float, value: float) -> None:
        bottom = self.bottom
        for cell in range(int(first // _CELL), int(last // _CELL) + 1):
            if bottom.get(cell, 0.0) < value:
                bottom[cell] = value


def along(piece: Piece, layers: Layers, centre: Sequence[float]) -> list[float]:
    """The top of every card along the ranks, the first at 0."""
    cards = len(piece.ids)
    parents: list[list[int]] = [[] for _ in range(cards)]
    children: list[list[int]] = [[] for _ in range(cards)]
    for source, target, _ in piece.links:
        parents[target].append(source)
        children[source].append(target)
    gap = room(piece, centre)
    top = [0.0] * cards
    solid = _Skyline()  # bottoms of cards, with the gap that a card below keeps
    lines = _Skyline()  # bends: a card below a line keeps less
    for layer in layers.layers:
        here = [vertex for vertex in layer if vertex < cards]
        bending = {v: _run(centre, v, children[v]) for v in here}
        # A card whose lines go sideways comes last: its bend must clear the cards beside it.
        for vertex in sorted(here, key=lambda v: bending[v] is not None):
            half = piece.across[vertex] / 2 + _MARGIN
            first, last = centre[vertex] - half, centre[vertex] + half
            place = max((top[p] + piece.along[p] + gap[p] for p in parents[vertex]), default=0.0)
            place = max(place, solid.under(first, last), lines.under(first, last))
            run = bending[vertex]
            if run is not None:
                side = piece.across[vertex] / 2 + 1
                clear = 0.0
                if run[0] < centre[vertex] - side:
                    clear = max(clear, solid.under(run[0], centre[vertex] - side))
                if run[1] > centre[vertex] + side:
                    clear = max(clear, solid.under(centre[vertex] + side, run[1]))
                if clear:
                    place = max(place, clear - GAP_ALONG + CLEAR - BEND - piece.along[vertex])
            top[vertex] = float(-(-place // 4) * 4)
            solid.add(first, last, top[vertex] + piece.along[vertex] + GAP_ALONG)
        for vertex, run in bending.items():
            if run is not None:
                lines.add(
                    run[0], run[1], top[vertex] + piece.along[vertex] + BEND + CLEAR + gap[vertex] - piece.gap[vertex]
                )
    return top


def room(piece: Piece, centre: Sequence[float]) -> list[float]:
    """What each card keeps free below it: more where several of its lines go to the same side, each in its lane."""
    sides = [[0, 0] for _ in piece.ids]
    for source, target, _ in piece.links:
        if (target, source) in piece.turned and piece.straight[source] != target:
            continue
        lines = 1 + piece.doubles.get((source, target), 0)
        if piece.straight[source] == target and centre[target] == centre[source]:
            lines -= 1
        sides[source][centre[target] >= centre[source]] += lines
    return [gap + piece.lane * max(max(side) - 1, 0) for gap, side in zip(piece.gap, sides, strict=True)]


def rows(piece: Piece, layers: Layers, centre: Sequence[float] | None = None) -> list[float]:
    """The top of every card when each rank is one straight row: roomier, and lines between rows cannot meet cards."""
    gap = piece.gap if centre is None else room(piece, centre)
    top = [0.0] * len(piece.ids)
    place = 0.0
    for layer in layers.layers:
        here = [vertex for vertex in layer if vertex < len(piece.ids)]
        for vertex in here:
            top[vertex] = place
        place += max((piece.along[vertex] for vertex in here), default=0.0)
        place += max((gap[vertex] for vertex in here), default=float(GAP_ALONG))
    return top


def _run(centre: Sequence[float], vertex: int, children: list[int]) -> tuple[float, float] | None:
    """How far a card's lines reach to either side just below it; None when they all go straight on."""
    first = min((centre[child] for child in children), default=centre[vertex])
    last = max((centre[child] for child in children), default=centre[vertex])
    first, last = min(first, centre[vertex]), max(last, centre[vertex])
    return None if first == last else (first, last)
