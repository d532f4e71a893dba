"""Help while typing: is this expression or template right, and what would it say."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from flowstudio.domain import expression, template
from flowstudio.domain.errors import ExpressionError, InputError, TemplateError
from flowstudio.services.caller import Caller
from flowstudio.store.models import Customer
from flowstudio.store.queries import customers as customer_queries
from flowstudio.store.queries import events as event_queries
from flowstudio.store.queries import runs as run_queries

ESCAPES = ("none", "html", "markdown", "slack", "header", "url")


def check(source: str, kind: str) -> dict[str, Any]:
    """Whether a CEL expression or a Liquid template compiles; where not, what is wrong and at which character."""
    try:
        if kind == "liquid":
            template.check(source)
            return {"ok": True, "message": "", "position": None, "references": []}
        expression.compile(source)
        return {"ok": True, "message": "", "position": None, "references": sorted(expression.references(source))}
    except ExpressionError as error:
        return {"ok": False, "message": error.message, "position": error.position, "references": []}
    except TemplateError as error:
        return {"ok": False, "message": error.message, "position": None, "line": error.line, "references": []}
    except InputError as error:
        return {"ok": False, "message": error.message, "position": None, "references": []}


def preview(
    caller: Caller, *, source: str, customer: str = "", flow: str = "", escape: template.Escape = "none"
) -> dict[str, Any]:
    """A template as one customer (or the one seen last) would get it; a template error is an InputError."""
    person = (
        customer_queries.one(caller.workspace_id, customer)
        if customer
        else customer_queries.newest(caller.workspace_id)
    )
    scope = scope_of(caller.workspace_id, person, flow)
    return {
        "text": template.render(source, scope, escape=escape),
        "customer": customer_queries.refs(caller.workspace_id, [person.id])[person.id] if person else None,
    }


def scope_of(workspace_id: str, customer: Customer | None, flow: str = "") -> dict[str, Any]:
    """What expressions see for a customer: their latest run (in `flow` when given) supplies event and outputs."""
    scope: dict[str, Any] = {
        "customer": {"id": "", "email": "", "traits": {}},
        "event": {"id": "", "name": "", "properties": {}, "context": {}},
        "run": {"id": "", "flow": ""},
        "steps": {},
        "now": timezone.now(),
    }
    if customer is None:
        return scope
    scope["customer"] = {
        "id": customer.external_id or customer.id,
        "email": customer.email,
        "traits": customer.traits,
    }
    runs = run_queries.listed(workspace_id, flow=flow, customer=customer.id).defer(None).order_by("-id")
    run = runs.first()
    if run is not None:
        scope["event"] = run.subject
        scope["run"] = {"id": run.id, "flow": run.flow_id}
        scope["steps"] = {step.node: {"output": step.output} for step in run_queries.steps([run.id])}
        return scope
    for event in event_queries.of_customer(workspace_id, customer.id, 1):
        payload = event.payload if isinstance(event.payload, dict) else {}
        scope["event"] = {
            "id": event.id,
            "name": event.name,
            "properties": payload.get("properties") or {},
            "context": payload.get("context") or {},
            "occurred_at": event.occurred_at,
            "received_at": event.received_at,
        }
    return scope
