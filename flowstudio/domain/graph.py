"""The graph document as frozen values: what a marketer drew (CONTRACT, "The graph document").

`parse` reads a JSON value into a `Graph` or raises `GraphMalformed` with every problem; `serialise` writes it back in
one deterministic form. Whether the graph makes *sense* is `flowstudio.domain.validate`'s question, not this module's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from flowstudio.domain.errors import GraphMalformed

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
    """One card. A node is its `id`, not its name or place (SEMANTICS 8.1); `disabled` is a step switched off."""

    id: str
    type: str
    name: str = ""
    config: Mapping[str, Any] = field(default_factory=dict)
    position: Position | None = None
    disabled: bool = False


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
    color: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """Cards that belong together: a named frame around them, or one card in their place while it is collapsed."""

    id: str
    name: str = ""
    nodes: tuple[str, ...] = ()
    collapsed: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Graph:
    """The whole document, in the author's order."""

    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()
    notes: tuple[Note, ...] = ()
    groups: tuple[Group, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    schema: int = SCHEMA


_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
_CEL_KEYWORDS = frozenset(
    "as break const continue else false for function if import in let loop package namespace null return true var void"
    " while".split()
)
MAX_BYTES = 8 * 1024 * 1024
NOTE_COLORS = ("yellow", "blue", "green", "pink", "grey")


class _Reader:
    """Collects every problem of a document, so that all are told at once."""

    def __init__(self) -> None:
        self.problems: list[tuple[str, str]] = []

    def bad(self, path: str, sentence: str) -> None:
        if len(self.problems) < 200:
            self.problems.append((path, sentence))

    def items(self, document: Mapping[str, Any], key: str, most: int) -> list[tuple[str, Mapping[str, Any]]]:
        value = document.get(key, [])
        if not isinstance(value, list):
            self.bad(key, f"“{key}” must be a list.")
            return []
        if len(value) > most:
            self.bad(key, f"A flow can have at most {most:,} {key}; this one has {len(value):,}.")
            return []
        rows = []
        for index, item in enumerate(value):
            if isinstance(item, Mapping):
                rows.append((f"{key}.{index}", item))
            else:
                self.bad(f"{key}.{index}", "This must be an object.")
        return rows

    def text(self, item: Mapping[str, Any], path: str, key: str, most: int, default: str | None = None) -> str:
        value = item.get(key, default)
        if not isinstance(value, str):
            self.bad(f"{path}.{key}", f"“{key}” must be a text.")
            return ""
        if len(value) > most:
            self.bad(f"{path}.{key}", f"“{key}” can have at most {most:,} characters.")
        return value

    def id(self, item: Mapping[str, Any], path: str, key: str = "id") -> str:
        value = item.get(key)
        if not is_id(value):
            self.bad(
                f"{path}.{key}",
                f"“{str(value)[:40]}” is no id: use letters, digits and _, at most 64, no digit first, no CEL keyword.",
            )
            return ""
        return str(value)

    def number(self, item: Mapping[str, Any], path: str, key: str) -> float:
        value = item.get(key)
        if isinstance(value, bool) or not isinstance(value, int | float) or not -1e7 < value < 1e7:
            self.bad(f"{path}.{key}", f"“{key}” must be a number.")
            return 0
        return value

    def position(self, item: Mapping[str, Any], path: str) -> Position | None:
        value = item.get("position")
        if value is None:
            return None
        if not isinstance(value, Mapping):
            self.bad(f"{path}.position", "A position must have x and y.")
            return None
        place = f"{path}.position"
        return Position(x=self.number(value, place, "x"), y=self.number(value, place, "y"))

    def flag(self, item: Mapping[str, Any], path: str, key: str) -> bool:
        value = item.get(key, False)
        if not isinstance(value, bool):
            self.bad(f"{path}.{key}", f"“{key}” must be true or false.")
            return False
        return value

    def once(self, ids: list[tuple[str, str]], what: str) -> None:
        seen: set[str] = set()
        for path, identity in ids:
            if identity and identity in seen:
                self.bad(path, f"Two {what} have the id “{identity}”.")
            seen.add(identity)


def is_id(value: object) -> bool:
    """Whether `value` can name a node, case, arm or branch (so that `steps.<id>` is always an expression)."""
    return isinstance(value, str) and _ID.fullmatch(value) is not None and value not in _CEL_KEYWORDS


def parse(document: object) -> Graph:
    """Reads a JSON value as a graph; raises GraphMalformed with every problem, each with its path.

    Unknown node types and unfinished configs are no problem here: work in progress must be kept.
    """
    if not isinstance(document, Mapping):
        raise GraphMalformed([("", "A graph must be an object with nodes and edges.")])
    reader = _Reader()
    if document.get("schema", SCHEMA) != SCHEMA:
        reader.bad("schema", f"This version of flowstudio reads schema {SCHEMA} only.")
    nodes = [(path, _node(reader, item, path)) for path, item in reader.items(document, "nodes", MAX_NODES)]
    edges = [(path, _edge(reader, item, path)) for path, item in reader.items(document, "edges", MAX_EDGES)]
    notes = [(path, _note(reader, item, path)) for path, item in reader.items(document, "notes", MAX_NODES)]
    groups = [(path, _group(reader, item, path)) for path, item in reader.items(document, "groups", MAX_NODES)]
    settings = document.get("settings", {})
    if not isinstance(settings, Mapping):
        reader.bad("settings", "“settings” must be an object.")
        settings = {}
    reader.once([(path, node.id) for path, node in nodes], "nodes")
    reader.once([(path, edge.id) for path, edge in edges], "edges")
    reader.once([(path, note.id) for path, note in notes], "notes")
    reader.once([(path, group.id) for path, group in groups], "groups")
    if reader.problems:
        raise GraphMalformed(reader.problems)
    return Graph(
        nodes=tuple(node for _, node in nodes),
        edges=tuple(edge for _, edge in edges),
        notes=tuple(note for _, note in notes),
        groups=_gathered([group for _, group in groups], {node.id for _, node in nodes}),
        settings=dict(settings),
    )


def _node(reader: _Reader, item: Mapping[str, Any], path: str) -> Node:
    config = item.get("config", {})
    if not isinstance(config, Mapping):
        reader.bad(f"{path}.config", "“config” must be an object.")
        config = {}
    return Node(
        id=reader.id(item, path),
        type=reader.text(item, path, "type", 100),
        name=reader.text(item, path, "name", 200, ""),
        config=dict(config),
        position=reader.position(item, path),
        disabled=reader.flag(item, path, "disabled"),
    )


def _edge(reader: _Reader, item: Mapping[str, Any], path: str) -> Edge:
    return Edge(
        id=reader.id(item, path),
        source=reader.id(item, path, "source"),
        source_port=reader.text(item, path, "source_port", 64, "out"),
        target=reader.id(item, path, "target"),
    )


def _note(reader: _Reader, item: Mapping[str, Any], path: str) -> Note:
    size = item.get("size", {})
    size = size if isinstance(size, Mapping) else {}
    return Note(
        id=reader.id(item, path),
        text=reader.text(item, path, "text", 20_000, ""),
        position=reader.position(item, path) or Position(x=0, y=0),
        width=reader.number({"w": size.get("w", 240)}, f"{path}.size", "w"),
        height=reader.number({"h": size.get("h", 120)}, f"{path}.size", "h"),
        color=color if (color := item.get("color")) in NOTE_COLORS else "",
    )


def _group(reader: _Reader, item: Mapping[str, Any], path: str) -> Group:
    nodes = item.get("nodes", [])
    if not isinstance(nodes, list) or not all(isinstance(node, str) for node in nodes):
        reader.bad(f"{path}.nodes", "“nodes” must be a list of node ids.")
        nodes = []
    return Group(
        id=reader.id(item, path),
        name=reader.text(item, path, "name", 200, ""),
        nodes=tuple(nodes),
        collapsed=reader.flag(item, path, "collapsed"),
    )


def _gathered(groups: list[Group], there: set[str]) -> tuple[Group, ...]:
    """A card is in one group at most, and a group holds cards that are there: what an edit left over is dropped."""
    kept = []
    for group in groups:
        members = tuple(node for node in dict.fromkeys(group.nodes) if node in there)
        there = there - set(members)
        if members:
            kept.append(replace(group, nodes=members))
    return tuple(kept)


def serialise(graph: Graph) -> dict[str, Any]:
    """The document in its one form: lists by id, keys sorted, so that it diffs well in git.

    What a graph need not have (groups, a note's colour, a step switched off) is only there where it says something.
    """
    return {
        "edges": [
            {"id": e.id, "source": e.source, "source_port": e.source_port, "target": e.target}
            for e in sorted(graph.edges, key=lambda edge: edge.id)
        ],
        **({"groups": _groups(graph)} if graph.groups else {}),
        "nodes": [_node_document(node) for node in sorted(graph.nodes, key=lambda node: node.id)],
        "notes": [
            {
                **({"color": n.color} if n.color else {}),
                "id": n.id,
                "position": {"x": n.position.x, "y": n.position.y},
                "size": {"h": n.height, "w": n.width},
                "text": n.text,
            }
            for n in sorted(graph.notes, key=lambda note: note.id)
        ],
        "schema": graph.schema,
        "settings": _sorted(graph.settings),
    }


def _groups(graph: Graph) -> list[dict[str, Any]]:
    return [
        {
            **({"collapsed": True} if group.collapsed else {}),
            "id": group.id,
            "name": group.name,
            "nodes": sorted(group.nodes),
        }
        for group in sorted(graph.groups, key=lambda group: group.id)
    ]


def _node_document(node: Node) -> dict[str, Any]:
    document = {"config": _sorted(node.config), "id": node.id, "name": node.name, "type": node.type}
    if node.disabled:
        document["disabled"] = True
    if node.position is not None:
        document["position"] = {"x": node.position.x, "y": node.position.y}
    return dict(sorted(document.items()))


def _sorted(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _sorted(value[key]) for key in sorted(value)}
    return [_sorted(item) for item in value] if isinstance(value, list | tuple) else value
