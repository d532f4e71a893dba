"""A problem of a graph as everybody is told it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "hint"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Issue:
    """One problem. `node` and `edge` are ids or ''; `field` is a dotted path in the node's config."""

    code: str
    severity: Severity
    message: str
    node: str = ""
    edge: str = ""
    field: str = ""
    fix: str = ""

    def as_dict(self) -> dict[str, str]:
        """As `graphs/validate/` answers."""
        return {
            "code": self.code,
            "severity": self.severity,
            "message": self.message,
            "node": self.node,
            "edge": self.edge,
            "field": self.field,
            "fix": self.fix,
        }
