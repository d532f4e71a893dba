"""Resuming a paused flow (SEMANTICS 13.2): overdue customers are asked about, and a pause never ends in a burst."""

from __future__ import annotations

from datetime import timedelta

import pytest

from flowstudio.domain.errors import Conflict, InputError
from flowstudio.engine import overdue as pieces
from flowstudio.services import lifecycle, resuming
from flowstudio.store.models import Batch, Draft, Flow, Run, Token
from tests.engine import house
from tests.engine.stage import START, sketch

PEOPLE = 10


@pytest.fixture
def flow(play):
    """Ten customers, each an hour after the other in a wait of a day; then a pause of two days from the first day on."""
    nap = ("nap", "wait.delay", {"for": "24h"})
    made = play.flow(sketch(nap, ("tell", "test.person"), edges="enter>nap nap>tell", reentry="parallel"))
    Draft.objects.create(flow=made, graph={})
    for number in range(PEOPLE):
        play.send(f"u{number}")
        play.go()
        play.now += timedelta(hours=1)
    play.now = START + timedelta(hours=23)
    lifecycle.move(house.caller(play.space), made.id, "pause")
    play.go(days=2)
    made.refresh_from_db()
    return made


def resume(play, flow, **choice):
    lifecycle.move(house.caller(play.space), flow.id, "resume", **choice)
    play.go()


def sent(play):
    return len(play.vendor.of("tell"))


def test_r13_2_a_pause_of_2_days_and_resume_makes_no_burst(play, flow):
    counts = resuming.overdue(house.caller(play.space), flow.id)
    assert (counts["overdue"], counts["messages"], counts["paused_s"]) == (PEOPLE, PEOPLE, 2 * 86_400)
    assert [(one["node"], one["count"], one["reaches"]) for one in counts["nodes"]] == [("nap", PEOPLE, "Tell")]
    resume(play, flow, spread="100m")
    assert sent(play) == 1
    for minutes in range(1, PEOPLE):
        play.go(minutes=10)
        assert sent(play) == minutes + 1
    assert Run.objects.filter(status="completed").count() == PEOPLE
    assert play.step("nap").due_at == START + timedelta(hours=24 + PEOPLE - 1)


def test_r13_2_unasked_they_go_on_spread_out(play, flow):
    resume(play, flow)
    assert sent(play) == 1
    play.go(seconds=30)
    assert 1 < sent(play) < PEOPLE
    play.go(minutes=1)
    assert sent(play) == PEOPLE


def test_r13_2_skip_ends_those_overdue_by_more_than_x_and_lets_the_others_go_on(play, flow):
    play.now = START + timedelta(hours=24 + 24 + 4, minutes=30)
    # Overdue by 28.5, 27.5, … 19.5 hours: five by more than a day.
    assert resuming.overdue(house.caller(play.space), flow.id)["late"] == 5
    resume(play, flow, choice="skip")
    play.go(hours=1)
    ended = Run.objects.filter(status="expired")
    assert (ended.count(), set(ended.values_list("reason", flat=True)), sent(play)) == (5, {"expired"}, 5)


def test_r13_2_skip_by_another_limit(play, flow):
    resume(play, flow, choice="skip", older_than="30d")
    play.go(hours=1)
    assert (Run.objects.filter(status="expired").count(), sent(play)) == (0, PEOPLE)


def test_r13_2_shift_moves_every_timer_by_the_length_of_the_pause(play, flow):
    resume(play, flow, choice="shift")
    assert sent(play) == 0
    dues = sorted(Token.objects.values_list("due_at", flat=True))
    assert dues == [START + timedelta(days=3, hours=number) for number in range(PEOPLE)]
    assert play.step("nap").due_at == dues[-1]
    play.go(hours=1)
    assert sent(play) == 1


def test_r13_2_exit_ends_all_that_are_overdue_and_nobody_else(play, flow):
    play.now = START + timedelta(hours=24 + 4, minutes=30)
    resume(play, flow, choice="exit")
    assert Run.objects.filter(status="cancelled").count() == 5
    play.go(hours=6)
    assert (sent(play), Run.objects.filter(status="completed").count()) == (5, 5)


@pytest.mark.parametrize("choice", ["run_now", "shift"])
def test_r13_2_with_many_it_stays_paused_until_the_last_was_decided_for(play, flow, monkeypatch, choice):
    monkeypatch.setattr(pieces, "PIECE", 3)
    lifecycle.move(house.caller(play.space), flow.id, "resume", choice=choice, spread="1h")
    flow.refresh_from_db()
    assert (flow.state, sum(Batch.objects.get().done.values())) == ("paused", 3)
    with pytest.raises(Conflict):
        lifecycle.move(house.caller(play.space), flow.id, "resume")
    play.go()
    flow.refresh_from_db()
    assert (flow.state, flow.paused_at, sum(Batch.objects.get().done.values())) == ("live", None, PEOPLE)
    assert Batch.objects.get().finished_at is not None
    play.go(days=3)
    assert sent(play) == PEOPLE


def test_r13_2_stopped_while_it_is_being_resumed_it_stays_stopped(play, flow, monkeypatch):
    monkeypatch.setattr(pieces, "PIECE", 3)
    lifecycle.move(house.caller(play.space), flow.id, "resume")
    lifecycle.move(house.caller(play.space), flow.id, "stop")
    play.go(hours=2)
    assert (Flow.objects.get().state, sent(play)) == ("stopped", 0)


def test_r13_2_it_resumes_as_it_was_before_the_pause(play, flow):
    Flow.objects.update(state="closed")
    lifecycle.move(house.caller(play.space), flow.id, "pause")
    resume(play, flow)
    assert Flow.objects.get().state == "closed"


def test_r13_2_a_choice_that_cannot_be_read_changes_nothing(play, flow):
    with pytest.raises(InputError):
        lifecycle.move(house.caller(play.space), flow.id, "resume", choice="skip", older_than="soon")
    assert (Flow.objects.get().state, Batch.objects.count()) == ("paused", 0)
