"""Rows of a report under headings of their own: by columns that are no numbers, with sums."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from django.utils.translation import gettext as _

from faza.reports.formulas import WrongFormula
from faza.reports.renderers import look
from faza.reports.table import NUMERIC, Block, Cells, Column, Kind, Role, State, States
from faza.ui import formats

Places = npt.NDArray[np.intp]
MOST_ROWS = 200_000
"""Rows that are held together, as grouping needs them."""
MOST_KEYS = 3
"""Columns by which rows are grouped, one within another."""
BETWEEN = " · "
SUMMED = frozenset({Kind.NUMBER, Kind.MONEY, Kind.COUNT})


@dataclass(frozen=True, slots=True)
class _Whole:
    """All rows: columns, the texts of those that they are grouped by, and which columns add up."""

    columns: Sequence[Cells]
    texts: Sequence[Sequence[str]]
    adds: Sequence[bool]


def grouped(
    blocks: Iterable[Block], columns: Sequence[Column], keys: Sequence[str]
) -> Iterator[Block]:
    """The rows of blocks by the values of columns, in the order in which these come first; those
    of the second column within those of the first, and so on.

    Each group has its heading and, in columns whose total is the sum of their rows, the sum of
    its rounded rows, outer groups after the inner ones; sums that the kind made stay away, its
    total stays. Columns that do not add up, such as readings, shares and maxima, have no sum.
    Keys of columns that are not there change nothing.

    Raises WrongFormula where there are more than MOST_ROWS rows.
    """
    known = {column.key: n for n, column in enumerate(columns)}
    places = [known[key] for key in dict.fromkeys(keys) if key in known]
    if not places:
        yield from blocks
        return
    rows, totals = _held(blocks)
    if rows:
        cells = [_joined([block.cells[n] for block in rows]) for n in range(len(columns))]
        texts = [look.texts(columns[n], cells[n].values) for n in places]
        adds = [_adds(column, cells[n], totals, n) for n, column in enumerate(columns)]
        yield from _level(_Whole(cells, texts, adds), np.arange(len(cells[0].values)), ())
    yield from totals


def _level(whole: _Whole, at: Places, above: tuple[str, ...]) -> Iterator[Block]:
    """The groups of some rows, (n,) places, by the column after those of the headings above."""
    texts = whole.texts[len(above)]
    found: dict[str, list[int]] = {}
    for place in at.tolist():
        found.setdefault(texts[place], []).append(place)
    for text, places in found.items():
        named = (*above, text or formats.DASH)
        title = BETWEEN.join(named)
        inner = np.array(places, np.intp)
        some = tuple(_picked(cells, inner) for cells in whole.columns)
        if len(named) < len(whole.texts):
            yield from _level(whole, inner, named)
            title = _("%(group)s: together") % {"group": title}
        else:
            yield Block(some, Role.ROWS, title)
        sums = (_sum(cells, is_sum) for cells, is_sum in zip(some, whole.adds, strict=True))
        yield Block(tuple(sums), Role.SUBTOTAL, title)


def _held(blocks: Iterable[Block]) -> tuple[list[Block], list[Block]]:
    """The blocks of rows, and those of the total."""
    rows: list[Block] = []
    totals: list[Block] = []
    count = 0
    for block in blocks:
        if block.role is Role.TOTAL:
            totals.append(block)
        elif block.role is Role.ROWS:
            rows.append(block)
            count += len(block)
        if count > MOST_ROWS:
            told = _("A report with groups has at most %s rows.") % formats.number(MOST_ROWS)
            raise WrongFormula(told)
    return rows, totals


def _joined(cells: Sequence[Cells]) -> Cells:
    values = np.concatenate([one.values for one in cells])
    if all(one.states is None for one in cells):
        return Cells(values)
    states = [
        np.zeros(len(one.values), np.uint8) if one.states is None else one.states for one in cells
    ]
    return Cells(values, np.concatenate(states))


def _picked(cells: Cells, at: Places) -> Cells:
    return Cells(cells.values[at], None if cells.states is None else cells.states[at])


def _adds(column: Column, cells: Cells, totals: Sequence[Block], place: int) -> bool:
    """Whether a column's rows add up: its total is their sum, as far as rounding goes."""
    if column.kind not in SUMMED or not totals:
        return False
    total = totals[-1].cells[place].values
    if len(total) != 1 or np.isnan(total[0]):
        return False
    step = 10.0 ** -look.digits(column)
    near = step * (1 + np.isfinite(cells.values).sum() / 2)
    return bool(abs(np.nansum(cells.values) - total[0]) <= near)


def _sum(cells: Cells, is_sum: bool) -> Cells:
    """A column of one row: the sum, or nothing."""
    kind = cells.values.dtype.kind
    if kind == "O":
        return Cells(np.array([""], object))
    if kind == "M":
        return Cells(np.array(["NaT"], cells.values.dtype))
    if not is_sum:
        return Cells(np.array([np.nan]))
    state = _state(cells)
    value = np.nan if state == State.MISSING else float(np.nansum(cells.values))
    return Cells(np.array([value]), np.array([state], np.uint8))


def _state(cells: Cells) -> State:
    """A sum is as certain as the least certain of its rows."""
    missing = np.isnan(cells.values)
    if missing.all():
        return State.MISSING
    states: States = np.zeros(len(missing), np.uint8) if cells.states is None else cells.states
    if missing.any() or (states == State.PARTLY).any():
        return State.PARTLY
    for state in (State.MANUAL, State.CARRIED, State.ESTIMATED):
        if (states == state).any():
            return state
    return State.MEASURED


def offered(columns: Iterable[Column]) -> tuple[Column, ...]:
    """The columns by which rows can be grouped."""
    return tuple(column for column in columns if column.kind not in NUMERIC)
