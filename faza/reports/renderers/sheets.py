"""A report in a spreadsheet: where what stands, for whatever writes the cells (XLSX, XLS).

Above the head: the title and what was asked; below the rows: signs met and footnotes. Numbers
and moments are numbers under a format that shows the state's sign, so that they still add up.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

import numpy as np
from django.utils.translation import gettext as _

from faza.reports.renderers import look
from faza.reports.table import NUMERIC, Block, Cells, Column, Kind, Role, State, Table, Values
from faza.ui.formats import DASH

LONGEST = 32_000
"""Characters of a cell; Excel holds 32,767."""
NARROWEST, WIDEST = 9, 48
"""Characters of a column's width."""
_EPOCH = np.datetime64("1899-12-30", "m")
_DAY = 24 * 60
_ITALIC = frozenset({State.ESTIMATED, State.CARRIED})


class Style(NamedTuple):
    """What a cell looks like; equal styles are one format of the book."""

    number: str = "General"
    bold: bool = False
    italic: bool = False
    size: int = 10
    colour: str = ""
    fill: str = ""
    right: bool = False
    wrap: bool = False
    line: str = ""
    """A thin line: "top" or "bottom"."""


PLAIN = Style()
TITLE = Style(bold=True, size=14)
LABEL = Style(colour="606B7B")
HEAD = Style(bold=True, fill="F3F5F8", wrap=True, line="bottom")
HEAD_RIGHT = HEAD._replace(right=True)
GROUP = Style(bold=True, fill="F3F5F8")
PART = Style(bold=True, size=11)


class Sheet(Protocol):
    """What a renderer's sheet does; rows come in their order, places count from 0."""

    def text(self, row: int, column: int, text: str, style: Style) -> None: ...
    def number(self, row: int, column: int, number: float, style: Style) -> None: ...
    def finish(self, *, head: int, last: int, fixed: int, widths: list[int]) -> None:
        """No more rows: freeze below the row `head`, filter to the row `last`, set widths."""


class Book(Protocol):
    """A file of sheets; each holds so many rows and columns."""

    rows: int
    columns: int

    def sheet(self, name: str) -> Sheet: ...


@dataclass(slots=True)
class _Slice:
    """Columns that stand on one sheet: places in the table, and the sheet that is written now."""

    places: list[int]
    widths: list[int]
    sheet: Sheet


@dataclass(slots=True)
class Writer:
    """Lays a table out in a book: further sheets where rows or columns are too many for one."""

    table: Table
    book: Book
    met: look.Met = field(default_factory=look.Met)
    _slices: list[_Slice] = field(default_factory=list)
    _row: int = 0
    _head: int = 0
    _last: int = 0
    _n_sheets: int = 0

    def write(self) -> None:
        """The whole table; the book raises TooLong where it holds no more sheets."""
        columns = self.table.columns
        for places in slices(columns, self.book.columns):
            widths = [min(18, len(look.heading(columns[i]))) for i in places]
            self._slices.append(_Slice(places, widths, self._sheet()))
        self._begin()
        before: str | None = None
        for block in self.table.blocks:
            title = look.row_heading(block, before)
            before = look.clean(block.title) or before
            if title:
                self._room()
                self._text(0, title, PART)
                self._row += 1
            self._block(block)
        self._end()

    def _sheet(self) -> Sheet:
        self._n_sheets += 1
        name = look.short(_("Report"), 20)
        return self.book.sheet(name if self._n_sheets == 1 else f"{name} {self._n_sheets}")

    def _begin(self) -> None:
        """The title, what was asked, and the head of each sheet."""
        self._row = 0
        self._text(0, look.clean(self.table.title), TITLE)
        for label, value in look.lead(self.table):
            self._row += 1
            self._text(0, label, LABEL)
            self._text(1, value, PLAIN)
        self._row += 2
        columns = self.table.columns
        if look.groups(columns):
            for part in self._slices:
                before = None
                for at, place in enumerate(part.places):
                    group = look.clean(columns[place].group)
                    shown = group if group != before else ""
                    part.sheet.text(self._row, at, shown, GROUP)
                    before = group
            self._row += 1
        for part in self._slices:
            for at, place in enumerate(part.places):
                style = HEAD_RIGHT if columns[place].kind in NUMERIC else HEAD
                part.sheet.text(self._row, at, look.heading(columns[place])[:LONGEST], style)
        self._head = self._last = self._row
        self._row += 1

    def _text(self, column: int, text: str, style: Style) -> None:
        for part in self._slices:
            part.sheet.text(self._row, column, text[:LONGEST], style)

    def _room(self) -> None:
        """Go on upon further sheets where these are full."""
        if self._row < self.book.rows:
            return
        for part in self._slices:
            self._finish(part)
            part.sheet = self._sheet()
        self._begin()

    def _block(self, block: Block) -> None:
        parts = [prepared(c, cells, block.role, self.met)
                 for c, cells in zip(self.table.columns, block.cells, strict=True)]  # fmt: skip
        for part in self._slices:
            part.widths = [max(w, parts[i].width)
                           for w, i in zip(part.widths, part.places, strict=True)]  # fmt: skip
        names = look.named(look.texts(self.table.columns[0], block.cells[0].values), block.role)
        names = [] if block.role is Role.ROWS else names
        bold = style_of(self.table.columns[0], State.MEASURED, block.role)
        for i in range(len(block)):
            self._room()
            row = self._row
            for part in self._slices:
                sheet = part.sheet
                for at, place in enumerate(part.places):
                    values, styles, is_text, _width = parts[place]
                    if not place and names:
                        sheet.text(row, at, names[i], parts[0].styles[i] or bold)
                        continue
                    value, style = values[i], styles[i]
                    if style is None or value == "":
                        continue
                    if is_text:
                        sheet.text(row, at, str(value), style)
                    elif value == value:
                        sheet.number(row, at, float(value), style)
                    else:
                        sheet.text(row, at, DASH, style)
            if block.role is Role.ROWS:
                self._last = row
            self._row += 1

    def _end(self) -> None:
        """Signs and footnotes below the rows of the last sheets."""
        lines = [*((sign, words) for sign, words in self.met.legend()),
                 *((look.clean(note), "") for note in self.table.notes)]  # fmt: skip
        if self._row + len(lines) + 1 > self.book.rows:
            self._row = self.book.rows
            self._room()
        self._row += 1
        for first, second in lines:
            self._text(0, first, LABEL)
            if second:
                self._text(1, second, LABEL)
            self._row += 1
        for part in self._slices:
            self._finish(part)

    def _finish(self, part: _Slice) -> None:
        fixed = min(look.n_fixed(self.table.columns), len(part.places) - 1)
        widths = [min(WIDEST, max(NARROWEST, width + 2)) for width in part.widths]
        part.sheet.finish(head=self._head, last=self._last, fixed=fixed, widths=widths)


def slices(columns: tuple[Column, ...], most: int) -> Iterator[list[int]]:
    """Places of the columns of each sheet: the first ones, which name the row, stand on each."""
    n = len(columns)
    if n <= most:
        yield list(range(n))
        return
    fixed = look.n_fixed(columns)
    for first in range(fixed, n, most - fixed):
        yield [*range(fixed), *range(first, min(n, first + most - fixed))]


class Prepared(NamedTuple):
    """A column of a block: (n,) values for a sheet and their styles; the width it asks for.

    A number that is not there is NaN, and its style None where nothing is shown for it.
    """

    values: list[str] | list[float]
    styles: list[Style | None]
    is_text: bool
    width: int


def prepared(column: Column, cells: Cells, role: Role, met: look.Met) -> Prepared:
    """Cells with the look of their states."""
    states = look.states_of(column, cells, role)
    met.note(states)
    looks = {state: style_of(column, State(state), role) for state in set(states)}
    styles: list[Style | None] = [looks[state] for state in states]
    if column.kind is Kind.TEXT:
        texts = [text[:LONGEST] for text in look.texts(column, cells.values)]
        return Prepared(texts, styles, True, max(map(len, texts), default=0))
    if column.kind in NUMERIC:
        numbers = (cells.values + 0.0).tolist()
        width = len(f"{np.nanmax(np.abs(cells.values), initial=0):,.{look.digits(column)}f}") + 1
    else:
        numbers = serial(cells.values).tolist()
        width = 15 if column.kind is Kind.MOMENT else 10
    missing = [state == State.MISSING for state in states]
    if any(missing):
        numbers = [np.nan if gone else v for v, gone in zip(numbers, missing, strict=True)]
    shown = [style if gone or value == value else None
             for value, style, gone in zip(numbers, styles, missing, strict=True)]  # fmt: skip
    return Prepared(numbers, shown, False, width)


def serial(values: Values) -> np.typing.NDArray[np.float64]:
    """(n,) civil moments as spreadsheets count them: days since 1899-12-30; NaN for NaT."""
    minutes = values.astype("datetime64[m]") - _EPOCH
    found = minutes.astype(np.float64) / _DAY
    found[np.isnat(values)] = np.nan
    return found


def style_of(column: Column, state: State, role: Role) -> Style:
    """The look of a cell: bold in totals, leaning where estimated, the sign in the format."""
    italic = state in _ITALIC
    colour = "606B7B" if state == State.MISSING else "4F5B6C" if italic else ""
    line = "top" if role is Role.TOTAL else ""
    return Style(
        number=number_format(column, state),
        bold=role is not Role.ROWS,
        italic=italic,
        colour=colour,
        right=column.kind in NUMERIC,
        line=line,
    )


def number_format(column: Column, state: State) -> str:
    """A spreadsheet's format: `#,##0.000"≈"`; a space as wide as a sign where there is none."""
    match column.kind:
        case Kind.TEXT:
            return "@"
        case Kind.MOMENT:
            plain = "dd.mm.yyyy hh:mm"
        case Kind.DAY:
            plain = "dd.mm.yyyy"
        case Kind.MONTH:
            plain = "mm.yyyy"
        case _:
            digits = look.digits(column)
            plain = "#,##0" + ("." + "0" * digits if digits else "")
    sign = look.SIGNS.get(state, "") if state != State.MISSING else ""
    if sign:
        return f'{plain}"{sign}"'
    return plain + "_≈" if column.kind in NUMERIC else plain
