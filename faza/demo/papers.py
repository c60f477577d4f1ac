"""How the meters of the demo were found set: tariff schedules, settings, what changed in them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from faza.collection.models import CalendarVersion, ConfigurationVersion
from faza.collection.orders import scheduling
from faza.collection.polling import calendars
from faza.contracts.models import AgreementPoint
from faza.core.periods import start_of_day
from faza.demo.plan import BY_NAME, MOSCOW, POINTS
from faza.metering.models import MeteringComplex
from faza.protocols.metered import DaySchedule, Season, TariffCalendar

OTHERWISE = "Дом 12"
"""Its meter counts the night from 22:00: somebody set it by the clock of another region."""
UPDATED = "Дом"
"""Its meter got new firmware, and with it another limit of power."""
SEEN_BEFORE = timedelta(days=60)


def find_settings(*, since: date, today: date, at: datetime) -> None:
    """Record what the meters said of themselves when they were read first. In the caller's time."""
    read_at = min(start_of_day(since, MOSCOW) + timedelta(hours=3, minutes=12), at)
    updated_at = max(read_at, start_of_day(today, MOSCOW) - SEEN_BEFORE)
    standing = list(
        MeteringComplex.objects.billing()
        .valid_at(at)
        .filter(usage_point__code__in=[point.code for point in POINTS])
        .select_related("meter__model", "usage_point")
    )
    bound = AgreementPoint.objects.covering_at(at).filter(agreement__tariff__isnull=False)
    tariffs = dict(bound.values_list("usage_point", "agreement__tariff"))
    wanted = scheduling.wanted_of(set(tariffs.values()), on=today)
    CalendarVersion.objects.bulk_create(
        _calendar(one, wanted[tariffs[one.usage_point_id]], max(read_at, one.valid_from))
        for one in standing
        if tariffs.get(one.usage_point_id) in wanted
    )
    ConfigurationVersion.objects.bulk_create(
        version
        for one in standing
        for version in _settings(one, max(read_at, one.valid_from), updated_at)
    )


def _calendar(one: MeteringComplex, calendar: TariffCalendar, read_at: datetime) -> CalendarVersion:
    if one.usage_point.code == POINTS[BY_NAME[OTHERWISE]].code:
        day = DaySchedule(1, ((0, 2), (6 * 60, 1), (22 * 60, 2)))
        calendar = TariffCalendar("HH2-22", (Season("1", (1, 1), (1, 1, 1, 1, 1, 1, 1)),), (day,))
    told = calendars.to_json(calendar)
    return CalendarVersion(
        meter=one.meter, read_at=read_at, fingerprint=calendars.fingerprint(told), calendar=told
    )


def _settings(
    one: MeteringComplex, read_at: datetime, updated_at: datetime
) -> Iterator[ConfigurationVersion]:
    model = one.meter.model
    now: dict[str, object] = {
        "firmware": one.meter.firmware,
        "nominal_voltage": str((model.nominal_voltage or 0) // 10),
        "recording_interval_1": "30",
        "clock_offset": 180,
    }
    if model.has_relay:
        now["limiter_power"] = {"threshold": 15_000, "seconds": 60, "is_on": False}
    if one.usage_point.code == POINTS[BY_NAME[UPDATED]].code and updated_at > read_at:
        before = {**now, "firmware": "1.1.3"}
        before["limiter_power"] = {"threshold": 11_000, "seconds": 60, "is_on": False}
        yield _version(one, before, read_at)
        read_at = updated_at
    yield _version(one, now, read_at)


def _version(
    one: MeteringComplex, settings: dict[str, object], read_at: datetime
) -> ConfigurationVersion:
    return ConfigurationVersion(
        meter=one.meter, read_at=read_at, fingerprint=calendars.fingerprint(settings),
        settings=settings,
    )  # fmt: skip
