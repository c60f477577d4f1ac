"""Worked examples: each was computed by hand in its docstring, to the kopeck.

Prices of households are those of Tatarstan in 2026 where they are known (5.82 RUB/kWh, from
1 October 6.47; reference/domain.md, 4.1), of businesses the specimen of 4.2 there; others are
round numbers. March 2026 has 31 days of 24 hours, 22 of them working days by the weekday.
"""

from datetime import date
from decimal import Decimal
from fractions import Fraction

from faza.charges.rules import charge as charges
from faza.charges.rules.laying import Layer, lay
from faza.charges.rules.pricing import Pricer, price
from faza.charges.rules.volumes import Read
from tests.charges.examples import (
    MOSCOW,
    THREE,
    TWO,
    business,
    days_of,
    household,
    market,
    series,
    zones,
)

MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)
SPECIMEN = [("transmission_energy", "2091.43"), ("margin", "69.53"), ("other", "2.72")]


def cost(book, of, first=MARCH, end=APRIL, **told):
    return price(book, lay(book, of, first, end, **told))


def lines(charge):
    return [(line.zone, line.range, line.volume, line.amount) for line in charge.lines]


def amounts(charge):
    return {line.component: line.amount for line in charge.lines}


def kilowatt(local):
    return 1000


class TestHouseholds:
    def test_one_zone(self):
        """1 kW x 744 h = 744 kWh; x 5.82 = 4,330.08. Of that VAT 22/122: 780.834… = 780.83."""
        charge = cost(household(("5.82",)), series(MARCH, APRIL, kilowatt))
        assert lines(charge) == [(0, 0, 744, Decimal("4330.08"))]
        assert (charge.total, charge.included) == (Decimal("4330.08"), Decimal("780.83"))
        assert charge.taxes == ()
        assert charge.basis == charges.INTERVALS

    def test_two_zones(self):
        """Day 1 kW x 16 h x 31 = 496 kWh x 6.69 = 3,318.24; night 0.5 kW x 8 h x 31 = 124 kWh
        x 3.35 = 415.40; together 3,733.64."""
        book = household(("6.69", 1), ("3.35", 2), hours=TWO)
        charge = cost(book, series(MARCH, APRIL, lambda t: 1000 if 7 <= t.hour < 23 else 500))
        assert lines(charge) == [
            (1, 0, 496, Decimal("3318.24")),
            (2, 0, 124, Decimal("415.40")),
        ]
        assert charge.total == Decimal("3733.64")

    def test_three_zones(self):
        """1 kW: peak 7 h x 31 = 217 kWh x 7.55 = 1,638.35; night 248 x 3.35 = 830.80; semi-peak
        9 h x 31 = 279 x 5.82 = 1,623.78; together 4,092.93."""
        book = household(("7.55", 1), ("3.35", 2), ("5.82", 3), hours=THREE)
        charge = cost(book, series(MARCH, APRIL, kilowatt, minutes=30))
        assert [line.volume for line in charge.lines] == [217, 248, 279]
        assert charge.total == Decimal("4092.93")

    def test_zones_are_told_by_the_clock_of_the_point(self):
        """In Vladivostok night is 23–07 there: a load of 1 kW in these 8 hours is 248 kWh of
        night, x 3.35 = 830.80, whatever the hour in Moscow."""
        book = household(("6.69", 1), ("3.35", 2), hours=TWO)
        zone = "Asia/Vladivostok"
        night = series(MARCH, APRIL, lambda t: 1000 if t.hour >= 23 or t.hour < 7 else 0, zone=zone)
        assert lines(cost(book, night)) == [(1, 0, 0, 0), (2, 0, 248, Decimal("830.80"))]

    def test_ranges_are_crossed(self):
        """10 kW x 744 h = 7,440 kWh: 3,900 x 5.82 = 22,698.00; the next 2,100 x 7.00 = 14,700.00;
        the last 1,440 x 9.00 = 12,960.00; together 50,358.00."""
        book = household(("5.82", 0, 1), ("7.00", 0, 2), ("9.00", 0, 3), ranges=(3900, 6000, None))
        charge = cost(book, series(MARCH, APRIL, lambda t: 10_000))
        assert lines(charge) == [
            (0, 1, 3900, Decimal("22698.00")),
            (0, 2, 2100, Decimal("14700.00")),
            (0, 3, 1440, Decimal("12960.00")),
        ]
        assert charge.total == Decimal("50358.00")

    def test_the_coefficient_of_the_season_moves_the_ranges(self):
        """x 1.8 the first range ends at 7,020: 7,020 x 4.96 = 34,819.20; the other 420 of 7,440
        x 6.00 = 2,520.00; together 37,339.20."""
        book = household(
            ("4.96", 0, 1), ("6.00", 0, 2), ("8.00", 0, 3),
            ranges=(3900, 6000, None), seasons=((3, "1.8"),),
        )  # fmt: skip
        charge = cost(book, series(MARCH, APRIL, lambda t: 10_000))
        assert [line.volume for line in charge.lines] == [7020, 420]
        assert charge.total == Decimal("37339.20")

    def test_a_range_is_shared_between_zones_by_their_consumption(self):
        """Day 10 kW x 496 h = 4,960 kWh, night 5 kW x 248 h = 1,240: four to one of 6,200.
        Range 1 (3,900): 3,120 x 6.69 = 20,872.80 and 780 x 3.35 = 2,613.00; range 2 (2,100):
        1,680 x 8.00 = 13,440.00 and 420 x 4.00 = 1,680.00; range 3 (200): 160 x 10.00 = 1,600.00
        and 40 x 5.00 = 200.00; together 40,405.80."""
        book = household(
            ("6.69", 1, 1), ("8", 1, 2), ("10", 1, 3), ("3.35", 2, 1), ("4", 2, 2), ("5", 2, 3),
            hours=TWO, ranges=(3900, 6000, None),
        )  # fmt: skip
        load = series(MARCH, APRIL, lambda t: 10_000 if 7 <= t.hour < 23 else 5_000)
        charge = cost(book, load)
        assert [(line.range, line.zone, line.volume) for line in charge.lines] == [
            (1, 1, 3120), (1, 2, 780), (2, 1, 1680), (2, 2, 420), (3, 1, 160), (3, 2, 40),
        ]  # fmt: skip
        assert charge.total == Decimal("40405.80")

    def test_a_price_date_inside_the_month_by_intervals(self):
        """To 16 March 15 d x 24 = 360 kWh x 5.82 = 2,095.20; from then 384 x 6.47 = 2,484.48;
        together 4,579.68."""
        book = household(("5.82",), ("6.47", 0, 0, date(2026, 3, 16)))
        charge = cost(book, series(MARCH, APRIL, kilowatt))
        assert [(x.first.day, x.end.day, x.volume, x.amount) for x in charge.lines] == [
            (1, 16, 360, Decimal("2095.20")),
            (16, 1, 384, Decimal("2484.48")),
        ]
        assert charge.total == Decimal("4579.68")

    def test_a_price_date_inside_the_month_by_registers_read_that_day(self):
        """Readings 1,000.60, on the 16th 1,360.90, at the end 1,744.50: without decimals 360 and
        384 kWh (exactly 360.30 and 383.60); 2,095.20 + 2,484.48 = 4,579.68. Intervals say less:
        they have a gap, and are not asked."""
        book = household(("5.82",), ("6.47", 0, 0, date(2026, 3, 16)))
        reads = {
            (MARCH, 1): Read(Fraction(360_300), Fraction(360)),
            (date(2026, 3, 16), 1): Read(Fraction(383_600), Fraction(384)),
        }
        gap = series(MARCH, APRIL, kilowatt, missing=lambda t: t.day == 5)
        charge = cost(book, gap, reads=reads)
        assert charge.total == Decimal("4579.68")
        assert charge.basis == charges.REGISTERS
        assert [zone.difference for zone in charge.zones] == [Decimal("-24.3"), Decimal("0.4")]

    def test_months_by_registers_add_up_to_what_the_register_turned(self):
        """Readings 1,000.60 / 1,100.20 / 1,199.90: a household reads 1,000, 1,100 and 1,199 and
        pays 100 kWh, 582.00, then 99 kWh, 576.18: 199 in all. Rounding the exact 99.60 and 99.70
        by themselves would have made 200 of them."""
        book = household(("5.82",))
        volumes, totals = [], []
        for exact, whole in ((99_600, 100), (99_700, 99)):
            reads = {(MARCH, 1): Read(Fraction(exact), Fraction(whole))}
            charge = cost(book, series(MARCH, APRIL, kilowatt), reads=reads)
            volumes.append(charge.volume)
            totals.append(charge.total)
        assert volumes == [100, 99]
        assert totals == [Decimal("582.00"), Decimal("576.18")]

    def test_export_is_paid_by_its_own_price_and_only_by_that(self):
        """Import 744 x 5.82 = 4,330.08; export 0.2 kW x 744 h = 148.8, in whole kWh 149 x 2.41 =
        359.09; 4,330.08 - 359.09 = 3,970.99. Without a purchase price it is not costed."""
        load, given = series(MARCH, APRIL, kilowatt), series(MARCH, APRIL, lambda t: 200)
        book = household(("5.82",), ("2.41", 0, 0, date(2020, 1, 1), "export"))
        charge = price(book, lay(book, load, MARCH, APRIL, export=given))
        assert amounts(charge) == {"energy": Decimal("4330.08"), "export": Decimal("-359.09")}
        assert charge.total == Decimal("3970.99")

        plain = household(("5.82",))
        charge = price(plain, lay(plain, load, MARCH, APRIL, export=given))
        assert (charge.total, charge.exported) == (Decimal("4330.08"), 149)


class TestBusinesses:
    def test_category_1_and_the_change_of_vat(self):
        """10 kW x 744 h = 7,440 kWh in December 2025 and in January 2026.
        Energy 7.44 MWh x 1,498.97 = 11,152.3368 = 11,152.34; transmission x 2,091.43 =
        15,560.2392 = 15,560.24; margin x 69.53 = 517.3032 = 517.30; other x 2.72 = 20.2368 =
        20.24; together 27,250.12.
        December: VAT 20 % 5,450.024 = 5,450.02, total 32,700.14. January: 22 % 5,995.0264 =
        5,995.03, total 33,245.15."""
        book = business(1, ("energy", "1498.97"), *SPECIMEN)
        totals = {}
        for first, end in (
            (date(2025, 12, 1), date(2026, 1, 1)),
            (date(2026, 1, 1), date(2026, 2, 1)),
        ):
            charge = cost(book, series(first, end, lambda t: 10_000), first, end)
            assert sum(amounts(charge).values()) == Decimal("27250.12")
            totals[first.month] = (charge.taxes[0].amount, charge.total)
        assert totals == {
            12: (Decimal("5450.02"), Decimal("32700.14")),
            1: (Decimal("5995.03"), Decimal("33245.15")),
        }

    def test_category_2_by_zones_of_the_month_in_their_own_time(self):
        """A point in Yekaterinburg takes 1 kW from 20 to 24 o'clock, in Moscow 18–22. The zones of
        March (Moscow time): peak 17–21, else semi-peak but for night 23–07. So of each day 3 kWh
        are peak (18, 19, 20 o'clock) and 1 semi-peak: 93 x 5.00 = 465.00, 31 x 3.00 = 93.00;
        558.00 and VAT 22 % 122.76: 680.76. By other months' zones all would be semi-peak."""
        book = business(
            2, ("energy", "5000", 1), ("energy", "1500", 2), ("energy", "3000", 3),
            hours=("00:00-01:00", "01:00-02:00", "02:00-24:00"), clock=MOSCOW,
        )  # fmt: skip
        march = zones("17:00-21:00", "23:00-07:00", "07:00-17:00 21:00-23:00", month=3)
        book = type(book)(book.tariff, book.prices, book.zones + march, vat=book.vat)
        load = series(
            MARCH, APRIL, lambda t: 1000 if t.hour >= 20 else 0, zone="Asia/Yekaterinburg"
        )
        charge = cost(book, load)
        assert [(line.zone, line.volume) for line in charge.lines] == [(1, 93), (2, 0), (3, 31)]
        assert charge.total == Decimal("680.76")

    # A price of 1,000 + 100 x hour RUB/MWh: of a day at 1 kW 24.0 + 0.1 x (0 + … + 23 = 276) =
    # 51.60 RUB, and 2.00 more for the second kWh of the hour from 10 o'clock.
    LOAD = staticmethod(lambda t: 2000 if t.hour == 10 else 1000)

    def _book(self, category, *more):
        hours = market(
            MARCH, lambda day, hour: 1000 + 100 * hour, generation=10, network=(8, 9, 10, 17)
        )
        prices = [*more, ("capacity", "800000"), ("margin", "69.53"), ("other", "2.72")]
        return business(category, *prices, market=hours)

    def test_category_3(self):
        """25 kWh x 31 = 775 kWh; hours 53.60 x 31 = 1,661.60; the load in the peak hour of each of
        22 working days is 2 kW: 0.002 MW x 800,000 = 1,600.00; transmission 0.775 x 2,091.43 =
        1,620.85825 = 1,620.86; margin 53.88575 = 53.89; other 2.108 = 2.11. Together 4,938.46,
        VAT 22 % 1,086.4612 = 1,086.46: 6,024.92."""
        book = self._book(3, ("transmission_energy", "2091.43"))
        charge = cost(book, series(MARCH, APRIL, self.LOAD, minutes=30))
        assert amounts(charge) == {
            "energy": Decimal("1661.60"),
            "capacity": Decimal("1600.00"),
            "transmission_energy": Decimal("1620.86"),
            "margin": Decimal("53.89"),
            "other": Decimal("2.11"),
        }
        assert charge.total == Decimal("6024.92")

    def test_category_4(self):
        """As category 3, but transmission in two parts: 0.775 MWh x 566.00 = 438.65 for losses,
        and the greatest load in planned peak hours, 2 kW on each working day: 0.002 x 1,286,000 =
        2,572.00. 1,661.60 + 1,600.00 + 438.65 + 2,572.00 + 53.89 + 2.11 = 6,328.25; VAT 22 %
        1,392.215, half up 1,392.22: 7,720.47."""
        book = self._book(4, ("transmission_energy", "566"), ("transmission_capacity", "1286000"))
        charge = cost(book, series(MARCH, APRIL, self.LOAD))
        assert amounts(charge)["transmission_capacity"] == Decimal("2572.00")
        assert charge.taxes[0].amount == Decimal("1392.22")
        assert charge.total == Decimal("7720.47")

    def test_a_mean_load_counts_the_working_days_that_are_known(self):
        """The peak hour has 2 kW, on 2 March (a Monday) 4 kW: (4 + 21 x 2) / 22 = 2.0909… =
        2.091 kW. 3 March is not measured: (4 + 20 x 2) / 21 = 2.0952… = 2.095 kW x 800 =
        1,676.00."""
        book = self._book(3)
        load = series(
            MARCH, APRIL, lambda t: 4000 if t.day == 2 and t.hour == 10 else self.LOAD(t),
            missing=lambda t: t.day == 3,
        )  # fmt: skip
        volumes = lay(book, load, MARCH, APRIL)
        assert volumes.generation is not None
        assert (volumes.generation.power, volumes.generation.missing) == (Decimal("2.095"), 1)
        assert amounts(price(book, volumes))["capacity"] == Decimal("1676.00")

    def test_a_price_of_power_that_changes_counts_by_days(self):
        """2 kW; 15 of 31 days at 800,000, 16 at 900,000: 1,600 x 15/31 = 774.1935… = 774.19 and
        1,800 x 16/31 = 929.0322… = 929.03."""
        book = self._book(3, ("capacity", "900000", 0, date(2026, 3, 16)))
        charge = cost(book, series(MARCH, APRIL, self.LOAD))
        power = [line for line in charge.lines if line.component == "capacity"]
        assert [line.amount for line in power] == [Decimal("774.19"), Decimal("929.03")]
        assert [(line.days, line.of_days) for line in power] == [(15, 31), (16, 31)]


class TestWhatCannotBeTold:
    def test_no_price(self):
        charge = cost(household(), series(MARCH, APRIL, kilowatt))
        assert (charge.total, charge.problem) == (None, charges.NO_PRICES)

    def test_a_zone_without_a_price(self):
        book = household(("6.69", 1), hours=TWO)
        assert cost(book, series(MARCH, APRIL, kilowatt)).problem == charges.NO_PRICES

    def test_zones_that_are_not_known(self):
        book = household(("5.82",), hours=TWO, zone_rows=())
        assert cost(book, series(MARCH, APRIL, kilowatt)).problem == charges.NO_ZONES

    def test_nothing_measured_is_not_nothing_consumed(self):
        gone = series(MARCH, APRIL, kilowatt, missing=lambda t: True)
        charge = cost(household(("5.82",)), gone)
        assert (charge.total, charge.problem, charge.lines) == (None, charges.NO_DATA, ())

    def test_an_hour_without_a_price(self):
        hours = market(MARCH, lambda day, hour: 1000)
        del hours.hourly[date(2026, 3, 7)]
        book = business(3, ("capacity", "800000"), market=hours)
        charge = cost(book, series(MARCH, APRIL, kilowatt))
        assert (charge.total, charge.problem) == (None, charges.NO_HOURLY_PRICES)

    def test_power_that_is_paid_for_and_no_hour_to_find_it_in(self):
        hours = market(MARCH, lambda day, hour: 1000)
        book = business(3, ("capacity", "800000"), market=hours)
        assert cost(book, series(MARCH, APRIL, kilowatt)).problem == charges.NO_PEAK_HOURS

    def test_a_tax_that_is_not_known(self):
        book = business(1, ("energy", "1498.97"))
        book = type(book)(book.tariff, book.prices, book.zones)
        assert cost(book, series(MARCH, APRIL, kilowatt)).problem == charges.NO_VAT


class TestStretches:
    def test_the_same_price_told_again_is_one_line(self):
        book = household(("5.82",), ("5.82", 0, 0, date(2026, 3, 16)))
        charge = cost(book, series(MARCH, APRIL, kilowatt))
        assert lines(charge) == [(0, 0, 744, Decimal("4330.08"))]

    def test_registers_of_the_last_midnight_and_intervals_of_the_day_that_goes_on(self):
        """On 10 March at noon: by registers 9 x 24 = 216 kWh to midnight, by intervals 12 more;
        228 x 5.82 = 1,326.96."""
        book = household(("5.82",))
        load = series(MARCH, APRIL, kilowatt).within(0, 1773133200)  # 2026-03-10 12:00 in Moscow
        volumes = Layer(book).lay(
            load, MARCH, date(2026, 3, 11), cut=date(2026, 3, 10),
            reads={(MARCH, 1): Read(Fraction(216_000), Fraction(216))},
        )  # fmt: skip
        charge = Pricer(book).price(volumes)
        assert [zone.basis for zone in charge.zones] == [charges.REGISTERS, charges.INTERVALS]
        assert lines(charge) == [(0, 0, 228, Decimal("1326.96"))]
        assert charge.basis == charges.MIXED

    def test_a_meter_that_counts_in_other_zones_is_told(self):
        book = household(("6.69", 1), ("3.35", 2), hours=TWO)
        reads = {
            (MARCH, 1): Read(Fraction(600_000), Fraction(600)),
            (MARCH, 2): Read(Fraction(144_000), Fraction(144)),
        }
        charge = cost(book, series(MARCH, APRIL, kilowatt), reads=reads)
        assert charge.notes == ("zones_differ",)
        assert charge.volume == 744

    def test_rounding_a_zone_loses_nothing_between_stretches(self):
        """0.51 kWh a day over 31 stretches of a day: 15.81 kWh, 16 in all and never 31 x 1."""
        rows = [(f"5.{day:02}", 0, 0, day_) for day, day_ in enumerate(days_of(MARCH))]
        charge = cost(household(*rows), series(MARCH, APRIL, lambda t: 510 if t.hour == 3 else 0))
        assert sum(line.volume for line in charge.lines) == 16
        assert {line.volume for line in charge.lines} == {0, 1}


def test_a_charge_survives_json():
    book = household(("5.82",), ("6.47", 0, 0, date(2026, 3, 16)))
    charge = cost(book, series(MARCH, APRIL, kilowatt))
    assert charges.from_json(charges.as_json(charge)) == charge
