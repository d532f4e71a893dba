"""Lanes: the lines of a whole graph, each on a track of its own.

Every line tries its shapes with the bends moved from lane to lane and keeps the cheapest: one under no card, on nobody
else's track, with few crossings, short. Lines share a track only where they leave one port or come into one card: from
different cards they may join early, from one card they join just above the target. `wires.ts` of the canvas is the
mirror, step by step; `tests/fixtures/routes.json` holds both to it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

from flowstudio.domain.layout.tracks import (
    CLOSE,
    CROSS,
    FIRST,
    LAST,
    LEVEL,
    SHARED,
    Box,
    End,
    Point,
    Run,
    Tracks,
    runs,
    span,
)

BEND = 28
LABELLED = 24  # between two lanes that both carry a name
LANE = 12
_CORNER = 5.0
# Lanes first, then finer steps: better a few pixels apart than on one track.
_SHIFTS = (0, 12, -12, 24, -24, 36, -36, 6, -6, 18, -18, 30, -30, 3, -3, 9, -9)


class Wires:
    """Draws edges among cards."""

    def __init__(self, boxes: Mapping[str, Box]) -> None:
        self.boxes = boxes
        self._left = min((box[0] for box in boxes.values()), default=0.0)
        self._right = max((box[2] for box in boxes.values()), default=0.0)
        self._ends: Sequence[End] = ()
        self._tracks = Tracks(boxes, ())

    def draw(self, ends: Sequence[End]) -> list[list[Point]]:
        """The corners of each edge, its ends included, in the order given."""
        self._ends = ends
        self._tracks = Tracks(self.boxes, ends)
        entries = [_entry(self.boxes[end.target]) for end in ends]
        for number, (end, (tx, ty)) in enumerate(zip(ends, entries, strict=True)):
            # Both ends of a line are fixed: nobody else may settle there first.
            sx, sy = end.start
            straight = FIRST | LAST if sx == tx and ty > sy else 0
            self._tracks.add(Run(False, sx, sy, sy + 14, number, straight or FIRST))
            self._tracks.add(Run(False, tx, ty - 14, ty, number, straight or LAST))
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
            for run in runs(line, number):
                self._tracks.add(run)
        return lines

    def _bends(self, entries: Sequence[Point]) -> list[float]:
        """How far below its card each line bends: the outermost of a side first, the next ones below it."""
        sides: dict[tuple[str, bool], list[int]] = {}
        rooms: dict[str, float] = {}
        for number, end in enumerate(self._ends):
            (sx, sy), (tx, ty) = end.start, entries[number]
            if ty > sy:
                rooms[end.source] = min(rooms.get(end.source, 1e9), ty - sy)
            if sx == tx and ty > sy and not self._tracks.under(False, sx, sy, ty):
                continue
            bend = sy + BEND
            free = not self._tracks.under(True, bend, min(sx, tx), max(sx, tx)) and not self._tracks.under(
                False, tx, bend, ty
            )
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
            for run in runs(line, number):
                price += self._tracks.price(run)
                if price >= least:
                    return
            best, least = line, price

        if ty - sy >= 12:
            if abs(sx - tx) < 1:
                judge([end.start, entry])
                if least < CROSS:
                    return best
            else:
                low, high = sy + 8, ty - 10
                for shift in (0, LANE, -LANE, 2 * LANE, -2 * LANE, 3 * LANE, -3 * LANE):
                    y = sy + bend + shift
                    if low <= y <= high:
                        judge([end.start, (sx, y), (tx, y), entry], 0.2 * abs(shift))
                for shift in (0, LANE, -LANE, -2 * LANE):
                    y = ty - BEND + shift
                    if low <= y <= high:
                        judge([end.start, (sx, y), (tx, y), entry], 8 + 0.2 * abs(shift))
        if least >= CROSS:
            for x, extra in self._gutters(end, entry, bend, double):
                self._round(number, entry, bend, x, extra, least, judge)
        if least >= CLOSE:
            for turn in range(1, 9):
                for x in (self._left - turn * LANE - 8, self._right + turn * LANE + 8):
                    self._round(number, entry, bend, x, 0.0, least, judge)
        if least >= SHARED and ty - sy >= 24 and abs(sx - tx) >= 1:
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
        shifts = _SHIFTS
        outs = [sy + bend + shift for shift in shifts if sy + 8 <= sy + bend + shift <= high]
        back = BEND if ty - sy >= 2 * BEND + 12 or not down else 20
        ins = [
            ty - back + shift for shift in shifts if (not down or ty - back + shift >= sy + 8) and shift <= back - 10
        ]
        # What every line through this gutter costs at least.
        if extra + _CORNER * 4 + 0.05 * (abs(sx - x) + abs(tx - x) + abs(ty - sy)) >= least:
            return
        middle = self._tracks.price(Run(False, x, *span(sy + bend, ty - back), number, 0))
        if middle >= least:
            return
        first = self._cheapest(
            outs,
            lambda y: (
                Run(True, y, *span(sx, x), number, 0),
                Run(False, sx, sy, y, number, FIRST),
                Run(False, x, *span(y, ty - back), number, 0),
            ),
        )
        if first is None:
            return
        last = self._cheapest(
            ins,
            lambda y: (
                Run(True, y, *span(x, tx), number, LEVEL),
                Run(False, tx, y, ty, number, LAST),
                Run(False, x, *span(first, y), number, 0),
            ),
        )
        if last is None:
            return
        judge([(sx, sy), (sx, first), (x, first), (x, last), (tx, last), (tx, ty)], extra)

    def _cheapest(self, places: Sequence[float], parts: Callable[[float], tuple[Run, Run, Run]]) -> float | None:
        best: float | None = None
        least = 1e18
        for turn, y in enumerate(places):
            price = 0.5 * turn
            for run in parts(y):
                price += self._tracks.price(run)
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
        boxes += (
            self._tracks.under(False, tx, sy + bend, ty)
            if down
            else self._tracks.under(False, sx, *span(sy + bend, ty))
        )[:4]
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


def _entry(box: Box) -> Point:
    return (box[0] + box[2]) / 2, box[1]


def _far(a: Point, b: Point) -> float:
    return abs(a[0] - b[0]) + abs(a[1] - b[1])


def _long(line: Sequence[Point]) -> float:
    total = 0.0
    for a, b in pairwise(line):
        total += _far(a, b)
    return total
