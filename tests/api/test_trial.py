"""One step tried out: a real call for nobody's run; what a message reaches, what is kept, what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from flowstudio.store.models import AuditEntry, Counter, Credential, OutboxMail, Run, Step
from tests.api.world import Room, room, session

pytestmark = pytest.mark.django_db(transaction=True)

GRAPH: dict[str, Any] = {
    "schema": 1,
    "nodes": [
        {"id": "enter", "type": "trigger.event", "name": "Signed up", "config": {"event": "Signed Up"}},
        {"id": "enrich", "type": "clearbit.enrich", "name": "Enrich", "config": {"email": "{{ customer.email }}"}},
        {
            "id": "mail",
            "type": "email.send",
            "name": "Welcome",
            "config": {
                "to": "{{ customer.email }}",
                "subject": "Hello {{ customer.name }}",
                "body": "Hi",
                "category": "x",
            },
        },
        {"id": "nap", "type": "wait.delay", "name": "Nap", "config": {"for": "2d"}},
        {
            "id": "ask",
            "type": "http.request",
            "name": "Ask",
            "config": {"method": "GET", "url": "http://127.0.0.1:9/x"},
        },
    ],
    "edges": [
        {"id": f"e{n}", "source": a, "source_port": "out", "target": b}
        for n, (a, b) in enumerate((("enter", "enrich"), ("enrich", "mail"), ("mail", "nap"), ("nap", "ask")))
    ],
    "notes": [],
    "settings": {},
}


@pytest.fixture
def here() -> Room:
    return room("here")


def ask(here: Room, node: str, role: str = "editor", **more: Any) -> Any:
    sent = {"node": node, "graph": GRAPH, "customer": here.ids["customer_id"], **more}
    return Client().post(
        f"/api/v1/flows/{here.ids['flow_id']}/test-step/", sent, content_type="application/json",
        headers=here.key(role),
    )  # fmt: skip


def by_person(here: Room, node: str) -> Any:
    sent = {"node": node, "graph": GRAPH, "customer": here.ids["customer_id"]}
    return session(here.users["editor"]).post(
        f"/api/v1/flows/{here.ids['flow_id']}/test-step/", sent, content_type="application/json"
    )


def test_the_stand_in_answers_as_the_vendor_would_and_nothing_is_counted(here: Room) -> None:
    Credential.objects.all().delete()
    before = (Run.objects.count(), Step.objects.count(), Counter.objects.count())
    answer = ask(here, "enrich", customer={"email": "ada@northwind-logistics.example", "traits": {}})
    assert answer.status_code == 200, answer.content
    told = answer.json()
    assert (told["ok"], told["sandbox"], told["port"]) == (True, True, "out")
    assert told["traits"]["employees"] > 0
    assert told["input"]["email"] == "ada@northwind-logistics.example"
    assert (Run.objects.count(), Step.objects.count(), Counter.objects.count()) == before
    entry = AuditEntry.objects.get(verb="step.tested")
    assert entry.detail["node"] == "enrich"


def test_a_message_goes_to_whoever_asks_and_to_nobody_else(here: Room) -> None:
    OutboxMail.objects.all().delete()
    answer = by_person(here, "mail")
    assert answer.status_code == 200, answer.content
    assert answer.json()["ok"] is True
    mail = OutboxMail.objects.get()
    assert (mail.to, mail.subject) == ("editor@here.example", "Hello Ann")


def test_a_key_has_no_address_to_send_a_message_to(here: Room) -> None:
    answer = ask(here, "mail")
    assert answer.status_code == 403
    assert "an API key has none" in answer.json()["detail"]


def test_the_guard_stands_before_a_tested_call_too(here: Room) -> None:
    told = ask(here, "ask").json()
    assert (told["ok"], told["port"], told["sandbox"]) == (False, "error", False)
    assert "public addresses only" in told["message"]


@pytest.mark.parametrize(
    ("node", "why"), [("nap", "calls nobody"), ("enter", "calls nobody"), ("gone", "no such step")]
)
def test_what_calls_nobody_cannot_be_tested(here: Room, node: str, why: str) -> None:
    answer = ask(here, node)
    assert answer.status_code == 400
    assert why in answer.json()["detail"]


def test_a_viewer_may_look_and_not_call(here: Room) -> None:
    assert ask(here, "enrich", role="viewer").status_code == 403
