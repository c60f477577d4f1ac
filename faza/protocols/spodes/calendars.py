"""Tariff schedules: the activity calendar (class 20) and the table of special days (class 11).

A calendar is written into the passive half and becomes active at a moment or by a command; the
table of special days has no passive half and holds at once.
Source: Blue Book 12, 4.5.4 (special days), 4.5.5 (activity calendar).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Literal

from faza.protocols.dlms import Data, Date, DateTime, Malformed, Tag, Time, axdr, obis
from faza.protocols.metered import DaySchedule, Season, TariffCalendar
from faza.protocols.spodes.asking import Step, acted, one, several, written
from faza.protocols.spodes.identity import text_of
from faza.protocols.spodes.meter import Meter
from faza.protocols.spodes.names import (
    CALENDAR,
    CALENDAR_CLASS,
    SPECIAL_DAYS,
    SPECIAL_DAYS_CLASS,
    TARIFF_SCRIPTS,
    attribute,
)
from faza.protocols.spodes.problems import Denied, NotTaken

Special = tuple[int, int, int | None, int]
Half = Literal["active", "passive"]
FIRST = {"active": 2, "passive": 6}
"""The attribute of a half's name; its seasons, weeks and days follow."""
ACTIVATION, ACTIVATE = 10, 1
ENTRIES = 2
WEEKDAYS = 7


def calendar(meter: Meter, half: Half) -> Step[TariffCalendar | None]:
    """The active or the passive calendar with the special days; None if the meter has none.

    Raises Malformed if it makes no sense: a season without its week, a week of 8 days.
    """
    first = FIRST[half]
    asked = [attribute(CALENDAR_CLASS, CALENDAR, first + place) for place in range(4)]
    asked.append(attribute(SPECIAL_DAYS_CLASS, SPECIAL_DAYS, ENTRIES))
    name, seasons, weeks, days, special = yield from several(meter, asked)
    if seasons is None or weeks is None or days is None:
        return None
    by_name = {axdr.raw(axdr.parts(week, 1 + WEEKDAYS)[0]): week for week in axdr.parts(weeks)}
    return TariffCalendar(
        text_of(name),
        tuple([_season(season, by_name) for season in axdr.parts(seasons)]),
        tuple([_day(day) for day in axdr.parts(days)]),
        tuple([_special(day) for day in axdr.parts(special)]) if special is not None else (),
    )


def calendar_name(meter: Meter, half: Half) -> Step[str]:
    """The name of a half of the calendar; "" if there is none."""
    return text_of((yield from one(meter, attribute(CALENDAR_CLASS, CALENDAR, FIRST[half]))))


def write_calendar(
    meter: Meter, wanted: TariffCalendar, activate_at: datetime | None = None
) -> Step[TariffCalendar]:
    """Write the passive calendar and the special days; the passive calendar as it is read back.

    activate_at: when the meter makes it active by itself; None leaves it passive, any moment that
    was set before is taken back. Special days hold at once; a meter that refuses them, because
    its active calendar has no such kind of day, gets them with `activate`. Raises ValueError if
    the calendar does not hang together, Denied (such special days with a moment too), NotTaken.
    """
    parts = _encoded(wanted)
    meter.special_due = ()
    yield from _schedule(meter, None)  # nothing half-written may become active
    first = FIRST["passive"]
    for place, part in enumerate(parts):
        where = attribute(CALENDAR_CLASS, CALENDAR, first + place)
        yield from written(where, part, "calendar")
    try:
        yield from _write_special(meter, wanted.special)
    except Denied:
        if activate_at is not None:
            raise
        meter.special_due = wanted.special
    now = yield from calendar(meter, "passive")
    if now is not None and meter.special_due:
        wanted = replace(wanted, special=now.special)
    if now is None or _comparable(now) != _comparable(wanted):
        raise NotTaken("calendar", wanted, now)
    if activate_at is not None:
        yield from _schedule(meter, activate_at)
    return now


def activate(meter: Meter) -> Step[TariffCalendar]:
    """Make the passive calendar the active one; the active one as it is read back.

    Special days that had to wait for it are written after it. Raises Denied, NotTaken.
    """
    wanted = yield from calendar(meter, "passive")
    if wanted is None:
        raise Denied("calendar", "no such object")
    value = Data(Tag.INTEGER, 0)
    yield from acted(CALENDAR_CLASS, CALENDAR, ACTIVATE, value, "calendar")
    if meter.special_due:
        due, meter.special_due = meter.special_due, ()
        yield from _write_special(meter, due)
        wanted = replace(wanted, special=due)
    now = yield from calendar(meter, "active")
    if now is None or _comparable(now) != _comparable(wanted):
        raise NotTaken("calendar", wanted, now)
    return now


def _comparable(found: TariffCalendar) -> tuple[object, ...]:
    """What of a calendar must be the same: the order of a meter's tables means nothing."""
    return (
        found.name.strip(),
        sorted((season.start, season.week) for season in found.seasons),
        sorted((day.number, tuple(sorted(day.switches))) for day in found.days),
        sorted((day[2] or 0, *day[:2], day[3]) for day in found.special),
    )


# Activation


def _schedule(meter: Meter, at: datetime | None) -> Step[None]:
    """When the passive calendar becomes active; None: never. Read back."""
    where = attribute(CALENDAR_CLASS, CALENDAR, ACTIVATION)
    if at is None:
        raw = DateTime(Date(), Time()).encode()
    else:
        zone = timezone(timedelta(minutes=meter.local_offset))
        raw = DateTime.of(at.astimezone(zone).replace(microsecond=0)).encode()
    yield from written(where, axdr.octet_string(raw), "activation of the calendar")
    found = yield from one(meter, where)
    told = found.value if found is not None else None
    # Weekday, hundredths and status may come back otherwise; the moment may not.
    if not isinstance(told, bytes) or told[:4] + told[5:8] != raw[:4] + raw[5:8]:
        raise NotTaken("activation of the calendar", at, told)


# From the meter


def _season(season: Data, weeks: dict[bytes, Data]) -> Season:
    name, start, week_name = axdr.parts(season, 3)
    when = DateTime.decode(axdr.raw(start)).date
    week = weeks.get(axdr.raw(week_name))
    if week is None:
        raise Malformed(f"No week {axdr.raw(week_name)!r} in the calendar.", code="calendar")
    days = [axdr.whole(day) for day in axdr.parts(week, 1 + WEEKDAYS)[1:]]
    a, b, c, d, e, f, g = days
    return Season(text_of(name), (when.month or 1, when.day or 1), (a, b, c, d, e, f, g))


def _day(day: Data) -> DaySchedule:
    number, switches = axdr.parts(day, 2)
    return DaySchedule(axdr.whole(number), tuple([_switch(part) for part in axdr.parts(switches)]))


def _switch(switch: Data) -> tuple[int, int]:
    start, _, tariff = axdr.parts(switch, 3)
    time = Time.decode(axdr.raw(start))
    return (time.hour or 0) * 60 + (time.minute or 0), axdr.whole(tariff)


def _special(entry: Data) -> tuple[int, int, int | None, int]:
    _, when, number = axdr.parts(entry, 3)
    day = Date.decode(axdr.raw(when))
    return day.month or 0, day.day or 0, day.year, axdr.whole(number)


# To the meter


def _encoded(wanted: TariffCalendar) -> Sequence[Data]:
    """Name, seasons, weeks and days; each season has a week of its own number."""
    if not wanted.seasons or not wanted.days:
        raise ValueError("A calendar has at least one season and one kind of day.")
    kinds = {day.number for day in wanted.days}
    used = {kind for season in wanted.seasons for kind in season.week}
    used |= {day[3] for day in wanted.special}
    if used - kinds:
        raise ValueError(f"No kind of day {min(used - kinds)} in the calendar.")
    scripts = axdr.octet_string(obis(TARIFF_SCRIPTS))
    seasons, weeks = [], []
    for number, season in enumerate(wanted.seasons, 1):
        start = DateTime(Date(None, *season.start), Time(0, 0, 0, 0)).encode()
        week = axdr.octet_string(bytes([number]))
        seasons.append(axdr.structure(_name(season.name), axdr.octet_string(start), week))
        days = [Data(Tag.UNSIGNED, kind) for kind in season.week]
        weeks.append(axdr.structure(week, *days))
    kinds_of_day = [
        axdr.structure(
            Data(Tag.UNSIGNED, day.number),
            axdr.array(*[_encoded_switch(switch, scripts) for switch in day.switches]),
        )
        for day in wanted.days
    ]
    return _name(wanted.name), axdr.array(*seasons), axdr.array(*weeks), axdr.array(*kinds_of_day)


def _name(name: str) -> Data:
    return axdr.octet_string(name.encode())


def _encoded_switch(switch: tuple[int, int], scripts: Data) -> Data:
    minute, tariff = switch
    if not 0 <= minute < 24 * 60:
        raise ValueError(f"Minute {minute} of a day.")
    start = axdr.octet_string(Time(minute // 60, minute % 60, 0, 0).encode())
    return axdr.structure(start, scripts, Data(Tag.LONG_UNSIGNED, tariff))


def _write_special(meter: Meter, special: Sequence[Special]) -> Step[None]:
    """Write the table of special days; a meter without one can hold a calendar without any."""
    where = attribute(SPECIAL_DAYS_CLASS, SPECIAL_DAYS, ENTRIES)
    if (yield from one(meter, where)) is None and not special:
        return
    entries = [
        axdr.structure(
            Data(Tag.LONG_UNSIGNED, number),
            axdr.octet_string(Date(year, month, day).encode()),
            Data(Tag.UNSIGNED, kind),
        )
        for number, (month, day, year, kind) in enumerate(special, 1)
    ]
    yield from written(where, axdr.array(*entries), "special days")
