"""Kept forecasts: whose days they are of, when they are made anew, who sees them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from faza.charges.forecast import keeping, queries
from faza.charges.models import Forecast
from faza.contracts import services as contracts
from faza.tariffs.models import Tariff
from tests.charges import world
from tests.charges.world import MAY, ZONE, make_home, measure, moment, windows
from tests.contracts.factories import cover, make_customer
from tests.readings.factories import make_point

pytestmark = pytest.mark.django_db

AT = datetime(2026, 5, 21, 6, tzinfo=UTC)
TODAY = date(2026, 5, 21)
DAY = 24_000
"""Wh of a day of a kilowatt."""


@pytest.fixture(autouse=True)
def _later(monkeypatch):
    """Days are delivered after all of them have been."""
    monkeypatch.setattr(world, "AT", datetime(2026, 7, 1, tzinfo=UTC))


def kept(point) -> Forecast:
    return Forecast.objects.get(usage_point=point.pk)


def make(*, at: datetime = AT) -> int:
    return keeping.keep(at=at)


def test_a_steady_month_ends_as_it_began():
    """Twenty days of 24 kWh are known, eleven are left: 744 kWh."""
    point, *_ = make_home()
    measure(point, date(2026, 2, 1), TODAY)

    assert make() == 1

    found = kept(point)
    assert (found.month, found.until, found.days) == (MAY, TODAY, 11)
    assert found.known == 20 * DAY
    assert found.rest == pytest.approx(11 * DAY, abs=2)
    assert found.low <= found.known + found.rest <= found.high
    assert found.own_error == 0
    assert (found.n_expected, found.n_present, found.n_estimated) == (480, 480, 0)


def test_money_is_that_of_the_whole_month():
    """744 kWh at 5.82 are 4,330.08 roubles."""
    point, *_ = make_home()
    measure(point, date(2026, 4, 1), TODAY)
    world.keep(AT)
    make()

    found = queries.month(windows(point, to=AT), at=AT)

    assert found is not None
    assert found.total == pytest.approx(744_000, abs=2)
    assert found.money is not None
    assert found.money.total == Decimal("4330.08")
    assert found.n_priced == 1


def test_zones_keep_their_shares():
    """3 kW by day (16 h), 1 kW by night (8 h): 56 kWh a day, of the month 1,488 and 248 kWh."""
    hours = ("07:00-23:00", "23:00-07:00")
    tariff = world.tariffs.tariff("Z", hours=hours)
    world.tariffs.price(tariff, world.tariffs.SINCE, "6", zone=1)
    world.tariffs.price(tariff, world.tariffs.SINCE, "3", zone=2)
    point, *_ = make_home(tariff=tariff)
    measure(point, date(2026, 4, 1), TODAY, lambda day, hour: 3000 if 7 <= hour < 23 else 1000)
    world.keep(AT)
    make()

    found = queries.month(windows(point, to=AT), at=AT)

    assert found is not None
    assert found.money is not None
    assert found.money.total == pytest.approx(Decimal(1488 * 6 + 248 * 3), abs=Decimal(6))


def test_a_gap_in_the_known_days_is_filled_at_the_level():
    """Half of a day is missing: it counts as 12 kWh that were not measured."""
    point, *_ = make_home()
    measure(point, date(2026, 2, 1), TODAY,
            lambda day, hour: None if day == date(2026, 5, 10) and hour < 12 else 1000)  # fmt: skip
    make()

    found = kept(point)
    assert found.known == 20 * DAY - 12_000
    assert found.rest == pytest.approx(11 * DAY + 12_000, abs=50)
    assert found.n_expected - found.n_present == 12


def test_nothing_of_a_former_owner_is_in_it():
    """A flat of 100 kW until May 1, of 1 kW since: only the new owner's days count."""
    point = make_point("P", ZONE)
    cover(make_customer(), point, moment(date(2026, 1, 1)), moment(MAY))
    cover(make_customer(), point, moment(MAY))
    measure(point, date(2026, 2, 1), MAY, 100_000)
    measure(point, MAY, TODAY, 1000)
    make()

    found = kept(point)
    assert found.since == MAY
    assert found.rest == pytest.approx(11 * DAY, abs=2)
    assert queries.month(windows(point, since=moment(MAY), to=AT), at=AT) is not None
    former = windows(point, since=moment(date(2026, 1, 1)), to=moment(MAY))
    assert queries.month(former, at=AT) is None


def test_agreements_of_one_customer_in_a_row_are_one_time():
    point, customer = make_point("P", ZONE), make_customer()
    cover(customer, point, moment(date(2026, 1, 1)), moment(date(2026, 4, 1)))
    cover(customer, point, moment(date(2026, 4, 1)))
    measure(point, date(2026, 2, 1), TODAY)
    make()

    assert kept(point).since <= date(2026, 1, 1)


def test_a_window_that_begins_later_shows_nothing():
    """Whoever sees the last week only learns nothing that was made of more."""
    point, *_ = make_home()
    measure(point, date(2026, 2, 1), TODAY)
    make()

    assert queries.month(windows(point, since=moment(date(2026, 5, 14)), to=AT), at=AT) is None


def test_a_silent_point_has_no_forecast_and_is_told():
    speaking, *_ = make_home("A", tariff=_tariff())
    silent, *_ = make_home("B", tariff=_tariff())
    measure(speaking, date(2026, 2, 1), TODAY)
    measure(silent, date(2026, 2, 1), date(2026, 5, 5))
    make()

    found = queries.month(windows(speaking, silent, to=AT), at=AT)

    assert not Forecast.objects.filter(usage_point=silent.pk).exists()
    assert found is not None
    assert (found.n_points, found.n_asked) == (1, 2)


def test_points_add_up():
    """Two points of 24 and 48 kWh a day: 2,232 kWh, and money of both."""
    one, *_ = make_home("A")
    other = make_point("B", ZONE)
    agreement = world.make_agreement(tariff=Tariff.objects.get())
    contracts.bind_point(agreement=agreement, usage_point=other, at=AT)
    measure(one, date(2026, 2, 1), TODAY)
    measure(other, date(2026, 2, 1), TODAY, 2000)
    world.keep(AT)
    make()

    found = queries.month(windows(one, other, to=AT), at=AT)

    assert found is not None
    assert found.total == pytest.approx(3 * 31 * DAY, abs=4)
    assert found.low <= found.total <= found.high
    assert (found.n_points, found.n_priced) == (2, 2)
    assert found.money is not None
    assert found.money.low <= found.money.total <= found.money.high


def test_only_what_is_due_is_made_anew():
    point, *_ = make_home()
    measure(point, date(2026, 2, 1), TODAY)

    assert make() == 1
    assert make(at=AT + timedelta(hours=1)) == 0
    assert make(at=AT + timedelta(hours=13)) == 1
    # Of the next day nothing has come: asked for again each hour.
    tomorrow = AT + timedelta(days=1)
    assert make(at=tomorrow) == 1
    assert make(at=tomorrow + timedelta(minutes=30)) == 0
    assert make(at=tomorrow + timedelta(minutes=55)) == 1


def test_in_the_first_days_of_a_month_it_goes_by_the_month_before():
    """On June 1 nothing of June is known: 30 days at the level of May."""
    point, *_ = make_home()
    measure(point, date(2026, 2, 1), date(2026, 6, 1))
    at = datetime(2026, 6, 1, 6, tzinfo=UTC)
    make(at=at)

    found = kept(point)
    assert (found.month, found.known, found.days) == (date(2026, 6, 1), 0, 30)
    assert found.rest == pytest.approx(30 * DAY, abs=2)


def test_late_days_of_the_month_before_are_not_of_this_one():
    """Known up to May 29 on June 1: of 32 days foretold 30 are June's."""
    point, *_ = make_home()
    measure(point, date(2026, 2, 1), date(2026, 5, 30))
    make(at=datetime(2026, 6, 1, 6, tzinfo=UTC))

    found = kept(point)
    assert found.days == 32
    assert found.rest == pytest.approx(30 * DAY, abs=2)


def test_a_round_that_is_stopped_goes_on(monkeypatch):
    """What was stored before it stopped stays, the rest is made by the next round."""
    monkeypatch.setattr(keeping, "BATCH", 1)
    points = [make_home(f"P{n}", tariff=_tariff())[0] for n in range(3)]
    for point in points:
        measure(point, date(2026, 4, 1), TODAY)

    class Stopped(Exception):
        pass

    def stop(done: int, total: int) -> None:
        if done == 2:
            raise Stopped

    with pytest.raises(Stopped):
        keeping.keep(at=AT, progress=stop)

    assert Forecast.objects.count() == 2
    assert make() == 1
    assert Forecast.objects.count() == 3


def _tariff():
    return Tariff.objects.first() or world.make_tariff()


def test_as_many_questions_for_many_points_as_for_one(django_assert_num_queries):
    points = [make_home(f"P{n}", tariff=_tariff())[0] for n in range(4)]
    for point in points:
        measure(point, date(2026, 4, 1), TODAY)
    make()

    for some in (points[:1], points):
        with django_assert_num_queries(1):
            assert queries.month(windows(*some, to=AT), at=AT) is not None
