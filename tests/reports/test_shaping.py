"""A report as its owner edited it."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from faza.reports.formulas import WrongFormula
from faza.reports.shaping import Formula, Layout, checked, shaped
from faza.reports.table import Block, Cells, Column, Kind, Role, State, Table

COLUMNS = (
    Column("point", "Point"),
    Column("used", "Used", Kind.NUMBER, "kWh", 1),
    Column("before", "Before", Kind.NUMBER, "kWh", 1),
)


def table() -> Table:
    names = Cells(np.array(["A", "B"], object))
    used = Cells(np.array([6.0, np.nan]), np.array([State.ESTIMATED, State.MISSING], np.uint8))
    before = Cells(np.array([4.0, 2.0]))
    total = (Cells(np.array([""], object)), Cells(np.array([6.0])), Cells(np.array([6.0])))
    return Table(
        title="Kind", period="October", columns=COLUMNS, made_at=datetime(2026, 11, 1, tzinfo=UTC),
        blocks=iter([Block((names, used, before)), Block(total, Role.TOTAL)]),
    )  # fmt: skip


HALF = Formula("own1", "Half", "used / 2", "kWh", 2)
MORE = Formula("own2", "More", "used - before")


def test_nothing_wanted_is_the_kind_as_it_is():
    made = table()
    assert shaped(made, Layout()) is made


def test_columns_in_their_order_under_own_titles():
    made = shaped(table(), Layout("Mine", (("before", "Last"), ("gone", ""), ("point", ""))))

    assert made.title == "Mine"
    assert [(c.key, c.title) for c in made.columns] == [("before", "Last"), ("point", "Point")]
    rows, total = made.blocks
    assert list(rows.cells[0].values) == [4, 2]
    assert list(rows.cells[1].values) == ["A", "B"]
    assert total.role is Role.TOTAL


def test_own_columns_are_as_certain_as_what_they_are_made_of():
    made = shaped(table(), Layout("", (), (HALF, MORE)))

    assert [column.key for column in made.columns] == ["point", "used", "before", "own1", "own2"]
    rows, total = made.blocks
    np.testing.assert_array_equal(rows.cells[3].values, [3, np.nan])
    np.testing.assert_array_equal(rows.cells[3].states, [State.ESTIMATED, State.MISSING])
    np.testing.assert_array_equal(rows.cells[4].values, [2, np.nan])
    assert total.cells[4].values[0] == 0


def test_a_layout_comes_back_from_json():
    layout = Layout("Mine", (("used", "U"),), (HALF, MORE))
    assert Layout.of_json(layout.to_json()) == layout
    assert Layout.of_json({}) == Layout()


@pytest.mark.parametrize(
    "formulas",
    [
        (replace(HALF, formula="point + 1"),),
        (replace(HALF, formula="used.x"),),
        (replace(HALF, title=" "),),
        (HALF,) * 11,
    ],
)
def test_a_wrong_layout_is_told(formulas):
    with pytest.raises(WrongFormula):
        checked(Layout("", (), formulas), COLUMNS)
