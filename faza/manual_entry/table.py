"""The file of readings: its template, and its rows as people fill it in. No database here.

A row is a register of a meter; what is printed to help (name, address, last reading) is not read.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import Any

import xlsxwriter

from faza.core.reading_types import BY_CHANNEL, BY_CODE
from faza.protocols.problems import Malformed, Note, Problems, TooLarge
from faza.protocols.tabular.sheets import Row as Cells
from faza.protocols.tabular.sheets import Sheet, open_sheets
from faza.protocols.tabular.values import REGISTERS, Options
from faza.protocols.tabular.words import channel_of, guarded, plain, register_of, unguarded
from faza.readings.registers import meaning, register

LIMIT = 16 * 2**20
"""Bytes of a file, and of what a workbook unpacks to; 20,000 points of two zones have 5 MB."""
MOST_ROWS = 100_000
ENDINGS = (".xlsx", ".xls", ".csv", ".txt")
LONGEST = 60
"""So much of an offending text is kept."""
UNITS = {"kWh": "кВт·ч", "kvarh": "квар·ч", "m3": "м³", "Gcal": "Гкал"}
SINGLES = {"WATER": "Вода", "GAS": "Газ", "HEAT": "Тепло"}


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its titles as written, and other titles by which it is known."""

    key: str
    ru: str
    en: str
    others: str = ""
    width: int = 14

    def title(self, language: str) -> str:
        return self.ru if language == "ru" else self.en

    @property
    def names(self) -> set[str]:
        return {plain(name) for name in (self.ru, self.en, *self.others.split("|")) if name}


POINT, METER, REGISTER, VALUE, READ_AT = "point", "meter", "register", "value", "read_at"
COLUMNS = (
    Column(POINT, "Код точки", "Point code", "код|код точки учёта|точка учёта|usage_point", 18),
    Column("name", "Точка", "Point", "наименование", 28),
    Column("address", "Адрес", "Address", "", 32),
    Column(METER, "Счётчик", "Meter", "номер счётчика|прибор|номер прибора|№ счётчика"),
    Column(REGISTER, "Регистр", "Register", "тариф|зона|шкала|tariff|zone", 12),
    Column("unit", "Единица", "Unit", "", 10),
    Column("last", "Прошлое показание", "Last reading", "", 18),
    Column("last_at", "Дата прошлого", "Last read on", "", 16),
    Column(VALUE, "Новое показание", "New reading", "показание|показания|reading|value", 18),
    Column(READ_AT, "Дата снятия", "Read on", "дата снятия показания|снято|read at|дата", 18),
)  # fmt: skip
"""The last one is of route sheets: others are of the moment at which they are sent."""
NAMES = {"ru": "Показания", "en": "Readings"}


@dataclass(frozen=True, slots=True)
class Row:
    """A row with a value. register: None where the file does not say; read_at: wall time."""

    line: int
    point: str
    meter: str
    register: int | None
    value: Decimal
    read_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a row: `code` is told in words by `wording`, `expected` is put in."""

    line: int
    code: str
    column: str = ""
    found: str = ""
    expected: str = ""
    point: str = ""

    def plain(self) -> list[object]:
        return [self.line, self.code, self.column, self.found, self.expected, self.point]


@dataclass(slots=True)
class Told:
    """What a file says: rows with values, those that are wrong, and how many are empty."""

    rows: list[Row] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    empty: list[tuple[str, int | None]] = field(default_factory=list)
    """(point, register) of rows without a value."""
    count: int = 0


# Reading


def read(name: str, data: bytes) -> Told:
    """The rows of a file. Raises Malformed, TooLarge."""
    problems, notes = Problems(name), list[Note]()
    told = Told()
    is_found = False
    for sheet in open_sheets(
        data, options=Options(), limit=LIMIT, problems=problems, notes=notes, old=True
    ):
        head = _head(sheet)
        if head is None:
            continue
        is_found = True
        line, places, width = head
        for chunk in sheet.chunks(line, width):
            for at, *cells in zip(chunk.lines.tolist(), *chunk.columns, strict=True):
                _take(told, at, {key: cells[n] for key, n in places.items()})
            if told.count > MOST_ROWS:
                raise TooLarge(f"It has more than {MOST_ROWS} rows.", code="rows")
    if not is_found:
        raise Malformed("The file has no row with the titles of the template.", code="no-header")
    told.faults += [Fault(one.line or 0, "broken", found=one.reason) for one in problems.in_order()]
    return told


def _head(sheet: Sheet) -> tuple[int, dict[str, int], int] | None:
    """Line, places of the columns by key and width of the titles; None where there are none."""
    for line, cells in sheet.head:
        places = _places(cells)
        if {POINT, VALUE} <= places.keys():
            return line, places, len(cells)
    return None


def _places(cells: Cells) -> dict[str, int]:
    found: dict[str, int] = {}
    for n, cell in enumerate(cells):
        title = plain(cell)
        key = next((one.key for one in COLUMNS if title in one.names), None)
        if key is not None:
            found.setdefault(key, n)
    return found


def _take(told: Told, line: int, cells: dict[str, str]) -> None:
    texts = {key: unguarded(" ".join(cell.split())) for key, cell in cells.items()}
    if not any(texts.values()):
        return
    told.count += 1
    point, meter = texts[POINT], texts.get(METER, "")
    if not point:
        told.faults.append(Fault(line, "no-point", POINT))
        return
    name = texts.get(REGISTER, "")
    number = _register(name) if name else None
    fault = (
        Fault(line, "no-register", REGISTER, name[:LONGEST]) if name and number is None else None
    )
    text = texts[VALUE]
    if not text:
        told.empty.append((point, number))
        return
    value = None if fault else number_of(text)
    if value is None:
        fault = fault or Fault(line, "not-a-number", VALUE, text[:LONGEST])
    read_at = None
    if fault is None and texts.get(READ_AT):
        read_at = moment_of(texts[READ_AT])
        if read_at is None:
            fault = Fault(line, "not-a-date", READ_AT, texts[READ_AT][:LONGEST])
    if fault is not None or value is None:
        assert fault is not None
        told.faults.append(Fault(line, fault.code, fault.column, fault.found, point=point))
        return
    told.rows.append(Row(line, point, meter, number, value, read_at))


@lru_cache(maxsize=1024)
def _register(text: str) -> int | None:
    """The number of a register by its name; kept, for a file has few of them."""
    found = register_of(text)
    if found is not None:
        return register(BY_CHANNEL[REGISTERS[found[0]]].code, found[1])
    kind = channel_of(text)
    return register(kind.code) if kind is not None and kind.channel in SINGLES else None


_NUMBER = re.compile(r"\d{1,15}(?:[.,]\d{0,9})?")
_GROUPS = re.compile(r"(?<=\d)[ \u00a0\u202f](?=\d{3}(?:\D|$))")


def number_of(text: str) -> Decimal | None:
    """A number of the face: digits, at most one comma or point, spaces between thousands."""
    joined = _GROUPS.sub("", text)
    if not (joined.isascii() and _NUMBER.fullmatch(joined)):
        return None
    return Decimal(joined.replace(",", "."))


_DATES = ("%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%Y", "%Y-%m-%d %H:%M:%S",
          "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d")  # fmt: skip
NOON = time(12)


def moment_of(text: str) -> datetime | None:
    """A wall time; a day alone is its noon. None where it is neither."""
    for shape in _DATES:
        try:
            found = datetime.strptime(text, shape)  # noqa: DTZ007  # of the point's wall clock
        except ValueError:
            continue
        is_day = "H" not in shape or (text.endswith("00:00:00") and shape.startswith("%Y"))
        return datetime.combine(found.date(), NOON) if is_day else found
    return None


# Writing


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the template. last: in the unit people read."""

    point: str
    name: str
    address: str
    meter: str
    register: int
    decimals: int
    last: Decimal | None
    last_on: date | None

    def cells(self, language: str) -> list[object]:
        kind = BY_CODE[meaning(self.register)[0]]
        unit = UNITS.get(kind.unit, kind.unit) if language == "ru" else kind.unit
        return [
            self.point, self.name, self.address, self.meter,
            register_word(self.register, language), unit, self.last, self.last_on, None, None,
        ]  # fmt: skip


def register_word(number: int, language: str = "ru") -> str:
    """A register as `read` knows it again: A+ T1, A+ сумма, Вода."""
    code, tariff = meaning(number)
    channel = BY_CODE[code].channel
    if channel in SINGLES:
        return SINGLES[channel] if language == "ru" else channel.capitalize()
    if tariff:
        return f"{channel} T{tariff}"
    return f"{channel} {'сумма' if language == 'ru' else 'sum'}"


def _columns(with_dates: bool) -> Sequence[Column]:
    return COLUMNS if with_dates else COLUMNS[:-1]


def as_csv(lines: Iterable[Line], language: str, *, with_dates: bool) -> Iterator[bytes]:
    """Semicolons and a byte order mark, as spreadsheets of Russia open them."""
    columns = _columns(with_dates)
    yield "\ufeff".encode()
    yield _text([[column.title(language) for column in columns]])
    for line in lines:
        yield _text([line.cells(language)[: len(columns)]])


def _text(rows: Iterable[Iterable[object]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    for row in rows:
        writer.writerow([_cell(cell) for cell in row])
    return out.getvalue().encode()


def _cell(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, Decimal):
        return f"{cell:f}".replace(".", ",")
    if isinstance(cell, date):
        return f"{cell:%d.%m.%Y}"
    return guarded(str(cell))


def as_xlsx(lines: Iterable[Line], language: str, *, with_dates: bool) -> bytes:
    """The workbook: the column to fill in is marked, the first row stays, texts are texts."""
    out = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
               "strings_to_numbers": False}  # fmt: skip
    book = xlsxwriter.Workbook(out, options)
    sheet = book.add_worksheet(NAMES.get(language, NAMES["en"]))
    look = _looks(book)
    columns = _columns(with_dates)
    sheet.freeze_panes(1, 1)
    for n, column in enumerate(columns):
        is_asked = column.key in (VALUE, READ_AT)
        sheet.set_column(n, n, column.width, look["asked" if is_asked else "text"])
        sheet.write_string(0, n, column.title(language), look["asked-head" if is_asked else "head"])
    for row, line in enumerate(lines, start=1):
        for n, cell in enumerate(line.cells(language)[: len(columns)]):
            _write(sheet, row, n, cell, look, line.decimals)
    book.close()
    return out.getvalue()


def _looks(book: Any) -> dict[Any, Any]:
    def number(places: int) -> Any:
        return book.add_format({"num_format": "0." + "0" * places if places else "0"})

    return {
        "head": book.add_format({"bold": True, "bottom": 1}),
        "asked-head": book.add_format({"bold": True, "bottom": 1, "bg_color": "#DCE8FA"}),
        "asked": book.add_format({"bg_color": "#F2F7FE"}),
        "text": book.add_format({"num_format": "@"}),
        "date": book.add_format({"num_format": "dd.mm.yyyy"}),
        **{places: number(places) for places in range(10)},
    }


def _write(sheet: Any, row: int, n: int, cell: object, look: dict[Any, Any], places: int) -> None:
    if isinstance(cell, Decimal):
        sheet.write_number(row, n, float(cell), look[min(places, 9)])
    elif isinstance(cell, date):
        sheet.write_datetime(row, n, datetime.combine(cell, time()), look["date"])
    elif cell is None:
        sheet.write_blank(row, n, None, look["asked"] if n >= len(COLUMNS) - 2 else look["text"])
    else:
        sheet.write_string(row, n, guarded(str(cell)), look["text"])
