"""Lanes: the lines of a whole graph, each on a track of its own.

Every line tries its shapes with the bends moved from lane to lane and keeps the cheapest: one under no card, on nobody
else's track, with few crossings, short. Lines share a track only where they leave one port or come into one card: from
different cards they may join early, from one card they join just above the target. `wires.ts` of the canvas is the
mirror, step by step; `tests/fixtures/routes.json` holds both to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

Point = tuple[float, float]
Box = tuple[float, float, float, float]

BEND = 28
LABELLED = 24  # between two lanes that both carry a name
LANE = 12
NEAR = 9  # closer than this, two parallel lines are one to the eye
JOINT = 40  # how much two lines from one card may share above their target

_BUCKET = 256
_FIRST, _LAST, _LEVEL = 1, 2, 4  # leaves the port; comes into the target; the level run just before that
_UNDER, _SHARED, _NEAR, _CROSS, _JOIN, _CORNER = 10_000.0, 2_000.0, 150.0, 30.0, 12.0, 5.0


@dataclass(frozen=True, slots=True)
class End:
    """One edge to draw: cards by name, where it starts, whether it is a way of errors."""

    source: str
    port: str
    target: str
    start: Point
    error: bool = False


@dataclass(frozen=True, slots=True)
class _Run:
    flat: bool
    at: float
    low: float
    high: float
    edge: int
    part: int


class Wires:
    """Draws edges among cards."""

    def __init__(self, boxes: Mapping[str, Box]) -> None:
        self.boxes = boxes
        self._cards: dict[tuple[int, int], list[Box]] = {}
        self._runs: dict[tuple[int, int], list[_Run]] = {}
        for box in boxes.values():
            for cell in cells(*box):
                self._cards.setdefault(cell, []).append(box)
        self._left = min((box[0] for box in boxes.values()), default=0.0)
        self._right = max((box[2] for box in boxes.values()), default=0.0)
        self._ends: Sequence[End] = ()

    def draw(self, ends: Sequence[End]) -> list[list[Point]]:
        """The corners of each edge, its ends included, in the order given."""
        self._ends = ends
        entries = [_entry(self.boxes[end.target]) for end in ends]
        for number, (end, (tx, ty)) in enumerate(zip(ends, entries, strict=True)):
            # Both ends of a line are fixed: nobody else may settle there first.
            sx, sy = end.start
            straight = _FIRST | _LAST if sx == tx and ty > sy else 0
            self._add(_Run(False, sx, sy, sy + 14, number, straight or _FIRST))
            self._add(_Run(False, tx, ty - 14, ty, number, straight or _LAST))
        bends = self._bends(entries)
        pairs: dict[tuple[str, str], int] = {}
        for end in ends:
            pairs[end.source, end.target] = pairs.get((end.source, end.target), 0) + 1
        lines: list[list[Point]] = [[] for _ in ends]
        # Short lines first: they have the fewest ways to go, and nested ones then wrap around each other.
        order = sorted(range(len(ends)), key=lambda n: (_far(ends[n].start, entries[n]), n))
        for number in order:
            end = ends[number]
            double = pairs[end.source, end.target] > 1
            line = self._best(number, entries[number], bends[number], double)
            lines[number] = line
            for run in _runs(line, number):
                self._add(run)
        return lines

    def _bends(self, entries: Sequence[Point]) -> list[float]:
        """How far below its card each line bends: the outermost of a side first, the next ones below it."""
        sides: dict[tuple[str, bool], list[int]] = {}
        rooms: dict[str, float] = {}
        for number, end in enumerate(self._ends):
            (sx, sy), (tx, ty) = end.start, entries[number]
            if ty > sy:
                rooms[end.source] = min(rooms.get(end.source, 1e9), ty - sy)
            if sx == tx and ty > sy and not self._under(False, sx, sy, ty):
                continue
            bend = sy + BEND
            free = not self._under(True, bend, min(sx, tx), max(sx, tx)) and not self._under(False, tx, bend, ty)
            box = self.boxes[end.source]
            right = tx > sx if free and ty > sy else sx >= (box[0] + box[2]) / 2
            sides.setdefault((end.source, right), []).append(number)
        bends = [float(BEND)] * len(entries)
        for (source, right), numbers in sides.items():
            numbers.sort(key=lambda n: (-self._ends[n].start[0] if right else self._ends[n].start[0], n))
            room = rooms.get(source, 1e9)
            first = BEND if room >= BEND + 12 else max(room / 2, 8.0)
            step = min(float(LABELLED), max((room - 56) / max(len(numbers) - 1, 1), 0.0))
            for turn, number in enumerate(numbers):
                bends[number] = first + step * turn
        return bends

    def _best(self, number: int, entry: Point, bend: float, double: bool) -> list[Point]:
        end = self._ends[number]
        (sx, sy), (tx, ty) = end.start, entry
        best: list[Point] = []
        least = 1e18

        def judge(line: list[Point], extra: float = 0.0) -> None:
            nonlocal best, least
            price = extra + _CORNER * (len(line) - 2) + 0.05 * _long(line)
            if price >= least:
                return
            for run in _runs(line, number):
                price += self._price(run)
                if price >= least:
                    return
            best, least = line, price

        if ty - sy >= 12:
            if abs(sx - tx) < 1:
                judge([end.start, entry])
                if least < _CROSS:
                    return best
            else:
                low, high = sy + 8, ty - 10
                for shift in (0, LANE, -LANE, 2 * LANE, -2 * LANE, 3 * LANE):
                    y = sy + bend + shift
                    if low <= y <= high:
                        judge([end.start, (sx, y), (tx, y), entry], 0.2 * abs(shift))
                for shift in (0, LANE, -LANE, -2 * LANE):
                    y = ty - BEND + shift
                    if low <= y <= high:
                        judge([end.start, (sx, y), (tx, y), entry], 8 + 0.2 * abs(shift))
        if least >= _CROSS:
            for x, extra in self._gutters(end, entry, bend, double):
                self._round(number, entry, bend, x, extra, least, judge)
        if least >= _NEAR:
            for turn in range(1, 9):
                for x in (self._left - turn * LANE - 8, self._right + turn * LANE + 8):
                    self._round(number, entry, bend, x, 0.0, least, judge)
        if least >= _SHARED and ty - sy >= 24 and abs(sx - tx) >= 1:
            # The last resort is any free height at all.
            for at in range(8, min(int(ty - sy) - 10, 160), 3):
                judge([end.start, (sx, sy + at), (tx, sy + at), entry], 12.0)
        return best

    def _round(
        self,
        number: int,
        entry: Point,
        bend: float,
        x: float,
        extra: float,
        least: float,
        judge: Callable[[list[Point], float], None],
    ) -> None:
        """Down to a lane, along it to the gutter at `x`, along that, and in over the target."""
        (sx, sy), (tx, ty) = self._ends[number].start, entry
        down = ty - sy >= 12
        high = ty - 10 if down else 1e9
        shifts = (0.0, LANE, -LANE, 2.0 * LANE, -2.0 * LANE, 6.0, -6.0, 18.0, -18.0, 3.0, -3.0, 9.0, -9.0)
        outs = [sy + bend + shift for shift in shifts if sy + 8 <= sy + bend + shift <= high]
        back = BEND if ty - sy >= 2 * BEND + 12 or not down else 20
        ins = [
            ty - back + shift for shift in shifts if (not down or ty - back + shift >= sy + 8) and shift <= back - 10
        ]
        # What every line through this gutter costs at least.
        if extra + _CORNER * 4 + 0.05 * (abs(sx - x) + abs(tx - x) + abs(ty - sy)) >= least:
            return
        middle = self._price(_Run(False, x, *_span(sy + bend, ty - back), number, 0))
        if middle >= least:
            return
        first = self._cheapest(
            outs,
            lambda y: (
                _Run(True, y, *_span(sx, x), number, 0),
                _Run(False, sx, sy, y, number, _FIRST),
                _Run(False, x, *_span(y, ty - back), number, 0),
            ),
        )
        if first is None:
            return
        last = self._cheapest(
            ins,
            lambda y: (
                _Run(True, y, *_span(x, tx), number, _LEVEL),
                _Run(False, tx, y, ty, number, _LAST),
                _Run(False, x, *_span(first, y), number, 0),
            ),
        )
        if last is None:
            return
        judge([(sx, sy), (sx, first), (x, first), (x, last), (tx, last), (tx, ty)], extra)

    def _cheapest(self, places: Sequence[float], runs: Callable[[float], tuple[_Run, _Run, _Run]]) -> float | None:
        best: float | None = None
        least = 1e18
        for turn, y in enumerate(places):
            price = 0.5 * turn
            for run in runs(y):
                price += self._price(run)
                if price >= least:
                    break
            else:
                best, least = y, price
            if least <= 0.5 * turn:
                break
        return best

    def _gutters(self, end: End, entry: Point, bend: float, double: bool) -> list[tuple[float, float]]:
        """Where a line may go down beside a card, and what that costs beyond its length."""
        (sx, sy), (tx, ty) = end.start, entry
        down = ty - sy >= 12
        source, target = self.boxes[end.source], self.boxes[end.target]
        boxes = [source, target]
        boxes += (self._under(False, tx, sy + bend, ty) if down else self._under(False, sx, *_span(sy + bend, ty)))[:4]
        found: dict[float, float] = {}
        for box in boxes:
            for out, price in ((16, 0.0), (26, 2.0), (38, 4.0), (6, 6.0), (50, 6.0)):
                for x in (box[0] - out, box[2] + out):
                    found[x] = min(found.get(x, price), price)
        if double and down:
            for turn in (1, 2, 3):
                for x in (tx - turn * LANE, tx + turn * LANE):
                    found[x] = min(found.get(x, 2.0), 2.0)
        return sorted(found.items(), key=lambda row: (0.05 * (abs(row[0] - sx) + abs(row[0] - tx)) + row[1], row[0]))

    def _price(self, run: _Run) -> float:
        total = _UNDER * len(self._under(run.flat, run.at, run.low, run.high))
        met: set[int] = set()
        for cell in _along(run, NEAR):
            for other in self._runs.get(cell, ()):
                if other.edge == run.edge or id(other) in met:
                    continue
                met.add(id(other))
                if other.flat != run.flat:
                    if run.low < other.at < run.high and other.low < run.at < other.high:
                        total += _CROSS
                elif abs(other.at - run.at) < NEAR:
                    shared = min(run.high, other.high) - max(run.low, other.low)
                    if shared > 0:
                        total += self._shared(run, other, shared)
        return total

    def _shared(self, run: _Run, other: _Run, shared: float) -> float:
        mine, yours = self._ends[run.edge], self._ends[other.edge]
        both = run.part & other.part
        gap = abs(run.at - other.at)
        same = gap == 0
        if both & _FIRST and mine.source == yours.source and mine.port == yours.port and same:
            return 0.0
        if mine.target == yours.target and same:
            if both & _LAST:
                if mine.source == yours.source:
                    return 0.0 if shared <= JOINT else _SHARED + shared
                return 0.0 if mine.error == yours.error else 0.3 * max(shared - JOINT, 0.0)
            if both & _LEVEL and mine.source != yours.source and mine.error == yours.error:
                return _JOIN
        if shared <= 8:
            return shared
        return _NEAR + 0.2 * shared if gap >= 2 else _SHARED + shared

    def _under(self, flat: bool, at: float, low: float, high: float) -> list[Box]:
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

    def _add(self, run: _Run) -> None:
        for cell in _along(run, 0):
            self._runs.setdefault(cell, []).append(run)


def cells(left: float, top: float, right: float, bottom: float) -> Iterable[tuple[int, int]]:
    """The squares of a coarse grid that a box touches."""
    for column in range(int(left // _BUCKET), int(right // _BUCKET) + 1):
        for row in range(int(top // _BUCKET), int(bottom // _BUCKET) + 1):
            yield column, row


def _along(run: _Run, wide: float) -> Iterable[tuple[int, int]]:
    if run.flat:
        return cells(run.low, run.at - wide, run.high, run.at + wide)
    return cells(run.at - wide, run.low, run.at + wide, run.high)


def _runs(line: Sequence[Point], edge: int) -> list[_Run]:
    count = len(line) - 1
    runs = []
    for at, ((ax, ay), (bx, by)) in enumerate(pairwise(line)):
        flat = ay == by and ax != bx
        part = (
            (_FIRST if at == 0 else 0) | (_LAST if at == count - 1 else 0) | (_LEVEL if at == count - 2 and flat else 0)
        )
        low, high = _span(ax, bx) if flat else _span(ay, by)
        runs.append(_Run(flat, ay if flat else ax, low, high, edge, part))
    return runs


def _entry(box: Box) -> Point:
    return (box[0] + box[2]) / 2, box[1]


def _span(a: float, b: float) -> tuple[float, float]:
    return (a, b) if a <= b else (b, a)


def _far(a: Point, b: Point) -> float:
    return abs(a[0] - b[0]) + abs(a[1] - b[1])


def _long(line: Sequence[Point]) -> float:
    total = 0.0
    for a, b in pairwise(line):
        total += _far(a, b)
    return total
