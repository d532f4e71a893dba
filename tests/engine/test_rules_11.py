"""Late, doubled and unordered events (SEMANTICS 11.1); the door's own tests send them over HTTP."""

from __future__ import annotations

from datetime import timedelta

from flowstudio.store.models import Event, Run
from tests.engine.stage import sketch

FLOW = sketch(("out", "exit", {"reason": "done"}), edges="enter>out", reentry="parallel")


def test_r11_1_the_same_id_with_another_body_is_a_conflict_and_the_first_wins(play):
    play.flow(FLOW)
    first = play.send("ada", plan="team", message_id="m1")
    play.send("ada", plan="business", message_id="m1")
    play.go()
    kept = Event.objects.get()
    assert (kept.id, kept.payload["properties"]["plan"], kept.conflict) == (first, "team", 1)
    assert Run.objects.count() == 1


def test_r11_1_the_same_id_with_the_same_body_changes_nothing_and_is_no_conflict(play):
    play.flow(FLOW)
    for _ in range(3):
        play.send("ada", plan="team", message_id="m1")
    play.go()
    assert Event.objects.get().conflict == 0
    assert Run.objects.count() == 1


def test_r11_1_order_is_by_occurrence_where_it_counts_and_late_ones_still_start(play):
    play.flow(FLOW)
    late = play.send("ada", occurred=play.now - timedelta(hours=23))
    too_late = play.send("ada", occurred=play.now - timedelta(hours=25))
    play.go()
    assert "too_late" not in play.refusals(late)
    assert play.refusals(too_late) == ["too_late"]
