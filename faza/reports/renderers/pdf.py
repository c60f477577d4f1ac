"""A report as PDF, set by typst from data alone: nothing of a name is ever markup.

A report looks the same on every machine: its fonts are shipped.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from dataclasses import fields
from pathlib import Path
from typing import Any, BinaryIO

from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from faza.reports.renderers import look, picture, svg
from faza.reports.table import NUMERIC, Block, Chart, Column, Kind, Role, State, Table
from faza.ui import formats

MOST_CELLS = 60_000
"""Of a document: typst holds about 12 kB for each."""
PORTRAIT, LANDSCAPE = 527.0, 774.0
"""Points of width between the margins of 12 mm of an A4 sheet."""
_CHARACTER, _PADDING = 4.35, 12.0
"""Points of a digit at 7.5 points, and beside a cell's text."""
_WIDEST_TEXT, _WIDEST_HEAD, _LONGEST = 30, 16, 300
"""Characters of a column of texts, of a line of a heading, and of a cell's whole text."""
_STRETCH = 1.6
"""How much wider than needed columns become to fill the page."""
_UNBROKEN = re.compile(r"(\S{16})(?=\S)")
_LETTERS = [look.CODES[state] for state in State]
_AT_ONCE = threading.BoundedSemaphore(2)
"""Documents that one process has set at the same time; others wait."""
_LONGEST_WORK = 300
"""Seconds of one."""
_ROLES = {Role.ROWS: "r", Role.SUBTOTAL: "s", Role.TOTAL: "t"}


class NotSet(Exception):
    """typst refused the document: a mistake of the template, told in its words."""


def write(table: Table, file: BinaryIO) -> None:
    """A4 pages with repeated heads and numbers; upright where the columns go in.

    Columns that go on no page continue in a further table, the first ones repeated.

    Raises TooLong for a table of more than MOST_CELLS cells.
    """
    n_columns = len(table.columns)
    if (table.n_rows or 0) * n_columns > MOST_CELLS:
        raise _too_long()
    body = _Body(table)
    file.write(_compiled(json.dumps(_document(table, body), ensure_ascii=False), table))


def _too_long() -> look.TooLong:
    return look.TooLong(
        _("More than %(n)s cells do not go into a PDF: choose XLSX or CSV, or fewer points.")
        % {"n": formats.number(MOST_CELLS)}
    )


def _compiled(data: str, table: Table) -> bytes:
    """The document, set by a process of its own. Raises TooLong where it takes too long."""
    script = Path(__file__).with_name("typeset.py")
    with _AT_ONCE:
        try:
            done = subprocess.run(
                [sys.executable, "-I", str(script), str(int(table.made_at.timestamp()))],
                input=data.encode(),
                capture_output=True,
                timeout=_LONGEST_WORK,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise _too_long() from None
    if done.returncode:
        raise NotSet(done.stderr.decode(errors="replace")[-2000:])
    return done.stdout


class _Body:
    """The rows as text: (role, texts, letters of states) each; a heading has its text only."""

    def __init__(self, table: Table) -> None:
        self.columns = table.columns
        self.met = look.Met()
        self.lines: list[tuple[str, list[str], str]] = []
        self.longest = [0] * len(table.columns)
        before: str | None = None
        for block in table.blocks:
            if title := look.row_heading(block, before):
                self.lines.append(("h", [fitting(title)], ""))
            before = look.clean(block.title) or before
            self._add(block)
            if len(self.lines) * len(self.columns) > MOST_CELLS:
                raise _too_long()

    def _add(self, block: Block) -> None:
        texts: list[list[str]] = []
        letters: list[str] = []
        for place, (column, cells) in enumerate(zip(self.columns, block.cells, strict=True)):
            states = look.states_of(column, cells, block.role)
            self.met.note(states)
            found = look.texts(column, cells.values)
            found = found if place else look.named(found, block.role)
            if column.kind is Kind.TEXT:
                found = [fitting(text) for text in found]
            if any(states):
                found = [formats.DASH if state == State.MISSING else text
                         for text, state in zip(found, states, strict=True)]  # fmt: skip
            self.longest[place] = max(self.longest[place], max(map(len, found), default=0))
            texts.append(found)
            letters.append("".join([_LETTERS[state] for state in states]))
        role = _ROLES[block.role]
        plain = look.CODES[State.MEASURED] * len(texts)
        for row, signs in zip(zip(*texts, strict=True), zip(*letters, strict=True), strict=True):
            told = "".join(signs)
            self.lines.append((role, list(row), "" if told == plain else told))


def fitting(text: str) -> str:
    """A text that can be broken anywhere after sixteen letters, cut where it is very long."""
    return _UNBROKEN.sub("\\1\N{ZERO WIDTH SPACE}", look.short(text, _LONGEST))


def widths(columns: tuple[Column, ...], longest: list[int]) -> list[float]:
    """(n,) points that columns ask for."""
    found = []
    for column, n in zip(columns, longest, strict=True):
        words = max((len(word) for word in look.heading(column).split()), default=0)
        body = min(n, _WIDEST_TEXT) if column.kind is Kind.TEXT else n
        found.append(max(body, min(words, _WIDEST_HEAD), 4) * _CHARACTER + _PADDING)
    return found


def pages(asked: list[float], fixed: int, room: float) -> list[list[int]]:
    """Places of the columns that go on one page, the first `fixed` on each."""
    if sum(asked) <= room:
        return [list(range(len(asked)))]
    head = list(range(fixed))
    taken = sum(asked[:fixed])
    found: list[list[int]] = []
    current: list[int] = []
    width = taken
    for place in range(fixed, len(asked)):
        if current and width + asked[place] > room:
            found.append(head + current)
            current, width = [], taken
        current.append(place)
        width += asked[place]
    return [*found, head + current]


def _document(table: Table, body: _Body) -> dict[str, Any]:
    asked = widths(table.columns, body.longest)
    upright = sum(asked) <= PORTRAIT
    room = PORTRAIT if upright else LANDSCAPE
    parts = pages(asked, look.n_fixed(table.columns), room)
    return {
        "title": fitting(table.title),
        "short": look.short(table.title),
        "period": look.short(table.period, 120),
        "lead": [[label, fitting(value)] for label, value in look.lead(table)],
        "flipped": not upright,
        "lang": (get_language() or "ru")[:2],
        "room": room,
        "page": pgettext("report", "Page"),
        "of": pgettext("report", "of"),
        "tables": [_table(table.columns, body, places, asked, room, n, len(parts))
                   for n, places in enumerate(parts)],
        "lines": body.lines,
        "signs": {look.CODES[state]: sign for state, sign in look.SIGNS.items()},
        "legend": body.met.legend(),
        "notes": [fitting(note) for note in table.notes],
        "chart": _chart(table.chart) if table.chart is not None else None,
    }  # fmt: skip


def _table(
    columns: tuple[Column, ...],
    body: _Body,
    places: list[int],
    asked: list[float],
    room: float,
    number: int,
    n_parts: int,
) -> dict[str, Any]:
    shown = tuple(columns[place] for place in places)
    whole = sum(asked[place] for place in places)
    stretch = min(_STRETCH, room / whole)
    title = ""
    if n_parts > 1:
        title = pgettext("report", "Part %(number)s of %(count)s: columns up to “%(last)s”") % {
            "number": number + 1, "count": n_parts, "last": look.short(shown[-1].title, 60),
        }  # fmt: skip
    return {
        "title": title,
        "places": places,
        "widths": [round(asked[place] * stretch, 2) for place in places],
        "right": [column.kind in NUMERIC for column in shown],
        "heads": [fitting(look.short(look.heading(column))) for column in shown],
        "groups": [[fitting(look.short(group)), n] for group, n in look.groups(shown)],
    }


def _chart(chart: Chart) -> dict[str, Any] | None:
    drawn = picture.draw(chart)
    if drawn is None:
        return None
    told = [svg.unsure_words(drawn), svg.left_out_words(drawn)]
    unit = f", {look.clean(chart.unit)}" if chart.unit else ""
    return {one.name: getattr(drawn, one.name) for one in fields(drawn)} | {
        "title": look.short(chart.title + unit, 160),
        "told": " ".join(words for words in told if words),
    }
