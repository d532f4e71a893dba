"""A graph as plain numbers: what the layout's steps work on, one connected piece at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import networkx as nx

from flowstudio.domain.graph import CARD_HEIGHT, CARD_WIDTH, SLIM_HEIGHT, Graph
from flowstudio.domain.layout.acyclic import backward, depths
from flowstudio.domain.nodes.base import Catalogue, Port, PortKind

Direction = Literal["down", "right"]
#: The type of the one card that stands for a collapsed group; no document can hold it, since no type has a space.
FOLDED = "folded group"

GRID = 8
GAP_ACROSS = 32
GAP_ALONG = 40
GAP_BRANCH = 56
# Read from left to right a label lies along its line, so that the ranks stand further apart.
GAP_ALONG_RIGHT = 64
GAP_BRANCH_RIGHT = 136
# What a card keeps free below for each further line to the same side: a lane with room for its name.
GAP_LANE = 24


@dataclass(frozen=True, kw_only=True, slots=True)
class Piece:
    """One connected piece, its nodes numbered from 0 in the author's order.

    `across` and `along` are the cards' sizes, `gap` what each keeps free after it. `links` are the edges without
    loops and doubles as (source, target, port number), turned round where they closed a cycle (`turned`). `straight`
    is each node's main successor or -1, `main` the path from the trigger that is pinned to a straight line. `lane` is
    what a further line to one side needs, `doubles` how many ways more than one lead from a card to the same target.
    """

    ids: tuple[str, ...]
    across: tuple[float, ...]
    along: tuple[float, ...]
    gap: tuple[float, ...]
    links: tuple[tuple[int, int, int], ...]
    turned: frozenset[tuple[int, int]]
    straight: tuple[int, ...]
    main: tuple[int, ...]
    triggers: int
    lane: float
    doubles: Mapping[tuple[int, int], int]


def height(type_name: str, catalogue: Catalogue) -> int:
    """How high a card is laid out; an unknown type is an ordinary card, a known end without a catalogue row is slim."""
    known = catalogue.get(type_name)
    slim = known.slim if known is not None else type_name in _SLIM
    return SLIM_HEIGHT if slim else CARD_HEIGHT


_SLIM = frozenset({"wait.delay", "wait.until", "wait.event", "parallel", "join", "goal", "exit"})


def ports(type_name: str, config: Mapping[str, object], catalogue: Catalogue) -> tuple[Port, ...]:
    """The ports a node offers now: of an unknown type one way on, as on the canvas; none that its type cannot read."""
    known = catalogue.get(type_name)
    if type_name == FOLDED:
        return _folded(config.get("ports"))
    if known is None:
        return () if type_name in {"goal", "exit"} else (Port(id="out", label=""),)
    try:
        return tuple(known.ports(config))
    except (AttributeError, KeyError, TypeError, ValueError):
        # A drawing must not fail because one node's config is half typed: its edges still name their ports.
        return ()


def _folded(ways: object) -> tuple[Port, ...]:
    found = [way for way in ways if isinstance(way, Mapping)] if isinstance(ways, list) else []
    kinds: dict[object, PortKind] = {"main": "main", "side": "side", "error": "error"}
    return tuple(
        Port(id=str(way.get("id")), label=str(way.get("label")), kind=kinds.get(way.get("kind"), "main"))
        for way in found
    )


def pieces(
    graph: Graph, catalogue: Catalogue, direction: Direction, sizes: Mapping[str, tuple[float, float]] | None = None
) -> list[Piece]:
    """The connected pieces in the order of their first nodes; `sizes` are those of what is no card (a group)."""
    index = {node.id: number for number, node in enumerate(graph.nodes)}
    places: list[dict[str, tuple[int, Port | None]]] = []
    for node in graph.nodes:
        offered = ports(node.type, node.config, catalogue)
        places.append({port.id: (number, port) for number, port in enumerate(offered)})
    outs: list[dict[int, tuple[int, Port | None]]] = [{} for _ in graph.nodes]
    ways: list[dict[int, set[str]]] = [{} for _ in graph.nodes]
    together = nx.Graph()
    together.add_nodes_from(range(len(graph.nodes)))
    for edge in graph.edges:
        source, target = index.get(edge.source), index.get(edge.target)
        if source is None or target is None or source == target:
            continue
        here = places[source]
        place = here.setdefault(edge.source_port, (len(here), None))
        if target not in outs[source] or place[0] < outs[source][target][0]:
            outs[source][target] = place
        together.add_edge(source, target)
        ways[source].setdefault(target, set()).add(edge.source_port)
    found = sorted((sorted(part) for part in nx.connected_components(together)), key=lambda part: part[0])
    return [_piece(graph, catalogue, direction, part, outs, ways, sizes or {}) for part in found]


def _piece(
    graph: Graph,
    catalogue: Catalogue,
    direction: Direction,
    members: list[int],
    all_outs: list[dict[int, tuple[int, Port | None]]],
    ways: list[dict[int, set[str]]],
    given: Mapping[str, tuple[float, float]],
) -> Piece:
    local = {number: position for position, number in enumerate(members)}
    nodes = [graph.nodes[number] for number in members]
    outs: list[list[tuple[int, int, Port | None]]] = []  # (port number, target, port), in the order of the ports
    for number in members:
        found = [(place, local[target], port) for target, (place, port) in all_outs[number].items()]
        outs.append(sorted(found, key=lambda row: row[:2]))
    plain = [[target for _, target, _ in row] for row in outs]
    trigger = [_is_trigger(node.type, catalogue) for node in nodes]
    entered = {target for row in plain for target in row}
    roots = [n for n in range(len(nodes)) if trigger[n]]
    roots += [n for n in range(len(nodes)) if not trigger[n] and n not in entered]
    turned = backward(plain, roots)
    forward = [[t for t in row if (n, t) not in turned] for n, row in enumerate(plain)]
    links: dict[tuple[int, int], int] = {}
    for source, row in enumerate(outs):
        for place, target, _ in row:
            pair = (target, source) if (source, target) in turned else (source, target)
            links.setdefault(pair, place if pair[0] == source else len(outs[target]) + 8)
    deep = depths(forward)
    straight = tuple(
        _straight(node.type, catalogue, [(p, t, port) for p, t, port in outs[n] if (n, t) not in turned], deep)
        for n, node in enumerate(nodes)
    )
    sizes = [given.get(node.id) or (CARD_WIDTH, height(node.type, catalogue)) for node in nodes]
    doubles = {
        (local[source], local[target]): len(names) - 1
        for source in members
        for target, names in ways[source].items()
        if len(names) > 1
    }
    doubled = {source for source, _ in doubles}
    branching = [len(row) > 1 or n in doubled for n, row in enumerate(outs)]
    down = direction == "down"
    plain_gap, branch_gap = (GAP_ALONG, GAP_BRANCH) if down else (GAP_ALONG_RIGHT, GAP_BRANCH_RIGHT)
    return Piece(
        ids=tuple(node.id for node in nodes),
        across=tuple(float(wide if down else high) for wide, high in sizes),
        along=tuple(float(high if down else wide) for wide, high in sizes),
        gap=tuple(float(branch_gap if branch else plain_gap) for branch in branching),
        links=tuple((source, target, place) for (source, target), place in links.items()),
        turned=turned,
        straight=straight,
        main=_main(roots, trigger, straight, deep),
        triggers=sum(trigger),
        lane=float(GAP_LANE if down else 0),
        doubles=doubles,
    )


def _is_trigger(type_name: str, catalogue: Catalogue) -> bool:
    known = catalogue.get(type_name)
    return known.trigger if known is not None else type_name.startswith("trigger.")


def _straight(type_name: str, catalogue: Catalogue, outs: list[tuple[int, int, Port | None]], deep: list[int]) -> int:
    """The successor that stands straight below.

    Where a node decides (logic, waits) all its ways are equals and the longest wins; elsewhere the port that says
    everything went well comes before the longest. An error port is straight only when there is no other.
    """
    known = catalogue.get(type_name)
    decides = known is None or known.kind in ("logic", "wait")

    def merit(row: tuple[int, int, Port | None]) -> tuple[bool, bool, int, int]:
        place, target, port = row
        kind = port.kind if port is not None else "main"
        return kind != "error", decides or kind == "main", deep[target], -place

    return max(outs, key=merit)[1] if outs else -1


def _main(roots: list[int], trigger: list[bool], straight: tuple[int, ...], deep: list[int]) -> tuple[int, ...]:
    """From the first trigger (else the deepest root, else the first node) along the straight successors."""
    if not roots:
        start = 0
    elif any(trigger):
        start = next(node for node in roots if trigger[node])
    else:
        start = max(roots, key=lambda node: (deep[node], -node))
    path: list[int] = []
    node = start
    while node >= 0:
        path.append(node)
        node = straight[node]
    return tuple(path)
