"""What kept months answer: to whom they are shown, as of when, and with how many queries."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from faza.charges import queries, sums
from faza.charges.models import ChargeMonth
from faza.contracts import services as contracts
from faza.core.windows import Windows
from tests.charges.world import (
    APRIL,
    AT,
    MARCH,
    MAY,
    keep,
    make_home,
    make_tariff,
    measure,
    moment,
    windows,
)
from tests.contracts.factories import make_agreement

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(hours=1)


class TestTwoOwners:
    @pytest.fixture
    def flat(self):
        """Sold on 11 March at noon: 10.5 days of one owner, 20.5 of the other."""
        sold = moment(date(2026, 3, 11), 12)
        point, _, first = make_home(to=sold)
        second = make_agreement(tariff=first.tariff, valid_from=sold)
        contracts.bind_point(agreement=second, usage_point=point, at=AT)
        measure(point, MARCH, APRIL)
        keep()
        return point, first, second, sold

    def test_each_is_charged_for_the_own_time(self, flat):
        point, first, second, sold = flat
        rows = ChargeMonth.objects.filter(month=MARCH).order_by("starts_at")
        assert [(row.agreement_id, row.volume) for row in rows] == [
            (first.pk, 252_000), (second.pk, 492_000),
        ]  # fmt: skip
        assert [row.ends_at for row in rows] == [sold, moment(APRIL)]

    def test_each_sees_the_own_time_alone(self, flat):
        point, first, second, sold = flat
        for seen, agreement in (
            (windows(point, to=sold), first),
            (windows(point, since=sold), second),
        ):
            found = queries.charged(seen, MARCH, APRIL)
            assert found.agreements.tolist() == [agreement.pk]
            volumes = queries.zone_months(seen, MARCH, APRIL)
            assert set(volumes.agreements.tolist()) == {agreement.pk}
            [charge] = queries.charge(seen, point.pk, MARCH)
            assert charge.agreement == agreement.pk

    def test_a_window_that_cuts_the_time_shows_nothing_of_it(self, flat):
        point, *_, sold = flat
        seen = windows(point, since=sold + timedelta(hours=1))
        assert len(queries.charged(seen, MARCH, APRIL)) == 0
        assert queries.charge(seen, point.pk, MARCH) == []

    def test_whoever_sees_all_sees_both_and_the_whole(self, flat):
        point, first, second, _ = flat
        found = queries.zone_months(windows(point), MARCH, APRIL)
        assert set(found.agreements.tolist()) == {0, first.pk, second.pk}
        assert queries.charged(windows(point), MARCH, APRIL).total == Decimal("4330.08")


class TestMoments:
    @pytest.mark.parametrize("fraction", [0, 400_000, 600_000])
    def test_what_was_kept_this_very_moment_is_shown(self, fraction):
        """To whom reads at that moment, in either half of a second."""
        at = AT.replace(microsecond=fraction)
        point, _, _ = make_home()
        measure(point, AT.date().replace(day=1), AT.date())
        keep(at)
        month = queries.month_of(at, point.zone)

        assert len(queries.charged(windows(point, to=at), month, queries.next_month(month)))
        assert len(queries.zone_months(windows(point, to=at), month, queries.next_month(month)))


class TestQuestions:
    def test_the_month_so_far(self):
        point, *_ = make_home()
        measure(point, MARCH, date(2026, 5, 20))
        keep()
        found = queries.so_far(windows(point, to=AT), AT)
        assert found.months.astype(str).tolist() == ["2026-05"]
        assert found.total == Decimal("2653.92")
        assert found.as_of == AT
        assert found.completeness == 456 / 468

    def test_a_window_up_to_now_covers_the_month_that_goes_on(self):
        point, *_ = make_home()
        measure(point, MAY, date(2026, 5, 20))
        keep()
        assert len(queries.so_far(windows(point, to=LATER), LATER)) == 1
        assert len(queries.so_far(windows(point, to=AT - timedelta(hours=1)), LATER)) == 0

    def test_they_cost_a_fixed_number_of_queries(self, django_assert_num_queries):
        tariff = make_tariff()
        points = [make_home(f"P{n}", tariff=tariff)[0] for n in range(3)]
        for point in points:
            measure(point, MARCH, date(2026, 3, 3))
        keep()
        for few in (points[:1], points):
            with django_assert_num_queries(2):
                assert len(queries.charged(windows(*few), MARCH, APRIL)) == len(few)
            with django_assert_num_queries(2):
                queries.zone_months(windows(*few), MARCH, APRIL)
            with django_assert_num_queries(2):
                queries.so_far(windows(*few), AT)

    def test_nobody_is_shown_nothing(self):
        point, *_ = make_home()
        measure(point, MARCH, APRIL)
        keep()
        assert len(queries.charged(windows(), MARCH, APRIL)) == 0
        assert queries.charged(windows(), MARCH, APRIL).total is None


class TestSums:
    """Month by month, whatever mixture of windows."""

    @pytest.fixture
    def points(self):
        tariff = make_tariff()
        points = [make_home(f"P{n}", tariff=tariff)[0] for n in range(4)]
        for place, point in enumerate(points, start=1):
            measure(point, MARCH, date(2026, 5, 20), 1000 * place)
        keep()
        return points

    def test_they_are_the_sums_of_the_rows(self, points):
        """One window since April, one that ended in May at noon: those rows are not shown."""
        seen = Windows.merged(
            [
                *windows(*points[:2], to=AT),
                *windows(points[2], since=moment(APRIL), to=AT),
                *windows(points[3], to=AT - timedelta(days=7)),
            ]
        )
        found = sums.month_sums(seen, MARCH, date(2026, 6, 1))
        rows = queries.charged(seen, MARCH, date(2026, 6, 1))
        assert found.months.astype(str).tolist() == ["2026-03", "2026-04", "2026-05"]
        assert found.rows.tolist() == [3, 4, 3]
        assert found.kopecks.tolist() == [
            int(rows.kopecks[rows.months == month].sum()) for month in found.months
        ]
        assert found.total(0) == Decimal("5.82") * 744 * (1 + 2 + 4)
        assert found.as_of == AT

        volumes = sums.zone_sums(seen, MARCH, date(2026, 6, 1))
        whole = volumes.zones == 0
        assert volumes.total[whole].tolist() == found.volume.tolist()
        assert volumes.total[~whole].tolist() == found.volume.tolist()

    def test_they_cost_a_fixed_number_of_queries(self, points, django_assert_max_num_queries):
        with django_assert_max_num_queries(3):
            sums.month_sums(windows(*points), MARCH, APRIL)
        with django_assert_max_num_queries(4):
            sums.zone_sums(windows(*points), MARCH, APRIL)

    def test_nobody_is_shown_nothing(self, points):
        assert not len(sums.month_sums(windows(), MARCH, APRIL).months)
