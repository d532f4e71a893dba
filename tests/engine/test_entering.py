"""Customers sent into a flow by hand, and what may be started (`POST flows/{id}/enter/`, `flow.start`)."""

from __future__ import annotations

import pytest

from flowstudio.domain.errors import Conflict, InputError
from flowstudio.domain.graph import parse
from flowstudio.services import entering, events
from flowstudio.store.models import Event, Run
from flowstudio.store.queries import events as event_queries
from tests.engine import house
from tests.engine.stage import sketch


def manual(**settings):
    return house.graph(("begin", "trigger.manual"), ("nap", "wait.delay", {"for": "1d"}), edges="begin>nap", **settings)


def test_a_customer_is_sent_into_a_flow_by_hand(play):
    flow = play.flow(manual())
    caller = house.caller(play.space)
    who = house.customer(play.space, plan="pro")
    event = entering.enter(caller, flow.id, customer=who.external_id, properties={"n": 7})
    play.go()
    run = Run.objects.get()
    assert (run.customer_id, run.flow_id, run.event_id) == (who.id, flow.id, event)
    assert run.subject["properties"] == {"n": 7} and play.step("begin").reason == "started by hand"
    entering.enter(caller, flow.id, customer=who.id, properties={})
    play.go()
    (last, first) = events.items(play.space.id, list(event_queries.listed(play.space.id).order_by("-id")))
    assert first["name"] == "Start “Flow”" and first["outcome"][0]["run"] == run.id
    assert last["outcome"][0]["refused"] == "Not started: the customer is still in this flow."


def test_a_flow_that_cannot_be_entered_says_why(play):
    caller, who = house.caller(play.space), house.customer(play.space)
    closed = play.flow(manual(), state="closed")
    with pytest.raises(Conflict, match="entry is closed"):
        entering.enter(caller, closed.id, customer=who.id, properties={})
    other = play.flow(sketch(("x", "exit"), edges="enter>x"))
    with pytest.raises(Conflict, match="does not begin with"):
        entering.enter(caller, other.id, customer=who.id, properties={})
    with pytest.raises(InputError, match="no such customer"):
        entering.enter(caller, play.flow(manual()).id, customer="nobody", properties={})
    assert not Event.objects.exists()


def test_another_workspaces_flow_and_customer_are_not_there(play):
    theirs = house.workspace()
    flow, stranger = play.flow(manual()), house.customer(theirs)
    with pytest.raises(InputError):
        entering.enter(house.caller(play.space), flow.id, customer=stranger.id, properties={})
    graph = parse(sketch(("sub", "flow.start", {"flow": flow.id}), edges="enter>sub"))
    assert [i["code"] for i in entering.issues_of(theirs.id, graph, "")] == ["flow_unknown"]


def test_what_is_wrong_with_a_start_is_said_at_its_node(play):
    ready, plain = play.flow(manual()), play.flow(sketch(("x", "exit"), edges="enter>x"))
    graph = parse(
        sketch(
            ("a", "flow.start", {"flow": ready.id}), ("b", "flow.start", {"flow": plain.id}),
            ("c", "flow.start", {"flow": "01jnone"}), ("d", "flow.start", {"flow": "me"}),
            edges="enter>a a>b b>c c>d",
        )
    )  # fmt: skip
    found = entering.issues_of(play.space.id, graph, "me")
    assert [(i["node"], i["code"], i["severity"]) for i in found] == [
        ("b", "flow_not_startable", "warning"), ("c", "flow_unknown", "error"), ("d", "flow_starts_itself", "error"),
    ]  # fmt: skip
    assert all(i["fix"] and i["message"].endswith(".") for i in found)
