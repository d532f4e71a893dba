"""Pause, drain, stop (SEMANTICS 13), through the service that the API calls."""

from __future__ import annotations

import pytest

from flowstudio.services import lifecycle
from flowstudio.store.models import Draft, Run
from tests.engine import house
from tests.engine.stage import sketch


@pytest.fixture
def flow(play):
    nap = ("nap", "wait.delay", {"for": "1h"})
    made = play.flow(sketch(nap, ("tell", "test.person"), edges="enter>nap nap>tell", reentry="parallel"))
    Draft.objects.create(flow=made, graph={})
    play.send("ada")
    play.go()
    return made


@pytest.mark.parametrize("verb", ["close-entry", "drain"])
def test_r13_1_a_closed_entry_lets_nobody_in_and_everybody_finish(play, flow, verb):
    lifecycle.move(house.caller(play.space), flow.id, verb)
    refused = play.send("bob")
    play.go(hours=1)
    assert play.refusals(refused) == ["state"]
    assert (Run.objects.count(), play.run("ada").status, len(play.vendor.calls)) == (1, "completed", 1)
    lifecycle.move(house.caller(play.space), flow.id, "open-entry")
    play.send("bob")
    play.go()
    assert Run.objects.filter(status="active").count() == 1


def test_r13_1_a_pause_keeps_the_due_time_and_runs_nothing(play, flow):
    due = play.step("nap").due_at
    lifecycle.move(house.caller(play.space), flow.id, "pause")
    play.go(days=2)
    assert (play.run().status, play.step("nap").due_at, play.vendor.calls) == ("active", due, [])
    lifecycle.move(house.caller(play.space), flow.id, "resume")
    play.go()
    assert (play.run().status, len(play.vendor.calls)) == ("completed", 1)


def test_r13_3_stop_bites_also_for_what_is_due_already(play, flow):
    lifecycle.move(house.caller(play.space), flow.id, "pause")
    play.go(hours=3)
    lifecycle.move(house.caller(play.space), flow.id, "stop")
    play.go()
    assert (play.run().status, play.run().reason) == ("cancelled", "flow_stopped")
    assert play.vendor.calls == []
