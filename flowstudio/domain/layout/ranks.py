"""Ranks by network simplex: each edge goes down at least one rank and the sum of all edge lengths is least.

After Gansner, Koutsofios, North and Vo, "A Technique for Drawing Directed Graphs" (1993), section 2. Pivots are
capped, so that the work is bounded; a capped run still gives a valid ranking, only a few edges longer than need be.
"""

from __future__ import annotations

from collections.abc import Sequence

from flowstudio.domain.layout.acyclic import topological

Edges = Sequence[tuple[int, int, int]]


def longest_path(count: int, edges: Edges) -> list[int]:
    """The lowest rank each node can have: 0 for sources."""
    outs: list[list[int]] = [[] for _ in range(count)]
    for source, target, _ in edges:
        outs[source].append(target)
    rank = [0] * count
    for node in topological(outs):
        for target in outs[node]:
            rank[target] = max(rank[target], rank[node] + 1)
    return rank


def ranks(count: int, edges: Edges, *, pivots: int) -> list[int]:
    """A rank for each node of a connected acyclic graph, from 0; `edges` are (source, target, weight)."""
    if count == 1 or not edges:
        return [0] * count
    return _Simplex(count, edges).solve(pivots)


class _Simplex:
    """A spanning tree of tight edges that trades one edge at a time for a better one."""

    def __init__(self, count: int, edges: Edges) -> None:
        self.count = count
        self.tail = [edge[0] for edge in edges]
        self.head = [edge[1] for edge in edges]
        self.weight = [edge[2] for edge in edges]
        self.touching: list[list[int]] = [[] for _ in range(count)]
        for number, (source, target, _) in enumerate(edges):
            self.touching[source].append(number)
            self.touching[target].append(number)
        self.rank = longest_path(count, edges)
        self.in_tree = [False] * len(edges)
        self.tree: list[list[int]] = [[] for _ in range(count)]
        self.parent = [-1] * count
        self.low = [0] * count
        self.lim = [0] * count
        self.cut = [0] * len(edges)

    def solve(self, pivots: int) -> list[int]:
        self._span()
        self._number(0)
        self._cuts()
        search = 0
        total = len(self.tail)
        for _ in range(pivots):
            leaving = -1
            worst = 0
            # Look round the ring from where the last search stopped and take the worst of the first few: Gansner's
            # rule, which keeps both the number of pivots and the price of a search low.
            seen = 0
            for step in range(total):
                edge = search + step
                if edge >= total:
                    edge -= total
                if self.in_tree[edge] and self.cut[edge] < 0:
                    if self.cut[edge] < worst:
                        worst, leaving = self.cut[edge], edge
                    seen += 1
                    if seen >= 30:
                        search = edge
                        break
            if leaving < 0:
                break
            self._exchange(leaving, self._entering(leaving))
        self._balance()
        least = min(self.rank)
        return [rank - least for rank in self.rank]

    def _slack(self, edge: int) -> int:
        return self.rank[self.head[edge]] - self.rank[self.tail[edge]] - 1

    def _span(self) -> None:
        """Grow a tree of tight edges from node 0; where it is stuck, shift it by the least slack at its rim."""
        inside = [False] * self.count
        inside[0] = True
        members = [0]
        fresh = [0]
        rim: set[int] = set()
        while True:
            while fresh:
                node = fresh.pop()
                for edge in self.touching[node]:
                    other = self.head[edge] if self.tail[edge] == node else self.tail[edge]
                    if inside[other]:
                        rim.discard(edge)
                    elif self._slack(edge) == 0:
                        self._join(edge)
                        inside[other] = True
                        members.append(other)
                        fresh.append(other)
                    else:
                        rim.add(edge)
            if len(members) == self.count:
                return
            rim = {edge for edge in rim if inside[self.tail[edge]] != inside[self.head[edge]]}
            nearest = min(rim, key=lambda edge: (self._slack(edge), edge))
            shift = self._slack(nearest)
            if inside[self.head[nearest]]:
                shift = -shift
            for node in members:
                self.rank[node] += shift
            fresh = [self.tail[nearest] if inside[self.tail[nearest]] else self.head[nearest]]
            # A shifted tree may have tightened other rim edges too: they are looked at again.
            fresh += [
                self.tail[e] if inside[self.tail[e]] else self.head[e] for e in sorted(rim) if self._slack(e) == 0
            ]

    def _join(self, edge: int) -> None:
        self.in_tree[edge] = True
        self.tree[self.tail[edge]].append(edge)
        self.tree[self.head[edge]].append(edge)

    def _number(self, root: int, low: int = 1) -> None:
        """Post-order numbers below `root`: a node is in another's subtree when its number lies in [low, lim]."""
        following = low
        self.low[root] = following
        stack = [(root, iter(self.tree[root]))]
        while stack:
            node, rest = stack[-1]
            for edge in rest:
                if edge == self.parent[node]:
                    continue
                other = self.head[edge] if self.tail[edge] == node else self.tail[edge]
                self.parent[other] = edge
                self.low[other] = following
                stack.append((other, iter(self.tree[other])))
                break
            else:
                self.lim[node] = following
                following += 1
                stack.pop()

    def _cuts(self) -> None:
        """Cut values, leaves first, each from its children's (section 2.4)."""
        for node in sorted(range(self.count), key=self.lim.__getitem__):
            edge = self.parent[node]
            if edge >= 0:
                self.cut[edge] = self._cut(edge, node)

    def _cut(self, edge: int, child: int) -> int:
        down = self.head[edge] == child  # the child is the head: what enters it counts for the edge
        value = self.weight[edge]
        for other in self.touching[child]:
            if other == edge:
                continue
            into = self.head[other] == child
            sign = 1 if into == down else -1
            if self.in_tree[other]:
                value += sign * (self.weight[other] - self.cut[other])
            else:
                value += sign * self.weight[other]
        return value

    def _below(self, edge: int) -> tuple[int, int, bool]:
        """The numbers of the part that `edge` cuts off, and whether that part holds the edge's tail."""
        tail, head = self.tail[edge], self.head[edge]
        if self.lim[tail] < self.lim[head]:
            return self.low[tail], self.lim[tail], True
        return self.low[head], self.lim[head], False

    def _entering(self, leaving: int) -> int:
        """The edge with least slack that goes from the leaving edge's head part to its tail part."""
        low, lim, tail_part = self._below(leaving)
        best, slack = -1, 1 << 60
        lims = self.lim
        for edge, tail in enumerate(self.tail):
            if self.in_tree[edge]:
                continue
            from_part = low <= lims[tail] <= lim
            to_part = low <= lims[self.head[edge]] <= lim
            if from_part != to_part and to_part == tail_part:
                here = self._slack(edge)
                if here < slack:
                    best, slack = edge, here
                    if here == 0:
                        break
        return best

    def _exchange(self, leaving: int, entering: int) -> None:
        low, lim, tail_part = self._below(leaving)
        slack = self._slack(entering)
        if slack:
            # Moving the part that was cut off makes the entering edge tight.
            shift = slack if not tail_part else -slack
            if tail_part:
                shift = -slack
            for node in range(self.count):
                if low <= self.lim[node] <= lim:
                    self.rank[node] += shift
        value = self.cut[leaving]
        top = self._climb(entering, value)
        self.cut[entering] = -value
        self.cut[leaving] = 0
        self.in_tree[leaving] = False
        self.tree[self.tail[leaving]].remove(leaving)
        self.tree[self.head[leaving]].remove(leaving)
        self._join(entering)
        self._number(top, self.low[top])

    def _climb(self, entering: int, value: int) -> int:
        """Change the cut values on the tree path between the entering edge's ends; the top of that path."""
        tail, head = self.tail[entering], self.head[entering]
        node = tail
        while not self.low[node] <= self.lim[head] <= self.lim[node]:
            edge = self.parent[node]
            self.cut[edge] += value if self.tail[edge] == node else -value
            node = self.tail[edge] if self.head[edge] == node else self.head[edge]
        top = node
        node = head
        while node != top:
            edge = self.parent[node]
            self.cut[edge] += value if self.head[edge] == node else -value
            node = self.tail[edge] if self.head[edge] == node else self.head[edge]
        return top

    def _balance(self) -> None:
        """A node that may stand on several ranks at the same price stands on the highest."""
        for node in sorted(range(self.count), key=self.rank.__getitem__):
            entering = [edge for edge in self.touching[node] if self.head[edge] == node]
            leaving = [edge for edge in self.touching[node] if self.tail[edge] == node]
            if not entering or not leaving:
                continue
            if sum(self.weight[e] for e in entering) == sum(self.weight[e] for e in leaving):
                self.rank[node] = max(self.rank[self.tail[edge]] for edge in entering) + 1
