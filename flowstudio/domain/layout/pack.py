"""Setting unconnected pieces beside each other on shelves."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

Box = tuple[float, float, float, float]

GAP = 80
_GRID = 16


def pack(boxes: Sequence[Box], triggers: Sequence[int]) -> list[tuple[float, float]]:
    """How far to shift each piece: the leading one (a trigger, then the largest) stays, the others fill shelves."""
    shifts = [(0.0, 0.0)] * len(boxes)
    if len(boxes) < 2:
        return shifts
    order = sorted(range(len(boxes)), key=lambda n: (not triggers[n], -_area(boxes[n]), n))
    lead = boxes[order[0]]
    rest = order[1:]
    area = sum((_width(boxes[n]) + GAP) * (_height(boxes[n]) + GAP) for n in rest)
    widest = max(_width(boxes[n]) for n in rest)
    limit = max(widest, sqrt(area * 1.4))
    start = _up(lead[2] + GAP)
    x, y, shelf = start, lead[1], 0.0
    # Pieces of one height share a shelf, so that shelves waste little.
    for number in sorted(rest, key=lambda n: (not triggers[n], -_height(boxes[n]), n)):
        box = boxes[number]
        if x > start and x + _width(box) > start + limit:
            x, y, shelf = start, _up(y + shelf + GAP), 0.0
        shifts[number] = (x - box[0], y - box[1])
        x = _up(x + _width(box) + GAP)
        shelf = max(shelf, _height(box))
    return shifts


def _up(value: float) -> float:
    return float(-(-value // _GRID) * _GRID)


def _width(box: Box) -> float:
    return box[2] - box[0]


def _height(box: Box) -> float:
    return box[3] - box[1]


def _area(box: Box) -> float:
    return (_width(box) + GAP) * (_height(box) + GAP)
