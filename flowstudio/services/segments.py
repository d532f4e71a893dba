"""Segments: written by people, judged by the engine (`engine.membership`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Count, Q, QuerySet

from flowstudio.domain import segment as segments
from flowstudio.domain.errors import Conflict, InputError, NotFound
from flowstudio.engine import clock, membership
from flowstudio.services import announce, audit
from flowstudio.services.caller import Caller
from flowstudio.store.models import Flow, Member, Schedule, Segment, TriggerIndex

# A preview judges so many of the newest customers: enough to see whether a rule means what was meant.
LOOKED_AT = 2_000


def listed(workspace_id: str, *, search: str = "") -> QuerySet[Segment]:
    """The workspace's segments."""
    found = Segment.objects.filter(workspace_id=workspace_id)
    return found.filter(name__icontains=search) if search else found


def items(rows: Sequence[Segment]) -> list[dict[str, Any]]:
    """A page of segments, with how many are in each and which flows begin with it."""
    ids = [row.id for row in rows]
    counted = Member.objects.filter(segment_id__in=ids, inside=True).values_list("segment_id").annotate(n=Count("id"))
    sizes = dict(counted.order_by())
    used: dict[str, set[tuple[str, str]]] = {key: set() for key in ids}
    for row in rows:
        for flow in _flows(row):
            used[row.id].add((flow.id, flow.name))
    return [
        {
            "id": row.id,
            "name": row.name,
            "rule": row.rule,
            "words": segments.words(row.rule),
            "members": sizes.get(row.id, 0),
            "ready": row.ready,
            "flows": [{"id": key, "name": name} for key, name in sorted(used[row.id], key=lambda pair: pair[1])],
            "created_at": row.created_at,
            "changed_at": row.changed_at,
        }
        for row in rows
    ]


def one(workspace_id: str, segment_id: str) -> Segment:
    """The segment, or NotFound."""
    found = Segment.objects.filter(workspace_id=workspace_id, id=segment_id).first()
    if found is None:
        raise NotFound("There is no such segment.")
    return found


def _flows(segment: Segment) -> list[Flow]:
    names = [membership.came_in(segment.id, way) for way in ("enter", "leave")]
    begun = TriggerIndex.objects.filter(workspace_id=segment.workspace_id, event__in=names).values("flow_id")
    timed = Schedule.objects.filter(workspace_id=segment.workspace_id, segment_id=segment.id).values("flow_id")
    return list(Flow.objects.filter(Q(id__in=begun) | Q(id__in=timed)))


@transaction.atomic
def create(caller: Caller, *, name: str, rule: Any) -> Segment:
    """A segment; who is in it is found out at once, and told to nobody (SEMANTICS 1.5)."""
    kept = segments.checked(rule)
    try:
        with transaction.atomic():
            made = Segment.objects.create(workspace_id=caller.workspace_id, name=name, rule=kept)
    except IntegrityError:
        raise _taken(name) from None
    audit.record(caller, "segment.created", "segment", made.id, {"name": name, "rule": kept})
    announce.ring("engine")
    return made


def _taken(name: str) -> InputError:
    return InputError(f"There is a segment “{name}” already.", field="name", fix="Give it another name.")


@transaction.atomic
def change(caller: Caller, segment_id: str, *, name: str | None = None, rule: Any = None) -> Segment:
    """Another name, or another rule: then everybody is judged anew, and those who come in so are not told."""
    found = one(caller.workspace_id, segment_id)
    before = {"name": found.name, "rule": found.rule}
    found.name = name or found.name
    if rule is not None and rule != found.rule:
        found.rule = segments.checked(rule)
        found.revision, found.judged, found.ready = found.revision + 1, "", False
    try:
        with transaction.atomic():
            found.save()
    except IntegrityError:
        raise _taken(found.name) from None
    after = {"name": found.name, "rule": found.rule}
    audit.record(caller, "segment.changed", "segment", found.id, {"before": before, "after": after})
    announce.ring("engine")
    return found


@transaction.atomic
def remove(caller: Caller, segment_id: str) -> None:
    """Deletes a segment with which no published flow begins."""
    found = one(caller.workspace_id, segment_id)
    flows = _flows(found)
    if flows:
        names = ", ".join(f"“{flow.name}”" for flow in flows[:3])
        raise Conflict(
            f"{names} begin{'s' if len(flows) == 1 else ''} with this segment. Publish without it first.",
            theirs={"flows": [flow.id for flow in flows]},
        )
    audit.record(caller, "segment.deleted", "segment", found.id, {"name": found.name, "rule": found.rule})
    found.delete()


def preview(workspace_id: str, rule: Any) -> dict[str, Any]:
    """How many customers a rule finds, among the newest."""
    kept = segments.checked(rule)
    with connection.cursor() as cursor:
        inside, of = membership.sample(cursor, workspace_id, kept, clock.now(), limit=LOOKED_AT)
    return {"members": inside, "of": of, "words": segments.words(kept)}
