"""A report's chart as shapes in a square of 1 × 1, for renderers that draw it themselves."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil, floor, log10

import numpy as np
import numpy.typing as npt

from faza.reports.renderers import look
from faza.reports.table import Chart, Series, State

F64 = npt.NDArray[np.float64]

COLOURS = ("#2f6be0", "#c2410c", "#0d9488", "#9333b8", "#b88700", "#be185d", "#4d7c0f", "#475569")
"""Of series in their order, then again. Source: frontend/src/styles/tokens.css, --fz-s1…8."""
MOST_LINES = 12
"""Series that are drawn; more cannot be told apart."""
MOST_POINTS = 1_600
"""Points of a line; of more, each stretch is drawn by its lowest and its highest one."""
MOST_BARS = 800
WIDEST_BAR = 0.06
"""Of the chart's width."""
LABEL = 0.012
"""Width of a character of a label, of the chart's width."""
UNSURE = (State.ESTIMATED, State.PARTLY, State.CARRIED)


@dataclass(slots=True)
class Picture:
    """Shapes with x from left to right and y from the bottom up, both 0–1."""

    ticks: list[tuple[float, str]]
    """(y, number) of horizontal lines; the first is the lowest."""
    zero: float
    """The y of zero."""
    labels: list[tuple[float, str]]
    """(x, text) below."""
    names: list[tuple[str, str]]
    """(series, colour)."""
    n_left_out: int = 0
    """Series that are not drawn."""
    bars: list[tuple[float, float, float, float, str, bool]] = field(default_factory=list)
    """x, width, the lower y and the upper one, colour, whether it is estimated or not whole."""
    lines: list[tuple[list[tuple[float, float]], str, bool]] = field(default_factory=list)
    """Points, colour, whether the stretch is estimated."""
    has_unsure: bool = False


def draw(chart: Chart) -> Picture | None:
    """The shapes of a chart; None where there is no number in it."""
    shown = chart.series[:MOST_LINES]
    n = len(chart.labels)
    found = [s.values[np.isfinite(s.values)] for s in shown]
    all_values = np.concatenate(found) if found else np.empty(0)
    if not n or not all_values.size:
        return None
    low, high, step = scale(float(all_values.min()), float(all_values.max()))
    span = high - low
    places = np.arange(round(span / step) + 1) * step + low
    decimals = max(0, -floor(log10(step)))
    picture = Picture(
        ticks=list(zip(((places - low) / span).tolist(), look.numbers(places, decimals),
                       strict=True)),
        zero=-low / span,
        labels=labels(chart.labels),
        names=[(look.short(s.name, 60), COLOURS[i % len(COLOURS)]) for i, s in enumerate(shown)],
        n_left_out=len(chart.series) - len(shown),
    )  # fmt: skip
    as_lines = chart.is_line or n * len(shown) > MOST_BARS
    for place, series in enumerate(shown):
        heights = (series.values - low) / span
        colour = picture.names[place][1]
        if as_lines:
            _line(picture, series, heights, colour)
        else:
            _bars(picture, series, heights, colour, place, len(shown))
    return picture


def scale(least: float, most: float) -> tuple[float, float, float]:
    """(low, high, step) of an axis with zero on it and at most six steps of 1, 2 or 5 × 10ⁿ."""
    least, most = min(least, 0.0), max(most, 0.0)
    if least == most:
        most = 1.0
    span = most - least
    power = 10.0 ** floor(log10(span / 5))
    step = next(m * power for m in (1, 2, 5, 10) if span / (m * power) <= 5)
    low, high = floor(least / step + 1e-9) * step, ceil(most / step - 1e-9) * step
    return low, high if high > low else low + step, step


def labels(texts: tuple[str, ...]) -> list[tuple[float, str]]:
    """(x, text) of as many labels as have room, at equal distances."""
    longest = max(len(look.short(text, 24)) for text in texts)
    room = max(1, floor(1 / (LABEL * (longest + 2))))
    every = ceil(len(texts) / room)
    return [((i + 0.5) / len(texts), look.short(texts[i], 24))
            for i in range(0, len(texts), every)]  # fmt: skip


def _unsure(series: Series) -> npt.NDArray[np.bool_]:
    if series.states is None:
        return np.zeros(len(series.values), bool)
    unsure: npt.NDArray[np.bool_] = np.isin(series.states, UNSURE)
    return unsure


def _bars(
    picture: Picture, series: Series, heights: F64, colour: str, place: int, n_series: int
) -> None:  # fmt: skip
    slot = 1 / len(heights)
    width = min(slot * 0.72 / n_series, WIDEST_BAR)
    begin = (slot - width * n_series) / 2 + place * width
    unsure = _unsure(series)
    for i in np.flatnonzero(np.isfinite(heights)).tolist():
        x = i * slot + begin
        low, high = sorted((picture.zero, float(heights[i])))
        picture.bars.append((x, width, low, high, colour, bool(unsure[i])))
    picture.has_unsure |= bool(unsure.any())


def _line(picture: Picture, series: Series, heights: F64, colour: str) -> None:
    """Stretches without a gap and of one certainty; each but the first begins where one ends."""
    unsure = _unsure(series)
    n = len(heights)
    x = (np.arange(n) + 0.5) / n
    kept = _kept(heights)
    x, heights, unsure = x[kept], heights[kept], unsure[kept]
    there = np.isfinite(heights)
    kind = np.where(there, unsure.astype(np.int8), -1)
    edges = [0, *(np.flatnonzero(np.diff(kind)) + 1).tolist(), len(kind)]
    for first, end in zip(edges[:-1], edges[1:], strict=True):
        if kind[first] < 0:
            continue
        begins = first - 1 if first and kind[first - 1] >= 0 else first
        points = list(zip(x[begins:end].tolist(), heights[begins:end].tolist(), strict=True))
        if len(points) == 1:
            # A single value between gaps is a short dash.
            (at, height), half = points[0], 0.3 / n
            points = [(at - half, height), (at + half, height)]
        picture.lines.append((points, colour, bool(kind[first])))
        picture.has_unsure |= bool(kind[first])


def _kept(heights: F64) -> npt.NDArray[np.int64]:
    """Places of points to draw: all, or of each stretch the lowest and the highest, and gaps."""
    n = len(heights)
    if n <= MOST_POINTS:
        return np.arange(n)
    size = ceil(n / (MOST_POINTS // 2))
    padded = np.full(ceil(n / size) * size, np.nan)
    padded[:n] = heights
    rows = padded.reshape(-1, size)
    base = np.arange(len(rows)) * size
    low = base + np.argmin(np.where(np.isfinite(rows), rows, np.inf), axis=1)
    high = base + np.argmax(np.where(np.isfinite(rows), rows, -np.inf), axis=1)
    gaps = base + np.argmax(~np.isfinite(rows), axis=1)
    gaps = gaps[~np.isfinite(padded[gaps])]
    return np.unique(np.concatenate([low, high, gaps[gaps < n]]))
