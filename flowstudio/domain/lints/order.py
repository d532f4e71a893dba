"""Answers of steps that some customers have not passed (SEMANTICS 9.7: an absent value does not match)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import networkx as nx

from flowstudio.domain import expression, sources, template
from flowstudio.domain.errors import InputError
from flowstudio.domain.issue import Issue
from flowstudio.domain.lints.view import View
from flowstudio.domain.rules import to_cel


def issues(view: View) -> Iterator[Issue]:
    """`not_on_every_way`."""
    above: dict[str, str] | None = None
    ancestors: dict[str, set[str]] = {}
    for node, kind in view.running():
        for path, how, text in sources.of(node, kind):
            for step in sorted(_steps(how, text)):
                if step not in view.nodes or step == node.id:
                    continue
                above = above if above is not None else _dominators(view)
                if node.id not in ancestors:
                    ancestors[node.id] = nx.ancestors(view.links, node.id)
                if step not in ancestors[node.id] or step in _line(above, node.id):
                    continue
                yield Issue(
                    code="not_on_every_way",
                    severity="warning",
                    message=f"{view.name(node)} reads the answer of {view.name(view.nodes[step])}, but not every customer "
                    "who comes here has passed it.",
                    node=node.id,
                    field=path,
                    fix='Say what counts without it (in a text: | default: "…"), or move the step to where all pass.',
                )


def _steps(how: str, text: str | Mapping[str, Any]) -> set[str]:
    """Steps whose answers are read and that would be missed: a text with a default, a condition that asks, are not."""
    try:
        source = to_cel(text) if isinstance(text, Mapping) else text
        read = expression.references(source) if how == "cel" else template.references(source)
    except InputError:
        return set()
    careful = "has(" in source if how == "cel" else "default" in source or "{% if" in source or "{%- if" in source
    return set() if careful else {path.split(".")[1] for path in read if path.startswith("steps.")}


def _dominators(view: View) -> dict[str, str]:
    """The nearest node that every customer who comes to a node has passed."""
    starts = [node.id for node, kind in view.running() if kind.trigger]
    if len(starts) != 1:
        return {}
    return dict(nx.immediate_dominators(view.links, starts[0]))


def _line(above: Mapping[str, str], node: str) -> set[str]:
    line: set[str] = set()
    at: str | None = node
    while at is not None and at not in line:
        line.add(at)
        at = above.get(at)
    return line
