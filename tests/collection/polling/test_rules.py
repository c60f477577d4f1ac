"""Verdicts from values alone: clocks, times, numbers, calendars."""

from datetime import UTC, datetime, time, timedelta

import pytest

from faza.collection.polling import calendars, timing
from faza.collection.polling.clock import Act, verdict
from faza.collection.polling.findings import is_other
from faza.collection.polling.work import ClockPolicy, Problem
from faza.protocols.metered import DaySchedule, Season, TariffCalendar

MIDDLE = datetime(2026, 11, 20, 9, 15, tzinfo=UTC)
"""In the middle of a half-hour."""


class TestClock:
    @pytest.mark.parametrize(
        ("offset", "act", "seconds"),
        [
            (0, Act.NOTHING, 0),
            (-4.9, Act.NOTHING, 0),
            (5, Act.TELL, 0),
            (-9.9, Act.TELL, 0),
            (10, Act.SHIFT, -10),
            (-31.4, Act.SHIFT, 31),
            (900, Act.SHIFT, -900),
            (901, Act.PERSON, 0),
            (-90_000, Act.PERSON, 0),
        ],
    )
    def test_by_its_size(self, offset, act, seconds):
        told = verdict(offset, ClockPolicy(), at=MIDDLE)
        assert (told.act, told.seconds) == (act, seconds)
        assert told.tells == (abs(offset) >= 5)

    def test_what_cannot_be_shifted_is_set(self):
        assert verdict(60, ClockPolicy(), at=MIDDLE, shift_to=0).act is Act.SET

    def test_only_told_where_it_is_not_automatic_or_was_corrected_already(self):
        by_hand = ClockPolicy(is_automatic=False)
        assert verdict(60, by_hand, at=MIDDLE).act is Act.TELL
        assert verdict(60, ClockPolicy(), at=MIDDLE, corrections=1).act is Act.TELL

    @pytest.mark.parametrize(("minute", "offset"), [(0, 20), (29, -60), (0, -60), (59, 20)])
    def test_not_over_the_end_of_an_interval(self, minute, offset):
        at = MIDDLE.replace(minute=minute, second=40 if minute in {29, 59} else 10)
        assert verdict(offset, ClockPolicy(), at=at).act is Act.LATER


class TestTimes:
    def times(self, every=60, opens=None, closes=None, **kwargs):
        told = {"retries": 3, "back_off": 5} | kwargs
        return timing.Times("Europe/Moscow", opens, closes, every={"profile": every}, **told)

    def test_hourly_from_midnight(self):
        at = datetime(2026, 11, 20, 9, 5, tzinfo=UTC)
        assert timing.regular(self.times(), "profile", at) == at.replace(hour=10, minute=0)

    def test_daily_from_the_windows_beginning(self):
        night = self.times(1440, time(1, 30), time(5))
        at = datetime(2026, 11, 20, 9, 5, tzinfo=UTC)
        assert timing.regular(night, "profile", at) == at.replace(hour=22, minute=30)

    def test_a_step_outside_of_the_window_waits_for_it(self):
        night = self.times(60, time(23), time(2))
        at = datetime(2026, 11, 20, 9, 5, tzinfo=UTC)
        assert timing.regular(night, "profile", at) == at.replace(hour=20, minute=0)
        inside = at.replace(hour=22, minute=5)  # 01:05
        assert timing.regular(night, "profile", inside) == at.replace(day=21, hour=20, minute=0)

    def test_weekly_is_a_week_later_whenever_it_is_asked(self):
        weekly = self.times(7 * 1440)
        first = timing.regular(weekly, "profile", MIDDLE)
        assert timing.regular(weekly, "profile", first) - first == timedelta(days=7)

    def test_what_the_plan_does_not_have_is_never_due(self):
        assert timing.regular(self.times(), "events", MIDDLE) is None

    def test_again_never_after_the_regular_time(self):
        at = MIDDLE.replace(minute=58)
        due = timing.again(self.times(), "profile", 1, Problem.TIMEOUT, at)
        assert due == at.replace(hour=10, minute=0)

    def test_every_regular_time_is_later_and_inside_of_the_window(self):
        for every in (1, 7, 30, 60, 90, 1440, 2880, 10_080):
            for window in ((None, None), (time(1), time(5)), (time(22), time(3))):
                times, at = self.times(every, *window), MIDDLE
                for _ in range(5):
                    due = timing.regular(times, "profile", at)
                    assert due > at
                    assert timing.is_open(times, due)
                    at = due


@pytest.mark.parametrize(
    ("said", "expected", "other"),
    [
        ("1001234", "1001234", False),
        ("0001001234", "1001234", False),
        ("01107500 1001234".replace(" ", ""), "1001234", False),
        ("", "1001234", False),
        ("1001235", "1001234", True),
        ("91234", "1234", True),
    ],
)
def test_numbers_of_meters(said, expected, other):
    assert is_other(said, expected) == other


def test_a_calendar_survives_json():
    calendar = TariffCalendar(
        "день и ночь",
        (Season("зима", (1, 1), (1, 1, 1, 1, 1, 2, 2)),),
        (DaySchedule(1, ((0, 2), (420, 1), (1380, 2))), DaySchedule(2, ((0, 2),))),
        ((1, 1, None, 2), (5, 9, 2027, 2)),
    )
    told = calendars.to_json(calendar)
    assert calendars.from_json(told) == calendar
    assert calendars.fingerprint(told) == calendars.fingerprint(dict(reversed(told.items())))
    with pytest.raises(ValueError, match="no tariff calendar"):
        calendars.from_json({"name": "x"})
