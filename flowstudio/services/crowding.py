"""Flows that begin for many at once: by a segment, or on a schedule. Kept with the flow when it is published."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from flowstudio.domain import cron, schedule
from flowstudio.domain.graph import Graph
from flowstudio.engine import clock, crowds, membership
from flowstudio.store.models import Flow, Member, Schedule, Segment


def index(flow: Flow, graph: Graph, *, future: bool) -> list[tuple[str, str]]:
    """(node, event name) pairs that these triggers want; a schedule's next time is kept beside them."""
    found: list[tuple[str, str]] = []
    kept = False
    for node in graph.nodes:
        if node.type == "trigger.segment" and node.config.get("segment"):
            direction = str(node.config.get("direction") or "enter")
            found.append((node.id, crowds.brought(flow.id)))
            if future:
                found.append((node.id, membership.came_in(str(node.config["segment"]), direction)))
        elif node.type == "trigger.schedule":
            found.append((node.id, crowds.brought(flow.id)))
            _keep(flow, node.id, node.config, str(graph.settings.get("timezone") or ""))
            kept = True
    if not kept:
        Schedule.objects.filter(flow=flow).delete()
    return found


def _keep(flow: Flow, node: str, config: Any, flow_zone: str) -> None:
    """Keeps a schedule; one that stays as it was keeps its next time, so that publishing skips nothing."""
    text, own = str(config.get("cron") or "0 9 * * *"), str(config.get("timezone") or "")
    zone = own if schedule.is_zone(own) else schedule.zone_for({}, flow_zone, flow.workspace.timezone)[0].key
    segment = str(config.get("segment") or "")
    present = Schedule.objects.filter(flow=flow).first()
    if present is not None and (present.cron, present.timezone) == (text, zone):
        present.node, present.segment_id = node, segment
        present.save(update_fields=["node", "segment_id"])
        return
    Schedule.objects.filter(flow=flow).delete()
    next_at = cron.next_after(text, ZoneInfo(zone), clock.now())
    Schedule.objects.create(
        workspace_id=flow.workspace_id, flow=flow, node=node, cron=text, timezone=zone, segment_id=segment,
        next_at=next_at,
    )  # fmt: skip


def segment_of(graph: Graph) -> str:
    """The segment with which a flow begins when a customer comes into it, '' for none."""
    found = (
        str(node.config.get("segment") or "")
        for node in graph.nodes
        if node.type == "trigger.segment" and node.config.get("direction", "enter") == "enter"
    )
    return next(found, "")


def inside(workspace_id: str, graph: Graph) -> dict[str, Any] | None:
    """The segment with which a flow begins, and how many are in it: what publishing asks about (SEMANTICS 1.5)."""
    found = Segment.objects.filter(workspace_id=workspace_id, id=segment_of(graph)).first()
    if found is None:
        return None
    count = Member.objects.filter(segment=found, inside=True).count()
    return {"id": found.id, "name": found.name, "count": count, "ready": found.ready}


def bring_in(flow: Flow, graph: Graph, version: int) -> None:
    """Asks for everybody who is in the segment already, in the transaction of the publishing."""
    segment = segment_of(graph)
    if segment:
        with connection.cursor() as cursor:
            crowds.gather(
                cursor, workspace=flow.workspace_id, flow=flow.id, segment=segment, key=f"v{version}", now=clock.now()
            )


def issues_of(workspace_id: str, graph: Graph) -> list[dict[str, Any]]:
    """Segments that triggers name and that are not there."""
    named = [(node, str(node.config["segment"])) for node in graph.nodes
             if node.type in ("trigger.segment", "trigger.schedule") and node.config.get("segment")]  # fmt: skip
    if not named:
        return []
    present = set(
        Segment.objects.filter(workspace_id=workspace_id, id__in=[key for _, key in named]).values_list("id", flat=True)
    )
    return [
        {
            "code": "segment_unknown", "severity": "error",
            "message": f"“{node.name or node.id}” begins with a segment that is not there.", "node": node.id,
            "edge": "", "field": "segment", "fix": "Choose one of the workspace's segments.",
        }
        for node, key in named
        if key not in present
    ]  # fmt: skip
