"""A table as a file: CSV in chunks, XLSX in bounded memory; no cell is ever a formula.

The first row is the head.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from tempfile import TemporaryFile
from typing import cast
from urllib.parse import quote

import xlsxwriter
from django.http import FileResponse, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone

from faza.protocols.tabular.words import guarded

Rows = Iterable[Sequence[object]]
BOM = "\ufeff"
LINES = 500


def as_csv(rows: Rows, *, title: str, name: str) -> HttpResponse:
    """Semicolons and a byte order mark: what a Russian spreadsheet opens by a double click."""
    response = StreamingHttpResponse(_lines(rows), content_type="text/csv; charset=utf-8")
    return _attached(response, title, "csv")


def _lines(rows: Rows) -> Iterator[str]:
    yield BOM
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    for number, row in enumerate(rows, 1):
        writer.writerow([_text(cell) for cell in row])
        if number % LINES == 0:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def _text(cell: object) -> str:
    match cell:
        case None:
            return ""
        case datetime():
            local = timezone.localtime(cell) if cell.tzinfo else cell
            return f"{local:%d.%m.%Y %H:%M}"
        case date():
            return f"{cell:%d.%m.%Y}"
        case Decimal() | int() | float():
            return str(cell).replace(".", ",")
    return guarded(str(cell))


def as_xlsx(rows: Rows, *, title: str, name: str) -> HttpResponse:
    """Numbers as numbers, dates as dates, a frozen head with a filter."""
    file = TemporaryFile()  # noqa: SIM115  (FileResponse closes it)
    plain = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(file, {"constant_memory": True, "remove_timezone": True} | plain)
    sheet = book.add_worksheet(title[:31].translate(str.maketrans("", "", "[]:*?/\\'")) or name)
    head = book.add_format({"bold": True, "bottom": 1})
    moment = book.add_format({"num_format": "dd.mm.yyyy hh:mm"})
    day = book.add_format({"num_format": "dd.mm.yyyy"})
    row, width = -1, 1
    for row, cells in enumerate(rows):
        width = max(width, len(cells))
        for column, cell in enumerate(cells):
            match cell:
                case None | "":
                    continue
                case bool():
                    sheet.write_boolean(row, column, cell)
                case datetime():
                    local = timezone.localtime(cell) if cell.tzinfo else cell
                    sheet.write_datetime(row, column, local.replace(tzinfo=None), moment)
                case date():
                    sheet.write_datetime(row, column, cell, day)
                case Decimal() | int() | float():
                    sheet.write_number(row, column, float(cell))
                case _:
                    text = as_string(str(cell))
                    sheet.write_string(row, column, text, head if row == 0 else None)
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, width - 1, 22)
    if row > 0:
        sheet.autofilter(0, 0, row, width - 1)
    book.close()
    file.seek(0)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return _attached(FileResponse(file, content_type=kind), title, "xlsx")


def as_string(text: str) -> str:
    """A text for a cell of XlsxWriter, which puts one between `<r>` and `</r>` in as markup."""
    return text + " " if text.startswith("<r>") else text


def _attached(response: HttpResponseBase, title: str, ending: str) -> HttpResponse:
    named = f"{title} {timezone.localdate():%Y-%m-%d}.{ending}"
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(named)}"
    # A table may hold personal data: no cache on the way or on a shared computer keeps it.
    response["Cache-Control"] = "private, no-store"
    # Views hand a streamed answer on like any other.
    return cast(HttpResponse, response)


FORMATS: dict[str, Callable[..., HttpResponse]] = {"csv": as_csv, "xlsx": as_xlsx}
