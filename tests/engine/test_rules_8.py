"""Publishing while customers are inside (SEMANTICS 8), as far as they finish on the version they began with."""

from __future__ import annotations

from datetime import timedelta

from flowstudio.store.models import Step, Version
from tests.engine import house
from tests.engine.stage import START, sketch


def test_r8_1_those_inside_finish_on_their_version_and_the_next_one_enters_the_new(play):
    flow = play.flow(sketch(("nap", "wait.delay", {"for": "7d"}), ("old", "exit"), edges="enter>nap nap>old"))
    before = Version.objects.get(flow=flow).graph
    play.send("ada")
    play.go()
    play.version(flow, sketch(("nap", "wait.delay", {"for": "3d"}), ("new", "exit"), edges="enter>nap nap>new"))
    play.send("bob")
    play.go(days=1)
    play.go(days=6)
    assert house.path(play.run("ada"))[-1] == "old:done" and house.path(play.run("bob"))[-1] == "new:done"
    assert (play.run("ada").number, play.run("bob").number) == (1, 2)
    assert Version.objects.get(flow=flow, number=1).graph == before


def test_r8_5_a_step_runs_under_one_version_from_start_to_end(play):
    flow = play.flow(sketch(("nap", "wait.delay", {"for": "7d"}), edges="enter>nap"))
    play.send("ada")
    play.go()
    play.version(flow, sketch(("nap", "wait.delay", {"for": "1d"}), edges="enter>nap"))
    play.go(days=5)
    assert play.run().status == "active"
    play.go(days=2)
    step = Step.objects.get(node="nap")
    assert (step.version_id, step.left_at) == (play.run().version_id, START + timedelta(days=7))
