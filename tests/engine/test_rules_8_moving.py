"""Publishing while customers are inside (SEMANTICS 8.2 to 8.5): move, finish, exit, as the engine carries it out."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from flowstudio.connectors.base import Answer
from flowstudio.domain.errors import ConnectorError, InputError
from flowstudio.domain.graph import parse
from flowstudio.engine import batches, failpoints
from flowstudio.services import passage
from flowstudio.store.models import Batch, Counter, Flow, Run, Step, Token, Version, Wait
from tests.engine import house
from tests.engine.stage import START, sketch

NAP = ("nap", "wait.delay", {"for": "7d"})
SHORT = ("nap", "wait.delay", {"for": "3d"})
LONG = ("nap", "wait.delay", {"for": "20d"})
TELL = ("tell", "test.person")


def wait(*events: str, timeout: str = "9d"):
    branches = [{"id": event.lower(), "name": "", "event": event, "filter": ""} for event in events]
    return ("wait", "wait.event", {"branches": branches, "timeout": timeout})


def offered(play, flow, document):
    """What is offered for each place."""
    before = Version.objects.get(flow=flow, number=flow.version).graph
    return {place.node: place for place in passage.places(flow, parse(before), parse(document), 2)}


def test_r8_3_a_delay_of_7_days_shortened_to_3_on_day_5_releases_now(play):
    flow = play.flow(sketch(NAP, TELL, edges="enter>nap nap>tell"))
    play.send("ada")
    play.go()
    play.go(days=5)
    play.publish(flow, sketch(SHORT, TELL, edges="enter>nap nap>tell"), choice="move")
    play.go(minutes=1)
    run = play.run("ada")
    assert (run.status, run.number, len(play.vendor.of("tell"))) == ("completed", 2, 1)
    assert play.step("nap").due_at == START + timedelta(days=3)


def test_r8_3_who_waits_gets_the_new_end_counted_from_the_arrival(play):
    flow = play.flow(sketch(NAP, TELL, edges="enter>nap nap>tell"))
    play.send("ada")
    play.go()
    play.go(days=2)
    play.publish(flow, sketch(SHORT, TELL, edges="enter>nap nap>tell"))
    play.go()
    assert (play.run().status, play.step("nap").due_at) == ("active", START + timedelta(days=3))
    play.go(hours=23)
    assert play.run().status == "active"
    play.go(hours=1)
    assert play.run().status == "completed"


def test_r8_3_a_longer_wait_does_not_end_at_the_old_time_even_if_the_timer_is_claimed_first(play):
    flow = play.flow(sketch(NAP, TELL, edges="enter>nap nap>tell"))
    play.send("ada")
    play.go()
    play.go(days=6)
    play.publish(flow, sketch(LONG, TELL, edges="enter>nap nap>tell"))
    # The batch is not looked at before the old timer is due.
    Batch.objects.update(look_at=START + timedelta(days=8))
    play.go(days=1)
    assert (play.run().status, play.run().number) == ("active", 2)
    assert Token.objects.get().due_at == START + timedelta(days=20)


def test_r8_3_before_a_changed_node_the_new_behaviour_and_past_it_nothing(play):
    first = ("say", "customer.update", {"traits": {"said": "old"}})
    edges = "enter>nap nap>say say>late late>tell"
    flow = play.flow(sketch(NAP, first, ("late", "wait.delay", {"for": "9d"}), TELL, edges=edges))
    play.send("past")
    play.go()
    play.go(days=7)
    play.send("before")
    play.go()
    second = ("say", "customer.update", {"traits": {"said": "new"}})
    play.publish(flow, sketch(NAP, second, ("late", "wait.delay", {"for": "9d"}), TELL, edges=edges))
    play.go(days=7)
    said = {run.customer.external_id: run.customer.traits["said"] for run in Run.objects.select_related("customer")}
    assert said == {"past": "old", "before": "new"}
    assert Step.objects.filter(node="say").count() == 2


def test_r8_3_branches_of_a_wait_are_registered_anew_and_what_came_since_the_arrival_counts(play):
    flow = play.flow(sketch(wait("Paid"), TELL, edges="enter>wait wait.paid>tell"))
    for who in ("ada", "bob"):
        play.send(who)
    play.go()
    play.go(hours=1)
    play.send("ada", "Booked")
    play.go(days=1)
    play.publish(flow, sketch(wait("Paid", "Booked"), TELL, edges="enter>wait wait.paid>tell wait.booked>tell"))
    play.go()
    assert house.path(play.run("ada"))[:2] == ["enter:done:out", "wait:done:booked"]
    assert sorted(Wait.objects.values_list("event", flat=True)) == ["Booked", "Paid"]
    play.send("bob", "Booked")
    play.go()
    assert (play.run("bob").status, Wait.objects.count()) == ("completed", 0)


def test_r8_4_a_deleted_node_with_customers_inside_leads_to_its_single_surviving_successor(play):
    flow = play.flow(sketch(NAP, TELL, edges="enter>nap nap>tell"))
    play.send("ada")
    play.go()
    after = sketch(TELL, edges="enter>tell")
    place = offered(play, flow, after)["nap"]
    # Moving would send a message at once: that is never chosen unasked.
    assert (place.kind, place.to, place.choice, place.reaches) == ("removed", "tell", "", "Tell")
    play.publish(flow, after, nodes={"nap": {"choice": "move"}})
    play.go()
    assert house.path(play.run()) == ["enter:done:out", "nap:cancelled", "tell:done:out"]
    assert play.step("nap").reason == "v2 has no such step any more"


def test_r8_4_without_a_successor_they_exit_as_node_removed(play):
    flow = play.flow(sketch(NAP, ("end", "exit"), edges="enter>nap nap>end"))
    play.send("ada")
    play.go()
    play.publish(flow, sketch(("other", "exit"), edges="enter>other"), choice="move")
    play.go()
    assert (play.run().status, play.run().reason) == ("cancelled", "node_removed")
    assert Token.objects.count() == 0


def test_r8_4_where_they_could_go_on_in_two_places_the_author_must_choose(play):
    graph = sketch(wait("Paid"), ("a", "exit"), ("b", "exit"), edges="enter>wait wait.paid>a wait.timeout>b")
    flow = play.flow(graph)
    play.send("ada")
    play.go()
    after = sketch(("a", "exit"), ("b", "exit"), edges="enter>a")
    with pytest.raises(InputError, match="could go on in 2 places"):
        play.publish(flow, after, choice="move")
    play.publish(flow, after, nodes={"wait": {"choice": "move", "to": "b"}})
    play.go()
    assert house.path(play.run())[-1] == "b:done"


def test_r8_2_finish_stays_on_the_old_version_to_its_end_through_later_publishings(play):
    flow = play.flow(sketch(NAP, TELL, edges="enter>nap nap>tell"))
    play.send("ada")
    play.go()
    play.publish(flow, sketch(SHORT, TELL, edges="enter>nap nap>tell"), nodes={"nap": {"choice": "finish"}})
    play.go(days=1)
    play.publish(flow, sketch(("nap", "wait.delay", {"for": "1h"}), TELL, edges="enter>nap nap>tell"), choice="move")
    play.go(days=4)
    assert (play.run().status, play.run().number, play.run().stays) == ("active", 1, True)
    play.go(days=2)
    assert (play.run().status, play.run().number) == ("completed", 1)


def test_r8_2_exit_ends_those_inside_and_nobody_else(play):
    flow = play.flow(sketch(NAP, TELL, edges="enter>nap nap>tell"))
    play.send("ada")
    play.go()
    play.publish(flow, sketch(SHORT, TELL, edges="enter>nap nap>tell"), nodes={"nap": {"choice": "exit"}})
    play.send("bob")
    play.go()
    assert (play.run("ada").status, play.run("ada").reason) == ("cancelled", "cancelled_by_user")
    assert (play.run("bob").status, play.run("bob").number) == ("active", 2)


def test_r8_2_unasked_is_move_where_it_is_safe_and_finish_where_it_is_not(play):
    flow = play.flow(sketch(NAP, TELL, edges="enter>nap nap>tell"))
    play.send("ada")
    play.go()
    play.go(days=5)
    after = sketch(SHORT, TELL, edges="enter>nap nap>tell")
    place = offered(play, flow, after)["nap"]
    assert (place.inside.count, place.inside.due, place.choice, place.reaches) == (1, 1, "", "Tell")
    play.publish(flow, after)
    play.go()
    assert (play.run().status, play.run().number, play.vendor.calls) == ("active", 1, [])


def test_r8_5_a_running_call_finishes_under_its_version_and_goes_on_by_the_new_one(play):
    flow = play.flow(sketch(("call", "test.key", {"say": "old"}), ("end", "exit"), edges="enter>call call>end"))
    after = sketch(("call", "test.key", {"say": "new"}), ("other", "exit"), edges="enter>call call>other")

    async def publish(_request):
        await asyncio.sleep(0.05)
        await house.db(lambda: play.publish(flow, after))
        await asyncio.sleep(0.3)
        return Answer(output={"ok": True}, summary="fine", status=200)

    play.vendor.script = {"call": [publish]}
    play.send("ada")
    asyncio.run(house.engine(play.vendor).drain())
    play.go(seconds=1)
    step = play.step("call")
    assert (step.version.number, step.status, play.run().number) == (1, "done", 2)
    assert house.path(play.run())[-1] == "other:done"
    assert [request.params for request in play.vendor.calls] == [{"say": "old"}]


def test_r8_5_a_call_that_is_tried_again_keeps_its_request_and_a_held_one_its_version(play):
    flow = play.flow(sketch(("call", "test.key", {"say": "old"}), ("end", "exit"), edges="enter>call call>end"))
    play.vendor.script = {"call": [ConnectorError("no", error_class="status_503", retryable=True, retry_after=600)]}
    play.send("ada")
    play.go()
    assert play.step("call").status == "retrying"
    play.publish(flow, sketch(("call", "test.key", {"say": "new"}), ("other", "exit"), edges="enter>call call>other"))
    play.go(minutes=1)
    assert (play.run().number, play.step("call").version.number) == (2, 1)
    play.go(minutes=20)
    assert [request.params for request in play.vendor.calls] == [{"say": "old"}] * 2
    assert house.path(play.run())[-1] == "other:done"


def test_r8_5_a_deleted_node_that_is_being_carried_out_finishes_and_goes_where_it_was_said(play):
    flow = play.flow(sketch(("call", "test.key"), NAP, ("end", "exit"), edges="enter>call call>nap nap>end"))
    play.vendor.script = {"call": [ConnectorError("no", error_class="status_503", retryable=True, retry_after=600)]}
    play.send("ada")
    play.go()
    play.publish(flow, sketch(("end", "exit"), edges="enter>end"), choice="move")
    play.go(minutes=1)
    play.go(minutes=20)
    assert house.path(play.run()) == ["enter:done:out", "call:done:out", "end:done"]


def test_r8_3_many_go_over_piece_by_piece_and_a_crash_repeats_and_forgets_nothing(play, monkeypatch):
    monkeypatch.setattr(batches, "PIECE", 3)
    flow = play.flow(sketch(NAP, TELL, edges="enter>nap nap>tell"))
    for number in range(10):
        play.send(f"u{number}")
    play.go()
    play.publish(flow, sketch(LONG, TELL, edges="enter>nap nap>tell"))
    failpoints.arm("after_piece=raise")
    with pytest.raises(failpoints.FailpointError):
        play.go()
    failpoints.arm("")
    assert (Run.objects.filter(number=2).count(), Batch.objects.get().done) == (0, {})
    with pytest.raises(RuntimeError, match="always something due"):
        asyncio.run(house.engine(play.vendor).drain(rounds=2))
    assert (Run.objects.filter(number=2).count(), Batch.objects.get().done["moved"]) == (6, 6)
    play.go()
    play.go(seconds=5)
    batch = Batch.objects.get()
    assert (Run.objects.filter(number=2).count(), batch.done["moved"], batch.total) == (10, 10, 10)
    assert batch.finished_at is not None
    assert set(Token.objects.values_list("due_at", flat=True)) == {START + timedelta(days=20)}


def test_r8_3_counts_follow_their_customers_to_the_new_version(play):
    flow = play.flow(sketch(NAP, TELL, edges="enter>nap nap>tell"))
    play.send("ada")
    play.go()
    play.publish(flow, sketch(SHORT, TELL, edges="enter>nap nap>tell"))
    play.go()

    def count(subject: str, metric: str) -> dict[int, int]:
        found = Counter.objects.filter(flow=flow, bucket=0, subject=subject, metric=metric)
        return {version: value for version, value in found.values_list("version", "value") if value}

    assert count("node:nap", "inside") == {2: 1} and count("run", "active") == {2: 1}
    play.go(days=7)
    assert count("node:nap", "inside") == {} and count("run", "active") == {}


def test_r8_1_two_publishings_in_a_row_take_everybody_to_the_last(play):
    flow = play.flow(sketch(NAP, TELL, edges="enter>nap nap>tell"))
    play.send("ada")
    play.go()
    play.publish(flow, sketch(LONG, TELL, edges="enter>nap nap>tell"))
    play.publish(flow, sketch(SHORT, TELL, edges="enter>nap nap>tell"))
    for _ in range(4):
        play.go(seconds=3)
    assert (play.run().number, play.step("nap").due_at) == (3, START + timedelta(days=3))
    assert Flow.objects.get().version == 3


def test_r8_3_a_condition_that_holds_already_is_judged_when_the_branch_is_new(play):
    flow = play.flow(sketch(wait("Paid"), TELL, edges="enter>wait wait.paid>tell"))
    play.identify("ada", plan="pro")
    play.send("ada")
    play.send("bob")
    play.go()
    branch = {"id": "pro", "name": "", "event": "", "when": "customer.traits.plan == 'pro'"}
    after = ("wait", "wait.event", {"branches": [branch], "timeout": "9d"})
    play.publish(flow, sketch(after, TELL, edges="enter>wait wait.pro>tell"), choice="move")
    play.go()
    assert house.path(play.run("ada"))[1:] == ["wait:cancelled", "wait:done:pro", "tell:done:out"]
    play.identify("bob", plan="pro")
    play.go()
    assert house.path(play.run("bob"))[1:] == ["wait:done:pro", "tell:done:out"]


BOTH = ("both", "parallel", {"arms": [{"id": "a", "name": "A"}, {"id": "b", "name": "B"}]})
MEET = ("meet", "join", {"mode": "all"})
ARMS = "enter>both both.a>nap both.b>other nap>meet other>meet meet.out>tell"
OTHER = ("other", "wait.delay", {"for": "2d"})


def test_r8_3_all_arms_of_a_run_go_over_together(play):
    flow = play.flow(sketch(BOTH, NAP, OTHER, MEET, TELL, edges=ARMS))
    play.send("ada")
    play.go()
    play.publish(flow, sketch(BOTH, SHORT, OTHER, MEET, TELL, edges=ARMS), choice="move")
    play.go(days=1)
    assert (play.run().number, play.step("nap").due_at) == (2, START + timedelta(days=3))
    play.go(days=1)
    assert play.run().status == "active"
    play.go(days=1)
    assert (play.run().status, len(play.vendor.of("tell"))) == ("completed", 1)


def test_r8_3_a_run_inside_a_block_that_is_gone_finishes_on_its_version(play):
    flow = play.flow(sketch(BOTH, NAP, OTHER, MEET, TELL, edges=ARMS))
    play.send("ada")
    play.go()
    play.publish(flow, sketch(NAP, OTHER, TELL, edges="enter>nap nap>other other>tell"), choice="move")
    play.go(days=1)
    assert (play.run().number, play.run().stays) == (1, True)
    play.go(days=7)
    assert (play.run().status, len(play.vendor.of("tell"))) == ("completed", 1)


def test_r8_3_customers_on_their_way_to_a_join_are_counted_once(play):
    flow = play.flow(sketch(BOTH, NAP, OTHER, MEET, TELL, edges=ARMS))
    play.send("ada")
    play.go()
    found = offered(play, flow, sketch(BOTH, SHORT, OTHER, MEET, TELL, edges=ARMS))
    assert (found["nap"].inside.count, found["nap"].inside.waiting) == (1, 1)
