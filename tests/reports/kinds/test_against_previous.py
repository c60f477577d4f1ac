"""Month against previous: energies of `consumption`, roubles of `charges.queries`."""

from datetime import UTC, date, datetime

import pytest

from faza.charges.queries import charged
from faza.reports import gathering
from faza.reports.table import State
from tests.charges import world
from tests.reports.kinds.world import MARCH, make_point, measure, report, windows

pytestmark = pytest.mark.django_db
FEBRUARY, APRIL = date(2026, 2, 1), date(2026, 4, 1)
MONTH = {"period": "month", "on": "2026-03-01"}


@pytest.fixture
def home():
    point, _meter, _agreement = world.make_home()
    world.measure(point, FEBRUARY, MARCH, 1000)
    world.measure(point, MARCH, APRIL, 1500)
    world.keep()
    return point


class TestMonths:
    def test_energy_and_roubles_beside_those_before(self, home):
        seen = windows(home, at=world.AT)

        (row,) = report("against-previous", seen, at=world.AT, **MONTH).rows

        assert (row["now"], row["before"], row["change"]) == (1116.0, 672.0, 444.0)
        assert row["percent"] == pytest.approx(66.1)
        kept = charged(seen, FEBRUARY, APRIL)
        before, now = (kopecks / 100 for kopecks in kept.kopecks.tolist())
        assert (row["roubles"], row["roubles_before"]) == (now, before)
        assert row["roubles_change"] == pytest.approx(now - before)
        assert row["roubles"] == pytest.approx(1116 * 5.82)
        assert (row["complete"], row["complete_before"]) == (100.0, 100.0)

    def test_of_a_year_all_its_months(self, home):
        seen = windows(home, at=world.AT)

        (row,) = report("against-previous", seen, at=world.AT, period="quarter",
                        on="2026-02-01").rows  # fmt: skip

        assert (row["now"], row["now!"]) == (1788.0, State.PARTLY)
        assert (row["before"], row["change"], row["percent"]) == (None, None, None)

    def test_a_month_that_is_not_over_beside_the_same_days(self, home):
        at = datetime(2026, 3, 11, 9, tzinfo=UTC)

        told = report("against-previous", windows(home, at=at), at=at, **MONTH)

        (row,) = told.rows
        assert (row["now"], row["before"]) == (360.0, 240.0)
        assert "roubles" not in row
        assert "10.02.2026" in told.notes

    def test_the_long_month_beside_the_short_one_so_far(self, home):
        at = datetime(2026, 3, 31, 9, tzinfo=UTC)

        (row,) = report("against-previous", windows(home, at=at), at=at, **MONTH).rows

        assert (row["now"], row["before"]) == (30 * 36.0, 672.0)

    def test_a_total_of_what_is_known(self, home):
        other = make_point("P9", home.zone)
        measure(other, MARCH, 31, 50)
        seen = windows(home, other, at=world.AT)

        told = report("against-previous", seen, at=world.AT, **MONTH)

        assert told.total["now"] == pytest.approx(1116 + 74.4)
        assert (told.total["before"], told.total["before!"]) == (672.0, State.PARTLY)
        assert told.total["roubles!"] == State.PARTLY
        assert told.rows[1]["roubles!"] == State.MISSING
        assert told.rows[1]["change!"] == State.MISSING

    def test_reactive_energy_costs_nothing_and_has_no_roubles(self, home):
        told = report("against-previous", windows(home, at=world.AT), at=world.AT, channel="R+",
                      **MONTH)  # fmt: skip

        assert "roubles" not in {column.key for column in told.table.columns}

    def test_batches_tell_the_same(self, home, monkeypatch):
        others = [make_point(f"Q{number}", home.zone) for number in range(3)]
        for point in others:
            measure(point, FEBRUARY, 59, 50)
        seen = windows(home, *others, at=world.AT)
        whole = report("against-previous", seen, at=world.AT, **MONTH)
        monkeypatch.setattr(gathering, "BATCH", 1)

        told = report("against-previous", seen, at=world.AT, **MONTH)

        assert (told.rows, told.total) == (whole.rows, whole.total)
