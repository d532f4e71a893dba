"""Segments and schedules as values (SEMANTICS 1.5)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowstudio.domain import cron, segment
from flowstudio.domain.errors import InputError, ScheduleError
from tests.domain.drawing_lots import lots

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
PLAN = {"field": "customer.traits.plan", "op": "eq", "value": "Team"}


def did(event="Paid", op="did", times=1, within="7d"):
    return {"event": event, "op": op, "times": times, "within": within}


ages = st.lists(st.integers(0, 20 * 24), max_size=8).map(
    lambda hours: sorted((NOW - timedelta(hours=one) for one in hours), reverse=True)
)


@given(ages, st.integers(1, 4), st.integers(1, 15), st.booleans())
@lots(300)
def test_r1_5_a_count_within_a_time_is_what_a_count_says(
    occurred: list[datetime], times: int, within: int, positive: bool
) -> None:
    rule = {"all": [did(times=times, within=f"{within}d", op="did" if positive else "did_not")]}
    count = sum(at > NOW - timedelta(days=within) for at in occurred)
    assert segment.holds(rule, {}, {"Paid": occurred}, NOW) == ((count >= times) == positive)


@given(ages, st.integers(1, 4), st.integers(1, 15))
@lots(300)
def test_r1_5_nothing_turns_before_the_time_that_is_told_and_it_turns_then(
    occurred: list[datetime], times: int, within: int
) -> None:
    rule = {"all": [did(times=times, within=f"{within}d")]}
    known = {"Paid": occurred}
    at = segment.look_again(rule, known, NOW)
    before = segment.holds(rule, {}, known, NOW)
    if at is None:
        assert not before
        assert not segment.holds(rule, {}, known, NOW + timedelta(days=400))
    else:
        assert before
        assert segment.holds(rule, {}, known, at - timedelta(seconds=1))
        assert not segment.holds(rule, {}, known, at)


def test_r1_5_groups_join_traits_and_events() -> None:
    rule = segment.checked({"any": [{"all": [PLAN, did()]}, did("Called", times=2)]})
    team = {"traits": {"plan": "Team"}}
    assert segment.holds(rule, team, {"Paid": [NOW]}, NOW)
    assert not segment.holds(rule, team, {}, NOW)
    assert not segment.holds(rule, {"traits": {}}, {"Paid": [NOW]}, NOW)
    assert segment.holds(rule, {"traits": {}}, {"Called": [NOW, NOW]}, NOW)
    assert segment.traits_of(rule) == {"plan"}
    assert {one.event for one in segment.events_of(rule)} == {"Paid", "Called"}
    assert segment.words(rule) == "Plan is Team and did Paid in 7 days or did Called at least 2 times in 7 days"


@pytest.mark.parametrize(
    "rule",
    [
        None, [], {}, {"all": []}, {"all": [3]}, {"all": [did(event=" ")]}, {"all": [did(times=0)]},
        {"all": [did(times=True)]}, {"all": [did(within="soon")]}, {"all": [did(within="10s")]}, {"all": [did(op="x")]},
        {"all": [{"field": "event.properties.x", "op": "eq", "value": 1}]}, {"all": [{"field": "", "op": "eq"}]},
        {"all": [PLAN] * 51},
    ],
)  # fmt: skip
def test_what_is_no_segment_is_refused_in_a_sentence(rule: object) -> None:
    with pytest.raises(InputError) as refused:
        segment.checked(rule)
    assert refused.value.message.endswith(".")


crons = st.sampled_from(
    ["*/15 * * * *", "0 9 * * *", "30 2 * * *", "0 0 1 * *", "0 9 * * MON-FRI", "59 23 31 12 *", "0 2 * * SUN"]
)
zones = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]).map(
    ZoneInfo
)
moments = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31)).map(lambda at: at.replace(tzinfo=UTC))


@given(crons, zones, moments, st.integers(0, 5))
@lots(200)
def test_the_last_occurrence_is_the_last_of_those_that_came(
    text: str, zone: ZoneInfo, start: datetime, more: int
) -> None:
    came = [cron.next_after(text, zone, start)]
    for _ in range(more):
        came.append(cron.next_after(text, zone, came[-1]))
    assert all(one < other for one, other in pairwise(came))
    following = cron.next_after(text, zone, came[-1])
    assert cron.last_until(text, zone, came[0], came[-1]) == came[-1]
    assert cron.last_until(text, zone, came[0], following - timedelta(seconds=1)) == came[-1]


@pytest.mark.parametrize("text", ["", "0 9 * *", "61 * * * *", "x y z a b", "0 9 30 2 *", "* * * * * *"])
def test_what_is_no_schedule(text: str) -> None:
    with pytest.raises(ScheduleError):
        cron.read(text)
