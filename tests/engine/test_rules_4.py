"""Delays (SEMANTICS 4)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from flowstudio.connectors.registry import CATALOGUE
from flowstudio.domain.graph import parse
from flowstudio.domain.simulate import simulate
from flowstudio.domain.simulated import Happened, Person
from flowstudio.domain.validate import validate
from flowstudio.store.models import Step
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


def until(**config):
    return sketch(("nap", "wait.until", config), edges="enter>nap", timezone="Europe/Berlin")


def due(play, who="ada"):
    play.send(who)
    play.go()
    return play.step("nap").due_at


def test_r4_1_the_zone_is_recorded_with_its_source(play):
    play.flow(until(kind="days", days=1, at="09:00"))
    play.identify("ada", timezone="America/New_York")
    play.identify("bob", timezone="no/zone")
    assert due(play, "ada") == datetime(2026, 6, 2, 13, 0, tzinfo=UTC)
    assert play.step("nap").input | {"target": "", "until": ""} == {
        "timezone": "America/New_York", "timezone_from": "customer", "target": "", "until": "",
    }  # fmt: skip
    assert due(play, "bob") == datetime(2026, 6, 2, 7, 0, tzinfo=UTC)
    assert (play.step("nap").input["timezone"], play.step("nap").input["timezone_from"]) == ("Europe/Berlin", "flow")
    play.go(days=1)
    # What it was reckoned from stays with the step that is over.
    assert play.step("nap").status == "done"
    assert play.step("nap").input["timezone_from"] == "flow"


def test_r4_2_a_day_and_time_on_the_calendar_over_a_clock_change(play):
    play.now = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)
    play.flow(until(kind="days", days=1, at="09:00"))
    assert due(play) == datetime(2026, 3, 29, 7, 0, tzinfo=UTC)


def test_r4_2_a_weekday_and_time(play):
    play.flow(until(kind="weekday", weekdays=["fri", "tue"], at="10:00"))
    assert due(play) == datetime(2026, 6, 2, 8, 0, tzinfo=UTC)
    play.go(days=1)
    assert play.run().status == "completed"


def test_r4_2_a_date_with_a_signed_offset(play):
    play.flow(until(kind="date", date="customer.traits.renewal", offset="-3d", at="09:00"))
    play.identify("ada", renewal="2026-07-10")
    assert due(play) == datetime(2026, 7, 7, 7, 0, tzinfo=UTC)


def test_r4_3_a_time_that_the_clocks_skip_is_the_first_after_the_gap(play):
    play.now = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)
    play.flow(until(kind="days", days=1, at="02:30"))
    assert due(play) == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)


def test_r4_3_of_a_time_that_comes_twice_the_first(play):
    play.now = datetime(2026, 10, 24, 12, 0, tzinfo=UTC)
    play.flow(until(kind="days", days=1, at="02:30"))
    assert due(play) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_r4_4_inside_the_window_at_once_and_outside_when_it_opens(play):
    night = {"from": "22:00", "to": "06:00", "days": ["mon"]}
    play.flow(until(kind="window", window=night))
    assert due(play) == datetime(2026, 6, 1, 20, 0, tzinfo=UTC)
    # Tuesday 03:00: the window that started on Monday is open.
    play.now = datetime(2026, 6, 2, 1, 0, tzinfo=UTC)
    play.send("bob")
    play.go()
    assert (play.run("bob").status, play.step("nap").port) == ("completed", "out")
    # Tuesday 22:00 starts on a Tuesday.
    play.now = datetime(2026, 6, 2, 20, 30, tzinfo=UTC)
    assert due(play, "cleo") == datetime(2026, 6, 8, 20, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("past", "port", "status", "due_at"),
    [
        ("continue", "out", "completed", None),
        ("branch", "past", "completed", None),
        ("exit", "", "completed", None),
        ("next", "", "active", datetime(2026, 6, 2, 7, 0, tzinfo=UTC)),
    ],
)
def test_r4_5_a_moment_that_is_over(play, past, port, status, due_at):
    document = until(kind="days", days=0, at="09:00", past=past)
    play.flow(document)
    assert not [issue for issue in validate(parse(document), CATALOGUE) if issue.severity == "error"]
    assert due(play) == due_at
    step, run = play.step("nap"), play.run()
    assert (step.port, run.status) == (port, status)
    if due_at is None:
        assert "Mon 1 Jun 2026, 09:00 was over already" in step.reason
    if past == "exit":
        assert run.reason == "exit"


def test_r4_5_the_next_time_of_a_date_is_the_next_birthday(play):
    play.flow(until(kind="date", date="customer.traits.born", at="08:00", past="next", every="year"))
    play.identify("ada", born="1990-03-14")
    assert due(play) == datetime(2027, 3, 14, 7, 0, tzinfo=UTC)


@pytest.mark.parametrize("value", ["soon", 20260701, None, True, "2026-13-01", "9999-12-31"])
def test_r4_6_a_date_that_cannot_be_read_takes_the_error_way(play, value):
    document = sketch(
        ("nap", "wait.until", {"kind": "date", "date": "customer.traits.renewal"}), ("sorry", "exit"),
        edges="enter>nap nap.error>sorry",
    )  # fmt: skip
    play.flow(document)
    play.identify("ada", renewal=value)
    assert due(play) is None
    step = play.step("nap")
    assert (step.status, step.port) == ("failed", "error")
    assert step.reason
    assert play.step("sorry").status == "done"


def test_r4_6_without_an_error_way_the_run_fails_instead_of_going_on(play):
    document = sketch(
        ("nap", "wait.until", {"kind": "date", "date": "customer.traits.renewal"}), ("after", "exit"),
        edges="enter>nap nap>after",
    )  # fmt: skip
    play.flow(document)
    play.send("ada")
    play.go()
    assert (play.run().status, play.run().reason) == ("failed", "error:input")
    assert not Step.objects.filter(node="after").exists()


def test_r4_7_releases_that_share_a_due_time_are_spread(play):
    play.flow(until(kind="days", days=1, at="09:00", spread="1h"))
    for number in range(30):
        play.send(f"u{number}")
    play.go()
    nine = datetime(2026, 6, 2, 7, 0, tzinfo=UTC)
    times = sorted(Step.objects.filter(node="nap").values_list("due_at", flat=True))
    assert len(set(times)) > 20
    assert nine <= times[0] < nine + timedelta(minutes=20)
    assert nine + timedelta(minutes=40) < times[-1] < nine + timedelta(hours=1)
    play.now = nine + timedelta(minutes=30)
    play.go()
    assert Step.objects.filter(node="nap", status="done").count() == sum(at <= play.now for at in times)


def test_r4_7_a_spread_stays_within_the_window(play):
    play.flow(until(kind="window", window={"from": "20:00", "to": "20:30"}, spread="3h"))
    for number in range(20):
        play.send(f"u{number}")
    play.go()
    opens = datetime(2026, 6, 1, 18, 0, tzinfo=UTC)
    for at in Step.objects.filter(node="nap").values_list("due_at", flat=True):
        assert opens <= at < opens + timedelta(minutes=30)


def test_r4_5_a_simulation_waits_as_the_engine_does(play):
    document = until(kind="date", date="customer.traits.renewal", offset="-3d", at="09:00")
    event = Happened(subject={"id": "e", "name": "Signed Up", "properties": {}}, at=START)
    who = Person(id="c" * 26, email="", name="", traits={"renewal": "2026-07-10", "timezone": "Asia/Tokyo"})
    made = simulate(parse(document), CATALOGUE, person=who, event=event)
    assert made.steps[-1].left_at == datetime(2026, 7, 7, 0, 0, tzinfo=UTC)
    assert made.steps[-1].input["timezone_from"] == "customer"


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"kind": "days"}, "Set the time of day."),
        ({"kind": "weekday", "at": "09:00"}, "Choose at least one day."),
        ({"kind": "date"}, "Choose the date."),
        ({"kind": "window"}, "Set the hours."),
        ({"kind": "days", "at": "9 pm"}, "is not a time of day"),
        ({"kind": "date", "date": "now", "offset": "x"}, "is not a duration"),
    ],
)
def test_r4_2_an_unfinished_wait_says_what_is_missing(config, said):
    found = [issue for issue in validate(parse(until(**config)), CATALOGUE) if issue.severity == "error"]
    assert any(said in issue.message for issue in found)
