"""Rows under headings of their own, with sums of what adds up."""

from datetime import UTC, datetime

import numpy as np
import pytest

from faza.reports import grouping
from faza.reports.formulas import WrongFormula
from faza.reports.shaping import Formula, Layout, shaped
from faza.reports.table import Block, Cells, Column, Kind, Role, State, Table

COLUMNS = (
    Column("point", "Point"),
    Column("day", "Day", Kind.DAY),
    Column("used", "Used", Kind.NUMBER, "kWh", 1),
    Column("shown", "Reading", Kind.NUMBER, "kWh", 1),
    Column("top", "Maximum", Kind.NUMBER, "kW", 1),
    Column("share", "Share", Kind.PERCENT, "%", 1),
)
DAYS = np.array(["2026-10-01", "2026-10-02"], "datetime64[D]")


def rows(name: str, used, states=None) -> Block:
    names = np.array([name, name], object)
    states = None if states is None else np.array(states, np.uint8)
    cells = Cells(np.array(used), states), Cells(np.array([10.0, 20.0])), Cells(np.array([2.0, 5]))
    return Block((Cells(names), Cells(DAYS), *cells, Cells(np.array([100.0, 50.0]))), title=name)


def one_row(used, top, role) -> Block:
    return Block(
        (
            Cells(np.array([""], object)), Cells(np.array(["NaT"], "datetime64[D]")),
            Cells(np.array([used])), Cells(np.array([np.nan])), Cells(np.array([top])),
            Cells(np.array([75.0])),
        ),
        role,
    )  # fmt: skip


def table(states=None) -> Table:
    blocks = [
        rows("A", [1.0, 2.0]), one_row(3.0, 5.0, Role.SUBTOTAL),
        rows("B", [4.0, np.nan if states else 8.0], states),
        one_row(12.0, 5.0, Role.SUBTOTAL), one_row(7.0 if states else 15.0, 5.0, Role.TOTAL),
    ]  # fmt: skip
    made_at = datetime(2026, 11, 1, tzinfo=UTC)
    return Table("Kind", "October", COLUMNS, iter(blocks), made_at)


def told(blocks: list[Block]) -> list[tuple[str, Role, list[float]]]:
    return [(one.title, one.role, one.cells[2].values.tolist()) for one in blocks]


def test_rows_are_by_day_with_their_sums_and_the_total_stays():
    blocks = list(shaped(table(), Layout(groups=("day",))).blocks)

    assert told(blocks) == [
        ("01.10.2026", Role.ROWS, [1, 4]),
        ("01.10.2026", Role.SUBTOTAL, [5]),
        ("02.10.2026", Role.ROWS, [2, 8]),
        ("02.10.2026", Role.SUBTOTAL, [10]),
        ("", Role.TOTAL, [15]),
    ]
    assert blocks[2].cells[0].values.tolist() == ["A", "B"]


def test_readings_maxima_and_shares_have_no_sum():
    subtotal = list(shaped(table(), Layout(groups=("point",))).blocks)[1]

    assert subtotal.cells[2].values.tolist() == [3]
    for place in (3, 4, 5):
        assert np.isnan(subtotal.cells[place].values[0])


def test_a_sum_is_as_certain_as_its_rows():
    blocks = list(shaped(table([State.ESTIMATED, State.MISSING]), Layout(groups=("point",))).blocks)
    sums = [one.cells[2] for one in blocks if one.role is Role.SUBTOTAL]

    assert [one.values.tolist() for one in sums] == [[3.0], [4.0]]
    assert [one.states.tolist() for one in sums] == [[State.MEASURED], [State.PARTLY]]


def test_own_columns_and_order_go_with_groups():
    own = Formula("own1", "Twice", "used * 2", "", 1)
    made = shaped(table(), Layout("", (("own1", ""), ("day", "")), (own,), ("point",)))
    blocks = list(made.blocks)

    assert [column.key for column in made.columns] == ["own1", "day"]
    assert [one.cells[0].values.tolist() for one in blocks] == [[2, 4], [6], [8, 16], [24], [30]]


def test_a_column_that_is_not_there_changes_nothing():
    assert len(list(shaped(table(), Layout(groups=("gone",))).blocks)) == 5


def test_more_rows_than_are_held_are_refused(monkeypatch):
    monkeypatch.setattr(grouping, "MOST_ROWS", 3)
    with pytest.raises(WrongFormula):
        list(shaped(table(), Layout(groups=("point",))).blocks)


def test_it_is_kept_as_json_and_old_layouts_have_none():
    assert Layout.of_json(Layout(groups=("day",)).to_json()).groups == ("day",)
    assert Layout.of_json({"title": "", "columns": [], "formulas": []}).groups == ()
    assert Layout.of_json({"group": "day"}).groups == ("day",)
    assert Layout.of_json({"group": ""}).groups == ()


def test_groups_within_groups_have_sums_of_both():
    blocks = list(shaped(table(), Layout(groups=("point", "day"))).blocks)

    assert told(blocks) == [
        ("A · 01.10.2026", Role.ROWS, [1]), ("A · 01.10.2026", Role.SUBTOTAL, [1]),
        ("A · 02.10.2026", Role.ROWS, [2]), ("A · 02.10.2026", Role.SUBTOTAL, [2]),
        ("A: всего", Role.SUBTOTAL, [3]),
        ("B · 01.10.2026", Role.ROWS, [4]), ("B · 01.10.2026", Role.SUBTOTAL, [4]),
        ("B · 02.10.2026", Role.ROWS, [8]), ("B · 02.10.2026", Role.SUBTOTAL, [8]),
        ("B: всего", Role.SUBTOTAL, [12]),
        ("", Role.TOTAL, [15]),
    ]  # fmt: skip


def test_one_column_twice_and_columns_that_are_gone_are_one():
    by = told(list(shaped(table(), Layout(groups=("day", "gone", "day"))).blocks))

    assert by == told(list(shaped(table(), Layout(groups=("day",))).blocks))
