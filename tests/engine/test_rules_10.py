"""Exactly one effect (SEMANTICS 10): what test_calls.py, test_leases.py and test_crash.py do not show yet."""

from __future__ import annotations

from flowstudio.store.models import Attempt, Event
from tests.engine.stage import sketch


def test_r10_1_the_visit_tells_a_legitimate_repeat_from_a_duplicate(play):
    branch = [{"id": "again", "name": "", "event": "Again", "filter": ""}]
    play.flow(
        sketch(
            ("send", "test.person"), ("wait", "wait.event", {"branches": branch, "timeout": "9d"}),
            edges="enter>send send>wait wait.again>send",
        )
    )  # fmt: skip
    play.send("ada")
    play.go()
    for _ in range(2):
        play.send("ada", "Again")
        play.go(hours=1)
    keys = [request.key for request in play.vendor.of("send")]
    assert len(keys) == len(set(keys)) == 3
    assert list(Attempt.objects.order_by("id").values_list("step__visit", "number")) == [(1, 1), (2, 1), (3, 1)]


def test_r10_4_what_is_known_to_have_happened_stands_in_the_database(play):
    """A new engine without any memory, long after: nothing is sent twice, whatever is brought again."""
    play.flow(sketch(("send", "test.person"), edges="enter>send", reentry="parallel"))
    play.send("ada", message_id="m1")
    play.go()
    for _ in range(3):
        play.send("ada", message_id="m1")
        Event.objects.update(status="pending")
        play.go(days=30)
    assert len(play.vendor.calls) == 1
