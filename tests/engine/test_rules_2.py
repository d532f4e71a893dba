"""Exits and goals (SEMANTICS 2)."""

from __future__ import annotations

import ast
import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import transaction

import flowstudio
from flowstudio.connectors.base import Answer
from flowstudio.domain.endings import EndReason, checked
from flowstudio.domain.errors import ConnectorError
from flowstudio.domain.interpreter import Ended
from flowstudio.engine import control
from flowstudio.engine.moves import Ending
from flowstudio.store.models import Attempt, Conversion, Counter, Event, Run, Step, Token, Wait
from tests.engine import house
from tests.engine.stage import START, sketch

NAP = ("nap", "wait.delay", {"for": "30d"})
PAID = {"id": "paid", "name": "Bought", "event": "Paid"}
ENTERPRISE = {"id": "big", "name": "Enterprise", "when": "customer.traits.plan == 'enterprise'"}


def left(run: Run) -> tuple[str, str, str]:
    run.refresh_from_db()
    return run.status, run.reason, run.ending


def test_r2_1_an_exit_on_day_1_of_a_30_day_delay_is_out_on_day_1(play):
    play.flow(sketch(NAP, edges="enter>nap", exits=[PAID]))
    play.send("ada")
    play.go()
    play.now += timedelta(days=1)
    paid = play.send("ada", "Paid")
    play.go()
    run = play.run()
    assert left(run) == ("exited", "exit_rule", "Left by “Bought”: Paid came")
    assert run.ended_at == START + timedelta(days=1)
    assert not Token.objects.exists()
    nap = play.step("nap")
    assert (nap.status, nap.left_at, nap.reason) == ("cancelled", run.ended_at, "Left by “Bought”: Paid came")
    assert Event.objects.get(id=paid).outcome == [
        {"flow": run.flow_id, "left": run.id, "sentence": "Left by “Bought”: Paid came"}
    ]
    assert counters("node:nap") == {"entered": 1} and counters("run")["exited"] == 1


def counters(subject: str) -> dict[str, int]:
    rows = Counter.objects.filter(bucket=0, subject=subject).exclude(value=0).values_list("metric", "value")
    return {metric: value for metric, value in rows if metric != "d"}


def test_r2_1_the_timer_goes_in_the_transaction_in_which_the_event_is_matched(play, monkeypatch):
    """Whatever breaks that transaction leaves the old state whole: run, timer and pending event."""
    play.flow(sketch(NAP, edges="enter>nap", exits=[PAID]))
    play.send("ada")
    play.go()
    paid = play.send("ada", "Paid")
    ended = control.end_runs

    def broken(*args, **more):
        ended(*args, **more)
        raise RuntimeError("the machine stops here")

    monkeypatch.setattr(control, "end_runs", broken)
    with pytest.raises(RuntimeError):
        play.go()
    assert play.run().status == "active" and Token.objects.get().due_at == START + timedelta(days=30)
    assert Event.objects.get(id=paid).status == "pending"
    monkeypatch.setattr(control, "end_runs", ended)
    play.go()
    assert play.run().status == "exited" and not Token.objects.exists()


def test_r2_1_an_exit_goes_before_the_wait_that_the_same_event_would_end(play):
    wait = ("wait", "wait.event", {"branches": [{"id": "came", "event": "Paid"}], "timeout": "9d"})
    play.flow(sketch(wait, ("tell", "test.person"), edges="enter>wait wait.came>tell", exits=[PAID]))
    play.send("ada")
    play.go()
    play.send("ada", "Paid")
    play.go()
    assert play.run().status == "exited" and not play.vendor.calls and not Wait.objects.exists()


def test_r2_1_an_event_at_the_instant_of_the_timeout_wins_over_the_timer(play):
    play.flow(
        sketch(("nap", "wait.delay", {"for": "2d"}), ("tell", "test.person"), edges="enter>nap nap>tell", exits=[PAID])
    )
    play.send("ada")
    play.go()
    play.now += timedelta(days=2)
    play.send("ada", "Paid")
    play.go()
    assert play.run().status == "exited" and not play.vendor.calls


def test_r2_1_a_run_that_waits_for_its_next_try_or_is_held_leaves_too(play):

    down = ConnectorError("Down.", error_class="unavailable", retryable=True, retry_after=3600, sent="no")
    lost = ConnectorError("Lost.", error_class="timeout", retryable=True, sent="maybe")
    play.vendor.script = {"ask": [down], "tell": [lost]}
    play.flow(sketch(("ask", "test.key"), edges="enter>ask", exits=[PAID]))
    play.flow(sketch(("tell", "test.person"), edges="enter>tell", exits=[PAID]))
    play.send("ada")
    play.go()
    assert set(Token.objects.values_list("state", flat=True)) == {"retrying", "held"}
    play.send("ada", "Paid")
    play.go(minutes=1)
    assert set(Run.objects.values_list("status", flat=True)) == {"exited"}
    assert counters("node:tell") == {"entered": 1}
    play.go(days=1)
    assert len(play.vendor.calls) == 2


def test_r2_1_an_event_from_before_the_entry_ends_nothing(play):
    play.flow(sketch(NAP, edges="enter>nap", exits=[PAID]))
    play.send("ada")
    play.go()
    play.send("ada", "Paid", occurred=START - timedelta(hours=1))
    play.send("bob", "Paid")
    play.go(minutes=1)
    assert play.run("ada").status == "active"


def test_r2_1_the_event_that_began_a_run_does_not_end_it(play):
    play.flow(sketch(NAP, edges="enter>nap", reentry="parallel", exits=[{"id": "again", "event": "Signed Up"}]))
    play.send("ada")
    play.go()
    first = play.run()
    assert first.status == "active"
    play.send("ada")
    play.go(hours=1)
    assert left(first)[0] == "exited" and play.run().status == "active"


def test_r2_1_a_condition_is_judged_at_the_entry(play):
    play.flow(sketch(("tell", "test.person"), edges="enter>tell", exits=[ENTERPRISE]))
    play.identify("ada", plan="enterprise")
    play.send("ada")
    play.send("bob")
    play.go()
    assert left(play.run("ada")) == ("exited", "exit_rule", "Left by “Enterprise”: plan enterprise == enterprise")
    assert play.run("bob").status == "completed"
    assert [request.customer for request in play.vendor.calls] == [play.run("bob").customer_id]


def test_r2_1_a_condition_is_judged_at_each_boundary_and_before_each_side_effect(play):
    play.vendor.script["ask"] = [Answer(output={}, traits={"plan": "enterprise"})]
    play.flow(sketch(("ask", "test.key"), ("tell", "test.person"), edges="enter>ask ask>tell", exits=[ENTERPRISE]))
    play.send("ada")
    play.go()
    assert house.path(play.run()) == ["enter:done:out", "ask:done:out"]
    assert play.run().status == "exited" and len(play.vendor.calls) == 1


def test_r2_1_a_condition_is_judged_when_a_trait_that_it_reads_changes(play):
    play.flow(sketch(NAP, edges="enter>nap", exits=[ENTERPRISE]))
    play.send("ada")
    play.go()
    play.identify("ada", city="Porto")
    play.go(days=1)
    assert play.run().status == "active"
    play.identify("ada", plan="enterprise")
    play.go(days=1)
    assert play.run().status == "exited" and play.run().ended_at == START + timedelta(days=2)
    assert not Token.objects.exists()


def test_r2_1_a_trait_that_another_run_writes_ends_this_one(play):
    play.vendor.script["ask"] = [Answer(output={}, traits={"plan": "enterprise"})]
    sleeping = play.flow(sketch(NAP, edges="enter>nap", exits=[ENTERPRISE]))
    play.send("ada")
    play.go()
    play.flow(house.graph(("start", "trigger.event", {"event": "Asked"}), ("ask", "test.key"), edges="start>ask"))
    play.send("ada", "Asked")
    play.go(hours=1)
    assert Run.objects.get(flow=sleeping).status == "exited"


def test_r2_2_what_is_with_a_vendor_is_recorded_first_then_the_exit_applies(play):
    async def meanwhile(_request):
        await house.db(lambda: play.send("ada", "Paid"))
        await house.until(lambda: Token.objects.filter(leaving__isnull=False).exists())
        assert await house.db(lambda: Run.objects.get().status) == "active"
        return Answer(output={"n": 1}, cost=0.5, summary="sent")

    play.vendor.script["ask"] = [meanwhile]
    play.flow(sketch(("ask", "test.key"), ("tell", "test.person"), edges="enter>ask ask>tell", exits=[PAID]))
    play.send("ada")
    play.go()
    ask = play.step("ask")
    assert (ask.status, ask.port, ask.output, ask.cost) == ("done", "out", {"n": 1}, 0.5)
    assert Attempt.objects.get().state == "accepted"
    run = play.run()
    assert (run.status, run.cost) == ("exited", 0.5) and ask.left_at is not None and run.ended_at >= ask.left_at
    assert not Step.objects.filter(node="tell").exists() and not Token.objects.exists()
    assert counters("node:ask").items() >= {"entered": 1, "done": 1}.items() and "inside" not in counters("node:ask")


def test_r2_2_a_call_whose_engine_died_is_recorded_as_unknown_then_the_run_leaves(play):
    play.flow(sketch(("ask", "test.person"), ("tell", "test.person"), edges="enter>ask ask>tell", exits=[PAID]))
    play.send("ada")

    async def cut():
        play.vendor.slow = asyncio.Event()
        engine = house.engine(play.vendor)
        async with house.working(engine):
            await house.until(lambda: Attempt.objects.filter(state="sending").exists())
            task = next(iter(engine._tasks))
            await house.db(lambda: play.send("ada", "Paid"))
            await house.until(lambda: Token.objects.filter(leaving__isnull=False).exists())
            task.cancel()

    async def hang(_request):
        await asyncio.sleep(60)

    play.vendor.script["ask"] = [hang]
    asyncio.run(cut())
    play.go(minutes=1)
    assert play.run().status == "exited"
    assert Attempt.objects.get().state == "unknown"
    assert not Token.objects.exists() and len(play.vendor.calls) == 1


def test_r2_3_goals_are_judged_before_exits(play):
    goal = {"id": "sale", "name": "Sale", "event": "Paid", "mode": "exit"}
    play.flow(sketch(NAP, edges="enter>nap", exits=[PAID], goals=[goal]))
    play.send("ada")
    play.go()
    play.send("ada", "Paid")
    play.go(days=1)
    assert left(play.run()) == ("goal", "goal", "Reached “Sale”: Paid came")
    assert Conversion.objects.get().goal == "sale" and counters("goal:sale") == {"reached": 1}


def test_r2_3_a_goal_that_only_counts_lets_the_run_go_on(play):
    play.flow(sketch(NAP, edges="enter>nap", goals=[{"id": "sale", "event": "Paid"}]))
    play.send("ada")
    play.go()
    play.send("ada", "Paid")
    play.go(days=1)
    assert play.run().status == "active" and Conversion.objects.count() == 1


def test_r2_3_a_goal_that_is_a_condition_counts_and_may_end_the_run(play):
    goals = [{"id": "big", "name": "Big", "when": "customer.traits.size > 5", "mode": "exit"}]
    play.flow(
        sketch(("grow", "customer.update", {"traits": {"size": 7}}), NAP, edges="enter>grow grow>nap", goals=goals)
    )
    play.send("ada")
    play.go()
    assert left(play.run()) == ("goal", "goal", "Reached “Big”: size 7 > 5")
    assert Conversion.objects.get().name == "Big"


def test_r2_3_a_goal_node_ends_the_run_as_goal_and_counts(play):
    node = ("won", "goal", {"name": "Demo booked", "when": "customer.traits.vip == true"})
    play.flow(sketch(node, edges="enter>won"))
    play.identify("ada", vip=True)
    play.send("ada")
    play.send("bob")
    play.go()
    assert (play.run("ada").status, play.run("ada").reason) == ("goal", "goal")
    assert (play.run("bob").status, play.run("bob").reason) == ("completed", "end_of_path")
    assert [(c.goal, c.name, c.run_id) for c in Conversion.objects.all()] == [
        ("won", "Demo booked", play.run("ada").id)
    ]


def test_r2_4_order_bs_purchase_does_not_end_order_a(play):
    same = {**PAID, "same": "event.properties.order"}
    play.flow(sketch(NAP, edges="enter>nap", correlation="event.properties.order", exits=[same]))
    play.send("ada", order="A")
    play.send("ada", order="B")
    play.go()
    play.send("ada", "Paid", order="B")
    play.send("ada", "Paid")
    play.go(hours=1)
    assert dict(Run.objects.values_list("correlation", "status")) == {"A": "active", "B": "exited"}


def test_r2_4_an_exit_may_be_only_some_of_an_event(play):
    play.flow(
        sketch(NAP, edges="enter>nap", exits=[{**PAID, "when": "event.properties.amount > run.event.properties.least"}])
    )
    play.send("ada", least=10)
    play.go()
    play.send("ada", "Paid", amount=5)
    play.go(hours=1)
    assert play.run().status == "active"
    play.send("ada", "Paid", amount=50)
    play.go(hours=1)
    assert play.run().status == "exited"


def test_r2_5_a_conversion_counts_once_a_run_and_goal_within_its_time_also_after_the_end(play):
    play.flow(sketch(("out", "exit"), edges="enter>out", goals=[{"id": "sale", "event": "Paid", "window": "7d"}]))
    for who in ("ada", "bob"):
        play.send(who)
    play.go()
    play.send("ada", "Paid")
    play.send("ada", "Paid")
    play.go(days=6)
    play.send("ada", "Paid")
    play.send("bob", "Paid")
    play.go(days=2)
    found = Conversion.objects.get()
    assert (found.run_id, found.reached_at) == (play.run("ada").id, START)
    assert counters("goal:sale") == {"reached": 1}
    assert {run.status for run in Run.objects.all()} == {"completed"}


def test_r2_5_a_conversion_is_credited_to_the_last_delivered_message_before_it(play):
    nodes = (("one", "test.person"), ("nap", "wait.delay", {"for": "1d"}), ("ask", "test.key"), ("two", "test.person"),
             ("rest", "wait.delay", {"for": "9d"}), ("three", "test.person"))  # fmt: skip
    edges = "enter>one one>nap nap>ask ask>two two>rest rest>three"
    goals = [{"id": "early", "event": "Looked"}, {"id": "sale", "event": "Paid"}]
    play.flow(sketch(*nodes, edges=edges, goals=goals))
    play.send("ada")
    play.go()
    play.now += timedelta(hours=2)
    play.send("ada", "Looked")
    play.go(days=1)
    play.now += timedelta(days=1)
    play.send("ada", "Paid")
    play.go(days=9)
    assert house.path(play.run())[-1] == "three:done:out"
    assert dict(Conversion.objects.values_list("goal", "credited_node")) == {"early": "one", "sale": "two"}
    assert Conversion.objects.get(goal="sale").credited_step == play.step("two").id


def test_r2_6_the_list_of_end_reasons_is_closed():
    said = (
        "end_of_path goal exit_rule stopped_matching unsubscribed customer_deleted node_removed flow_stopped "
        "cancelled_by_user budget expired merged_into runaway"
    )
    assert {str(reason) for reason in EndReason} == set(said.split())
    assert checked("failed", "error:timeout") == "error:timeout"
    assert checked("completed", "the exit node's own words") == "the exit node's own words"
    for status in ("goal", "exited", "cancelled", "failed", "expired"):
        for reason in ("because", "error:", "", "Exit rule"):
            with pytest.raises(ValueError, match="no reason"):
                checked(status, reason)


def test_r2_6_nothing_else_can_be_written(play):
    with pytest.raises(ValueError, match="no reason"):
        Ended(status="failed", reason="because", node="n")
    with pytest.raises(ValueError, match="no reason"):
        Ending(status="exited", reason="because", at=START)
    play.flow(sketch(NAP, edges="enter>nap"))
    play.send("ada")
    play.go()
    run = Run.objects.select_related("customer").get()
    with pytest.raises(ValueError, match="no reason"), transaction.atomic():
        control.end_runs([run], status="cancelled", reason="because", sentence="")
    assert play.run().status == "active"


def test_r2_6_a_runs_end_is_written_by_these_two_places_alone():
    """Whoever sets `ended_at` in SQL goes through a value that checks its reason."""
    room = Path(flowstudio.__file__).parent
    found = set()
    for path in sorted(room.rglob("*.py")):
        for item in ast.walk(ast.parse(path.read_text())):
            text = item.value if isinstance(item, ast.Constant) and isinstance(item.value, str) else ""
            if "UPDATE store_run" in text and "status =" in text.split("WHERE")[0]:
                found.add(path.relative_to(room).as_posix())
    assert found <= {"engine/commit.py", "engine/control.py"} and found
