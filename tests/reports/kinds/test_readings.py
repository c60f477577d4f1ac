"""Readings and consumption: boundaries, carrying, replacement, zones, typed readings."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest

from faza.core.periods import Period
from faza.readings.models import RegisterReading
from faza.readings.register_queries import register_consumption
from faza.reports import gathering
from faza.reports.table import State
from tests.charges import world as charged
from tests.readings import meters
from tests.reports.kinds.world import AT, MARCH, MOSCOW, make_point, measure, report, windows

pytestmark = pytest.mark.django_db
APRIL = date(2026, 4, 1)
START = datetime(2026, 2, 28, 21, tzinfo=UTC)
END = datetime(2026, 3, 31, 21, tzinfo=UTC)
MONTH = {"period": "month", "on": "2026-03-01"}
TWO = ["07:00-23:00", "23:00-07:00"]
Kind = RegisterReading.Kind


def place(code="P1", **kwargs):
    point, meter = make_point(code, MOSCOW), meters.make_meter(code)
    meters.put_in(point, meter, **kwargs)
    return point, meter


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


class TestExact:
    def test_difference_times_ratio_as_the_registers_say(self):
        point, meter = place(ct=Fraction(100, 5))
        meters.read(point, meter, START, 10_000)
        meters.read(point, meter, END, 25_000)

        told = report("readings", windows(point), **MONTH)

        (row,) = told.rows
        assert (row["opening"], row["closing"], row["difference"]) == (10.0, 25.0, 15.0)
        assert (row["ratio"], row["used"], row["used!"]) == ("20", 300.0, State.MEASURED)
        assert (row["opened"], row["closed"]) == ("2026-03-01T00:00", "2026-04-01T00:00")
        period = Period.of_days(MARCH, APRIL, MOSCOW)
        (exact,) = register_consumption(windows(point), period, [0]).primary(point.pk)
        assert row["used"] == float(exact / 1000)
        assert (row["meter"], row["note"]) == ("P1", "")

    def test_the_total_counts_what_is_known(self):
        one, meter = place("P1")
        meters.read(one, meter, START, 1000)
        meters.read(one, meter, END, 3500)
        two, _meter = place("P2")

        told = report("readings", windows(one, two), **MONTH)

        assert (told.total["used"], told.total["used!"]) == (2.5, State.PARTLY)
        assert told.rows[1]["used!"] == told.rows[1]["opening!"] == State.MISSING

    def test_a_register_that_went_round(self):
        point, meter = place()
        meters.read(point, meter, START, 999_999_000)
        meters.read(point, meter, END, 4_000)

        (row,) = report("readings", windows(point), **MONTH).rows

        assert row["used"] == 5.0
        assert row["note"]

    def test_a_register_that_fell_is_not_counted(self):
        point, meter = place()
        meters.read(point, meter, START, 9_000)
        meters.read(point, meter, END, 4_000)

        told = report("readings", windows(point), **MONTH)

        assert (told.rows[0]["used"], told.rows[0]["opening"]) == (None, 9.0)
        assert told.rows[0]["note"]

    def test_a_point_without_a_meter(self):
        told = report("readings", windows(make_point("E")), **MONTH)

        assert (told.rows[0]["used!"], told.rows[0]["meter"]) == (State.MISSING, "")
        assert told.rows[0]["note"]

    def test_nothing_to_show(self):
        assert not report("readings", windows(), **MONTH).blocks


class TestBoundaries:
    @pytest.fixture
    def point(self):
        """Read five hours before the month and four before its end; 100 Wh a half-hour."""
        point, meter = place()
        measure(point, date(2026, 2, 27), 36, 100)
        meters.read(point, meter, START - hours(5), 10_000)
        meters.read(point, meter, END - hours(4), 60_000)
        return point

    def test_the_nearest_is_carried_by_the_profile(self, point):
        told = report("readings", windows(point), **MONTH)

        (row,) = told.rows
        assert (row["opening"], row["opening!"]) == (11.0, State.CARRIED)
        assert (row["closing"], row["closing!"]) == (60.8, State.CARRIED)
        assert (row["used"], row["used!"]) == (49.8, State.CARRIED)
        assert (row["opened"], row["closed"]) == ("2026-03-01T00:00", "2026-04-01T00:00")
        assert "1" in told.notes

    def test_back_from_a_reading_after_the_boundary(self):
        point, meter = place()
        measure(point, date(2026, 2, 27), 36, 100)
        meters.read(point, meter, START + hours(2), 10_000)
        meters.read(point, meter, END, 60_000)

        (row,) = report("readings", windows(point), **MONTH).rows

        assert (row["opening"], row["used"]) == (9.6, 50.4)

    def test_only_fixed_leaves_a_dash(self, point):
        told = report("readings", windows(point), fixed="1", **MONTH)

        (row,) = told.rows
        assert (row["opening"], row["closing"], row["used"]) == (None, None, None)
        assert row["opening!"] == row["used!"] == State.MISSING

    def test_not_over_a_gap(self):
        point, meter = place()
        measure(point, date(2026, 2, 27), 36, lambda n: None if n == 90 else 100)
        meters.read(point, meter, START - hours(5), 10_000)
        meters.read(point, meter, END, 60_000)

        told = report("readings", windows(point), **MONTH)

        (row,) = told.rows
        assert (row["opening"], row["opening!"]) == (10.0, State.MEASURED)
        assert row["opened"] == "2026-02-28T19:00"
        assert (row["used"], row["used!"]) == (50.0, State.PARTLY)
        assert row["note"]

    def test_over_a_ratio(self):
        point, meter = place(ct=Fraction(20))
        measure(point, date(2026, 2, 27), 36, 1000)
        meters.read(point, meter, START - hours(1), 10_000)
        meters.read(point, meter, END, 60_000)

        (row,) = report("readings", windows(point), **MONTH).rows

        # Two half-hours are 2 kWh on the primary side, 0.1 as the meter counts.
        assert (row["opening"], row["difference"], row["used"]) == (10.1, 49.9, 998.0)

    def test_one_reading_in_a_day_is_carried_to_both_ends(self):
        point, meter = place()
        measure(point, date(2026, 2, 27), 36, 100)
        meters.read(point, meter, START + hours(12), 10_000)

        told = report("readings", windows(point), period="day", on="2026-03-01")

        (row,) = told.rows
        assert (row["opening"], row["closing"], row["used"]) == (7.6, 12.4, 4.8)

    def test_an_open_month_ends_with_the_last_whole_day(self, point):
        at = datetime(2026, 3, 31, 9, tzinfo=UTC)
        meter = point.complexes.get().meter
        meters.read(point, meter, datetime(2026, 3, 30, 21, tzinfo=UTC), 55_000)

        (row,) = report("readings", windows(point, at=at), at=at, **MONTH).rows

        assert (row["closed"], row["closing"]) == ("2026-03-31T00:00", 55.0)

    def test_on_the_first_day_there_is_nothing_yet(self, point):
        at = START + hours(5)

        told = report("readings", windows(point, at=at), at=at, **MONTH)

        assert not told.blocks

    def test_a_typed_reading_is_marked_and_is_not_fixed(self):
        point, meter = place()
        meters.read(point, meter, START, 10_000, kind=Kind.MANUAL, source="manual")
        meters.read(point, meter, END, 60_000)

        (row,) = report("readings", windows(point), **MONTH).rows
        (fixed,) = report("readings", windows(point), fixed="1", **MONTH).rows

        assert (row["opening!"], row["used"], row["used!"]) == (State.MANUAL, 50.0, State.MANUAL)
        assert (fixed["opening"], fixed["closing"], fixed["used"]) == (None, 60.0, None)

    def test_of_two_owners_each_has_the_own_time(self):
        point, meter = place()
        change = START + timedelta(days=10)
        for moment, shown in ((START, 1_000), (change, 4_000), (END, 9_000)):
            meters.read(point, meter, moment, shown)

        (before,) = report("readings", windows(point, to=change), **MONTH).rows
        (after,) = report("readings", windows(point, since=change), **MONTH).rows

        assert (before["used"], after["used"]) == (3.0, 5.0)
        assert before["closed"] == after["opened"] == "2026-03-11T00:00"


class TestReplacement:
    @pytest.fixture
    def point(self):
        change = START + timedelta(days=12)
        point, old = place(to=change)
        new = meters.make_meter("NEW")
        meters.put_in(point, new, since=change, ct=Fraction(2))
        meters.read(point, old, START, 10_000)
        meters.read(point, old, change, 15_000, kind=Kind.CLOSING)
        meters.read(point, new, change, 0, kind=Kind.OPENING)
        meters.read(point, new, END, 7_000)
        return point

    def test_with_replacements_each_meter_is_a_row_and_their_sum(self, point):
        told = report("readings", windows(point), replacements="1", **MONTH)

        assert [(row["meter"], row["used"]) for row in told.rows] == [("P1", 5.0), ("NEW", 14.0)]
        assert told.rows[0]["closed"] == told.rows[1]["opened"] == "2026-03-13T00:00"
        assert told.sums[0]["used"] == 19.0
        assert told.sums[0]["used!"] == State.MEASURED

    def test_without_only_the_present_one_with_a_note(self, point):
        told = report("readings", windows(point), replacements="0", **MONTH)

        (row,) = told.rows
        assert (row["meter"], row["used"], row["used!"]) == ("NEW", 14.0, State.PARTLY)
        assert row["note"]
        assert "замен" in told.notes

    def test_the_total_has_all_meters(self, point):
        other, meter = place("P2")
        meters.read(other, meter, START, 0)
        meters.read(other, meter, END, 1_000)

        told = report("readings", windows(point, other), **MONTH)

        assert (told.total["used"], told.total["used!"]) == (20.0, State.MEASURED)

    def test_a_time_without_a_meter_is_told(self):
        point, old = place(to=START + timedelta(days=12))
        new = meters.make_meter("NEW")
        meters.put_in(point, new, since=START + timedelta(days=14))
        for meter, moment, shown in (
            (old, START, 0), (old, START + timedelta(days=12), 1_000),
            (new, START + timedelta(days=14), 0), (new, END, 2_000),
        ):  # fmt: skip
            meters.read(point, meter, moment, shown)

        told = report("readings", windows(point), **MONTH)

        assert (told.sums[0]["used"], told.sums[0]["used!"]) == (3.0, State.PARTLY)


class TestTariffs:
    @pytest.fixture
    def home(self):
        point, meter, _agreement = charged.make_home(hours=TWO)
        charged.measure(point, date(2026, 2, 27), date(2026, 4, 5), 200)
        return point, meter

    def test_a_row_a_register_of_zones(self, home):
        point, meter = home
        meters.read(point, meter, START, {0: 10_000, 1: 7_000, 2: 3_000})
        meters.read(point, meter, END, {0: 30_000, 1: 17_000, 2: 13_000})

        rows = report("readings", windows(point), tariffs="1", **MONTH).rows
        whole = report("readings", windows(point), **MONTH).rows

        assert [row["used"] for row in rows] == [20.0, 10.0, 10.0]
        assert [row["register"].split()[0] for row in rows] == ["Сумма", "T1", "T2"]
        assert [row["used"] for row in whole] == [20.0]

    def test_zones_are_carried_by_the_hours_of_the_tariff(self, home):
        point, meter = home
        meters.read(point, meter, START - hours(3), {0: 10_000, 1: 7_000, 2: 3_000})
        meters.read(point, meter, END, {0: 30_000, 1: 17_000, 2: 13_000})

        rows = report("readings", windows(point), tariffs="1", **MONTH).rows

        # 21–24 o'clock: two hours of the day, one of the night.
        assert [row["opening"] for row in rows] == [10.6, 7.4, 3.2]
        assert [row["used"] for row in rows] == [19.4, 9.6, 9.8]

    def test_zones_without_a_sum_register_are_added_up(self, home):
        point, meter = home
        meters.read(point, meter, START, {1: 7_000, 2: 3_000})
        meters.read(point, meter, END, {1: 17_000, 2: 13_500})

        (row,) = report("readings", windows(point), **MONTH).rows

        assert (row["opening"], row["closing"], row["used"]) == (10.0, 30.5, 20.5)

    def test_a_meter_of_one_zone_has_one_row(self, home):
        point, meter = home
        meters.read(point, meter, START, {0: 7_000, 1: 7_000})
        meters.read(point, meter, END, {0: 17_000, 1: 17_000})

        assert len(report("readings", windows(point), tariffs="1", **MONTH).rows) == 1


class TestMany:
    def test_batches_tell_the_same(self, monkeypatch):
        points = []
        for number in range(4):
            point, meter = place(f"P{number}")
            meters.read(point, meter, START, 0)
            meters.read(point, meter, END, 1000 * number)
            points.append(point)
        whole = report("readings", windows(*points), **MONTH)
        monkeypatch.setattr(gathering, "BATCH", 2)

        told = report("readings", windows(*points), **MONTH)

        assert (told.rows, told.total) == (whole.rows, whole.total)
        assert [row["used"] for row in told.rows] == [0.0, 1.0, 2.0, 3.0]
        assert told.table.made_at == AT

    def test_water(self):
        from faza.readings import registers

        point, meter = place("W1")
        point.resource = "water"
        point.save()
        number = registers.register(5)
        meters.read(point, meter, START, {number: 10_000})
        meters.read(point, meter, END, {number: 12_345})

        (row,) = report("readings", windows(point), resource="water", **MONTH).rows

        assert row["used"] == 2.345
