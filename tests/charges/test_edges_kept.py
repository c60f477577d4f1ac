"""Edges of what is kept: clocks of markets, months that ended silently, whose history."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from faza.charges import services, stays
from faza.charges.forecast.money import Wanted, _zones, costs
from faza.charges.forecast.whose import held
from faza.charges.models import AgreementTariff, SubstitutedMonth
from faza.charges.rules.laying import lay
from faza.charges.rules.pricing import price
from faza.contracts import services as contracts
from faza.tariffs.queries import books
from tests.charges.examples import series
from tests.charges.world import (
    APRIL,
    AT,
    MARCH,
    MAY,
    ZONE,
    keep,
    kept,
    make_home,
    make_tariff,
    measure,
    moment,
    windows,
)
from tests.contracts.factories import make_agreement
from tests.tariffs import factories as tariffs

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(hours=1)


class TestHoursOfAMarketElsewhere:
    @pytest.mark.parametrize("zone", ["Asia/Yekaterinburg", "Europe/Kaliningrad"])
    def test_the_points_month_is_priced_wholly(self, zone):
        """1 kW of 744 hours at 1,000 RUB/MWh: 744.00. The month there begins on 28 February by
        the market's clock, or ends on 1 April."""
        market = tariffs.Market.objects.create(code="M", name="M", zone="Europe/Moscow")
        tariff = tariffs.tariff("PC3", kind="business", category=3, market=market)
        tariffs.price(tariff, tariffs.SINCE, "0", "capacity")
        tariffs.vat()
        for n in range(-1, 32):
            tariffs.HourlyPrice.objects.create(
                market=market, day=MARCH + timedelta(days=n), amounts=["1000"] * 24,
                source="s", is_example=True,
            )  # fmt: skip
        for n in range(31):
            day = MARCH + timedelta(days=n)
            if day.weekday() < 5:
                tariffs.PeakHour.objects.create(
                    market=market, kind="generation", day=day, hours="10:00-11:00",
                    source="s", is_example=True,
                )  # fmt: skip
        book = books([tariff.pk], MARCH, APRIL)[tariff.pk]
        charge = price(
            book, lay(book, series(MARCH, APRIL, lambda t: 1000, zone=zone), MARCH, APRIL)
        )
        assert charge.problem == ""
        assert charge.lines[0].amount == Decimal("744.00")


class TestTariffOfAnAgreement:
    def _set(self, agreement, tariff, at):
        contracts.change_agreement(agreement=agreement, fields={"tariff": tariff}, at=at)
        return stays.tariffs_of([agreement.pk], ZONE, at=at)

    def test_one_after_none_leaves_the_past_as_it_was(self):
        """H, from May none, from June Z: June is by Z, March stays by H."""
        _, _, agreement = make_home()
        first = agreement.tariff
        stays.tariffs_of([agreement.pk], ZONE, at=AT)
        self._set(agreement, None, LATER)
        other = make_tariff("Z", "10")
        june = moment(date(2026, 6, 10))
        found = self._set(agreement, other, june)
        assert found.of(agreement.pk, MARCH) == first.pk
        assert found.of(agreement.pk, MAY) is None
        assert found.of(agreement.pk, date(2026, 6, 1)) == other.pk
        assert AgreementTariff.objects.count() == 3

    def test_one_taken_away_by_mistake_is_put_back(self):
        _, _, agreement = make_home()
        first = agreement.tariff
        stays.tariffs_of([agreement.pk], ZONE, at=AT)
        self._set(agreement, None, LATER)
        found = self._set(agreement, first, LATER)
        assert found.of(agreement.pk, MARCH) == found.of(agreement.pk, MAY) == first.pk


class TestAMonthThatEndedSilently:
    def test_the_nightly_check_completes_it(self):
        """Data end on 20 March; on 1 April the new month brings a day: March is not yet made
        anew, and would be whole for ever."""
        point, *_ = make_home()
        measure(point, MARCH, date(2026, 3, 20))
        keep(moment(date(2026, 3, 20)))
        assert kept(point).n_expected == 19 * 24
        measure(point, APRIL, date(2026, 4, 2), number=2)
        night = moment(date(2026, 4, 2), 7)
        keep(moment(date(2026, 4, 2)))
        services.check(at=night)
        keep(night)
        row = kept(point)
        assert (row.n_present, row.n_expected) == (19 * 24, 744)
        assert services.check(at=night) == 0


class TestWhoseHistory:
    def test_a_former_owners_months_stand_in_for_nobody_else(self):
        """Three months of one owner; in the fourth, the next one's first, nothing is measured."""
        point, _, first = make_home(to=moment(APRIL))
        second = make_agreement(tariff=first.tariff, valid_from=moment(APRIL))
        contracts.bind_point(agreement=second, usage_point=point, at=AT)
        measure(point, date(2026, 1, 1), APRIL)
        measure(point, APRIL, date(2026, 4, 2))
        keep()
        assert not SubstitutedMonth.objects.filter(agreement_id=second.pk).exists()

    def test_part_of_a_month_is_no_month(self):
        """The owner came on 16 January: January, February, March are two months and a half."""
        point, *_ = make_home(since=moment(date(2026, 1, 16)))
        measure(point, date(2026, 1, 16), date(2026, 4, 2))
        keep()
        assert not SubstitutedMonth.objects.filter(month=APRIL).exists()

    def test_own_months_do(self):
        point, *_ = make_home()
        measure(point, date(2026, 1, 1), date(2026, 4, 2))
        keep()
        row = SubstitutedMonth.objects.get(month=APRIL)
        assert row.inputs == {
            "2026-01-01": 744_000, "2026-02-01": 672_000, "2026-03-01": 744_000,
        }  # fmt: skip


def test_zones_of_another_tariff_are_no_shares_of_this_one():
    """April by one zone, May by two: T1 of April is not the day of May."""
    point, _, agreement = make_home()
    measure(point, APRIL, date(2026, 5, 20))
    keep()
    two = make_tariff("TWO", hours=tariffs.TWO_ZONES)
    contracts.change_agreement(agreement=agreement, fields={"tariff": two}, at=LATER)
    services.mark_agreement(agreement_id=agreement.pk, since=None, at=LATER)
    keep(LATER)
    found = _zones(windows(point), MAY, date(2026, 6, 1))
    so_far, usual = found[point.pk, agreement.pk]
    assert usual == so_far == {1: 19 * 16_000, 2: 19 * 8_000}


def test_a_foretold_month_has_what_was_given_to_the_grid():
    """744 kWh x 5.82 = 4,330.08, less 19 days of 0.2 kW: 91.2, whole 91 kWh x 2.00 = 182.00."""
    point, _, agreement = make_home()
    tariffs.price(agreement.tariff, tariffs.SINCE, "2", "export")
    measure(point, MAY, date(2026, 5, 20))
    measure(point, MAY, date(2026, 5, 20), 200, channel=2)
    keep()
    wanted = Wanted(held([point.pk], at=AT)[0], MAY, (744_000,))
    assert costs([wanted], MAY, at=AT) == [(414_808,)]
