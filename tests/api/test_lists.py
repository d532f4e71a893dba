"""Lists ask the database as often for forty rows as for four (DESIGN: no query in a loop)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from flowstudio.services import sketches
from flowstudio.store.ids import new_id
from flowstudio.store.models import Credential, Customer, Draft, Event, Flow, OutboxMail, Version
from tests.api.world import GRAPH, NOW, Room, a_run, room

pytestmark = pytest.mark.django_db

LISTS = {
    "flows/": 6,
    "runs/": 6,
    "customers/": 3,
    "events/": 8,
    "outbox/": 5,
    "credentials/": 3,
    "connectors/": 3,
    "api-keys/": 3,
    "members/": 3,
    "home/": 5,
}


@pytest.fixture
def ours() -> Room:
    return room("ours")


def grow(ours: Room, count: int) -> None:
    flow = Flow.objects.get(id=ours.ids["flow_id"])
    version = Version.objects.get(id=ours.ids["version_id"])
    for number in range(count):
        other = Flow.objects.create(workspace=ours.workspace, name=f"f{number}", owner=ours.users["admin"])
        Draft.objects.create(flow=other, graph=GRAPH)
        customer = Customer.objects.create(
            workspace=ours.workspace, email=f"c{number}@x.example", created_at=NOW, seen_at=NOW
        )
        event = Event.objects.create(
            workspace=ours.workspace, source=ours.ids["key_id"], message_id=new_id(), type="track", name="Signed Up",
            customer_id=customer.id, payload={}, digest="0", occurred_at=NOW, received_at=NOW,
            outcome=[{"flow": other.id, "run": "x"}],
        )  # fmt: skip
        run = a_run(ours, flow, version, customer, event.id, status="failed" if number % 2 else "active")
        OutboxMail.objects.create(
            workspace=ours.workspace, key=new_id(), run_id=run.id, customer_id=customer.id, sender="a", to="b",
            subject="s", html="", text="", delivered_by="outbox", created_at=NOW + timedelta(seconds=number),
        )  # fmt: skip
        Credential.objects.create(workspace=ours.workspace, connector="clearbit", name=f"k{number}")


def queries(client: Client, path: str) -> tuple[int, Any]:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        answer = client.get(f"/api/v1/{path}?limit=40")
    assert answer.status_code == 200, answer.content
    return len(asked), answer.json()


@pytest.mark.parametrize("path", LISTS)
def test_a_list_asks_as_often_for_many_as_for_few(path: str, ours: Room) -> None:
    client = Client(headers={"authorization": f"Bearer {ours.keys['admin']}"})
    grow(ours, 2)
    client.get(f"/api/v1/{path}")  # what is kept for the whole process is read once
    sketches._sketches.clear()
    few, _ = queries(client, path)
    grow(ours, 25)
    sketches._sketches.clear()
    many, answer = queries(client, path)
    assert many == few
    # One of them is the key's own look-up.
    assert many <= LISTS[path] + 1
    if path in {"flows/", "runs/", "customers/", "events/", "outbox/"}:
        assert len(answer["results"]) >= 28


def test_a_journey_asks_as_often_for_many_as_for_few(ours: Room) -> None:
    client = Client(headers={"authorization": f"Bearer {ours.keys['viewer']}"})
    path = f"customers/{ours.ids['customer_id']}/journey/"
    client.get(f"/api/v1/{path}")
    few, _ = queries(client, path)
    flow = Flow.objects.get(id=ours.ids["flow_id"])
    customer = Customer.objects.get(id=ours.ids["customer_id"])
    for _ in range(10):
        a_run(ours, flow, Version.objects.get(id=ours.ids["version_id"]), customer, new_id())
    many, answer = queries(client, path)
    assert many == few
    assert len(answer["items"]) == 12
    assert [row["at"] for row in answer["items"]] == sorted(row["at"] for row in answer["items"])


def test_a_run_shows_its_steps_with_attempts_and_says_where_it_stands(ours: Room) -> None:
    client = Client(headers={"authorization": f"Bearer {ours.keys['viewer']}"})
    _, run = queries(client, f"runs/{ours.ids['run_id']}/")
    assert (run["status"], run["state"], run["node"]) == ("active", "waiting", {"id": "pause", "name": "Breathe"})
    assert run["sentence"] == "Breathe: 2 days"
    assert [step["node"] for step in run["steps"]] == ["signed_up", "pause"]
    assert [attempt["state"] for attempt in run["steps"][1]["attempts"]] == ["accepted"]
    assert run["event"]["payload"]["properties"] == {"plan": "team"}
    assert run["customer"]["email"] == "ann@ours.example"


def test_a_customer_shows_every_value_a_trait_was_given(ours: Room) -> None:
    client = Client(headers={"authorization": f"Bearer {ours.keys['viewer']}"})
    _, customer = queries(client, f"customers/{ours.ids['customer_id']}/")
    assert [(row["value"], row["won"]) for row in customer["provenance"]["employees"]] == [(540, True), (480, False)]
    assert customer["aliases"] == [{"kind": "user", "value": "ours-1"}]
    assert [row["id"] for row in client.get("/api/v1/customers/?q=ours-1").json()["results"]] == [customer["id"]]


def test_runs_are_filtered(ours: Room) -> None:
    client = Client(headers={"authorization": f"Bearer {ours.keys['viewer']}"})
    grow(ours, 4)

    def count(query: str) -> int:
        return len(client.get(f"/api/v1/runs/?{query}").json()["results"])

    assert count("status=failed") == 2
    assert count("status=waiting") == 3
    assert count("status=held") == 0
    assert count(f"flow={ours.ids['flow_id']}") == 5
    assert count(f"customer={ours.ids['customer_id']}") == 1
    assert count("q=c1%40x") == 1
    assert count("flow=nonsense") == 0
    assert client.get("/api/v1/runs/?status=nope").status_code == 400
