"""Reads of customers, their names and the history of their traits."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Q, QuerySet

from flowstudio.domain.errors import NotFound
from flowstudio.store.models import Alias, Customer, TraitValue


def listed(workspace_id: str, *, q: str = "") -> QuerySet[Customer]:
    """Customers by words in address, name or id; an alias counts when it is given whole."""
    rows = Customer.objects.filter(workspace_id=workspace_id)
    for word in q.split():
        known_as = Alias.objects.filter(workspace_id=workspace_id, value=word).values("customer_id")
        rows = rows.filter(
            Q(email__icontains=word) | Q(name__icontains=word) | Q(external_id__icontains=word) | Q(id__in=known_as)
        )
    return rows


def one(workspace_id: str, customer_id: str) -> Customer:
    """One customer of the workspace, or NotFound."""
    customer = Customer.objects.filter(workspace_id=workspace_id, id=customer_id).first()
    if customer is None:
        raise NotFound("There is no such customer.")
    return customer


def newest(workspace_id: str) -> Customer | None:
    """The customer seen last."""
    return Customer.objects.filter(workspace_id=workspace_id).order_by("-seen_at", "-id").first()


def recent_traits(workspace_id: str, limit: int) -> list[dict[str, object]]:
    """The traits of the customers seen last."""
    rows = Customer.objects.filter(workspace_id=workspace_id).order_by("-seen_at", "-id")
    return list(rows.values_list("traits", flat=True)[:limit])


def aliases(customer_id: str) -> list[dict[str, str]]:
    """`{kind, value}` of each name a customer is known by."""
    rows = Alias.objects.filter(customer_id=customer_id).order_by("id").values("kind", "value")
    return [{"kind": row["kind"], "value": row["value"]} for row in rows[:200]]


def history(customer_id: str, limit: int) -> list[TraitValue]:
    """Every value each trait was given, newest first."""
    return list(TraitValue.objects.filter(customer_id=customer_id).order_by("name", "-occurred_at", "-id")[:limit])


def refs(workspace_id: str, customer_ids: Collection[str]) -> dict[str, dict[str, str]]:
    """`{id, name, email}` by id."""
    rows = Customer.objects.filter(workspace_id=workspace_id, id__in=customer_ids).values("id", "name", "email")
    return {row["id"]: {"id": row["id"], "name": row["name"], "email": row["email"]} for row in rows}
