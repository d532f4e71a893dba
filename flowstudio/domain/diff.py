"""What changed between two drawings, in values and in words; deterministic, and complete: nothing changes unsaid.

A node is its id (SEMANTICS 8.1), a line is the way from a port to a node whatever its id. Lists of named things (cases,
branches) are compared thing by thing, since their order decides.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from flowstudio.domain import difference_words as words
from flowstudio.domain import rules_said
from flowstudio.domain.graph import Edge, Graph, Node, Note, Position
from flowstudio.domain.nodes.base import Catalogue
from flowstudio.domain.rules import is_group

Kind = Literal["added", "removed", "changed", "reordered"]
ABSENT: Final = words.ABSENT


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldChange:
    """One field that changed. `path` leads to it: the config's field, then a case's id or a trait's name, and so on.

    `before` or `after` is ABSENT where the field was not there; of a reordered list they are the ids in their order.
    """

    path: tuple[str, ...]
    kind: Kind
    before: Any
    after: Any
    sentence: str


@dataclass(frozen=True, kw_only=True, slots=True)
class NodeChange:
    """A node in both drawings that is not the same: its fields, or only its place (`fields` is empty)."""

    before: Node
    after: Node
    fields: tuple[FieldChange, ...]

    @property
    def moved(self) -> bool:
        """Whether its card lies elsewhere."""
        return self.before.position != self.after.position


@dataclass(frozen=True, kw_only=True, slots=True)
class EdgeChange:
    """A line that is new (`before` is None), gone (`after` is None), or leads elsewhere from the same port."""

    before: Edge | None
    after: Edge | None
    sentence: str


@dataclass(frozen=True, kw_only=True, slots=True)
class NoteChange:
    """A note that is new, gone, or another; `moved` when only its place or size is."""

    before: Note | None
    after: Note | None

    @property
    def moved(self) -> bool:
        """Whether the text is the same."""
        return self.before is not None and self.after is not None and self.before.text == self.after.text


@dataclass(frozen=True, kw_only=True, slots=True)
class Diff:
    """Everything that is different, by id."""

    added: tuple[Node, ...]
    removed: tuple[Node, ...]
    changed: tuple[NodeChange, ...]
    moved: tuple[NodeChange, ...]
    edges: tuple[EdgeChange, ...]
    notes: tuple[NoteChange, ...]
    settings: tuple[FieldChange, ...]
    groups: tuple[str, ...] = ()

    @property
    def same(self) -> bool:
        """Whether nothing is different at all."""
        return not (self.moved or self.notes or self.groups or self.behaves_differently)

    @property
    def behaves_differently(self) -> bool:
        """Whether customers may notice: more than places and notes."""
        return bool(self.added or self.removed or self.changed or self.edges or self.settings)

    @property
    def sentence(self) -> str:
        """How much is different, in a sentence."""
        lines = len(self.edges)
        parts = [
            words.counted(len(self.added), "step added", "steps added"),
            words.counted(len(self.removed), "step removed", "steps removed"),
            words.counted(len(self.changed), "step changed", "steps changed"),
            words.counted(lines, "line changed", "lines changed"),
            words.counted(len(self.settings), "setting changed", "settings changed"),
            words.counted(len(self.moved), "card moved", "cards moved"),
            words.counted(len(self.notes), "note changed", "notes changed"),
            words.counted(len(self.groups), "group changed", "groups changed"),
        ]
        return words.joined([part for part in parts if part]) or "Nothing is different."


def diff(before: Graph, after: Graph, catalogue: Catalogue) -> Diff:
    """What became of `before`: added is what only `after` has."""
    old = {node.id: node for node in before.nodes}
    new = {node.id: node for node in after.nodes}
    both = [_node(old[key], new[key], catalogue) for key in sorted(old.keys() & new.keys())]
    return Diff(
        added=tuple(new[key] for key in sorted(new.keys() - old.keys())),
        removed=tuple(old[key] for key in sorted(old.keys() - new.keys())),
        changed=tuple(change for change in both if change.fields),
        moved=tuple(change for change in both if change.moved and not change.fields),
        edges=tuple(_edges(before, after, catalogue)),
        notes=tuple(_notes(before, after)),
        settings=tuple(_in_words(one) for one in _mapping(before.settings, after.settings, (), words.setting)),
        groups=tuple(_groups(before, after)),
    )


def _in_words(change: FieldChange) -> FieldChange:
    """A setting that is more than one value, said as the flow's explanation says it."""
    told = rules_said.said({change.path[0]: change.after}) if len(change.path) == 1 else ()
    if not told or not isinstance(change.after, Mapping | list | tuple):
        return change
    return replace(change, sentence=f"{words.setting(change.path)}: {' '.join(told)}")


def _node(before: Node, after: Node, catalogue: Catalogue) -> NodeChange:
    fields: list[FieldChange] = []
    for name in ("type", "name"):
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            sentence = words.renamed(old, new) if name == "name" else words.another_type(old, new, catalogue)
            fields.append(FieldChange(path=(name,), kind="changed", before=old, after=new, sentence=sentence))
    if before.disabled != after.disabled:
        sentence = "Switched off" if after.disabled else "Switched on"
        fields.append(
            FieldChange(
                path=("disabled",), kind="changed", before=before.disabled, after=after.disabled, sentence=sentence
            )
        )
    label = words.labels(after.type, catalogue)
    fields += [
        FieldChange(
            path=("config", *one.path), kind=one.kind, before=one.before, after=one.after, sentence=one.sentence
        )
        for one in _mapping(before.config, after.config, (), label)
    ]
    return NodeChange(before=before, after=after, fields=tuple(fields))


def _mapping(
    before: Mapping[str, Any], after: Mapping[str, Any], path: tuple[str, ...], label: words.Label
) -> Iterator[FieldChange]:
    for key in sorted(before.keys() | after.keys()):
        old, new, here = before.get(key, ABSENT), after.get(key, ABSENT), (*path, key)
        if same(old, new):
            continue
        if not path and _named(old) and _named(new):
            yield from _things(old, new, here, label)
        elif not path and _plain_mapping(old) and _plain_mapping(new):
            yield from _mapping(old, new, here, label)
        else:
            yield _change(here, old, new, label)


def _change(path: tuple[str, ...], old: Any, new: Any, label: words.Label) -> FieldChange:
    kind: Kind = "added" if old is ABSENT else "removed" if new is ABSENT else "changed"
    return FieldChange(path=path, kind=kind, before=old, after=new, sentence=words.field(path, old, new, label))


def _things(
    before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]], path: tuple[str, ...], label: words.Label
) -> Iterator[FieldChange]:
    """A list of things with ids: which came, which went, what is different in each, and their order."""
    old, new = {item["id"]: item for item in before}, {item["id"]: item for item in after}
    for key in [*old, *(key for key in new if key not in old)]:
        here = (*path, key)
        if key in old and key in new:
            named = words.inside(label, path, words.thing(new[key]))
            yield from _mapping(old[key], new[key], here, named)
        elif key in new:
            sentence = f"{label(path)}: {words.thing(new[key])} added"
            yield FieldChange(path=here, kind="added", before=ABSENT, after=new[key], sentence=sentence)
        else:
            sentence = f"{label(path)}: {words.thing(old[key])} removed"
            yield FieldChange(path=here, kind="removed", before=old[key], after=ABSENT, sentence=sentence)
    if list(new) != order_left(list(old), list(new)):
        sentence = f"{label(path)}: the order is now {', '.join(words.thing(item) for item in after)}"
        yield FieldChange(path=path, kind="reordered", before=list(old), after=list(new), sentence=sentence)


def order_left(before: Sequence[str], after: Sequence[str]) -> list[str]:
    """The order that comes of taking out what went and putting what came at the end."""
    return [key for key in before if key in after] + [key for key in after if key not in before]


def _named(value: Any) -> bool:
    if not isinstance(value, list | tuple) or not value:
        return False
    ids = [item.get("id") if isinstance(item, Mapping) else None for item in value]
    return all(isinstance(one, str) for one in ids) and len(set(ids)) == len(ids)


def _plain_mapping(value: Any) -> bool:
    return isinstance(value, Mapping) and not is_group(value)


def _edges(before: Graph, after: Graph, catalogue: Catalogue) -> Iterator[EdgeChange]:
    gone, came = _only(before.edges, after.edges), _only(after.edges, before.edges)
    by_port: dict[tuple[str, str], list[Edge]] = {}
    for edge in came:
        by_port.setdefault((edge.source, edge.source_port), []).append(edge)
    pairs: list[tuple[Edge | None, Edge | None]] = []
    for edge in gone:
        waiting = by_port.get((edge.source, edge.source_port))
        pairs.append((edge, waiting.pop(0) if waiting else None))
    pairs += [(None, edge) for edge in sorted((e for rest in by_port.values() for e in rest), key=_ends)]
    said = words.Lines(before, after, catalogue)
    for old, new in pairs:
        yield EdgeChange(before=old, after=new, sentence=said.sentence(old, new))


def _ends(edge: Edge) -> tuple[str, str, str, str]:
    return edge.source, edge.source_port, edge.target, edge.id


def _only(edges: Sequence[Edge], others: Sequence[Edge]) -> list[Edge]:
    """The lines of the one drawing that the other has not, each as often as it is there more."""
    left = Counter(_ends(edge)[:3] for edge in others)
    found = []
    for edge in sorted(edges, key=_ends):
        if left[_ends(edge)[:3]]:
            left[_ends(edge)[:3]] -= 1
        else:
            found.append(edge)
    return found


def _notes(before: Graph, after: Graph) -> Iterator[NoteChange]:
    old, new = {note.id: note for note in before.notes}, {note.id: note for note in after.notes}
    for key in sorted(old.keys() | new.keys()):
        if old.get(key) != new.get(key):
            yield NoteChange(before=old.get(key), after=new.get(key))


def _groups(before: Graph, after: Graph) -> Iterator[str]:
    """The ids of groups that are new, gone or other; whether one is collapsed is how it is looked at, not what it is."""
    old, new = ({group.id: (group.name, frozenset(group.nodes)) for group in one.groups} for one in (before, after))
    yield from (key for key in sorted(old.keys() | new.keys()) if old.get(key) != new.get(key))


def same(one: Any, other: Any) -> bool:
    """Whether two JSON values are the same: 1 and 1.0 are, 1 and true are not."""
    if isinstance(one, bool) or isinstance(other, bool) or one is None or other is None:
        return one is other
    if isinstance(one, int | float) and isinstance(other, int | float):
        return one == other or (math.isnan(one) and math.isnan(other))
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and bool(one == other)


def place(position: Position | None) -> dict[str, float] | None:
    """A place as answers show it."""
    return None if position is None else {"x": position.x, "y": position.y}
