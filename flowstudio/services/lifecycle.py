"""A flow's state: open or closed for entry, paused, draining, stopped (SEMANTICS 13.1)."""

from __future__ import annotations

from django.db import transaction

from flowstudio.domain.errors import Conflict
from flowstudio.engine import clock, control
from flowstudio.services import announce, audit, resuming
from flowstudio.services.caller import Caller
from flowstudio.store.models import AuditEntry, Flow
from flowstudio.store.queries import flows as queries

# verb → (states it may start from, state it leads to)
MOVES: dict[str, tuple[frozenset[str], str]] = {
    "close-entry": (frozenset({"live"}), "closed"),
    "open-entry": (frozenset({"closed", "draining"}), "live"),
    "pause": (frozenset({"live", "closed", "draining"}), "paused"),
    "resume": (frozenset({"paused"}), "live"),
    "drain": (frozenset({"live", "closed", "paused"}), "draining"),
    "stop": (frozenset({"live", "closed", "paused", "draining"}), "stopped"),
}


@transaction.atomic
def move(caller: Caller, flow_id: str, verb: str, **overdue: str) -> Flow:
    """Moves a flow by one of MOVES; already there is no change, anything else that does not fit is a Conflict.

    `stop` also ends every run inside, in the same transaction. A paused flow that is to go on asks what becomes of
    overdue customers (`overdue`: choice, older_than, spread; 13.2): where they are many it stays paused until the
    engine has decided for the last of them.
    """
    sources, target = MOVES[verb]
    flow = queries.locked(caller.workspace_id, flow_id)
    if verb == "resume":
        target = _paused_from(flow)
    if flow.state == target and verb != "resume":
        if verb == "pause":
            # It was about to be resumed, and is not any more.
            resuming.call_off(flow)
        return flow
    if flow.state not in sources:
        raise Conflict(_refusal(flow, verb), theirs={"state": flow.state})
    before = flow.state
    if before == "paused" and target != "stopped":
        return _go_on(caller, flow, verb, target, overdue)
    resuming.call_off(flow)
    flow.state = target
    flow.paused_at = clock.now() if target == "paused" else None
    flow.save(update_fields=["state", "paused_at", "changed_at"])
    audit.record(caller, f"flow.{verb}", "flow", flow.id, {"before": before, "after": target})
    if verb == "stop":
        control.stop_flow(flow.id, caller.actor)
    announce.flow_changed(flow, flow.draft.revision, engine=True)
    return flow


def _go_on(caller: Caller, flow: Flow, verb: str, target: str, overdue: dict[str, str]) -> Flow:
    chosen = {name: value for name, value in overdue.items() if value}
    audit.record(
        caller, f"flow.{verb}", "flow", flow.id, {"before": "paused", "after": target, "overdue": chosen or "run_now"}
    )
    resuming.begin(caller, flow, target, **chosen)
    flow.refresh_from_db(fields=["state", "paused_at", "changed_at"])
    announce.ring("viewers")
    announce.ring("engine")
    return flow


def _paused_from(flow: Flow) -> str:
    """The state before the pause: resuming must not reopen an entry that somebody had closed."""
    last = (
        AuditEntry.objects.filter(workspace_id=flow.workspace_id, subject_id=flow.id, verb="flow.pause")
        .order_by("-id")
        .first()
    )
    before = (last.detail if last else {}).get("before", "live")
    return before if before in {"live", "closed", "draining"} else "live"


def _refusal(flow: Flow, verb: str) -> str:
    if flow.state in {"draft", "stopped", "archived"}:
        return f"{flow.name} is {flow.state}: publish it first."
    sources = ", ".join(sorted(MOVES[verb][0]))
    return f"{flow.name} is {flow.state}; {verb} is for a flow that is {sources}."
