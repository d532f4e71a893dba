"""Drafts: saved by revision, so that two people never overwrite each other unseen (SEMANTICS 8.7)."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from flowstudio.domain.errors import Conflict
from flowstudio.services import announce, audit, crowding, entering, graphs
from flowstudio.services.caller import Caller
from flowstudio.services.people import person
from flowstudio.store.models import Draft, Flow
from flowstudio.store.queries import flows as queries


def read(caller: Caller, flow_id: str) -> dict[str, Any]:
    """The draft as it stands now."""
    return item(queries.draft(caller.workspace_id, flow_id))


@transaction.atomic
def save(caller: Caller, flow_id: str, *, document: object, revision: int) -> dict[str, Any]:
    """Saves over `revision` and answers the next one with every issue; Conflict carries both sides when it moved on."""
    graph = graphs.parse(document)
    kept = graphs.serialise(graph)
    now = timezone.now()
    mine = Draft.objects.filter(flow__workspace_id=caller.workspace_id, flow_id=flow_id, revision=revision)
    if not mine.update(graph=kept, revision=F("revision") + 1, saved_by_id=caller.user_id, saved_at=now):
        theirs = queries.draft(caller.workspace_id, flow_id)
        raise moved_on(theirs, {"graph": kept, "revision": revision})
    Flow.objects.filter(id=flow_id).update(changed_at=now)
    flow = queries.one(caller.workspace_id, flow_id)
    audit.record(caller, "draft.saved", "flow", flow_id, {"revision": revision + 1})
    announce.flow_changed(flow, revision + 1)
    return {
        "revision": revision + 1,
        "issues": graphs.validate(graph)
        + entering.issues_of(caller.workspace_id, graph, flow_id)
        + crowding.issues_of(caller.workspace_id, graph),
    }


def moved_on(theirs: Draft, yours: dict[str, Any]) -> Conflict:
    """The 409 of a draft that somebody else saved meanwhile, with both sides."""
    who = theirs.saved_by.email if theirs.saved_by else "somebody else"
    return Conflict(
        f"{who} saved this flow meanwhile (revision {theirs.revision}). Look at their change, then save yours over it "
        "or take theirs.",
        theirs=item(theirs),
        yours=yours,
    )


def item(draft: Draft) -> dict[str, Any]:
    """A draft as answers show it."""
    return {
        "graph": draft.graph,
        "revision": draft.revision,
        "saved_by": person(draft.saved_by),
        "saved_at": draft.saved_at,
    }
