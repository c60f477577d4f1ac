"""Day maxima: the greatest mean power of a stretch measured throughout, and its moment."""

from datetime import UTC, date, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faza.core.quality import Quality, is_estimated
from faza.readings.queries import Profile
from faza.reports.kinds.day_maxima import maxima
from faza.reports.table import State
from tests.reports.kinds.world import EST, MARCH, MOSCOW, make_point, measure, report, windows

MONTH = {"period": "month", "on": "2026-03-01"}
QUALITY = (0, 0, 0, EST, int(Quality.MISSING), int(Quality.QUESTIONABLE))


class TestPure:
    @given(
        st.lists(st.tuples(st.integers(0, 20), st.sampled_from(QUALITY)), min_size=96, max_size=96),
        st.sampled_from((15, 30, 60)), st.sampled_from((30, 15, 60)),
    )  # fmt: skip
    def test_as_one_would_look_for_it_by_hand(self, told, minutes, interval):
        count = 2 * 1440 // interval
        told = told[:count]
        start = 1_772_312_400
        values = np.array([value for value, _ in told], np.int64)
        quality = np.array([code for _, code in told], np.uint8)
        starts = start + np.arange(len(told)) * interval * 60
        profile = Profile(1, 1, MOSCOW, starts, np.full(len(told), interval, np.int16),
                          np.where(quality == Quality.MISSING, 0, values), quality)  # fmt: skip
        days = start + 86400 * np.arange(3)

        found = maxima([profile], days, minutes)

        for day in range(2):
            best, at = -1, 0
            for begin in range(int(days[day]), int(days[day + 1]), minutes * 60):
                mine = (starts >= begin) & (starts + interval * 60 <= begin + minutes * 60)
                measured = (quality[mine] != Quality.MISSING) & ~is_estimated(quality[mine])
                if (
                    mine.sum() * interval == minutes
                    and measured.all()
                    and values[mine].sum() > best
                ):
                    best, at = int(values[mine].sum()), begin
            assert (int(found.at[day]), int(found.energy[day])) == (at, max(best, 0))
        assert found.expected.sum() == min(count, 96)
        assert found.missing.sum() == (quality == Quality.MISSING).sum()
        assert found.estimated.sum() == is_estimated(quality).sum()


@pytest.mark.django_db
class TestReport:
    def test_kilowatts_by_the_hour_of_two_half_hours(self):
        point = make_point("P1", MOSCOW)
        measure(point, MARCH, 31, lambda n: 1500 if n == 48 * 4 + 21 else 1000 if n % 48 == 36
                else 100)  # fmt: skip

        told = report("day-maxima", windows(point), **MONTH)
        half = report("day-maxima", windows(point), interval="30", **MONTH)

        assert len(told.rows) == 31
        assert (told.rows[0]["maximum"], told.rows[0]["from"], told.rows[0]["to"]) == (
            1.1, "2026-03-01T18:00", "2026-03-01T19:00",
        )  # fmt: skip
        assert (told.sums[0]["maximum"], told.sums[0]["from"]) == (1.6, "2026-03-05T10:00")
        assert (half.rows[0]["maximum"], half.rows[0]["to"]) == (2.0, "2026-03-01T18:30")
        assert (half.sums[0]["maximum"], half.sums[0]["from"]) == (3.0, "2026-03-05T10:30")

    def test_what_was_estimated_is_left_out_and_counted(self):
        point = make_point("P1", MOSCOW)
        measure(point, MARCH, 2, lambda n: 5000 if n in (10, 11) else None if n == 60 else 100 + n,
                quality=lambda n: EST if n in (10, 11) else 0)  # fmt: skip

        told = report("day-maxima", windows(point), **MONTH)

        first, second = told.rows[:2]
        assert (first["maximum"], first["maximum!"]) == (0.293, State.PARTLY)
        assert (first["estimated"], first["missing"]) == (2, 0)
        assert (second["estimated"], second["missing"], second["maximum!"]) == (0, 1, State.PARTLY)
        assert (told.sums[0]["estimated"], told.sums[0]["missing"]) == (2, 1 + 29 * 48)
        assert told.rows[2]["maximum!"] == State.MISSING
        assert "2" in told.table.notes[-1]

    def test_a_maximum_over_less_than_was_measured_is_not_known(self):
        point = make_point("P1", MOSCOW)
        measure(point, MARCH, 31, 100, interval=60)

        told = report("day-maxima", windows(point), interval="30", **MONTH)

        assert {row["maximum"] for row in told.rows} == {None}
        assert "1" in told.table.notes[-1]

    def test_the_day_when_clocks_go_back(self):
        point = make_point("B", "Europe/Berlin")
        measure(point, date(2026, 10, 25), 1, lambda n: 900 if n in (6, 7) else 100)

        told = report("day-maxima", windows(point), on="2026-10-01")

        row = told.rows[24]
        # The second hour from 2:00, by its wall clock.
        assert (row["maximum"], row["from"], row["expected"]) == (1.8, "2026-10-25T02:00", 50)

    def test_of_two_owners_each_has_the_own_maximum(self):
        point = make_point("P1", MOSCOW)
        measure(point, MARCH, 31, lambda n: 100 + n)
        change = datetime(2026, 3, 15, 9, tzinfo=UTC)

        told = report("day-maxima", windows(point, to=change), **MONTH)

        assert told.sums[0]["to"] == "2026-03-15T12:00"
        assert len(told.rows) == 15

    def test_reactive_power_and_nothing(self):
        point = make_point("P1", MOSCOW)
        measure(point, MARCH, 1, 100, channel=3)

        told = report("day-maxima", windows(point), channel="R+", **MONTH)

        assert told.rows[0]["maximum"] == 0.2
        assert "вар" in told.table.columns[3].unit
        assert not report("day-maxima", windows(), **MONTH).blocks
