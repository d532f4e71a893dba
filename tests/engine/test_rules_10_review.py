"""Parked `unknown` effects (SEMANTICS 10.3): what a person finds out about them, one by one and for a whole node."""

from __future__ import annotations

import pytest

from flowstudio.domain.errors import Conflict, ConnectorError
from flowstudio.services import runs
from flowstudio.store.models import Attempt, AuditEntry, Counter
from tests.engine import house
from tests.engine.stage import sketch

LOST = ConnectorError("The answer was lost", error_class="timeout", retryable=True, sent="maybe")


@pytest.fixture
def flow(play):
    made = play.flow(sketch(("send", "test.person"), ("next", "exit"), edges="enter>send send>next"))
    play.vendor.script = {"send": [LOST, LOST]}
    play.send("ada")
    play.send("bob")
    play.go()
    assert play.step("send").status == "held"
    return made


def held(flow):
    return sum(Counter.objects.filter(flow=flow, metric="held", bucket=0).values_list("value", flat=True))


def settle(play, who, choice):
    runs.settle(house.caller(play.space), play.run(who).id, choice)
    play.go()


def test_r10_3_it_was_done_goes_on_without_another_try(play, flow):
    assert held(flow) == 2
    settle(play, "ada", "done")
    assert house.path(play.run("ada"))[1:] == ["send:done:out", "next:done"]
    assert (len(play.vendor.calls), held(flow)) == (2, 1)
    step = play.run("ada").step_rows.get(node="send")
    assert step.reason == "Done, says mia@example.com"
    assert list(step.attempts.values_list("state", flat=True)) == ["unknown"]


def test_r10_3_it_was_not_done_is_sent_again_with_the_same_key(play, flow):
    settle(play, "ada", "again")
    assert play.run("ada").status == "completed"
    tries = Attempt.objects.filter(run=play.run("ada")).order_by("number")
    assert [(one.number, one.state) for one in tries] == [(1, "unknown"), (2, "accepted")]
    assert len(set(tries.values_list("key", flat=True))) == 1


def test_r10_3_the_run_can_be_ended(play, flow):
    settle(play, "ada", "end")
    assert (play.run("ada").status, play.run("ada").reason, held(flow)) == ("cancelled", "cancelled_by_user", 1)
    assert play.run("bob").status == "active"


def test_r10_3_each_is_in_the_audit_log_and_only_once(play, flow):
    settle(play, "ada", "done")
    entry = AuditEntry.objects.get(verb="run.settled")
    assert (entry.actor, entry.detail["choice"], entry.detail["nodes"]) == ("mia@example.com", "done", ["send"])
    with pytest.raises(Conflict):
        settle(play, "ada", "again")


def test_r10_3_everything_at_a_node_at_once(play, flow):
    answer = runs.settle_node(house.caller(play.space), flow.id, "send", "done")
    play.go()
    assert answer == {"settled": 2, "left": 0}
    assert {play.run(who).status for who in ("ada", "bob")} == {"completed"}
    assert AuditEntry.objects.filter(verb="run.settled").count() == 2
    assert len(play.vendor.calls) == 2
