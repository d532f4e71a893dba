"""Which Join belongs to which Parallel and what a Repeat repeats: dominators of the graph, computed once (SEMANTICS 9.2,
9.4).

A Join belongs to the nearest Parallel that every way to it passes, blocks that are closed in between left aside: its
dominator. The steps of a loop are those that come back to the Repeat that dominates them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from flowstudio.domain.graph import Edge, Graph

PARALLEL, JOIN, REPEAT = "parallel", "join", "repeat"
BODY = "body"
_ROOT = ""
# Visits of nodes that the search for arms may make, for each node of the graph: blocks hundreds deep are no flow.
_BUDGET = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Block:
    """A Parallel with its Join; `arms` are the nodes of each arm by port.

    `after` is what comes behind the Join, known only where an arm leads there past it.
    """

    parallel: str
    join: str
    arms: Mapping[str, frozenset[str]]
    after: frozenset[str]

    @property
    def inside(self) -> frozenset[str]:
        """Every node of every arm."""
        return frozenset().union(*self.arms.values())


@dataclass(frozen=True, kw_only=True, slots=True)
class Structure:
    """What the lines of a graph mean. `joins` are all Joins that each Parallel dominates: a sound one has one.

    `blocks` are those that have exactly one; `loops` the nodes that each Repeat repeats; `intruders` those of them that
    can be entered past the Repeat; `stray` the Joins that belong to no Parallel; `deep`, whose arms were not searched.
    """

    joins: Mapping[str, tuple[str, ...]]
    blocks: Mapping[str, Block]
    loops: Mapping[str, frozenset[str]]
    intruders: Mapping[str, frozenset[str]] = field(default_factory=dict)
    stray: tuple[str, ...] = ()
    deep: tuple[str, ...] = ()


def structure(graph: Graph) -> Structure:
    """Blocks and loops of any graph, sound or not."""
    kinds = {node.id: node.type for node in graph.nodes}
    if not {PARALLEL, JOIN, REPEAT} & set(kinds.values()):
        return Structure(joins={}, blocks={}, loops={})
    edges = [edge for edge in graph.edges if edge.source in kinds and edge.target in kinds]
    out: dict[str, list[Edge]] = defaultdict(list)
    into: dict[str, list[Edge]] = defaultdict(list)
    for edge in edges:
        out[edge.source].append(edge)
        into[edge.target].append(edge)
    above = _dominators(graph, edges, kinds)
    joins: dict[str, list[str]] = {node: [] for node, kind in kinds.items() if kind == PARALLEL}
    stray = []
    for node, kind in kinds.items():
        if kind != JOIN:
            continue
        parallel = _opener(node, above, kinds)
        if parallel:
            joins[parallel].append(node)
        else:
            stray.append(node)
    budget = [_BUDGET * max(50, len(kinds))]
    blocks: dict[str, Block] = {}
    deep = []
    for parallel, found in joins.items():
        if len(found) == 1:
            block = _block(parallel, found[0], out, into, budget)
            if block is None:
                deep.append(parallel)
            else:
                blocks[parallel] = block
    loops: dict[str, frozenset[str]] = {}
    intruders: dict[str, frozenset[str]] = {}
    for repeat in (node for node, kind in kinds.items() if kind == REPEAT):
        body = _body(repeat, out, into, _line(above, repeat))
        loops[repeat] = body
        foreign = frozenset(node for node in body if repeat not in _line(above, node))
        if foreign:
            intruders[repeat] = foreign
    return Structure(
        joins={parallel: tuple(found) for parallel, found in joins.items()},
        blocks=blocks,
        loops=loops,
        intruders=intruders,
        stray=tuple(stray),
        deep=tuple(deep),
    )


def _dominators(graph: Graph, edges: Iterable[Edge], kinds: Mapping[str, str]) -> Mapping[str, str]:
    # Only flows with blocks need it, and an engine's start must not wait for it (10.9).
    import networkx as nx

    links: nx.DiGraph[str] = nx.DiGraph()
    links.add_nodes_from([_ROOT, *kinds])
    links.add_edges_from((edge.source, edge.target) for edge in edges)
    begins = [node for node in kinds if kinds[node].startswith("trigger.") or not links.in_degree(node)]
    links.add_edges_from((_ROOT, node) for node in begins)
    found: Mapping[str, str] = nx.immediate_dominators(links, _ROOT)
    return found


def _opener(join: str, above: Mapping[str, str], kinds: Mapping[str, str]) -> str:
    """The Parallel whose arms a Join brings together, or ''."""
    closed, at = 0, above.get(join, _ROOT)
    while at != _ROOT:
        if kinds[at] == JOIN:
            closed += 1
        elif kinds[at] == PARALLEL:
            if not closed:
                return at
            closed -= 1
        over = above.get(at, _ROOT)
        at = _ROOT if over == at else over
    return ""


def _line(above: Mapping[str, str], node: str) -> set[str]:
    """The dominators of a node, itself included."""
    line: set[str] = set()
    at: str | None = node
    while at and at not in line:
        line.add(at)
        at = above.get(at)
    return line


def _reach(starts: Iterable[str], out: Mapping[str, list[Edge]], stop: set[str], budget: list[int]) -> set[str]:
    """Nodes that can be reached without passing one of `stop`; the starts included, `stop` not."""
    seen = {node for node in starts if node not in stop}
    waiting = list(seen)
    while waiting and budget[0] > 0:
        at = waiting.pop()
        for edge in out[at]:
            budget[0] -= 1
            if edge.target not in seen and edge.target not in stop:
                seen.add(edge.target)
                waiting.append(edge.target)
    return seen


def _block(
    parallel: str, join: str, out: Mapping[str, list[Edge]], into: Mapping[str, list[Edge]], budget: list[int]
) -> Block | None:
    stop = {parallel, join}
    arms = {edge.source_port: _reach([edge.target], out, stop, budget) for edge in reversed(out[parallel])}
    inside = set[str]().union(*arms.values())
    past = any(edge.source not in inside and edge.source != parallel for at in inside for edge in into[at])
    after = _reach((edge.target for edge in out[join]), out, stop, budget) if past else set[str]()
    if budget[0] <= 0:
        return None
    return Block(
        parallel=parallel,
        join=join,
        arms={port: frozenset(arm - after) for port, arm in reversed(arms.items())},
        after=frozenset(after),
    )


def _body(repeat: str, out: Mapping[str, list[Edge]], into: Mapping[str, list[Edge]], over: set[str]) -> frozenset[str]:
    """What comes back to the Repeat without leaving through a node that every customer passed before it."""
    budget = [10**9]
    forward = _reach((edge.target for edge in out[repeat] if edge.source_port == BODY), out, over, budget)
    seen: set[str] = set()
    waiting = [edge.source for edge in into[repeat] if edge.source in forward]
    while waiting:
        at = waiting.pop()
        if at in seen:
            continue
        seen.add(at)
        waiting.extend(edge.source for edge in into[at] if edge.source in forward)
    return frozenset(seen)
