"""Reads files of reports back, as people and programs would: rows of what stands in the cells."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import date, datetime
from typing import Any

import lxml.html
import pypdfium2
from python_calamine import CalamineWorkbook

from faza.reports import renderers
from faza.reports.renderers.look import SIGNS
from faza.reports.table import Table

Row = list[Any]
_NUMBER = re.compile(r"^[-−]?[\d\u202f\xa0 ]*\d(,\d+)?$")


def rendered(table: Table, format: str) -> bytes:
    file = io.BytesIO()
    renderers.write(table, format, file)
    return file.getvalue()


def number(text: str) -> float | str | None:
    """A Russian number as a float, a dash as it is, "" as None; the sign after it left out."""
    bare = text.strip()
    for sign in SIGNS.values():
        if bare != "—":
            bare = bare.removesuffix(sign)
    if not bare:
        return None
    if not _NUMBER.match(bare):
        return text
    return float(re.sub(r"[\u202f\xa0 ]", "", bare).replace(",", ".").replace("−", "-"))


def from_html(data: bytes) -> list[Row]:
    """Rows below the head, headings of blocks left out; numbers as floats."""
    page = lxml.html.fromstring(data.decode())
    rows = page.xpath("//table/tbody/tr[not(@class='h')]")
    return [[number(cell.text_content()) for cell in row] for row in rows]


def from_csv(data: bytes) -> list[Row]:
    text = data.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text), delimiter=";"))
    end = rows.index([])
    return [[number(cell) for cell in row[1:-1]] for row in rows[1:end]]


def from_json(data: bytes) -> list[Row]:
    """A missing value, null with its state, as the dash that people see."""
    document = json.loads(data)
    keys = [column["key"] for column in document["columns"]]
    found = []
    for block in document["blocks"]:
        for i, row in enumerate(block["rows"]):
            gone = [
                block["states"].get(key, ["measured"] * (i + 1))[i] == "missing" for key in keys
            ]
            found.append(["—" if lost else value for lost, value in zip(gone, row, strict=True)])
    return found


def sheets(data: bytes) -> list[list[Row]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    return [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]


def from_sheet(data: bytes, columns: int, headings: set[str]) -> list[Row]:
    """Rows between the head and the empty row below them; headings of blocks left out."""
    rows = [row[:columns] for row in sheets(data)[0]]
    head = next(i for i, row in enumerate(rows) if all(row[1:]) and row[0] in headings)
    empty = (i for i, row in enumerate(rows) if i > head and not any(c != "" for c in row))
    end = next(empty, len(rows))
    found = [row for row in rows[head + 1 : end] if any(c != "" for c in row[1:])]
    return [[None if cell == "" else _told(cell) for cell in row] for row in found]


def _told(cell: Any) -> Any:
    if isinstance(cell, datetime):
        return f"{cell:%d.%m.%Y\xa0%H:%M}"
    if isinstance(cell, date):
        return f"{cell:%d.%m.%Y}"
    return cell


def pdf_pages(data: bytes) -> list[str]:
    """Text of each page."""
    document = pypdfium2.PdfDocument(data)
    try:
        return [page.get_textpage().get_text_range() for page in document]
    finally:
        document.close()
