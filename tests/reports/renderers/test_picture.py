"""The chart as shapes: axes that end at round numbers, gaps that stay gaps."""

from __future__ import annotations

import lxml.html
import numpy as np
import pytest

from faza.reports.renderers import picture, svg
from faza.reports.table import Chart, Series

NAN = float("nan")


def chart(*values: float, is_line: bool = False, states: list[int] | None = None) -> Chart:
    shown = None if states is None else np.array(states, np.uint8)
    labels = tuple(str(i) for i in range(len(values)))
    return Chart("Нагрузка", "кВт", labels, (Series("A+", np.array(values), shown),), is_line)


@pytest.mark.parametrize(
    ("least", "most", "expected"),
    [
        (0, 9.3, (0, 10, 2)),
        (2, 3, (0, 3, 1)),
        (-1, 3, (-1, 3, 1)),
        (-0.2, -0.1, (-0.2, 0, 0.05)),
        (0, 0, (0, 1, 0.2)),
        (0, 123_456, (0, 150_000, 50_000)),
        (0, 0.004, (0, 0.004, 0.001)),
    ],
)
def test_an_axis_ends_at_round_numbers(
    least: float, most: float, expected: tuple[float, ...]
) -> None:
    assert picture.scale(least, most) == pytest.approx(expected)


def test_bars_stand_on_zero_and_pale_where_estimated() -> None:
    drawn = picture.draw(chart(2.0, NAN, -2.0, states=[0, 3, 1]))
    assert drawn is not None
    (up, down) = drawn.bars
    assert up[2:4] == pytest.approx((0.5, 1.0))
    assert down[2:4] == pytest.approx((0.0, 0.5))
    assert (up[5], down[5]) == (False, True)
    assert drawn.has_unsure


def test_a_line_is_broken_at_a_gap_and_pale_where_estimated() -> None:
    drawn = picture.draw(chart(1, 2, NAN, 3, 4, is_line=True, states=[0, 0, 3, 0, 1]))
    assert drawn is not None
    assert [(len(points), unsure) for points, _colour, unsure in drawn.lines] == [
        (2, False), (2, False), (2, True),
    ]  # fmt: skip
    alone, _colour, _unsure = drawn.lines[1]
    assert alone[0][1] == alone[1][1]


def test_a_long_line_keeps_its_peaks_and_gaps() -> None:
    values = np.ones(17_520)
    values[12_345] = 9.0
    values[5_000:5_100] = NAN
    drawn = picture.draw(chart(*values, is_line=True))
    assert drawn is not None
    heights = [y for points, _colour, _unsure in drawn.lines for _x, y in points]
    assert max(heights) == pytest.approx(0.9)
    assert len(heights) < 2 * picture.MOST_POINTS
    assert len(drawn.lines) == 2


def test_labels_have_room() -> None:
    placed = picture.labels(tuple("01.10.2026" for _ in range(365)))
    assert 2 <= len(placed) <= 10
    assert all(0 < x < 1 for x, _text in placed)


def test_no_label_is_cut_off_at_the_edges() -> None:
    days = tuple(f"{n:02}.10.2026" for n in range(1, 32))
    made = Chart("", "кВт·ч", days, (Series("Дом", np.arange(31.0)),))
    drawn = lxml.html.fromstring(svg.figure(made))
    labels = [one for one in drawn.xpath("//text") if ".10.2026" in one.text_content()]

    assert len(labels) > 2
    for one in labels:
        x, wide = float(one.get("x")), 7.2 * len(one.text_content())
        left = x - {"start": 0, "middle": wide / 2, "end": wide}[one.get("text-anchor")]
        assert -0.1 <= left <= svg.WIDTH - wide + 0.1


def test_nothing_is_drawn_of_nothing() -> None:
    assert picture.draw(chart(NAN, NAN)) is None
    assert picture.draw(Chart("", "", (), ())) is None
    assert svg.figure(chart(NAN)) == ""


def test_series_that_are_left_out_are_told() -> None:
    series = tuple(Series(f"Точка {i}", np.array([1.0])) for i in range(14))
    figure = lxml.html.fromstring(svg.figure(Chart("Все", "кВт", ("1",), series)))
    assert "Ещё 2 ряда — только в таблице." in figure.text_content()
    assert len(figure.xpath(".//li")) == picture.MOST_LINES
