from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faza.tariffs import rules

MAY = {
    date(2026, 4, 30): rules.SHORT,
    date(2026, 5, 1): rules.HOLIDAY,
    date(2026, 5, 11): rules.HOLIDAY,
    date(2025, 11, 1): rules.WORKING,
}


class TestWorkingDays:
    @pytest.mark.parametrize(
        ("day", "works"),
        [
            (date(2026, 4, 30), True),
            (date(2026, 5, 1), False),
            (date(2026, 5, 2), False),
            (date(2026, 5, 4), True),
            (date(2025, 11, 1), True),
        ],
        ids=str,
    )
    def test_exceptions_go_before_the_weekday(self, day, works):
        assert rules.is_working_day(day, MAY) is works

    @pytest.mark.parametrize(
        ("start", "count", "due"),
        [
            (date(2026, 4, 30), 1, date(2026, 5, 4)),
            (date(2026, 5, 8), 1, date(2026, 5, 12)),
            (date(2026, 5, 9), 0, date(2026, 5, 12)),
            (date(2026, 5, 12), 0, date(2026, 5, 12)),
            (date(2026, 5, 1), 2, date(2026, 5, 5)),
        ],
        ids=str,
    )
    def test_the_first_day_is_not_counted(self, start, count, due):
        assert rules.add_working_days(start, count, MAY) == due

    @given(st.dates(date(2025, 1, 1), date(2027, 1, 1)), st.integers(0, 30), st.integers(0, 30))
    def test_adding_in_two_parts_comes_to_the_same_day(self, day, one, other):
        at_once = rules.add_working_days(day, one + other, MAY)
        in_parts = rules.add_working_days(rules.add_working_days(day, one, MAY), other, MAY)

        assert rules.is_working_day(at_once, MAY)
        assert at_once == in_parts or one == 0


class TestHours:
    def test_ranges_are_half_open_minutes(self):
        assert rules.parse_hours("07:00-10:00 17:00-21:00") == [(420, 600), (1020, 1260)]

    def test_a_range_over_midnight_is_cut_in_two(self):
        assert rules.parse_hours("23:00-07:00") == [(0, 420), (1380, 1440)]
        assert rules.parse_hours("23:00-00:00") == [(1380, 1440)]

    @pytest.mark.parametrize("text", ["", "7", "07:00", "07:00-25:00", "07:60-08:00", "a-b"])
    def test_other_texts_are_malformed(self, text):
        with pytest.raises(rules.MalformedHours):
            rules.parse_hours(text)


class TestZones:
    def test_every_minute_is_in_one_zone(self):
        of_minute = rules.zone_of_minutes(
            [(1, rules.parse_hours("07:00-23:00")), (2, rules.parse_hours("23:00-07:00"))]
        )

        assert [of_minute[minute] for minute in (0, 419, 420, 1379, 1380)] == [2, 2, 1, 1, 2]

    @pytest.mark.parametrize("night", ["23:00-06:59", "22:59-07:00"])
    def test_a_gap_or_an_overlap_of_a_minute_is_refused(self, night):
        with pytest.raises(rules.ZonesOverlapOrGap):
            rules.zone_of_minutes(
                [(1, rules.parse_hours("07:00-23:00")), (2, rules.parse_hours(night))]
            )
