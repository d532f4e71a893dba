"""Customers inside at a publishing: what it would mean for them, and what was decided (SEMANTICS 8.2 to 8.4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flowstudio.connectors.registry import CATALOGUE
from flowstudio.domain import diff as differences
from flowstudio.domain import moving
from flowstudio.domain.decision import Sleep, WaitFor
from flowstudio.domain.errors import FlowstudioError
from flowstudio.domain.graph import Graph
from flowstudio.domain.interpreter import Program
from flowstudio.domain.moving import Inside, Place
from flowstudio.domain.nodes.base import View
from flowstudio.domain.schedule import zone_for
from flowstudio.engine import clock, programs
from flowstudio.services import announce, credentials, crowding, graphs
from flowstudio.services.caller import Caller
from flowstudio.services.differences import shown
from flowstudio.services.drafts import moved_on
from flowstudio.store.models import Batch, Flow, Version
from flowstudio.store.queries import flows as queries
from flowstudio.store.queries import inside as reads

# More arrivals than these are not judged one by one; what they say is taken for all.
_JUDGED = 2_000
_LISTED = 40


def plan(caller: Caller, flow_id: str, *, revision: int) -> dict[str, Any]:
    """What publishing the draft at `revision` would do: changes in words, issues, customers inside with choices.

    Conflict when the draft moved on. Nothing is changed.
    """
    flow = queries.one(caller.workspace_id, flow_id)
    draft = queries.draft(caller.workspace_id, flow.id)
    if draft.revision != revision:
        raise moved_on(draft, {"revision": revision})
    after = graphs.parse(draft.graph)
    number = queries.last_number(flow.id) + 1
    before = graphs.parse(queries.version(flow.id, flow.version).graph) if flow.version else Graph()
    found = places(flow, before, after, number)
    numbers = reads.versions(flow.id, flow.version) if flow.version else []
    return {
        "number": number,
        "published": flow.version,
        "revision": revision,
        "difference": shown(
            differences.diff(before, after, CATALOGUE),
            {"version": flow.version, "draft_revision": None} if flow.version else None,
            {"version": None, "draft_revision": revision},
        ),
        "issues": graphs.validate(after) + credentials.issues_of(caller.workspace_id, after),
        "inside": reads.of_versions(flow.id, numbers),
        "staying": reads.staying(flow.id, numbers) if numbers else 0,
        "places": [_place(place, after) for place in found],
        "segment": crowding.inside(caller.workspace_id, after),
        "at": clock.now(),
    }


def _place(place: Place, after: Graph) -> dict[str, Any]:
    names = {node.id: node.name or node.id for node in after.nodes}
    return {
        "node": place.node, "type": place.type, "name": place.name, "kind": place.kind,
        "changes": list(place.changes[:_LISTED]),
        "inside": place.inside.count, "waiting": place.inside.waiting, "due": place.inside.due,
        "choice": place.choice, "choices": list(place.choices), "to": place.to,
        "candidates": [{"id": node, "name": names[node]} for node in place.candidates],
        "reaches": place.reaches,
        "consequences": [{"choice": choice, "sentence": sentence} for choice, sentence in place.then.items()],
    }  # fmt: skip


def places(flow: Flow, before: Graph, after: Graph, number: int) -> tuple[Place, ...]:
    """The places at which publishing makes a difference, with the customers that stand there now."""
    if flow.version is None:
        return ()
    numbers = reads.versions(flow.id, flow.version)
    counts = reads.by_node(flow.id, numbers)
    found = {node: Inside(count=count, waiting=waiting) for node, (count, waiting) in counts.items()}
    first = moving.places(before, after, programs.catalogue(), found, old=flow.version, new=number)
    changed = [place for place in first if place.kind == "changed" and place.inside.waiting]
    if changed:
        program = Program.build(after, programs.catalogue())
        for place in changed:
            due = _due(flow, program, numbers, place)
            found[place.node] = Inside(count=place.inside.count, waiting=place.inside.waiting, due=due)
        return moving.places(before, after, programs.catalogue(), found, old=flow.version, new=number)
    return first


def _due(flow: Flow, program: Program, numbers: Sequence[int], place: Place) -> int:
    """How many of those who wait at a changed node would be past its end."""
    arrived = reads.arrivals(flow.id, numbers, place.node, _JUDGED)
    if not arrived:
        return 0
    now = clock.now()
    over = sum(1 for at in arrived if _over(flow, program, place.node, at, now))
    return over if len(arrived) < _JUDGED else round(over / len(arrived) * place.inside.waiting)


def _over(flow: Flow, program: Program, node: str, at: datetime, now: datetime) -> bool:
    compiled = program.nodes.get(node)
    if compiled is None or compiled.type is None or compiled.problem:
        return False
    if compiled.off is not None:
        return True
    zone, _ = zone_for({}, str(program.settings.get("timezone") or ""), flow.workspace.timezone)
    scope = {"customer": {"traits": {}}, "event": {}, "run": {}, "steps": {}, "now": at}
    view = View(now=at, scope=scope, entered_at=at, visit=1, timezone=zone.key, settings=program.settings)
    try:
        decision = compiled.type.decide(compiled.config, view)
    except (FlowstudioError, KeyError):
        return False
    return decision.until <= now if isinstance(decision, Sleep | WaitFor) else True


def begin(caller: Caller, flow: Flow, version: Version, old: int | None, found: Sequence[Place]) -> dict[str, Any]:
    """Keeps what was decided and hands it to the engine; says what happens to whom. In the publishing's transaction."""
    orders: Mapping[str, Any] = version.orders
    inside = reads.of_versions(flow.id, reads.versions(flow.id, old)) if old else 0
    if old is None or not inside:
        return {"choice": orders.get("choice", "move"), "inside": 0, "moving": 0, "finishing": 0, "leaving": 0}
    here = {place.node: place.inside.count for place in found}
    verdicts = {node: moving.verdict(orders, node)[0] for node in here}
    rest = max(0, inside - sum(here.values()))
    whole = str(orders["choice"])
    counts = {
        choice: sum(here[node] for node, said in verdicts.items() if said == choice) + (rest if whole == choice else 0)
        for choice in moving.CHOICES
    }
    if counts["move"] or counts["exit"] or whole != "finish":
        now = clock.now()
        Batch.objects.create(
            workspace_id=flow.workspace_id, flow=flow, kind="move", orders=dict(orders), source=old,
            target=version.number, by=caller.actor, total=inside, started_at=now, look_at=now,
        )  # fmt: skip
        announce.ring("engine")
    return {
        "choice": whole, "inside": inside, "moving": counts["move"], "finishing": counts["finish"],
        "leaving": counts["exit"],
    }  # fmt: skip


def sentence(counts: Mapping[str, Any], old: int | None, new: int) -> str:
    """What publishing did, in a sentence."""
    said = f"New customers enter v{new} from now on"
    parts = [
        _people(counts["moving"], "moves", "move", f"to v{new}"),
        _people(counts["finishing"], "finishes", "finish", f"on v{old}"),
        _people(counts["leaving"], "leaves", "leave", "the flow"),
    ]
    told = [part for part in parts if part]
    return f"{said}." if not told else f"{said}; {' and '.join(told)}."


def _people(count: int, one: str, many: str, rest: str) -> str:
    if not count:
        return ""
    return f"1 customer inside {one} {rest}" if count == 1 else f"{count:,} customers inside {many} {rest}"
