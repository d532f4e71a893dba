"""Whether messages may reach a customer: suppression by address and person, consent by category, one-click unsubscribe.

In force with its commit: the delivery gate reads it right before each message leaves (G11). Only a person may lift a
suppression, and that is audited; imports, merges, restores and replays never do (G25).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction

from flowstudio.connectors.mailer import one_recipient
from flowstudio.domain.errors import Conflict, ConnectorError, InputError
from flowstudio.engine import clock, feed
from flowstudio.services import announce, audit
from flowstudio.services.caller import Caller
from flowstudio.store import suppression, unsubscribing
from flowstudio.store.models import Consent, Customer, Workspace
from flowstudio.store.queries import customers as queries
from flowstudio.store.unsubscribing import Recipient

WORDS = {
    "unsubscribed": "Unsubscribed",
    "by_hand": "Suppressed by a member",
    "bounced": "The address bounced",
    "complained": "Marked a message as spam",
}


def state(customer: Customer) -> dict[str, Any]:
    """As the customer's page shows it; the reason and time are those of what came first."""
    present = suppression.found(customer.workspace_id, suppression.names(customer.id, customer.email))
    first = min(present.values(), key=lambda one: one[1], default=None)
    return {
        "suppressed": first is not None,
        "reason": first[0] if first else "",
        "sentence": WORDS.get(first[0], "Suppressed") if first else "Messages may reach this customer",
        "since": first[1] if first else None,
        "consents": [
            {"category": row.category, "state": row.state, "source": row.source, "said_at": row.said_at}
            for row in Consent.objects.filter(customer_id=customer.id).order_by("category")
        ],
    }


@transaction.atomic
def suppress(caller: Caller, customer_id: str) -> None:
    """From now on no message reaches the customer, transactional ones included; already so, nothing changes."""
    customer = queries.one(caller.workspace_id, customer_id)
    names = suppression.names(customer.id, customer.email)
    source = f"member {caller.actor}"
    if suppression.add(caller.workspace_id, names, reason="by_hand", source=source, now=clock.now()):
        audit.record(caller, "customer.suppressed", "customer", customer.id)
        _tell(caller.workspace_id, customer.id)


@transaction.atomic
def unsuppress(caller: Caller, customer_id: str) -> None:
    """Lets messages reach the customer again. Conflict when nothing keeps them."""
    customer = queries.one(caller.workspace_id, customer_id)
    names = suppression.names(customer.id, customer.email)
    before = suppression.found(caller.workspace_id, names)
    if not suppression.lift(caller.workspace_id, names, clock.now()):
        raise Conflict("Nothing is suppressed for this customer.", theirs={"suppressed": False})
    reasons = sorted({reason for reason, _ in before.values()})
    audit.record(caller, "customer.unsuppressed", "customer", customer.id, {"before": reasons})
    _tell(caller.workspace_id, customer.id)


@transaction.atomic
def consent(caller: Caller, customer_id: str, *, category: str, said: str) -> None:
    """What the customer said about a category: granted, denied, or nothing ("unset")."""
    customer = queries.one(caller.workspace_id, customer_id)
    name = category.strip()
    if not name:
        raise InputError("The category is missing.", field="category", fix="Name it, for example newsletter.")
    mine = Consent.objects.filter(customer_id=customer.id, category=name)
    before = mine.values_list("state", flat=True).first() or "unset"
    if said == "unset":
        mine.delete()
    else:
        Consent.objects.update_or_create(
            customer_id=customer.id,
            category=name,
            defaults={
                "workspace_id": customer.workspace_id,
                "state": said,
                "source": f"member {caller.actor}"[:120],
                "said_at": clock.now(),
            },
        )
    if before != said:
        detail = {"category": name, "before": before, "after": said}
        audit.record(caller, "customer.consent", "customer", customer.id, detail)
        _tell(caller.workspace_id, customer.id)


def recipient(token: str) -> tuple[Recipient, str] | None:
    """Whom an unsubscribe link is about, with the workspace's name; None when it is no link of ours."""
    found = unsubscribing.read(token)
    name = Workspace.objects.filter(id=found.workspace_id).values_list("name", flat=True).first() if found else None
    return (found, name) if found is not None and name is not None else None


@transaction.atomic
def unsubscribe(found: Recipient) -> None:
    """The recipient wants no more messages: their address and they themselves. The same again changes nothing (S29)."""
    names = [*_names(found)]
    if suppression.add(found.workspace_id, names, reason="unsubscribed", source="link", now=clock.now()):
        who = Caller(workspace_id=found.workspace_id, workspace_slug="", role="viewer", actor="the recipient")
        audit.record(who, "customer.unsubscribed", "customer", found.customer_id)
        _tell(found.workspace_id, found.customer_id)


def _names(found: Recipient) -> Sequence[suppression.Name]:
    try:
        address = one_recipient(found.address)
    except ConnectorError:
        address = found.address
    own = Customer.objects.filter(workspace_id=found.workspace_id, id=found.customer_id)
    email = own.values_list("email", flat=True).first() or ""
    return list(dict.fromkeys([*suppression.names(found.customer_id, email), (suppression.EMAIL, address)]))


def _tell(workspace_id: str, customer_id: str) -> None:
    with connection.cursor() as cursor:
        feed.append(cursor, workspace_id, "customer", "", {"customers": [customer_id]})
    announce.ring("viewers")
