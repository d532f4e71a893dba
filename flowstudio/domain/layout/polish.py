"""The last step: cards slide and swap within their rank while that saves crossings of straight lines.

Ranks count crossings of edges bent at every rank; what a person sees is nearer to straight lines between cards. The
main path stays where it is pinned. The budget is a number of comparisons of two lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from flowstudio.domain.layout.frame import GAP_ACROSS, GRID, Piece

_NEVER = 1 << 60


class Polish:
    """Straight lines between the middles of cards, looked up by the ranks they pass."""

    def __init__(self, piece: Piece, rank: Sequence[int], centre: Sequence[float]) -> None:
        self.piece = piece
        self.rank = rank
        self.x = list(centre[: len(piece.ids)])
        self.y: list[float] = []
        self.lines = [(source, target) for source, target, _ in piece.links]
        self.at: list[list[int]] = [[] for _ in piece.ids]
        self.gaps: list[list[int]] = [[] for _ in range(max(rank) + 1)]
        for line, (source, target) in enumerate(self.lines):
            self.at[source].append(line)
            self.at[target].append(line)
            for level in range(rank[source], rank[target]):
                self.gaps[level].append(line)
        self.rows: list[list[int]] = [[] for _ in self.gaps]
        for card in range(len(piece.ids)):
            self.rows[rank[card]].append(card)
        self.pinned = set(piece.main)
        self.near: list[list[int] | None] = [None] * len(self.lines)
        self.tests = 0

    def stand(self, top: Sequence[float]) -> None:
        """Where the cards stand along the ranks from now on."""
        self.y = [place + size / 2 for place, size in zip(top, self.piece.along, strict=True)]

    def _neighbours(self, line: int) -> list[int]:
        """Lines that pass a common pair of ranks and share no card."""
        found = self.near[line]
        if found is None:
            source, target = self.lines[line]
            seen = set[int]().union(*self.gaps[self.rank[source] : self.rank[target]])
            seen.difference_update(self.at[source], self.at[target])
            found = sorted(seen)
            self.near[line] = found
        return found

    def crossings(self, line: int) -> int:
        """How many lines cross this one."""
        source, target = self.lines[line]
        x, y, lines = self.x, self.y, self.lines
        ax, ay, bx, by = x[source], y[source], x[target], y[target]
        left, right = (ax, bx) if ax < bx else (bx, ax)
        dx, dy = bx - ax, by - ay
        total = 0
        near = self._neighbours(line)
        self.tests += len(near)
        for other in near:
            s, t = lines[other]
            cx, ex = x[s], x[t]
            if (cx > right and ex > right) or (cx < left and ex < left):
                continue
            cy, ey = y[s], y[t]
            first = dx * (cy - ay) - dy * (cx - ax)
            second = dx * (ey - ay) - dy * (ex - ax)
            if first * second >= 0:
                continue
            fx, fy = ex - cx, ey - cy
            if (fx * (ay - cy) - fy * (ax - cx)) * (fx * (by - cy) - fy * (bx - cx)) < 0:
                total += 1
        return total

    def total(self) -> int:
        """Crossings of the whole picture."""
        return sum(self.crossings(line) for line in range(len(self.lines))) // 2

    def inversions(self) -> int:
        """Pairs of one card's successors that stand against the order of their ports."""
        outs: dict[int, list[tuple[int, float]]] = {}
        for source, target, port in self.piece.links:
            outs.setdefault(source, []).append((port, self.x[target]))
        return sum(
            first > second
            for row in outs.values()
            for (_, first), (_, second) in combinations(sorted(row, key=lambda link: link[0]), 2)
        )

    def run(self, budget: int, rounds: int = 6) -> None:
        """Slide and swap until nothing helps or the budget is spent."""
        for turn in range(rounds):
            better = False
            for row in self.rows if turn % 2 == 0 else reversed(self.rows):
                for card in row:
                    if self.tests > budget:
                        return
                    if card not in self.pinned and self.at[card]:
                        better |= self._improve(card, row)
            if not better:
                return

    def _price(self, cards: Sequence[int], limit: int) -> int:
        """Crossings of the lines at some cards; counting stops once it is no better than `limit`."""
        total = 0
        for line in dict.fromkeys(line for card in cards for line in self.at[card]):
            total += self.crossings(line)
            if total >= limit:
                return total
        return total

    def _improve(self, card: int, row: list[int]) -> bool:
        now = self._price((card,), _NEVER)
        if now == 0:
            return False
        return self._slide(card, row, now) or self._swap(card, row)

    def _slide(self, card: int, row: list[int], now: int) -> bool:
        x = self.x
        start, best, place = x[card], now, x[card]
        for wish in self._wishes(card, row):
            x[card] = wish
            price = self._price((card,), best)
            if price < best:
                best, place = price, wish
        x[card] = place
        return place != start

    def _wishes(self, card: int, row: list[int]) -> list[float]:
        """Free places near the card's neighbours and beside the cards of its rank."""
        x, size = self.x, self.piece.across[card]
        step = size + GAP_ACROSS
        linked = sorted(x[a] if b == card else x[b] for a, b in (self.lines[line] for line in self.at[card]))
        others = [(x[o], (size + self.piece.across[o]) / 2 + GAP_ACROSS) for o in row if o != card]
        wanted = dict.fromkeys([*linked, _grid(sum(linked) / len(linked))])
        middle = linked[len(linked) // 2]
        sides = sorted((o + side * gap for o, gap in others for side in (-1, 1)), key=lambda p: (abs(p - middle), p))
        wanted.update(dict.fromkeys([*sides[:6], linked[0] - step, linked[-1] + step]))
        return [p for p in wanted if p != x[card] and all(abs(p - o) >= gap for o, gap in others)]

    def _swap(self, card: int, row: list[int]) -> bool:
        x, across = self.x, self.piece.across
        others = [o for o in row if o != card and o not in self.pinned and across[o] == across[card]]
        others.sort(key=lambda o: (abs(x[o] - x[card]), o))
        for other in others[:4]:
            now = self._price((card, other), _NEVER)
            x[card], x[other] = x[other], x[card]
            if self._price((card, other), now) < now:
                return True
            x[card], x[other] = x[other], x[card]
        return False


def _grid(value: float) -> float:
    return float(round(value / GRID) * GRID)
