"""Simulations by API: whom they send through what, what they take from the workspace, what they refuse, what they touch."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from flowstudio.connectors.http import Http
from flowstudio.domain.samples import onboarding_unit
from flowstudio.store.ids import new_id
from flowstudio.store.models import Attempt, Customer, Draft, Event, Feed, Flow, OutboxMail, Run, Step, Version
from tests.api.world import GRAPH, NOW, Room, room, session

pytestmark = pytest.mark.django_db
AT = "2026-11-24T09:00:00Z"


@pytest.fixture
def ours() -> Room:
    return room("ours")


@pytest.fixture
def viewer(ours: Room) -> Client:
    return session(ours.users["viewer"])


def ask(client: Client, ours: Room, status: int = 200, **sent: Any) -> Any:
    answer = client.post(f"/api/v1/flows/{ours.ids['flow_id']}/simulate/", sent, content_type="application/json")
    assert answer.status_code == status, answer.content
    return answer.json()


def path(made: Any) -> list[str]:
    return [f"{step['node']}:{step['port']}".rstrip(":") for step in made["steps"]]


def graph(*nodes: tuple[str, str, dict[str, Any]], lines: str, **settings: Any) -> dict[str, Any]:
    edges = []
    for number, line in enumerate(lines.split()):
        source, _, target = line.partition(">")
        identity, _, port = source.partition(".")
        edges.append({"id": f"e{number}", "source": identity, "source_port": port or "out", "target": target})
    made = [
        {"id": identity, "type": kind, "name": identity.title(), "config": config} for identity, kind, config in nodes
    ]
    return {"schema": 1, "nodes": made, "edges": edges, "settings": settings}


def test_the_draft_with_nobody_named(ours: Room, viewer: Client) -> None:
    made = ask(viewer, ours, at=AT)
    assert path(made) == ["signed_up:out", "pause:out", "end"]
    assert made["edges"] == ["e1", "e2"]
    assert made["steps"][1] == {
        "seq": 2, "node": "pause", "name": "Breathe", "type": "wait.delay", "visit": 1, "status": "done",
        "entered_at": AT, "left_at": "2026-11-26T09:00:00Z", "port": "out", "edge": "e2", "reason": "waited 2 days", "sentence": "waited 2 days",
        "flagged": "", "reads": {}, "input": None, "output": None, "traits": {}, "cost": 0.0, "origin": "flow",
        "assumed": False, "gate": [], "edges": ["e2"],
    }  # fmt: skip
    assert made["end"] == {
        "status": "completed", "reason": "done", "sentence": "Left at “End”: done, after 2 days.", "node": "end",
        "at": "2026-11-26T09:00:00Z",
    }  # fmt: skip
    assert (made["customer"]["id"], made["customer"]["stored"], made["version"]) == ("sample", False, None)
    assert made["event"] == {"name": "Signed Up", "type": "track", "properties": {}, "assumed": True}


def test_nothing_is_written_and_nothing_leaves(ours: Room, viewer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(*_: Any, **__: Any) -> None:
        raise AssertionError("a simulation called somebody")

    monkeypatch.setattr(Http, "request", never)
    before = [model.objects.count() for model in (Run, Step, Event, Attempt, OutboxMail, Feed, Customer)]
    made = ask(viewer, ours, graph=onboarding_unit(), customer={"email": "a@b.example", "traits": {"employees": 50}})
    assert path(made)[-1] == "mail_3:out"
    assert before == [model.objects.count() for model in (Run, Step, Event, Attempt, OutboxMail, Feed, Customer)]
    assert made["assumed"] == 7
    assert made["cost"] == pytest.approx(0.303)


def test_a_stored_customer_with_its_last_event(ours: Room, viewer: Client) -> None:
    drawing = graph(
        ("begin", "trigger.event", {"event": "Signed Up", "filter": ""}),
        ("plan", "branch", {"cases": [{"id": "team", "when": "event.properties.plan == 'team'"}]}),
        ("end", "exit", {}),
        lines="begin>plan plan.team>end plan.else>end",
    )
    made = ask(viewer, ours, graph=drawing, customer=ours.ids["customer_id"])
    assert path(made)[1] == "plan:team"
    assert made["customer"] == {
        "id": ours.ids["customer_id"], "email": "ann@ours.example", "name": "Ann", "traits": {"employees": 540},
        "stored": True,
    }  # fmt: skip
    assert (made["event"]["properties"], made["event"]["assumed"]) == ({"plan": "team"}, True)
    own = ask(
        viewer,
        ours,
        graph=drawing,
        customer=ours.ids["customer_id"],
        event={"name": "Signed Up", "properties": {"plan": 1}},
    )
    assert (path(own)[1], own["event"]["assumed"]) == ("plan:else", False)
    assert path(ask(viewer, ours, graph=drawing, event="Bought")) == []


def test_a_version_and_not_the_draft(ours: Room, viewer: Client) -> None:
    Draft.objects.filter(flow_id=ours.ids["flow_id"]).update(graph={"nodes": [], "edges": []})
    assert path(ask(viewer, ours, version=1))[-1] == "end"
    assert ask(viewer, ours, version=1)["version"] == 1
    assert ask(viewer, ours, 404, version=2)["code"] == "not_found"
    assert ask(viewer, ours, 400, version=1, graph=GRAPH)["errors"][0]["field"] == "version"


def test_recorded_answers_stand_in_the_customers_own_first(ours: Room, viewer: Client) -> None:
    flow = Flow.objects.get(id=ours.ids["flow_id"])
    version = Version.objects.create(flow=flow, number=2, graph=onboarding_unit(), draft_revision=3)

    def went(customer: Customer, employees: int) -> None:
        run = Run.objects.create(
            workspace=ours.workspace, flow=flow, version=version, number=2, customer=customer, event_id=new_id(),
            exclusive=new_id(), subject={}, status="completed", started_at=NOW,
        )  # fmt: skip
        step = Step.objects.create(
            run=run, workspace=ours.workspace, flow=flow, version=version, customer_id=customer.id, node="enrich",
            visit=1, seq=2, status="done", port="out", entered_at=NOW, left_at=NOW, output={"name": f"Co {employees}"},
            traits={"employees": employees}, reason=f"Co {employees}", cost=0.3,
        )  # fmt: skip
        Attempt.objects.create(step=step, run=run, number=1, key=new_id(), state="accepted", started_at=NOW)

    ann = Customer.objects.get(id=ours.ids["customer_id"])
    bob = Customer.objects.create(workspace=ours.workspace, email="bob@x.example", created_at=NOW, seen_at=NOW)
    went(ann, 30)
    went(bob, 80)
    Customer.objects.update(traits={})

    def enriched(**sent: Any) -> Any:
        return ask(viewer, ours, version=2, **sent)["steps"][1]

    own, other = enriched(customer=ann.id), enriched(customer={"email": "c@d.example"})
    assert (own["output"], own["traits"], own["reason"]) == ({"name": "Co 30"}, {"employees": 30}, "Co 30")
    assert (other["output"], other["reason"], other["cost"]) == ({"name": "Co 80"}, "assumed: found", 0.3)
    assert own["origin"] == other["origin"] == "recorded"
    assert own["assumed"] and other["assumed"]
    chosen = enriched(customer=ann.id, outcomes={"enrich": [{"port": "not_found"}]})
    assert (chosen["port"], chosen["origin"]) == ("not_found", "chosen")


def test_events_that_arrive_later_with_times_or_instants(ours: Room, viewer: Client) -> None:
    drawing = graph(
        ("begin", "trigger.event", {"event": "Signed Up"}),
        ("wait", "wait.event", {"branches": [{"id": "paid", "name": "Paid", "event": "Paid"}], "timeout": "7d"}),
        ("big", "branch", {"cases": [{"id": "yes", "when": "steps.wait.output.event.properties.amount > 9"}]}),
        ("vip", "branch", {"cases": [{"id": "yes", "when": "customer.traits.vip == true"}]}),
        ("end", "exit", {}),
        lines="begin>wait wait.paid>big wait.timeout>end big.yes>vip big.else>end vip.yes>end vip.else>end",
    )
    events = [
        {"event": "Paid", "at": "2d 3h", "properties": {"amount": 10}},
        {"at": "2026-11-25T09:00:00+01:00", "traits": {"vip": True}},
    ]
    made = ask(viewer, ours, graph=drawing, at=AT, events=events)
    assert path(made) == ["begin:out", "wait:paid", "big:yes", "vip:yes", "end"]
    assert made["steps"][1]["left_at"] == "2026-11-26T12:00:00Z"
    assert made["steps"][1]["reason"] == "Paid came"
    assert made["end"]["sentence"] == "Left at “End”, after 2 days 3 hours."
    late = ask(viewer, ours, 400, graph=drawing, at=AT, events=[{"event": "Paid", "at": "2020-01-01T00:00:00Z"}])
    assert late["errors"][0]["field"] == "events.0.at"


def test_a_webhooks_body_says_whose_it_is(ours: Room, viewer: Client) -> None:
    drawing = graph(
        ("hook", "trigger.webhook", {}),
        ("write", "customer.update", {"traits": {"who": "{{ customer.id }}", "plan": "{{ event.properties.plan }}"}}),
        lines="hook>write",
    )
    made = ask(
        viewer, ours, graph=drawing, event={"properties": {"userId": "u7", "plan": "team", "email": "u7@x.example"}}
    )
    assert made["traits"] == {"email": "u7@x.example", "who": "u7", "plan": "team"}
    assert made["event"]["type"] == "hook"
    assert ask(viewer, ours, graph=drawing)["event"]["assumed"] is True
    assert "address is called" in ask(viewer, ours, 400, graph=drawing, event="Signed Up")["detail"]


MAIL = graph(
    ("begin", "trigger.event", {"event": "Signed Up"}),
    ("mail", "email.send", {"to": "{{ customer.email }}", "subject": "Hello", "body": "Hi {{ customer.traits.name }}"}),
    ("end", "exit", {}),
    lines="begin>mail mail.out>end mail.error>end",
)


def test_a_message_to_nobody_is_withheld_as_in_a_real_run(ours: Room, viewer: Client) -> None:
    step = ask(viewer, ours, graph=MAIL, customer={"traits": {}})["steps"][1]
    assert (step["status"], step["port"]) == ("done", "out")
    assert step["reason"] == "Withheld: the customer has no e-mail address."
    assert step["gate"][-1]["check"] == "address"


def test_a_call_that_could_not_be_made_fails_here_too(ours: Room, viewer: Client) -> None:
    made = ask(viewer, ours, graph=MAIL, customer={"email": "nobody", "traits": {}})
    step = made["steps"][1]
    assert (step["status"], step["port"], step["origin"], step["assumed"]) == ("failed", "error", "flow", False)
    assert "address" in step["reason"]
    assert step["output"]["error"] == "input"
    sent = ask(viewer, ours, graph=MAIL, customer={"email": "a@b.example", "traits": {"name": "Ada"}})["steps"][1]
    assert (sent["status"], sent["output"]["to"], sent["input"]["body"]) == ("done", "a@b.example", "Hi Ada")


def test_secrets_written_into_a_drawing_are_not_shown(ours: Room, viewer: Client) -> None:
    call = {"method": "GET", "url": "https://x.example/", "headers": {"Authorization": "Bearer s3cret-s3cret"}}
    drawing = graph(
        ("begin", "trigger.event", {"event": "Signed Up"}), ("call", "http.request", call), ("end", "exit", {}),
        lines="begin>call call.out>end call.error>end",
    )  # fmt: skip
    made = ask(viewer, ours, graph=drawing)
    assert made["steps"][1]["status"] == "done"
    assert made["steps"][1]["input"]["headers"] == {"Authorization": "•••"}


def test_a_drawing_with_errors_is_refused_with_every_issue(ours: Room, viewer: Client) -> None:
    problem = ask(viewer, ours, 422, graph=graph(("a", "gone.away", {}), ("b", "exit", {}), lines="a>b"))
    assert problem["code"] == "graph_has_errors"
    assert {issue["code"] for issue in problem["issues"]} >= {"no_trigger", "unknown_type"}
    assert problem["detail"].startswith("This drawing has ")
    assert ask(viewer, ours, 400, graph={"nodes": 3})["code"] == "graph_malformed"


REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"customer": new_id()}, "customer", "There is no customer with the id"),
    ({"customer": 7}, "customer", "an id, or an object"),
    ({"customer": {"employees": 50}}, "customer.employees", "“employees” is none of them"),
    ({"customer": {"traits": [1]}}, "customer.traits", "names and values"),
    ({"customer": {"email": 3}}, "customer.email", "is a text"),
    ({"event": 3}, "event", "An event is a name"),
    ({"event": {"name": 5}}, "event.event", "a text"),
    ({"event": {"properties": "x"}}, "event.properties", "names and values"),
    ({"at": "tomorrow"}, "at", "“tomorrow” is no moment"),
    ({"at": "9999-12-31T23:59:59-23:00"}, "at", "is no moment"),
    ({"at": "0001-01-01T00:00:00+23:00"}, "at", "is no moment"),
    ({"events": [{"event": "X"}]}, "events.0.at", "required"),
    ({"events": [{"event": "X", "at": "soon"}]}, "events.0.at", "is no moment"),
    ({"outcomes": {"gone": [{}]}}, "outcomes.gone", "There is no node"),
    ({"outcomes": {"pause": [{"port": "out"}]}}, "outcomes.pause", "calls nobody"),
    ({"outcomes": {"pause": {"port": "out"}}}, "outcomes.pause", "list"),
    ({"outcomes": {"pause": [{"traits": 1}]}}, "outcomes.pause.0.traits", "JSON object"),
]


@pytest.mark.parametrize(("sent", "field", "sentence"), REFUSED, ids=[json.dumps(row[0])[:60] for row in REFUSED])
def test_what_cannot_be_is_refused_at_its_field(
    sent: dict[str, Any], field: str, sentence: str, ours: Room, viewer: Client
) -> None:
    problem = ask(viewer, ours, 400, **sent)
    assert sentence in problem["errors"][0]["message"]
    assert problem["errors"][0]["field"] == field
    assert problem["detail"]


def test_too_much_is_too_large(ours: Room, viewer: Client) -> None:
    assert ask(viewer, ours, 413, customer={"traits": {"x": "y" * 300_000}})["code"] == "too_large"


def test_another_workspaces_customer_is_nobody_here(ours: Room, viewer: Client) -> None:
    theirs = room("theirs")
    foreign, unknown = theirs.ids["customer_id"], new_id()
    answers = [ask(viewer, ours, 400, customer=one) for one in (foreign, unknown)]
    assert json.dumps(answers[0]).replace(foreign, "-") == json.dumps(answers[1]).replace(unknown, "-")


def test_the_same_question_has_the_same_answer(ours: Room, viewer: Client) -> None:
    sent = {"graph": onboarding_unit(), "at": AT, "seed": 7}
    assert ask(viewer, ours, **sent) == ask(viewer, ours, **sent)
    assert datetime.fromisoformat(ask(viewer, ours)["at"]).astimezone(UTC).year >= 2026
