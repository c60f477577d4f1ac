"""The tables of the file of own data: CSV in UTF-8, made while they are written.

Commas, a point before decimals, times in ISO with the offset of the point's zone; a value that is
not there is empty, never zero. All is of `windows`, which are the person's own.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np
from django.utils.translation import override

from faza.charges import queries as charges
from faza.collection.queries import export_csv
from faza.core.periods import ALWAYS, Period
from faza.core.quality import Quality
from faza.core.reading_types import BY_CODE
from faza.core.units import to_unit
from faza.core.windows import Windows
from faza.events import queries as events
from faza.manual_entry.photos import queries as photos
from faza.manual_entry.queries import entries_in
from faza.metering.models import Meter, UsagePoint
from faza.protocols.tabular.words import guarded
from faza.readings import queries
from faza.readings.models import RegisterReading
from faza.readings.register_queries import readings_between
from faza.readings.registers import meaning

AT_ONCE = 200
"""Points whose values are held together."""
EVENTS_AT_ONCE = 5000
FIRST_YEAR = 2000
"""No meter kept intervals before."""

Table = tuple[str, Iterable[bytes]]
"""A file's name and its content."""


def tables(windows: Windows, *, language: str, at: datetime) -> Iterator[Table]:
    """Days, intervals, registers, events, charges, typed readings of windows, a file after another.

    language: of the words of events; the page that asked is answered before they are said.
    """
    points = UsagePoint.objects.in_bulk(windows.points)
    codes = {key: point.code for key, point in points.items()}
    yield "registers.csv", _csv(_REGISTERS, _registers(windows, codes, at))
    yield "events.csv", _csv(_EVENTS, _events(windows, codes, language, at))
    yield "charges.csv", _csv(_CHARGES, _charges(windows, codes, at))
    yield "typed.csv", _csv(_TYPED, _typed(windows, codes, at))
    yield from _photos(windows, at)
    years = list(_years(windows, at))
    yield "days.csv", _csv(_DAYS, _days(windows, codes, years))
    for first, end, kinds in years:
        for point, found in sorted(kinds.items(), key=lambda one: codes[one[0]]):
            own = windows.of_points([point])
            begin, stop = _span(own, found, first, end)
            told = export_csv(own, [BY_CODE[code] for code in found], first=begin, end=stop)
            yield f"intervals/{_file(codes[point], point)}/{first.year}.csv", told.chunks


Year = tuple[date, date, dict[int, tuple[int, ...]]]


def _years(windows: Windows, at: datetime) -> Iterator[Year]:
    """Years with intervals, [first, end), and the reading types of each point in them."""
    starts = [one.period.start for one in windows]
    first = max(min((start.year for start in starts), default=at.year), FIRST_YEAR)
    for year in range(first, at.year + 2):
        # The last day of a year may lie in the next one by UTC, and the other way round.
        begin, end = date(year, 1, 1), date(year + 1, 1, 1)
        kinds = queries.reading_types_of(windows, begin, end)
        if kinds:
            yield begin, end, kinds


def _span(windows: Windows, kinds: Sequence[int], first: date, end: date) -> tuple[date, date]:
    """The days of [first, end) from the first to the last on which energy was told of."""
    additive = [code for code in kinds if BY_CODE[code].additive]
    if not additive:
        return first, end
    told = queries.consumption(windows, additive, first, end, "day")
    there = np.flatnonzero((told.n_present > 0).any(axis=0))
    if not len(there):
        return first, end
    return (first + timedelta(days=int(there[0])), first + timedelta(days=int(there[-1]) + 1))


_DAYS = ("usage_point", "channel", "day", "value", "unit", "intervals", "missing", "estimated")


def _days(
    windows: Windows, codes: dict[int, str], years: Sequence[Year]
) -> Iterator[Sequence[object]]:
    """Each civil day of each additive channel that has anything."""
    for first, end, kinds in years:
        additive = sorted({c for found in kinds.values() for c in found if BY_CODE[c].additive})
        points = sorted(kinds)
        for start in range(0, len(points) if additive else 0, AT_ONCE):
            some = windows.of_points(points[start : start + AT_ONCE])
            told = queries.consumption(some, additive, first, end, "day")
            days = told.labels.astype("datetime64[D]").astype(str)
            present = told.n_present
            for row, column in np.argwhere(present > 0).tolist():
                kind = BY_CODE[int(told.reading_types[row])]
                yield (
                    codes[int(told.usage_points[row])], kind.channel, days[column],
                    to_unit(int(told.total[row, column]), kind), kind.unit,
                    int(told.n_expected[row, column]), int(told.n_missing[row, column]),
                    int(told.n_estimated[row, column]),
                )  # fmt: skip


_REGISTERS = ("usage_point", "meter", "at", "kind", "channel", "tariff", "value", "unit", "quality")


def _registers(windows: Windows, codes: dict[int, str], at: datetime) -> Iterator[Sequence[object]]:
    """What registers showed, as meters show it, before any ratio."""
    kinds = {int(one): one.name.lower() for one in RegisterReading.Kind}
    for some in _groups(windows):
        found = readings_between(some, Period(ALWAYS, at + timedelta(seconds=1)))
        numbers = dict(
            Meter.objects.filter(pk__in=set(found.meters.tolist())).values_list("pk", "number")
        )
        zones = {one.usage_point: ZoneInfo(one.zone) for one in some}
        for row, register in np.argwhere(found.present).tolist():
            code, tariff = meaning(register)
            kind, point = BY_CODE[code], int(found.usage_points[row])
            yield (
                codes[point], numbers.get(int(found.meters[row]), ""),
                _iso(int(found.moments[row]), zones[point]), kinds[int(found.kinds[row])],
                kind.channel, tariff, to_unit(int(found.values[row, register]), kind), kind.unit,
                Quality(int(found.quality[row])).name.lower(),
            )  # fmt: skip


_EVENTS = ("usage_point", "at", "category", "importance", "what", "lasted_s", "details")


def _events(
    windows: Windows, codes: dict[int, str], language: str, at: datetime
) -> Iterator[Sequence[object]]:
    """The journals of the meters, newest first."""
    for some in _groups(windows):
        zones = {one.usage_point: ZoneInfo(one.zone) for one in some}
        offset = 0
        while found := events.events(some, Period(ALWAYS, at), limit=EVENTS_AT_ONCE, offset=offset):
            with override(language):
                words = [str(one.kind.words) for one in found]
            for one, said in zip(found, words, strict=True):
                zone = zones[one.usage_point]
                yield (
                    codes[one.usage_point], _iso(int(one.at.timestamp()), zone),
                    str(one.kind.category.value), one.kind.importance.name.lower(), said,
                    int(one.lasted.total_seconds()) if one.lasted is not None else None,
                    json.dumps(dict(one.details), ensure_ascii=False, default=str),
                )  # fmt: skip
            offset += len(found)


_CHARGES = ("usage_point", "month", "kWh", "roubles", "is_example")


def _charges(windows: Windows, codes: dict[int, str], at: datetime) -> Iterator[Sequence[object]]:
    """The reference cost of months, as it was reckoned; no bill."""
    starts = [one.period.start for one in windows]
    year = max(min((start.year for start in starts), default=at.year), FIRST_YEAR)
    for some in _groups(windows):
        found = charges.charged(some, date(year, 1, 1), date(at.year + 1, 1, 1))
        months = found.months.astype("datetime64[M]").astype(str)
        for row, point in enumerate(found.usage_points.tolist()):
            money = Decimal(int(found.kopecks[row])) / 100 if found.known[row] else None
            yield (
                codes[point], months[row], Decimal(int(found.volume[row])) / 1000, money,
                "yes" if found.is_example[row] else "no",
            )  # fmt: skip


_TYPED = (
    *("usage_point", "meter", "at", "channel", "tariff", "value", "accepted", "unit", "state"),
    *("reason", "way", "sent_at", "decided_at", "photo"),
)


def _typed(windows: Windows, codes: dict[int, str], at: datetime) -> Iterator[Sequence[object]]:
    """Readings that people typed, as they typed them and as they were accepted."""
    for some in _groups(windows):
        zones = {one.usage_point: ZoneInfo(one.zone) for one in some}
        for entry in entries_in(some, at=at).select_related("meter", "photo"):
            point, photo = entry.usage_point_id, getattr(entry, "photo", None)
            zone = zones[point]
            accepted = entry.values if entry.state == entry.State.APPROVED else {}
            for number, shown in sorted((int(key), told) for key, told in entry.shown.items()):
                code, tariff = meaning(number)
                kind = BY_CODE[code]
                yield (
                    codes[point], entry.meter.number, entry.of_at.astimezone(zone).isoformat(),
                    kind.channel, tariff, to_unit(shown, kind),
                    to_unit(accepted[number], kind) if number in accepted else None, kind.unit,
                    entry.state, entry.reason, entry.way,
                    entry.sent_at.astimezone(zone).isoformat(),
                    entry.decided_at.astimezone(zone).isoformat() if entry.decided_at else None,
                    f"photos/{entry.pk}.jpg" if photo and not photo.removed_at else None,
                )  # fmt: skip


def _photos(windows: Windows, at: datetime) -> Iterator[Table]:
    """The photos of those readings."""
    for some in _groups(windows):
        for photo in photos.of_entries(entries_in(some, at=at)):
            with suppress(photos.NoPhoto):  # its term of keeping ended meanwhile
                yield f"photos/{photo.entry_id}.jpg", [photos.data_of(photo)]


def _groups(windows: Windows) -> Iterator[Windows]:
    points = windows.points
    for start in range(0, len(points), AT_ONCE):
        yield windows.of_points(points[start : start + AT_ONCE])


def _csv(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    """A table in chunks, its head first; words never read as a formula."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(head)
    for number, row in enumerate(rows, 1):
        writer.writerow([guarded(one) if isinstance(one, str) else one for one in row])
        if number % 1000 == 0:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def _iso(second: int, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(second, UTC).astimezone(zone).isoformat()


def _file(code: str, point: int) -> str:
    """A point's code as a name inside an archive: no path, and no other point's name."""
    name = "".join(one if one.isalnum() or one in "-_." else "_" for one in code).lstrip(".")
    return name if name == code else f"{name}-{point}"
