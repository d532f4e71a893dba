"""Publishing: a draft becomes an immutable version, and events find it (SEMANTICS 8)."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from flowstudio.domain.errors import NotPublishable
from flowstudio.domain.graph import Graph
from flowstudio.services import announce, audit, credentials, graphs, hooks
from flowstudio.services.caller import Caller
from flowstudio.services.drafts import moved_on
from flowstudio.services.versions import item
from flowstudio.store.models import Flow, TriggerIndex, Version
from flowstudio.store.queries import flows as queries

# A flow that took nobody takes customers from now on; one that was paused or closed by a person stays so.
_OPENS = {"draft", "stopped", "archived", "draining"}


@transaction.atomic
def publish(caller: Caller, flow_id: str, *, revision: int) -> dict[str, Any]:
    """The draft at `revision` as the next version, in force at once for new customers.

    Conflict when the draft moved on; NotPublishable with every issue when the graph has errors. Customers inside finish
    on the version they began with.
    """
    flow = queries.locked(caller.workspace_id, flow_id)
    draft = flow.draft
    if draft.revision != revision:
        raise moved_on(queries.draft(caller.workspace_id, flow_id), {"revision": revision})
    graph = graphs.parse(draft.graph)
    issues = graphs.validate(graph) + credentials.issues_of(caller.workspace_id, graph)
    errors = [issue for issue in issues if issue["severity"] == "error"]
    if errors:
        count = "1 error" if len(errors) == 1 else f"{len(errors)} errors"
        raise NotPublishable(f"{flow.name} has {count}: {errors[0]['message']}", issues=issues)
    version = Version.objects.create(
        flow=flow,
        number=queries.last_number(flow.id) + 1,
        graph=draft.graph,
        draft_revision=revision,
        published_by_id=caller.user_id,
    )
    index(flow, graph)
    old = flow.version
    before = {"version": old, "state": flow.state}
    inside = queries.active_runs(flow.id)
    flow.version = version.number
    flow.state = "live" if flow.state in _OPENS else flow.state
    flow.save(update_fields=["version", "state", "changed_at"])
    after = {"version": flow.version, "state": flow.state}
    audit.record(caller, "flow.published", "flow", flow.id, {"before": before, "after": after})
    announce.flow_changed(flow, revision, engine=True)
    return {**item(version), "graph": version.graph, "issues": issues, **_in_flight(inside, old)}


def index(flow: Flow, graph: Graph) -> None:
    """Rewrites which events the flow wants; a webhook trigger wants the events of its own address."""
    flow.triggers.all().delete()
    addresses = hooks.keep(flow, [node.id for node in graph.nodes if node.type == "trigger.webhook"])
    rows = [(node_id, f"hook:{hook.id}") for node_id, hook in addresses.items()]
    rows += [(node.id, str(node.config.get("event", ""))) for node in graph.nodes if node.type == "trigger.event"]
    TriggerIndex.objects.bulk_create(
        TriggerIndex(workspace_id=flow.workspace_id, flow=flow, node=node, event=event) for node, event in rows if event
    )


def _in_flight(inside: int, before: int | None) -> dict[str, Any]:
    if before is None or not inside:
        sentence = "New customers enter this version from now on."
    else:
        people = "1 customer inside finishes" if inside == 1 else f"{inside:,} customers inside finish"
        sentence = f"New customers enter this version from now on; {people} on the version they began with."
    return {"in_flight": {"choice": "finish", "inside": inside}, "sentence": sentence}
