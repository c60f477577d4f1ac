"""Completeness: numbers of `queries.completeness`, stretches of `queries.gaps`, and why."""

from datetime import UTC, date, datetime

import pytest

from faza.core.quality import Quality
from faza.core.reading_types import A_PLUS
from faza.readings import services
from faza.readings.blocks import BlockBatch
from faza.readings.queries import completeness, gaps
from faza.reports import gathering
from tests.events.factories import happen
from tests.readings import meters
from tests.reports.kinds.world import (
    AT,
    EST,
    MARCH,
    MOSCOW,
    make_point,
    measure,
    report,
    windows,
)

pytestmark = pytest.mark.django_db
APRIL = date(2026, 4, 1)
MONTH = {"period": "month", "on": "2026-03-01"}
GAPS = (*range(100, 104), 500, *range(900, 948))


def metered(code="P1", **kwargs):
    point = make_point(code, MOSCOW)
    meters.put_in(point, meters.make_meter(code), **kwargs)
    return point


@pytest.fixture
def point():
    made = metered()
    measure(made, MARCH, 31, lambda n: None if n in GAPS else 100,
            quality=lambda n: EST if 200 <= n < 206 else 0)  # fmt: skip
    return made


class TestNumbers:
    def test_of_the_point_and_of_each_stretch(self, point):
        found = completeness(windows(point), [A_PLUS.code], MARCH, APRIL)

        told = report("completeness", windows(point), **MONTH)

        (whole,) = told.sums
        assert (whole["expected"], whole["estimated"], whole["missing"]) == (1488, 6, 53)
        assert whole["measured"] == int(found.come[0]) == 1429
        assert whole["complete"] == int(1000 * found.share_come[0]) / 10
        holes = [row for row in told.rows if row["missing"]]
        stretches = gaps(windows(point), [A_PLUS.code], MARCH, APRIL)
        assert [row["hours"] for row in holes] == [one.hours for one in stretches]
        assert [(row["from"], row["to"]) for row in holes] == [
            ("2026-03-03T02:00", "2026-03-03T04:00"),
            ("2026-03-11T10:00", "2026-03-11T10:30"),
            ("2026-03-19T18:00", "2026-03-20T18:00"),
        ]
        (guessed,) = [row for row in told.rows if row["estimated"]]
        assert (guessed["from"], guessed["hours"], guessed["estimated"]) == (
            "2026-03-05T04:00", 3.0, 6,
        )  # fmt: skip
        for name in ("expected", "estimated", "missing"):
            assert sum(row[name] for row in told.rows) <= whole[name]

    def test_a_complete_point_is_its_sum_alone(self):
        point = metered()
        measure(point, MARCH, 31, 100)

        told = report("completeness", windows(point), **MONTH)

        assert not told.rows
        assert told.sums[0]["complete"] == 100.0

    def test_nearly_complete_does_not_read_as_complete(self):
        point = metered()
        measure(point, MARCH, 31, lambda n: None if n == 5 else 100)

        (whole,) = report("completeness", windows(point), **MONTH).sums

        assert whole["complete"] == 99.9

    def test_days_of_46_and_50_half_hours(self):
        for day, count in (("2026-03-29", 46), ("2026-10-25", 50)):
            point = make_point(f"B{count}", "Europe/Berlin")
            measure(point, date.fromisoformat(day), 1, lambda n: None if n == 20 else 1)

            told = report("completeness", windows(point), period="day", on=day)

            assert (told.sums[0]["expected"], told.sums[0]["missing"]) == (count, 1)

    def test_what_is_to_come_is_not_missing(self, point):
        at = datetime(2026, 3, 2, 9, tzinfo=UTC)

        told = report("completeness", windows(point, at=at), at=at, **MONTH)

        assert (told.sums[0]["expected"], told.sums[0]["missing"]) == (72, 0)

    def test_totals_and_batches(self, point, monkeypatch):
        others = [metered(f"Q{number}") for number in range(3)]
        whole = report("completeness", windows(point, *others), **MONTH)
        monkeypatch.setattr(gathering, "BATCH", 1)

        told = report("completeness", windows(point, *others), **MONTH)

        assert (told.rows, told.sums, told.total) == (whole.rows, whole.sums, whole.total)
        assert told.total["expected"] == 4 * 1488
        assert told.total["missing"] == 53 + 3 * 1488

    def test_the_own_time_only(self, point):
        since = datetime(2026, 3, 19, 21, tzinfo=UTC)

        told = report("completeness", windows(point, since=since), **MONTH)

        (row,) = told.rows
        assert (row["from"], row["to"]) == ("2026-03-20T00:00", "2026-03-20T18:00")


class TestWhy:
    def rows(self, point, **kwargs):
        told = report("completeness", windows(point, **kwargs), **MONTH)
        return [row["why"] for row in told.rows]

    def test_supply_was_interrupted(self, point):
        (meter,) = [one.meter_id for one in point.complexes.all()]
        happen(("2026-03-02 23:00:00", 2, 1), ("2026-03-03 01:00:00", 2, 2), point=point.pk,
               meter=meter, at=AT)  # fmt: skip

        whys = self.rows(point)

        assert "02:00" in whys[0]
        assert "04:00" in whys[0]
        assert whys[0] != whys[2]

    def test_there_was_no_meter(self):
        point = metered(since=datetime(2026, 3, 9, 21, tzinfo=UTC))
        measure(point, date(2026, 3, 10), 22, 100)

        (why,) = self.rows(point)

        assert why == "нет счётчика в точке"

    def test_nothing_came_yet(self):
        point = metered()
        measure(point, MARCH, 10, 100)
        at = datetime(2026, 3, 12, 21, tzinfo=UTC)

        told = report("completeness", windows(point, at=at), at=at, **MONTH)

        (row,) = told.rows
        assert "11.03.2026" in row["why"]
        assert row["hours"] == 48.0

    def test_no_profile_at_all(self):
        assert self.rows(metered()) == ["профиль с этого счётчика не поступает"]

    def test_a_sender_that_estimates(self, point):
        told = report("completeness", windows(point), **MONTH)

        (guessed,) = [row for row in told.rows if row["estimated"]]
        assert guessed["why"] == "отправитель отметил значения как расчётные"

    def test_a_gap_that_the_meter_left(self, point):
        assert self.rows(point)[0] == "со счётчика ничего не пришло"

    def test_a_rejected_value_and_its_check(self, point):
        start = datetime(2026, 3, 1, 21, tzinfo=UTC)
        verdict = BlockBatch.from_series(
            usage_points=[point.pk], reading_types=[1], start=start, interval=30,
            values=[[0] * 48],
            quality=[[int(Quality.MISSING)] * 2 + [int(Quality.UNTOLD)] * 46], zone=MOSCOW,
        )  # fmt: skip
        services.judge(verdict, at=AT)

        told = report("completeness", windows(point), **MONTH)

        assert told.rows[0]["hours"] == 1.0
        assert told.rows[0]["why"] == "значение пришло, но не принято"
