"""Households past the months of the mean: the normative, worked by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from faza.audit.models import Entry
from faza.charges import queries, services
from faza.charges.models import AgreementNormative
from faza.charges.rules.substitution import CLAUSES, MEAN, NORMATIVE
from faza.contracts import services as contracts
from faza.tariffs.models import Normative
from faza.tariffs.rules.normative import NormativeRow, on, volume
from tests.charges.world import (
    APRIL,
    AT,
    JANUARY,
    MARCH,
    keep,
    make_home,
    measure,
    moment,
    windows,
)
from tests.contracts.factories import make_agreement

FEBRUARY, JUNE = date(2026, 2, 1), date(2026, 6, 1)


def row(residents: int, amount: str, since: date = date(2020, 1, 1), factor: str = "1.5"):
    return NormativeRow(
        "GAS-1", "1 комната, газовая плита", since, residents, Decimal(amount), Decimal(factor),
        "№ 5", "сайт", False,
    )  # fmt: skip


def entered(residents: int = 0, amount: str = "75", factor: str = "1.5", **fields):
    asked = {"group": "GAS-1", "group_name": "1 комната, газовая плита", "residents": residents,
             "valid_from": date(2020, 1, 1), "amount": amount, "factor": factor, "order": "№ 5",
             "source": "сайт"}  # fmt: skip
    return Normative.objects.create(**asked | fields)


class TestRule:
    def test_for_each_resident_with_the_raising_coefficient(self):
        """75 kWh x 2 residents x 1.5 = 225 kWh."""
        assert volume(row(2, "75"), 2, days=30, of_days=30) == 225_000

    def test_by_the_days_of_a_part_of_the_month(self):
        """86.4 kWh x 3 residents x 1 x 10 / 31 days = 83.612903… kWh."""
        assert volume(row(3, "86.4", factor="1"), 3, days=10, of_days=31) == 83_613

    def test_the_table_by_residents(self):
        """Own number; the greatest of the table for more; none for what it leaves out."""
        table = [row(1, "131"), row(2, "81"), row(3, "63")]
        found = {n: one.amount for n in range(1, 6) if (one := on(table, n, MARCH))}
        assert found == {1: 131, 2: 81, 3: 63, 4: 63, 5: 63}
        assert on([row(0, "75")], 4, MARCH).amount == 75

    def test_the_latest_date_replaces_all_rows_before_it(self):
        table = [row(1, "131"), row(2, "81"), row(1, "140", MARCH)]
        assert on(table, 2, FEBRUARY).amount == 81
        assert on(table, 1, MARCH).amount == 140
        assert on(table, 2, MARCH).amount == 140
        assert on(table, 1, date(2019, 12, 31)) is None


@pytest.fixture
def home(db):
    """A household with readings of January alone: fewer than the three months of the mean."""
    point, meter, agreement = make_home(since=JANUARY)
    measure(point, date(2026, 1, 1), FEBRUARY)
    return point, agreement


def told(point, month: date):
    return queries.substituted(windows(point), point.pk, month)


def say(agreement, since: date = FEBRUARY, residents: int = 2, group: str = "GAS-1"):
    return services.set_normative(
        agreement=agreement, group=group, residents=residents, since=since, at=AT, by=None
    )


class TestKept:
    def test_with_less_history_than_the_mean_needs_the_normative_at_once(self, home):
        """Of March one day came. 75 kWh x 2 residents x 1.5 = 225 kWh, by clause 60."""
        point, agreement = home
        entered()
        say(agreement)
        measure(point, MARCH, date(2026, 3, 2))
        keep()
        [one] = told(point, MARCH)
        assert (one.method, one.clause, one.volume) == (NORMATIVE, CLAUSES[NORMATIVE], 225_000)
        assert one.clause == "ПП 354, п. 60"
        names = ("per_resident", "residents", "factor", "days", "of_days", "order", "is_example")
        assert [one.inputs[name] for name in names] == [75_000, 2, "1.5", 31, 31, "№ 5", False]

    def test_after_three_months_of_the_mean(self, db):
        """January to March 744, 672 and 744 kWh; four months on end without a reading."""
        point, _, agreement = make_home(since=JANUARY)
        measure(point, date(2026, 1, 1), APRIL)
        entered(residents=1, amount="131", factor="1.5")
        entered(residents=2, amount="81.5", factor="1.5")
        say(agreement, since=MARCH, residents=4)
        at = AT.replace(month=9)
        for month in (4, 5, 6, 7):
            measure(point, date(2026, month, 1), date(2026, month, 2))
        keep(at)
        found = [told(point, date(2026, month, 1)) for month in (4, 5, 6, 7)]
        assert [(one.method, one.number) for [one] in found] == [
            (MEAN, 1), (MEAN, 2), (MEAN, 3), (NORMATIVE, 4),
        ]  # fmt: skip
        # 81.5 kWh x 4 residents x 1.5 = 489 kWh: the greatest number of the table stands for more.
        assert [one.volume for [one] in found] == [720_000, 720_000, 720_000, 489_000]

    def test_of_two_owners_each_by_the_days_of_its_own(self, db):
        """The first has 10 of 31 days: 75 x 1 x 1 x 10 / 31 = 24.193548… kWh."""
        point, _, agreement = make_home(since=JANUARY, to=moment(date(2026, 3, 11)))
        entered(factor="1")
        say(agreement, residents=1)
        measure(point, MARCH, date(2026, 3, 2))
        keep()
        [one] = told(point, MARCH)
        assert (one.volume, one.inputs["days"], one.inputs["of_days"]) == (24_194, 10, 31)

    def test_a_normative_that_is_imported_later_makes_the_months_anew(self, home):
        point, agreement = home
        say(agreement)
        measure(point, MARCH, date(2026, 3, 2))
        keep()
        assert told(point, MARCH) == []

        entered(is_example=True, order="", source="")
        services.mark_normatives(since=MARCH, at=AT)
        keep()
        [one] = told(point, MARCH)
        assert (one.volume, one.inputs["is_example"]) == (225_000, True)

    def test_who_lives_there_is_dated(self, home):
        """Two until March, three from April on: 225 and 337.5 kWh."""
        point, agreement = home
        entered()
        say(agreement)
        say(agreement, since=date(2026, 4, 20), residents=3)
        for month in (MARCH, APRIL):
            measure(point, month, month.replace(day=2))
        keep()
        [march], [april] = told(point, MARCH), told(point, APRIL)
        assert (march.volume, april.volume) == (225_000, 337_500)

    def test_not_known_from_a_month_on(self, home):
        point, agreement = home
        entered()
        say(agreement)
        say(agreement, since=APRIL, group="")
        for month in (MARCH, APRIL):
            measure(point, month, month.replace(day=2))
        keep()
        assert len(told(point, MARCH)) == 1
        assert told(point, APRIL) == []

    def test_a_business_has_no_normative(self, home):
        point, agreement = home
        contracts.change_agreement(agreement=agreement, fields={"kind": "energy_supply"}, at=AT)
        entered()
        say(agreement)
        measure(point, MARCH, date(2026, 3, 2))
        keep()
        assert [one.method for one in told(point, MARCH)] == ["nearest"]


@pytest.mark.django_db
class TestSaid:
    def test_told_twice_it_is_said_once_and_the_trail_has_it(self):
        agreement = make_agreement()
        first = say(agreement)
        assert say(agreement, since=MARCH) == first
        say(agreement, since=MARCH, residents=5)
        assert AgreementNormative.objects.filter(agreement=agreement).count() == 2
        [one, two] = Entry.objects.filter(action="charges.normative.set").order_by("pk")
        assert one.before is None
        assert (two.before, two.after["residents"]) == (
            {"normative_group": "GAS-1", "residents": 2}, 5,
        )  # fmt: skip
