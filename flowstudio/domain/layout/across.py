"""Where cards stand across the ranks: chains of straight successors are rigid blocks, the main path stands at 0.

A block is a run of cards and bends that share one place. Neighbours on a rank give difference constraints between
blocks; each block then moves to the weighted median of what it is linked to, as far as its neighbours let it. Every
chain is therefore exactly straight, and no step can make an overlap.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise

from flowstudio.domain.layout.frame import GAP_ACROSS, GRID, Piece
from flowstudio.domain.layout.order import Layers

BEND_CLEAR = 12
BEND_GAP = 16
ROUNDS = 6


def across(piece: Piece, layers: Layers) -> list[float]:
    """The centre of every vertex (cards and bends) across the ranks, a multiple of the grid, the main path at 0."""
    block, count = _blocks(piece, layers)
    right = _constraints(piece, layers, block, count)
    left: list[dict[int, float]] = [{} for _ in range(count)]
    for first, row in enumerate(right):
        for second, gap in row.items():
            left[second][first] = gap
    order = _topological(right, left)
    pinned = block[piece.main[0]]
    places = _start(order, left, right, pinned)
    links = _links(layers, block, count)
    for turn in range(ROUNDS):
        for number in order if turn % 2 else reversed(order):
            if number == pinned or not links[number]:
                continue
            low = max((places[other] + gap for other, gap in left[number].items()), default=-1e12)
            high = min((places[other] - gap for other, gap in right[number].items()), default=1e12)
            wish = _median(sorted((places[other], weight) for other, weight in links[number].items()))
            places[number] = min(max(wish, low), high)
    return [places[block[vertex]] for vertex in range(layers.size)]


def separation(piece: Piece, first: int, second: int) -> float:
    """How far apart the centres of two neighbours must be."""
    cards = len(piece.ids)
    a = piece.across[first] / 2 if first < cards else 0.0
    b = piece.across[second] / 2 if second < cards else 0.0
    if a and b:
        gap = a + b + GAP_ACROSS
    elif a or b:
        gap = a + b + BEND_CLEAR
    else:
        gap = BEND_GAP
    return -(-gap // GRID) * GRID


def _blocks(piece: Piece, layers: Layers) -> tuple[list[int], int]:
    """Which block each vertex belongs to. Of two links that cross, the one that matters more stays straight."""
    on_main = set(piece.main)
    top, bottom = _ends(layers)
    upper = [-1] * layers.size
    taken = [False] * layers.size
    for level in range(layers.count - 1):
        wishes: list[tuple[int, int, int, int]] = []
        for source in layers.layers[level]:
            for target in layers.down[source]:
                merit = _merit(piece, layers, (source, target), (top[source], bottom[target]), on_main)
                wishes.append((-merit, layers.pos[source], layers.pos[target], target))
        wishes.sort()
        froms: list[int] = []
        tos: list[int] = []
        for _, at, to, target in wishes:
            source = layers.layers[level][at]
            if taken[source] or upper[target] >= 0:
                continue
            slot = bisect_left(froms, at)
            if (slot > 0 and tos[slot - 1] > to) or (slot < len(tos) and tos[slot] < to):
                continue
            froms.insert(slot, at)
            tos.insert(slot, to)
            taken[source] = True
            upper[target] = source
    block = [-1] * layers.size
    count = 0
    for layer in layers.layers:
        for vertex in layer:
            if upper[vertex] >= 0:
                block[vertex] = block[upper[vertex]]
            else:
                block[vertex] = count
                count += 1
    return block, count


def _merit(piece: Piece, layers: Layers, link: tuple[int, int], ends: tuple[int, int], on_main: set[int]) -> int:
    cards = layers.cards
    source, target = link
    if piece.straight[ends[0]] == ends[1]:
        return 5 if ends[0] in on_main else 4
    if source >= cards and target >= cards:
        return 3
    # The last link of a long edge lines it up with the card it enters, the first with the card it leaves: lines bend
    # just below their source, so that the former is the rule and the latter would take the straight line's port.
    if source >= cards:
        return 2
    return 1 if len(layers.down[source]) == 1 else 0


def _ends(layers: Layers) -> tuple[list[int], list[int]]:
    """The card that each vertex's line comes from and the one it goes to; a card is its own end."""
    top = list(range(layers.size))
    bottom = list(range(layers.size))
    for layer in layers.layers:
        for vertex in layer:
            if vertex >= layers.cards:
                top[vertex] = top[layers.up[vertex][0][0]]
    for layer in reversed(layers.layers):
        for vertex in layer:
            if vertex >= layers.cards:
                bottom[vertex] = bottom[layers.down[vertex][0]]
    return top, bottom


def _constraints(piece: Piece, layers: Layers, block: list[int], count: int) -> list[dict[int, float]]:
    right: list[dict[int, float]] = [{} for _ in range(count)]
    for layer in layers.layers:
        for first, second in pairwise(layer):
            gap = separation(piece, first, second)
            row = right[block[first]]
            if row.get(block[second], 0.0) < gap:
                row[block[second]] = gap
        # A bend needs little room, but two cards with bends between them must not come closer than two cards do.
        cards = [vertex for vertex in layer if vertex < len(piece.ids)]
        for first, second in pairwise(cards):
            gap = separation(piece, first, second)
            row = right[block[first]]
            if row.get(block[second], 0.0) < gap:
                row[block[second]] = gap
    return right


def _topological(right: list[dict[int, float]], left: list[dict[int, float]]) -> list[int]:
    waiting = [len(row) for row in left]
    order = [number for number, count in enumerate(waiting) if count == 0]
    for number in order:
        for other in right[number]:
            waiting[other] -= 1
            if waiting[other] == 0:
                order.append(other)
    return order


def _start(order: list[int], left: list[dict[int, float]], right: list[dict[int, float]], pinned: int) -> list[float]:
    """Half way between packed to the left and packed to the right: feasible, because the constraints are convex."""
    low = [0.0] * len(order)
    for number in order:
        for other, gap in left[number].items():
            low[number] = max(low[number], low[other] + gap)
    high = [max(low, default=0.0)] * len(order)
    for number in reversed(order):
        for other, gap in right[number].items():
            high[number] = min(high[number], high[other] - gap)
    middle = [_snap((low[n] + high[n]) / 2) for n in range(len(order))]
    return [place - middle[pinned] for place in middle]


def _links(layers: Layers, block: list[int], count: int) -> list[dict[int, float]]:
    links: list[dict[int, float]] = [{} for _ in range(count)]
    for source in range(layers.size):
        for target in layers.down[source]:
            a, b = block[source], block[target]
            if a != b:
                links[a][b] = links[a].get(b, 0.0) + 1.0
                links[b][a] = links[b].get(a, 0.0) + 1.0
    return links


def _median(rows: Sequence[tuple[float, float]]) -> float:
    half = sum(weight for _, weight in rows) / 2
    run = 0.0
    for place, weight in rows:
        run += weight
        if run >= half:
            return place
    return rows[-1][0]


def _snap(value: float) -> float:
    return float(round(value / GRID) * GRID)
