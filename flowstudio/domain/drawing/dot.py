"""The graph as Graphviz DOT at its stored positions (`dot -Kneato -n2` keeps them).

Ids are n1, n2 … whatever the document calls them, every label goes through `graphviz.escape`, and no attribute that
can name a file or an address is ever written (SECURITY S33 to S35).
"""

from __future__ import annotations

import graphviz

from flowstudio.domain.drawing.card import Counts, cards, port_labels, positions
from flowstudio.domain.drawing.groups import fold
from flowstudio.domain.drawing.label import clean
from flowstudio.domain.drawing.theme import LIGHT
from flowstudio.domain.graph import CARD_WIDTH, Graph
from flowstudio.domain.nodes.base import Catalogue

_POINTS = 72.0


def dot(graph: Graph, catalogue: Catalogue, *, counts: Counts | None = None, title: str = "") -> str:
    """DOT source; a node's label is its name, and its numbers below when there are counts."""
    graph, frames = fold(graph, catalogue, positions(graph, catalogue))
    drawn = cards(graph, catalogue)
    ids = {card.id: f"n{number}" for number, card in enumerate(drawn, 1)}
    source = graphviz.Digraph(
        name="flow",
        graph_attr={"label": _quote(clean(title)), "bgcolor": LIGHT.canvas, "splines": "line"},
        node_attr={
            "shape": "box",
            "style": "rounded,filled",
            "fixedsize": "true",
            "fontname": "Inter,Helvetica,sans-serif",
            "fontsize": "11",
            "color": LIGHT.line_2,
            "fontcolor": LIGHT.text,
        },
        edge_attr={"color": LIGHT.edge, "fontname": "Inter,Helvetica,sans-serif", "fontsize": "9", "arrowsize": "0.7"},
    )
    for card in drawn:
        label = _quote(card.name)
        if counts is not None:
            entered = counts.get("nodes", {}).get(card.id, {}).get("entered", 0)
            label = graphviz.nohtml(f"{label}\\n{int(entered):,} entered")
        source.node(
            ids[card.id],
            label=label,
            # Graphviz measures in points, from the middle, upwards.
            pos=f"{card.x + CARD_WIDTH / 2:.1f},{-(card.y + card.height / 2):.1f}!",
            width=f"{CARD_WIDTH / _POINTS:.3f}",
            height=f"{card.height / _POINTS:.3f}",
            fillcolor=LIGHT.kinds[card.kind][1],
        )
    names = port_labels(graph, catalogue)
    for edge in graph.edges:
        if edge.source in ids and edge.target in ids:
            label = names[edge.source, edge.source_port][0]
            if counts is not None and (count := counts.get("edges", {}).get(edge.id, {}).get("count", 0)):
                label = f"{label} {int(count):,}".strip()
            source.edge(ids[edge.source], ids[edge.target], label=_quote(label))
    for number, frame in enumerate(frames, 1):
        with source.subgraph(name=f"cluster_{number}", graph_attr={"label": _quote(frame.name)}) as inner:
            for node in frame.nodes:
                inner.node(ids[node])
    return str(source.source)


def _quote(text: str) -> str:
    """Text that Graphviz shows as it stands: no escapes, no HTML label, no entities."""
    return graphviz.escape(text.replace("&", "&amp;"))  # type: ignore[no-any-return]
