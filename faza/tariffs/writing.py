"""Tables of prices as a workbook, in the shape in which they are read."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import xlsxwriter

from faza.protocols.tabular.words import guarded
from faza.tariffs import stored
from faza.tariffs.models import Tariff
from faza.tariffs.rules import columns
from faza.tariffs.rules.columns import BY_NAME, HOURS
from faza.tariffs.rules.tables import Row

OF_TARIFF = (
    *(columns.TARIFFS, columns.ZONES, columns.RANGES, columns.SEASONS, columns.PRICES),
)  # fmt: skip


def of_tariffs(tariffs: Iterable[Tariff], *, language: str) -> bytes:
    """All tables of tariffs, a sheet for each sort that has rows. Five queries."""
    ids = [tariff.pk for tariff in tariffs]
    sheets = []
    for sort in OF_TARIFF:
        told = stored.BY_SORT[sort]
        by = "pk__in" if sort == columns.TARIFFS else "tariff__in"
        rows = told.model._default_manager.filter(**{by: ids}).values_list(*told.fields.values())
        made = [dict(zip(told.fields, row, strict=True)) for row in rows]
        made.sort(key=lambda row: [stored.text_of(row[key]) for key in BY_NAME[sort].key])
        if made:
            sheets.append((sort, made))
    return as_xlsx(sheets, language=language)


def template(*, language: str) -> bytes:
    """A workbook with the titles of all sorts and no rows."""
    return as_xlsx([(sort, []) for sort in columns.SORTS], language=language)


def as_xlsx(sheets: Sequence[tuple[str, Sequence[Row]]], *, language: str) -> bytes:
    """Rows of sorts as a workbook; `files.read` gives them back."""
    stream = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
    with xlsxwriter.Workbook(stream, options) as book:
        bold = book.add_format({"bold": True, "bottom": 1})
        days = book.add_format({"num_format": "dd.mm.yyyy"})
        for sort, rows in sheets:
            sheet = book.add_worksheet(sort)
            sheet.freeze_panes(1, 0)
            named = BY_NAME[sort].columns
            sheet.set_column(0, len(named) - 1, 14)
            for n, column in enumerate(named):
                title = column.russian if language.startswith("ru") else column.key
                sheet.write_string(0, n, title, bold)
            for line, row in enumerate(rows, start=1):
                for n, column in enumerate(named):
                    _write(sheet, line, n, _cell(row, column.key), days)
    return stream.getvalue()


def _cell(row: Row, key: str) -> object:
    if key in HOURS and "amounts" in row:
        return Decimal(stored.amounts(row)[HOURS.index(key)])
    return row.get(key)


def _write(sheet: Any, line: int, place: int, value: object, days: Any) -> None:
    if value is None or value == "":
        return
    if isinstance(value, bool):
        sheet.write_string(line, place, "1" if value else "0")
    elif isinstance(value, date):
        sheet.write_datetime(line, place, value, days)
    elif isinstance(value, Decimal | int):
        sheet.write_number(line, place, value)
    else:
        sheet.write_string(line, place, guarded(str(value)))
