"""Loops and the limits of a run (SEMANTICS 9.4 to 9.7), through the real engine."""

from __future__ import annotations

from datetime import timedelta

import pytest

from flowstudio.connectors.registry import CATALOGUE
from flowstudio.domain import interpreter
from flowstudio.domain.graph import parse
from flowstudio.domain.validate import validate
from flowstudio.store.models import Run, Step
from tests.engine import house
from tests.engine.stage import START, sketch


def repeat(name="again", **config):
    return (name, "repeat", {"times": 3, "pause": "1d", **config})


def test_r9_4_a_loop_of_3_is_3_sends(play):
    play.flow(
        sketch(
            repeat(), ("mail", "test.person"), ("bye", "exit", {"reason": "done"}),
            edges="enter>again again.body>mail mail>again again.done>bye",
        )
    )  # fmt: skip
    play.send("ada")
    play.go()
    assert len(play.vendor.of("mail")) == 1 and play.run().status == "active"
    for day in range(2):
        play.go(hours=23)
        assert len(play.vendor.of("mail")) == day + 1
        play.go(hours=1)
    run = play.run()
    assert (run.status, run.reason) == ("completed", "done")
    assert len({r.key for r in play.vendor.of("mail")}) == 3
    assert [(s.visit, s.port, s.reason) for s in Step.objects.filter(node="again").order_by("visit")] == [
        (1, "body", "round 1 of 3"), (2, "body", "round 2 of 3"), (3, "body", "round 3 of 3"),
        (4, "done", "done 3 rounds"),
    ]  # fmt: skip


def test_r9_4_until_is_judged_before_each_round_and_after_the_pause(play):
    play.flow(
        sketch(
            repeat(times=5, until="customer.traits.paid == true"), ("mail", "test.person"),
            edges="enter>again again.body>mail mail>again",
        )
    )  # fmt: skip
    play.send("ada")
    play.go()
    play.go(days=1)
    play.identify("ada", paid=True)
    play.go(days=1)
    assert len(play.vendor.of("mail")) == 2
    assert play.run().status == "completed"
    assert (play.step("again").port, play.step("again").output) == ("done", {"round": 2, "done": True})
    assert "paid" in play.step("again").reason
    play.send("bob")
    play.identify("bob", paid=True)
    play.go()
    assert play.step("again").output == {"round": 0, "done": True}


def test_r9_4_a_loop_inside_a_loop_begins_anew_each_time(play):
    play.flow(
        sketch(
            repeat("outer", times=2, pause="1h"), repeat("inner", times=2, pause="1m"), ("mail", "test.person"),
            edges="enter>outer outer.body>inner inner.body>mail mail>inner inner.done>outer",
        )
    )  # fmt: skip
    play.send("ada")
    for _ in range(6):
        play.go(hours=1)
    assert play.run().status == "completed" and len(play.vendor.of("mail")) == 4
    assert Step.objects.filter(node="inner").count() == 6


def test_r9_4_leaving_a_loop_from_inside_counts_anew_on_return(play):
    """A branch in the body leads out; the outer loop comes back, and the inner one begins with its first round."""
    cases = [{"id": "out", "name": "Out", "when": "steps.inner.output.round == 1"}]
    play.flow(
        sketch(
            repeat("outer", times=2, pause="1h"), repeat("inner", times=5, pause="1m"), ("mail", "test.plain"),
            ("which", "branch", {"cases": cases}),
            edges="enter>outer outer.body>inner inner.body>mail mail>which which.out>outer which.else>inner",
        )
    )  # fmt: skip
    assert [i.message for i in validate(parse(play_document(play)), CATALOGUE) if i.severity == "error"] == []
    play.send("ada")
    for _ in range(4):
        play.go(hours=1)
    assert play.run().status == "completed" and len(play.vendor.of("mail")) == 2


def play_document(play):
    from flowstudio.store.models import Version

    return {**Version.objects.latest("id").graph, "nodes": [
        {**n, "type": "customer.update", "config": {"traits": {"x": 1}}} if n["type"] == "test.plain" else n
        for n in Version.objects.latest("id").graph["nodes"]
    ]}  # fmt: skip


def test_r9_4_a_block_inside_a_loop_runs_each_time(play):
    play.flow(
        sketch(
            repeat(times=3, pause="1h"), ("fork", "parallel", {"arms": [{"id": "a"}, {"id": "b"}]}),
            ("x", "test.plain"), ("y", "wait.delay", {"for": "10m"}), ("meet", "join", {"mode": "all"}),
            edges="enter>again again.body>fork fork.a>x fork.b>y x>meet y>meet meet>again",
        )
    )  # fmt: skip
    play.send("ada")
    for _ in range(20):
        play.go(minutes=10)
    assert play.run().status == "completed"
    assert len(play.vendor.of("x")) == 3
    assert [s.visit for s in Step.objects.filter(node="meet").order_by("visit")] == [1, 2, 3]


@pytest.mark.parametrize(
    ("config", "field"), [({"times": 101}, "times"), ({"times": 0}, "times"), ({"pause": "59s"}, "pause")]
)
def test_r9_4_at_most_100_times_and_at_least_a_minute_apart(config, field):
    document = sketch(repeat(**config), ("x", "exit"), edges="enter>again again.body>again again.done>x")
    assert field in [i.field for i in validate(parse(document), CATALOGUE) if i.severity == "error"]


def chain(length):
    """A trigger and `length - 1` more steps."""
    nodes = [(f"n{i}", "customer.update", {"traits": {"n": i}}) for i in range(1, length)]
    return sketch(*nodes, edges=" ".join(f"{'enter' if i == 1 else f'n{i - 1}'}>n{i}" for i in range(1, length)))


@pytest.mark.parametrize(
    ("length", "status", "steps"),
    [(999, "completed", 999), (1_000, "completed", 1_000), (1_001, "failed", 1_000)],
)
def test_r9_5_a_run_takes_a_thousand_steps_and_no_more(play, length, status, steps):
    play.flow(chain(length))
    play.send("ada")
    play.go()
    run = play.run()
    assert (run.status, run.steps, Step.objects.count()) == (status, steps, steps)
    assert run.reason == ("runaway" if status == "failed" else "end_of_path")


def test_r9_5_the_limit_counts_over_pauses(play, monkeypatch):
    monkeypatch.setattr(interpreter, "MAX_STEPS", 10)
    play.flow(
        sketch(
            repeat(times=100, pause="1m"), ("mail", "test.plain"), edges="enter>again again.body>mail mail>again"
        )
    )  # fmt: skip
    play.send("ada")
    for _ in range(10):
        play.go(minutes=1)
    assert (play.run().status, play.run().reason, play.run().steps) == ("failed", "runaway", 10)


def test_r9_6_a_branch_is_judged_on_what_was_known_at_arrival_and_says_so(play):
    """The trait changes while the call before the branch is under way; the step keeps the values that it read."""
    cases = [{"id": "big", "name": "Big", "when": "customer.traits.size > 100 && event.properties.plan == 'pro'"}]
    play.flow(
        sketch(
            ("set", "customer.update", {"traits": {"size": 540}}), ("size", "branch", {"cases": cases}),
            ("nap", "wait.delay", {"for": "1h"}), edges="enter>set set>size size.big>nap",
        )
    )  # fmt: skip
    play.send("ada", plan="pro")
    play.go()
    play.identify("ada", size=3)
    play.go(hours=1)
    step = play.step("size")
    assert (step.port, step.reads) == ("big", {"customer.traits.size": 540, "event.properties.plan": "pro"})
    assert "540" in step.reason
    customer = Run.objects.get().customer
    customer.refresh_from_db()
    assert customer.traits["size"] == 3


@pytest.mark.parametrize(
    ("when", "port", "reason", "flagged"),
    [
        ("customer.traits.employees > 100", "else", "employees is unknown", False),
        ("customer.traits.size + 'x' > 1", "else", "the condition could not be judged", True),
        ("customer.traits.size > 4 && customer.traits.ratio < 0.5", "yes", "", False),
    ],
)
def test_r9_7_an_absent_value_is_no_match_and_any_other_error_takes_else_flagged(play, when, port, reason, flagged):
    play.flow(sketch(("ask", "branch", {"cases": [{"id": "yes", "name": "Yes", "when": when}]}), edges="enter>ask"))
    play.identify("ada", size=5, ratio=0.25)
    play.send("ada")
    play.go()
    step = play.step("ask")
    assert (step.port, bool(step.flagged)) == (port, flagged)
    assert reason in step.reason and step.entered_at == START + timedelta(0)
    assert house.path(play.run())[-1] == f"ask:done:{port}"
