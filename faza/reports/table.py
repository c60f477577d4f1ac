"""A report as data: what every renderer turns into a page or a file.

A kind of report makes a Table, a renderer writes it, and neither knows the other. Rows come in
blocks, so that ten thousand points pass through bounded memory; values are rounded here once, so
that the page, the PDF and the spreadsheet tell the same numbers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[Any]
States = npt.NDArray[np.uint8]


class Kind(StrEnum):
    """What a column holds, and so how it is written and aligned."""

    TEXT = "text"
    """(n,) object of str, "" where there is nothing to say."""
    NUMBER = "number"
    """(n,) float64, rounded to the column's digits; NaN where missing. So MONEY and PERCENT."""
    MONEY = "money"
    """Roubles with two digits."""
    PERCENT = "percent"
    """0–100."""
    COUNT = "count"
    """Whole numbers, as float64."""
    MOMENT = "moment"
    """(n,) datetime64[m], civil time of the usage point; NaT where there is none."""
    DAY = "day"
    """(n,) datetime64[D]; NaT where there is none."""
    MONTH = "month"
    """(n,) datetime64[M]; NaT where there is none."""


NUMERIC = frozenset({Kind.NUMBER, Kind.MONEY, Kind.PERCENT, Kind.COUNT})


class State(IntEnum):
    """What is to be known of a cell; every format shows it in the same way."""

    MEASURED = 0
    ESTIMATED = 1
    """Estimated wholly or in part."""
    PARTLY = 2
    """A sum of what is there: something is missing in it."""
    MISSING = 3
    """Nothing is known: a dash, never a zero."""
    CARRIED = 4
    """The nearest reading, carried to the boundary by the profile."""
    MANUAL = 5
    """Typed by a person."""


class Role(StrEnum):
    """What the rows of a block are."""

    ROWS = "rows"
    SUBTOTAL = "subtotal"
    TOTAL = "total"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `key` is its stable name in JSON, in saved choices and in formulas."""

    key: str
    title: str
    kind: Kind = Kind.TEXT
    unit: str = ""
    digits: int = 0
    group: str = ""
    """A heading above neighbouring columns of the same group."""


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """A column of a block: values as its Kind says, and their states, (n,) each."""

    values: Values
    states: States | None = None
    """None: all of them measured, or a text."""


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Rows that belong together, such as those of one usage point; as many Cells as columns."""

    cells: tuple[Cells, ...]
    role: Role = Role.ROWS
    title: str = ""
    """A heading above the rows, if it differs from that of the block before."""

    def __len__(self) -> int:
        return len(self.cells[0].values)


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """A line or a row of bars, (n,) float64 with NaN where missing."""

    name: str
    values: Values
    states: States | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Chart:
    """The picture of a report, drawn by each renderer from the same numbers."""

    title: str
    unit: str
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    is_line: bool = False
    """Lines for profiles, bars for days, months and points."""


@dataclass(slots=True)
class Table:
    """A whole report. `blocks` may be an iterator: it is read once, from the first to the last."""

    title: str
    period: str
    """In words, with its ends and whose time it is."""
    columns: tuple[Column, ...]
    blocks: Iterable[Block]
    made_at: datetime
    customer: str = ""
    organisation: str = ""
    """Who keeps the system, by the organisation's card."""
    facts: tuple[tuple[str, str], ...] = ()
    """What was asked, as (label, value): points, resource, parameter, ticks."""
    notes: list[str] = field(default_factory=list)
    """Footnotes; complete once the blocks are read, so write them last."""
    chart: Chart | None = None
    n_rows: int | None = None
    """How many rows are to come, if that is known before."""
