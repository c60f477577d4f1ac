"""A report as CSV: one head, rows, totals; signs in a column of their own.

Semicolons, a decimal comma and a byte order mark, as all lists of Faza (`faza.ui.files`).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import BinaryIO

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from faza.protocols.tabular.words import guarded
from faza.reports.renderers import look
from faza.reports.table import NUMERIC, Block, Column, Kind, State, Table, Values
from faza.ui.formats import DASH, NBSP

BOM = "\ufeff"


def write(table: Table, file: BinaryIO) -> None:
    """UTF-8; a number keeps its decimals, a missing one is a dash, moments are `dd.mm.yyyy hh:mm`.

    The last column names the columns of the row whose values are not plainly measured.
    """
    for chunk in chunks(table):
        file.write(chunk.encode())


def chunks(table: Table) -> Iterator[str]:
    """The file block by block."""
    buffer = io.StringIO()
    rows = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    titled = pgettext("report", "Part")
    rows.writerow([titled, *(guarded(_head(column)) for column in table.columns), _("Signs")])
    yield BOM + _taken(buffer)
    met = look.Met()
    for block in table.blocks:
        rows.writerows(_rows(table.columns, block, met))
        yield _taken(buffer)
    rows.writerow([])
    for label, value in [(_("Report"), look.clean(table.title)), *look.lead(table)]:
        rows.writerow([guarded(label), guarded(value)])
    for sign, words in met.legend():
        rows.writerow([sign, words])
    for note in table.notes:
        rows.writerow([guarded(look.clean(note))])
    yield _taken(buffer)


def _head(column: Column) -> str:
    group = look.clean(column.group)
    return f"{group}: {look.heading(column)}" if group else look.heading(column)


def _taken(buffer: io.StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text


def _rows(columns: tuple[Column, ...], block: Block, met: look.Met) -> Iterator[list[str]]:
    part = guarded(look.clean(block.title))
    whole: list[list[str]] = []
    signs = [""] * len(block)
    for column, cells in zip(columns, block.cells, strict=True):
        states = look.states_of(column, cells, block.role)
        met.note(states)
        texts = _texts(column, cells.values, states)
        whole.append(texts if whole else look.named(texts, block.role))
        if any(states):
            title = _head(column)
            for i, state in enumerate(states):
                if state:
                    signs[i] += f"{look.SIGNS[State(state)]} {title}; "
    for i, row in enumerate(zip(*whole, strict=True)):
        yield [part, *row, guarded(signs[i][:-2])]


def _texts(column: Column, values: Values, states: list[int]) -> list[str]:
    if column.kind in NUMERIC:
        decimals = look.digits(column)
        texts = [f"{value:.{decimals}f}".replace(".", ",") for value in (values + 0.0).tolist()]
        texts = ["" if text == "nan" else text for text in texts]
    else:
        texts = look.texts(column, values)
        if column.kind is Kind.TEXT:
            return [guarded(text) for text in texts]
        texts = [text.replace(NBSP, " ") for text in texts]
    return [DASH if state == State.MISSING else text
            for text, state in zip(texts, states, strict=True)]  # fmt: skip
