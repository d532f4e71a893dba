"""What customers said about messages, kept when one is taken over by another: the most restrictive wins (12.1)."""

from __future__ import annotations

from collections.abc import Mapping

from flowstudio.engine import clock
from flowstudio.store import suppression
from flowstudio.store.models import Consent


def keep(into: Mapping[str, tuple[str, str]]) -> None:
    """`into` is the taken-over customer → (workspace, who takes over), in the running transaction."""
    suppression.carry_over(into, clock.now())
    for said in Consent.objects.filter(customer_id__in=into).order_by("id"):
        kept, new = Consent.objects.get_or_create(
            customer_id=into[said.customer_id][1],
            category=said.category,
            defaults={
                "workspace_id": said.workspace_id,
                "state": said.state,
                "source": said.source,
                "said_at": said.said_at,
            },
        )
        if not new and said.state == "denied" and kept.state != "denied":
            kept.state, kept.source, kept.said_at = "denied", said.source, said.said_at
            kept.save(update_fields=["state", "source", "said_at"])
    Consent.objects.filter(customer_id__in=into).delete()
