"""The documented mistakes: small drawings that make exactly one, and the same mended (tests/fixtures/lints.json).

`UPDATE_RULES=1 pytest tests/domain/test_lints.py` writes docs/rules.md and its pictures from them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from flowstudio.connectors.registry import CATALOGUE
from flowstudio.domain.drawing.svg import svg
from flowstudio.domain.graph import Graph, parse
from flowstudio.domain.layout import layout
from flowstudio.domain.validate import Issue, validate

ROOT = Path(__file__).resolve().parents[2]
CASES: list[dict[str, Any]] = json.loads((ROOT / "tests" / "fixtures" / "lints.json").read_text())
PAGE = ROOT / "docs" / "rules.md"
PICTURES = ROOT / "docs" / "pictures" / "rules"
_WORDS = {"error": "An error: it cannot be published.", "warning": "A warning.", "hint": "A hint."}
_GIVEN: Mapping[str, dict[str, Any]] = {
    "email.send": {"to": "{{ customer.email }}", "subject": "Welcome", "body": "Hello", "category": "onboarding"},
    "slack.message": {"channel": "#sales", "text": "A new customer"},
}


def graph(case: Mapping[str, Any]) -> Graph:
    """A drawing of the fixtures, laid out."""
    edges = []
    for number, part in enumerate(str(case["edges"]).split()):
        source, _, target = part.partition(">")
        node, _, port = source.partition(".")
        edges.append({"id": f"e{number}", "source": node, "source_port": port or "out", "target": target})
    nodes = [
        {
            "id": row[0],
            "type": row[1],
            "name": row[2],
            "config": {**_GIVEN.get(row[1], {}), **(row[3] if len(row) > 3 else {})},
        }
        for row in case["nodes"]
    ]
    drawn = parse({"schema": 1, "nodes": nodes, "edges": edges, "settings": case.get("settings", {})})
    places = layout(drawn, CATALOGUE)
    return replace(drawn, nodes=tuple(replace(node, position=places.get(node.id)) for node in drawn.nodes))


def issues(case: Mapping[str, Any]) -> tuple[Issue, ...]:
    return validate(graph(case), CATALOGUE)


def pages() -> dict[Path, str]:
    """The page and its pictures, by path."""
    made: dict[Path, str] = {}
    lines = [
        "# What is checked while you draw",
        "",
        "Each mistake with an example that makes it, and the same drawing mended. The editor marks it on the card; many are",
        "mended by one press.",
    ]
    for case in CASES:
        code = case["code"]
        found = next(issue for issue in issues(case["wrong"]) if issue.code == code)
        for which in ("wrong", "right"):
            made[PICTURES / f"{code}-{which}.svg"] = svg(graph(case[which]), CATALOGUE)
        lines += [
            "",
            f"## `{code}`",
            f"> {found.message}",
            "",
            f"{case['why']} {found.fix} *{_WORDS[found.severity]}*",
            "",
            "| wrong | right |",
            "|---|---|",
            f"| ![wrong](pictures/rules/{code}-wrong.svg) | ![right](pictures/rules/{code}-right.svg) |",
        ]
    made[PAGE] = "\n".join(lines) + "\n"
    return made
