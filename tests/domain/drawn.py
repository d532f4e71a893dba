"""Graphs and a small catalogue for the layout and drawing tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hypothesis import strategies as st
from pydantic import BaseModel

from flowstudio.domain.decision import Decision
from flowstudio.domain.graph import Edge, Graph, Node, Note, Position
from flowstudio.domain.nodes.base import Catalogue, Kind, NodeType, Port, Vendor, View

HOSTILE = (
    "</text><script>alert(1)</script>",
    '"><svg onload=alert(1)>',
    'x" URL="javascript:alert(1)',
    ']; evil [image="/etc/hostname"',
    "\\N \\G \\E \\T",
    "two\nlines",
    "trailing backslash\\",
    "nul\x00byte",
    "\u202egnp.exe\u202c \u2067rtl\u2069",
    "שלום עולם",
    '<<IMG SRC="/etc/hostname"/>>',
    "<b>bold</b>",
    "c:port",
    "end",
    "%%{init: {}}%%",
    "&lt;&amp;&#0;",
    "]]>",
    "\ud800 half",
    "﷽ 👩‍👩‍👧 ﷽",
    "x" * 10_000,
)


class Anything(BaseModel):
    pass


def _decide(_config: Any, _view: View) -> Decision:
    raise AssertionError("a drawing never decides")


def _type(
    name: str,
    kind: Kind,
    ports: Callable[[Mapping[str, Any]], tuple[Port, ...]],
    *,
    slim: bool = False,
    trigger: bool = False,
    vendor: Vendor | None = None,
) -> NodeType:
    return NodeType(
        type=name,
        name=name,
        category="Logic",
        kind=kind,
        icon="square",
        help="",
        config=Anything,
        ports=ports,
        summary="A sentence",
        explain=lambda _config: "",
        decide=_decide,
        slim=slim,
        trigger=trigger,
        vendor=vendor,
    )


OUT = Port(id="out", label="Out")
ERROR = Port(id="error", label="Failed", kind="error")


def _cases(config: Mapping[str, Any]) -> tuple[Port, ...]:
    cases = tuple(Port(id=row["id"], label=row["name"], kind="side") for row in config.get("cases", ()))
    return (*cases, Port(id="else", label="Everyone else"))


CATALOGUE: Catalogue = {
    row.type: row
    for row in (
        _type("trigger.event", "trigger", lambda _: (OUT,), trigger=True),
        _type("call", "data", lambda _: (OUT, ERROR), vendor=Vendor(id="clearbit", name="Clearbit", letter="C")),
        _type("branch", "logic", _cases),
        _type("wait.delay", "wait", lambda _: (OUT,), slim=True),
        _type("exit", "exit", lambda _: (), slim=True),
    )
}


def graph(*edges: str, types: Mapping[str, str] | None = None, names: Mapping[str, str] | None = None) -> Graph:
    """A graph from "a b" or "a:port b" lines; nodes in order of appearance, calls unless `types` says otherwise."""
    ids: dict[str, None] = {}
    rows = []
    for line in edges:
        source, _, target = line.partition(" ")
        node, _, port = source.partition(":")
        ids[node] = None
        if target:
            ids[target] = None
            rows.append((node, port or "out", target))
    chosen = types or {}
    return Graph(
        nodes=tuple(
            Node(id=i, type=chosen.get(i, "call"), name=(names or {}).get(i, i), config=_config(i, rows)) for i in ids
        ),
        edges=tuple(Edge(id=f"e{n}", source=s, source_port=p, target=t) for n, (s, p, t) in enumerate(rows)),
    )


def _config(node: str, rows: list[tuple[str, str, str]]) -> dict[str, Any]:
    """The cases that the drawn ports need."""
    return {"cases": [{"id": p, "name": f"Case {p}"} for s, p, _ in rows if s == node and p not in _FIXED]}


_FIXED = {"out", "else", "error"}


@st.composite
def graphs(draw: st.DrawFn, most: int = 24) -> Graph:
    """Any well-formed graph: cycles, loops, doubles, islands, unknown types, no trigger."""
    count = draw(st.integers(0, most))
    kinds = [*CATALOGUE, "vendor.gone"]
    nodes = []
    for number in range(count):
        kind = draw(st.sampled_from(kinds))
        cases = [{"id": f"c{n}", "name": f"Case {n}"} for n in range(draw(st.integers(0, 3)))]
        nodes.append(Node(id=f"n{number}", type=kind, name=f"Card {number}", config={"cases": cases}))
    edges = []
    if count:
        pairs = draw(
            st.lists(
                st.tuples(
                    st.integers(0, count - 1),
                    st.sampled_from(["out", "error", "else", "c0", "c1", "odd"]),
                    st.integers(0, count - 1),
                ),
                max_size=count * 2,
            )
        )
        edges = [
            Edge(id=f"e{n}", source=f"n{a}", source_port=port, target=f"n{b}") for n, (a, port, b) in enumerate(pairs)
        ]
    return Graph(nodes=tuple(nodes), edges=tuple(edges))


def hostile(text: str) -> Graph:
    """The same hostile text in every place where a person can write."""
    return Graph(
        nodes=(
            Node(id="a", type="trigger.event", name=text),
            Node(id="b", type="branch", name=text, config={"cases": [{"id": "c", "name": text}]}),
            Node(id="c", type="exit", name=text),
            Node(id="d", type=text, name=""),
        ),
        edges=(
            Edge(id="e1", source="a", source_port="out", target="b"),
            Edge(id="e2", source="b", source_port="c", target="c"),
            Edge(id="e3", source="b", source_port=text, target="d"),
        ),
        notes=(Note(id="s", text=text, position=Position(x=600, y=0)),),
    )
