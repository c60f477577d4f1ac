"""How a report looks, whatever it is rendered to: signs of states, numbers, moments, names.

Source of the signs: docs/reference/reports.md, "Formats".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.utils import timezone
from django.utils.dates import MONTHS
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from faza.reports.table import NUMERIC, Block, Cells, Column, Kind, Role, State, Table, Values
from faza.ui import formats
from faza.ui.formats import DASH, MINUS, THIN

SIGNS = {
    State.ESTIMATED: "≈",
    State.PARTLY: "*",
    State.MISSING: DASH,
    State.CARRIED: "↔",
    State.MANUAL: "†",
}
"""What stands after a number of a state; MISSING stands in the number's place."""
CODES = {
    State.MEASURED: "m", State.ESTIMATED: "e", State.PARTLY: "p",
    State.MISSING: "x", State.CARRIED: "c", State.MANUAL: "h",
}  # fmt: skip
"""A letter for each state: class names of the page, marks in the data of the print."""
BIT = {state: 1 << state for state in State}
LONG = 80
"""Characters of a heading, at most: a head stands on every page."""

# C0 and C1, bidirectional overrides and isolates, the byte order mark, lone halves of pairs.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]")
_HALVES = re.compile("[\ud800-\udfff]")


class TooLong(Exception):
    """A format cannot hold so much; the message says it to the reader, translated."""


def words(state: State) -> str:
    """What a state means, for legends."""
    return {
        State.MEASURED: _("measured"),
        State.ESTIMATED: _("estimated, wholly or in part"),
        State.PARTLY: _("a sum of what is there: some values are missing"),
        State.MISSING: _("no data"),
        State.CARRIED: _("the nearest reading, carried by the load profile"),
        State.MANUAL: _("entered by hand"),
    }[state]


def clean(text: str) -> str:
    """A text of one line without what is not seen: control characters, overrides of direction."""
    if text.isprintable():
        return text
    text = _HALVES.sub("\N{REPLACEMENT CHARACTER}", text)
    return _UNSEEN.sub("", text.replace("\n", " ").replace("\t", " "))


def short(text: str, length: int = LONG) -> str:
    """A text cut to so many characters."""
    text = clean(text)
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def heading(column: Column) -> str:
    """A column's title with its unit: "A+, kWh"."""
    title = clean(column.title)
    return f"{title}, {clean(column.unit)}" if column.unit else title


def lead(table: Table) -> list[tuple[str, str]]:
    """What stands above a report, as (label, value): whose, when, what was asked, made at."""
    rows = [
        (_("Organisation"), table.organisation),
        (_("Customer"), table.customer),
        (_("Period"), table.period),
        *table.facts,
        (
            pgettext("report", "Made at"),
            formats.moment(table.made_at.astimezone(timezone.get_current_timezone())),
        ),
    ]
    return [(clean(label), clean(value)) for label, value in rows if value]


def groups(columns: tuple[Column, ...]) -> list[tuple[str, int]]:
    """(heading, how many columns) of neighbours of one group; [] where no column has one."""
    spans: list[tuple[str, int]] = []
    for column in columns:
        if spans and spans[-1][0] == column.group and column.group:
            spans[-1] = (column.group, spans[-1][1] + 1)
        else:
            spans.append((column.group, 1))
    return spans if any(title for title, _n in spans) else []


def n_fixed(columns: tuple[Column, ...]) -> int:
    """How many of the first columns say what a row is about: those before the first number."""
    for place, column in enumerate(columns):
        if column.kind in NUMERIC:
            return min(place, 3)
    return 1


def states_of(column: Column, cells: Cells, role: Role) -> list[int]:
    """(n,) states as they are shown: a number that is not there is MISSING, whatever is said.

    In a total a number that is not there and not said to be missing is none at all: MEASURED.
    """
    shown = np.zeros(len(cells.values), np.uint8) if cells.states is None else cells.states
    if column.kind in NUMERIC:
        absent = np.isnan(cells.values)
        if absent.any():
            known = role is Role.ROWS or shown != State.MEASURED
            shown = np.where(absent & known, np.uint8(State.MISSING), shown)
    states: list[int] = shown.tolist()
    return states


@dataclass(slots=True)
class Met:
    """Which states there were; each a bit."""

    bits: int = 0

    def note(self, states: list[int]) -> None:
        for state in set(states):
            self.bits |= 1 << state

    def legend(self) -> list[tuple[str, str]]:
        """(sign, words) of the states that there were and that have a sign."""
        return [(sign, words(state)) for state, sign in SIGNS.items() if self.bits & BIT[state]]


# Cells as text


def texts(column: Column, values: Values) -> list[str]:
    """(n,) values as they are read, in the active language; "" where there is none."""
    match column.kind:
        case Kind.TEXT:
            return [clean(str(text)) for text in values.tolist()]
        case Kind.MOMENT:
            return [_day(text[:10]) + formats.NBSP + text[11:] if text != "NaT" else ""
                    for text in np.datetime_as_string(values, unit="m").tolist()]  # fmt: skip
        case Kind.DAY:
            return [_day(t) if t != "NaT" else "" for t in _iso(values, "D")]
        case Kind.MONTH:
            return [_month(t) if t != "NaT" else "" for t in _iso(values, "M")]
    return numbers(values, digits(column))


def _iso(values: Values, unit: Any) -> list[str]:
    iso: list[str] = np.datetime_as_string(values, unit=unit).tolist()
    return iso


def _day(iso: str) -> str:
    return f"{iso[8:10]}.{iso[5:7]}.{iso[:4]}"


def _month(iso: str) -> str:
    return f"{MONTHS[int(iso[5:7])]} {iso[:4]}"


def digits(column: Column) -> int:
    """Decimals of a column of numbers."""
    match column.kind:
        case Kind.MONEY:
            return 2
        case Kind.COUNT:
            return 0
    return column.digits


def numbers(values: Values, decimals: int) -> list[str]:
    """(n,) numbers as `faza.ui.formats.number` writes them; "" for NaN.

    They are rounded already, so that the nearest decimal is the number itself.
    """
    texts = [f"{value:,.{decimals}f}" for value in (values + 0.0).tolist()]
    if formats.number(1000) != "1,000":
        marks = str.maketrans({",": THIN, ".": ",", "-": MINUS})
        return [text.translate(marks) if text != "nan" else "" for text in texts]
    return [text.replace("-", MINUS) if text != "nan" else "" for text in texts]


def named(texts: list[str], role: Role) -> list[str]:
    """(n,) texts of the first column: a total whose name is not told is called so."""
    if role is Role.ROWS:
        return texts
    name = pgettext("report", "Total") if role is Role.TOTAL else pgettext("report", "Subtotal")
    return [text or name for text in texts]


def row_heading(block: Block, before: str | None) -> str:
    """The heading above a block, "" where it is that of the block before."""
    title = clean(block.title)
    return title if title != (before or "") else ""
