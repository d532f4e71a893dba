"""Sub-flows: a flow starts another one for its customer, alongside or waited for (`flow.start`, `trigger.manual`)."""

from __future__ import annotations

import pytest
from django.db import connection, transaction

from flowstudio.domain.errors import ConnectorError
from flowstudio.domain.nodes.flow_start import DEEPEST
from flowstudio.engine import control
from flowstudio.store.models import Event, Run, Token
from tests.engine import house
from tests.engine.stage import sketch


def inner(*nodes, edges, **settings):
    return house.graph(("begin", "trigger.manual"), *nodes, edges=edges, **settings)


def outer(flow, **config):
    return sketch(
        ("sub", "flow.start", {"flow": flow, **config}), ("late", "exit", {"reason": "late"}), ("after", "test.key"),
        edges="enter>sub sub.out>after" + (" sub.timeout>late" if config.get("mode") == "wait" else ""),
    )  # fmt: skip


def runs(flow):
    return list(Run.objects.filter(flow=flow).order_by("id"))


def test_alongside_the_run_goes_on_at_once_and_the_other_flow_gets_the_properties(play):
    other = play.flow(
        inner(("tag", "customer.update", {"traits": {"n": "{{ event.properties.n }}"}}), edges="begin>tag")
    )
    first = play.flow(outer(other.id, properties={"n": "{{ event.properties.total }}"}))
    play.send("ada", total=7)
    play.go()
    (mine,), (theirs,) = runs(first), runs(other)
    assert (mine.status, theirs.status) == ("completed", "completed")
    assert theirs.customer_id == mine.customer_id and theirs.subject["properties"] == {"n": 7}
    assert theirs.subject["context"]["started_by"]["run"] == mine.id
    theirs.customer.refresh_from_db()
    assert theirs.customer.traits["n"] == 7
    assert play.step("begin").reason == "another flow started it"


def test_waited_for_the_run_goes_on_when_the_other_has_ended(play):
    other = play.flow(
        inner(("nap", "wait.delay", {"for": "2d"}), ("bye", "exit", {"reason": "all done"}), edges="begin>nap nap>bye")
    )
    first = play.flow(outer(other.id, mode="wait", timeout="9d"))
    play.send("ada")
    play.go()
    assert play.step("sub").status == "waiting" and len(runs(other)) == 1
    play.go(days=1)
    assert not play.vendor.of("after")
    play.go(days=1)
    (mine,), (theirs,) = runs(first), runs(other)
    assert mine.status == "completed" and len(play.vendor.of("after")) == 1
    assert play.step("sub").output == {"run": theirs.id, "status": "completed", "reason": "all done"}


def test_the_wait_has_an_end_of_its_own(play):
    other = play.flow(inner(("nap", "wait.delay", {"for": "20d"}), edges="begin>nap"))
    first = play.flow(outer(other.id, mode="wait", timeout="3d"))
    play.send("ada")
    play.go()
    play.go(days=3)
    assert runs(first)[0].reason == "late" and runs(other)[0].status == "active"
    play.go(days=20)
    assert runs(other)[0].status == "completed" and not play.vendor.of("after")


@pytest.mark.parametrize("how", ["cancelled", "failed"])
def test_whichever_way_it_ends_whoever_waits_is_told(play, how):
    other = play.flow(
        inner(("mail", "test.person"), ("nap", "wait.delay", {"for": "20d"}), edges="begin>mail mail>nap")
    )
    if how == "failed":
        play.vendor.script["mail"] = [ConnectorError("No.", error_class="rejected", retryable=False, sent="yes")]
    play.flow(outer(other.id, mode="wait", timeout="30d"))
    play.send("ada")
    play.go()
    if how == "cancelled":
        control.cancel_run(play.space.id, runs(other)[0].id, "mia")
        play.go()
    assert play.step("sub").output["status"] == how and len(play.vendor.of("after")) == 1


def test_who_may_not_enter_is_told_too_and_nothing_waits_for_ever(play):
    other = play.flow(inner(("nap", "wait.delay", {"for": "20d"}), edges="begin>nap"))
    play.flow(outer(other.id, mode="wait", timeout="30d") | {"settings": {"reentry": "parallel"}})
    play.send("ada")
    play.send("ada")
    play.go()
    assert len(runs(other)) == 1
    told = play.step("sub")
    assert told.status == "done" and told.output["status"] == "not_started"
    assert told.flagged == "Not started: the customer is still in this flow."


@pytest.mark.parametrize("what", ["absent", "unpublished", "no trigger"])
def test_a_flow_that_cannot_be_started_is_said_and_the_run_goes_on(play, what):
    other = play.flow(sketch(("x", "exit"), edges="enter>x")).id if what == "no trigger" else "01jnone"
    if what == "unpublished":
        other = play.flow(inner(edges=""), state="draft").id
    play.flow(outer(other, mode="wait", timeout="30d"))
    play.send("ada")
    play.go()
    assert play.step("sub").output["status"] == "not_started" and len(play.vendor.of("after")) == 1


def test_flows_that_start_each_other_come_to_an_end(play):
    flow = play.flow(inner(edges="", reentry="parallel"))
    play.version(flow, inner(("again", "flow.start", {"flow": flow.id}), edges="begin>again", reentry="parallel"))
    play.flow(outer(flow.id))
    play.send("ada")
    play.go()
    assert len(runs(flow)) == DEEPEST
    assert "5 times in a row" in play.step("again").flagged


def test_a_commit_that_is_tried_twice_starts_once(play):
    other = play.flow(inner(("nap", "wait.delay", {"for": "2d"}), edges="begin>nap", reentry="parallel"))
    play.flow(outer(other.id))
    play.send("ada")
    play.go()
    event = Event.objects.get(type="start")
    with transaction.atomic(), connection.cursor() as cursor:
        from flowstudio.engine import subflows

        note = subflows.Note(
            workspace=event.workspace_id, customer=event.customer_id, type="start", name=event.name,
            message_id=event.message_id, source=event.source, properties={}, context={},
        )  # fmt: skip
        subflows.put(cursor, [note], play.now)
    play.go()
    assert len(runs(other)) == 1


def test_what_is_sent_to_the_door_can_neither_start_nor_end_anything_by_such_a_name(play):
    other = play.flow(inner(("nap", "wait.delay", {"for": "2d"}), edges="begin>nap"))
    play.flow(outer(other.id, mode="wait", timeout="30d"))
    play.send("ada")
    play.go()
    run = play.run("ada")
    mine = Run.objects.exclude(flow=other).get()
    play.send("bob", f"start:{other.id}")
    play.send("ada", f"ended:{mine.id}:sub:1", status="completed")
    play.go()
    assert len(runs(other)) == 1 and run.status == "active" and play.step("sub").status == "waiting"


def test_an_arm_may_start_a_flow_and_stopping_the_arm_does_not_stop_it(play):
    other = play.flow(inner(("nap", "wait.delay", {"for": "2d"}), edges="begin>nap"))
    first = play.flow(
        sketch(
            ("fork", "parallel", {"arms": [{"id": "a"}, {"id": "b"}]}), ("quick", "wait.delay", {"for": "1h"}),
            ("sub", "flow.start", {"flow": other.id, "mode": "wait", "timeout": "9d"}), ("meet", "join", {"mode": "any"}),
            edges="enter>fork fork.a>quick fork.b>sub quick>meet sub>meet sub.timeout>meet",
        )
    )  # fmt: skip
    play.send("ada")
    play.go()
    play.go(hours=1)
    assert runs(first)[0].status == "completed" and runs(other)[0].status == "active"
    play.go(days=2)
    assert runs(other)[0].status == "completed" and not Token.objects.exists()
