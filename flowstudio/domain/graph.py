"""The graph document as frozen values: what a marketer drew (CONTRACT, "The graph document").

`parse` reads a JSON value into a `Graph` or raises `GraphMalformed` with every problem; `serialise` writes it back in
one deterministic form. Whether the graph makes *sense* is `flowstudio.domain.validate`'s question, not this module's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

SCHEMA = 1
MAX_NODES = 5_000
MAX_EDGES = 20_000
CARD_WIDTH = 248
CARD_HEIGHT = 76
SLIM_HEIGHT = 40


@dataclass(frozen=True, kw_only=True, slots=True)
class Position:
    """Top-left corner of a card, in canvas pixels."""

    x: float
    y: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Node:
    """One card. A node is its `id`, not its name or place (SEMANTICS 8.1)."""

    id: str
    type: str
    name: str = ""
    config: Mapping[str, Any] = field(default_factory=dict)
    position: Position | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Edge:
    """From a node's out port to another node's only entrance."""

    id: str
    source: str
    source_port: str
    target: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Note:
    """A sticky note in Markdown; nothing runs through it."""

    id: str
    text: str
    position: Position
    width: float = 240
    height: float = 120


@dataclass(frozen=True, kw_only=True, slots=True)
class Graph:
    """The whole document, in the author's order."""

    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()
    notes: tuple[Note, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    schema: int = SCHEMA
