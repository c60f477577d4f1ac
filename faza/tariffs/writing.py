"""Tables of prices as a workbook, in the shape in which they are read."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import xlsxwriter
from django.db.models import Model

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
    return as_xlsx(_of_tariffs(tariffs), language=language)


def of_all(*, language: str) -> bytes:
    """All tables of all tariffs, and the normatives of households. Seven queries."""
    sheets = _of_tariffs(Tariff.objects.all())
    normatives = _rows(columns.NORMATIVES, stored.BY_SORT[columns.NORMATIVES].model)
    return as_xlsx(sheets + ([(columns.NORMATIVES, normatives)] if normatives else []),
                   language=language)  # fmt: skip


def _of_tariffs(tariffs: Iterable[Tariff]) -> list[tuple[str, Sequence[Row]]]:
    ids = [tariff.pk for tariff in tariffs]
    sheets: list[tuple[str, Sequence[Row]]] = []
    for sort in OF_TARIFF:
        by = "pk__in" if sort == columns.TARIFFS else "tariff__in"
        made = _rows(sort, stored.BY_SORT[sort].model, **{by: ids})
        if made:
            sheets.append((sort, made))
    return sheets


def _rows(sort: str, model: type[Model], **narrowed: Any) -> list[Row]:
    """The stored rows of a sort, by their tables."""
    told = stored.BY_SORT[sort]
    rows = model._default_manager.filter(**narrowed).values_list(*told.fields.values())
    made = [dict(zip(told.fields, row, strict=True)) for row in rows]
    named = BY_NAME[sort]
    made.sort(key=lambda row: [stored.text_of(row[key]) for key in (*named.key, *named.row)])
    return made


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
