"""Flows: what a marketer draws. Made, renamed, duplicated, put away; and how lists show them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from flowstudio.domain.errors import Conflict
from flowstudio.services import announce, audit, graphs, hooks, sketches
from flowstudio.services.caller import Caller
from flowstudio.services.people import person
from flowstudio.services.sketches import Sketch
from flowstudio.store.models import Batch, Draft, Flow
from flowstudio.store.queries import flows as queries
from flowstudio.store.queries import inside as inside_queries

DAY_HOURS = 24
# What a batch counts of those whom it has seen.
_SEEN = {"move": ("moved", "stayed", "ended"), "resume": ("released", "shifted", "ended")}


@transaction.atomic
def create(caller: Caller, *, name: str, graph: object = None, tags: Sequence[str] = ()) -> Flow:
    """A new flow with its first draft; a graph without places is laid out."""
    document = graphs.serialise(graphs.placed(graphs.parse(graph))) if graph is not None else graphs.empty()
    flow = Flow.objects.create(workspace_id=caller.workspace_id, name=name, tags=list(tags), owner_id=caller.user_id)
    Draft.objects.create(flow=flow, graph=document, saved_by_id=caller.user_id)
    audit.record(caller, "flow.created", "flow", flow.id, {"name": name})
    announce.flow_changed(flow, 1)
    return flow


@transaction.atomic
def change(caller: Caller, flow_id: str, changes: Mapping[str, Any]) -> Flow:
    """Renames a flow or sets its tags; anything else in `changes` is nobody's business here."""
    flow = queries.locked(caller.workspace_id, flow_id)
    wanted = {key: changes[key] for key in ("name", "tags") if key in changes}
    before = {key: getattr(flow, key) for key in wanted}
    if wanted and before != wanted:
        for key, value in wanted.items():
            setattr(flow, key, value)
        flow.save(update_fields=[*wanted, "changed_at"])
        audit.record(caller, "flow.changed", "flow", flow.id, {"before": before, "after": wanted})
        announce.flow_changed(flow, flow.draft.revision)
    return flow


@transaction.atomic
def duplicate(caller: Caller, flow_id: str) -> Flow:
    """A new draft with the same drawing, named "Copy of …"."""
    source = queries.draft(caller.workspace_id, flow_id)
    return create(caller, name=f"Copy of {source.flow.name}"[:200], graph=source.graph, tags=source.flow.tags)


@transaction.atomic
def delete(caller: Caller, flow_id: str) -> None:
    """Deletes a flow that never ran; one with a history is put away as `archived`, its runs stay readable."""
    flow = queries.locked(caller.workspace_id, flow_id)
    inside = queries.active_runs(flow.id)
    if inside or flow.state in {"live", "closed", "paused", "draining"}:
        raise Conflict(
            f"{flow.name} is {flow.state} and {inside} customers are inside. Stop it first, then delete it.",
            theirs={"state": flow.state, "inside": inside},
        )
    audit.record(caller, "flow.deleted", "flow", flow.id, {"name": flow.name, "state": flow.state})
    if flow.version is None and not queries.has_runs(flow.id):
        revision = flow.draft.revision
        flow.state = "archived"
        announce.flow_changed(flow, revision)
        Flow.objects.filter(id=flow.id).delete()
        return
    flow.state = "archived"
    flow.save(update_fields=["state", "changed_at"])
    flow.triggers.all().delete()
    announce.flow_changed(flow, flow.draft.revision)


def items(flows: Sequence[Flow]) -> list[dict[str, Any]]:
    """Flows as lists show them: three queries whatever their number."""
    rows = list(flows)
    hour = this_hour()
    drawn = sketches.of_flows(rows)
    volumes = _volumes([flow.id for flow in rows], hour)
    states = _node_states([flow.id for flow in rows], hour)
    return [_item(flow, drawn[flow.id], volumes[flow.id], states[flow.id]) for flow in rows]


def detail(caller: Caller, flow_id: str) -> dict[str, Any]:
    """One flow with its webhook addresses, and what its customers are going through just now."""
    flow = queries.one(caller.workspace_id, flow_id)
    batch = inside_queries.open_batches([flow.id]).get(flow.id)
    return {
        **items([flow])[0],
        "hooks": hooks.items(flow.id),
        "paused_at": flow.paused_at,
        "batch": _progress(batch) if batch else None,
    }


def _progress(batch: Batch) -> dict[str, Any]:
    seen = sum(batch.done.get(name, 0) for name in _SEEN[batch.kind])
    return {"kind": batch.kind, "total": batch.total, "done": min(seen, batch.total)}


def this_hour() -> int:
    """The running hour as counters name it."""
    return int(timezone.now().timestamp()) // 3600


def _volumes(flow_ids: list[str], hour: int) -> dict[str, dict[str, Any]]:
    since = hour - DAY_HOURS + 1
    made: dict[str, dict[str, Any]] = {
        flow_id: {"day": 0, "inside": 0, "failed": 0, "hours": [0] * DAY_HOURS} for flow_id in flow_ids
    }
    for flow_id, bucket, metric, value in queries.run_counters(flow_ids, since):
        volume = made[flow_id]
        if bucket == 0:
            if metric == "active":
                volume["inside"] += value
        elif metric == "entered" and 0 <= bucket - since < DAY_HOURS:
            volume["day"] += value
            volume["hours"][bucket - since] += value
        elif metric == "failed":
            volume["failed"] += value
    return made


def _node_states(flow_ids: list[str], hour: int) -> dict[str, dict[str, dict[str, int]]]:
    made: dict[str, dict[str, dict[str, int]]] = defaultdict(lambda: defaultdict(lambda: defaultdict(int)))
    for flow_id, _, subject, metric, value in queries.node_counters(flow_ids, hour - 1):
        made[flow_id][subject.removeprefix("node:")][metric] += value
    return made


def _item(
    flow: Flow, sketch: Sketch, volume: Mapping[str, Any], nodes: Mapping[str, Mapping[str, int]]
) -> dict[str, Any]:
    published = getattr(flow, "published_revision", None)
    return {
        "id": flow.id,
        "name": flow.name,
        "tags": flow.tags,
        "state": flow.state,
        "draft_revision": flow.draft.revision,
        "published_version": flow.version,
        "has_unpublished_changes": published is None or flow.draft.revision > published,
        "owner": person(flow.owner),
        "created_at": flow.created_at,
        "changed_at": flow.changed_at,
        "sentence": _sentence(flow, sketch, volume, nodes),
        "issues": {"errors": sketch.errors, "warnings": sketch.warnings},
        "drawing": _with_states(sketch.drawing, nodes, broken=volume["failed"] > 0),
        "volume": volume,
    }


def _with_states(
    drawing: Mapping[str, Any], nodes: Mapping[str, Mapping[str, int]], *, broken: bool
) -> Mapping[str, Any]:
    if not nodes:
        return drawing
    marked = [{**box, **_state(nodes.get(box["id"], {}), broken=broken)} for box in drawing["nodes"]]
    return {**drawing, "nodes": marked}


def _state(counts: Mapping[str, int], *, broken: bool) -> dict[str, str]:
    for metric, state in (("failed", "failed"), ("held", "held"), ("inside", "active")):
        # A call that failed and left by its error way is what the author provided for: nothing is broken.
        if counts.get(metric, 0) > 0 and (broken or metric != "failed"):
            return {"state": state}
    return {}


def _people(count: int) -> str:
    return "1 customer" if count == 1 else f"{count:,} customers"


def _sentence(flow: Flow, sketch: Sketch, volume: Mapping[str, Any], nodes: Mapping[str, Mapping[str, int]]) -> str:
    """The second line of a row: the sentence of now (PAGES, "Must not be got wrong", 3)."""
    inside = max(0, volume["inside"])
    if flow.state == "draft":
        if sketch.errors:
            count = "1 issue" if sketch.errors == 1 else f"{sketch.errors} issues"
            return f"Not published yet. {count}: {sketch.first_issue}"
        return "Not published yet. Ready to publish."
    if flow.state == "paused":
        return f"Paused: {_people(inside)} inside keep their place and their timers."
    if flow.state == "closed":
        return f"Closed for entry; {_people(inside)} finish what they began."
    if flow.state == "draining":
        return f"Draining: {_people(inside)} still to finish."
    if flow.state in {"stopped", "archived"}:
        return f"{flow.state.capitalize()}. Nobody is inside." if not inside else f"Stopping: {_people(inside)} inside."
    failing = {node: counts["failed"] for node, counts in nodes.items() if counts.get("failed", 0) > 0}
    if failing:
        worst = max(failing, key=lambda node: failing[node])
        name, failures = sketch.names.get(worst, worst), failing[worst]
        if volume["failed"]:
            return f"{name}: {failures:,} failed in the last two hours."
        calls = "1 call" if failures == 1 else f"{failures:,} calls"
        return f"{name}: {calls} failed in the last two hours and went on by the error way."
    held = sum(counts.get("held", 0) for counts in nodes.values())
    if held > 0:
        return f"{held:,} held: somebody must look."
    return sketch.opening
