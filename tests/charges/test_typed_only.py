"""Points of which nothing is known but what people type once a month: volume, cost, report."""

from datetime import date

import pytest
from django.utils import translation

from faza.cabinet.costs.lines import counted
from faza.charges import queries
from faza.charges.models import ChargeMonth
from faza.charges.rules import charge as charges
from faza.reports import registry
from tests.charges.world import (
    APRIL,
    AT,
    MARCH,
    MAY,
    keep,
    kept,
    make_home,
    make_tariff,
    moment,
    windows,
)  # fmt: skip
from tests.readings import meters
from tests.tariffs import factories as tariffs

pytestmark = pytest.mark.django_db
KIND = meters.Kind.MANUAL


def type_in(point, meter, day: date, kwh: float, **zones: float) -> None:
    shown = {0: round(kwh * 1000)} | {int(z[1]): round(v * 1000) for z, v in zones.items()}
    meters.read(point, meter, moment(day, 19), shown, kind=KIND, source="manual")


@pytest.fixture
def typed():
    """Read on 24 February: 1,200.4 kWh, 23 March: 1,341.2, 25 April: 1,500.9."""
    point, meter, agreement = make_home()
    for day, kwh in ((date(2026, 2, 24), 1200.4), (date(2026, 3, 23), 1341.2),
                     (date(2026, 4, 25), 1500.9)):  # fmt: skip
        type_in(point, meter, day, kwh)
    return point, meter, agreement


def test_a_month_is_what_was_typed_nearest_to_its_ends(typed):
    """March: 1,200 -> 1,341 without decimals: 141 kWh x 5.82 = 820.62.
    April: 1,341 -> 1,500: 159 x 5.82 = 925.38. Together 300, what the meter turned."""
    point, *_ = typed
    keep()

    march, april = kept(point), kept(point, APRIL)
    assert (march.volume, march.kopecks) == (141_000, 82_062)
    assert (april.volume, april.kopecks) == (159_000, 92_538)
    assert march.basis == ChargeMonth.Basis.REGISTERS
    # Whoever sends no intervals lacks none.
    assert (march.n_expected, march.n_present, march.n_estimated) == (0, 0, 0)
    [found] = queries.charge(windows(point), point.pk, MARCH)
    assert charges.NEAREST in found.charge.notes
    assert found.charge.difference is None
    with translation.override("en"):
        told = counted(found.charge, {})
    assert any("nearest to the beginning" in note for note in told.notes)
    assert not any("less than the registers" in note for note in told.notes)


def test_zones_that_were_typed_are_priced_apart():
    """T1 100 -> 180, T2 50 -> 70: 80 x 6.00 + 20 x 2.00 = 520.00."""
    tariff = make_tariff(hours=tariffs.TWO_ZONES)
    point, meter, _ = make_home(tariff=tariff)
    type_in(point, meter, date(2026, 2, 25), 150, T1=100, T2=50)
    type_in(point, meter, date(2026, 3, 25), 250, T1=180, T2=70)
    keep()

    [found] = queries.charge(windows(point), point.pk, MARCH)
    assert [(z.zone, z.charged) for z in found.charge.zones] == [(1, 80), (2, 20)]
    assert kept(point).kopecks == 100 * 582


def test_a_price_that_changes_inside_the_month_shares_it_by_days():
    """310 kWh of 31 days; 15 of them at 5.82, 16 at 6.00: 150 x 5.82 + 160 x 6.00 = 1,833.00."""
    tariff = make_tariff()
    tariffs.price(tariff, date(2026, 3, 16), "6.00", zone=1)
    point, meter, _ = make_home(tariff=tariff)
    type_in(point, meter, date(2026, 2, 25), 1000)
    type_in(point, meter, date(2026, 3, 25), 1310)
    keep()

    row = kept(point)
    assert (row.volume, row.kopecks) == (310_000, 183_300)


@pytest.mark.parametrize("day", [date(2026, 1, 20), date(2026, 4, 25)])
def test_of_one_reading_nothing_is_told(day):
    """Nor of two that are farther than 35 days from an end: nothing is no zero."""
    point, meter, _ = make_home()
    type_in(point, meter, day, 1000)
    type_in(point, meter, date(2026, 3, 25), 1310 if day.month < 3 else 900)
    keep()

    row = kept(point)
    assert (row.kopecks, row.volume, row.problem) == (None, 0, charges.NO_DATA)


def test_another_customers_readings_are_not_taken():
    """The flat was sold on 1 March; what the old owner typed in February bounds nothing."""
    point, meter, _ = make_home(since=moment(MARCH))
    type_in(point, meter, date(2026, 2, 24), 1200)
    type_in(point, meter, date(2026, 3, 23), 1341)
    keep()

    assert kept(point).problem == charges.NO_DATA


def test_a_later_reading_that_is_nearer_changes_the_month_before(typed):
    """On 3 April 1,390 is typed: March ends there, 1,390 - 1,200 = 190; April begins: 110."""
    point, meter, _ = typed
    keep()
    type_in(point, meter, date(2026, 4, 3), 1390.0)
    keep()

    assert (kept(point).volume, kept(point, APRIL).volume) == (190_000, 110_000)


def test_where_an_interval_is_known_intervals_are_counted_as_before(typed):
    from tests.charges.world import measure

    point, *_ = typed
    measure(point, MARCH, MAY)
    keep()

    assert kept(point).basis == ChargeMonth.Basis.INTERVALS
    assert kept(point).volume == 744_000


def test_the_report_of_readings_tells_them_and_their_days(typed):
    point, *_ = typed
    kind = registry.kind("readings")
    asked = {"period": "any", "from": "2026-03-01", "to": "2026-04-01"}
    table = kind.make(windows(point), kind.read(asked, AT.date()).parameters, AT)
    rows = [str(list(cells.values)) for block in table.blocks for cells in block.cells]

    told = " ".join(rows)
    assert "1200.4" in told
    assert "1341.2" in told
    assert "140.8" in told


def test_a_reading_that_is_typed_twice_changes_nothing(typed):
    point, *_ = typed
    keep()
    before = kept(point)
    type_in(point, typed[1], date(2026, 3, 23), 1341.2)
    keep()

    assert (kept(point).kopecks, kept(point).lines) == (before.kopecks, before.lines)
    assert before.kopecks == 82_062
