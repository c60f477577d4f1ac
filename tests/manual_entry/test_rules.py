"""When readings may be typed, and which are asked about. No database."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faza.core.periods import Period
from faza.manual_entry.rules import moves, opening, plausible
from faza.manual_entry.rules.moves import Move, State
from faza.manual_entry.rules.opening import Closure, Rule, Scope, Why
from faza.manual_entry.rules.plausible import Band, Doubt

MOSCOW, KAMCHATKA = "Europe/Moscow", "Asia/Kamchatka"
RULE = Rule(Scope.EVERYWHERE, first_day=20, last_day=25, silent_days=None)


def standing(rule, at, *exceptions, zone=MOSCOW, data_until=None):
    return opening.standing(rule, exceptions, zone=zone, at=at, data_until=data_until)


class TestWindows:
    def test_to_the_last_second_of_the_last_day_by_the_points_clock(self):
        last = datetime(2026, 11, 25, 20, 59, 59, tzinfo=UTC)  # 23:59:59 in Moscow

        found = standing(RULE, last)
        after = standing(RULE, last + timedelta(seconds=1))

        assert (found.is_open, found.why) == (True, Why.WINDOW)
        assert found.closes_at == last + timedelta(seconds=1)
        assert (after.is_open, after.why) == (False, Why.BETWEEN)
        assert after.opens_at == datetime(2026, 12, 19, 21, tzinfo=UTC)

    def test_far_in_the_east_it_opens_and_closes_nine_hours_earlier(self):
        at = datetime(2026, 11, 25, 12, tzinfo=UTC)  # midnight of the 26th in Kamchatka

        assert standing(RULE, at, zone=MOSCOW).is_open
        assert not standing(RULE, at, zone=KAMCHATKA).is_open

    def test_over_the_end_of_a_month(self):
        rule = Rule(Scope.EVERYWHERE, first_day=28, last_day=3, silent_days=None)

        days = [day for day in range(1, 31) if standing(rule, at_noon(2026, 11, day)).is_open]

        assert days == [1, 2, 3, 28, 29, 30]

    def test_the_31st_is_the_last_day_of_a_shorter_month(self):
        rule = Rule(Scope.EVERYWHERE, first_day=31, last_day=31, silent_days=None)

        assert standing(rule, at_noon(2026, 2, 28)).is_open
        assert not standing(rule, at_noon(2026, 3, 30)).is_open

    def test_once_a_quarter(self):
        rule = Rule(Scope.EVERYWHERE, every=3, silent_days=None)

        months = [
            month for month in range(1, 13) if standing(rule, at_noon(2026, month, 22)).is_open
        ]

        assert months == [3, 6, 9, 12]
        assert standing(rule, at_noon(2026, 10, 22)).opens_at == datetime(
            2026, 12, 19, 21, tzinfo=UTC
        )

    @given(st.integers(1, 31), st.integers(1, 31), st.sampled_from((1, 2, 3, 4, 6, 12)),
           st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1)))  # fmt: skip
    def test_it_says_the_very_moment_when_it_changes(self, first, last, every, naive):
        rule = Rule(Scope.EVERYWHERE, first_day=first, last_day=last, every=every, silent_days=None)
        at = naive.replace(tzinfo=UTC)

        now = standing(rule, at)
        turn = now.closes_at if now.is_open else now.opens_at

        assert turn is not None
        assert turn > at
        assert standing(rule, turn - timedelta(seconds=1)).is_open == now.is_open
        if not now.is_open:
            assert standing(rule, turn).is_open


class TestExceptions:
    NOON = datetime(2026, 11, 10, 9, tzinfo=UTC)
    TEN_DAYS = Period(NOON - timedelta(days=5), NOON + timedelta(days=5))

    def test_the_desk_opens_and_closes_whatever_the_rule_says(self):
        opened = standing(RULE, self.NOON, Closure(self.TEN_DAYS, True))
        closed = standing(
            RULE, at_noon(2026, 11, 22), Closure(Period(self.NOON, at_noon(2026, 12, 1)), False)
        )

        assert (opened.is_open, opened.why, opened.closes_at) == (
            True,
            Why.OPENED,
            self.TEN_DAYS.end,
        )
        assert (closed.is_open, closed.why, closed.opens_at) == (
            False,
            Why.CLOSED,
            at_noon(2026, 12, 1),
        )

    def test_the_later_made_one_holds(self):
        two = (Closure(self.TEN_DAYS, False, 1), Closure(self.TEN_DAYS, True, 2))

        assert standing(RULE, self.NOON, *two).is_open

    def test_what_brings_no_data_is_open_by_itself(self):
        rule = Rule(Scope.EVERYWHERE, silent_days=10)
        ten = timedelta(days=10)

        assert standing(rule, self.NOON, data_until=None).why is Why.SILENT
        assert standing(rule, self.NOON, data_until=self.NOON - ten).why is Why.SILENT
        assert not standing(
            rule, self.NOON, data_until=self.NOON - ten + timedelta(seconds=1)
        ).is_open

    def test_nothing_is_allowed_without_a_rule_or_by_one_that_forbids(self):
        forbids = Rule(Scope.POINT, is_allowed=False)

        assert standing(None, self.NOON).why is Why.NOT_ALLOWED
        assert standing(forbids, at_noon(2026, 11, 22)).why is Why.NOT_ALLOWED


class TestHolding:
    def test_the_narrowest_the_deepest_the_latest(self):
        rules = [
            Rule(Scope.EVERYWHERE, number=9),
            Rule(Scope.AREA, depth=2, number=1),
            Rule(Scope.AREA, depth=4, number=2),
            Rule(Scope.GROUP, number=8),
        ]

        assert opening.holding(rules).number == 2
        assert opening.holding([*rules, Rule(Scope.POINT, number=3)]).number == 3
        assert opening.holding([]) is None


def at_noon(year, month, day):
    return datetime(year, month, day, 9, tzinfo=UTC)


MONTH = 30 * 86_400
DAYS = np.arange(0, 400 * 86_400, 86_400)


def band_of(daily, elapsed=MONTH, max_power=None, ratio=1.0):
    counts = plausible.history(DAYS, np.cumsum(daily), elapsed)
    return plausible.band(counts, elapsed=elapsed, max_power=max_power, ratio=ratio)


class TestBand:
    def test_by_stretches_as_long_as_the_one_that_is_asked_about(self):
        daily = np.where(np.arange(400) % 2, 20_000, 0)  # Wh: every other day away

        found = band_of(daily)

        assert found.low == pytest.approx(300_000 / 1.5, rel=0.07)
        assert found.high == pytest.approx(300_000 * 1.5, rel=0.07)

    def test_a_fall_of_the_register_counts_nothing(self):
        values = np.array([0, 10, 20, 5, 15, 25, 35])
        moments = np.arange(7) * MONTH

        assert plausible.history(moments, values, MONTH).tolist() == [10, 10, 0, 10, 10, 10]

    def test_with_little_history_only_the_power_bounds_it(self):
        found = plausible.band(np.array([5, 6]), elapsed=3600, max_power=15_000, ratio=20.0)

        assert (found.low, found.high, found.most) == (None, None, 750)

    @given(st.integers(0, 10**9), st.integers(1, 10**8))
    def test_nothing_is_expected_where_no_time_has_passed(self, value, power):
        assert len(plausible.history(DAYS, DAYS, 0)) == 0
        assert plausible.band(np.zeros(0, np.int64), elapsed=0, max_power=power, ratio=1).most == 0


class TestJudging:
    BAND = Band(low=100, high=400, most=1000)

    @pytest.mark.parametrize(
        ("counted", "doubts"),
        [(100, ()), (400, ()), (99, (Doubt.LITTLE,)), (0, (Doubt.SAME,)), (401, (Doubt.MUCH,)),
         (1000, (Doubt.MUCH,)), (1001, (Doubt.IMPOSSIBLE,)), (-1, (Doubt.LESS,))],
    )  # fmt: skip
    def test_each_doubt_at_its_very_bound(self, counted, doubts):
        found = plausible.judge(5000 + counted, 5000, capacity=10_000, expected=self.BAND)

        assert (found.counted, found.doubts) == (counted, doubts)

    def test_over_the_end_of_the_register(self):
        found = plausible.judge(150, 9_900, capacity=10_000, expected=self.BAND)

        assert (found.counted, found.doubts) == (250, (Doubt.ROLLED,))

    def test_the_first_reading_is_compared_with_nothing(self):
        assert plausible.judge(5, None, capacity=10, expected=self.BAND).doubts == ()


def test_what_is_decided_is_decided_once():
    assert moves.moved(State.SENT, Move.APPROVE) is State.APPROVED
    for state in (State.APPROVED, State.REFUSED, State.WITHDRAWN, State.REPLACED):
        with pytest.raises(moves.WrongMove):
            moves.moved(state, Move.APPROVE)


def test_a_year_has_the_windows_of_its_months():
    windows = list(RULE.windows(MOSCOW, date(2026, 1, 1), 12))

    assert len(windows) == 12
    assert {window.length for window in windows} == {timedelta(days=6)}
