"""Events that flows send: stored once with their step, matched like any other, and never in an endless circle."""

from __future__ import annotations

import pytest
from django.db import connection, transaction

from flowstudio.connectors.registry import CATALOGUE
from flowstudio.domain.graph import parse
from flowstudio.domain.simulate import simulate
from flowstudio.domain.simulated import Happened, Person
from flowstudio.engine import ingest
from flowstudio.engine.ingest import Incoming
from flowstudio.store.ids import new_id
from flowstudio.store.models import Event, Run, Step
from tests.engine import house
from tests.engine.stage import START, sketch


def sender(event="Ready", **properties):
    return sketch(("say", "event.emit", {"event": event, "properties": properties}), edges="enter>say")


def begins_with(event, *nodes, edges=""):
    return house.graph(("enter", "trigger.event", {"event": event}), *nodes, edges=edges)


def test_r10_1_a_step_sends_its_event_once_and_another_flow_begins_with_it(play):
    play.flow(sender(plan="{{ customer.traits.plan }}", seats="{{ event.properties.seats }}"))
    other = play.flow(begins_with("Ready"))
    play.identify("ada", plan="Team")
    play.send("ada", seats=5)
    play.go()
    sent = Event.objects.get(name="Ready")
    assert (sent.source, sent.status, sent.payload["properties"]) == ("flow", "done", {"plan": "Team", "seats": 5})
    run = Run.objects.get(flow=other)
    assert run.customer.external_id == "ada"
    assert run.subject["properties"]["seats"] == 5
    assert play.step("say").output == {"event": "Ready", "properties": {"plan": "Team", "seats": 5}}


def test_r10_1_the_same_arrival_cannot_send_twice(play):
    play.flow(sender())
    play.send("ada")
    play.go()
    sent = Event.objects.get(name="Ready")
    again = Incoming(
        id=new_id(), workspace_id=play.space.id, source="flow", message_id=sent.message_id, type="track", name="Ready",
        user_id="ada", anonymous_id="", payload="{}", digest=sent.digest, occurred_at=play.now, received_at=play.now,
    )  # fmt: skip
    with transaction.atomic(), connection.cursor() as cursor:
        stored = ingest.flush(cursor, [[again]])
    assert (stored[0].new, stored[0].repeats, Event.objects.filter(name="Ready").count()) == (0, 1, 1)


def test_r10_1_a_repeated_visit_sends_again(play):
    play.flow(sketch(("say", "event.emit", {"event": "Ready"}), edges="enter>say", reentry="parallel"))
    play.send("ada")
    play.send("ada")
    play.go()
    assert Event.objects.filter(name="Ready").count() == 2


def test_a_customer_without_a_user_id_keeps_its_own_events(play):
    play.flow(sender())
    other = play.flow(begins_with("Ready"))
    anonymous = Incoming(
        id=new_id(), workspace_id=play.space.id, source="k" * 26, message_id=new_id(), type="track", name="Signed Up",
        user_id="", anonymous_id="visitor", payload='{"type": "track"}', digest="d", occurred_at=play.now,
        received_at=play.now,
    )  # fmt: skip
    with transaction.atomic(), connection.cursor() as cursor:
        ingest.flush(cursor, [[anonymous]])
    play.go()
    first, second = Run.objects.exclude(flow=other).get(), Run.objects.get(flow=other)
    assert first.customer_id == second.customer_id


def test_flows_that_start_each_other_stop_after_ten(play):
    play.flow(begins_with("Ping", ("say", "event.emit", {"event": "Pong"}), edges="enter>say"))
    play.flow(begins_with("Pong", ("say", "event.emit", {"event": "Ping"}), edges="enter>say"))
    play.send("ada", "Ping")
    play.go()
    assert Run.objects.count() == 11
    last = Step.objects.filter(node="say").order_by("id").last()
    assert (last.status, "go in a circle" in last.reason) == ("failed", True)
    assert Event.objects.filter(source="flow").count() == 10


def test_an_event_of_its_own_ends_a_wait_of_the_run_in_the_simulation_too(play):
    wait = {"branches": [{"id": "came", "event": "Ready"}], "timeout": "5d"}
    document = sketch(
        ("say", "event.emit", {"event": "Ready"}), ("wait", "wait.event", wait), edges="enter>say say>wait"
    )
    play.flow(document)
    play.send("ada")
    play.go()
    assert play.step("wait").port == "came"
    event = Happened(subject={"id": "e", "name": "Signed Up", "properties": {}}, at=START)
    made = simulate(parse(document), CATALOGUE, person=Person(id="c" * 26), event=event)
    assert made.steps[-1].port == "came"


@pytest.mark.parametrize("value", ["{{ x", "{% if %}"])
def test_a_property_that_cannot_be_filled_in_sends_nothing_and_says_so(play, value):
    play.flow(sender(plan=value))
    play.send("ada")
    play.go()
    assert play.step("say").status == "failed"
    assert not Event.objects.filter(name="Ready").exists()


def test_flows_that_start_each_other_by_turns_stop_as_well(play):
    """One sends an event, the other hands over: the circle is counted across both."""
    first = play.flow(
        house.graph(("enter", "trigger.manual"), ("say", "event.emit", {"event": "Ping"}), edges="enter>say")
    )
    play.flow(begins_with("Ping", ("hand", "flow.start", {"flow": first.id, "mode": "go_on"}), edges="enter>hand"))
    play.send("ada", "Ping")
    play.go()
    assert Run.objects.count() <= 12


def test_r11_2_an_import_is_kept_and_counted_and_starts_nothing(play):
    play.flow(begins_with("Ordered"))
    event = Incoming(
        id=new_id(), workspace_id=play.space.id, source="k" * 26, message_id=new_id(), type="track", name="Ordered",
        user_id="ada", anonymous_id="", payload='{"type": "track", "context": {"import": true, "traits": {"plan": "Team"}}}',
        digest="d", occurred_at=play.now, received_at=play.now,
    )  # fmt: skip
    with transaction.atomic(), connection.cursor() as cursor:
        ingest.flush(cursor, [[event]])
    play.go()
    assert (play.refusals(event.id), Run.objects.count()) == (["imported"], 0)
    play.send("ada", "Ordered")
    play.go()
    assert Run.objects.get().customer.traits == {"plan": "Team"}
