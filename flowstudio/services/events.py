"""Events and mails as answers show them: what arrived and what it did, what people got and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flowstudio.services.caller import Caller
from flowstudio.store.models import Event, OutboxMail, Run
from flowstudio.store.queries import customers as customer_queries
from flowstudio.store.queries import events as queries


def items(workspace_id: str, events: Sequence[Event]) -> list[dict[str, Any]]:
    """Events with their customer, source and outcome in words' reach: four queries whatever their number."""
    rows = list(events)
    people = customer_queries.refs(workspace_id, {event.customer_id for event in rows if event.customer_id})
    sources = queries.source_names(workspace_id, {event.source for event in rows})
    flow_ids = {part["flow"] for event in rows for part in event.outcome if isinstance(part, dict) and "flow" in part}
    flow_ids |= {_started(event) for event in rows if event.type == "start"}
    flows = queries.flow_names(workspace_id, flow_ids) if flow_ids else {}
    return [_item(event, people, sources, flows) for event in rows]


def _started(event: Event) -> str:
    return event.name.partition(":")[2]


def _item(
    event: Event, people: Mapping[str, Any], sources: Mapping[str, str], flows: Mapping[str, str]
) -> dict[str, Any]:
    return {
        "id": event.id,
        "type": event.type,
        "name": f"Start “{flows.get(_started(event), 'a flow')}”" if event.type == "start" else event.name,
        "message_id": event.message_id,
        "source": sources.get(event.source, event.source),
        "customer": people.get(event.customer_id),
        "user_id": event.user_id,
        "anonymous_id": event.anonymous_id,
        "occurred_at": event.occurred_at,
        "received_at": event.received_at,
        "clamped": event.clamped,
        "status": event.status,
        "problem": event.problem,
        "conflicts": event.conflict,
        "outcome": [
            {**part, "flow_name": flows[part["flow"]]} if part.get("flow") in flows else part
            for part in event.outcome
            if isinstance(part, dict)
        ],
        "payload": event.payload,
    }


def detail(caller: Caller, event_id: str) -> dict[str, Any]:
    """One event."""
    return items(caller.workspace_id, [queries.one(caller.workspace_id, event_id)])[0]


def mail_items(workspace_id: str, mails: Sequence[OutboxMail]) -> list[dict[str, Any]]:
    """Mails with their customer and flow: two queries whatever their number."""
    rows = list(mails)
    people = customer_queries.refs(workspace_id, {mail.customer_id for mail in rows if mail.customer_id})
    run_ids = {mail.run_id for mail in rows if mail.run_id}
    runs = Run.objects.filter(workspace_id=workspace_id, id__in=run_ids).values_list("id", "flow_id", "flow__name")
    flows = {run_id: {"id": flow_id, "name": name} for run_id, flow_id, name in runs}
    return [
        {
            "id": mail.id,
            "to": mail.to,
            "sender": mail.sender,
            "subject": mail.subject,
            "html": mail.html,
            "text": mail.text,
            "headers": mail.headers,
            "delivered_by": mail.delivered_by,
            "sent_at": mail.created_at,
            "customer": people.get(mail.customer_id),
            "run": mail.run_id or None,
            "node": mail.node,
            "flow": flows.get(mail.run_id),
        }
        for mail in rows
    ]


def mail_detail(caller: Caller, mail_id: str) -> dict[str, Any]:
    """One mail."""
    return mail_items(caller.workspace_id, [queries.mail(caller.workspace_id, mail_id)])[0]


def mail_html(caller: Caller, mail_id: str) -> str:
    """A mail's HTML for the sandboxed preview (S43)."""
    return queries.mail(caller.workspace_id, mail_id).html
