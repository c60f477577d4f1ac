"""Billing volumes of months without readings, each with its clause and its numbers."""

from datetime import date

import pytest

from faza.charges import queries
from faza.charges.rules.substitution import (
    CALCULATED,
    CLAUSES,
    CONTROL,
    LAST_YEAR,
    MEAN,
    NEAREST,
    NORMATIVE,
    Known,
    Normative,
    substitute,
)
from faza.contracts import services as contracts
from tests.charges.world import (
    APRIL,
    AT,
    JANUARY,
    MARCH,
    MAY,
    keep,
    kept,
    make_home,
    measure,
    moment,
    windows,
)
from tests.readings import meters


def months(first: int, *volumes: int, year: int = 2026) -> dict[date, int]:
    """Volumes in kWh of the months from one on."""
    return {date(year, first + n, 1): volume * 1000 for n, volume in enumerate(volumes)}


class TestHouseholds:
    def test_the_mean_of_the_last_six_months(self):
        """(120 + 130 + 140 + 150 + 160 + 170) / 6 = 145; the 999 before them is not asked."""
        known = Known(months(1, 999, 120, 130, 140, 150, 160, 170))
        found = substitute(date(2026, 8, 1), known, household=True)
        assert found is not None
        assert (found.method, found.volume, found.number) == (MEAN, 145_000, 1)
        assert found.clause == "ПП 354, п. 59"
        assert sorted(found.inputs) == [f"2026-0{n}-01" for n in range(2, 8)]

    def test_of_three_at_least(self):
        two = Known(months(1, 120, 130), normative=Normative(90_000))
        found = substitute(date(2026, 3, 1), two, household=True)
        assert found is not None
        assert (found.method, found.volume) == (NORMATIVE, 90_000)

        three = Known(months(1, 120, 130, 140), normative=Normative(90_000))
        found = substitute(date(2026, 4, 1), three, household=True)
        assert found is not None
        assert (found.method, found.volume) == (MEAN, 130_000)

    def test_for_three_months_in_a_row_and_then_the_normative(self):
        known = Known(months(1, 120, 130, 140), normative=Normative(90_000))
        methods = [
            (found.method, found.number)
            for month in (4, 5, 6, 7)
            if (found := substitute(date(2026, month, 1), known, household=True))
        ]
        assert methods == [(MEAN, 1), (MEAN, 2), (MEAN, 3), (NORMATIVE, 4)]

    def test_without_a_normative_nothing_is_invented(self):
        assert substitute(date(2026, 9, 1), Known(months(1, 120)), household=True) is None


class TestOthers:
    def test_the_control_meter_comes_first(self):
        known = Known(months(1, 500), control=480_000)
        found = substitute(date(2026, 2, 1), known, household=False)
        assert found is not None
        assert (found.method, found.volume, found.clause) == (CONTROL, 480_000, CLAUSES[CONTROL])

    def test_then_the_same_month_of_last_year(self):
        known = Known(months(3, 700, year=2025) | months(1, 500, 510))
        found = substitute(date(2026, 3, 1), known, household=False)
        assert found is not None
        assert (found.method, found.volume) == (LAST_YEAR, 700_000)

    def test_or_the_nearest_month_before(self):
        found = substitute(date(2026, 3, 1), Known(months(1, 500, 510)), household=False)
        assert found is not None
        assert (found.method, found.volume) == (NEAREST, 510_000)

    def test_from_the_third_month_on_by_calculation(self):
        """15 kW x 720 h = 10,800 kWh."""
        known = Known(months(1, 500), max_power=15_000, hours=720)
        second = substitute(date(2026, 3, 1), known, household=False)
        third = substitute(date(2026, 4, 1), known, household=False)
        assert second is not None
        assert second.method == NEAREST
        assert third is not None
        assert (third.method, third.volume, third.number) == (CALCULATED, 10_800_000, 3)

    def test_without_an_agreed_power_nothing_is_invented(self):
        assert substitute(date(2026, 9, 1), Known(months(1, 500)), household=False) is None


@pytest.mark.django_db
class TestKept:
    """Beside the charge of a month that is over and not measured wholly; never in its volumes."""

    def test_a_household_by_the_mean_of_its_months(self):
        """January to March 744, 672 and 744 kWh: a mean of 720; of April one day is there."""
        point, *_ = make_home(since=JANUARY)
        measure(point, date(2026, 1, 1), date(2026, 4, 2))
        keep()
        [row] = queries.substituted(windows(point), point.pk, APRIL)
        assert (row.method, row.volume, row.number) == (MEAN, 720_000, 1)
        assert row.clause == CLAUSES[MEAN]
        assert row.inputs["2026-02-01"] == 672_000
        assert kept(point, APRIL).volume == 24_000
        assert queries.substituted(windows(point), point.pk, MARCH) == []

        # Nobody who does not see the month sees it, and what comes late takes it away.
        assert queries.substituted(windows(point, since=moment(MAY)), point.pk, APRIL) == []
        measure(point, date(2026, 4, 2), MAY)
        keep()
        assert queries.substituted(windows(point), point.pk, APRIL) == []

    def test_a_business_by_its_control_meter(self):
        point, *_, agreement = make_home(since=JANUARY)
        contracts.change_agreement(agreement=agreement, fields={"kind": "energy_supply"}, at=AT)
        control = meters.make_meter("C")
        meters.put_in(point, control, since=JANUARY, role="control", ct=10)
        meters.read(point, control, moment(MARCH), 100_000)
        meters.read(point, control, moment(APRIL), 150_500)
        measure(point, MARCH, date(2026, 3, 2))
        keep()
        [row] = queries.substituted(windows(point), point.pk, MARCH)
        assert (row.method, row.volume) == (CONTROL, 505_000)
