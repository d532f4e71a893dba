"""Where the names of lines stand: on their own line, never on a card, a port or another name.

Each line names the widths it would like, best first. Along each stretch a label may slide; the place that covers no
other line, near the source, wins. A line that finds no room stays without a label (its name is in its title). The
mirror is `labels.ts` of the canvas; `tests/fixtures/routes.json` holds both to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from flowstudio.domain.layout.tracks import Box, Point, cells

HIGH = 20
LOW = 18
APART = 3
# From far away labels keep their size on the screen: where there is room at last, they may grow.
GROWTHS = (1.75, 1.5, 1.25)
_FOREIGN, _NARROWER = 200.0, 30.0


@dataclass(frozen=True, slots=True)
class Wish:
    """The label of one line: wanted widths, best first; `bare` is a number beside a line without a name."""

    widths: tuple[float, ...]
    bare: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """The middle of a label's room, its width and how much it may grow.

    `side` is 0 where the label stands in the middle of its room, 1 at its left end and -1 at its right: there its line is.
    """

    x: float
    y: float
    width: float
    grow: float
    side: int = 0


class _Grid:
    def __init__(self) -> None:
        self._boxes: dict[tuple[int, int], list[tuple[Box, int]]] = {}

    def add(self, box: Box, owner: int = -1) -> None:
        for cell in cells(*box):
            self._boxes.setdefault(cell, []).append((box, owner))

    def hit(self, box: Box, own: int = -2) -> bool:
        return any(owner != own for owner in self._meet(box))

    def owners(self, box: Box, own: int) -> int:
        return len({owner for owner in self._meet(box) if owner != own})

    def _meet(self, box: Box) -> Iterable[int]:
        for cell in cells(*box):
            for other, owner in self._boxes.get(cell, ()):
                if box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3]:
                    yield owner


def place(
    lines: Sequence[Sequence[Point]], wishes: Sequence[Wish | None], obstacles: Iterable[Box]
) -> list[Place | None]:
    """A place for each wish, in the order given; None where there is none, or no room."""
    solid, wires = _Grid(), _Grid()
    for box in obstacles:
        solid.add((box[0] - 2, box[1] - 2, box[2] + 2, box[3] + 2))
    for number, line in enumerate(lines):
        for (ax, ay), (bx, by) in pairwise(line):
            wires.add((min(ax, bx) - 1, min(ay, by) - 1, max(ax, bx) + 1, max(ay, by) + 1), number)
    found: list[Place | None] = [None] * len(lines)
    # Names before numbers, and short lines first: they have the fewest places.
    asked = [(wish.bare, _length(lines[n]), n, wish) for n, wish in enumerate(wishes) if wish is not None and lines[n]]
    for _, _, number, wish in sorted(asked, key=lambda row: row[:3]):
        best = _best(lines[number], wish, number, solid, wires)
        if best is not None:
            found[number] = best
            left, top, right, bottom = _box(best, wish.bare)
            solid.add((left - APART, top - APART, right + APART, bottom + APART), number)
    for number, at in enumerate(found):
        asked_for = wishes[number]
        if at is not None and asked_for is not None and not asked_for.bare:
            found[number] = _grown(at, number, solid, wires)
    return found


def _grown(at: Place, number: int, solid: _Grid, wires: _Grid) -> Place:
    before = wires.owners(_box(at, bare=False), number)
    for grow in GROWTHS:
        aside = at.side * at.width * (grow - 1) / 2
        more = Place(at.x + aside, at.y, at.width, grow, at.side)
        box = _box(more, bare=False)
        if not solid.hit(box, number) and wires.owners(box, number) <= before:
            left, top, right, bottom = box
            solid.add((left - APART, top - APART, right + APART, bottom + APART), number)
            return more
    return at


def _best(line: Sequence[Point], wish: Wish, number: int, solid: _Grid, wires: _Grid) -> Place | None:
    best: Place | None = None
    least = 1e18
    for narrow, width in enumerate(wish.widths):
        extra = _NARROWER * narrow
        if extra >= least:
            break
        for at, price in _bare(line, width) if wish.bare else _named(line, width):
            total = price + extra
            if total >= least:
                continue
            box = _box(at, wish.bare)
            if solid.hit(box):
                continue
            total += _FOREIGN * wires.owners(box, number)
            if total < least:
                best, least = at, total
    return best


def _named(line: Sequence[Point], wide: float) -> Iterable[tuple[Place, float]]:
    gone = 0.0
    for (ax, ay), (bx, by) in pairwise(line):
        long = abs(ax - bx) + abs(ay - by)
        if ay == by:
            way = 1 if bx > ax else -1
            spare = long - wide
            for share in (0.5, 0.25, 0.75, 0.0, 1.0):
                # Where a stretch is shorter than its label, the label sticks out evenly.
                along = wide / 2 + spare * share if spare >= 0 else long / 2
                yield (
                    Place(ax + way * along, ay, wide, 1.0),
                    0.15 * (gone + along) + (0 if spare >= 0 else 12) + abs(share - 0.5),
                )
                if spare < 0:
                    break
        elif long >= 24:
            way = 1 if by > ay else -1
            for along in _steps(long, HIGH):
                aside = wide / 2 - 14
                for side, price in ((0, 2.0), (1, 8.0), (-1, 8.0)):
                    middle = Place(ax + side * aside, ay + way * along, wide, 1.0, side)
                    yield middle, 0.15 * (gone + along) + price
        gone += long


def _bare(line: Sequence[Point], width: float) -> Iterable[tuple[Place, float]]:
    gone = 0.0
    for (ax, ay), (bx, by) in pairwise(line):
        long = abs(ax - bx) + abs(ay - by)
        if ay == by and long >= width:
            yield Place((ax + bx) / 2, ay, width, 1.0), 6 + 0.05 * gone
        elif ax == bx and long >= 22:
            way = 1 if by > ay else -1
            for along in _steps(long, LOW):
                off = abs(along - long / 2) * 0.05
                yield Place(ax + 5 + width / 2, ay + way * along, width, 1.0, 1), 0.05 * gone + off
                yield Place(ax - 5 - width / 2, ay + way * along, width, 1.0, -1), 0.05 * gone + off + 3
        gone += long


def _steps(long: float, high: float) -> Iterable[float]:
    """Heights along a stretch: its middle, near its begin, near its end, then every 12 px."""
    yield long / 2
    low, top = high / 2 + 6, long - high / 2 - 10
    if top > low:
        yield low
        yield top
        for turn in range(1, min(int((top - low) // 12) + 1, 30)):
            yield low + 12 * turn


def _box(at: Place, bare: bool) -> Box:
    wide, high = at.width * at.grow / 2, (LOW if bare else HIGH) * at.grow / 2
    return at.x - wide, at.y - high, at.x + wide, at.y + high


def _length(line: Sequence[Point]) -> float:
    total = 0.0
    for (ax, ay), (bx, by) in pairwise(line):
        total += abs(ax - bx) + abs(ay - by)
    return total
