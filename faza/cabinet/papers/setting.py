"""How a meter is set: its tariff schedule and its settings, as it said when it was read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from faza.cabinet.papers.facts import Fact
from faza.cabinet.papers.seen import Access, Stood
from faza.collection.models import CalendarVersion, ConfigurationVersion
from faza.collection.orders import scheduling
from faza.collection.orders.scheduling import Verdict
from faza.collection.polling import calendars
from faza.contracts.models import AgreementPoint
from faza.metering.models import UsagePoint
from faza.protocols.metered import Season, TariffCalendar
from faza.tariffs.models import Tariff
from faza.ui import formats

DAY = 24 * 60
LEGIBLE = 90
"""Minutes of a stretch in which its name has room."""
SHOWN = 10
"""Changes of settings that a page tells."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A tariff register's time of a day, in percent of the day; `hours`: «07:00–23:00»."""

    zone: int
    left: str
    width: str
    hours: str
    has_room: bool
    """Whether its name fits into it in the picture of a day."""


@dataclass(frozen=True, slots=True)
class DayKind:
    """A kind of day: on which days it is, and what counts when."""

    days: str
    stretches: tuple[Stretch, ...]
    words: str


@dataclass(frozen=True, slots=True)
class Schedule:
    """A tariff schedule of a meter, or of the tariff where the meter's was not read.

    verdict: good, bad or nothing, with words on whether it is that of the agreement's tariff.
    """

    title: str
    days: tuple[DayKind, ...]
    special: str
    is_read: bool
    read_at: str = ""
    kind: str = ""
    verdict: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """What was found set otherwise than before, and when it was seen first."""

    at: str
    facts: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Settings:
    """What the meter is set to, when that was read, and what changed before."""

    facts: tuple[Fact, ...]
    read_at: str
    changes: tuple[Change, ...]


def tariff_of(point: UsagePoint, *, at: datetime) -> Tariff | None:
    """The tariff of the agreement that covers a point now, the latest of several. One query."""
    bound = AgreementPoint.objects.covering_at(at).filter(
        usage_point=point, agreement__tariff__isnull=False
    )
    row = bound.select_related("agreement__tariff").order_by("-valid_from").first()
    return row.agreement.tariff if row else None


def schedule(meter: int, tariff: Tariff | None, *, zone: ZoneInfo, at: datetime) -> Schedule | None:
    """What a meter counts by, beside what the tariff wants; None where neither is known."""
    today = at.astimezone(zone).date()
    row = CalendarVersion.objects.filter(meter=meter).order_by("-read_at", "-pk").first()
    mark = row.fingerprint if row else ""
    known = scheduling.known([(tariff.pk if tariff else None, mark)], on=today)
    wanted = known.wanted.get(tariff.pk) if tariff else None
    found = _parsed(row.calendar) if row else None
    if row is None or found is None:
        return _of_tariff(tariff, wanted, today) if tariff and wanted else None
    verdict = known.verdict(tariff.pk if tariff else None, mark)
    kind, said = _judged(verdict, tariff)
    return Schedule(
        title=found.name or _("Schedule of the meter"),
        days=_days(found, today),
        special=_special(found),
        is_read=True,
        read_at=formats.moment(row.read_at, zone),
        kind=kind,
        verdict=said,
    )


def _of_tariff(tariff: Tariff, wanted: TariffCalendar, today: date) -> Schedule:
    return Schedule(tariff.name, _days(wanted, today), _special(wanted), is_read=False)


def _judged(verdict: Verdict, tariff: Tariff | None) -> tuple[str, str]:
    name = tariff.name if tariff else ""
    match verdict:
        case Verdict.SAME:
            return "good", _("As the tariff «%(name)s» of the agreement wants") % {"name": name}
        case Verdict.OTHER:
            return "bad", _("Differs from the tariff «%(name)s» of the agreement") % {"name": name}
    return "", _("The agreement has no tariff with zones to compare with")


def _parsed(told: Mapping[str, object]) -> TariffCalendar | None:
    try:
        return calendars.from_json(told)
    except ValueError:
        return None


def _days(calendar: TariffCalendar, today: date) -> tuple[DayKind, ...]:
    """The kinds of day of the week in the season that holds on a day."""
    season = season_of(calendar.seasons, today)
    if season is None:
        return ()
    made = []
    for day in calendar.days:
        places = [n for n, number in enumerate(season.week) if number == day.number]
        if places:
            made.append(DayKind(_weekdays(places), *_stretches(day.switches)))
    return tuple(made)


def season_of(seasons: Sequence[Season], today: date) -> Season | None:
    """The season that holds on a day: the last to begin in the year, else the year's last."""
    if not seasons:
        return None
    begun = sorted(seasons, key=lambda one: one.start)
    held = [one for one in begun if one.start <= (today.month, today.day)]
    return held[-1] if held else begun[-1]


def _weekdays(places: list[int]) -> str:
    if len(places) == 7:
        return _("Every day")
    if places == list(range(places[0], places[-1] + 1)) and len(places) > 2:
        return f"{WEEKDAYS_ABBR[places[0]]}–{WEEKDAYS_ABBR[places[-1]]}"
    return ", ".join(str(WEEKDAYS_ABBR[n]) for n in places)


def _stretches(switches: Sequence[tuple[int, int]]) -> tuple[tuple[Stretch, ...], str]:
    """A day's stretches, and all of it in words: «T1 07:00–23:00; T2 00:00–07:00, …»."""
    found: list[Stretch] = []
    words: dict[int, list[str]] = {}
    for n, (start, zone) in enumerate(switches):
        end = switches[n + 1][0] if n + 1 < len(switches) else DAY
        hours = f"{_clock(start)}–{_clock(end)}"
        room = end - start >= LEGIBLE
        found.append(Stretch(zone, _share(start), _share(end - start), hours, has_room=room))
        words.setdefault(zone, []).append(hours)
    said = "; ".join(f"T{zone} {', '.join(hours)}" for zone, hours in sorted(words.items()))
    return tuple(found), said


def _share(minutes: int) -> str:
    return f"{minutes / DAY * 100:.3f}%"


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _special(calendar: TariffCalendar) -> str:
    count = len(calendar.special)
    if not count:
        return ""
    said = ngettext("%(n)s special day is set", "%(n)s special days are set", count)
    return said % {"n": count}


def settings(meter: int, access: Access, stood: Stood, zone: ZoneInfo) -> Settings | None:
    """What a meter is set to now, and changes seen while it stood here and was the person's.

    None where settings were never read. One query.
    """
    rows = ConfigurationVersion.objects.filter(meter=meter).order_by("-read_at", "-pk")
    found = list(rows[: SHOWN + 1])
    if not found:
        return None
    changes = [
        Change(formats.moment(new.read_at, zone), changed)
        for new, old in zip(found, found[1:], strict=False)
        if access.shows(new.read_at)
        and new.read_at in stood.complex.period
        and (changed := _changed(old.settings, new.settings))
    ]
    facts = tuple(told(found[0].settings).values())
    return Settings(facts, formats.moment(found[0].read_at, zone), tuple(changes))


def _changed(
    old: Mapping[str, object], new: Mapping[str, object]
) -> tuple[tuple[str, str, str], ...]:
    """What differs: its name, before, after; of settings that people are told."""
    before, after = told(old), told(new)
    return tuple(
        (
            (after.get(key) or before[key]).label,
            before[key].text if key in before else formats.DASH,
            after[key].text if key in after else formats.DASH,
        )
        for key in dict.fromkeys([*after, *before])
        if (key in before) != (key in after) or before[key].text != after[key].text
    )


def told(found: Mapping[str, object]) -> dict[str, Fact]:
    """Settings in words, by name; those that say something to a reader."""
    labels = {
        "firmware": _("Firmware"),
        "protocol": _("Protocol's version"),
        "scheme": _("Connection scheme"),
        "nominal_voltage": _("Nominal voltage, set"),
        "agreed_voltage": _("Agreed voltage"),
        "current_ratio": _("Current ratio, set"),
        "voltage_ratio": _("Voltage ratio, set"),
        "ct": _("Current ratio, set"),
        "vt": _("Voltage ratio, set"),
        "recording_interval_1": _("Interval of the load profile"),
        "recording_interval_2": _("Interval of the daily profile"),
        "capture_period_1": _("Interval of the load profile"),
        "impulses_per_kwh": _("Constant"),
        "clock_offset": _("Clock of the meter"),
        "limiter_power": _("Power limit"),
        "limiter_current": _("Current limit"),
        "calendar_active": _("Schedule in force"),
        "calendar_passive": _("Schedule in waiting"),
    }
    return {key: Fact(label, _value(key, found[key])) for key, label in labels.items()
             if found.get(key) not in (None, "")}  # fmt: skip


def _value(key: str, value: object) -> str:
    if key.startswith("limiter_") and isinstance(value, Mapping):
        return _limit(key, value)
    number = _number(value)
    if number is None or key in {"firmware", "protocol", "scheme"}:
        return str(value)
    if key.endswith("_voltage"):
        return str(formats.quantity(number, "V", 0))
    if key == "clock_offset":
        hours = formats.signed(number / 60, 0 if number % 60 == 0 else 1)
        return _("UTC%(hours)s") % {"hours": hours}
    if key == "capture_period_1":
        number /= 60
    if key.startswith(("recording_", "capture_")):
        return str(formats.quantity(number, "min", 0))
    if key == "impulses_per_kwh":
        return _("%(n)s impulses per kWh") % {"n": formats.number(number)}
    return formats.number(number, 0 if number == int(number) else 2)


def _limit(key: str, value: Mapping[str, object]) -> str:
    unit = "kW" if key == "limiter_power" else "A"
    threshold = _number(value.get("threshold"))
    if threshold is None:
        return formats.DASH
    acts = _("acts") if value.get("is_on") else _("does not act")
    return f"{formats.quantity(threshold / 1000, unit, 1)}, {acts}"


def _number(value: object) -> Decimal | None:
    try:
        return Decimal(str(value)) if not isinstance(value, bool | Mapping) else None
    except InvalidOperation:
        return None
