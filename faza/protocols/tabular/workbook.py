"""Writing of workbooks: real numbers and dates, row by row in constant memory."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, BinaryIO

import numpy as np
import xlsxwriter

from faza.core.quality import Quality, is_estimated, is_present
from faza.core.reading_types import BY_CHANNEL, ReadingType
from faza.core.units import I64, decimals, floats
from faza.protocols.tabular import moments
from faza.protocols.tabular.values import REGISTERS, Registers, Series, stack_of
from faza.protocols.tabular.words import guarded
from faza.protocols.tabular.writer import (
    COLUMNS,
    QUALITIES,
    REGISTER_COLUMNS,
    decimal_texts,
    offset_texts,
    register_columns,
)

OFFSET = "utc_offset"
"""The column that makes wall times exact: of another zone, and in the hour that comes twice."""

LAST_ROW = 1_048_576
"""Rows of a sheet. Source: Excel specifications and limits."""
EPOCH_SERIAL = 25_569
"""1970-01-01 in days since 1899-12-30, as cells count. Source: ECMA-376, 18.17.4.1."""
DOUBTFUL = (Quality.QUESTIONABLE, Quality.MIXED, Quality.OTHER)


def write_xlsx(
    series: Iterable[Series],
    stream: BinaryIO,
    *,
    zone: str,
    sheet_per_point: bool = False,
    titles: Mapping[str, str] | None = None,
) -> None:
    """Interval series as a workbook; read_profiles gives them back.

    One long sheet (continued on further ones when it is full) with the columns of write_csv, or
    a sheet per point with a column per channel; then series of a point must follow each other.
    Times are wall time of `zone`; a row's offset from UTC at its start stands last. A missing
    value is an empty cell; estimated and questionable ones have styles of their own. Totals with
    their completeness stand below. `titles` gives the words of the header and of "total" in the
    reader's language.
    """
    book = _Book(stream, zone, titles or {})
    if sheet_per_point:
        for point, group in itertools.groupby(series, key=lambda s: s.point):
            _point_sheet(book, point, list(group))
    else:
        _long_sheets(book, series)
    book.close()


def write_registers_xlsx(
    registers: Registers,
    stream: BinaryIO,
    *,
    zone: str,
    titles: Mapping[str, str] | None = None,
) -> None:
    """Register readings as a workbook; read_registers gives them back.

    Raises ValueError for more readings than a sheet has rows.
    """
    if len(registers) >= LAST_ROW:
        raise ValueError(f"{len(registers)} readings; a sheet has {LAST_ROW} rows")
    book = _Book(stream, zone, titles or {})
    names, places = register_columns(registers)
    sheet = book.sheet("registers", [*REGISTER_COLUMNS, *names, OFFSET])
    seconds = registers.moments.astype("datetime64[s]").astype(np.int64)
    serials, offsets = book.serials(seconds), offset_texts(seconds, zone)
    for n in range(len(registers)):
        sheet.write_string(n + 1, 0, guarded(registers.points[n]))
        sheet.write_string(n + 1, 1, guarded(registers.meters[n]))
        sheet.write_number(n + 1, 2, serials[n], book.dates)
        sheet.write_string(n + 1, 3, registers.kinds[n])
        for column, (r, t) in enumerate(places, start=len(REGISTER_COLUMNS)):
            if registers.present[n, r, t]:
                told = float(floats(registers.values[n, r, t], BY_CHANNEL[REGISTERS[r]]))
                # Heat is finer than the thousandths of the other formats.
                shape = book.number(decimals(BY_CHANNEL[REGISTERS[r]]))
                sheet.write_number(n + 1, column, told, shape)
        sheet.write_string(n + 1, len(REGISTER_COLUMNS) + len(places), offsets[n])
    book.close()


@dataclass(slots=True)
class _Book:
    """A workbook with the formats and words of ours."""

    stream: BinaryIO
    zone: str
    titles: Mapping[str, str]
    names: set[str] = field(default_factory=set)
    # XlsxWriter has no types.
    book: Any = None
    dates: Any = None
    _formats: dict[tuple[int, str], Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.book = xlsxwriter.Workbook(
            self.stream,
            {
                "constant_memory": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
            },
        )
        self.dates = self.book.add_format({"num_format": "dd.mm.yyyy hh:mm:ss"})

    def close(self) -> None:
        if not self.names:
            self.sheet("1", [])
        self.book.close()

    def title(self, word: str) -> str:
        return self.titles.get(word, word)

    def serials(self, utc: I64) -> list[float]:
        """Ascending seconds since 1970 as the wall times that cells hold: days since 1899-12-30."""
        local = utc + moments.offsets_of(utc, self.zone)
        return (local / moments.DAY + EPOCH_SERIAL).tolist()  # type: ignore[no-any-return]  # a list

    def sheet(self, name: str, columns: Sequence[str]) -> Any:
        """A new sheet with a frozen header in its first row."""
        name = self._free(re.sub(r"[\[\]:*?/\\\x00-\x1f]", " ", name).strip(" '")[:31] or "-")
        sheet = self.book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, max(len(columns) - 1, 0), 19)
        bold = self._format(0, "head", {"bold": True, "bottom": 1})
        for n, column in enumerate(columns):
            sheet.write_string(0, n, self.title(column), bold)
        return sheet

    def _free(self, name: str) -> str:
        """A name that no sheet has; Excel compares them without case and keeps one to itself."""
        free, turn = name, 2
        while free.lower() in self.names or free.lower() == "history":
            free = f"{name[: 30 - len(str(turn))]} {turn}"
            turn += 1
        self.names.add(free.lower())
        return free

    def number(self, places: int, style: str = "") -> Any:
        """The format of a number; style "estimated", "doubtful" or "total"."""
        looks: dict[str, dict[str, object]] = {
            "estimated": {"italic": True, "font_color": "#1F4E9E"},
            "doubtful": {"italic": True, "font_color": "#9C5700"},
            "total": {"bold": True, "top": 1},
        }
        shape = "0." + "0" * places if places else "0"
        return self._format(places, style, {"num_format": shape, **looks.get(style, {})})

    def percent(self) -> Any:
        return self._format(1, "percent", {"num_format": "0.0%", "bold": True, "top": 1})

    def _format(self, places: int, style: str, look: dict[str, object]) -> Any:
        key = (places, style)
        if key not in self._formats:
            self._formats[key] = self.book.add_format(look)
        return self._formats[key]


def _edges(start: datetime, interval: int, count: int) -> I64:
    """Seconds since 1970 of the starts of intervals, and of the end of the last."""
    return moments.seconds_of(start) + 60 * interval * np.arange(count + 1, dtype=np.int64)


def _styles(s: Series) -> list[str]:
    """The style of each value."""
    doubtful = np.isin(s.quality, DOUBTFUL)
    table = np.where(is_estimated(s.quality), "estimated", np.where(doubtful, "doubtful", ""))
    return [str(style) for style in table]


@dataclass(slots=True)
class _Total:
    """The sum of a channel and how much of it is there."""

    kind: ReadingType
    total: int = 0
    present: int = 0
    intervals: int = 0

    def add(self, s: Series) -> None:
        there = is_present(s.quality)
        self.total += int(s.values[there].sum())
        self.present += int(there.sum())
        self.intervals += len(s.values)

    @property
    def completeness(self) -> float:
        return self.present / self.intervals if self.intervals else 0.0

    def shown(self) -> float:
        return float(decimal_texts(np.array([self.total]), self.kind)[0])


def _point_sheet(book: _Book, point: str, series: list[Series]) -> None:
    """A sheet of one point: start, end, a column per channel; totals below.

    Series of several intervals or parted by a long gap go to sheets of their own.
    """
    for interval in sorted({s.interval for s in series}):
        ours = [s for s in series if s.interval == interval]
        for part in _of_different_kinds(ours):
            _point_part(book, point, part, interval)


def _of_different_kinds(series: list[Series]) -> Iterator[list[Series]]:
    """Series in groups that have each kind once."""
    turns: dict[int, list[Series]] = {}
    seen: dict[int, int] = {}
    for s in series:
        turn = seen[s.reading_type.code] = seen.get(s.reading_type.code, -1) + 1
        turns.setdefault(turn, []).append(s)
    yield from turns.values()


def _point_part(book: _Book, point: str, series: list[Series], interval: int) -> None:
    stack = stack_of(series, interval)
    names = [f"{s.reading_type.channel}, {s.reading_type.unit}" for s in series]
    sheet = book.sheet(point, ["start", "end", *names, OFFSET])
    rows = [
        Series(point, s.reading_type, stack.start, interval, stack.values[n], stack.quality[n])
        for n, s in enumerate(series)
    ]
    columns = [
        (floats(s.values, s.reading_type).tolist(), is_present(s.quality).tolist(), _styles(s),
         decimals(s.reading_type))
        for s in rows
    ]  # fmt: skip
    edges = _edges(stack.start, interval, stack.values.shape[1])
    serials, offsets = book.serials(edges), offset_texts(edges, book.zone)
    told = (stack.quality != Quality.UNTOLD).any(axis=0)
    row = 1
    for n in np.flatnonzero(told).tolist()[: LAST_ROW - 3]:
        sheet.write_number(row, 0, serials[n], book.dates)
        sheet.write_number(row, 1, serials[n + 1], book.dates)
        for column, (values, there, styles, places) in enumerate(columns, start=2):
            if there[n]:
                sheet.write_number(row, column, values[n], book.number(places, styles[n]))
        sheet.write_string(row, 2 + len(columns), offsets[n])
        row += 1
    totals = [_Total(s.reading_type) for s in rows]
    # Row by row: what is written to a row above the present one is lost in constant memory.
    sheet.write_string(row, 0, book.title("total"), book.number(0, "total"))
    for column, (total, s) in enumerate(zip(totals, rows, strict=True), start=2):
        total.add(s)
        if total.kind.additive:
            look = book.number(decimals(total.kind), "total")
            sheet.write_number(row, column, total.shown(), look)
    sheet.write_string(row + 1, 0, book.title("completeness"), book.number(0, "total"))
    for column, total in enumerate(totals, start=2):
        sheet.write_number(row + 1, column, total.completeness, book.percent())


def _long_sheets(book: _Book, series: Iterable[Series]) -> None:
    names = [*COLUMNS, OFFSET]
    sheet, row, totals = book.sheet("1", names), 1, dict[int, _Total]()
    for s in series:
        totals.setdefault(s.reading_type.code, _Total(s.reading_type)).add(s)
        quality, styles = s.quality.tolist(), _styles(s)
        values = floats(s.values, s.reading_type).tolist()
        places = decimals(s.reading_type)
        edges = _edges(s.start, s.interval, len(s.values))
        serials, offsets = book.serials(edges), offset_texts(edges, book.zone)
        for n, good in enumerate(quality):
            if good == Quality.UNTOLD:
                continue
            if row == LAST_ROW:
                sheet, row = book.sheet("1", names), 1
            sheet.write_string(row, 0, guarded(s.point))
            sheet.write_string(row, 1, s.reading_type.channel)
            sheet.write_number(row, 2, serials[n], book.dates)
            sheet.write_number(row, 3, serials[n + 1], book.dates)
            if good < Quality.UNTOLD:
                sheet.write_number(row, 4, values[n], book.number(places, styles[n]))
            sheet.write_string(row, 5, s.reading_type.unit)
            sheet.write_string(row, 6, QUALITIES[good])
            sheet.write_string(row, 7, offsets[n])
            row += 1
    if row + len(totals) >= LAST_ROW:
        sheet, row = book.sheet("1", names), 1
    for total in totals.values():
        sheet.write_string(row, 0, book.title("total"), book.number(0, "total"))
        sheet.write_string(row, 1, total.kind.channel, book.number(0, "total"))
        if total.kind.additive:
            look = book.number(decimals(total.kind), "total")
            sheet.write_number(row, 4, total.shown(), look)
        sheet.write_string(row, 5, total.kind.unit, book.number(0, "total"))
        sheet.write_number(row, 6, total.completeness, book.percent())
        row += 1
