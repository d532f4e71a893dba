"""Which tracks lines have taken, and what it costs to take another: under a card, on somebody's track, across a line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

Point = tuple[float, float]
Box = tuple[float, float, float, float]

NEAR = 9  # closer than this, two parallel lines are one to the eye
JOINT = 40  # how much two lines from one card may share above their target
FIRST, LAST, LEVEL = 1, 2, 4  # leaves the port; comes into the target; the level run just before that
UNDER, SHARED, CLOSE, CROSS, JOIN = 10_000.0, 2_000.0, 150.0, 30.0, 12.0

_BUCKET = 256


@dataclass(frozen=True, slots=True)
class End:
    """One edge to draw: cards by name, where it starts, whether it is a way of errors."""

    source: str
    port: str
    target: str
    start: Point
    error: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """A straight piece of a line: level (`flat`) or upright, where it lies, from where to where."""

    flat: bool
    at: float
    low: float
    high: float
    edge: int
    part: int


class Tracks:
    """The cards and the runs that lie among them."""

    def __init__(self, boxes: Mapping[str, Box], ends: Sequence[End]) -> None:
        self._ends = ends
        self._cards: dict[tuple[int, int], list[Box]] = {}
        self._taken: dict[tuple[int, int], list[Run]] = {}
        for box in boxes.values():
            for cell in cells(*box):
                self._cards.setdefault(cell, []).append(box)

    def price(self, run: Run) -> float:
        """What a run costs beyond its length."""
        total = UNDER * len(self.under(run.flat, run.at, run.low, run.high))
        met: set[int] = set()
        for cell in _along(run, NEAR):
            for other in self._taken.get(cell, ()):
                if other.edge == run.edge or id(other) in met:
                    continue
                met.add(id(other))
                if other.flat != run.flat:
                    if run.low < other.at < run.high and other.low < run.at < other.high:
                        total += CROSS
                elif abs(other.at - run.at) < NEAR:
                    shared = min(run.high, other.high) - max(run.low, other.low)
                    if shared > 0:
                        total += self._shared(run, other, shared)
        return total

    def _shared(self, run: Run, other: Run, shared: float) -> float:
        mine, yours = self._ends[run.edge], self._ends[other.edge]
        both = run.part & other.part
        gap = abs(run.at - other.at)
        same = gap == 0
        if both & FIRST and mine.source == yours.source and mine.port == yours.port and same:
            return 0.0
        if mine.target == yours.target and same:
            if both & LAST:
                if mine.source == yours.source:
                    return 0.0 if shared <= JOINT else SHARED + shared
                return 0.0 if mine.error == yours.error else 0.3 * max(shared - JOINT, 0.0)
            if both & LEVEL and mine.source != yours.source and mine.error == yours.error:
                return JOIN
        if shared <= 8:
            return shared
        return CLOSE + 0.2 * shared if gap >= 2 else SHARED + shared

    def under(self, flat: bool, at: float, low: float, high: float) -> list[Box]:
        """The cards that a run passes under or grazes."""
        if flat:
            left, top, right, bottom = low - 3, at - 4, high + 3, at + 4
        else:
            left, top, right, bottom = at - 3, low + 0.5, at + 3, high - 0.5
        found: dict[Box, None] = {}
        for cell in cells(left, top, right, bottom):
            for box in self._cards.get(cell, ()):
                if box[0] < right and left < box[2] and box[1] < bottom and top < box[3]:
                    found[box] = None
        return list(found)

    def add(self, run: Run) -> None:
        """Take the track."""
        for cell in _along(run, 0):
            self._taken.setdefault(cell, []).append(run)


def cells(left: float, top: float, right: float, bottom: float) -> Iterable[tuple[int, int]]:
    """The squares of a coarse grid that a box touches."""
    for column in range(int(left // _BUCKET), int(right // _BUCKET) + 1):
        for row in range(int(top // _BUCKET), int(bottom // _BUCKET) + 1):
            yield column, row


def _along(run: Run, wide: float) -> Iterable[tuple[int, int]]:
    if run.flat:
        return cells(run.low, run.at - wide, run.high, run.at + wide)
    return cells(run.at - wide, run.low, run.at + wide, run.high)


def runs(line: Sequence[Point], edge: int) -> list[Run]:
    """The straight pieces of a line."""
    count = len(line) - 1
    found = []
    for at, ((ax, ay), (bx, by)) in enumerate(pairwise(line)):
        flat = ay == by and ax != bx
        part = (FIRST if at == 0 else 0) | (LAST if at == count - 1 else 0) | (LEVEL if at == count - 2 and flat else 0)
        low, high = span(ax, bx) if flat else span(ay, by)
        found.append(Run(flat, ay if flat else ax, low, high, edge, part))
    return found


def span(a: float, b: float) -> tuple[float, float]:
    """The two in order."""
    return (a, b) if a <= b else (b, a)
