"""What changed from one version of a flow to another, or to the draft (SEMANTICS 8.6, 8.7)."""

from __future__ import annotations

from typing import Any

from flowstudio.connectors.registry import CATALOGUE
from flowstudio.domain.diff import ABSENT, Diff, EdgeChange, FieldChange, NodeChange, NoteChange, diff, place
from flowstudio.domain.errors import InputError
from flowstudio.domain.graph import Edge, Graph, Node, Note
from flowstudio.services import graphs
from flowstudio.services.caller import Caller
from flowstudio.store.queries import flows as queries

DRAFT = "draft"


def between(caller: Caller, flow_id: str, number: int, against: str = "") -> dict[str, Any]:
    """The older of the two is what was before; the draft is the newest. Without `against`: the version before.

    The first version is compared with an empty drawing.
    """
    flow = queries.one(caller.workspace_id, flow_id)
    mine = graphs.parse(queries.version(flow.id, number).graph)
    if against == DRAFT:
        draft = queries.draft(caller.workspace_id, flow.id)
        sides = (_side(number), {"version": None, "draft_revision": draft.revision})
        return shown(diff(mine, graphs.parse(draft.graph), CATALOGUE), *sides)
    if against and not (against.isascii() and against.isdigit() and len(against) < 10):
        raise InputError(
            f"“{against[:40]}” is no version.", field="against", fix="Give a version's number, or draft for the draft."
        )
    other = int(against) if against else queries.number_before(flow.id, number)
    theirs = graphs.parse(queries.version(flow.id, other).graph) if other is not None else Graph()
    if other is not None and other > number:
        return shown(diff(mine, theirs, CATALOGUE), _side(number), _side(other))
    return shown(diff(theirs, mine, CATALOGUE), _side(other) if other is not None else None, _side(number))


def _side(number: int) -> dict[str, Any]:
    return {"version": number, "draft_revision": None}


def shown(found: Diff, before: dict[str, Any] | None, after: dict[str, Any]) -> dict[str, Any]:
    """A difference as answers show it."""
    return {
        "before": before,
        "after": after,
        "same": found.same,
        "behaves_differently": found.behaves_differently,
        "sentence": found.sentence,
        "nodes": {
            "added": [_node(node) for node in found.added],
            "removed": [_node(node) for node in found.removed],
            "changed": [_change(change) for change in found.changed],
            "moved": [_change(change) for change in found.moved],
        },
        "edges": [_edge_change(change) for change in found.edges],
        "notes": [_note_change(change) for change in found.notes],
        "settings": [_field(field) for field in found.settings],
    }


def _node(node: Node) -> dict[str, Any]:
    return {"id": node.id, "type": node.type, "name": node.name, "position": place(node.position)}


def _change(change: NodeChange) -> dict[str, Any]:
    return {
        "id": change.after.id,
        "type": change.after.type,
        "name": change.after.name,
        "moved": change.moved,
        "before": place(change.before.position),
        "after": place(change.after.position),
        "fields": [_field(field) for field in change.fields],
    }


def _field(field: FieldChange) -> dict[str, Any]:
    """Where a value was not there, its key is not there either: null is a value."""
    sides = {"before": field.before, "after": field.after}
    return {
        "path": list(field.path),
        "kind": field.kind,
        "sentence": field.sentence,
        **{name: value for name, value in sides.items() if value is not ABSENT},
    }


def _edge(edge: Edge | None) -> dict[str, Any] | None:
    if edge is None:
        return None
    return {"id": edge.id, "source": edge.source, "source_port": edge.source_port, "target": edge.target}


def _edge_change(change: EdgeChange) -> dict[str, Any]:
    kind = "added" if change.before is None else "removed" if change.after is None else "changed"
    return {
        "kind": kind, "before": _edge(change.before), "after": _edge(change.after), "sentence": change.sentence,
    }  # fmt: skip


def _note(note: Note | None) -> dict[str, Any] | None:
    if note is None:
        return None
    return {
        "id": note.id, "text": note.text, "position": place(note.position),
        "size": {"w": note.width, "h": note.height},
    }  # fmt: skip


def _note_change(change: NoteChange) -> dict[str, Any]:
    kind = "added" if change.before is None else "removed" if change.after is None else "changed"
    return {"kind": kind, "moved": change.moved, "before": _note(change.before), "after": _note(change.after)}
