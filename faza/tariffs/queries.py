from __future__ import annotations

from datetime import date, timedelta

from django.db.models import Max

from faza.tariffs import rules
from faza.tariffs.models import CalendarDay, Tariff, TariffZone


def exceptions(*, start: date, end: date, region: str = "RU") -> dict[date, str]:
    """The days of [start, end) that the production calendar makes exceptions, with their kind."""
    days = CalendarDay.objects.filter(region=region, day__gte=start, day__lt=end)
    return dict(days.values_list("day", "kind"))


def working_day_after(day: date, count: int, *, region: str = "RU") -> date:
    """The working day that is `count` working days after a day. One query.

    Where the calendar of a year is not imported, weekends alone are days off.
    """
    # The longest row of days off is under a fortnight, and of seven days at least one is worked.
    reach = timedelta(days=14 + 7 * count)
    known = exceptions(start=day, end=day + reach, region=region)
    return rules.add_working_days(day, count, known)


def zones_of(tariff: Tariff, *, on: date) -> list[TariffZone]:
    """The zones of a tariff that hold on a local day, T1 first; none before its first date."""
    zones = TariffZone.objects.filter(tariff=tariff, valid_from__lte=on)
    latest = zones.aggregate(latest=Max("valid_from"))["latest"]
    return list(zones.filter(valid_from=latest).order_by("number")) if latest else []
