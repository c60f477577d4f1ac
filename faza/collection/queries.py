"""Readings as files: 80020 by day, Green Button, CSV, XLSX.

All take windows and give nothing outside them.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from faza.collection import rules
from faza.collection.models import ExchangeProfile, PointCode
from faza.collection.sheets import CELLS, Sheet, point_groups, sheets
from faza.core.periods import Period, start_of_day
from faza.core.quality import Quality, is_present
from faza.core.reading_types import A_PLUS, ReadingType
from faza.core.windows import Windows
from faza.metering.models import UsagePoint
from faza.protocols import espi, tabular, xml80020
from faza.readings import rules as readings_rules

DESCRIPTIONS = {
    "A+": "активная энергия, прием",
    "A-": "активная энергия, отдача",
    "R+": "реактивная энергия, прием",
    "R-": "реактивная энергия, отдача",
}
NOBODY = "0000000000"
"""Stands for the INN where a message is made for nobody's account."""
DEFAULT = (A_PLUS,)


class NotInFormat(Exception):
    """The format cannot carry that channel."""


@dataclass(frozen=True, slots=True)
class Exported:
    """A file to hand out: its name, media type and content, which is made while it is read."""

    name: str
    content_type: str
    chunks: Iterator[bytes]


@dataclass(frozen=True, slots=True)
class Letter:
    """The head of 80020 messages: who writes about what, and under which numbers.

    The message of the n-th day has the number `first_number` + n. `codes` are the points' codes
    at the counterparty; other points go under their own.
    """

    created: datetime
    first_number: int
    class_: str = "80020"
    sender_inn: str = NOBODY
    sender_name: str = ""
    area_inn: str = NOBODY
    area_name: str = ""
    zone: str = rules.MOSCOW
    rounding: xml80020.writer.Rounding = "exact"
    codes: Mapping[int, str] = field(default_factory=dict)


def private_letter(*, at: datetime) -> Letter:
    """The head of messages that somebody downloads: of no profile, numbered by the moment."""
    return Letter(created=at, first_number=readings_rules.moment(at))


def letter_of(profile: ExchangeProfile, *, first_number: int, at: datetime) -> Letter:
    """The head of messages under a profile; numbers are from `services.take_numbers`."""
    codes = PointCode.objects.filter(profile=profile).values_list("usage_point_id", "code")
    whole = profile.rounding == ExchangeProfile.Rounding.WHOLE
    return Letter(
        created=at,
        first_number=first_number,
        sender_inn=profile.sender_inn,
        sender_name=profile.sender_name,
        area_inn=profile.area_inn or profile.sender_inn,
        area_name=profile.area_name or profile.sender_name,
        zone=profile.zone or rules.MOSCOW,
        rounding="whole" if whole else "exact",
        codes=dict(codes),
    )


def export_80020(
    windows: Windows,
    kinds: Sequence[ReadingType] = DEFAULT,
    *,
    first: date,
    end: date,
    letter: Letter,
) -> Exported:
    """Messages of the days [first, end), counted in the letter's zone; a zip if several.

    Each is a whole day of all points; what lies outside their windows is missing.

    Raises NotInFormat for kinds other than A+, A-, R+, R-.
    """
    for kind in kinds:
        if kind.channel not in xml80020.CODES:
            raise NotInFormat(f"80020 carries A+, A-, R+, R-, not {kind.channel}")
    found = messages(windows, kinds, first=first, end=end, letter=letter)
    if (end - first).days == 1:
        message = next(found)
        data = xml80020.write(message, rounding=letter.rounding)
        return Exported(xml80020.file_name(message), "application/xml", iter([data]))

    def packed() -> Iterator[bytes]:
        yield xml80020.write_zip(found, rounding=letter.rounding)

    last = end - timedelta(days=1)
    name = f"{letter.class_}_{letter.sender_inn}_{first:%Y%m%d}-{last:%Y%m%d}.zip"
    return Exported(name, "application/zip", packed())


def messages(
    windows: Windows, kinds: Sequence[ReadingType], *, first: date, end: date, letter: Letter
) -> Iterator[xml80020.Message]:
    """A message for each day of [first, end) in the letter's zone."""
    names = _names(windows)
    n_rows = max(1, len(windows.points) * len(kinds))
    days_at_once = max(1, CELLS // (n_rows * 48))
    at = first
    while at < end:
        until = min(end, at + timedelta(days=days_at_once))
        found = sheets(windows, kinds, Period.of_days(at, until, letter.zone))
        while at < until:
            yield _message(found, at, letter, (at - first).days, names)
            at += timedelta(days=1)


def _message(
    found: list[Sheet], day: date, letter: Letter, number: int, names: Mapping[int, tuple[str, str]]
) -> xml80020.Message:
    begins = start_of_day(day, letter.zone)
    ends = start_of_day(day + timedelta(days=1), letter.zone)
    spans = [slice(sheet.column(begins), sheet.column(ends)) for sheet in found]
    # A channel that changed its interval within the day goes by the one that has more of it.
    minutes = [
        is_present(sheet.quality[:, span]).sum(axis=1) * sheet.interval
        for sheet, span in zip(found, spans, strict=True)
    ]
    chosen = np.argmax(np.array(minutes), axis=0)
    nothing = np.max(np.array(minutes), axis=0) == 0
    if nothing.any():
        usual = int(np.argmax([m.sum() for m in minutes]))
        chosen[nothing] = usual
    grids = []
    for n, (sheet, span) in enumerate(zip(found, spans, strict=True)):
        rows = np.flatnonzero(chosen == n)
        if not len(rows):
            continue
        quality = sheet.quality[rows, span]
        channels = tuple(_channel(sheet, row, letter, names) for row in rows.tolist())
        grids.append(
            xml80020.Grid(
                letter.zone, sheet.interval, begins, channels, sheet.values[rows, span],
                np.where(is_present(quality), quality, np.uint8(Quality.MISSING)),
                np.zeros(len(rows), np.int32),
            )
        )  # fmt: skip
    return xml80020.Message(
        class_=letter.class_,
        number=letter.first_number + number,
        day=day,
        sender_inn=letter.sender_inn,
        sender_name=letter.sender_name,
        created=letter.created,
        daylight=_daylight(begins, ends, letter.zone),
        areas=(xml80020.Area(letter.area_inn, letter.area_name),),
        grids=tuple(grids),
    )


def _channel(
    sheet: Sheet, row: int, letter: Letter, names: Mapping[int, tuple[str, str]]
) -> xml80020.Channel:
    point, kind = sheet.points[row], sheet.kinds[row]
    code, name = names[point]
    return xml80020.Channel(
        xml80020.Kind.MEASURING_POINT, 0, letter.codes.get(point, code),
        xml80020.CODES[kind.channel], name, DESCRIPTIONS[kind.channel],
    )  # fmt: skip


def _daylight(begins: datetime, ends: datetime, zone: str) -> int:
    """0 in winter, 1 in summer, 2 on the day of the switch. Source: reference/domain.md, 3.1."""
    tz = ZoneInfo(zone)
    summer = [bool(moment.astimezone(tz).dst()) for moment in (begins, ends)]
    return 2 if summer[0] != summer[1] else int(summer[0])


def export_csv(
    windows: Windows, kinds: Sequence[ReadingType] = DEFAULT, *, first: date, end: date
) -> Exported:
    """The days [first, end) of each point in its own zone, as CSV, a row for each interval.

    Columns: usage_point,channel,start,end,value,unit,quality; times are ISO with the offset of
    the point's zone; an absent value is empty. Made while it is read, some points at a time.
    """

    def rows() -> Iterator[bytes]:
        headed = False
        for zone, ours in _by_zone(windows):
            for chunk in _beheaded(
                tabular.write_csv(_series(ours, zone, kinds, first, end), zone=zone), headed
            ):
                headed = True
                yield chunk

    return Exported(_name(first, end, "csv"), "text/csv; charset=utf-8", rows())


def _beheaded(chunks: Iterator[bytes], headed: bool) -> Iterator[bytes]:
    """The chunks of a table, without its first line where another table stands before it."""
    for chunk in chunks:
        if headed:
            cut = chunk.find(b"\n") + 1
            if not cut:
                continue
            chunk, headed = chunk[cut:], False
        if chunk:
            yield chunk


def export_xlsx(
    windows: Windows, kinds: Sequence[ReadingType] = DEFAULT, *, first: date, end: date
) -> Exported:
    """The days [first, end) as a workbook of numbers.

    Its moments are in the points' zone if they share one, else in Moscow time.
    """
    zones = {window.zone for window in windows}
    zone = zones.pop() if len(zones) == 1 else rules.MOSCOW

    def workbook() -> Iterator[bytes]:
        stream = io.BytesIO()
        found = (
            series
            for own, ours in _by_zone(windows)
            for series in _series(ours, own, kinds, first, end)
        )
        tabular.write_xlsx(found, stream, zone=zone)
        yield stream.getvalue()

    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return Exported(_name(first, end, "xlsx"), kind, workbook())


def export_espi(
    windows: Windows,
    kinds: Sequence[ReadingType] = DEFAULT,
    *,
    first: date,
    end: date,
    at: datetime,
) -> Exported:
    """The days [first, end) of each point in its own zone, as a Green Button feed (ESPI).

    A feed has clocks of one zone; points of several zones are several feeds of one zip. Made
    while it is read. Raises NotInFormat for kinds that are no amounts of an interval.
    """
    for kind in kinds:
        if kind.channel not in espi.CHANNELS:
            told = ", ".join(sorted(espi.CHANNELS))
            raise NotInFormat(f"Green Button carries {told}, not {kind.channel}")
    feeds = [
        (zone, espi.write(_series(ours, zone, kinds, first, end), zone=zone, made_at=at))
        for zone, ours in _by_zone(windows)
    ]
    if len(feeds) == 1:
        return Exported(_name(first, end, "green-button.xml"), "application/atom+xml", feeds[0][1])

    def packed() -> Iterator[bytes]:
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            for zone, chunks in feeds:
                with archive.open(f"{zone.replace('/', '-')}.green-button.xml", "w") as member:
                    member.writelines(chunks)
        yield stream.getvalue()

    return Exported(_name(first, end, "green-button.zip"), "application/zip", packed())


def _series(
    windows: Windows, zone: str, kinds: Sequence[ReadingType], first: date, end: date
) -> Iterator[tabular.Series]:
    """Series of points that share a zone, in the order of points and kinds."""
    period = Period.of_days(first, end, zone)
    for some in point_groups(windows, len(kinds), period):
        names = _names(some)
        found = sheets(some, kinds, period)
        for row in range(len(found[0].points)):
            for sheet in found:
                told = np.flatnonzero(sheet.quality[row] != Quality.UNTOLD)
                if not len(told):
                    continue
                span = slice(int(told[0]), int(told[-1]) + 1)
                yield tabular.Series(
                    names[sheet.points[row]][0],
                    sheet.kinds[row],
                    sheet.start + timedelta(minutes=sheet.interval) * span.start,
                    sheet.interval,
                    sheet.values[row, span],
                    sheet.quality[row, span],
                )


def _by_zone(windows: Windows) -> Iterator[tuple[str, Windows]]:
    for zone in sorted({window.zone for window in windows}):
        yield zone, Windows(tuple(w for w in windows if w.zone == zone))


def _names(windows: Windows) -> dict[int, tuple[str, str]]:
    """Code and name of the points."""
    found: dict[int, tuple[str, str]] = {}
    points = windows.points
    for start in range(0, len(points), 5000):
        rows = UsagePoint.objects.filter(id__in=points[start : start + 5000])
        found |= {p: (code, name) for p, code, name in rows.values_list("id", "code", "name")}
    return found


def _name(first: date, end: date, suffix: str) -> str:
    last = end - timedelta(days=1)
    return f"faza_{first:%Y%m%d}-{last:%Y%m%d}.{suffix}"
