"""Every expression and text of a node's config, with its place: what the checks read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flowstudio.domain import fields
from flowstudio.domain.graph import Node
from flowstudio.domain.nodes.base import NodeType


def of(node: Node, kind: NodeType) -> Iterator[tuple[str, str, str | Mapping[str, Any]]]:
    """(path, "cel" or "liquid", text or rule group) for every expression and template of a config."""
    widgets = dict(fields.marks(kind.config, "x-widget"))
    renders = dict(fields.marks(kind.config, "x-render"))
    for name, widget in widgets.items():
        value = node.config.get(name)
        if (widget == "cel" or renders.get(name) == "cel") and isinstance(value, str) and value.strip():
            yield name, "cel", value
        elif renders.get(name) in {"liquid", "value", "blocks"}:
            yield from _nested(name, value)
        elif widget in {"cases", "wait-branches"} and isinstance(value, list | tuple):
            yield from _conditions(name, value, "when" if widget == "cases" else "filter")
            if widget == "wait-branches":
                yield from (one for one in _conditions(name, value, "when") if one[2])


def _nested(path: str, value: Any, depth: int = 0) -> Iterator[tuple[str, str, str]]:
    if isinstance(value, str):
        if "{" in value:
            yield path, "liquid", value
    elif depth < 32 and isinstance(value, Mapping):
        for key, item in value.items():
            yield from _nested(f"{path}.{key}", item, depth + 1)
    elif depth < 32 and isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from _nested(f"{path}.{index}", item, depth + 1)


def _conditions(path: str, rows: Any, key: str) -> Iterator[tuple[str, str, str | Mapping[str, Any]]]:
    for index, row in enumerate(rows):
        when = row.get(key) if isinstance(row, Mapping) else None
        if isinstance(when, Mapping) or (isinstance(when, str) and (when.strip() or key == "when")):
            yield f"{path}.{index}.{key}", "cel", when
