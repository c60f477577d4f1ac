"""How far estimates are from real homes: no further than the documentation says."""

from pathlib import Path

import numpy as np
import pytest

from faza.bench import accuracy
from faza.bench.accuracy import CASES, OUTAGES, SEEDS

PAGE = Path(__file__).resolve().parents[2] / "docs/reference/estimation.md"
SLACK = 0.02
"""Other processors and versions of NumPy may round otherwise."""


def rows(table: str) -> dict[tuple[str, str], list[float]]:
    """Numbers of a table by what was taken away and by which way."""
    cells = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in table.splitlines()
        if line.startswith("| ")
    ]
    return {(name, way): list(map(float, rest)) for name, way, *rest in cells[2:]}


def of_page(name: str) -> dict[tuple[str, str], list[float]]:
    text = PAGE.read_text(encoding="utf-8")
    return rows(text.split(f"<!-- {name}:begin -->")[1].split(f"<!-- {name}:end -->")[0])


def test_the_page_tells_the_level_that_is_reached():
    for name, table in accuracy.tables().items():
        told, found = of_page(name), rows(table)
        assert found.keys() == told.keys()
        for key, numbers in found.items():
            assert numbers == pytest.approx(told[key], rel=SLACK, abs=0.001), key


@pytest.mark.parametrize("case", CASES)
def test_months_are_nearer_than_by_a_line_and_by_zeros(case):
    """Median and 90th percentile of months' energy, and the 90th percentile of intervals."""
    found = of_page("unbound")
    for other in ("line", "zeros"):
        for column in (0, 1, 3):
            assert found[case, "estimated"][column] < found[case, other][column]


@pytest.mark.parametrize("case", CASES)
def test_registers_of_each_day_make_every_month_exact(case):
    truth = accuracy.homes()
    missing = accuracy.taken_away(truth, CASES[case], SEEDS[0])
    missing &= truth.known.all(axis=2, keepdims=True)
    filled = accuracy.ours(truth, missing, accuracy.days_bracketed(truth))

    assert missing.sum() > 10_000
    assert (np.where(missing, filled - truth.values, 0).sum(axis=2) == 0).all()


@pytest.mark.parametrize("hours", OUTAGES)
def test_a_jump_is_spread_to_the_quantum(hours):
    """What the stretch held is what came at its end, and nearer to it than as it came."""
    truth = accuracy.homes()
    missing = accuracy.taken_away(truth, accuracy.stretches(hours), SEEDS[0])
    _, delivered, told = accuracy.jumps(truth, missing)
    filled = accuracy.ours(truth, missing, told)

    assert filled[missing].sum() == delivered[missing].sum() == truth.values[missing].sum()
    assert filled[missing].max() < delivered[missing].max()


def test_the_tables_take_their_places_in_a_page(tmp_path, monkeypatch):
    monkeypatch.setattr(accuracy, "tables", lambda: {"one": "| a |", "two": "| b |"})
    page = tmp_path / "page.md"
    page.write_text(
        "begin\n<!-- one:begin -->\nold\n<!-- one:end -->\nmiddle\n"
        "<!-- two:begin -->\n<!-- two:end -->\nend\n"
    )
    for _ in range(2):
        accuracy.write(page)

    assert page.read_text() == (
        "begin\n<!-- one:begin -->\n\n| a |\n\n<!-- one:end -->\nmiddle\n"
        "<!-- two:begin -->\n\n| b |\n\n<!-- two:end -->\nend\n"
    )
