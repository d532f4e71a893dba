"""Words and states (SEMANTICS 0)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection, transaction

from flowstudio.connectors.registry import CATALOGUE
from flowstudio.domain.errors import Conflict, ConnectorError
from flowstudio.engine import control
from flowstudio.store.models import Attempt, Run, Step, Token
from tests.engine import house
from tests.engine.stage import START, sketch


def test_r0_1_a_step_row_says_everything_about_an_arrival(play):
    play.vendor.script["buy"] = [house.Answer(output={"n": 1}, traits={"size": 7}, cost=0.25, summary="bought")]
    play.flow(
        sketch(
            ("buy", "test.key", {"a": 1}), ("nap", "wait.delay", {"for": "2h"}),
            ("size", "branch", {"cases": [{"id": "big", "name": "Big", "when": "customer.traits.size > 5"}]}),
            edges="enter>buy buy>nap nap>size",
        )
    )  # fmt: skip
    play.send("ada")
    play.go()
    play.go(hours=2)
    run = play.run()
    buy, nap, size = play.step("buy"), play.step("nap"), play.step("size")
    assert {step.version_id for step in Step.objects.all()} == {run.version_id}
    assert (buy.visit, buy.port, buy.reason, buy.input, buy.output, buy.cost) == (
        1, "out", "bought", {"a": 1}, {"n": 1}, 0.25,
    )  # fmt: skip
    assert buy.traits == {"size": 7}
    assert [(a.number, a.state, a.cost) for a in buy.attempts.all()] == [(1, "accepted", 0.25)]
    two = timedelta(hours=2)
    assert (nap.entered_at, nap.due_at, nap.left_at) == (START, START + two, START + two)
    assert (size.port, size.status, size.reads) == ("big", "done", {"customer.traits.size": 7})
    assert run.cost == 0.25


def test_r0_1_a_finished_row_never_changes(play):
    play.flow(sketch(("nap", "wait.delay", {"for": "2h"}), ("out", "exit"), edges="enter>nap nap>out"))
    play.send("ada")
    play.go()
    play.go(hours=3)
    before = list(Step.objects.order_by("id").values())
    with pytest.raises(Conflict):
        control.cancel_run(play.space.id, play.run().id, "mia")
    play.send("ada", "Paid")
    play.go(days=1)
    assert list(Step.objects.order_by("id").values()) == before


def test_r0_2_an_open_port_and_an_exit_end_completed_each_with_its_reason(play):
    cases = [{"id": "yes", "name": "Yes", "when": "event.properties.plan == 'pro'"}]
    play.flow(
        sketch(("plan", "branch", {"cases": cases}), ("out", "exit", {"reason": "not pro"}), edges="enter>plan plan.else>out")
    )  # fmt: skip
    play.send("ada", plan="pro")
    play.send("bob", plan="free")
    play.go()
    assert (play.run("ada").status, play.run("ada").reason) == ("completed", "end_of_path")
    assert (play.run("bob").status, play.run("bob").reason) == ("completed", "not pro")
    assert play.run("bob").ended_at == START and not Token.objects.exists()


def test_r0_2_a_terminal_state_is_never_overwritten(play):
    play.flow(sketch(("out", "exit"), edges="enter>out"))
    play.send("ada")
    play.go()
    run = play.run()
    with transaction.atomic():
        assert control.end_runs([run], status="cancelled", reason="flow_stopped", sentence="Stopped") == 0
    assert Run.objects.get(id=run.id).status == "completed"


def test_r0_2_an_error_port_without_an_edge_follows_10_6(play):
    lost = ConnectorError("No such thing.", error_class="not_found", retryable=False, sent="yes")
    play.vendor.script = {"ask": [lost], "tell": [lost]}
    play.flow(sketch(("ask", "test.key"), ("tell", "test.person"), edges="enter>ask ask>tell"))
    play.send("ada")
    play.go()
    assert house.path(play.run()) == ["enter:done:out", "ask:failed:out", "tell:failed"]
    assert (play.run().status, play.run().reason) == ("failed", "error:not_found")


def test_r0_3_every_node_type_states_its_class_and_whether_a_repeat_is_harmless():
    people = {name for name, kind in CATALOGUE.items() if kind.effect == "person"}
    assert people == {"email.send"}
    for name, kind in CATALOGUE.items():
        assert kind.idempotent in ("by_nature", "by_key", "no"), name
        if kind.vendor is None:
            assert (kind.effect, kind.idempotent) == ("internal", "by_nature"), name


def test_r0_3_the_class_decides_what_an_exhausted_call_does(play):
    down = ConnectorError("Down.", error_class="unavailable", retryable=False, sent="no")
    for node, status in (("test.key", "completed"), ("test.person", "failed")):
        play.vendor.script["act"] = [down]
        flow = play.flow(sketch(("act", node), edges="enter>act"))
        play.send("ada")
        play.go()
        assert Run.objects.get(flow=flow).status == status
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("UPDATE store_flow SET state = 'closed' WHERE id = %s", [flow.id])
    assert Attempt.objects.count() == 2
