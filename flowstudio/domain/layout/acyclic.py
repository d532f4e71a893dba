"""Breaking cycles and finding the main path, on plain numbers."""

from __future__ import annotations

from collections.abc import Sequence

Outs = Sequence[Sequence[int]]


def backward(outs: Outs, roots: Sequence[int]) -> frozenset[tuple[int, int]]:
    """The edges a depth-first walk finds closing a cycle; turning these round leaves no cycle.

    Roots come first and branches go in the order of their ports, so that the edge a person would call "back" is the
    one that is found. Iterative: a chain of 5,000 nodes must not exhaust the stack.
    """
    white, grey, black = 0, 1, 2
    colour = [white] * len(outs)
    found: set[tuple[int, int]] = set()
    for root in (*roots, *range(len(outs))):
        if colour[root] != white:
            continue
        colour[root] = grey
        stack = [(root, iter(outs[root]))]
        while stack:
            node, rest = stack[-1]
            for target in rest:
                if colour[target] == grey:
                    found.add((node, target))
                elif colour[target] == white:
                    colour[target] = grey
                    stack.append((target, iter(outs[target])))
                    break
            else:
                colour[node] = black
                stack.pop()
    return frozenset(found)


def topological(outs: Outs) -> list[int]:
    """All nodes of an acyclic graph, sources first, ties by number."""
    waiting = [0] * len(outs)
    for targets in outs:
        for target in targets:
            waiting[target] += 1
    order = [node for node, count in enumerate(waiting) if count == 0]
    for node in order:
        for target in outs[node]:
            waiting[target] -= 1
            if waiting[target] == 0:
                order.append(target)
    return order


def depths(outs: Outs) -> list[int]:
    """How many nodes the longest way on from each node has, itself included."""
    deep = [1] * len(outs)
    for node in reversed(topological(outs)):
        for target in outs[node]:
            deep[node] = max(deep[node], deep[target] + 1)
    return deep
