"""Files of prices (CSV, XLSX, XLS) to sheets of text cells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from faza.protocols.problems import Malformed, Note, Problems, TooLarge
from faza.protocols.tabular import sheets
from faza.protocols.tabular.values import Options
from faza.tariffs.rules import columns, tables
from faza.tariffs.rules.tables import Found, Problem

LIMIT = 8 * 2**20
"""Bytes of a file: a year of hourly prices of ten markets has some 2 MB as CSV."""
MOST_ROWS = 50_000
ENDINGS = (".csv", ".txt", ".xlsx", ".xls")


def read(name: str, data: bytes) -> Found:
    """The tables of a file, and what is wrong in it.

    Raises Malformed for what is no such file; TooLarge, naming the limit.
    """
    problems, notes = Problems(name), list[Note]()
    opened = sheets.open_sheets(
        data, options=Options(), limit=LIMIT, problems=problems, notes=notes, old=True
    )
    found = tables.read(sheet for one in opened if (sheet := _sheet(name, one)) is not None)
    found.problems += [
        Problem(name, "", one.line, "", "broken", one.reason) for one in problems.in_order()
    ]
    if problems.items:
        # What follows a broken row is lost, and with it the end of some table.
        for table in found.tables:
            found.refuse(table, "spoilt", found=" ".join(map(str, table.key)))
    return found


def _sheet(file: str, sheet: sheets.Sheet) -> tables.Sheet | None:
    """A sheet with its titles, which stand in one of the first rows; None for an empty one."""
    filled = [(line, row) for line, row in sheet.head if any(cell.strip() for cell in row)]
    if not filled:
        return None
    line, titles = next(
        ((line, row) for line, row in filled if columns.recognised(row) is not None), filled[0]
    )
    return tables.Sheet(file, sheet.name, line, titles, _rows(sheet, line, len(titles)))


def _rows(sheet: sheets.Sheet, after: int, width: int) -> Iterator[tuple[int, Sequence[str]]]:
    count = 0
    for chunk in sheet.chunks(after, width):
        count += len(chunk.lines)
        if count > MOST_ROWS:
            raise TooLarge(f"The sheet has more than {MOST_ROWS} rows.", code="rows")
        for line, row in zip(chunk.lines.tolist(), zip(*chunk.columns, strict=True), strict=True):
            if any(cell.strip() for cell in row):
                yield line, row


__all__ = ["ENDINGS", "LIMIT", "Malformed", "TooLarge", "read"]
