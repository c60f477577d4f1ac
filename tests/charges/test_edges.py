"""Edges of the rules of cost: other clocks than the market's, parts of months, what is missing."""

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction

import numpy as np

from faza.charges.advice.queries import Advice, Offer
from faza.charges.forecast.money import _as_so_far
from faza.charges.reading import IMPORT, Shown
from faza.charges.rules import charge as charges
from faza.charges.rules import hourly
from faza.charges.rules.grids import Series
from faza.charges.rules.laying import Layer, lay
from faza.charges.rules.pricing import Pricer, price
from faza.charges.rules.volumes import Read
from faza.tariffs.rules.book import VatRow
from tests.charges.examples import MOSCOW, SINCE, TWO, business, market, series, zones

MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)


def kilowatt(local):
    return 1000


def read(kwh: int) -> Read:
    return Read(Fraction(kwh * 1000), Fraction(kwh))


def power_lines(charge):
    return [
        (line.volume, line.amount, line.days, line.of_days)
        for line in charge.lines
        if line.component == "capacity"
    ]


class TestPower:
    """1 kW at 800,000 RUB/MW·month: 800.00 RUB a month of 31 days."""

    BOOK = staticmethod(
        lambda: business(
            3, ("capacity", "800000"), market=market(MARCH, lambda d, h: 1000, generation=10)
        )
    )

    def test_two_owners_of_a_month_pay_for_it_once_together(self):
        """15 of 31 days: 387.0967… = 387.10; 16 of 31: 412.9032… = 412.90; together 800.00."""
        book, sold = self.BOOK(), date(2026, 3, 16)
        paid = []
        for first, end in ((MARCH, sold), (sold, APRIL)):
            charge = price(book, lay(book, series(first, end, kilowatt), first, end))
            paid += power_lines(charge)
        assert paid == [
            (1, Decimal("387.10"), 15, 31),
            (1, Decimal("412.90"), 16, 31),
        ]

    def test_a_month_that_goes_on_has_the_power_of_the_whole_month(self):
        book, today = self.BOOK(), date(2026, 3, 20)
        volumes = Layer(book).lay(
            series(MARCH, today, kilowatt), MARCH, date(2026, 3, 21), cut=today
        )
        assert power_lines(Pricer(book).price(volumes)) == [(1, Decimal("800.00"), 0, 0)]

    def test_a_half_of_an_hour_is_no_load_of_an_hour(self):
        """At 10:30 the peak hour of 20 March is not over: that day is not counted yet."""
        book = self.BOOK()
        begun = series(MARCH, date(2026, 3, 21), kilowatt, minutes=30).within(
            0, int(datetime(2026, 3, 20, 7, 30, tzinfo=UTC).timestamp())
        )
        volumes = lay(book, begun, MARCH, date(2026, 3, 21))
        assert volumes.generation is not None
        assert volumes.generation.power == 1
        assert (volumes.generation.days, volumes.generation.missing) == (14, 1)

    def test_power_without_a_price_is_not_free(self):
        hours = market(MARCH, lambda d, h: 1000, generation=10, network=(10,))
        for category, prices in ((3, ()), (4, (("capacity", "800000"),))):
            charge = price(
                business(category, *prices, market=hours),
                lay(business(category, market=hours), series(MARCH, APRIL, kilowatt), MARCH, APRIL),
            )
            assert (charge.total, charge.problem) == (None, charges.NO_PRICES)

    def test_a_price_of_power_that_begins_inside_the_month_is_not_free_before(self):
        hours = market(MARCH, lambda d, h: 1000, generation=10)
        book = business(3, ("capacity", "800000", 0, date(2026, 3, 16)), market=hours)
        charge = price(book, lay(book, series(MARCH, APRIL, kilowatt), MARCH, APRIL))
        assert (charge.total, charge.problem) == (None, charges.NO_PRICES)

    def test_another_rate_of_the_tax_cuts_power_too(self):
        """800 x 15/31 = 387.10 with 20 %, 412.90 with 22 %."""
        book = self.BOOK()
        vat = (VatRow(SINCE, Decimal(20)), VatRow(date(2026, 3, 16), Decimal(22)))
        book = type(book)(book.tariff, book.prices, book.zones, vat=vat, market=book.market)
        charge = price(book, lay(book, series(MARCH, APRIL, kilowatt), MARCH, APRIL))
        assert [line[1] for line in power_lines(charge)] == [Decimal("387.10"), Decimal("412.90")]

    def test_planned_hours_that_are_examples_are_told_where_the_month_begins_on_a_sunday(self):
        hours = market(MARCH, lambda d, h: 1000, network=(8, 9), examples=(MARCH,))
        book = business(4, market=hours)
        load = hourly.hours_of(series(MARCH, APRIL, kilowatt), MOSCOW)
        found = hourly.network(load, hours, book, MARCH, APRIL)
        assert found is not None
        assert found.is_example


class TestTariffRegisters:
    def test_a_zone_of_the_meter_that_the_tariff_has_not_is_not_left_out(self):
        """T1 100, T2 50, T3 30 kWh without a sum: two zones would be 150 of 180."""
        three = {IMPORT[n]: read(kwh) for n, kwh in ((1, 100), (2, 50), (3, 30))}
        shown = Shown(three, Fraction(10))
        assert shown.zones(2) == {}
        assert shown.zones(1) == {}
        assert len(shown.zones(3)) == 3

    def test_registers_that_stand_still_are_in_nobodys_way(self):
        still = {IMPORT[1]: read(100), IMPORT[2]: read(50), IMPORT[3]: read(0)}
        assert Shown(still, Fraction(10)).zones(2) == {1: read(100), 2: read(50)}


class TestAdvice:
    def _advice(self, *totals):
        offers = tuple(
            Offer(n, f"T{n}", n == 0, total, "" if total else charges.NO_PRICES, False, {})
            for n, total in enumerate(totals)
        )
        moment = datetime(2026, 4, 1, tzinfo=UTC)
        return Advice(offers, MARCH, APRIL, 1, 1, 1, 1, 0, moment)

    def test_nothing_is_cheapest_where_no_other_has_a_price(self):
        assert self._advice(Decimal(100), None).best is None

    def test_the_cheapest(self):
        best = self._advice(Decimal(100), Decimal(120), None).best
        assert best is not None
        assert best.tariff == 0


class TestForecastMoney:
    def test_what_was_given_to_the_grid_has_no_vat_and_does_not_grow(self):
        """So far 372 kWh at 1.00 = 372.00, power 800.00, VAT 22 % of 1,172.00 = 257.84, export
        -100 x 2 = -200.00: 1,229.84. Of 744 kWh (744 + 800) x 1.22 - 200 = 1,683.68."""
        lines = (("energy", "372"), ("capacity", "800"), ("export", "-200"))
        kept = charges.Charge(
            MARCH, MARCH, APRIL,
            lines=tuple(
                charges.Line(name, MARCH, APRIL, Decimal(1), Decimal(1), "kwh", Decimal(amount))
                for name, amount in lines
            ),
            zones=(
                charges.ZoneVolume(
                    MARCH, APRIL, 1, Decimal(372), charges.INTERVALS, None, Decimal(372)
                ),
            ),
            total=Decimal("1229.84"),
        )  # fmt: skip
        assert _as_so_far(kept, (372_000, 744_000)) == (122_984, 168_368)


class TestClocks:
    def test_hours_of_the_calendar_before_are_not_lost(self):
        """In Yekaterinburg March begins at 22:00 of 28 February in Moscow, when T3 was there
        still for an hour. It has no price, and so there is no total, instead of 743 of 744 kWh."""
        book = business(2, ("energy", "5000", 1), ("energy", "1500", 2), hours=TWO, clock=MOSCOW)
        february = zones("07:00-10:00", "23:00-07:00", "10:00-23:00", month=2)
        march = zones(*TWO, month=3)
        book = type(book)(book.tariff, book.prices, february + march, vat=book.vat)
        load = series(MARCH, APRIL, kilowatt, zone="Asia/Yekaterinburg")
        volumes = lay(book, load, MARCH, APRIL)
        assert sum(zone.intervals for zone in volumes.zones) == 744
        assert price(book, volumes).problem == charges.NO_PRICES

    def test_an_hour_that_comes_twice_is_two_hours(self):
        """In Kaliningrad on 26 October 2014 clocks went back: 25 hours of 1 kW, none lost."""
        day = date(2014, 10, 26)
        load = series(day, date(2014, 10, 27), kilowatt, minutes=30, zone="Europe/Kaliningrad")
        hours = hourly.hours_of(load, "Europe/Kaliningrad")
        assert hours.values.tolist() == [1000] * 25
        assert hours.whole.all()

    def test_a_series_without_intervals(self):
        none = np.zeros(0, np.int64)
        empty = Series(MOSCOW, none, none.astype(np.int16), none, none.astype(np.uint8))
        assert len(hourly.hours_of(empty, MOSCOW).values) == 0
