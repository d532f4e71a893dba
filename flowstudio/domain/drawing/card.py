"""What a card says: the values that every drawing shares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flowstudio.domain.drawing.label import clean
from flowstudio.domain.graph import CARD_HEIGHT, Graph, Node, Position
from flowstudio.domain.layout import layout
from flowstudio.domain.layout.frame import FOLDED, height, ports
from flowstudio.domain.nodes.base import Catalogue, Port
from flowstudio.domain.summary import summarise

Counts = Mapping[str, Mapping[str, Mapping[str, Any]]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Card:
    """One node, ready to be drawn: all text is clean, none is escaped."""

    id: str
    x: float
    y: float
    height: int
    slim: bool
    kind: str
    icon: str
    name: str
    sentence: str
    letter: str
    foot: str
    foot_right: str
    off: bool = False


def cards(graph: Graph, catalogue: Catalogue) -> tuple[Card, ...]:
    """Every node at its place, in the document's order."""
    places = positions(graph, catalogue)
    return tuple(_card(node, catalogue, places[node.id]) for node in graph.nodes)


def positions(graph: Graph, catalogue: Catalogue) -> dict[str, Position]:
    """The stored positions. A node without one makes the whole graph be laid out: half a layout would overlap."""
    stored = {node.id: node.position for node in graph.nodes}
    if all(place is not None for place in stored.values()):
        return {name: place for name, place in stored.items() if place is not None}
    return layout(graph, catalogue)


def port_labels(graph: Graph, catalogue: Catalogue) -> dict[tuple[str, str], tuple[str, Port | None]]:
    """What each port in use is called on a line ('' for a card's only way on), by (node, port)."""
    found: dict[tuple[str, str], tuple[str, Port | None]] = {}
    for node in graph.nodes:
        offered = ports(node.type, node.config, catalogue)
        # A plain card's way on needs no name; where a card decides, every way has one.
        decides = sum(port.kind != "error" and port.id != "not_found" for port in offered) > 1
        for port in offered:
            named = decides or port.id != "out"
            found[node.id, port.id] = (clean(port.label or port.id, 60) if named else "", port)
    for edge in graph.edges:
        found.setdefault(
            (edge.source, edge.source_port), ("" if edge.source_port == "out" else clean(edge.source_port, 60), None)
        )
    return found


def _card(node: Node, catalogue: Catalogue, place: Position) -> Card:
    if node.type == FOLDED:
        return _folded(node, place)
    known = catalogue.get(node.type)
    high = height(node.type, catalogue)
    kind = known.kind if known is not None else _kind(node.type)
    sentence = clean(summarise(known.summary, node.config), 120) if known is not None else "Unknown node type"
    price = f"{_money(known.price)} a call" if known is not None and known.price else ""
    vendor = known.vendor if known is not None else None
    return Card(
        id=node.id,
        x=place.x,
        y=place.y,
        height=high,
        slim=high == 40,
        kind=kind,
        icon=known.icon if known is not None else "",
        name=clean(node.name) or (clean(known.name) if known is not None else clean(node.type)) or clean(node.id),
        sentence=sentence,
        letter=clean(vendor.letter, 2)[:1] if vendor is not None else "",
        foot=price or (clean(known.name, 40) if known is not None else clean(node.type, 40)),
        # A vendor that is called like its action ("E-mail") is said once.
        foot_right=clean(vendor.name, 40)
        if vendor is not None and known is not None and vendor.name != known.name
        else "",
        off=node.disabled,
    )


def _folded(node: Node, place: Position) -> Card:
    """The one card of a collapsed group."""
    return Card(
        id=node.id, x=place.x, y=place.y, height=CARD_HEIGHT, slim=False, kind="exit", icon="stack",
        name=clean(node.name), sentence=str(node.config["said"]), letter="", foot=str(node.config["foot"]),
        foot_right="",
    )  # fmt: skip


def _kind(type_name: str) -> str:
    head = type_name.split(".", 1)[0]
    return {"trigger": "trigger", "wait": "wait", "exit": "exit", "goal": "goal"}.get(head, "data")


def _money(amount: float) -> str:
    """Dollars with the digits that matter, as the canvas writes them: $0.20, $0.001."""
    return f"${amount:.2f}" if amount >= 0.01 else f"${amount:.4f}".rstrip("0")
