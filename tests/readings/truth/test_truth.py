"""Known faults and known consumption, through the store: no worse than the documentation says.

The tables are written anew by `python -m faza.bench.truth docs/reference/validation-truth.md`:
look first whether what differs got better.
"""

from pathlib import Path

import pytest
from django.db import connection

from faza.bench.truth import fleet, months, page, world
from faza.bench.truth.months import READ, TAKEN

pytestmark = pytest.mark.django_db
PAGE = Path(__file__).resolve().parents[3] / "docs/reference/validation-truth.md"
SLACK = 0.02
"""Other processors and versions of NumPy may round otherwise."""
SMALL = connection.vendor == "postgresql"
"""The tables are held on SQLite; on PostgreSQL the laws, by fewer homes and meters."""
FINE = [name for name, kind in READ.items() if kind.step * kind.ratio == 1]


def rows(table, texts):
    """Numbers of a table by its first columns."""
    cells = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in table.splitlines()
        if line.startswith("| ")
    ]
    return {tuple(row[:texts]): list(map(float, row[texts:])) for row in cells[2:]}


def of_page(name, texts):
    text = PAGE.read_text(encoding="utf-8")
    table = text.split(f"<!-- {name}:begin -->")[1].split(f"<!-- {name}:end -->")[0]
    return rows(table, texts)


def same(found, told):
    """Each row that was found is told, with these numbers."""
    assert found.keys() <= told.keys()
    for key, numbers in found.items():
        assert numbers == pytest.approx(told[key], rel=SLACK, abs=0.1), key


@pytest.mark.parametrize("read", READ)
@pytest.mark.parametrize("taken", TAKEN)
def test_months_that_registers_bound(taken, read):
    found = months.bound(taken, read, months.year(3, 112) if SMALL else None)

    if not SMALL:
        assert found.months > 100
        same(rows(page.of_bound([found]), 2), of_page("bound", 2))
    assert found.left == 0
    # A difference of two readings that are cut is off by less than a step.
    if read in FINE:
        assert found.exact == found.months
    else:
        assert found.day < 1
        assert SMALL or found.p90 < 1.5


@pytest.mark.skipif(SMALL, reason="the tables are held on SQLite")
@pytest.mark.parametrize("taken", TAKEN)
def test_months_without_registers_are_nearer_than_by_a_line_and_by_zeros(taken):
    found = months.unbound(taken)

    same(rows(page.of_unbound([found]), 2), of_page("unbound", 2))
    (_, median, p90), *others = found.ways
    assert found.left == 0
    assert [way for way, *_ in others] == ["line", "zeros"]
    for _, other_median, other_p90 in others:
        assert median < other_median
        assert p90 < other_p90


def test_a_fleet_that_fails():
    found = fleet.run(4 if SMALL else page.METERS, seed=page.SEED, often=page.OFTEN)

    assert all(one.left == 0 for one in found.months)
    bound = [one for one in found.months if one.metered is not None]
    assert [one.off for one in bound if one.fine] == [0.0] * sum(one.fine for one in bound)
    assert max(one.off for one in bound) < 2
    # Nothing is lost with a replaced meter either: clocks drift by seconds, steps are cut.
    assert all(abs(one.effective - one.consumed) < one.consumed / 5_000 for one in found.months)
    if SMALL:
        return
    assert any(one.step == 12_000 for one in found.months)
    same(rows(page.of_fleet(found.months), 1), of_page("fleet", 1))
    same(rows(page.of_found(found.found), 2), of_page("found", 2))


def test_without_validation_no_month_is_right(monkeypatch):
    """The test sees what is lost."""
    monkeypatch.setattr(world, "work", lambda at: None)
    found = months.bound("5 % of half-hours at random", FINE[0], months.year(2, 112))

    assert (found.months, found.exact) == (4, 0)
    assert found.worst > 1000


def test_the_tables_take_their_places(tmp_path):
    there = tmp_path / "page.md"
    there.write_text("begin\n<!-- one:begin -->\nold\n<!-- one:end -->\nend\n")
    for _ in range(2):
        page.write(there, {"one": "| a |"})

    assert there.read_text() == (
        "begin\n<!-- one:begin -->\n\n| a |\n\n<!-- one:end -->\nend\n"
    )  # fmt: skip
