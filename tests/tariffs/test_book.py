"""Price books: what holds on a day, from plain values."""

from datetime import date
from decimal import Decimal as D

import pytest

from faza.tariffs.rules.book import (
    BUSINESS,
    ENERGY,
    KWH,
    TRANSMISSION_ENERGY,
    MarketBook,
    PriceBook,
    PriceRow,
    RangeRow,
    SeasonRow,
    TariffFacts,
    VatRow,
    ZoneRow,
)

JAN, OCT = date(2026, 1, 1), date(2026, 10, 1)


def row(since, amount, component=ENERGY, **fields):
    return PriceRow(since, component, D(amount), KWH, True, **fields)


def book(**fields):
    return PriceBook(TariffFacts(1, "T", "t"), **fields)


class TestPrices:
    def test_the_rows_of_a_later_date_replace_all_of_the_same_component(self):
        told = book(
            prices=(
                row(JAN, "5", zone=1), row(JAN, "3", zone=2), row(JAN, "1", TRANSMISSION_ENERGY),
                row(OCT, "6"),
            )
        )  # fmt: skip

        def amounts(day):
            return [one.amount for one in told.prices_on(day)]

        assert amounts(date(2025, 12, 31)) == []
        assert amounts(date(2026, 9, 30)) == [D(5), D(3), D(1)]
        assert amounts(OCT) == [D(6), D(1)]

    def test_a_row_of_the_zone_comes_before_one_of_any(self):
        told = book(prices=(row(JAN, "5"), row(JAN, "3", zone=2), row(JAN, "9", zone=2, range=3)))

        def price(**at):
            found = told.price_on(JAN, ENERGY, **at)
            return found.amount if found else None

        assert price(zone=1) == D(5)
        assert price(zone=2, range=1) == D(3)
        assert price(zone=2, range=3) == D(9)
        assert told.price_on(date(2025, 1, 1), ENERGY) is None

    def test_a_month_is_cut_where_a_price_the_tax_or_the_zones_change(self):
        told = book(
            prices=(row(JAN, "5"), row(date(2026, 1, 16), "6")),
            vat=(VatRow(JAN, D(22)),),
            zones=(ZoneRow(date(2026, 1, 20), 1, "d", "00:00-24:00"),),
        )

        cut = told.stretches(JAN, date(2026, 2, 1))

        assert [(a.day, b.day) for a, b in cut] == [(1, 16), (16, 20), (20, 1)]
        assert told.change_days(date(2025, 12, 1), date(2026, 1, 16)) == [JAN]

    def test_the_tax_of_a_day(self):
        told = book(vat=(VatRow(date(2019, 1, 1), D(20)), VatRow(JAN, D(22))))

        assert told.vat_on(date(2018, 12, 31)) is None
        assert told.vat_on(date(2025, 12, 31)).percent == 20
        assert told.vat_on(JAN).percent == 22


class TestZones:
    ZONES = (
        ZoneRow(JAN, 1, "day", "07:00-23:00", "10:00-12:00"),
        ZoneRow(JAN, 2, "night", "23:00-07:00", "12:00-10:00"),
        ZoneRow(JAN, 1, "all", "00:00-24:00", month=5),
    )

    def test_a_month_with_zones_of_its_own_has_those(self):
        told = book(zones=self.ZONES)

        assert [zone.number for zone in told.zones_on(date(2026, 4, 30))] == [1, 2]
        assert [zone.name for zone in told.zones_on(date(2026, 5, 1))] == ["all"]
        assert set(told.zone_of_minutes(date(2026, 5, 1))) == {1}

    def test_days_off_have_their_hours_by_the_production_calendar(self):
        monday, sunday = date(2026, 4, 6), date(2026, 4, 5)
        told = book(zones=self.ZONES)
        on_holiday = book(zones=self.ZONES, days={monday: "holiday"})

        assert told.zone_of_minutes(monday).count(1) == 16 * 60
        assert told.zone_of_minutes(sunday).count(1) == 2 * 60
        assert on_holiday.zone_of_minutes(monday).count(1) == 2 * 60

    def test_without_zones_there_is_no_zone_of_a_minute(self):
        assert book().zone_of_minutes(JAN) == ()

    def test_months_cut_a_stretch_where_zones_are_told_by_month(self):
        told = book(zones=self.ZONES)

        assert told.change_days(date(2026, 3, 15), date(2026, 5, 15)) == [
            date(2026, 4, 1), date(2026, 5, 1)
        ]  # fmt: skip


class TestRanges:
    RANGES = (RangeRow(JAN, 1, D(3900)), RangeRow(JAN, 2, D(6000)), RangeRow(JAN, 3, None))

    def test_bounds_are_multiplied_by_the_coefficient_of_the_season(self):
        """3900 x 1.8 = 7020, 6000 x 1.8 = 10 800 kWh: the electrically heated house in winter."""
        told = book(ranges=self.RANGES, seasons=(SeasonRow(JAN, 2, D("1.8")),))

        assert told.range_bounds(date(2026, 2, 1)) == (D(7020), D(10800), None)
        assert told.range_bounds(date(2026, 3, 31)) == (D(3900), D(6000), None)

    def test_a_month_has_one_set_of_ranges(self):
        """Bounds that change on the 16th hold from the next month on."""
        told = book(ranges=(*self.RANGES, RangeRow(date(2026, 5, 16), 1, None)))

        assert told.range_bounds(date(2026, 5, 20)) == (D(3900), D(6000), None)
        assert told.range_bounds(date(2026, 6, 1)) == (None,)

    def test_without_ranges_there_are_none(self):
        assert book().range_bounds(JAN) == ()


class TestFingerprint:
    def test_it_changes_with_what_holds_and_with_nothing_else(self):
        first, end = date(2026, 5, 1), date(2026, 6, 1)
        told = book(prices=(row(JAN, "5"),), vat=(VatRow(JAN, D(22)),))
        mark = told.fingerprint(first, end)
        later = book(prices=(row(JAN, "5"), row(OCT, "6")), vat=told.vat)
        older = book(prices=(row(date(2024, 1, 1), "1"), row(JAN, "5")), vat=told.vat)
        dearer = book(prices=(row(JAN, "5.01"),), vat=told.vat)

        assert later.fingerprint(first, end) == mark
        assert older.fingerprint(first, end) == mark
        assert dearer.fingerprint(first, end) != mark
        assert later.fingerprint(OCT, date(2026, 11, 1)) != mark

    def test_hours_of_the_market_belong_to_it(self):
        facts = TariffFacts(1, "PC3", "t", BUSINESS, 3)
        day = date(2026, 5, 5)

        def mark(amount):
            market = MarketBook("M", "Europe/Moscow", {day: (D(amount),) * 24})
            return PriceBook(facts, market=market).fingerprint(day, date(2026, 6, 1))

        assert mark("1500") == mark("1500") != mark("1500.01")


def test_the_planned_peak_hours_are_those_of_the_month():
    told = MarketBook("M", "Europe/Moscow", network={JAN: (8, 9)})

    assert told.network_hours(date(2026, 1, 31)) == (8, 9)
    assert told.network_hours(date(2026, 2, 1)) == ()


@pytest.mark.parametrize("kwh", ["0.01", "1"])
def test_amounts_stay_decimals(kwh):
    assert isinstance(book(prices=(row(JAN, kwh),)).prices_on(JAN)[0].amount, D)
