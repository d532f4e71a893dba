"""Segments by the API: made, tried, changed, and kept while a flow begins with them (SEMANTICS 1.5)."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from flowstudio.store.models import Customer, Flow, Member, Segment, Workspace
from tests.api.world import Room, room
from tests.engine import house

pytestmark = pytest.mark.django_db
TEAM = {"all": [{"field": "customer.traits.plan", "op": "eq", "value": "Team"}]}


@pytest.fixture
def ours() -> Room:
    return room("ours")


def call(ours: Room, verb: str, path: str, body: Any = None) -> Any:
    client = Client(headers={"authorization": f"Bearer {ours.keys['editor']}"})
    send = getattr(client, verb)
    return (
        send(f"/api/v1/{path}", body, content_type="application/json") if body is not None else send(f"/api/v1/{path}")
    )


def test_a_segment_is_made_tried_changed_and_deleted(ours: Room) -> None:
    Customer.objects.filter(workspace__slug="ours").update(traits={"plan": "Team"})
    tried = call(ours, "post", "segments/preview/", {"rule": TEAM})
    assert (tried.status_code, tried.json()["words"]) == (200, "Plan is Team")
    assert tried.json()["members"] == tried.json()["of"] == Customer.objects.filter(workspace__slug="ours").count()
    made = call(ours, "post", "segments/", {"name": "Teams", "rule": TEAM})
    assert made.status_code == 201
    assert (made.json()["ready"], made.json()["members"], made.json()["flows"]) == (False, 0, [])
    key = made.json()["id"]
    again = call(ours, "post", "segments/", {"name": "Teams", "rule": TEAM})
    assert (again.status_code, "already" in again.json()["detail"]) == (400, True)
    Segment.objects.filter(id=key).update(ready=True)
    assert call(ours, "patch", f"segments/{key}/", {"name": "T"}).json()["ready"] is True
    changed = call(
        ours, "patch", f"segments/{key}/", {"rule": {"any": [{"event": "Paid", "times": 3, "within": "7d"}]}}
    )
    assert (changed.json()["ready"], changed.json()["words"]) == (False, "did Paid at least 3 times in 7 days")
    assert [one["name"] for one in call(ours, "get", "segments/").json()["results"]] == ["T", "Team"]
    assert call(ours, "delete", f"segments/{key}/").status_code == 204
    assert call(ours, "get", f"segments/{key}/").status_code == 404


@pytest.mark.parametrize("rule", [{}, {"all": []}, {"all": [{"event": ""}]}, {"all": [{"field": "x", "op": "eq"}]}])
def test_a_rule_that_cannot_be_judged_is_refused_in_a_sentence(ours: Room, rule: dict[str, Any]) -> None:
    refused = call(ours, "post", "segments/", {"name": "X", "rule": rule})
    assert (refused.status_code, refused.json()["detail"].endswith(".")) == (400, True)


def test_publishing_asks_about_those_inside_and_a_segment_in_use_stays(ours: Room) -> None:
    space = Workspace.objects.get(slug="ours")
    key = ours.ids["segment_id"]
    customer = Customer.objects.filter(workspace=space).first()
    assert customer is not None
    Member.objects.create(segment_id=key, customer=customer, inside=True, since=customer.created_at)
    document = house.graph(
        ("enter", "trigger.segment", {"segment": key, "direction": "enter"}), ("end", "exit"), edges="enter>end"
    )
    flow = call(ours, "post", "flows/", {"name": "By segment", "graph": document}).json()
    plan = call(ours, "get", f"flows/{flow['id']}/publish-plan/").json()
    assert plan["segment"] == {"id": key, "name": "Team", "count": 1, "ready": True}
    body = {"revision": plan["revision"], "segment_entry": "both"}
    assert call(ours, "post", f"flows/{flow['id']}/publish/", body).status_code == 200
    assert Flow.objects.get(id=flow["id"]).crowd_set.get().key == "v1"
    kept = call(ours, "delete", f"segments/{key}/")
    assert (kept.status_code, "By segment" in kept.json()["detail"]) == (409, True)
    wrong = house.graph(("enter", "trigger.segment", {"segment": "x" * 26}), ("end", "exit"), edges="enter>end")
    other = call(ours, "post", "flows/", {"name": "Other", "graph": wrong}).json()
    refused = call(ours, "post", f"flows/{other['id']}/publish/", {"revision": 1})
    assert refused.status_code == 422
    assert "segment_unknown" in [issue["code"] for issue in refused.json()["issues"]]
