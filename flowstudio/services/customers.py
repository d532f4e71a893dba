"""Customers: one record each, with the origin of every trait and the whole journey."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from flowstudio.services import events, reach, runs
from flowstudio.services.caller import Caller
from flowstudio.store.models import Customer
from flowstudio.store.queries import customers as queries
from flowstudio.store.queries import events as event_queries
from flowstudio.store.queries import runs as run_queries

HISTORY = 2_000
JOURNEY_EVENTS = 500
JOURNEY_RUNS = 100


def items(customers: Sequence[Customer]) -> list[dict[str, Any]]:
    """Customers as lists show them."""
    return [item(customer) for customer in customers]


def item(customer: Customer) -> dict[str, Any]:
    """One customer as lists show it."""
    return {
        "id": customer.id,
        "external_id": customer.external_id,
        "email": customer.email,
        "name": customer.name,
        "traits": customer.traits,
        "created_at": customer.created_at,
        "seen_at": customer.seen_at,
    }


def detail(caller: Caller, customer_id: str) -> dict[str, Any]:
    """One customer with the names it is known by and every value its traits were given."""
    return _detail(queries.one(caller.workspace_id, customer_id))


def _detail(customer: Customer) -> dict[str, Any]:
    provenance: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in queries.history(customer.id, HISTORY):
        provenance[row.name].append(
            {
                "value": row.value,
                "source": row.source,
                "occurred_at": row.occurred_at,
                "recorded_at": row.recorded_at,
                "won": row.won,
                "reference": row.reference,
            }
        )
    return {
        **item(customer),
        "aliases": queries.aliases(customer.id),
        "provenance": dict(provenance),
        "reach": reach.state(customer),
    }


def journey(caller: Caller, customer_id: str) -> dict[str, Any]:
    """All events and runs of one customer in time order, the newest of each up to a bound that is said."""
    customer = queries.one(caller.workspace_id, customer_id)
    arrived = event_queries.of_customer(caller.workspace_id, customer.id, JOURNEY_EVENTS + 1)
    gone = run_queries.of_customer(caller.workspace_id, customer.id, JOURNEY_RUNS + 1)
    truncated = len(arrived) > JOURNEY_EVENTS or len(gone) > JOURNEY_RUNS
    arrived, gone = arrived[:JOURNEY_EVENTS], gone[:JOURNEY_RUNS]
    steps: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for step in run_queries.steps([run.id for run in gone]):
        steps[step.run_id].append(runs.step_item(step))
    rows: list[dict[str, Any]] = [
        {"kind": "event", "at": event["occurred_at"], **event} for event in events.items(caller.workspace_id, arrived)
    ]
    rows += [
        {"kind": "run", "at": run["started_at"], "run": run, "steps": steps[run["id"]]} for run in runs.items(gone)
    ]
    rows.sort(key=lambda row: row["at"])
    return {"customer": _detail(customer), "items": rows, "truncated": truncated}
