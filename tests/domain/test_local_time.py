"""Local dates, windows and dates read from data, over zones and clock changes (SEMANTICS 4.2 to 4.7)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowstudio.domain import local_time
from flowstudio.domain.errors import ScheduleError
from flowstudio.domain.local_time import DAYS, Offset, Window
from tests.domain.drawing_lots import lots

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = [
    ZoneInfo(name)
    for name in (
        "UTC", "Europe/Berlin", "America/New_York", "America/Sao_Paulo", "Australia/Lord_Howe", "Asia/Kathmandu",
        "Pacific/Apia", "Africa/Casablanca", "America/St_Johns", "Asia/Tehran",
    )
]  # fmt: skip
zones = st.sampled_from(ZONES)
days = st.dates(date(2009, 1, 1), date(2035, 12, 31))
clocks = st.times().map(lambda value: value.replace(second=0, microsecond=0))
moments = st.datetimes(datetime(2009, 1, 1), datetime(2035, 12, 31)).map(lambda value: value.replace(tzinfo=UTC))


def wall(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


@given(days, clocks, zones)
@lots(400)
def test_r4_3_a_local_time_is_its_first_instant_or_the_first_after_the_gap(
    day: date, clock: time, zone: ZoneInfo
) -> None:
    found = local_time.at_local(day, clock, zone)
    wanted = datetime.combine(day, clock)
    assert found.utcoffset() == timedelta(0)
    if wall(found, zone) == wanted:
        # The first occurrence: an hour (or what the zone shifts by) before, it was not that time.
        for earlier in (30, 60, 120):
            assert wall(found - timedelta(minutes=earlier), zone) != wanted
    else:
        assert wall(found, zone) > wanted
        assert wall(found - timedelta(seconds=1), zone) < wanted


@pytest.mark.parametrize(
    ("day", "clock", "zone", "expected"),
    [
        (date(2026, 3, 29), time(2, 30), "Europe/Berlin", datetime(2026, 3, 29, 1, 0, tzinfo=UTC)),
        (date(2026, 10, 25), time(2, 30), "Europe/Berlin", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        (date(2026, 3, 8), time(2, 0), "America/New_York", datetime(2026, 3, 8, 7, 0, tzinfo=UTC)),
        (date(2026, 11, 1), time(1, 30), "America/New_York", datetime(2026, 11, 1, 5, 30, tzinfo=UTC)),
        (date(2011, 12, 30), time(12, 0), "Pacific/Apia", datetime(2011, 12, 30, 10, 0, tzinfo=UTC)),
        (date(2026, 10, 4), time(2, 15), "Australia/Lord_Howe", datetime(2026, 10, 3, 15, 30, tzinfo=UTC)),
    ],
)
def test_r4_3_gaps_and_folds_that_are_known(day: date, clock: time, zone: str, expected: datetime) -> None:
    assert local_time.at_local(day, clock, ZoneInfo(zone)) == expected


@given(moments, st.integers(0, 365), clocks, zones)
@lots(200)
def test_r4_2_so_many_local_days_later(moment: datetime, count: int, clock: time, zone: ZoneInfo) -> None:
    found = local_time.in_days(moment, count, zone, clock)
    wanted = moment.astimezone(zone).date() + timedelta(days=count)
    assert wall(found, zone).date() == wanted or wall(found - timedelta(seconds=1), zone).date() < wanted


@given(moments, st.sets(st.sampled_from(DAYS), min_size=1), clocks, zones)
@lots(300)
def test_r4_2_the_next_weekday_is_the_first_that_comes(
    moment: datetime, chosen: set[str], clock: time, zone: ZoneInfo
) -> None:
    found = local_time.next_on(moment, chosen, clock, zone)
    assert found >= moment
    # Nothing before it would do: each local day in between at that time is over, or on another weekday.
    day = moment.astimezone(zone).date() - timedelta(days=1)
    while (other := local_time.at_local(day, clock, zone)) < found:
        assert other < moment or DAYS[day.weekday()] not in chosen
        day += timedelta(days=1)
    assert other == found
    assert DAYS[day.weekday()] in chosen


windows = st.builds(
    lambda start, end, chosen: Window(start=start, end=end, days=tuple(sorted(chosen))),
    clocks,
    clocks,
    st.sets(st.sampled_from(DAYS)),
)


def inside(window: Window, moment: datetime, zone: ZoneInfo) -> bool:
    """By brute force: any start within the last days."""
    local = moment.astimezone(zone).date()
    for back in range(4):
        day = local - timedelta(days=back)
        if window.days and DAYS[day.weekday()] not in window.days:
            continue
        over = window.end <= window.start
        start = local_time.at_local(day, window.start, zone)
        end = local_time.at_local(day + timedelta(days=int(over)), window.end, zone)
        if start <= moment < end:
            return True
    return False


@given(windows, moments, zones)
@lots(400)
def test_r4_4_a_window_opens_at_its_next_start_and_is_passed_at_once_inside(
    window: Window, moment: datetime, zone: ZoneInfo
) -> None:
    found = window.opens(moment, zone)
    assert inside(window, found, zone)
    if inside(window, moment, zone):
        assert found == moment
        end = window.until(moment, zone)
        assert end is not None
        assert end > moment
    else:
        assert window.until(moment, zone) is None
        assert found > moment
        assert not inside(window, found - timedelta(seconds=1), zone)
        for share in (1, 2, 3):
            between = moment + (found - moment) * share / 4
            assert between == moment or not inside(window, between, zone)


NIGHT = Window(start=time(22), end=time(6))


@pytest.mark.parametrize(
    ("local", "is_in"),
    [
        (datetime(2026, 6, 1, 22, 0), True),
        (datetime(2026, 6, 1, 21, 59, 59), False),
        (datetime(2026, 6, 2, 5, 59, 59), True),
        (datetime(2026, 6, 2, 6, 0), False),
        (datetime(2026, 3, 29, 3, 0), True),  # the night is an hour shorter
        (datetime(2026, 3, 29, 6, 0), False),
        (datetime(2026, 10, 25, 5, 59), True),  # and an hour longer
        (datetime(2026, 10, 25, 6, 0), False),
    ],
)
def test_r4_4_a_night_over_midnight_and_over_both_clock_changes(local: datetime, is_in: bool) -> None:
    moment = local.replace(tzinfo=BERLIN).astimezone(UTC)
    assert (NIGHT.until(moment, BERLIN) is not None) == is_in


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 28), 7), (date(2026, 10, 24), 9), (date(2026, 6, 1), 8)])
def test_r4_4_the_night_of_a_clock_change_is_as_long_as_it_is(day: date, hours: int) -> None:
    start, end = NIGHT.on(day, BERLIN)
    assert end - start == timedelta(hours=hours)


def test_r4_4_the_weekday_is_that_of_the_start() -> None:
    friday = Window(start=time(22), end=time(6), days=("fri",))
    saturday_early = datetime(2026, 6, 6, 3, 0, tzinfo=BERLIN)
    assert friday.until(saturday_early, BERLIN) is not None
    assert friday.until(saturday_early - timedelta(days=1), BERLIN) is None
    assert friday.until(datetime(2026, 6, 6, 23, 0, tzinfo=BERLIN), BERLIN) is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-07-01", datetime(2026, 6, 30, 22, 0, tzinfo=UTC)),
        ("2026-07-01T09:30", datetime(2026, 7, 1, 7, 30, tzinfo=UTC)),
        ("2026-07-01T09:30:00Z", datetime(2026, 7, 1, 9, 30, tzinfo=UTC)),
        (" 2026-07-01T09:30:00.250+09:00 ", datetime(2026, 7, 1, 0, 30, 0, 250_000, tzinfo=UTC)),
        (datetime(2026, 7, 1, 9, 30, tzinfo=UTC), datetime(2026, 7, 1, 9, 30, tzinfo=UTC)),
    ],
)
def test_r4_2_what_is_a_date(value: object, expected: datetime) -> None:
    assert local_time.instant(value, BERLIN) == expected


@given(st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20) | st.lists(st.integers()))
@lots(200)
def test_r4_6_anything_else_is_refused_in_a_sentence(value: object) -> None:
    try:
        assert local_time.instant(value, BERLIN).tzinfo is not None
    except ScheduleError as error:
        assert error.message.endswith(".")
        assert error.fix


def test_r4_2_a_date_is_put_at_a_time_of_its_own_day() -> None:
    found = local_time.instant("2026-07-01T23:30:00Z", BERLIN, time(9))
    assert found == datetime(2026, 7, 2, 7, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("-1d", datetime(2026, 3, 28, 8, 0, tzinfo=UTC)),  # 09:00 there too, 23 hours before
        ("-24h", datetime(2026, 3, 28, 7, 0, tzinfo=UTC)),
        ("1w 2h", datetime(2026, 4, 5, 9, 0, tzinfo=UTC)),
        ("", datetime(2026, 3, 29, 7, 0, tzinfo=UTC)),
        ("+90m", datetime(2026, 3, 29, 8, 30, tzinfo=UTC)),
    ],
)
def test_r4_2_an_offset_counts_days_on_the_calendar_and_the_rest_exactly(text: str, expected: datetime) -> None:
    nine = datetime(2026, 3, 29, 9, 0, tzinfo=BERLIN)
    assert Offset.read(text).of(nine, BERLIN) == expected


@pytest.mark.parametrize("text", ["x", "--1d", "1", "- ", "-400d"])
def test_what_is_no_offset(text: str) -> None:
    with pytest.raises(ScheduleError):
        Offset.read(text)


@given(moments, st.sampled_from(["day", "week", "month", "year"]), moments, zones)
@lots(200)
def test_r4_5_the_next_recurrence_is_the_first_that_is_not_over(
    moment: datetime, every: local_time.Every, after: datetime, zone: ZoneInfo
) -> None:
    found = local_time.next_again(moment, every, after, zone)
    assert found >= after
    if moment < after:
        longest = {"day": 2, "week": 8, "month": 32, "year": 367}[every]
        assert found - after < timedelta(days=longest)


def test_r4_5_a_leap_day_comes_again_on_the_first_of_march() -> None:
    born = datetime(2024, 2, 29, 9, 0, tzinfo=BERLIN)
    found = local_time.next_again(born, "year", datetime(2026, 1, 1, tzinfo=UTC), BERLIN)
    assert found == datetime(2026, 3, 1, 8, 0, tzinfo=UTC)


def test_r4_7_a_spread_is_even_and_the_same_for_one_run() -> None:
    over = timedelta(hours=1)
    shares = [local_time.spread(f"run {number}", over) for number in range(2_000)]
    assert all(timedelta(0) <= share < over for share in shares)
    assert shares == [local_time.spread(f"run {number}", over) for number in range(2_000)]
    first = sum(share < over / 2 for share in shares)
    assert 900 < first < 1_100
