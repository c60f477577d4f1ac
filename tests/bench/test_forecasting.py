"""How far forecasts are from real homes: no further than the documentation says."""

from pathlib import Path

import pytest

from faza.bench import forecasting

PAGE = Path(__file__).resolve().parents[2] / "docs/reference/forecast.md"
SLACK = 0.02
"""Other processors and versions of NumPy may round otherwise."""
FORECAST, AVERAGE, WITHIN = 1, 2, 5


def rows(table: str) -> dict[int, list[float]]:
    """Numbers of a table by the number of known days."""
    cells = [
        [float(cell) for cell in line.strip("|").split("|")]
        for line in table.splitlines()
        if line.startswith("| ") and line[2].isdigit()
    ]
    return {int(known): rest for known, *rest in cells}


def of_page(name: str) -> dict[int, list[float]]:
    text = PAGE.read_text(encoding="utf-8")
    return rows(text.split(f"<!-- {name}:begin -->")[1].split(f"<!-- {name}:end -->")[0])


def test_the_page_tells_the_level_that_is_reached():
    for name, table in forecasting.tables().items():
        told, found = of_page(name), rows(table)
        assert found.keys() == told.keys() == set(forecasting.KNOWN)
        for known, numbers in found.items():
            assert numbers == pytest.approx(told[known], rel=SLACK, abs=0.11), (name, known)


@pytest.mark.parametrize("known", forecasting.KNOWN)
def test_months_are_nearer_than_by_the_average_of_the_days_so_far(known):
    """In homes with half a year of history and in those with less."""
    for name in ("long", "short"):
        numbers = of_page(name)[known]
        assert numbers[FORECAST] < numbers[AVERAGE]


@pytest.mark.parametrize("known", forecasting.KNOWN)
def test_four_of_five_months_end_in_the_band(known):
    assert 75 <= of_page("long")[known][WITHIN] <= 85


def test_a_week_that_stands_in_both_years_counts_once():
    for home in forecasting.homes()[:10]:
        days = home.energy.reshape(2, -1, 7)
        both = home.share.reshape(2, -1, 7).min(axis=(0, 2)) > 0
        assert not (days[0][both] == days[1][both]).all(axis=1).any()
