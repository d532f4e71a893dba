"""Entry (SEMANTICS 1): what tests/engine/test_match.py and test_grace.py do not show yet."""

from __future__ import annotations

from datetime import timedelta

import pytest

from flowstudio.store.models import Counter, Event, Flow, Run
from tests.engine.stage import sketch

NAP = ("nap", "wait.delay", {"for": "30d"})


def test_r1_1_parallel_ends_at_25_unless_the_flow_says_otherwise(play):
    play.flow(sketch(NAP, edges="enter>nap", reentry="parallel"))
    events = [play.send("ada", n=number) for number in range(26)]
    play.go()
    assert Run.objects.filter(status="active").count() == 25
    assert play.refusals(events[-1]) == ["reentry"]


def test_r1_2_the_correlation_keeps_orders_apart_and_one_order_together(play):
    play.flow(sketch(NAP, edges="enter>nap", reentry="never", correlation="event.properties.order"))
    events = [play.send("ada", order=order) for order in ("A", "B", "A")]
    play.go()
    assert list(Run.objects.order_by("id").values_list("correlation", flat=True)) == ["A", "B"]
    assert play.refusals(events[2]) == ["reentry"]


def test_r1_3_the_same_message_again_days_later_starts_nothing(play):
    play.flow(sketch(("out", "exit"), edges="enter>out", reentry="parallel"))
    play.send("ada", message_id="m1")
    play.go()
    play.send("ada", message_id="m1")
    play.go(days=3)
    assert (Event.objects.count(), Run.objects.count()) == (1, 1)


@pytest.mark.parametrize("mended", [0, 1, 2, 3])
def test_r1_4_the_first_reason_in_the_order_is_the_one_that_is_given(play, mended):
    """Everything is wrong at once; mending from the front brings the next reason forward."""
    flow = play.flow(
        sketch(NAP, edges="enter>nap", reentry="never"), state="live"
    )  # fmt: skip
    play.send("ada", plan="pro")
    play.go()
    document = sketch(NAP, edges="enter>nap", reentry="never")
    document["nodes"][0]["config"]["filter"] = "event.properties.plan == 'pro'"
    play.version(flow, document)
    Flow.objects.filter(id=flow.id).update(state="live" if mended > 0 else "closed")
    late = play.now - (timedelta(0) if mended > 1 else timedelta(hours=30))
    event = play.send("ada", occurred=late, plan="pro" if mended > 2 else "free")
    play.go()
    assert play.refusals(event) == [("state", "too_late", "filter", "reentry")[mended]]
    assert Counter.objects.get(flow=flow, version=2, bucket=0, subject="node:enter", metric="refused").value == 1
