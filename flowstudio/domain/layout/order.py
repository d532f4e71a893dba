"""The order of cards within each rank: few crossings, branches in the order of their ports.

A long edge is a chain of bends, one a rank. Counting treats the ports of one card as standing side by side, so that a
branch drawn against the order of its ports costs what a crossing costs: a hard order would buy itself with more
crossings elsewhere. All budgets are numbers of rounds, never seconds, so that a slow machine draws the same picture.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

PORTS = 4096  # room for the port number below the position in one integer key


class Layers:
    """Cards and bends on ranks. Vertices below `cards` are cards, the rest bends of long edges."""

    def __init__(self, cards: int, rank: Sequence[int], links: Sequence[tuple[int, int, int]]) -> None:
        self.cards = cards
        self.rank = list(rank)
        self.down: list[list[int]] = [[] for _ in range(cards)]
        self.up: list[list[tuple[int, int]]] = [[] for _ in range(cards)]
        for source, target, port in sorted(links, key=lambda link: (link[0], link[2], link[1])):
            last = source
            place = min(port, PORTS - 1)
            for level in range(rank[source] + 1, rank[target]):
                bend = len(self.rank)
                self.rank.append(level)
                self.down.append([])
                self.up.append([(last, place)])
                self.down[last].append(bend)
                last, place = bend, 0
            self.down[last].append(target)
            self.up[target].append((last, place))
        self.size = len(self.rank)
        self.count = max(self.rank) + 1
        self.layers: list[list[int]] = [[] for _ in range(self.count)]
        self.pos = [0] * self.size
        self.by_port = True

    def set(self, layers: Sequence[Sequence[int]]) -> None:
        """Take over an order."""
        self.layers = [list(layer) for layer in layers]
        for layer in self.layers:
            self._renumber(layer)

    def _renumber(self, layer: list[int]) -> None:
        pos = self.pos
        for place, vertex in enumerate(layer):
            pos[vertex] = place

    def between(self, level: int) -> int:
        """Crossings between a rank and the next, inversions of ports included."""
        pos = self.pos
        seen: list[int] = []
        total = 0
        for vertex in self.layers[level]:
            for target in self.down[vertex] if self.by_port else sorted(self.down[vertex], key=pos.__getitem__):
                key = pos[target]
                at = bisect_right(seen, key)
                total += len(seen) - at
                seen.insert(at, key)
        return total

    def crossings(self, first: int = 0, last: int | None = None) -> int:
        """Crossings below the ranks `first` to `last`."""
        end = self.count - 1 if last is None else min(last + 1, self.count - 1)
        return sum(self.between(level) for level in range(max(first, 0), end))

    def above(self, vertex: int) -> list[int]:
        """Keys of the neighbours one rank up, sorted."""
        pos = self.pos
        near = self.up[vertex]
        if len(near) == 1:  # most vertices, bends above all
            other, port = near[0]
            return [pos[other] * PORTS + port]
        return sorted([pos[other] * PORTS + port for other, port in near])

    def below(self, vertex: int) -> list[int]:
        """Positions of the neighbours one rank down, sorted."""
        pos = self.pos
        near = self.down[vertex]
        if len(near) == 1:
            return [pos[near[0]]]
        return sorted([pos[other] for other in near])

    def sweep(self, first: int, last: int, *, downward: bool, flip: bool) -> None:
        """Set each rank by the mean place of its neighbours on the rank before."""
        levels = range(max(first, 1), last + 1) if downward else range(min(last, self.count - 2), first - 1, -1)
        pos = self.pos
        for level in levels:
            layer = self.layers[level]
            keys: dict[int, float] = {}
            for vertex in layer:
                near = self.above(vertex) if downward else self.below(vertex)
                if near:
                    keys[vertex] = _centre(near) if downward else _centre(near) * PORTS
                else:
                    keys[vertex] = -1.0
            _place(layer, keys, flip=flip)
            for place, vertex in enumerate(layer):
                pos[vertex] = place

    def transpose(self, first: int, last: int, rounds: int) -> None:
        """Swap neighbours while that saves crossings; a rank is looked at again only when it or one beside it moved."""
        moved = set(range(first, last + 1))
        for _ in range(rounds):
            todo = sorted({near for level in moved for near in (level - 1, level, level + 1) if first <= near <= last})
            moved = {level for level in todo if self._transpose(self.layers[level])}
            if not moved:
                return

    def _transpose(self, layer: list[int]) -> bool:
        better = False
        if len(layer) < 2:
            return False
        ups = [self.above(vertex) for vertex in layer]
        downs = [self.below(vertex) for vertex in layer]
        for at in range(len(layer) - 1):
            gain = _gain(ups[at], ups[at + 1]) + _gain(downs[at], downs[at + 1])
            if gain > 0:
                layer[at], layer[at + 1] = layer[at + 1], layer[at]
                ups[at], ups[at + 1] = ups[at + 1], ups[at]
                downs[at], downs[at + 1] = downs[at + 1], downs[at]
                better = True
        if better:
            self._renumber(layer)
        return better

    def sift(self, first: int, last: int) -> bool:
        """Move each card and bend to the best place of its rank."""
        better = False
        for level in range(first, last + 1):
            layer = self.layers[level]
            if len(layer) < 3:
                continue
            ups = {vertex: self.above(vertex) for vertex in layer}
            downs = {vertex: self.below(vertex) for vertex in layer}
            for vertex in list(layer):
                better |= self._sift(layer, vertex, ups, downs)
        return better

    def _sift(self, layer: list[int], vertex: int, ups: dict[int, list[int]], downs: dict[int, list[int]]) -> bool:
        at = self.pos[vertex]
        up, down = ups[vertex], downs[vertex]
        best, place = 0, at
        total = 0
        for other in range(at - 1, -1, -1):
            total += _gain(ups[layer[other]], up) + _gain(downs[layer[other]], down)
            if total > best:
                best, place = total, other
        total = 0
        for other in range(at + 1, len(layer)):
            total += _gain(up, ups[layer[other]]) + _gain(down, downs[layer[other]])
            if total > best:
                best, place = total, other
        if place == at:
            return False
        layer.pop(at)
        layer.insert(place, vertex)
        self._renumber(layer)
        return True

    def forget_ports(self) -> None:
        """Count crossings alone from now on."""
        self.by_port = False
        self.up = [[(other, 0) for other, _ in row] for row in self.up]

    def by_walk(self, roots: Sequence[int], *, mirrored: bool = False) -> list[list[int]]:
        """An order from a depth-first walk, branches in the order of their ports: no crossing in a tree."""
        layers: list[list[int]] = [[] for _ in range(self.count)]
        seen = [False] * self.size
        starts = [*roots, *sorted(range(self.size), key=self.rank.__getitem__)]
        for root in starts:
            stack = [root]
            while stack:
                vertex = stack.pop()
                if seen[vertex]:
                    continue
                seen[vertex] = True
                layers[self.rank[vertex]].append(vertex)
                following = self.down[vertex] if mirrored else reversed(self.down[vertex])
                stack.extend(following)
                stack.extend(other for other, _ in self.up[vertex] if not seen[other] and not self.up[other])
        if mirrored:
            for layer in layers:
                layer.reverse()
        return layers


def _centre(near: list[int]) -> float:
    return sum(near) / len(near)


def _place(layer: list[int], keys: dict[int, float], *, flip: bool) -> None:
    """Sort by key; what has no neighbours keeps its place."""
    moving = [vertex for vertex in layer if keys[vertex] >= 0]
    if flip:
        moving.reverse()
    moving.sort(key=keys.__getitem__)
    rest = iter(moving)
    for at, vertex in enumerate(layer):
        if keys[vertex] >= 0:
            layer[at] = next(rest)


def _gain(left: list[int], right: list[int]) -> int:
    """Crossings saved by swapping two neighbours: pairs that cross now less pairs that would."""
    if not left or not right:
        return 0
    if left[-1] < right[0]:
        return -len(left) * len(right)
    if right[-1] < left[0]:
        return len(left) * len(right)
    total = 0
    for a in left:
        for b in right:
            if a > b:
                total += 1
            elif a < b:
                total -= 1
    return total


def improve(layers: Layers, *, sweeps: int) -> None:
    """Sweep down and up from the present order and keep the best order met."""
    last = layers.count - 1
    best = layers.crossings()
    kept = [list(layer) for layer in layers.layers]
    stale = 0
    for turn in range(sweeps):
        if best == 0 or stale >= 4:
            break
        layers.sweep(0, last, downward=turn % 2 == 0, flip=turn % 4 >= 2)
        layers.transpose(0, last, 4)
        now = layers.crossings()
        stale = 0 if now < best else stale + 1
        if now < best:
            best, kept = now, [list(layer) for layer in layers.layers]
    layers.set(kept)
