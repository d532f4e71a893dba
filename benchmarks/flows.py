"""Seeded random flows for benchmarks: the shapes marketers draw, from 10 to 5,000 nodes."""

from __future__ import annotations

import random
from typing import Any

from pydantic import BaseModel

from flowstudio.domain.decision import Decision
from flowstudio.domain.graph import Edge, Graph, Node
from flowstudio.domain.nodes.base import Catalogue, Kind, NodeType, Port, View


class _Anything(BaseModel):
    pass


def _decide(_config: Any, _view: View) -> Decision:
    raise AssertionError("a layout never decides")


_OUT = Port(id="out", label="Out")
_ERROR = Port(id="error", label="Error", kind="error")


def _type(name: str, kind: Kind, ports: tuple[Port, ...], *, slim: bool = False, trigger: bool = False) -> NodeType:
    return NodeType(
        type=name,
        name=name,
        category="Logic",
        kind=kind,
        icon="square",
        help="",
        config=_Anything,
        ports=lambda config: tuple(Port(id=c, label=c.upper(), kind="side") for c in config.get("cases", ())) or ports,
        summary="",
        explain=lambda _config: "",
        decide=_decide,
        slim=slim,
        trigger=trigger,
    )


CATALOGUE: Catalogue = {
    row.type: row
    for row in (
        _type("trigger.event", "trigger", (_OUT,), trigger=True),
        _type("http.request", "data", (_OUT, _ERROR)),
        _type("email.send", "message", (_OUT, _ERROR)),
        _type("branch", "logic", (_OUT,)),
        _type("wait.delay", "wait", (_OUT,), slim=True),
        _type("exit", "exit", (), slim=True),
    )
}


def flow(seed: int, count: int, *, joins: float = 0.15, loops: float = 0.02, width: int = 12) -> Graph:
    """One flow of `count` nodes: a tree of steps and branches, some of whose ends join other paths or go back."""
    chance = random.Random(seed)
    nodes = [Node(id="n0", type="trigger.event", name="Start")]
    edges: list[Edge] = []
    open_ports: list[tuple[int, str]] = [(0, "out")]

    def link(source: int, port: str, target: int) -> None:
        edges.append(Edge(id=f"e{len(edges)}", source=f"n{source}", source_port=port, target=f"n{target}"))

    while len(nodes) < count:
        number = len(nodes)
        source, port = open_ports.pop(chance.randrange(max(0, len(open_ports) - width), len(open_ports)))
        roll = chance.random()
        if number > 4 and open_ports and roll < joins:
            # Joins a path that somebody else drew, or goes back to one before: the port is used up.
            back = chance.random() < loops / max(joins, 1e-9)
            target = chance.randrange(1, number) if back else chance.randrange(max(1, number - 2 * width), number)
            if target != source and not any(e.source == f"n{source}" and e.target == f"n{target}" for e in edges[-60:]):
                link(source, port, target)
                continue
        kind = chance.choices(["http.request", "email.send", "branch", "wait.delay"], [3, 3, 3, 2])[0]
        if not open_ports and kind != "branch" and chance.random() < 0.5:
            kind = "branch"
        config = {"cases": [f"c{i}" for i in range(chance.choice([2, 2, 2, 3, 4]))]} if kind == "branch" else {}
        nodes.append(Node(id=f"n{number}", type=kind, name=f"Step {number}", config=config))
        link(source, port, number)
        ports = config.get("cases") or ["out"]
        if kind in ("http.request", "email.send") and chance.random() < 0.15:
            ports = [*ports, "error"]
        open_ports += [(number, p) for p in ports]
    return Graph(nodes=tuple(nodes), edges=tuple(edges))
