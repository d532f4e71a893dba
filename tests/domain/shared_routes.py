"""The drawings that Python and TypeScript must make alike: `python -m tests.domain.shared_routes` writes the fixture."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from benchmarks.flows import CATALOGUE as BENCHED
from benchmarks.flows import flow
from flowstudio.connectors.registry import CATALOGUE
from flowstudio.domain.drawing.card import port_labels
from flowstudio.domain.drawing.label import width, wish
from flowstudio.domain.graph import Graph, parse
from flowstudio.domain.layout import layout
from flowstudio.domain.layout.labels import place
from flowstudio.domain.layout.route import Router
from flowstudio.domain.nodes.base import Catalogue
from flowstudio.domain.samples import onboarding_unit
from tests.domain import drawn

FIXTURE = Path(__file__).resolve().parents[1] / "fixtures/routes.json"
TEXTS = (
    "",
    "error",
    "not found",
    "Everyone else",
    "> 100 employees",
    "Ünïcode Ärger",
    "メール",
    "👩 12 %",
    "WWW mmm —",
)


def flows() -> list[tuple[str, Graph, Catalogue]]:
    """The sample, doubles to one card, a wide branch, loops, and random flows of three shapes."""
    double = drawn.graph("a b", "b c", "a:error c", "a:c0 c", "c:error a", "b:error b", "c d", "d:error b")
    wide = drawn.graph("t b", *(f"b:c{n} x{n % 5}" for n in range(7)), "x1 x2", "x3 b", types={"b": "branch"})
    found: list[tuple[str, Graph, Catalogue]] = [
        ("onboarding", parse(onboarding_unit()), CATALOGUE),
        ("doubles", double, drawn.CATALOGUE),
        ("wide", wide, drawn.CATALOGUE),
    ]
    for joins, loops in ((0.0, 0.0), (0.15, 0.02), (0.3, 0.15)):
        found += [
            (f"random {size} {joins} {loops}", flow(size, size, joins=joins, loops=loops), BENCHED)
            for size in (8, 20, 40)
        ]
    return found


def drawing(name: str, graph: Graph, catalogue: Catalogue) -> dict[str, Any]:
    """One flow laid out: what a router is given, and what it answers."""
    router = Router(graph, catalogue, layout(graph, catalogue))
    labels = port_labels(graph, catalogue)
    edges = [edge for edge in graph.edges if router.route(edge)]
    lines = [router.route(edge) for edge in edges]
    rows = []
    for edge in edges:
        label, port = labels[edge.source, edge.source_port]
        error = port is not None and port.kind == "error"
        rows.append(
            {
                "source": edge.source,
                "port": edge.source_port,
                "target": edge.target,
                "start": router.starts[edge.source, edge.source_port],
                "error": error,
                "label": label,
            }
        )
    wishes = [wish(row["label"], shares=not row["error"] and row["port"] != "not_found") for row in rows]
    places = place(lines, wishes, router.solid)
    return {
        "name": name,
        "boxes": router.boxes,
        "edges": rows,
        "solid": router.solid,
        "lines": lines,
        "labels": [at and [at.x, at.y, at.width, at.grow, at.side] for at in places],
    }


def document() -> dict[str, Any]:
    """All drawings, as the fixture holds them."""
    made = {
        "drawings": [drawing(*row) for row in flows()],
        "widths": {text: width(text, 11) for text in TEXTS},
    }
    # To JSON and back, so that tuples are lists; a millionth of a pixel is nobody's business.
    loaded: dict[str, Any] = json.loads(json.dumps(made), parse_float=lambda text: round(float(text), 6))
    return loaded


if __name__ == "__main__":
    rows = ",\n".join(json.dumps(row, ensure_ascii=False) for row in document()["drawings"])
    widths = json.dumps(document()["widths"], ensure_ascii=False)
    FIXTURE.write_text(f'{{"drawings": [\n{rows}\n],\n"widths": {widths}}}\n')
