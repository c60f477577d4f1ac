from datetime import date, timedelta

import pytest

from faza.tariffs import queries, rules, services
from faza.tariffs.models import CalendarDay, Tariff, TariffZone

pytestmark = pytest.mark.django_db


class TestShipped:
    @pytest.fixture(autouse=True)
    def _shipped(self):
        services.import_shipped()

    @pytest.mark.parametrize(("year", "working"), [(2025, 247), (2026, 247)])
    def test_a_year_has_as_many_working_days_as_the_official_calendar(self, year, working):
        start, end = date(year, 1, 1), date(year + 1, 1, 1)
        known = queries.exceptions(start=start, end=end)
        days = [start + timedelta(days=n) for n in range((end - start).days)]

        assert sum(rules.is_working_day(day, known) for day in days) == working

    def test_the_new_year_holidays_pass_over_the_end_of_a_year(self, django_assert_num_queries):
        with django_assert_num_queries(1):
            assert queries.working_day_after(date(2025, 12, 30), 1) == date(2026, 1, 12)

    def test_taking_it_twice_changes_nothing(self):
        before = CalendarDay.objects.count(), TariffZone.objects.count()

        services.import_shipped()

        assert (CalendarDay.objects.count(), TariffZone.objects.count()) == before

    def test_households_have_three_tariffs_with_their_zones(self):
        zones = {
            tariff.code: [
                (zone.number, zone.name) for zone in queries.zones_of(tariff, on=date(2026, 1, 1))
            ]
            for tariff in Tariff.objects.order_by("code")
        }

        assert zones == {
            "HH1": [(1, "Круглые сутки")],
            "HH2": [(1, "День"), (2, "Ночь")],
            "HH3": [(1, "Пик"), (2, "Ночь"), (3, "Полупик")],
        }


HEAD = "tariff,tariff_name,valid_from,number,name,hours,source"


class TestImportZones:
    def test_the_zones_of_the_latest_date_hold(self):
        services.import_zones([HEAD, "X,x,2025-01-01,1,day,00:00-24:00,s"])
        services.import_zones(
            [HEAD, "X,x,2026-01-01,1,a,00:00-12:00,s", "X,x,2026-01-01,2,b,12:00-24:00,s"]
        )
        tariff = Tariff.objects.get()

        def names(day):
            return [zone.name for zone in queries.zones_of(tariff, on=day)]

        assert names(date(2024, 12, 31)) == []
        assert names(date(2025, 12, 31)) == ["day"]
        assert names(date(2026, 1, 1)) == ["a", "b"]

    def test_zones_with_a_gap_are_refused_and_nothing_is_stored(self):
        with pytest.raises(rules.ZonesOverlapOrGap):
            services.import_zones([HEAD, "X,x,2025-01-01,1,day,00:00-23:00,s"])

        assert not Tariff.objects.exists()

    @pytest.mark.parametrize("row", ["X,x,1.1.2025,1,d,00:00-24:00,s", "X,x,2025-01-01,T1,d,h,s"])
    def test_a_wrong_row_is_named(self, row):
        with pytest.raises(services.MalformedRow, match="row 2"):
            services.import_zones([HEAD, row])


class TestImportCalendar:
    def test_a_year_is_replaced_and_others_stay(self):
        head = "region,day,kind,source"
        services.import_calendar([head, "RU,2025-01-01,holiday,s", "RU,2026-01-01,holiday,s"])

        services.import_calendar([head, "RU,2026-01-02,holiday,s"])

        days = CalendarDay.objects.order_by("day").values_list("day", flat=True)
        assert list(days) == [date(2025, 1, 1), date(2026, 1, 2)]

    @pytest.mark.parametrize("row", ["RU,2026-13-01,holiday,s", "RU,2026-01-01,feast,s", "RU"])
    def test_a_wrong_row_is_named_and_nothing_is_stored(self, row):
        with pytest.raises(services.MalformedRow, match="row 3"):
            services.import_calendar(["region,day,kind,source", "RU,2025-01-01,holiday,s", row])

        assert not CalendarDay.objects.exists()
