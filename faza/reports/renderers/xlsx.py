"""A report as XLSX: numbers with formats, a frozen head with a filter, the chart; streamed."""

from __future__ import annotations

from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import xlsxwriter
from django.utils.translation import gettext as _

from faza.reports.renderers import look, picture
from faza.reports.renderers.sheets import HEAD, PLAIN, Sheet, Style, Writer
from faza.reports.table import Chart, Table
from faza.ui.files import as_string

# No text becomes a formula, a link or a number; rows leave memory as they are written.
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
MOST_SHADED = 400
"""Bars of a series that are shaded one by one where they are estimated."""


def write(table: Table, file: BinaryIO) -> None:
    """One sheet, or more where the rows are over a million; the chart on one of its own."""
    book = _Book(file, table.title)
    try:
        Writer(table, book).write()
        if table.chart is not None and any(np.isfinite(s.values).any() for s in table.chart.series):
            book.chart(table.chart)
    except BaseException:
        book.drop()
        raise
    book.book.close()


class _Book:
    rows = 1_048_576
    columns = 16_384

    def __init__(self, file: BinaryIO, title: str) -> None:
        # Rows wait beside the file, where what a killed worker left is looked for.
        name = getattr(file, "name", None)
        beside = {"tmpdir": str(Path(name).parent)} if isinstance(name, str) else {}
        self.book = xlsxwriter.Workbook(file, _OPTIONS | beside)
        self.book.set_properties({"title": look.short(title, 200), "author": "Faza"})
        self.formats: dict[Style, Any] = {}

    def drop(self) -> None:
        """Leave nothing behind where the table broke off: rows wait in temporary files."""
        for sheet in self.book.worksheets():
            rows = getattr(sheet, "row_data_fh", None)
            if rows is not None:
                rows.close()
                Path(sheet.row_data_filename).unlink(missing_ok=True)

    def sheet(self, name: str) -> Sheet:
        return _Sheet(self, self.book.add_worksheet(name))

    def format(self, style: Style) -> Any:
        found = self.formats.get(style)
        if found is None:
            found = self.formats[style] = self.book.add_format(_properties(style))
        return found

    def chart(self, chart: Chart) -> None:
        """A sheet with the chart's numbers and the chart beside them."""
        name = look.short(_("Chart"), 20)
        sheet = self.book.add_worksheet(name)
        shown = chart.series[: picture.MOST_LINES]
        n = len(chart.labels)
        titles = [look.short(one.name, 200) for one in shown]
        for column, title in enumerate(["", *titles]):
            sheet.write_string(0, column, as_string(title), self.format(HEAD))
        values = [one.values.tolist() for one in shown]
        for i, label in enumerate(chart.labels):
            sheet.write_string(i + 1, 0, as_string(look.clean(label)), self.format(PLAIN))
            for column, numbers in enumerate(values, 1):
                if numbers[i] == numbers[i]:
                    sheet.write_number(i + 1, column, numbers[i])
        drawn = self.book.add_chart({"type": "line" if chart.is_line else "column"})
        for column, one in enumerate(shown, 1):
            colour = picture.COLOURS[(column - 1) % len(picture.COLOURS)]
            told: dict[str, Any] = {
                "name": [name, 0, column],
                "categories": [name, 1, 0, n, 0],
                "values": [name, 1, column, n, column],
            }
            if chart.is_line:
                told["line"] = {"color": colour, "width": 1.25}
            else:
                told |= {"fill": {"color": colour}, "gap": 40}
                if one.states is not None and n <= MOST_SHADED:
                    told["points"] = [_shade(state, colour) for state in one.states.tolist()]
            drawn.add_series(told)
        drawn.set_title({"name": look.short(chart.title, 200), "name_font": {"size": 12}})
        drawn.set_y_axis({"name": look.clean(chart.unit), "major_gridlines": {"visible": True,
                          "line": {"color": "#E5E8ED"}}})  # fmt: skip
        drawn.set_legend({"position": "bottom"} if len(shown) > 1 else {"none": True})
        drawn.show_blanks_as("gap")
        drawn.set_size({"width": 960, "height": 420})
        sheet.set_column(0, 0, 18)
        sheet.insert_chart(1, len(shown) + 2, drawn)


def _shade(state: int, colour: str) -> dict[str, Any] | None:
    if state in picture.UNSURE:
        return {"fill": {"color": colour, "transparency": 55}, "border": {"color": colour}}
    return None


class _Sheet:
    def __init__(self, book: _Book, sheet: Any) -> None:
        self.book, self.sheet = book, sheet

    def text(self, row: int, column: int, text: str, style: Style) -> None:
        self.sheet.write_string(row, column, as_string(text), self.book.format(style))

    def number(self, row: int, column: int, number: float, style: Style) -> None:
        self.sheet.write_number(row, column, number, self.book.format(style))

    def finish(self, *, head: int, last: int, fixed: int, widths: list[int]) -> None:
        for column, width in enumerate(widths):
            self.sheet.set_column(column, column, width)
        self.sheet.freeze_panes(head + 1, fixed)
        if last > head:
            self.sheet.autofilter(head, 0, last, len(widths) - 1)
        self.sheet.set_landscape()
        self.sheet.set_paper(9)
        self.sheet.fit_to_pages(1, 0)
        self.sheet.repeat_rows(head)


def _properties(style: Style) -> dict[str, Any]:
    found: dict[str, Any] = {"font_size": style.size, "num_format": style.number}
    if style.bold:
        found["bold"] = True
    if style.italic:
        found["italic"] = True
    if style.colour:
        found["font_color"] = f"#{style.colour}"
    if style.fill:
        found["bg_color"] = f"#{style.fill}"
    if style.right:
        found["align"] = "right"
    if style.wrap:
        found |= {"text_wrap": True, "valign": "bottom"}
    if style.line:
        found[style.line] = 1
    return found
