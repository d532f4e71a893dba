"""Publishing while customers are inside (SEMANTICS 8.2 to 8.4): what may become of them, what is chosen unasked, and why.

Pure: two drawings and counts in, places and orders out. A *place* is a node at which the new drawing makes a difference
for whoever stands there; *orders* are the choices in the form in which they are kept and carried out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from flowstudio.domain import diff as differences
from flowstudio.domain.errors import InputError
from flowstudio.domain.graph import Graph, Node
from flowstudio.domain.nodes.base import Catalogue

Choice = Literal["move", "finish", "exit"]
CHOICES: tuple[Choice, ...] = ("move", "finish", "exit")
SAFE = "safe"


@dataclass(frozen=True, kw_only=True, slots=True)
class Inside:
    """Who stands at a node now: everybody, those who wait there, and of these who would be due under the new version."""

    count: int = 0
    waiting: int = 0
    due: int = 0


NOBODY = Inside()


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A changed or removed node. `choice` is what is chosen unasked, '' where the author must choose.

    `to` is where those at a removed node go on, `candidates` where they could (8.4); `reaches` names the message that
    they would get at once by moving. `then` says what each choice means.
    """

    node: str
    type: str
    name: str
    kind: Literal["changed", "removed"]
    changes: tuple[str, ...]
    inside: Inside
    choice: str
    choices: tuple[Choice, ...]
    to: str
    candidates: tuple[str, ...]
    reaches: str
    then: Mapping[str, str]


def places(
    before: Graph, after: Graph, catalogue: Catalogue, inside: Mapping[str, Inside], *, old: int, new: int
) -> tuple[Place, ...]:
    """The nodes at which it matters: first those with customers, each part in the order of the way through the drawing.

    `old` and `new` are the versions' numbers.
    """
    drawings = _Drawings(before, after, catalogue)
    found = [
        drawings.place(node, inside.get(node, NOBODY), old, new)
        for node in drawings.order(before)
        if node in drawings.matters
    ]
    return tuple(sorted(found, key=lambda place: place.inside.count == 0))


class _Drawings:
    def __init__(self, before: Graph, after: Graph, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.old = {node.id: node for node in before.nodes}
        self.new = {node.id: node for node in after.nodes}
        self.old_ways = _ways(before)
        self.new_ways = _ways(after)
        found = differences.diff(before, after, catalogue)
        self.said: dict[str, list[str]] = {}
        for change in found.changed:
            parts = [one.sentence for one in change.fields if one.path[0] in ("type", "config", "disabled")]
            if parts:
                self.said[change.after.id] = parts
        self.rerouted: dict[str, list[str]] = {}
        for line in found.edges:
            edge = line.before or line.after
            if edge is not None and edge.source in self.old and edge.source in self.new:
                self.rerouted.setdefault(edge.source, []).append(line.sentence)
        gone = self.old.keys() - self.new.keys()
        self.matters = self.said.keys() | self.rerouted.keys() | gone

    def order(self, before: Graph) -> list[str]:
        """Nodes as a customer comes by them; those that nothing leads to come first."""
        led = {target for targets in self.old_ways.values() for target in targets}
        found: dict[str, None] = {}
        ahead = [node.id for node in before.nodes if node.id not in led]
        while ahead:
            node = ahead.pop(0)
            if node in self.old and node not in found:
                found[node] = None
                ahead += self.old_ways.get(node, ())
        return [*found, *(node for node in self.old if node not in found)]

    def place(self, node: str, inside: Inside, old: int, new: int) -> Place:
        drawn = self.old[node]
        kind: Literal["changed", "removed"] = "changed" if node in self.new else "removed"
        candidates = () if kind == "changed" else self.survivors(node)
        to = candidates[0] if len(candidates) == 1 else ""
        reaches = self.reaches(node, to, kind, inside)
        choices = CHOICES if kind == "changed" or candidates else CHOICES[1:]
        safe = not reaches if kind == "changed" else bool(to) and not reaches
        return Place(
            node=node,
            type=drawn.type,
            name=self.name(node),
            kind=kind,
            changes=tuple(self.said.get(node, []) + self.rerouted.get(node, [])),
            inside=inside,
            choice="move" if safe else "",
            choices=choices,
            to=to,
            candidates=candidates,
            reaches=reaches,
            then={one: self.then(one, node, kind, to, reaches, inside, old, new) for one in choices},
        )

    def name(self, node: str) -> str:
        drawn = self.new.get(node) or self.old[node]
        kind = self.catalogue.get(drawn.type)
        return drawn.name or (kind.name if kind else drawn.type)

    def survivors(self, node: str) -> tuple[str, ...]:
        """Where the ways out of a removed node lead in the new drawing, through other removed nodes."""
        found: dict[str, None] = {}
        seen = {node}
        ahead = list(self.old_ways.get(node, ()))
        while ahead:
            target = ahead.pop(0)
            if target in self.new:
                found[target] = None
            elif target not in seen:
                seen.add(target)
                ahead += self.old_ways.get(target, ())
        return tuple(found)

    def reaches(self, node: str, to: str, kind: str, inside: Inside) -> str:
        """The first message that those who go on at once would get before they wait again, '' for none."""
        if kind == "removed":
            return _first_message(self.new, self.new_ways, self.catalogue, [to]) if to and inside.count else ""
        ahead = self.new_ways.get(node, ())
        return _first_message(self.new, self.new_ways, self.catalogue, ahead) if inside.due else ""

    def then(
        self, choice: Choice, node: str, kind: str, to: str, reaches: str, inside: Inside, old: int, new: int
    ) -> str:
        if choice == "finish":
            return f"They go on as v{old} had it, to its end. v{old} stays until the last has left."
        if choice == "exit":
            return "Their runs end where they stand. Nothing more happens to them in this flow."
        if kind == "removed":
            where = f"They go on at “{self.name(to)}” at once" if to else "Choose where they go on"
            return f"{where}, and “{reaches}” is sent to them." if reaches else f"{where}."
        if self.waits(node) and node in self.said:
            return _released(inside, reaches)
        drawn = self.catalogue.get(self.old[node].type)
        if drawn is not None and drawn.kind == "wait":
            return "Their time stays as it is; they go on by the new lines."
        return f"Whoever comes here from now on gets it as v{new} has it. What is under way ends as v{old} had it."

    def waits(self, node: str) -> bool:
        kind = self.catalogue.get(self.new[node].type)
        return kind is not None and kind.kind == "wait"


def first_message(graph: Graph, catalogue: Catalogue, node: str) -> str:
    """The first message that a customer at `node` whose time has come may get before waiting again, '' for none."""
    nodes, ways = {one.id: one for one in graph.nodes}, _ways(graph)
    here = nodes.get(node)
    kind = catalogue.get(here.type) if here else None
    start = ways.get(node, ()) if kind is not None and kind.kind == "wait" else (node,)
    return _first_message(nodes, ways, catalogue, start)


def _first_message(
    nodes: Mapping[str, Node], ways: Mapping[str, Sequence[str]], catalogue: Catalogue, start: Sequence[str]
) -> str:
    seen: set[str] = set()
    ahead = list(start)
    while ahead:
        at = ahead.pop(0)
        if at in seen or at not in nodes:
            continue
        seen.add(at)
        kind = catalogue.get(nodes[at].type)
        if kind is None or kind.kind == "wait":
            continue
        if kind.effect == "person":
            return nodes[at].name or kind.name
        ahead += ways.get(at, ())
    return ""


def _released(inside: Inside, reaches: str) -> str:
    said = "Time counts from when each arrived."
    if inside.due:
        goes = "1 is past the new end and goes" if inside.due == 1 else f"{inside.due:,} are past the new end and go"
        said += f" {goes} on at once{f', and “{reaches}” is sent to them' if reaches else ''}."
    rest = inside.waiting - inside.due
    if rest > 0:
        said += f" {'1 gets' if rest == 1 else f'{rest:,} get'} a new end."
    return said


def _ways(graph: Graph) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for edge in graph.edges:
        found.setdefault(edge.source, []).append(edge.target)
    return {node: tuple(dict.fromkeys(targets)) for node, targets in found.items()}


def orders(found: Sequence[Place], wished: Mapping[str, Any], after: Graph) -> dict[str, Any]:
    """The choices as they are carried out: `{choice, nodes: {id: {choice, to}}}`, each removed node named in it.

    Without a choice for everybody each place takes what is safe, and *finish* where nothing is (8.2). With one, it holds
    wherever nothing else is said; a removed node without successors then ends its customers (8.4).
    """
    whole = wished.get("choice") or SAFE
    each: Mapping[str, Any] = wished.get("nodes") or {}
    by_id = {place.node: place for place in found}
    ids = {node.id for node in after.nodes}
    strange = next((node for node in each if node not in by_id), "")
    if strange:
        raise InputError(
            f"“{strange}” is neither changed nor removed, so there is nothing to choose for it.",
            field=f"in_flight.nodes.{strange}",
        )
    nodes: dict[str, dict[str, str]] = {}
    for place in found:
        own = each.get(place.node)
        nodes[place.node] = _order(place, own or {}, whole, ids, asked=own is not None)
    return {"choice": "move" if whole == SAFE else whole, "nodes": nodes}


def _order(place: Place, own: Mapping[str, Any], whole: str, ids: set[str], *, asked: bool) -> dict[str, str]:
    choice = own.get("choice") or (place.choice or "finish" if whole == SAFE else whole)
    to = str(own.get("to") or "") or place.to
    where = f"in_flight.nodes.{place.node}"
    if own.get("to") and to not in ids:
        raise InputError("There is no such node in the new version.", field=f"{where}.to")
    if choice != "move" or place.kind == "changed":
        return {"choice": choice, "to": ""}
    if to:
        return {"choice": "move", "to": to}
    if not place.candidates:
        if asked:
            raise InputError(
                f"“{place.name}” was removed and nothing comes after it: its customers can finish or exit.",
                field=where,
            )
        return {"choice": "exit", "to": ""}
    if place.inside.count:
        raise InputError(
            f"“{place.name}” was removed and its customers could go on in {len(place.candidates)} places: choose one.",
            field=f"{where}.to",
            fix=f"Choose one of {', '.join(place.candidates)}, or let them finish or exit.",
        )
    # Nobody stood there, so nobody was asked: whoever comes by still ends as they began, and nothing is lost.
    return {"choice": "finish", "to": ""}


def verdict(kept: Mapping[str, Any], node: str) -> tuple[str, str]:
    """What becomes of a customer at `node`: (choice, where to go on; '' for where they stand)."""
    own = (kept.get("nodes") or {}).get(node)
    if own is None:
        return str(kept.get("choice") or "move"), ""
    return str(own["choice"]), str(own.get("to") or "")


def together(verdicts: Sequence[str]) -> str:
    """What becomes of a run that stands at several places at once: it has one version and one end."""
    return next((choice for choice in ("exit", "finish") if choice in verdicts), "move")


def onward(chain: Sequence[Mapping[str, Any]], node: str) -> str:
    """Where `node` of an old version lies after the publishings in `chain`; '' when nothing says so."""
    for kept in chain:
        own = (kept.get("nodes") or {}).get(node)
        node = str((own or {}).get("to") or "") or node
    return node
