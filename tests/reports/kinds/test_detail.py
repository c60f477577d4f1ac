"""Consumption in detail, both tables, against `readings.queries.consumption`."""

from datetime import UTC, date, datetime

import numpy as np
import pytest

from faza.core.reading_types import A_PLUS
from faza.core.units import floats
from faza.readings.queries import consumption
from faza.reports import gathering
from faza.reports.kinds import detail_together
from faza.reports.table import State
from tests.charges import world as charged
from tests.reports.kinds.world import EST, MARCH, MOSCOW, make_point, measure, report, windows

pytestmark = pytest.mark.django_db
APRIL = date(2026, 4, 1)
MONTH = {"period": "month", "on": "2026-03-01"}
TWO = ["07:00-23:00", "23:00-07:00"]


@pytest.fixture
def points():
    made = [make_point("P1", MOSCOW), make_point("P2", MOSCOW)]
    measure(made[0], MARCH, 31, lambda n: None if n in (50, 51) else n % 700,
            quality=lambda n: EST if 100 <= n < 110 else 0)  # fmt: skip
    measure(made[1], date(2026, 3, 5), 20, 333)
    return made


def asked(points, by="day"):
    return consumption(windows(*points), [A_PLUS.code], MARCH, APRIL, by)


@pytest.mark.parametrize(("resolution", "by"), [("day", "day"), ("hour", "hour"),
                                                ("month", "month")])  # fmt: skip
class TestNumbers:
    def test_one_below_another(self, points, resolution, by):
        found = asked(points, by)

        told = report("detail", windows(*points), resolution=resolution, **MONTH)

        for row, code in enumerate(("P1", "P2")):
            mine = [one for one in told.rows if one["code"] == code]
            present = found.n_present[row] > 0
            values = np.where(present, floats(found.total[row], A_PLUS), np.nan)
            shown = [np.nan if one["used"] is None else one["used"] for one in mine]
            assert np.allclose(shown, values, equal_nan=True)
            share = 100 * found.n_present[row] / found.n_expected[row]
            assert np.allclose([one["complete"] for one in mine], np.floor(share * 10) / 10)
        sums = floats(found.total.sum(axis=1), A_PLUS)
        assert [one["used"] for one in told.sums] == pytest.approx(sums)
        assert told.total["used"] == pytest.approx(sums.sum())

    def test_side_by_side_and_a_row_a_point_tell_the_same(
        self, points, resolution, by, monkeypatch
    ):
        below = report("detail", windows(*points), resolution=resolution, **MONTH)
        beside = report("detail-together", windows(*points), resolution=resolution, **MONTH)
        monkeypatch.setattr(detail_together, "MOST_COLUMNS", 1)
        turned = report("detail-together", windows(*points), resolution=resolution, **MONTH)

        for code in ("P1", "P2"):
            mine = [one["used"] for one in below.rows if one["code"] == code]
            assert [one[code] for one in beside.rows] == mine
            (row,) = [one for one in turned.rows if one["code"] == code]
            assert [row[column.key] for column in turned.table.columns[2:-1]] == mine
            (own,) = [one["used"] for one in below.sums if one["code"] == code]
            assert beside.total[code] == row["all"] == own
        assert beside.total["all"] == turned.total["all"] == below.total["used"]
        assert beside.table.notes == turned.table.notes


class TestStates:
    def test_of_days_and_sums(self, points):
        told = report("detail", windows(*points), **MONTH)

        first = [one for one in told.rows if one["code"] == "P1"]
        assert [one["used!"] for one in first[:3]] == [
            State.MEASURED, State.PARTLY, State.ESTIMATED,
        ]  # fmt: skip
        assert first[1]["complete"] == 95.8
        second = [one for one in told.rows if one["code"] == "P2"]
        assert (second[0]["used"], second[0]["used!"]) == (None, State.MISSING)
        assert told.total["used!"] == State.PARTLY

    def test_a_day_of_23_hours(self):
        point = make_point("B", "Europe/Berlin")
        measure(point, date(2026, 3, 28), 3, 500)

        told = report("detail", windows(point), period="any", **{"from": "2026-03-28",
                      "to": "2026-03-30"})  # fmt: skip

        assert [one["used"] for one in told.rows] == [24.0, 23.0, 24.0]
        assert [one["complete"] for one in told.rows] == [100.0] * 3

    def test_an_open_month_has_rows_up_to_now(self, points):
        at = datetime(2026, 3, 10, 9, tzinfo=UTC)

        told = report("detail", windows(*points, at=at), at=at, **MONTH)

        assert [one["when"] for one in told.rows if one["code"] == "P1"][-1] == "2026-03-10"


class TestZones:
    @pytest.fixture
    def home(self):
        point, _meter, _agreement = charged.make_home(hours=TWO)
        charged.measure(point, MARCH, APRIL, lambda day, hour: 100 + hour)
        return point

    def test_day_and_night_of_each_day(self, home):
        told = report("detail", windows(home), tariffs="1", **MONTH)

        day = sum(100 + hour for hour in range(7, 23)) / 1000
        night = sum(100 + hour for hour in (*range(7), 23)) / 1000
        for row in told.rows:
            assert (row["t1"], row["t2"]) == (pytest.approx(day), pytest.approx(night))
        assert told.sums[0]["t1"] == pytest.approx(31 * day)
        assert told.sums[0]["used"] == pytest.approx(31 * (day + night))

    def test_an_hour_of_the_other_zone_is_a_zero_not_a_gap(self, home):
        told = report("detail", windows(home), tariffs="1", resolution="hour", **MONTH)

        assert (told.rows[0]["t1"], told.rows[0]["t1!"]) == (0.0, State.MEASURED)
        assert (told.rows[8]["t1"], told.rows[8]["t2"]) == (0.108, 0.0)

    def test_what_has_no_tariff_is_in_no_zone(self, home):
        other = make_point("P9", MOSCOW)
        measure(other, MARCH, 1, 100)

        told = report("detail", windows(home, other), tariffs="1", **MONTH)

        mine = next(row for row in told.rows if row["code"] == "P9")
        assert (mine["used"], mine["t1"], mine["t1!"]) == (4.8, None, State.MISSING)
        assert "1\u202f488" in told.table.notes[-1]

    def test_without_the_tick_there_are_no_columns_of_zones(self, home):
        told = report("detail", windows(home), **MONTH)

        assert not {"t1", "t2"} & {column.key for column in told.table.columns}

    def test_a_change_of_the_tariff_counts_from_its_month(self, home):
        from faza.charges.models import AgreementTariff
        from faza.contracts.models import CustomerAgreement

        agreement = CustomerAgreement.objects.get()
        one = charged.make_tariff("H1")
        AgreementTariff.objects.create(
            agreement=agreement, valid_from=date(2000, 1, 1), tariff=agreement.tariff
        )
        AgreementTariff.objects.create(agreement=agreement, valid_from=date(2026, 3, 1), tariff=one)

        told = report("detail", windows(home), tariffs="1", **MONTH)

        assert "t1" not in {column.key for column in told.table.columns}


class TestMany:
    def test_batches_tell_the_same(self, points, monkeypatch):
        whole = report("detail", windows(*points), **MONTH)
        monkeypatch.setattr(gathering, "BATCH", 1)

        told = report("detail", windows(*points), **MONTH)

        assert (told.rows, told.sums, told.total) == (whole.rows, whole.sums, whole.total)

    def test_too_many_columns_become_coarser(self, points, monkeypatch):
        monkeypatch.setattr(detail_together, "MOST_COLUMNS", 1)
        monkeypatch.setattr(detail_together, "MOST_TIMES", 40)

        told = report("detail-together", windows(*points), resolution="hour", **MONTH)

        assert len(told.table.columns) == 2 + 31 + 1
        assert "по суткам" in told.table.notes[0]

    def test_the_hour_that_comes_twice_is_two_columns(self, monkeypatch):
        monkeypatch.setattr(detail_together, "MOST_COLUMNS", 1)
        made = [make_point("B1", "Europe/Berlin"), make_point("B2", "Europe/Berlin")]
        for point in made:
            measure(point, date(2026, 10, 25), 1, 500)

        told = report("detail-together", windows(*made), resolution="hour", period="day",
                      on="2026-10-25")  # fmt: skip

        assert len(told.table.columns) == 2 + 25 + 1
        assert told.rows[0]["2026-10-25T02:00-2"] == 1.0
        assert told.rows[0]["all"] == 25.0
