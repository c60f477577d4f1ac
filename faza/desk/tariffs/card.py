"""One tariff as its page shows it: prices by component and date, ranges, zones of the day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby

from django.utils.dates import MONTHS
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from faza.tariffs import rules
from faza.tariffs.models import Price
from faza.tariffs.rules.book import COMPONENTS, PriceBook, PriceRow, ZoneRow
from faza.ui import formats

FIRST_SHOWN = 6
"""Dates of a component that are shown at once."""


@dataclass(frozen=True, slots=True)
class Dated:
    """The prices of a component from a date on; amounts in the order of the columns."""

    since: date
    amounts: tuple[str, ...]
    order: str
    source: str
    is_example: bool
    state: str
    """"now", "coming" or "past"."""


@dataclass(frozen=True, slots=True)
class Component:
    """A component with its columns and its dates, the latest first.

    `zones`: (name, how many columns it spans) above the columns; empty where one row of heads says
    it all.
    """

    key: str
    name: str
    unit: str
    zones: tuple[tuple[str, int], ...]
    columns: tuple[str, ...]
    dates: tuple[Dated, ...]

    @property
    def recent(self) -> tuple[Dated, ...]:
        return self.dates[:FIRST_SHOWN]

    @property
    def earlier(self) -> tuple[Dated, ...]:
        return self.dates[FIRST_SHOWN:]


def components(book: PriceBook, today: date) -> list[Component]:
    """All components that have a price at any time."""
    return [
        _component(book, key, rows, today) for key in COMPONENTS if (rows := book.prices_of(key))
    ]


def _component(book: PriceBook, key: str, rows: Sequence[PriceRow], today: date) -> Component:
    places = sorted({(row.zone, row.range) for row in rows})
    dates = sorted({row.valid_from for row in rows}, reverse=True)
    current = max((day for day in dates if day <= today), default=None)
    latest = rows[-1]
    tax = _("with VAT") if latest.with_vat else _("without VAT")
    unit = str(Price.Unit(latest.unit).label)
    return Component(
        key,
        str(Price.Component(key).label),
        f"{unit}, {tax}",
        _above(book, places),
        tuple(
            _place(book, zone, range_, is_alone=len({place[0] for place in places}) < 2)
            for zone, range_ in places
        ),
        tuple(
            _dated([row for row in rows if row.valid_from == day], day, places, current)
            for day in dates
        ),
    )


def _dated(
    rows: Sequence[PriceRow], day: date, places: Sequence[tuple[int, int]], current: date | None
) -> Dated:
    by_place = {(row.zone, row.range): row for row in rows}
    return Dated(
        since=day,
        amounts=tuple(
            amount(by_place[place].amount) if place in by_place else formats.DASH
            for place in places
        ),
        order=rows[0].order,
        source=rows[0].source,
        is_example=any(row.is_example for row in rows),
        state="now" if day == current else "past" if current and day < current else "coming",
    )


def amount(value: Decimal) -> str:
    """A price with two decimals at least and all that it has."""
    digits = -int(value.normalize().as_tuple().exponent)
    return formats.number(value, max(2, digits))


def _above(book: PriceBook, places: Sequence[tuple[int, int]]) -> tuple[tuple[str, int], ...]:
    """Zones above the ranges, where prices are of both."""
    if not any(range_ for _zone, range_ in places) or len({zone for zone, _r in places}) < 2:
        return ()
    grouped = groupby(places, key=lambda place: place[0])
    return tuple((_zone_name(book, zone), len(list(group))) for zone, group in grouped)


def _place(book: PriceBook, zone: int, range_: int, *, is_alone: bool) -> str:
    """The head of a column: «range 2», «T1 Day»; «price» where it is of any."""
    if range_:
        name = _("range %(number)s") % {"number": range_}
        return name if is_alone else str(range_)
    return _zone_name(book, zone) if zone else _("price")


def _zone_name(book: PriceBook, zone: int) -> str:
    names = {row.number: row.name for row in book.zones}
    return f"T{zone} {names.get(zone, '')}".strip()


# Ranges


@dataclass(frozen=True, slots=True)
class Ranges:
    """The ranges of a date with their bounds; `factors` by month where the season counts."""

    since: date
    bounds: tuple[str, ...]
    source: str


def ranges(book: PriceBook) -> list[Ranges]:
    """All dated sets of ranges, the latest first."""
    dates = sorted({row.valid_from for row in book.ranges}, reverse=True)
    found = []
    for day in dates:
        rows = sorted(
            (row for row in book.ranges if row.valid_from == day), key=lambda row: row.number
        )
        found.append(Ranges(day, tuple(_bounds(row.up_to for row in rows)), rows[0].source))
    return found


def _bounds(bounds: Iterator[Decimal | None]) -> Iterator[str]:
    low = Decimal(0)
    for bound in bounds:
        if bound is None:
            yield _("above %(kwh)s") % {"kwh": formats.number(low)} if low else _("any")
        else:
            yield _("up to %(kwh)s") % {"kwh": formats.number(bound)}
            low = bound


@dataclass(frozen=True, slots=True)
class Season:
    """The coefficients of a date: (factor, its months)."""

    since: date
    factors: tuple[tuple[str, str], ...]


def seasons(book: PriceBook) -> list[Season]:
    """All dated coefficients, the latest first."""
    dates = sorted({row.valid_from for row in book.seasons}, reverse=True)
    return [Season(day, tuple(_factors(book, day))) for day in dates]


def _factors(book: PriceBook, day: date) -> Iterator[tuple[str, str]]:
    rows = sorted(
        (row for row in book.seasons if row.valid_from == day),
        key=lambda row: (row.factor, row.month),
    )
    for factor, group in groupby(rows, key=lambda row: row.factor):
        months = ", ".join(str(MONTHS[row.month]).lower() for row in group)
        yield formats.number(factor, 2), months


# Zones


@dataclass(frozen=True, slots=True)
class Piece:
    """Hours of a day that one zone has: how many half-hours wide it is drawn."""

    zone: int
    name: str
    hours: str
    width: int

    @property
    def label(self) -> str:
        """The hours, where there is room for them: two hours and more."""
        return self.hours if self.width >= 4 else ""


@dataclass(frozen=True, slots=True)
class Line:
    """A day's zones as they are drawn: of all months, or of one."""

    label: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Zones:
    """The zones that hold from a date on."""

    since: date
    source: str
    names: tuple[tuple[int, str], ...]
    lines: tuple[Line, ...]
    off: tuple[Line, ...]


def zones(book: PriceBook, today: date) -> Zones | None:
    """The zones that hold today, else those that come first; None where the tariff has none."""
    dates = sorted({row.valid_from for row in book.zones})
    if not dates:
        return None
    since = max((day for day in dates if day <= today), default=dates[0])
    rows = [row for row in book.zones if row.valid_from == since]
    months = sorted({row.month for row in rows})
    return Zones(
        since,
        rows[0].source,
        tuple(sorted({(row.number, row.name) for row in rows})),
        tuple(_line(rows, month, off=False) for month in months),
        tuple(_line(rows, month, off=True) for month in months) if _has_off(rows) else (),
    )


def _has_off(rows: Sequence[ZoneRow]) -> bool:
    return any(row.off_hours for row in rows)


def _line(rows: Sequence[ZoneRow], month: int, *, off: bool) -> Line:
    own = [row for row in rows if row.month == month]
    of_minute = rules.zone_of_minutes(
        (row.number, rules.parse_hours(row.off_hours if off else row.hours)) for row in own
    )
    names = {row.number: row.name for row in own}
    label = str(MONTHS[month]) if month else pgettext("zones", "Every day")
    return Line(label, tuple(_pieces(of_minute, names)))


def _pieces(of_minute: Sequence[int], names: dict[int, str]) -> Iterator[Piece]:
    """The day cut where the zone changes; edges to the half-hour as drawn."""
    start = 0
    for minute in range(1, rules.MINUTES + 1):
        if minute == rules.MINUTES or of_minute[minute] != of_minute[start]:
            width = max(round(minute / 30) - round(start / 30), 1)
            zone = of_minute[start]
            yield Piece(zone, names[zone], f"{_clock(start)}–{_clock(minute)}", width)
            start = minute


def _clock(minute: int) -> str:
    hours, minutes = divmod(minute, 60)
    return f"{hours:02d}:{minutes:02d}" if minutes else f"{hours:02d}"
