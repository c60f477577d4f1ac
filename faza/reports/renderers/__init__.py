"""From a `table.Table` to a page or a file, of which each renderer knows one.

Every one shows the states of cells in the way that `look` decides, so that the page, the print
and the spreadsheet agree. 80020 is no table: the faces take it from `collection.queries`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from django.utils import timezone

from faza.core.words import gettext_noop
from faza.reports.renderers import csv, html, json, pdf, xls, xlsx
from faza.reports.table import Table


@dataclass(frozen=True, slots=True)
class Format:
    """What a report can be had as; `title` and `description` are messages to translate."""

    code: str
    title: str
    description: str
    content_type: str
    extension: str
    write: Callable[[Table, BinaryIO], None]


_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMATS: dict[str, Format] = {
    one.code: one
    for one in (
        Format(
            "html", gettext_noop("Screen"), gettext_noop("A page of its own, also for printing"),
            "text/html; charset=utf-8", "html", html.write,
        ),
        Format(
            "pdf", gettext_noop("PDF"), gettext_noop("Pages A4 with heads and numbers"),
            "application/pdf", "pdf", pdf.write,
        ),
        Format(
            "xlsx", gettext_noop("Excel, xlsx"), gettext_noop("Numbers with formats and a filter"),
            _SHEET, "xlsx", xlsx.write,
        ),
        Format(
            "xls", gettext_noop("Excel 2003, xls"), gettext_noop("For older programs"),
            "application/vnd.ms-excel", "xls", xls.write,
        ),
        Format(
            "csv", gettext_noop("CSV"), gettext_noop("Plain text with semicolons"),
            "text/csv; charset=utf-8", "csv", csv.write,
        ),
        Format(
            "json", gettext_noop("JSON"), gettext_noop("For programs: names of columns are stable"),
            "application/json", "json", json.write,
        ),
    )
}  # fmt: skip


def write(table: Table, format: str, file: BinaryIO) -> None:
    """The table in a format, from where the file stands; reads the table's blocks once.

    `format` is a key of FORMATS. Words are of the active language, moments of the active zone.

    Raises KeyError for an unknown format, `TooLong` where the format cannot hold so many rows.
    """
    FORMATS[format].write(table, file)


def file_name(table: Table, format: str, *, at: datetime) -> str:
    """The name that a reader's browser saves the file under: title, day, ending."""
    title = "".join(" " if c in '/\\:*?"<>|' or not c.isprintable() else c for c in table.title)
    title = " ".join(title.split())[:80].strip(". ") or "report"
    day = at.astimezone(timezone.get_current_timezone())
    return f"{title} {day:%Y-%m-%d}.{FORMATS[format].extension}"
