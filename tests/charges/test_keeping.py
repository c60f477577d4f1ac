"""Months kept by the incremental job: what makes them, what makes them anew, and what stays."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from faza.charges import handlers, keeping, queries, services
from faza.charges.models import AgreementTariff, ChargeMonth, KeptUntil, ZoneMonth
from faza.contracts import services as contracts
from faza.core.periods import Period
from faza.core.quality import Quality
from faza.jobs import services as jobs
from faza.jobs import worker
from faza.jobs.models import Job
from faza.jobs.registry import Interrupted
from faza.readings import marks
from faza.readings import services as readings
from faza.readings.models import IntervalBlock, Mark
from faza.readings.register_queries import register_consumption
from faza.readings.replacement import replace_meter
from faza.readings.vee import deeds, running
from tests.accounts.factories import make_user
from tests.charges.world import (
    APRIL,
    AT,
    MARCH,
    MAY,
    hand_on,
    keep,
    kept,
    make_home,
    make_tariff,
    measure,
    moment,
    windows,
)
from tests.readings import meters
from tests.readings.factories import day_of, deliver
from tests.tariffs import factories as tariffs

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(hours=1)


def zones(point, *, kind=1, agreement=None, month=MARCH):
    rows = ZoneMonth.objects.filter(usage_point=point.pk, reading_type=kind, month=month)
    rows = rows.filter(agreement_id=agreement.pk if agreement else 0)
    return dict(rows.values_list("zone", "total"))


class TestMaking:
    def test_a_month_by_its_intervals(self):
        """744 kWh x 5.82 = 4,330.08."""
        point, _, agreement = make_home()
        measure(point, MARCH, APRIL)
        assert keep().months == 1
        row = kept(point)
        assert (row.kopecks, row.basis) == (433_008, ChargeMonth.Basis.INTERVALS)
        assert (row.volume, row.agreement_id, row.tariff_id) == (
            744_000, agreement.pk, agreement.tariff_id,
        )  # fmt: skip
        assert (row.n_expected, row.n_present, row.n_estimated) == (744, 744, 0)
        assert (row.starts_at, row.ends_at) == (moment(MARCH), moment(APRIL))
        assert zones(point) == {0: 744_000}
        assert zones(point, agreement=agreement) == {0: 744_000, 1: 744_000}

    def test_volumes_by_zone_and_the_greatest_power(self):
        point, _, agreement = make_home(hours=tariffs.TWO_ZONES)
        measure(point, MARCH, APRIL, lambda day, hour: 3000 if hour == 9 else 1000)
        measure(point, MARCH, APRIL, 100, channel=4)
        keep()
        assert zones(point, agreement=agreement) == {0: 806_000, 1: 558_000, 2: 248_000}
        assert zones(point, agreement=agreement, kind=4) == {0: 74_400, 1: 49_600, 2: 24_800}
        power = ZoneMonth.objects.filter(reading_type=1, agreement_id=agreement.pk)
        assert dict(power.values_list("zone", "power")) == {0: 3000, 1: 3000, 2: 1000}

    def test_tariff_registers_come_first_and_agree_with_the_registers_themselves(self):
        """T1 500.70 -> 600.20: read 500 and 600; T2 300.10 -> 344.30: 300 and 344."""
        point, meter, _ = make_home(hours=tariffs.TWO_ZONES)
        measure(point, MARCH, APRIL, 200)
        shown = {0: 800_800, 1: 500_700, 2: 300_100}
        meters.read(point, meter, moment(MARCH), shown)
        meters.read(point, meter, moment(APRIL), {0: 944_500, 1: 600_200, 2: 344_300})
        keep()
        row = kept(point)
        assert row.basis == ChargeMonth.Basis.REGISTERS
        assert row.kopecks == (100 + 44) * 582
        [found] = queries.charge(windows(point), point.pk, MARCH)
        month = Period(moment(MARCH), moment(APRIL))
        counted = register_consumption(windows(point), month, [1, 2]).primary(point.pk)
        assert [zone.registers for zone in found.charge.zones] == [
            Decimal(int(of)) / 1000 for of in counted
        ]
        assert found.charge.difference == Decimal("148.8") - Decimal("143.7")

    def test_registers_that_do_not_add_up_to_the_sum_are_not_the_tariffs(self):
        """A meter of one zone counts all in T1; two zones need the intervals."""
        point, meter, _ = make_home(hours=tariffs.TWO_ZONES)
        measure(point, MARCH, APRIL)
        meters.read(point, meter, moment(MARCH), {0: 10_000, 1: 4_000, 2: 1_000})
        meters.read(point, meter, moment(APRIL), {0: 754_000, 1: 348_000, 2: 1_000})
        keep()
        assert kept(point).basis == ChargeMonth.Basis.INTERVALS

    def test_a_replacement_inside_the_month(self):
        """The old meter: 999,900.50 -> over its top -> 000,021.30, read 999,900 and 21: 121 kWh.
        The new one: 5.90 -> 640.10, read 5 and 640: 635. Together 756 x 5.82 = 4,399.92."""
        point, meter, _ = make_home()
        measure(point, MARCH, APRIL)
        meters.read(point, meter, moment(MARCH), 999_900_500)
        fresh = meters.make_meter("200")
        day = moment(date(2026, 3, 6), 12)
        replace_meter(
            usage_point=point, meter=fresh, replaced_at=day, at=AT,
            closing={0: 21_300}, opening={0: 5_900},
            source=readings.get_source("operator"),
        )  # fmt: skip
        meters.read(point, fresh, moment(APRIL), 640_100)
        keep()
        row = kept(point)
        assert row.basis == ChargeMonth.Basis.REGISTERS
        assert row.kopecks == 439_992

    def test_ratios_are_multiplied_before_rounding(self):
        """A business reads with decimals: (1,010.04 - 1,000.00) x 15 = 150.6 kWh, 151."""
        tariff = tariffs.tariff("B", kind="business", category=1)
        tariffs.price(tariff, tariffs.SINCE, "1000")
        tariffs.vat()
        point, meter, _ = make_home(tariff=tariff)
        point.complexes.update(ct_numerator=15)
        meters.read(point, meter, moment(MARCH), 1_000_000)
        meters.read(point, meter, moment(APRIL), 1_010_040)
        measure(point, MARCH, APRIL, 200)
        keep()
        assert kept(point).volume == 151_000
        assert kept(point).kopecks == 15_100 + 3_020

    def test_the_month_that_goes_on_is_told_up_to_now(self):
        point, *_ = make_home()
        measure(point, MAY, date(2026, 5, 20))
        keep()
        row = kept(point, MAY)
        # 20 May, 12:00 in Moscow: 19 days and half a day that has not come.
        assert (row.n_expected, row.n_present) == (19 * 24 + 12, 19 * 24)
        assert row.volume == 19 * 24 * 1000
        assert row.ends_at == moment(date(2026, 6, 1))

    def test_an_agreement_without_a_tariff_has_volumes_and_no_total(self):
        point, _, agreement = make_home()
        contracts.change_agreement(agreement=agreement, fields={"tariff": None}, at=AT)
        measure(point, MARCH, APRIL)
        keep()
        assert (kept(point).kopecks, kept(point).problem) == (None, "no_tariff")
        assert zones(point, agreement=agreement) == {0: 744_000}

    def test_other_resources_have_volumes(self):
        point, *_ = make_home()
        measure(point, MARCH, APRIL, 7, channel=5)
        keep()
        assert zones(point, kind=5) == {0: 744 * 7}


class TestMakingAnew:
    def test_only_months_that_changed(self):
        point, *_ = make_home()
        measure(point, MARCH, MAY)
        keep()
        measure(point, APRIL, date(2026, 4, 2), 2000, number=2)
        assert keep(LATER).months == 1
        assert (kept(point).as_of, kept(point, APRIL).as_of) == (AT, LATER)
        assert kept(point, APRIL).volume == 744_000

    def test_nothing_changed_makes_nothing(self):
        point, *_ = make_home()
        measure(point, MARCH, APRIL)
        keep()
        assert keep(LATER).months == 0
        assert queries.kept_until() == LATER

    def test_a_persons_value_changes_the_charge(self):
        point, *_ = make_home()
        measure(point, MARCH, APRIL)
        keep()
        deeds.edit(
            point, 1, moment(date(2026, 3, 10)), [11_000], by=make_user(), at=LATER, reason="акт"
        )
        keeping.keep(at=LATER)
        assert kept(point).volume == 754_000

    def test_a_register_that_comes_later(self):
        point, meter, _ = make_home()
        measure(point, MARCH, APRIL)
        meters.read(point, meter, moment(MARCH), 0)
        keep()
        assert kept(point).basis == ChargeMonth.Basis.INTERVALS
        meters.read(point, meter, moment(APRIL), 745_000)
        keep(LATER)
        assert kept(point).basis == ChargeMonth.Basis.REGISTERS
        assert kept(point).volume == 745_000

    def test_other_prices(self):
        point, _, agreement = make_home()
        measure(point, MARCH, MAY)
        keep()
        tariffs.price(agreement.tariff, APRIL, "6.47", zone=1)
        services.mark_tariff(tariff_id=agreement.tariff_id, since=APRIL, at=LATER)
        assert keep(LATER).months == 1
        assert (kept(point).kopecks, kept(point, APRIL).kopecks) == (433_008, 720 * 647)

    def test_the_nightly_check_finds_prices_that_nobody_told_of(self):
        point, _, agreement = make_home()
        measure(point, MARCH, date(2026, 5, 20))
        keep()
        assert services.check(at=AT) == 0
        tariffs.price(agreement.tariff, APRIL, "6.47", zone=1)
        # April and May are priced otherwise.
        assert services.check(at=AT) == 2
        keep(LATER)
        assert kept(point, APRIL).kopecks == 720 * 647
        assert services.check(at=LATER) == 0

    def test_the_nightly_check_finds_an_agreement_that_ended(self):
        point, _, agreement = make_home()
        measure(point, MARCH, date(2026, 5, 20))
        keep()
        contracts.close_agreement(agreement=agreement, valid_to=moment(APRIL), at=LATER)
        assert services.check(at=LATER) == 1
        keep(LATER)
        assert ChargeMonth.objects.filter(usage_point=point.pk).count() == 1
        assert services.check(at=LATER) == 0

    def test_a_month_that_goes_on_is_made_anew_though_nothing_came(self):
        point, *_ = make_home()
        measure(point, MAY, date(2026, 5, 20))
        keep()
        tomorrow = AT + timedelta(days=1, hours=1)
        assert services.check(at=tomorrow) == 1
        keep(tomorrow)
        assert kept(point, MAY).n_expected == 20 * 24 + 13
        assert kept(point, MAY).n_present == 19 * 24

    def test_rows_of_an_agreement_that_is_bound_no_longer_go(self):
        point, _, agreement = make_home()
        measure(point, MARCH, APRIL)
        keep()
        agreement.points.all().delete()
        services.mark_points_since([point.pk], None, at=LATER)
        keep(LATER)
        assert not ChargeMonth.objects.exists()
        assert zones(point) == {0: 744_000}


class TestAnotherTariff:
    def test_holds_from_the_month_in_which_it_was_set(self):
        point, _, agreement = make_home()
        measure(point, MARCH, date(2026, 5, 20))
        keep()
        other = make_tariff("H2", "10")
        contracts.change_agreement(agreement=agreement, fields={"tariff": other}, at=LATER)
        services.mark_agreement(agreement_id=agreement.pk, since=None, at=LATER)
        keep(LATER)
        assert kept(point).kopecks == 433_008
        assert kept(point, MAY).kopecks == 456 * 1000
        assert AgreementTariff.objects.count() == 2

    def test_or_from_an_earlier_one_where_somebody_says_so(self):
        point, _, agreement = make_home()
        measure(point, MARCH, MAY)
        keep()
        other = make_tariff("H2", "10")
        contracts.change_agreement(agreement=agreement, fields={"tariff": other}, at=LATER)
        agreement.refresh_from_db()
        services.set_tariff(agreement=agreement, since=APRIL, at=LATER)
        keep(LATER)
        assert (kept(point).kopecks, kept(point, APRIL).kopecks) == (433_008, 720_000)

    def test_the_first_one_has_always_been(self):
        point, _, agreement = make_home()
        tariff = agreement.tariff
        contracts.change_agreement(agreement=agreement, fields={"tariff": None}, at=AT)
        measure(point, MARCH, APRIL)
        keep()
        contracts.change_agreement(agreement=agreement, fields={"tariff": tariff}, at=LATER)
        services.mark_agreement(agreement_id=agreement.pk, since=None, at=LATER)
        keep(LATER)
        assert kept(point).kopecks == 433_008


class TestRounds:
    def test_one_that_is_stopped_goes_on_where_it_was(self, monkeypatch):
        tariff = make_tariff()
        points = [make_home(f"P{n}", tariff=tariff)[0] for n in range(3)]
        for point in points:
            measure(point, MARCH, date(2026, 3, 3))
        keeping.tell_until(AT - timedelta(days=1))
        hand_on()
        monkeypatch.setattr(keeping, "TOGETHER", 1)

        def stop(done, waiting):
            raise Interrupted

        with pytest.raises(Interrupted):
            keeping.keep(at=AT, progress=stop)
        assert ChargeMonth.objects.count() == 1
        assert marks.waiting(marks.KEEP) == 2
        assert queries.kept_until() == AT - timedelta(days=1)
        keeping.keep(at=AT)
        assert ChargeMonth.objects.count() == 3
        assert marks.waiting(marks.KEEP) == 0
        assert queries.kept_until() == AT

    def test_a_point_that_cannot_be_worked_holds_up_no_other(self, caplog):
        good, bad = make_home("P1")[0], None
        bad = make_home("P2", tariff=make_tariff("X"))[0]
        for point in (good, bad):
            measure(point, MARCH, APRIL)
        keeping.tell_until(AT)
        hand_on()
        IntervalBlock.objects.filter(usage_point=bad.pk, day=MARCH).update(values=b"123")
        done = keeping.keep(at=LATER)
        assert (done.failed, marks.waiting(marks.KEEP)) == (1, 1)
        assert ChargeMonth.objects.get().usage_point_id == good.pk
        assert f"months of point {bad.pk} cannot be made" in caplog.text

    def test_the_first_round_of_all_makes_what_is_there(self):
        point, *_ = make_home()
        measure(point, MARCH, APRIL)
        Mark.objects.all().delete()
        keeping.keep(at=AT)
        assert kept(point).volume == 744_000

    def test_what_still_waits_is_not_said_to_be_kept(self):
        point, *_ = make_home()
        measure(point, MARCH, APRIL)
        keep()
        measure(point, APRIL, date(2026, 4, 2))
        keeping.keep(at=AT + timedelta(minutes=10))
        assert queries.kept_until() == AT
        keeping.keep(at=AT + timedelta(hours=2))
        assert queries.kept_until() == AT + timedelta(hours=2)

    def test_the_job(self):
        point, *_ = make_home()
        measure(point, MARCH, APRIL)
        Mark.objects.all().delete()
        jobs.start(handlers.KEEP, arguments={}, by=None, at=AT)
        worker.run_waiting()
        job = Job.objects.get(kind=handlers.KEEP)
        assert job.result == {"points": 1, "months": 1, "failed": 0}
        assert KeptUntil.objects.exists()

    def test_twice_is_once(self):
        point, *_ = make_home()
        measure(point, MARCH, APRIL)
        keep()
        before = list(ZoneMonth.objects.values_list()), list(ChargeMonth.objects.values_list())
        services.mark_points_since([point.pk], None, at=AT)
        keeping.keep(at=AT)
        assert before == (
            list(ZoneMonth.objects.values_list()), list(ChargeMonth.objects.values_list()),
        )  # fmt: skip


class TestAfterValidation:
    """The real round of validation hands on what it looked at."""

    def test_missing_and_estimated_are_counted(self):
        """21 days of 24.36 kWh (24 x 0.9 + 0.01 x 276) = 511.56, one more is an estimate of
        24 kWh: 535.56, 536; nine days are missing."""
        point, *_ = make_home()
        measure(point, MARCH, date(2026, 3, 22), lambda day, hour: 900 + 10 * hour)
        guess = day_of(
            point.pk, [1000] * 24, [Quality.ESTIMATED_BY_DAY] * 24,
            start=moment(date(2026, 3, 22)), zone="Europe/Moscow",
        )  # fmt: skip
        deliver(guess, at=AT)
        running.validate(at=AT)
        keeping.keep(at=AT)
        row = kept(point)
        assert (row.n_expected, row.n_present, row.n_estimated) == (744, 528, 24)
        assert row.volume == 536_000
        assert marks.waiting(marks.KEEP) == 0

        # 511.56 + 10 x 48 = 991.56
        measure(point, date(2026, 3, 22), APRIL, 2000, number=2)
        running.validate(at=AT)
        keeping.keep(at=AT)
        assert (kept(point).n_estimated, kept(point).volume) == (0, 992_000)
