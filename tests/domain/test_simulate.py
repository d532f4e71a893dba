"""The made-up world of a simulation: its clock, its events, its assumed answers, and what it refuses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowstudio.connectors.registry import CATALOGUE
from flowstudio.domain.errors import InputError
from flowstudio.domain.graph import parse
from flowstudio.domain.outcomes import MISSING, Outcome
from flowstudio.domain.samples import onboarding_unit
from flowstudio.domain.simulate import simulate
from flowstudio.domain.simulated import Happened, Person, Simulation
from tests.domain.drawing_lots import lots

START = datetime(2026, 11, 24, 9, tzinfo=UTC)
ADA = Person(id="c1", email="ada@northwind-logistics.example", name="Ada")


def event(name: str = "Signed Up", at: datetime = START, **properties: Any) -> Happened:
    return Happened(subject={"id": f"{name} {at}", "name": name, "properties": properties}, at=at)


def said(at: datetime, **traits: Any) -> Happened:
    return Happened(subject={"id": "", "name": "identify", "properties": traits}, at=at, traits=traits)


def node(identity: str, kind: str, **config: Any) -> dict[str, Any]:
    return {"id": identity, "type": kind, "name": identity.title(), "config": config}


BEGIN = node("begin", "trigger.event", event="Signed Up")
END = node("end", "exit", reason="done")


def flow(*nodes: dict[str, Any], lines: str, **settings: Any) -> dict[str, Any]:
    edges = []
    for number, line in enumerate(lines.split()):
        source, _, target = line.partition(">")
        identity, _, port = source.partition(".")
        edges.append({"id": f"e{number}", "source": identity, "source_port": port or "out", "target": target})
    return {"schema": 1, "nodes": list(nodes), "edges": edges, "settings": settings}


def gone(document: dict[str, Any], person: Person = ADA, **more: Any) -> Simulation:
    return simulate(parse(document), CATALOGUE, person=person, **{"event": event(), **more})


def path(made: Simulation) -> list[str]:
    return [f"{step.node}:{step.port}".rstrip(":") for step in made.steps]


def test_the_onboarding_unit_with_nothing_chosen_is_believable_and_says_what_is_assumed() -> None:
    made = gone(onboarding_unit())
    assert path(made) == ["signed_up:out", "enrich:out", "save_company:out", "size:big", "alert_sales:out"]
    assert [step.node for step in made.steps if step.assumed] == ["enrich", "save_company", "alert_sales"]
    assert {step.origin for step in made.steps} == {"flow", "sample"}
    assert made.traits["employees"] == 540
    assert made.steps[2].input["row"]["employees"] == 540
    assert made.steps[2].output["table"] == "company_profile"
    assert made.steps[4].input["text"] == "Northwind Logistics signed up: 540 employees."
    assert made.edges == ("e1", "e2", "e5", "e6")
    assert made.cost == pytest.approx(0.2)
    assert (made.end.status, made.end.reason, made.end.node) == ("completed", "end_of_path", "alert_sales")


def test_an_assumed_answer_leaves_what_is_known_of_the_customer_and_waits_take_no_time() -> None:
    made = gone(onboarding_unit(), Person(id="c", email="a@b.example", traits={"employees": 50}))
    assert path(made)[3] == "size:else"
    assert made.traits["employees"] == 50
    assert made.traits["industry"] == "Air Freight & Logistics"
    assert "employees" not in made.steps[1].traits
    assert path(made)[-1] == "mail_3:out"
    assert made.end.at == START + timedelta(days=5)
    waits = [step for step in made.steps if step.node.startswith("wait")]
    assert [(step.entered_at, step.left_at) for step in waits] == [
        (START, START + timedelta(days=2)),
        (START + timedelta(days=2), START + timedelta(days=5)),
    ]


def test_chosen_outcomes_decide_and_what_they_leave_out_is_assumed() -> None:
    chosen = {
        "enrich": [Outcome(output={"name": "Tiny", "metrics": {"employees": 4}}, reason="Tiny, 4 employees")],
        "technographics": [Outcome(port="not_found")],
    }
    made = gone(onboarding_unit(), outcomes=chosen)
    assert path(made)[-2:] == ["technographics:not_found", "no_integration"]
    enrich, technographics = made.steps[1], made.steps[4]
    assert (enrich.origin, enrich.assumed, enrich.reason) == ("chosen", False, "Tiny, 4 employees")
    assert enrich.traits == {"company_name": "Tiny", "employees": 4}
    assert (technographics.origin, technographics.assumed) == ("chosen", True)
    assert technographics.output == {}
    failed = gone(onboarding_unit(), outcomes={"enrich": [Outcome(port="error", reason="Clearbit is down")]})
    assert (failed.steps[1].status, failed.steps[1].port, failed.steps[1].cost) == ("failed", "error", 0)
    assert failed.steps[1].output == {"error": "simulated", "message": "Clearbit is down"}
    assert path(failed)[2] == "size:else"
    assert failed.steps[2].reason == "employees is unknown"


def test_r10_6_a_message_that_fails_without_an_error_path_ends_the_run() -> None:
    document = flow(BEGIN, node("mail", "email.send", to="x@y.example", subject="Hi", body="Hi"), lines="begin>mail")
    made = gone(document, outcomes={"mail": [Outcome(port="error", output={"error": "bounced", "message": "No."})]})
    assert (made.end.status, made.end.reason) == ("failed", "error:bounced")


def test_recorded_answers_stand_in_where_nothing_is_chosen() -> None:
    recorded = {"enrich": [Outcome(output={"name": "Old"}, traits={"employees": 7}, reason="Old, 7", cost=0.4)]}
    made = gone(onboarding_unit(), recorded=recorded)
    step = made.steps[1]
    assert (step.origin, step.assumed, step.output, step.cost) == ("recorded", True, {"name": "Old"}, 0.4)
    assert made.traits["employees"] == 7
    both = gone(onboarding_unit(), recorded=recorded, outcomes={"enrich": [Outcome(port="not_found")]})
    assert both.steps[1].port == "not_found"


def test_each_visit_has_its_own_outcome() -> None:
    call = node("call", "http.request", method="GET", url="https://x.example/", price=2)
    document = flow(BEGIN, call, lines="begin>call call>call call.error>call")
    made = gone(document, outcomes={"call": [Outcome(port="error"), Outcome(output={"status": 204})]})
    assert [(s.visit, s.status, s.cost, s.assumed) for s in made.steps[1:5]] == [
        (1, "failed", 0, False),
        (2, "done", 2, False),
        (3, "done", 2, True),
        (4, "done", 2, True),
    ]
    assert (made.end.status, made.end.reason) == ("failed", "runaway")
    assert 990 < len(made.steps) <= 1_000


WAIT = flow(
    BEGIN,
    node(
        "wait",
        "wait.event",
        branches=[
            {"id": "big", "name": "Paid much", "event": "Paid", "filter": "event.properties.amount > 100"},
            {"id": "paid", "event": "Paid"},
            {"id": "left", "event": "Left", "filter": "customer.traits.angry == true"},
        ],
        timeout="2d",
    ),
    node("again", "wait.event", branches=[{"id": "paid", "event": "Paid"}], timeout="1h"),
    END,
    lines="begin>wait wait.big>again wait.paid>again wait.left>end wait.timeout>end",
)


@pytest.mark.parametrize(
    ("later", "ports", "ends"),
    [
        ([], ["timeout"], timedelta(days=2)),
        ([event("Paid", START + timedelta(hours=3), amount=500)], ["big", "timeout"], timedelta(hours=4)),
        ([event("Paid", START + timedelta(hours=3), amount=5)], ["paid", "timeout"], timedelta(hours=4)),
        # 3.7: at the timeout's very instant the event wins; a second later it is too late.
        ([event("Paid", START + timedelta(days=2))], ["paid", "timeout"], timedelta(days=2, hours=1)),
        ([event("Paid", START + timedelta(days=2, seconds=1))], ["timeout"], timedelta(days=2)),
        # An event ends one wait only, also within the slack; the next one is free for the next wait.
        (
            [event("Paid", START + timedelta(hours=1)), event("Paid", START + timedelta(hours=1, seconds=3))],
            ["paid", "paid"],
            timedelta(hours=1, seconds=3),
        ),
        # 3.3: the first by occurrence, whatever the order in which they are given.
        (
            [event("Paid", START + timedelta(hours=9)), event("Paid", START + timedelta(hours=2), amount=101)],
            ["big", "timeout"],
            timedelta(hours=3),
        ),
        ([event("Left", START + timedelta(hours=1))], ["timeout"], timedelta(days=2)),
        (
            [said(START + timedelta(hours=1), angry=True), event("Left", START + timedelta(hours=2))],
            ["left"],
            timedelta(hours=2),
        ),
    ],
)
def test_r3_events_that_arrive_later_end_waits(later: list[Happened], ports: list[str], ends: timedelta) -> None:
    made = gone(WAIT, later=later)
    assert [step.port for step in made.steps if step.node in ("wait", "again")] == ports
    assert made.end.at == START + ends


def test_r3_2_an_event_a_moment_before_the_arrival_still_counts() -> None:
    document = flow(
        BEGIN,
        node("nap", "wait.delay", **{"for": "1h"}),
        node("wait", "wait.event", branches=[{"id": "paid", "event": "Paid"}], timeout="2d"),
        lines="begin>nap nap>wait",
    )
    hour = START + timedelta(hours=1)
    assert gone(document, later=[event("Paid", hour - timedelta(seconds=5))]).steps[-1].port == "paid"
    assert gone(document, later=[event("Paid", hour - timedelta(seconds=6))]).steps[-1].port == "timeout"


def test_traits_that_arrive_while_the_customer_waits_decide_what_follows() -> None:
    document = flow(
        BEGIN,
        node("nap", "wait.delay", **{"for": "1d"}),
        node("size", "branch", cases=[{"id": "big", "when": "customer.traits.n > 5"}]),
        node("mail", "email.send", to="{{ customer.email }}", subject="Hi", body="Hi"),
        lines="begin>nap nap>size size.big>mail",
    )
    later = [said(START + timedelta(hours=2), n=6, email="new@example.com"), said(START + timedelta(days=3), n=1)]
    made = gone(document, later=later)
    assert made.steps[2].port == "big"
    assert made.steps[3].input["to"] == "new@example.com"
    assert gone(document, Person(id="c", traits={"n": 9}), later=[said(START, n=None)]).steps[2].port == "else"


def test_the_trigger_is_judged_too_and_a_trait_may_still_come_in_time() -> None:
    begin = node("begin", "trigger.event", event="Signed Up", filter="customer.traits.plan == 'team'")
    document = flow(begin, END, lines="begin>end")
    made = gone(document)
    assert (made.steps, made.end.status, made.end.reason) == ((), "not_started", "Not started: plan is unknown.")
    assert gone(document, Person(id="c", traits={"plan": "team"})).end.status == "completed"
    in_time, late = START + timedelta(minutes=5), START + timedelta(minutes=6)
    assert gone(document, later=[said(in_time, plan="team")]).steps[0].entered_at == in_time
    assert gone(document, later=[said(late, plan="team")]).end.status == "not_started"
    other = gone(document, event=event("Bought"))
    assert other.end.reason == "Not started: this flow begins with “Signed Up”, not with “Bought”."
    assert gone(flow(END, lines="")).end.reason == "Nothing starts this flow: it has no trigger."


def test_ten_years_are_enough() -> None:
    document = flow(BEGIN, node("nap", "wait.delay", **{"for": "365d"}), lines="begin>nap nap>nap")
    made = gone(document)
    assert (made.end.status, made.end.reason, len(made.steps)) == ("unfinished", "ten_years", 12)
    assert (made.steps[-1].status, made.steps[-1].left_at) == ("waiting", None)


def test_the_seed_gives_the_runs_id_and_the_correlation_is_read() -> None:
    write = node("write", "customer.update", traits={"run": "{{ run.id }}", "order": "{{ run.correlation }}"})
    document = flow(BEGIN, write, lines="begin>write", correlation="event.properties.order")
    made = gone(document, event=event(order="A7"), seed=3)
    assert made == gone(document, event=event(order="A7"), seed=3)
    assert made.traits["order"] == "A7"
    assert made.traits["run"] != gone(document, event=event(order="A7"), seed=4).traits["run"]


@pytest.mark.parametrize(
    ("outcomes", "sentence"),
    [
        ({"gone": [Outcome()]}, "There is no node “gone” in this flow."),
        ({"size": [Outcome(port="big")]}, "“Company size” calls nobody, so it has no outcome to choose."),
        ({"enrich": [Outcome(), Outcome(port="maybe")]}, "“Enrich company” has no way out called “maybe”."),
    ],
)
def test_an_outcome_that_cannot_be_is_refused_with_a_sentence(outcomes: Any, sentence: str) -> None:
    with pytest.raises(InputError) as caught:
        gone(onboarding_unit(), outcomes=outcomes)
    assert caught.value.message == sentence
    assert caught.value.field.startswith("outcomes.")
    assert caught.value.fix


@given(
    st.dictionaries(
        st.sampled_from(["employees", "technologies", "domain", "x"]), st.none() | st.integers() | st.text()
    ),
    st.dictionaries(
        st.sampled_from(["enrich", "technographics"]),
        st.lists(
            st.builds(
                Outcome,
                port=st.sampled_from(["out", "not_found", "error"]),
                output=st.just(MISSING) | st.none() | st.text() | st.dictionaries(st.text(max_size=8), st.integers()),
            ),
            max_size=2,
        ),
    ),
)
@lots(60)
def test_any_customer_and_any_outcome_come_to_an_end_along_lines_of_the_drawing(
    traits: dict[str, Any], outcomes: dict[str, list[Outcome]]
) -> None:
    document = onboarding_unit()
    made = gone(document, Person(id="c", email="a@b.example", traits=traits), outcomes=outcomes)
    assert made == gone(document, Person(id="c", email="a@b.example", traits=traits), outcomes=outcomes)
    lines = {edge["id"]: edge for edge in document["edges"]}
    for here, then in zip(made.steps, made.steps[1:], strict=False):
        line = lines[here.edge]
        assert (line["source"], line["source_port"], line["target"]) == (here.node, here.port, then.node)
        assert here.left_at is not None
        assert here.entered_at <= here.left_at <= then.entered_at
    assert made.end.status == "completed"
    assert made.end.node == made.steps[-1].node
