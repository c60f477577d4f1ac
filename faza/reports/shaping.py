"""A report as its owner edited it: which columns, in which order, under which titles, and own ones.

Works on any Table, block by block; values and states of the kind's own columns stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from django.utils.translation import gettext as _

from faza.reports import formulas, grouping
from faza.reports.formulas import WrongFormula
from faza.reports.table import NUMERIC, Block, Cells, Column, Kind, Role, State, States, Table

MOST_FORMULAS = 10
MOST_COLUMNS = 200
LONGEST_TITLE = 120
PREFIX = "own"
"""Keys of own columns: own1, own2…"""


@dataclass(frozen=True, slots=True)
class Formula:
    """An own column, of the arithmetic of others; named `key` in the order of columns."""

    key: str
    title: str
    formula: str
    unit: str = ""
    digits: int = 3


@dataclass(frozen=True, slots=True)
class Layout:
    """columns: (key, own title or ""), in their order; none: all that the kind has, as it has them.

    What a column is called goes by its key; one that the report has not this time is left out.
    """

    title: str = ""
    columns: tuple[tuple[str, str], ...] = ()
    formulas: tuple[Formula, ...] = ()
    groups: tuple[str, ...] = ()
    """Columns whose values become headings with sums below them, one within another; none: as the
    kind has it."""

    def __bool__(self) -> bool:
        return bool(self.title or self.columns or self.formulas or self.groups)

    def to_json(self) -> dict[str, Any]:  # Any: as JSON is
        return {
            "title": self.title,
            "columns": [list(one) for one in self.columns],
            "formulas": [
                {"key": f.key, "title": f.title, "formula": f.formula, "unit": f.unit,
                 "digits": f.digits}
                for f in self.formulas
            ],
            "groups": list(self.groups),
        }  # fmt: skip

    @classmethod
    def of_json(cls, told: Mapping[str, Any]) -> Layout:  # Any: as JSON is
        """What `to_json` made, also before there were several groups."""
        groups = told.get("groups", [told["group"]] if told.get("group") else ())
        return cls(
            str(told.get("title", "")),
            tuple((str(key), str(title)) for key, title in told.get("columns", ())),
            tuple(Formula(**one) for one in told.get("formulas", ())),
            tuple(str(key) for key in groups),
        )


def checked(layout: Layout, columns: Iterable[Column]) -> Layout:
    """The layout, if it fits the columns of a kind.

    Raises WrongFormula: a formula is wrong, or there are too many of them, or of columns.
    """
    if len(layout.formulas) > MOST_FORMULAS or len(layout.columns) > MOST_COLUMNS:
        raise WrongFormula(_("There are too many columns."))
    numeric = {column.key for column in columns if column.kind in NUMERIC}
    for one in layout.formulas:
        if not one.title.strip():
            raise WrongFormula(_("An own column needs a title."))
        formulas.names_of(one.formula, numeric)
    return layout


def shaped(table: Table, layout: Layout) -> Table:
    """The table as the layout wants it; its blocks are still read once, from first to last.

    Raises WrongFormula where a formula names a column that this report does not have.
    """
    if not layout:
        return table
    numeric = {column.key for column in table.columns if column.kind in NUMERIC}
    for one in layout.formulas:
        formulas.names_of(one.formula, numeric)
    old = {column.key: place for place, column in enumerate(table.columns)}
    own = [
        Column(one.key, one.title[:LONGEST_TITLE], Kind.NUMBER, one.unit, one.digits)
        for one in layout.formulas
    ]
    whole = (*table.columns, *own)
    places, columns = _order(whole, layout)
    return replace(
        table,
        title=layout.title or table.title,
        columns=columns,
        blocks=_blocks(
            grouping.grouped(table.blocks, table.columns, layout.groups), old, layout, places
        ),
    )


def _order(
    whole: tuple[Column, ...], layout: Layout
) -> tuple[tuple[int, ...], tuple[Column, ...]]:  # fmt: skip
    """Places of the wanted columns among all, and the columns under their titles."""
    place_of = {column.key: place for place, column in enumerate(whole)}
    wanted = [(place_of[key], title) for key, title in layout.columns if key in place_of]
    if not wanted:
        wanted = [(place, "") for place in range(len(whole))]
    columns = tuple(
        replace(whole[place], title=title[:LONGEST_TITLE]) if title else whole[place]
        for place, title in wanted
    )
    return tuple(place for place, _title in wanted), columns


def _blocks(
    blocks: Iterable[Block], old: Mapping[str, int], layout: Layout, places: tuple[int, ...]
) -> Iterator[Block]:
    for block in blocks:
        own = tuple(_own(block, one, old) for one in layout.formulas)
        cells = (*block.cells, *own)
        yield replace(block, cells=tuple(cells[place] for place in places))


def _own(block: Block, one: Formula, old: Mapping[str, int]) -> Cells:
    numbers = {
        key: cells.values
        for key, place in old.items()
        if (cells := block.cells[place]).values.dtype.kind == "f"
    }
    used = formulas.names_of(one.formula, numbers)
    values = formulas.computed(one.formula, numbers).round(one.digits)
    if not numbers:
        values = np.full(len(block), np.nan)
    return Cells(values, _states([block.cells[old[key]] for key in used], values, block.role))


def _states(used: list[Cells], values: formulas.Numbers, role: Role) -> States:
    """A formula is as certain as the least certain of what it is made of."""
    made = np.zeros(len(values), np.uint8)
    for state in (State.ESTIMATED, State.CARRIED, State.MANUAL, State.PARTLY, State.MISSING):
        for cells in used:
            if cells.states is not None:
                made[cells.states == state] = state
    if role is Role.ROWS:
        made[np.isnan(values)] = State.MISSING
    return made
