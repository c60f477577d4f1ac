"""Time out of bounds, extremes, interruptions by billing period."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from faza.readings.network.quality import (
    LENGTHS,
    Interruption,
    by_month,
    histogram,
    merged,
    voltages,
)

AT = datetime(2026, 11, 21, 11, tzinfo=UTC)
STARTS = np.arange(4) * 600 + int(AT.timestamp())
NAN = np.nan


def minutes(n: float) -> timedelta:
    return timedelta(minutes=n)


class TestVoltages:
    def test_minutes_in_which_any_phase_is_out(self):
        """Ten minutes above (A), ten below (B), ten both (above counts), ten inside."""
        of = {"A": np.array([254.0, 230, 254, 253]), "B": np.array([230.0, 206, 200, 207])}
        found = voltages(of, STARTS, 10, 230.0, 0.1)
        assert (found.over, found.under, found.outside) == (20, 10, 30)
        assert found.is_official

    def test_extremes_with_phase_and_time(self):
        of = {"A": np.array([231.0, NAN, 246.7, 235]), "B": np.array([230.4, 236, 240, 233])}
        found = voltages(of, STARTS, 10, 230.0, 0.1)
        assert (found.least.value, found.least.phase, found.least.at) == (230.4, "B", AT)
        assert (found.greatest.value, found.greatest.phase) == (246.7, "A")
        assert found.greatest.at == AT + minutes(20)

    def test_what_is_missing_is_neither_in_nor_out(self):
        of = {"A": np.array([NAN, NAN, 230, NAN]), "B": np.array([NAN, NAN, NAN, 231.0])}
        found = voltages(of, STARTS, 10, 230.0, 0.1)
        assert (found.known, found.expected, found.outside) == (20, 40, 0)

    def test_nothing_known(self):
        found = voltages({"A": np.full(4, NAN)}, STARTS, 30, 230.0, 0.1)
        assert found.least is None
        assert found.known == 0
        assert not found.is_official


class TestMerging:
    def test_what_several_journals_tell_is_one(self):
        told = [(AT, AT + minutes(6)), (AT + minutes(0.1), AT + minutes(6.2)), (AT, None)]
        assert merged(told) == [Interruption(AT, AT + minutes(6.2))]

    def test_two_apart_are_two(self):
        told = [(AT, AT + minutes(6)), (AT + minutes(60), AT + minutes(61))]
        assert len(merged(told)) == 2

    def test_an_end_that_nobody_told_does_not_swallow_the_next(self):
        told = [(AT, None), (AT + minutes(60), AT + minutes(61))]
        assert merged(told) == [
            Interruption(AT, None), Interruption(AT + minutes(60), AT + minutes(61))
        ]  # fmt: skip

    @given(st.lists(st.tuples(st.integers(0, 500), st.integers(1, 60)), max_size=20))
    def test_the_time_without_supply_is_what_any_tells(self, pairs):
        told = [(AT + minutes(start), AT + minutes(start + length)) for start, length in pairs]
        inside = {m for start, length in pairs for m in range(start, start + length)}
        total = sum((one.length(at=AT) for one in merged(told)), timedelta())
        assert total == minutes(len(inside))


class TestMonths:
    def test_an_interruption_over_midnight_of_a_month_counts_once_and_its_time_is_parted(self):
        """Moscow: November ends at 21:00 UTC of the 30th; 20 minutes of it, 40 of December."""
        start = datetime(2026, 11, 30, 20, 40, tzinfo=UTC)
        found = [Interruption(start, start + minutes(60))]
        later = datetime(2026, 12, 5, tzinfo=UTC)
        november, december = by_month(
            found, [date(2026, 11, 1), date(2026, 12, 1)], "Europe/Moscow", at=later
        )
        assert (november.count, november.lost) == (1, minutes(20))
        assert (december.count, december.lost) == (0, minutes(40))

    def test_an_open_one_lasts_until_now(self):
        found = [Interruption(AT - minutes(90), None)]
        (month,) = by_month(found, [date(2026, 11, 1)], "UTC", at=AT)
        assert (month.count, month.short, month.lost) == (1, 0, minutes(90))

    def test_short_ones(self):
        found = [Interruption(AT - minutes(9), AT - minutes(6)), Interruption(AT - minutes(5), AT)]
        assert by_month(found, [date(2026, 11, 1)], "UTC", at=AT)[0].short == 1


def test_histogram_has_the_upper_end_in_a_class():
    lengths = [minutes(3), minutes(3.1), *LENGTHS[1:], timedelta(hours=30)]
    found = [Interruption(AT, AT + length) for length in lengths]
    assert histogram(found, at=AT) == [1, 2, 1, 1, 1]
