from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faza.core.periods import FOREVER, Period, minutes_of_day, start_of_day
from faza.core.windows import Window, Windows

MOSCOW = "Europe/Moscow"


class TestPeriod:
    def test_it_is_kept_in_utc_so_that_lengths_are_true(self):
        """The clocks went back on this day: it had 25 hours."""
        zone = ZoneInfo(MOSCOW)
        day = Period(datetime(2010, 10, 31, tzinfo=zone), datetime(2010, 11, 1, tzinfo=zone))

        assert day.length == timedelta(hours=25)

    def test_a_naive_end_is_refused(self):
        with pytest.raises(ValueError, match="aware"):
            Period(datetime(2026, 1, 1), datetime(2026, 1, 2, tzinfo=UTC))

    def test_an_end_before_the_start_is_refused(self):
        with pytest.raises(ValueError, match="before it starts"):
            Period(datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC))

    def test_its_end_is_not_in_it(self):
        period = Period.of_days(date(2026, 1, 1), date(2026, 1, 2), MOSCOW)

        assert period.start in period
        assert period.end not in period

    def test_days_touched_are_half_open_too(self):
        period = Period.of_days(date(2026, 1, 1), date(2026, 1, 3), MOSCOW)

        assert period.days(MOSCOW) == (date(2026, 1, 1), date(2026, 1, 3))
        assert period.days("Asia/Kamchatka") == (date(2026, 1, 1), date(2026, 1, 4))

    def test_periods_that_only_touch_share_nothing(self):
        first = Period.of_days(date(2026, 1, 1), date(2026, 1, 2), MOSCOW)
        second = Period.of_days(date(2026, 1, 2), date(2026, 1, 3), MOSCOW)

        assert first.intersect(second) is None


@pytest.mark.parametrize(
    ("day", "zone", "minutes"),
    [
        (date(2026, 3, 1), MOSCOW, 1440),
        (date(2010, 3, 28), MOSCOW, 1380),
        (date(2010, 10, 31), MOSCOW, 1500),
        (date(2014, 10, 26), MOSCOW, 1500),
        (date(2016, 3, 27), "Asia/Barnaul", 1380),
        (date(2014, 10, 26), "Asia/Kamchatka", 1440),
        # Midnight does not exist: the day begins at the jump.
        (date(2018, 11, 4), "America/Sao_Paulo", 1380),
    ],
)
def test_the_length_of_a_day_is_that_of_its_zone(day, zone, minutes):
    assert minutes_of_day(day, zone) == minutes
    assert start_of_day(day, zone).astimezone(ZoneInfo(zone)).date() == day


HOURS = st.integers(0, 100).map(lambda n: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=n))
PERIODS = st.tuples(HOURS, HOURS).map(lambda ends: Period(min(ends), max(ends)))
WINDOWS = st.lists(
    st.builds(Window, st.integers(1, 3), st.just(MOSCOW), PERIODS), max_size=8
).map(Windows.merged)  # fmt: skip


@given(st.lists(st.builds(Window, st.integers(1, 3), st.just(MOSCOW), PERIODS)), HOURS)
def test_merging_windows_keeps_every_moment_and_adds_none(windows, moment):
    merged = Windows.merged(windows)
    for point in (1, 2, 3):
        before = any(moment in w.period for w in windows if w.usage_point == point)
        after = [w for w in merged if w.usage_point == point and moment in w.period]
        assert len(after) == before


@given(WINDOWS, PERIODS, HOURS)
def test_clipping_leaves_exactly_what_is_inside(windows, period, moment):
    inside = {w.usage_point for w in windows.within(period) if moment in w.period}
    expected = {w.usage_point for w in windows if moment in w.period and moment in period}

    assert inside == expected


def test_an_open_end_lasts_for_ever():
    assert Period.open(None, None).end == FOREVER
