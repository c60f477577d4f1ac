"""Which tariff is cheaper: replays of own intervals, computed by hand; shifts; whose months."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from faza.charges.advice import keeping, queries
from faza.charges.advice.replaying import moved
from faza.charges.models import Replay
from tests.charges import world
from tests.charges.world import ZONE, make_home, measure, moment, windows
from tests.contracts.factories import cover, make_customer
from tests.readings.factories import make_point
from tests.tariffs import factories as tariffs

pytestmark = pytest.mark.django_db

AT = datetime(2026, 5, 21, 6, tzinfo=UTC)
APRIL, MAY = date(2026, 4, 1), date(2026, 5, 1)


def family():
    """One zone at 5 RUB, two zones at 6 and 3 RUB."""
    one = tariffs.tariff("ONE", family="f")
    tariffs.price(one, tariffs.SINCE, "5", zone=1)
    two = tariffs.tariff("TWO", family="f", hours=tariffs.TWO_ZONES)
    tariffs.price(two, tariffs.SINCE, "6", zone=1)
    tariffs.price(two, tariffs.SINCE, "3", zone=2)
    return one, two


def advised(point, **since):
    keeping.keep(at=AT)
    return queries.advice(windows(point, to=AT, **since), point.pk, zone=ZONE)


def day_and_night(day: int, night: int):
    return lambda _, hour: day if 7 <= hour < 23 else night


def test_april_by_two_tariffs():
    """16 h of 1 kW and 8 h of 2 kW, 30 days: 480 kWh by day, 480 by night.

    One zone: 960 * 5 = 4,800 RUB. Two: 480 * 6 + 480 * 3 = 4,320 RUB, 5,760 RUB a year less.
    """
    one, two = family()
    point, *_ = make_home(tariff=one)
    measure(point, APRIL, MAY, day_and_night(1000, 2000))

    found = advised(point)

    assert [(offer.tariff, offer.total) for offer in found.offers] == [
        (two.pk, Decimal(4320)), (one.pk, Decimal(4800)),
    ]  # fmt: skip
    assert found.best.tariff == two.pk
    assert found.own.tariff == one.pk
    assert found.months == 1
    assert found.a_year(found.own.total - found.best.total) == 5760
    assert (found.expected, found.present, found.estimated) == (720, 720, 0)


def test_a_shift_from_day_to_night():
    """48 of 480 kWh by day go to the night: 48 * (3 - 6) = -144 RUB; 96: -288; 144: -432."""
    one, _ = family()
    point, *_ = make_home(tariff=one)
    measure(point, APRIL, MAY, day_and_night(1000, 2000))

    two, own = advised(point).offers

    assert two.shifts == {10: Decimal(-144), 20: Decimal(-288), 30: Decimal(-432)}
    assert own.shifts == {}


def test_moved_energy_is_neither_lost_nor_made():
    zones = {1: Decimal(100), 2: Decimal(40), 3: Decimal(60)}

    after = moved(zones, 2, 10)

    assert after == {1: Decimal(90), 2: Decimal(56), 3: Decimal(54)}
    assert sum(after.values()) == sum(zones.values())


def test_ranges_are_replayed_too():
    """960 kWh with a bound at 500: 500 * 5 + 460 * 10 = 7,100 RUB."""
    one, _ = family()
    tariffs.ranges(one, tariffs.SINCE, 500)
    one.prices.all().delete()
    tariffs.price(one, tariffs.SINCE, "5", range=1)
    tariffs.price(one, tariffs.SINCE, "10", range=2)
    point, *_ = make_home(tariff=one)
    measure(point, APRIL, MAY, day_and_night(1000, 2000))

    assert advised(point).own.total == Decimal(7100)


def test_only_months_of_the_present_owner():
    """The new owner's time begins on April 11: April is not whole, May not over."""
    one, _ = family()
    point = make_point("P", ZONE)
    for begin, end in ((date(2026, 1, 1), date(2026, 3, 11)), (date(2026, 3, 11), None)):
        bound = cover(make_customer(), point, moment(begin), moment(end) if end else None)
        bound.agreement.tariff = one
        bound.agreement.save()
    measure(point, date(2026, 1, 1), MAY)

    found = advised(point)

    assert (found.first, found.months) == (APRIL, 1)


def test_a_former_owner_sees_nothing_of_it():
    one, _ = family()
    point, *_ = make_home(tariff=one)
    measure(point, APRIL, MAY)

    assert advised(point, since=moment(date(2026, 4, 2))) is None


def test_missing_and_estimated_are_counted():
    """A day of 24 hours is not there: 696 of 720."""
    one, _ = family()
    point, *_ = make_home(tariff=one)
    measure(point, APRIL, MAY,
            lambda day, hour: None if day == date(2026, 4, 7) else 1000)  # fmt: skip

    found = advised(point)

    assert (found.expected, found.present) == (720, 696)


def test_a_tariff_without_prices_says_why_and_is_last():
    one, _ = family()
    tariffs.tariff("BARE", family="f")
    point, *_ = make_home(tariff=one)
    measure(point, APRIL, MAY)

    found = advised(point)

    assert found.offers[-1].total is None
    assert found.offers[-1].problem == "no_prices"


def test_tariffs_of_another_family_are_not_offered():
    one, two = family()
    other = world.make_tariff("OTHER", "1")
    point, *_ = make_home(tariff=one)
    measure(point, APRIL, MAY)

    assert {offer.tariff for offer in advised(point).offers} == {one.pk, two.pk}
    assert not Replay.objects.filter(tariff_id=other.pk).exists()


def test_doing_it_twice_changes_nothing():
    one, _ = family()
    point, *_ = make_home(tariff=one)
    measure(point, APRIL, MAY)

    first, second = advised(point), advised(point)

    assert first == second
    assert Replay.objects.count() == 2
