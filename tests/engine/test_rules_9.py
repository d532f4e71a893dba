"""Branches, parallel blocks, loops (SEMANTICS 9), through the real engine."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from django.db import transaction

from flowstudio.domain.errors import ConnectorError
from flowstudio.engine import control
from flowstudio.services import runs
from flowstudio.store.models import Attempt, Run, Step, Token, Wait
from flowstudio.store.queries import pulse
from flowstudio.store.queries import runs as queries
from tests.engine import house
from tests.engine.stage import START, sketch

LOST = ConnectorError("No such address.", error_class="rejected", retryable=False, sent="yes")


def parallel(*arms):
    return ("fork", "parallel", {"arms": [{"id": arm, "name": arm.title()} for arm in arms]})


def join(mode="all", **more):
    return ("meet", "join", {"mode": mode, **more})


def nap(name, span):
    return (name, "wait.delay", {"for": span})


def steps(run=None):
    rows = Step.objects.filter(run=run or Run.objects.get()).order_by("seq", "id")
    return sorted(f"{s.node}:{s.status}:{s.port}".rstrip(":") for s in rows)


def test_r9_2_every_arm_runs_once_and_the_join_closes_once_all_have_come(play):
    play.flow(
        sketch(
            parallel("mail", "text"), ("a", "test.key"), nap("n", "2h"), ("b", "test.key"), join(), ("c", "test.key"),
            edges="enter>fork fork.mail>a fork.text>n n>b a>meet b>meet meet>c",
        )
    )  # fmt: skip
    play.send("ada")
    play.go()
    run = play.run()
    assert run.status == "active" and {r.node for r in play.vendor.calls} == {"a"}
    assert sorted(Token.objects.values_list("node", "state", "arm")) == [
        ("meet", "waiting", ""),
        ("n", "waiting", "text"),
    ]
    play.go(hours=2)
    run.refresh_from_db()
    assert (run.status, run.reason) == ("completed", "end_of_path")
    assert steps() == [
        "a:done:out", "b:done:out", "c:done:out", "enter:done:out", "fork:done", "meet:done:out", "n:done:out",
    ]  # fmt: skip
    assert run.steps == 7 and not Token.objects.exists()
    assert [r.node for r in play.vendor.calls] == ["a", "b", "c"]
    assert play.step("meet").output == {"came": ["mail", "text"], "first": "mail", "failed": {}}


def test_r9_3_any_stops_the_timers_and_waits_of_the_others(play):
    wait = ("w", "wait.event", {"branches": [{"id": "paid", "event": "Paid"}], "timeout": "30d"})
    play.flow(
        sketch(
            parallel("a", "b", "c"), nap("soon", "1h"), nap("late", "9d"), wait, join("any"), nap("after", "20d"),
            edges="enter>fork fork.a>soon fork.b>late fork.c>w soon>meet late>meet w.paid>meet w.timeout>meet meet>after",
        )
    )  # fmt: skip
    play.send("ada")
    play.go()
    assert Wait.objects.count() == 1
    play.go(hours=1)
    assert [(t.node, t.arm, t.block) for t in Token.objects.all()] == [("after", "", None)]
    assert not Wait.objects.exists()
    assert {n: (play.step(n).status, play.step(n).left_at) for n in ("late", "w")} == {
        n: ("cancelled", START + timedelta(hours=1)) for n in ("late", "w")
    }
    play.send("ada", "Paid")
    play.go(days=10)
    assert play.run().status == "active" and Step.objects.filter(node="meet").count() == 1
    play.go(days=10)
    assert play.run().status == "completed"


def test_r9_2_n_of_m(play):
    play.flow(
        sketch(
            parallel("a", "b", "c"), nap("x", "1h"), nap("y", "2h"), nap("z", "3h"), join("count", count=2),
            edges="enter>fork fork.a>x fork.b>y fork.c>z x>meet y>meet z>meet",
        )
    )  # fmt: skip
    play.send("ada")
    play.go()
    play.go(hours=1)
    assert play.run().status == "active"
    play.go(hours=1)
    assert play.run().status == "completed"
    assert (play.step("z").status, play.step("meet").reason) == ("cancelled", "2 of 3 arms have come")


def test_r9_2_the_joins_timeout_counts_from_the_parallel_and_stops_what_is_late(play):
    play.flow(
        sketch(
            parallel("a", "b"), nap("x", "1h"), nap("y", "9d"), join(timeout="3d"), ("late", "exit", {"reason": "late"}),
            edges="enter>fork fork.a>x fork.b>y x>meet y>meet meet.timeout>late",
        )
    )  # fmt: skip
    play.send("ada")
    play.go()
    play.go(hours=1)
    play.go(days=2)
    assert play.run().status == "active"
    play.go(days=1)
    assert (play.run().status, play.run().reason) == ("completed", "late")
    assert play.step("y").status == "cancelled" and play.step("meet").output["came"] == ["a"]


def test_r9_3_an_effect_in_flight_completes_and_is_recorded(play):
    """The slow arm's call is with the vendor when the other arm closes the join; it is finished, kept and paid for."""
    done = asyncio.Event()

    async def slow(_request):
        await asyncio.wait_for(done.wait(), 10)
        return house.Answer(output={"id": 7}, traits={"size": 9}, cost=0.5, summary="sent")

    async def quick(_request):
        return house.Answer(output={})

    async def after(_request):
        done.set()
        return house.Answer(output={})

    play.vendor.script = {"s": [slow], "q": [quick], "t": [after]}
    play.flow(
        sketch(
            parallel("a", "b"), ("q", "test.key"), ("s", "test.person"), join("any"), ("t", "test.plain"),
            edges="enter>fork fork.a>q fork.b>s q>meet s>meet meet>t",
        )
    )  # fmt: skip
    play.send("ada")
    play.go()
    run = play.run()
    assert run.status == "completed"
    late = play.step("s")
    assert (late.status, late.reason, late.output, late.cost) == ("done", "sent", {"id": 7}, 0.5)
    assert [a.state for a in Attempt.objects.filter(step=late)] == ["accepted"]
    assert run.cost == 0.5
    run.customer.refresh_from_db()
    assert run.customer.traits["size"] == 9


def test_r9_2_an_exit_inside_an_arm_ends_the_run(play):
    play.flow(
        sketch(
            parallel("a", "b"), ("out", "exit", {"reason": "enough"}), nap("y", "9d"), join(),
            edges="enter>fork fork.a>out fork.b>y y>meet",
        )
    )  # fmt: skip
    play.send("ada")
    play.go()
    assert (play.run().status, play.run().reason) == ("completed", "enough")
    assert play.step("y").status == "cancelled" and not Token.objects.exists()


def test_r10_6_a_failure_in_an_arm_stops_the_run_once_the_join_cannot_do_without_it(play):
    play.vendor.script["tell"] = [LOST]
    play.flow(
        sketch(
            parallel("a", "b"), ("tell", "test.person"), nap("y", "1d"), ("ask", "test.key"), join(), ("c", "test.key"),
            edges="enter>fork fork.a>tell fork.b>y tell>meet y>ask ask>meet meet>c",
        )
    )  # fmt: skip
    play.send("ada")
    play.go()
    assert play.run().status == "active"
    play.go(days=1)
    run = play.run()
    assert (run.status, run.reason) == ("failed", "error:rejected")
    assert "meet" not in {s.node for s in Step.objects.all()} and not Token.objects.exists()
    assert run.block["failed"][0]["node"] == "tell"


def test_r10_6_any_and_n_of_m_go_on_without_an_arm_that_failed(play):
    play.vendor.script["tell"] = [LOST]
    play.flow(
        sketch(
            parallel("a", "b"), ("tell", "test.person"), nap("y", "1d"), join("any"),
            edges="enter>fork fork.a>tell fork.b>y tell>meet y>meet",
        )
    )  # fmt: skip
    play.send("ada")
    play.go()
    play.go(days=1)
    assert play.run().status == "completed"
    assert play.step("meet").output["failed"] == {"a": "error:rejected"}


def nested(**more):
    return sketch(
        parallel("a", "b"), ("inner", "parallel", {"arms": [{"id": "c"}, {"id": "d"}]}),
        nap("x", "1h"), ("tell", "test.person"), nap("z", "3h"), ("out", "join", {"mode": "all"}), join(**more),
        edges="enter>fork fork.a>inner inner.c>x inner.d>tell x>out tell>out out>meet fork.b>z z>meet",
    )  # fmt: skip


def test_r9_2_a_block_inside_an_arm(play):
    play.flow(nested())
    play.send("ada")
    play.go()
    play.go(hours=1)
    assert play.step("out").status == "done" and play.run().status == "active"
    play.go(hours=2)
    assert play.run().status == "completed" and play.run().steps == 8


def test_r9_2_stopping_an_arm_stops_the_block_inside_it(play):
    document = nested(mode="any")
    document["nodes"][5]["config"] = {"for": "10m"}
    play.flow(document)
    play.send("ada")
    play.go()
    play.go(minutes=10)
    assert play.run().status == "completed" and play.step("x").status == "cancelled"
    assert not Token.objects.exists()


def test_r10_7_a_run_that_failed_in_an_arm_is_tried_again_where_it_failed(play):
    """The arms that had come have come; what failed is tried again with the same key; the join closes."""
    play.vendor.script["tell"] = [LOST, LOST]
    play.flow(nested())
    play.send("ada")
    play.go()
    play.go(hours=3)
    failed = play.run()
    assert (failed.status, failed.reason) == ("failed", "error:rejected")
    keys = {r.key for r in play.vendor.of("tell")}
    control.retry_run(play.space.id, failed.id, "mia")
    play.go()
    again = Run.objects.get(retry_of=failed.id)
    assert again.status == "failed"
    control.retry_run(play.space.id, again.id, "mia")
    play.go()
    last = Run.objects.get(retry_of=again.id)
    assert (last.status, last.reason) == ("completed", "end_of_path")
    assert steps(last) == ["meet:done:out", "out:done:out", "tell:done:out"]
    assert {r.key for r in play.vendor.of("tell")} == keys
    assert play.step("meet").output["came"] == ["b", "a"]


def test_r9_2_cancelling_ends_every_arm(play):
    play.flow(nested())
    play.send("ada")
    play.go()
    control.cancel_run(play.space.id, play.run().id, "mia")
    assert play.run().status == "cancelled"
    assert not Token.objects.exists() and not Step.objects.filter(status="waiting").exists()


def test_r13_1_a_paused_flow_keeps_its_arms_and_their_timers(play):
    flow = play.flow(nested())
    play.send("ada")
    play.go()
    with transaction.atomic():
        type(flow).objects.filter(id=flow.id).update(state="paused")
    play.go(hours=4)
    assert play.run().status == "active"
    type(flow).objects.filter(id=flow.id).update(state="live")
    play.go()
    assert play.run().status == "completed"


@pytest.mark.parametrize("mode", ["all", "any"])
def test_r9_2_two_arms_in_one_group_commit_close_the_join_once(play, mode):
    play.flow(
        sketch(
            parallel("a", "b"), nap("x", "1h"), nap("y", "1h"), join(mode), ("c", "test.plain"),
            edges="enter>fork fork.a>x fork.b>y x>meet y>meet meet>c",
        )
    )  # fmt: skip
    for n in range(30):
        play.send(f"u{n}")
    play.go()
    play.go(hours=1)
    assert Run.objects.filter(status="completed").count() == 30
    assert len(play.vendor.of("c")) == 30 and Step.objects.filter(node="meet").count() == 30
    assert not Token.objects.exists()


def test_r9_2_a_run_in_several_arms_is_listed_once_with_the_arm_that_wants_to_be_seen(play):
    play.vendor.script["tell"] = [ConnectorError("Lost.", error_class="network", retryable=False, sent="maybe")]
    play.flow(
        sketch(
            parallel("a", "b", "c"), ("tell", "test.person"), nap("y", "1d"), nap("z", "1d"), join(),
            edges="enter>fork fork.a>tell fork.b>y fork.c>z tell>meet y>meet z>meet",
        )
    )  # fmt: skip
    play.send("ada")
    play.go()
    (row,) = runs.items(list(queries.listed(play.space.id)))
    assert (row["state"], row["node"]["id"]) == ("held", "tell")
    assert row["sentence"].endswith("(and in 2 other arms)") and row["steps"] == 5
    assert [len(queries.listed(play.space.id, status=state)) for state in ("held", "waiting", "running")] == [1, 1, 0]
    assert pulse.tokens_by_state(play.space.id) == {"held": 1, "waiting": 1}
    control.retry_run(play.space.id, row["id"], "mia")
    play.go(days=1)
    assert play.run().status == "completed"


def test_r9_1_the_first_case_that_matches_is_taken_and_everybody_else_by_else(play):
    over = lambda limit: {"all": [{"field": "event.properties.n", "op": "gt", "value": limit}]}  # noqa: E731
    cases = [{"id": "big", "name": "Big", "when": over(100)}, {"id": "some", "name": "Some", "when": over(10)}]
    play.flow(
        sketch(
            ("fork", "branch", {"cases": cases}), ("a", "exit", {"reason": "a"}), ("b", "exit", {"reason": "b"}),
            ("c", "exit", {"reason": "c"}), edges="enter>fork fork.big>a fork.some>b fork.else>c",
        )
    )  # fmt: skip
    for who, n in (("large", 500), ("middle", 50), ("small", 5)):
        play.send(who, n=n)
    play.go()
    assert [play.run(who).reason for who in ("large", "middle", "small")] == ["a", "b", "c"]


def test_r9_1_lines_that_merge_need_no_join(play):
    when = {"all": [{"field": "event.properties.n", "op": "gt", "value": 10}]}
    play.flow(
        sketch(
            ("fork", "branch", {"cases": [{"id": "big", "name": "Big", "when": when}]}), ("out", "exit", {"reason": "met"}),
            edges="enter>fork fork.big>out fork.else>out",
        )
    )  # fmt: skip
    for who, n in (("large", 500), ("small", 5)):
        play.send(who, n=n)
    play.go()
    assert [play.run(who).reason for who in ("large", "small")] == ["met", "met"]
