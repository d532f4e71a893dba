"""Names for completion: what customers have, what the trigger's events carry, what earlier steps answer."""

from __future__ import annotations

from typing import Any

import pytest

from flowstudio.domain.samples import onboarding_unit
from flowstudio.store.models import Draft
from tests.api.world import room, session

pytestmark = pytest.mark.django_db


def test_names_at_a_node_are_those_of_customers_events_and_the_steps_before_it() -> None:
    ours = room("ours")
    Draft.objects.filter(flow_id=ours.ids["flow_id"]).update(graph=onboarding_unit())
    client = session(ours.users["viewer"])
    address = f"/api/v1/variables/?flow={ours.ids['flow_id']}&node="

    def names(node: str) -> dict[str, Any]:
        return {row["path"]: row for row in client.get(address + node).json()["variables"]}

    found = names("size")
    assert found["customer.traits.employees"]["sample"] == 540
    assert found["event.properties.plan"]["sample"] == "team"
    assert found["steps.enrich.output"]["type"] == "object"
    employees = found["steps.enrich.output.metrics.employees"]
    assert (employees["type"], employees["sample"], employees["source"]) == ("number", 540, "Enrich company")
    assert found["steps.enrich.output.tech"]["type"] == "list"
    assert "steps.technographics.output.technologies" not in found
    assert "steps.technographics.output.technologies" in names("mail_1")
    assert not [path for path in names("signed_up") if path.startswith("steps.")]
