"""The activity calendar, class 20, and special days, class 11.

The passive calendar is written in parts, which need not hang together until it is activated or
told when to be: until then they are a draft, which is read as it was written.
Source: Blue Book 12, 4.5.3, 4.5.4; ГОСТ Р 58940.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from faza.protocols.dlms import axdr
from faza.protocols.dlms.axdr import Data
from faza.protocols.dlms.clock import Date, DateTime, Time
from faza.protocols.dlms.problems import Malformed
from faza.protocols.dlms.references import obis
from faza.protocols.metered import DaySchedule, Season, TariffCalendar
from faza.simulator.dlms import values as v
from faza.simulator.dlms.cosem import Inside, Reader, Thing, Writer
from faza.simulator.meter import NotPossible

CALENDAR, SPECIAL_DAYS = obis("0.0.13.0.0.255"), obis("0.0.11.0.0.255")
ACTIVITY_CALENDAR, SPECIAL_DAYS_TABLE = 20, 11
NAME, SEASONS, WEEKS, DAYS = 6, 7, 8, 9
"""Attributes of the passive calendar; those of the active one are 4 less."""
SCRIPTS = obis("0.0.10.0.100.255")
"""The tariffication script table; its selectors are tariffs."""
Special = tuple[int, int, int | None, int]


# A calendar as data


def _name(calendar: TariffCalendar) -> Data:
    return v.words(calendar.name)


def _seasons(calendar: TariffCalendar) -> Data:
    found = []
    for number, season in enumerate(calendar.seasons, 1):
        start = DateTime(Date(None, *season.start), Time(0, 0, 0, 0))
        found.append(
            axdr.structure(v.words(season.name), start.data(), axdr.octet_string(bytes((number,))))
        )
    return axdr.array(*found)


def _weeks(calendar: TariffCalendar) -> Data:
    return axdr.array(
        *[
            axdr.structure(axdr.octet_string(bytes((number,))), *map(v.u8, season.week))
            for number, season in enumerate(calendar.seasons, 1)
        ]
    )


def _days(calendar: TariffCalendar) -> Data:
    found = []
    for day in calendar.days:
        switches = [
            axdr.structure(
                axdr.octet_string(Time(*divmod(minute, 60), 0, 0).encode()),
                axdr.octet_string(SCRIPTS),
                v.u16(tariff),
            )
            for minute, tariff in day.switches
        ]
        found.append(axdr.structure(v.u8(day.number), axdr.array(*switches)))
    return axdr.array(*found)


PARTS: dict[int, Callable[[TariffCalendar], Data]] = {
    NAME: _name,
    SEASONS: _seasons,
    WEEKS: _weeks,
    DAYS: _days,
}


# Data as a calendar


def assembled(parts: dict[int, Data], special: tuple[Special, ...]) -> TariffCalendar:
    """The calendar of four attributes. Raises Malformed if they do not hang together."""
    weeks = {
        axdr.raw(name): tuple([v.fitting(day, v.MOST_U8) for day in days])
        for name, *days in (axdr.parts(week, 8) for week in axdr.parts(parts[WEEKS]))
    }
    seasons = []
    for season in axdr.parts(parts[SEASONS]):
        name, start, week_name = axdr.parts(season, 3)
        week = weeks.get(axdr.raw(week_name))
        if week is None:
            raise Malformed("A season with a week that is not.", code="calendar")
        first, second, third, fourth, fifth, sixth, seventh = week
        days = (first, second, third, fourth, fifth, sixth, seventh)
        seasons.append(Season(axdr.text(name), _start(start), days))
    schedules = []
    for day in axdr.parts(parts[DAYS]):
        number, switches = axdr.parts(day, 2)
        found = tuple([_switch(switch) for switch in axdr.parts(switches)])
        schedules.append(DaySchedule(v.fitting(number, v.MOST_U8), found))
    return TariffCalendar(
        axdr.raw(parts[NAME]).decode("utf-8", "replace"), tuple(seasons), tuple(schedules), special
    )


def _start(data: Data) -> tuple[int, int]:
    date = v.stamp_in(data).date
    if date.month is None or date.day is None:
        raise Malformed("A season without its first day.", code="calendar")
    return date.month, date.day


def _switch(data: Data) -> tuple[int, int]:
    time, _, selector = axdr.parts(data, 3)
    when = Time.decode(axdr.raw(time))
    if when.hour is None or when.minute is None:
        raise Malformed("A switch without its time.", code="calendar")
    return when.hour * 60 + when.minute, v.fitting(selector, v.MOST_U16)


# The calendar's object


def _active(part: int) -> Reader:
    return lambda inside, at: PARTS[part](inside.meter.calendar(at))


def _passive(part: int) -> Reader:
    def read(inside: Inside, at: datetime) -> Data:
        return inside.draft.get(part) or PARTS[part](inside.meter.passive_calendar(at))

    return read


def _write(part: int) -> Writer:
    def write(inside: Inside, at: datetime, data: Data) -> None:
        if part == NAME:
            axdr.raw(data)
        else:
            axdr.parts(data)
        inside.draft[part] = data
        try:
            _adopt(inside, at)
        except (Malformed, NotPossible):
            return  # more parts are to come

    return write


def _adopt(inside: Inside, at: datetime) -> None:
    """Make the draft the passive calendar. Raises Malformed or NotPossible if it is none."""
    if not inside.draft:
        return
    passive = inside.meter.passive_calendar(at)
    parts = {part: inside.draft.get(part) or told(passive) for part, told in PARTS.items()}
    inside.meter.set_passive_calendar(assembled(parts, inside.meter.calendar(at).special), at)
    inside.draft.clear()


def _activation(inside: Inside, at: datetime) -> Data:
    moment = inside.meter.activates_at(at)
    if moment is None:
        return axdr.octet_string(v.NEVER)
    return DateTime.of(v.local_of(moment, inside.meter.spec.offset)).data()


def _set_activation(inside: Inside, at: datetime, data: Data) -> None:
    _adopt(inside, at)
    stamp = v.stamp_in(data)
    inside.meter.set_activation(v.moment_of(stamp, inside.meter.spec.offset), at)


def _activate(inside: Inside, at: datetime, data: Data) -> None:
    _adopt(inside, at)
    inside.meter.activate_calendar(at)


def calendar() -> Thing:
    return Thing(
        ACTIVITY_CALENDAR,
        CALENDAR,
        {
            **{part - 4: _active(part) for part in PARTS},
            **{part: _passive(part) for part in PARTS},
            10: _activation,
        },
        {**{part: _write(part) for part in PARTS}, 10: _set_activation},
        {1: _activate},
    )


# Special days


def _special(inside: Inside, at: datetime) -> Data:
    found = []
    for number, (month, day, year, kind) in enumerate(inside.meter.calendar(at).special, 1):
        date = axdr.octet_string(Date(year, month, day).encode())
        found.append(axdr.structure(v.u16(number), date, v.u8(kind)))
    return axdr.array(*found)


def _special_day(data: Data) -> tuple[int, Special]:
    """An entry's number, and the day."""
    number, date, kind = axdr.parts(data, 3)
    found = Date.decode(axdr.raw(date))
    if found.month is None or found.day is None:
        raise Malformed("A special day without its date.", code="calendar")
    return axdr.whole(number), (found.month, found.day, found.year, v.fitting(kind, v.MOST_U8))


def _write_special(inside: Inside, at: datetime, data: Data) -> None:
    days = tuple([_special_day(entry)[1] for entry in axdr.parts(data)])
    inside.meter.set_special_days(days, at)


def _insert(inside: Inside, at: datetime, data: Data) -> None:
    """A day in the place of the one of its number, or after all."""
    number, day = _special_day(data)
    present = dict(enumerate(inside.meter.calendar(at).special, 1))
    present[number if number in present else len(present) + 1] = day
    inside.meter.set_special_days(tuple(present.values()), at)


def _delete(inside: Inside, at: datetime, data: Data) -> None:
    present = dict(enumerate(inside.meter.calendar(at).special, 1))
    if present.pop(axdr.whole(data), None) is None:
        raise Malformed("No such special day.", code="calendar")
    inside.meter.set_special_days(tuple(present.values()), at)


def special_days() -> Thing:
    return Thing(
        SPECIAL_DAYS_TABLE,
        SPECIAL_DAYS,
        {2: _special},
        {2: _write_special},
        {1: _insert, 2: _delete},
    )
