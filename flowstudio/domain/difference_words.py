"""What changed, as a marketer would say it: "Wait for: 2 days → 3 days"."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from flowstudio.domain import schedule
from flowstudio.domain.errors import InputError
from flowstudio.domain.graph import Edge, Graph, Node
from flowstudio.domain.nodes.base import Catalogue
from flowstudio.domain.rules import first_rule, is_group, number, to_cel


class _Absent:
    """No value: the field is not there."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = _Absent()
# What leads to a field → what the form calls it.
Label = Callable[[tuple[str, ...]], str]
_LONG = 60
_INSIDE = {"name": "name", "when": "condition", "filter": "only when", "event": "event", "weight": "share"}
_SETTINGS = {
    "reentry": "Re-entry",
    "timezone": "Time zone",
    "max_entries": "Entries at most",
    "max_parallel": "At once at most",
    "match_grace": "Wait for traits",
    "max_event_age": "Oldest event",
}


def labels(kind: str, catalogue: Catalogue) -> Label:
    """The names of a node type's fields, as its form has them."""
    row = catalogue.get(kind)
    titles = {info.alias or name: info.title for name, info in row.config.model_fields.items()} if row else {}

    def label(path: tuple[str, ...]) -> str:
        name = titles.get(path[0]) or _spoken(path[0])
        return ", ".join([name, *(f"“{part}”" for part in path[1:])])

    return label


def setting(path: tuple[str, ...]) -> str:
    """The name of a flow's setting."""
    return ", ".join([_SETTINGS.get(path[0]) or _spoken(path[0]), *(f"“{part}”" for part in path[1:])])


def inside(label: Label, path: tuple[str, ...], name: str) -> Label:
    """The names of fields inside one case or branch."""

    def label_inside(here: tuple[str, ...]) -> str:
        last = here[len(path) + 1 :]
        return f"{label(path)}, {name}, {' '.join([_INSIDE.get(last[0], last[0]), *last[1:]])}"

    return label_inside


def _spoken(key: str) -> str:
    text = key.replace("_", " ").strip()
    return text[:1].upper() + text[1:] or "A field without a name"


def thing(item: Mapping[str, Any]) -> str:
    """A case or branch by its name."""
    name = item.get("name") or item.get("event") or item["id"]
    return f"“{str(name)[:_LONG]}”"


def renamed(old: str, new: str) -> str:
    """Another name."""
    return (
        f"Renamed from “{old}” to “{new}”" if old and new else f"Named “{new}”" if new else f"No longer named “{old}”"
    )


def another_type(old: str, new: str, catalogue: Catalogue) -> str:
    """Another type of node under the same id."""
    names = [catalogue[kind].name if kind in catalogue else kind for kind in (old, new)]
    return f"Now “{names[1]}” instead of “{names[0]}”"


def field(path: tuple[str, ...], old: Any, new: Any, label: Label) -> str:
    """A field's old and new value; long texts are not repeated."""
    name = label(path)
    before, after = _said(old), _said(new)
    if before == after and before is not None:
        # Groups are shortened to their first row; then the whole condition tells them apart.
        before, after = _whole(old), _whole(new)
    if old is ABSENT:
        return f"{name}: set to {after}" if after else f"{name}: written"
    if new is ABSENT:
        return f"{name}: {before} taken out" if before else f"{name}: taken out"
    if before is None or after is None or before == after:
        return f"{name}: written anew"
    return f"{name}: {before} → {after}"


def _said(value: Any) -> str | None:
    """A value in a few words, None when it is too long for that."""
    if value is ABSENT or value is None or value == "":
        return "nothing"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, int | float):
        return number(value)
    if isinstance(value, str):
        said = schedule.say(value)
        if said != value:
            return said
        return f"“{value}”" if len(value) <= _LONG and "\n" not in value else None
    if is_group(value):
        return first_rule(value) or "no condition"
    return _short(value)


def _whole(value: Any) -> str | None:
    if is_group(value):
        try:
            text = to_cel(value).replace("customer.traits.", "")
        except InputError:
            return "an unfinished condition"
        return text if len(text) <= 2 * _LONG else None
    return _said(value)


def _short(value: Any) -> str | None:
    if isinstance(value, list | tuple) and all(isinstance(item, str | int | float) for item in value):
        text = ", ".join(str(item) for item in value) or "nothing"
    else:
        text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONG else None


def counted(count: int, one: str, many: str) -> str:
    """A count with its noun, '' for none."""
    return "" if not count else f"{count} {one if count == 1 else many}"


def joined(parts: Sequence[str]) -> str:
    """Parts of a sentence, with its full stop."""
    if not parts:
        return ""
    return f"{parts[0] if len(parts) == 1 else ', '.join(parts[:-1]) + ' and ' + parts[-1]}."


class Lines:
    """Lines in words: by the names of what they join, in either drawing."""

    def __init__(self, before: Graph, after: Graph, catalogue: Catalogue) -> None:
        self._old = {node.id: node for node in before.nodes}
        self._new = {node.id: node for node in after.nodes}
        self._catalogue = catalogue

    def sentence(self, old: Edge | None, new: Edge | None) -> str:
        """What became of a line."""
        if old is not None and new is not None:
            target, former = self._name(new.target, self._new), self._name(old.target, self._old)
            return f"{self._from(new, self._new)} leads to {target} instead of {former}"
        if new is not None:
            return f"{self._from(new, self._new)} leads to {self._name(new.target, self._new)}"
        if old is None:
            raise ValueError("a line is in one of the two drawings")
        return f"{self._from(old, self._old)} no longer leads to {self._name(old.target, self._old)}"

    def _name(self, identity: str, nodes: Mapping[str, Node]) -> str:
        node = nodes.get(identity)
        return f"“{node.name or identity}”" if node else f"“{identity}” (not in the drawing)"

    def _from(self, edge: Edge, nodes: Mapping[str, Node]) -> str:
        node = nodes.get(edge.source)
        kind = self._catalogue.get(node.type) if node else None
        ports = kind.ports(node.config) if kind and node else ()
        label = next((port.label for port in ports if port.id == edge.source_port), edge.source_port)
        name = self._name(edge.source, nodes)
        return name if len(ports) == 1 else f"{name}, {label},"
