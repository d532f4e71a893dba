"""The graph as a Mermaid flowchart: Mermaid lays it out itself, so that it can stand in any Markdown page."""

from __future__ import annotations

from flowstudio.domain.drawing.card import Counts, cards, port_labels, positions
from flowstudio.domain.drawing.groups import fold
from flowstudio.domain.drawing.theme import LIGHT
from flowstudio.domain.graph import Graph
from flowstudio.domain.nodes.base import Catalogue

# Mermaid reads Markdown, entities and its own syntax inside quoted text: everything but plain characters becomes
# a numeric entity in its notation, so that a label can never end its quotes or start a directive.
_PLAIN = frozenset(" ,.-_")


def mermaid(graph: Graph, catalogue: Catalogue, *, counts: Counts | None = None) -> str:
    """Mermaid source with ids n1, n2 …, one class a kind."""
    graph, frames = fold(graph, catalogue, positions(graph, catalogue))
    drawn = cards(graph, catalogue)
    ids = {card.id: f"n{number}" for number, card in enumerate(drawn, 1)}
    out = ["flowchart TD"]
    for card in drawn:
        text = quote(card.name)
        if counts is not None:
            text += f"<br/>{int(counts.get('nodes', {}).get(card.id, {}).get('entered', 0)):,} entered"
        left, right = ("([", "])") if card.slim else ("[", "]")
        out.append(f'  {ids[card.id]}{left}"{text}"{right}:::{card.kind}')
    names = port_labels(graph, catalogue)
    for edge in graph.edges:
        if edge.source in ids and edge.target in ids:
            label = quote(names[edge.source, edge.source_port][0])
            if counts is not None and (count := counts.get("edges", {}).get(edge.id, {}).get("count", 0)):
                label = f"{label} {int(count):,}".strip()
            arrow = f'-->|"{label}"|' if label else "-->"
            out.append(f"  {ids[edge.source]} {arrow} {ids[edge.target]}")
    for number, frame in enumerate(frames, 1):
        out.append(f'  subgraph g{number}["{quote(frame.name)}"]')
        out += [f"    {ids[node]}" for node in frame.nodes]
        out.append("  end")
    for kind in sorted({card.kind for card in drawn}):
        ink, tint = LIGHT.kinds[kind]
        out.append(f"  classDef {kind} fill:{tint},stroke:{ink},color:{LIGHT.text}")
    return "\n".join(out) + "\n"


def quote(text: str) -> str:
    """Text for a quoted Mermaid label."""
    return "".join(char if char.isalnum() or char in _PLAIN else f"#{ord(char)};" for char in text)
