"""Publishing: a draft becomes an immutable version, and events find it (SEMANTICS 8)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from flowstudio.domain import flow_settings, leaving, moving
from flowstudio.domain.errors import NotPublishable
from flowstudio.domain.graph import Graph
from flowstudio.engine import subflows
from flowstudio.services import announce, audit, credentials, crowding, entering, graphs, hooks, passage
from flowstudio.services.caller import Caller
from flowstudio.services.drafts import moved_on
from flowstudio.services.versions import item
from flowstudio.store.models import Flow, TriggerIndex, Version, Watch
from flowstudio.store.queries import flows as queries

# A flow that took nobody takes customers from now on; one that was paused or closed by a person stays so.
_OPENS = {"draft", "stopped", "archived", "draining"}


@transaction.atomic
def publish(
    caller: Caller,
    flow_id: str,
    *,
    revision: int,
    in_flight: Mapping[str, Any] | None = None,
    note: str = "",
    segment_entry: str = "future",
) -> dict[str, Any]:
    """The draft at `revision` as the next version, in force at once for new customers.

    Conflict when the draft moved on; NotPublishable with every issue when the graph has errors. `in_flight` says what
    becomes of the customers inside: `{choice?, nodes?: {id: {choice, to?}}}`; without it, what is safe (SEMANTICS 8.2).
    The engine carries it out (`engine.batches`).
    """
    flow = queries.locked(caller.workspace_id, flow_id)
    draft = flow.draft
    if draft.revision != revision:
        raise moved_on(queries.draft(caller.workspace_id, flow_id), {"revision": revision})
    graph = graphs.parse(draft.graph)
    issues = (
        graphs.validate(graph)
        + credentials.issues_of(caller.workspace_id, graph)
        + entering.issues_of(caller.workspace_id, graph, flow.id)
        + crowding.issues_of(caller.workspace_id, graph)
    )
    errors = [issue for issue in issues if issue["severity"] == "error"]
    if errors:
        count = "1 error" if len(errors) == 1 else f"{len(errors)} errors"
        raise NotPublishable(f"{flow.name} has {count}: {errors[0]['message']}", issues=issues)
    number, old = queries.last_number(flow.id) + 1, flow.version
    before = graphs.parse(queries.version(flow.id, old).graph) if old is not None else Graph()
    found = passage.places(flow, before, graph, number)
    version = Version.objects.create(
        flow=flow, number=number, graph=draft.graph, draft_revision=revision, published_by_id=caller.user_id, note=note,
        orders=moving.orders(found, in_flight or {}, graph),
    )  # fmt: skip
    index(flow, graph, future=segment_entry != "present")
    if segment_entry != "future":
        crowding.bring_in(flow, graph, number)
    watch(flow, version, graph)
    was = {"version": old, "state": flow.state}
    counts = passage.begin(caller, flow, version, old, found)
    flow.version = version.number
    flow.state = "live" if flow.state in _OPENS else flow.state
    flow.save(update_fields=["version", "state", "changed_at"])
    now = {"version": flow.version, "state": flow.state, "in_flight": counts}
    audit.record(caller, "flow.published", "flow", flow.id, {"before": was, "after": now, "note": note})
    announce.flow_changed(flow, revision, engine=True)
    said = passage.sentence(counts, old, number)
    return {**item(version), "graph": version.graph, "issues": issues, "in_flight": counts, "sentence": said}


def index(flow: Flow, graph: Graph, *, future: bool = True) -> None:
    """Rewrites which events the flow wants; a webhook trigger wants the events of its own address.

    Without `future` a segment's trigger takes only those who are in it already (SEMANTICS 1.5).
    """
    flow.triggers.all().delete()
    addresses = hooks.keep(flow, [node.id for node in graph.nodes if node.type == "trigger.webhook"])
    rows = [(node_id, f"hook:{hook.id}") for node_id, hook in addresses.items()]
    rows += [(node.id, str(node.config.get("event", ""))) for node in graph.nodes if node.type == "trigger.event"]
    rows += [(node.id, subflows.entrance(flow.id)) for node in graph.nodes if node.type == "trigger.manual"]
    rows += crowding.index(flow, graph, future=future)
    TriggerIndex.objects.bulk_create(
        TriggerIndex(workspace_id=flow.workspace_id, flow=flow, node=node, event=event) for node, event in rows if event
    )


def watch(flow: Flow, version: Version, graph: Graph) -> None:
    """Writes which events and traits the version's exits and goals look at, so that matching is one indexed look-up."""
    rules = flow_settings.read(graph.settings)
    keys = [("event", key) for key in sorted(leaving.watches_events(rules))]
    keys += [("trait", key) for key in sorted(leaving.watches_traits(rules))]
    Watch.objects.bulk_create(
        Watch(workspace_id=flow.workspace_id, version=version, kind=kind, key=key[:255]) for kind, key in keys
    )
