"""The file back, with colours and notes on the cells that something is said of."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from typing import IO, Any

import xlsxwriter
from django.utils.translation import gettext as _

from faza.collection.grid import words
from faza.collection.grid.columns import letter
from faza.collection.models import GridImportRow
from faza.protocols.tabular.words import guarded

LOOKS = {
    "e": {"bg_color": "#FBE3E1", "font_color": "#A32A22", "bold": True},
    "w": {"bg_color": "#FFF2D6", "font_color": "#8A5A00"},
    "c": {"bg_color": "#E1ECFB", "font_color": "#1F4E9E"},
}
NOTES = 20_000
"""Cells with a note of their own: more make a workbook that opens for minutes."""


def write(titles: Sequence[str], rows: Iterable[GridImportRow]) -> IO[bytes]:
    """A workbook as an open temporary file: the rows, and a sheet with all that is said of them.

    Texts are guarded: none is a formula, here or after saving as CSV. It can be imported again.
    """
    out = tempfile.TemporaryFile()  # noqa: SIM115  # whoever sends it closes it
    book = xlsxwriter.Workbook(
        out, {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    bold = book.add_format({"bold": True, "bottom": 1})
    looks = {kind: book.add_format(look) for kind, look in LOOKS.items()}
    sheet = book.add_worksheet(_("Grid"))
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, max(len(titles) - 1, 0), 16)
    for n, title in enumerate(titles):
        sheet.write_string(0, n, guarded(title), bold)
    told: list[tuple[int, int, str, dict[str, Any]]] = []
    for line, row in enumerate(rows, start=1):
        for n, text in enumerate(row.cells):
            mark = row.marks.get(str(n))
            sheet.write_string(line, n, guarded(text), looks[mark["kind"]] if mark else None)
            if mark:
                told.append((line, n, text, mark))
    for line, n, _text, mark in told[:NOTES]:
        sheet.write_comment(line, n, _note(mark))
    _remarks(book, bold, titles, [one for one in told if one[3]["kind"] != "c"])
    book.close()
    out.seek(0)
    return out


def _note(mark: dict[str, Any]) -> str:
    note = words.sentence(mark)
    if proposal := mark.get("proposal"):
        note += " " + _("Perhaps: %(text)s") % {"text": proposal}
    return note


def _remarks(
    book: Any, bold: Any, titles: Sequence[str], told: list[tuple[int, int, str, dict[str, Any]]]
) -> None:
    sheet = book.add_worksheet(_("Remarks"))
    heads = (_("Cell"), _("Column"), _("Value"), _("What is wrong"), _("Perhaps"))
    for n, (head, width) in enumerate(zip(heads, (9, 22, 28, 70, 28), strict=True)):
        sheet.set_column(n, n, width)
        sheet.write_string(0, n, head, bold)
    for row, (line, n, text, mark) in enumerate(told, start=1):
        cells = (
            f"{letter(n)}{line + 1}", titles[n], text, words.sentence(mark),
            mark.get("proposal", ""),
        )  # fmt: skip
        for place, cell in enumerate(cells):
            sheet.write_string(row, place, guarded(cell))
