"""Delays (SEMANTICS 4)."""

from __future__ import annotations

from datetime import timedelta

from tests.engine.stage import START, sketch


def test_r4_2_an_elapsed_delay_is_exact_seconds_from_the_arrival(play):
    play.flow(sketch(("nap", "wait.delay", {"for": "1d 2h"}), edges="enter>nap"))
    play.send("ada")
    play.go()
    due = START + timedelta(hours=26)
    assert play.step("nap").due_at == due
    play.go(hours=25, minutes=59, seconds=59)
    assert play.run().status == "active"
    play.go(seconds=1)
    assert (play.run().status, play.step("nap").left_at) == ("completed", due)


def test_r4_2_an_engine_that_was_away_releases_it_at_once(play):
    play.flow(sketch(("nap", "wait.delay", {"for": "1h"}), edges="enter>nap"))
    play.send("ada")
    play.go()
    play.go(days=9)
    assert (play.step("nap").due_at, play.step("nap").left_at) == (START + timedelta(hours=1), play.now)
