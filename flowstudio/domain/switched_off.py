"""A step that is switched off stays in the drawing, and customers pass through it (CONTRACT, `disabled`).

They leave by its first main way out, since that is where most would go on; nothing is asked, sent or waited for. What
splits a run or joins it again cannot be switched off: half of it would be left standing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowstudio.domain.nodes.base import NodeType

REASON = "This step is switched off"
_FIXED = frozenset({"parallel", "join", "repeat"})


def may_be(kind: NodeType | None) -> bool:
    """Whether a node of this type can be switched off: all but triggers and what shapes the run."""
    return kind is None or not (kind.trigger or kind.type in _FIXED)


def way(kind: NodeType | None, config: Mapping[str, Any]) -> str:
    """The port by which customers leave: the first main one, else the first that is no error; '' where none leads on."""
    if kind is None:
        return "out"
    try:
        ports = kind.ports(config)
    except (AttributeError, KeyError, TypeError, ValueError):
        # A config that its own type cannot read must not stop the run that only passes through.
        return "out"
    ways = [port.id for port in ports if port.kind == "main"] or [port.id for port in ports if port.kind != "error"]
    return ways[0] if ways else ""
