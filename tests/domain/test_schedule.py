"""Durations, and the zone that counts (SEMANTICS 4.1, 4.2)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowstudio.domain.decision import Go, Sleep, TimerFired
from flowstudio.domain.errors import ScheduleError
from flowstudio.domain.nodes.base import View
from flowstudio.domain.nodes.wait_delay import TYPE
from flowstudio.domain.schedule import is_zone, parse_duration, say, zone_for
from tests.domain.drawing_lots import lots

UNITS = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
parts = st.lists(st.tuples(st.integers(0, 60), st.sampled_from("wdhms")), min_size=1, max_size=4)


@given(parts, st.sampled_from(["", " ", "  "]))
@lots(100)
def test_r4_2_a_duration_is_the_sum_of_its_parts(amounts: list[tuple[int, str]], gap: str) -> None:
    text = gap.join(f"{number}{gap}{unit}" for number, unit in amounts)
    seconds = sum(number * UNITS[unit] for number, unit in amounts)
    if seconds > 365 * 86_400 or len(text) > 60:
        with pytest.raises(ScheduleError):
            parse_duration(text)
    else:
        assert parse_duration(text) == timedelta(seconds=seconds)


@given(st.text(alphabet="0123456789 wdhmsx.-+e٣", max_size=12) | st.text(max_size=8))
@lots(150)
def test_any_text_is_a_duration_or_refused_in_a_sentence(text: str) -> None:
    try:
        assert timedelta(0) <= parse_duration(text) <= timedelta(days=365)
    except ScheduleError as error:
        assert error.message.endswith(".")
        assert error.fix
    assert isinstance(say(text), str)


@pytest.mark.parametrize(
    "text", ["", "2", "d", "1.5d", "-1d", "2 days", "1e3s", "366d", "9999999999s", "1d,2h", "٣d", "1D"]
)
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(ScheduleError):
        parse_duration(text)


def view(entered_at: datetime) -> View:
    return View(now=entered_at, scope={}, entered_at=entered_at, visit=1, timezone="Europe/Berlin")


@pytest.mark.parametrize(
    ("entered", "text"),
    [
        (datetime(2026, 3, 28, 20, tzinfo=ZoneInfo("Europe/Berlin")), "1d"),  # the clocks go forward that night
        (datetime(2026, 10, 24, 20, tzinfo=ZoneInfo("Europe/Berlin")), "1d"),  # and back
        (datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=ZoneInfo("Europe/Berlin")), "30m"),
        (datetime(2028, 2, 28, tzinfo=UTC), "1d 12h"),
    ],
)
def test_r4_2_an_elapsed_delay_is_exact_seconds_over_clock_changes(entered: datetime, text: str) -> None:
    config = TYPE.config.model_validate({"for": text})
    start = entered.astimezone(UTC)
    decision = TYPE.decide(config, view(start))
    assert isinstance(decision, Sleep)
    assert (decision.until - start).total_seconds() == parse_duration(text).total_seconds()
    assert decision.until.utcoffset() == timedelta(0)
    assert TYPE.resume is not None
    assert isinstance(TYPE.resume(config, view(start), TimerFired(at=decision.until)), Go)


@pytest.mark.parametrize(
    ("traits", "flow", "workspace", "expected"),
    [
        ({"timezone": "Asia/Tokyo"}, "Europe/Berlin", "UTC", ("Asia/Tokyo", "customer")),
        ({"timezone": "Tokyo"}, "Europe/Berlin", "UTC", ("Europe/Berlin", "flow")),
        ({"timezone": 9}, "", "America/New_York", ("America/New_York", "workspace")),
        ({"timezone": "../../etc/passwd"}, "", "", ("UTC", "default")),
        ({}, "nowhere", "nowhere", ("UTC", "default")),
        ({"timezone": None}, "", "UTC", ("UTC", "workspace")),
    ],
)
def test_r4_1_the_zone_that_counts_and_where_it_came_from(
    traits: dict[str, object], flow: str, workspace: str, expected: tuple[str, str]
) -> None:
    zone, source = zone_for(traits, flow, workspace)
    assert (zone.key, source) == expected


@pytest.mark.parametrize("name", ["", "Berlin", "europe/berlin", None, 3, "/etc/localtime", "Europe/Berlin\n"])
def test_what_is_no_zone(name: object) -> None:
    assert not is_zone(name)
