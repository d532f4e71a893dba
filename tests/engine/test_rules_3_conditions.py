"""Waits for conditions, for what came before, for events of one's own, and waits that begin anew (SEMANTICS 3)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from flowstudio.connectors.registry import CATALOGUE
from flowstudio.domain.graph import parse
from flowstudio.domain.simulate import simulate
from flowstudio.domain.simulated import Happened, Person
from flowstudio.domain.validate import validate
from flowstudio.engine import waking
from flowstudio.store.models import Consumed, Customer, Event, Run, Step, Token, Wait
from tests.engine import house
from tests.engine.stage import START, sketch

TEAM = {"id": "team", "name": "", "when": 'customer.traits.plan == "Team"'}
PAID = {"id": "paid", "name": "", "event": "Paid"}


def wait(*branches, timeout="10d", edges="enter>wait", before=(), **more):
    settings = {key: more.pop(key) for key in ("reentry", "correlation") if key in more}
    node = ("wait", "wait.event", {"branches": list(branches), "timeout": timeout, **more})
    return sketch(*before, node, edges=edges, **settings)


def ports(node="wait"):
    rows = Step.objects.filter(node=node).order_by("run_id")
    return [row.port or row.status for row in rows]


def test_r3_2_a_condition_that_holds_already_is_passed_at_once(play):
    play.flow(wait(PAID, TEAM))
    play.identify("ada", plan="Team")
    play.send("ada")
    play.go()
    step = play.step("wait")
    assert (step.port, step.status, step.left_at) == ("team", "done", START)
    assert "already" in step.reason
    assert step.reads == {"customer.traits.plan": "Team"}
    assert not Wait.objects.exists()


def test_r3_2_a_condition_is_judged_again_when_a_trait_it_reads_changes(play, monkeypatch):
    judged = []
    real = waking.expression.judge
    monkeypatch.setattr(waking.expression, "judge", lambda *given: judged.append(given[0]) or real(*given))
    play.flow(wait(PAID, TEAM))
    play.send("ada")
    play.go()
    judged.clear()
    play.identify("ada", city="Lisbon")
    play.go(hours=1)
    assert (ports(), judged) == (["waiting"], [])
    play.identify("ada", plan="Free")
    play.go(hours=1)
    assert (ports(), len(judged)) == (["waiting"], 1)
    play.identify("ada", plan="Team")
    play.go(hours=1)
    step = play.step("wait")
    assert (step.port, step.left_at) == ("team", play.now)
    assert "came true" in step.reason
    assert not Wait.objects.exists()


def test_r3_2_a_trait_that_a_step_of_another_run_writes_counts_as_well(play):
    play.flow(wait(TEAM))
    play.send("ada")
    play.go()
    writes = house.graph(
        ("enter", "trigger.event", {"event": "Upgraded"}),
        ("set", "customer.update", {"traits": {"plan": "Team"}}),
        edges="enter>set",
    )
    play.flow(writes)
    play.send("ada", "Upgraded")
    play.go(hours=1)
    assert ports() == ["team"]


def test_r3_2_and_3_8_a_trait_that_came_between_decision_and_commit_counts(play):
    """While the run is before its wait, another process writes the trait: no change comes after, and yet it goes on."""
    document = wait(TEAM, before=[("ask", "test.key")], edges="enter>ask ask>wait")
    play.flow(document)

    async def meanwhile(_request):
        def write():
            # As another process would: the traits that this run carries in memory know nothing of it.
            Customer.objects.filter(external_id="ada").update(traits={"plan": "Team"})

        await house.db(write)

    play.vendor.script["ask"] = [meanwhile]
    play.send("ada")
    play.go()
    assert ports() == ["team"]


def test_r3_3_of_an_event_and_a_condition_at_once_the_first_branch_wins(play):
    play.flow(wait(PAID, TEAM, reentry="parallel"))
    play.flow(wait(TEAM, PAID, reentry="parallel"))
    play.send("ada")
    play.go()
    play.identify("ada", plan="Team")
    play.send("ada", "Paid")
    play.go(hours=1)
    assert ports() == ["paid", "team"]


def test_r3_7_a_condition_after_the_timeout_is_too_late_and_at_it_in_time(play):
    play.flow(wait(TEAM, timeout="1d"))
    play.send("ada")
    play.send("bob")
    play.go()
    play.now = START + timedelta(days=1)
    play.identify("ada", plan="Team")
    play.now += timedelta(seconds=1)
    play.identify("bob", plan="Team")
    play.go()
    assert dict(Step.objects.filter(node="wait").values_list("run__customer__external_id", "port")) == {
        "ada": "team", "bob": "timeout",
    }  # fmt: skip


@pytest.mark.parametrize(("also", "port"), [(True, "paid"), (False, "waiting")])
def test_r3_2_also_since_entry(play, also, port):
    branch = {**PAID, "since_entry": also}
    play.flow(wait(branch, before=[("nap", "wait.delay", {"for": "1h"})], edges="enter>nap nap>wait"))
    play.send("ada", "Paid")
    play.go()
    play.go(minutes=1)
    play.send("ada")
    play.go()
    play.go(minutes=10)
    if also:
        # One from before the entry does not count.
        play.go(hours=1)
        assert ports() == ["waiting"]
        return
    play.send("ada", "Paid")
    play.go(hours=1)
    assert ports() == [port]


def test_r3_2_an_event_since_entry_ends_the_wait_at_its_arrival(play):
    branch = {**PAID, "since_entry": True}
    play.flow(wait(branch, before=[("nap", "wait.delay", {"for": "1h"})], edges="enter>nap nap>wait"))
    play.send("ada")
    play.go()
    play.now += timedelta(minutes=30)
    play.send("ada", "Paid", amount=9)
    play.go()
    play.now += timedelta(minutes=30)
    play.go()
    step = play.step("wait")
    assert (step.port, step.left_at) == ("paid", START + timedelta(hours=1))
    assert step.output["event"]["properties"] == {"amount": 9}


def test_r3_5_one_event_may_satisfy_many_runs(play):
    play.flow(wait(PAID, reentry="parallel"))
    for _ in range(3):
        play.send("ada")
        play.go(seconds=1)
    play.send("ada", "Paid")
    play.go(hours=1)
    assert ports() == ["paid", "paid", "paid"]


def test_r3_5_consume_one_gives_each_event_to_the_oldest(play):
    play.flow(wait({**PAID, "consume": True}, reentry="parallel"))
    for _ in range(3):
        play.send("ada")
        play.go(seconds=1)
    first = play.send("ada", "Paid")
    play.go(hours=1)
    assert ports() == ["paid", "waiting", "waiting"]
    play.send("ada", "Paid")
    play.send("ada", "Paid")
    play.go(hours=1)
    assert ports() == ["paid", "paid", "paid"]
    assert Consumed.objects.count() == 3
    assert Consumed.objects.get(event_id=first).run == Run.objects.order_by("id").first()


def test_r3_5_an_event_that_was_taken_is_not_taken_again_by_who_arrives_later(play):
    branch = {**PAID, "consume": True, "since_entry": True}
    play.flow(
        wait(branch, before=[("nap", "wait.delay", {"for": "1h"})], edges="enter>nap nap>wait", reentry="parallel")
    )
    play.send("ada")
    play.go()
    play.now += timedelta(minutes=30)
    play.send("ada")
    play.go()
    play.now += timedelta(minutes=15)
    play.send("ada", "Paid")
    play.go()
    play.now += timedelta(minutes=15)
    play.go()
    assert ports() == ["paid"]
    play.now += timedelta(minutes=30)
    play.go()
    assert ports() == ["paid", "waiting"]


def test_r3_5_flows_do_not_take_events_from_each_other(play):
    for _ in range(2):
        play.flow(wait({**PAID, "consume": True}))
    play.send("ada")
    play.go()
    play.send("ada", "Paid")
    play.go(hours=1)
    assert ports() == ["paid", "paid"]


def test_r3_6_a_listed_event_begins_the_time_anew(play):
    play.flow(wait(PAID, timeout="2d", restart_on=["Opened", "Clicked"]))
    play.send("ada")
    play.go()
    play.now += timedelta(days=1)
    play.send("ada", "Opened")
    play.go()
    due = START + timedelta(days=3)
    assert (play.step("wait").due_at, Token.objects.get().due_at) == (due, due)
    play.now = due - timedelta(seconds=1)
    play.send("ada", "Clicked")
    play.go()
    assert set(Wait.objects.values_list("restarts", flat=True)) == {2}
    play.now = due + timedelta(days=2) - timedelta(seconds=2)
    play.go()
    assert ports() == ["waiting"]
    play.go(seconds=1)
    assert (ports(), play.step("wait").left_at) == (["timeout"], due + timedelta(days=2) - timedelta(seconds=1))


def test_r3_6_the_event_counts_from_when_it_occurred_and_not_after_the_end(play):
    play.flow(wait(PAID, timeout="2d", restart_on=["Opened"]))
    play.send("ada")
    play.go()
    play.now += timedelta(days=3)
    play.send("ada", "Opened", occurred=START + timedelta(days=1))
    play.go()
    # The engine was away: by the time of the events the wait goes on until day 3, and is over at that very instant.
    assert ports() == ["timeout"]
    assert play.step("wait").due_at == START + timedelta(days=3)


def test_r3_6_at_most_a_hundred_times(play):
    play.flow(wait(PAID, timeout="1h", restart_on=["Opened"]))
    play.send("ada")
    play.go()
    for _ in range(105):
        play.now += timedelta(minutes=1)
        play.send("ada", "Opened")
    play.go()
    assert play.step("wait").due_at == START + timedelta(minutes=100) + timedelta(hours=1)
    assert set(Wait.objects.values_list("restarts", flat=True)) == {100}


def test_r3_6_an_event_that_ends_the_wait_begins_nothing_anew(play):
    play.flow(wait(PAID, timeout="2d", restart_on=["Paid"]))
    play.send("ada")
    play.go()
    play.send("ada", "Paid")
    play.go(hours=1)
    assert ports() == ["paid"]


def test_r3_8_an_event_in_the_gap_between_decision_and_registration_counts(play):
    document = wait(PAID, before=[("ask", "test.key")], edges="enter>ask ask>wait")
    play.flow(document)

    async def meanwhile(_request):
        def arrives():
            who = Run.objects.get().customer
            made = house.event(play.space, "ada", "Paid", at=play.now + timedelta(seconds=1))
            Event.objects.filter(id=made.id).update(status="done", customer_id=who.id)

        await house.db(arrives)

    play.vendor.script["ask"] = [meanwhile]
    play.send("ada")
    play.go()
    play.go(seconds=2)
    assert ports() == ["paid"]


def test_r3_2_a_simulation_waits_as_the_engine_does(play):
    document = wait(PAID, TEAM, timeout="2d", restart_on=["Opened"])
    later = [
        Happened(subject={"id": "o", "name": "Opened", "properties": {}}, at=START + timedelta(days=1)),
        Happened(
            subject={"id": "i", "name": "identify", "properties": {}}, at=START + timedelta(days=2, hours=12),
            traits={"plan": "Team"},
        ),
    ]  # fmt: skip
    event = Happened(subject={"id": "e", "name": "Signed Up", "properties": {}}, at=START)
    who = Person(id="c" * 26, email="", name="")
    made = simulate(parse(document), CATALOGUE, person=who, event=event, later=later)
    assert (made.steps[-1].port, made.steps[-1].left_at) == ("team", START + timedelta(days=2, hours=12))
    play.flow(document)
    play.send("ada")
    play.go()
    play.now = START + timedelta(days=1)
    play.send("ada", "Opened")
    play.go()
    play.now = START + timedelta(days=2, hours=12)
    play.identify("ada", plan="Team")
    play.go()
    assert (play.step("wait").port, play.step("wait").left_at) == ("team", play.now)
    unheard = simulate(parse(document), CATALOGUE, person=who, event=event, later=later[:1])
    assert (unheard.steps[-1].port, unheard.steps[-1].left_at) == ("timeout", START + timedelta(days=3))


@pytest.mark.parametrize(
    ("branch", "field"),
    [
        ({"id": "b"}, "branches.0.event"),
        ({"id": "b", "event": "Paid", "when": "true"}, "branches.0.when"),
        ({"id": "b", "when": "customer.traits.x >"}, "branches.0.when"),
        ({"id": "b", "when": "steps.enter.output.x == 1"}, "branches.0.when"),
        ({"id": "b", "when": {"all": [{"field": "", "op": "eq", "value": 1}]}}, "branches.0.when"),
    ],
)
def test_r3_2_a_branch_that_waits_for_nothing_is_an_error(branch, field):
    issues = validate(parse(wait(branch)), CATALOGUE)
    assert field in [issue.field for issue in issues if issue.severity == "error"]
