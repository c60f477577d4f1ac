"""A report as XLS, the format of Excel 97–2003: further sheets over 65,536 rows or 256 columns."""

from __future__ import annotations

from typing import Any, BinaryIO

import xlwt
from django.utils.translation import gettext as _

from faza.reports.renderers import look
from faza.reports.renderers.sheets import Sheet, Style, Writer
from faza.reports.table import Table
from faza.ui import formats

MOST_ROWS = 300_000
"""Of a file: its rows stay in memory until it is closed."""
_POINT, _CHARACTER = 20, 256
"""Units of height in a point, and of width in a character."""


def write(table: Table, file: BinaryIO) -> None:
    """Numbers as numbers, totals as numbers too: readers that do not calculate see them.

    Raises TooLong for more rows than memory is to hold.
    """
    book = _Book()
    if table.n_rows is not None and table.n_rows > MOST_ROWS:
        raise _too_long()
    Writer(table, book).write()
    book.book.save(file)


def _too_long() -> look.TooLong:
    return look.TooLong(
        _("More than %(n)s rows do not go into an XLS file: choose XLSX or CSV.")
        % {"n": formats.number(MOST_ROWS)}
    )


class _Book:
    rows = 65_536
    columns = 256

    def __init__(self) -> None:
        self.book = xlwt.Workbook(encoding="utf-8")
        self.styles: dict[Style, Any] = {}
        self.n_rows = 0

    def sheet(self, name: str) -> Sheet:
        self.n_rows += self.rows
        if self.n_rows > MOST_ROWS + 2 * self.rows:
            raise _too_long()
        return _Sheet(self, self.book.add_sheet(name))

    def style(self, style: Style) -> Any:
        found = self.styles.get(style)
        if found is None:
            found = self.styles[style] = _style(style)
        return found


class _Sheet:
    def __init__(self, book: _Book, sheet: Any) -> None:
        self.book, self.sheet = book, sheet

    def text(self, row: int, column: int, text: str, style: Style) -> None:
        self.sheet.row(row).set_cell_text(column, text, self.book.style(style))

    def number(self, row: int, column: int, number: float, style: Style) -> None:
        self.sheet.row(row).set_cell_number(column, number, self.book.style(style))

    def finish(self, *, head: int, last: int, fixed: int, widths: list[int]) -> None:
        for column, width in enumerate(widths):
            self.sheet.col(column).width = width * _CHARACTER
        self.sheet.set_panes_frozen(True)
        self.sheet.set_horz_split_pos(head + 1)
        self.sheet.set_vert_split_pos(fixed)
        self.sheet.set_portrait(False)
        self.sheet.set_fit_num_pages(1)


def _style(style: Style) -> Any:
    font = xlwt.Font()
    font.name, font.height = "Arial", style.size * _POINT
    font.bold, font.italic = style.bold, style.italic
    if style.colour:
        font.colour_index = xlwt.Style.colour_map["gray50"]
    found = xlwt.XFStyle()
    found.font, found.num_format_str = font, style.number
    if style.right:
        found.alignment.horz = xlwt.Alignment.HORZ_RIGHT
    if style.wrap:
        found.alignment.wrap = xlwt.Alignment.WRAP_AT_RIGHT
    if style.fill:
        found.pattern.pattern = xlwt.Pattern.SOLID_PATTERN
        found.pattern.pattern_fore_colour = xlwt.Style.colour_map["gray25"]
    if style.line:
        setattr(found.borders, style.line, xlwt.Borders.THIN)
    return found
