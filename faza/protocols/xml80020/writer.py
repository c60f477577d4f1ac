"""Writing of messages 80020 and 80040."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Literal
from xml.sax.saxutils import escape, quoteattr
from zoneinfo import ZoneInfo

import numpy as np

from faza.core.quality import U8, Quality
from faza.core.units import I64
from faza.protocols.grid import DayPlan, plan_of
from faza.protocols.xml80020.reader import MOSCOW
from faza.protocols.xml80020.values import Area, Channel, Grid, Kind, Message

Rounding = Literal["exact", "whole"]

COMMERCIAL = frozenset(
    {
        Quality.VALID, Quality.EDITED, Quality.RAW,
        Quality.VALIDATED, Quality.VERIFIED, Quality.REVENUE,
    }
)  # fmt: skip
"""Qualities sent with status 0; every other value has status 1 (rules, "80020 exchange")."""

Row = tuple[Channel, DayPlan, I64, U8]


def write(message: Message, *, rounding: Rounding = "exact") -> bytes:
    """The message as XML in windows-1251, strictly lower case.

    A series has every true interval of its day; a value that is missing is empty with status 1,
    an estimated or questionable one has status 1. `rounding`: "exact" writes kWh with the
    decimals it takes; "whole" writes integer kWh, the remainder carried to the next interval of
    the row. Characters that windows-1251 lacks become references; those XML lacks, spaces.
    """
    text = "".join(_lines(message, rounding))
    return text.encode("cp1251", "xmlcharrefreplace")


def write_zip(messages: Iterable[Message], *, rounding: Rounding = "exact") -> bytes:
    """Several messages (days) as files of one zip archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for message in messages:
            info = zipfile.ZipInfo(file_name(message), _zip_time(message.created))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, write(message, rounding=rounding))
    return buffer.getvalue()


def file_name(message: Message, *, area: str = "") -> str:
    """`80020_<sender inn>_<yyyyMMdd>_<number>[_<area>].xml`. Source: reference/domain.md, 3.1."""
    parts = [message.class_, message.sender_inn, f"{message.day:%Y%m%d}", str(message.number)]
    if area:
        parts.append(area)
    return "_".join(re.sub(r"[^\w.-]", "-", part) for part in parts) + ".xml"


def _zip_time(moment: datetime | None) -> tuple[int, int, int, int, int, int]:
    """A zip member's time; 1980 is the first a zip knows."""
    if moment is None or moment.year < 1980:
        return (1980, 1, 1, 0, 0, 0)
    local = moment.astimezone(ZoneInfo(MOSCOW))
    return (local.year, local.month, local.day, local.hour, local.minute, local.second)


def _lines(message: Message, rounding: Rounding) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="windows-1251"?>\n'
    yield (
        f"<message class={_quoted(message.class_)} version={_quoted(message.version)}"
        f' number="{message.number}">\n  <datetime>\n'
    )
    if message.created is not None:
        created = message.created.astimezone(ZoneInfo(MOSCOW))
        yield f"    <timestamp>{created:%Y%m%d%H%M%S}</timestamp>\n"
    if message.daylight is not None:
        yield f"    <daylightsavingtime>{message.daylight}</daylightsavingtime>\n"
    yield f"    <day>{message.day:%Y%m%d}</day>\n  </datetime>\n"
    yield (
        f"  <sender>\n    <inn>{_text(message.sender_inn)}</inn>\n"
        f"    <name>{_text(message.sender_name)}</name>\n  </sender>\n"
    )
    rows = _rows_by_area(message)
    for number, area in enumerate(message.areas):
        yield from _area_lines(area, rows.get(number, []), rounding)
    if message.comment:
        yield f"  <comment>{_text(message.comment)}</comment>\n"
    yield "</message>\n"


def _rows_by_area(message: Message) -> dict[int, list[Row]]:
    rows: dict[int, list[Row]] = {}
    for grid in message.grids:
        plan = _plan(message, grid)
        for n, channel in enumerate(grid.channels):
            values = np.where(grid.quality[n] < Quality.UNTOLD, grid.values[n], 0)
            rows.setdefault(channel.area, []).append((channel, plan, values, grid.quality[n]))
    return rows


def _plan(message: Message, grid: Grid) -> DayPlan:
    plan = plan_of(message.day, grid.zone, grid.interval)
    if grid.values.shape[1] != plan.count or grid.start != plan.start:
        raise ValueError(
            f"{message.day} in {grid.zone} is {plan.count} intervals from {plan.start}, not "
            f"{grid.values.shape[1]} from {grid.start}"
        )
    return plan


def _area_lines(area: Area, rows: list[Row], rounding: Rounding) -> Iterator[str]:
    timezone = f" timezone={_quoted(area.timezone)}" if area.timezone else ""
    yield f"  <area{timezone}>\n    <inn>{_text(area.inn)}</inn>\n"
    yield f"    <name>{_text(area.name)}</name>\n"
    points: dict[tuple[Kind, str], list[Row]] = {}
    for row in rows:
        points.setdefault((row[0].kind, row[0].code), []).append(row)
    for (kind, code), channels in points.items():
        yield f"    <{kind} {_identity(kind, code)} name={_quoted(channels[0][0].name)}>\n"
        for channel, plan, values, quality in channels:
            periods = _periods(plan, values, quality, rounding)
            if not channel.channel:
                yield from periods
                continue
            desc = f" desc={_quoted(channel.desc)}" if channel.desc else ""
            yield f"      <measuringchannel code={_quoted(channel.channel)}{desc}>\n"
            yield from periods
            yield "      </measuringchannel>\n"
        yield f"    </{kind}>\n"
    yield "  </area>\n"


def _identity(kind: Kind, code: str) -> str:
    if kind is Kind.FLOW and "→" in code:
        first, last = code.split("→", 1)
        return f"codefrom={_quoted(first)} codeto={_quoted(last)}"
    return f"code={_quoted(code)}"


def _periods(plan: DayPlan, values: I64, quality: U8, rounding: Rounding) -> Iterator[str]:
    if rounding == "whole":
        running = np.cumsum(values)
        values = np.diff((2 * running + 1000) // 2000, prepend=0) * 1000
    walls = [f"{wall // 60:02d}{wall % 60:02d}" for wall in plan.walls]
    for n, (value, good) in enumerate(zip(values.tolist(), quality.tolist(), strict=True)):
        text = _kwh(value) if good < Quality.UNTOLD else ""
        status = 0 if good in COMMERCIAL else 1
        yield (
            f'        <period start="{walls[n]}" end="{walls[n + 1]}">'
            f'<value status="{status}">{text}</value></period>\n'
        )


def _kwh(value: int) -> str:
    """Wh as kWh with the decimals it takes, after a dot."""
    sign, value = ("-", -value) if value < 0 else ("", value)
    whole, rest = divmod(value, 1000)
    return f"{sign}{whole}.{rest:03d}".rstrip("0") if rest else f"{sign}{whole}"


_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot carry, not even as references."""


def _text(text: str) -> str:
    return escape(_FORBIDDEN.sub(" ", text))


def _quoted(text: str) -> str:
    return quoteattr(_FORBIDDEN.sub(" ", text))
