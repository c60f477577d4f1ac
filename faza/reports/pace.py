"""About how many seconds a report takes, before it is made: what comes at once, what as a job.

Costs were measured on two cores of a small server (300 points with a year of half-hours, all
kinds); each process corrects them by what it measures itself, for each kind and format.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from faza.reports.parameters import Layout, Parameters, Resolution
from faza.reports.registry import Format, KindOfReport

AT_ONCE = 2.0
"""Seconds that somebody waits for; what takes longer is made in the background."""
A_POINT, A_VALUE = 1e-3, 1e-7
"""Seconds to ask for a point, and for each of its half-hours."""
A_CELL = {
    Format.HTML: 1.2e-6, Format.CSV: 1.2e-6, Format.JSON: 1.5e-6, Format.XLSX: 9e-6,
    Format.XLS: 9e-6, Format.PDF: 1e-4, Format.X80020: 1e-6,
}  # fmt: skip
"""Seconds to write a cell."""
BEGINNING = 0.05
COLUMNS = 9
"""Of the kinds whose columns are not points, about."""
WIDE = 100
"""Points that stand side by side, at most."""
SLOTS = {Resolution.INTERVAL: 48, Resolution.HOUR: 24, Resolution.DAY: 1, Resolution.MONTH: 1 / 30}
"""Rows of a day."""
LEARNING = 0.3
"""The weight of the latest measure."""
LEAST = 0.5
"""Seconds; of shorter ones what is measured is the noise of the machine."""
FARTHEST = 8.0
"""So far from the measured costs a machine can be; one measure more is a mishap."""

_factors: dict[tuple[str, str], float] = {}
_lock = Lock()


def seconds(kind: KindOfReport, parameters: Parameters, n_points: int, format: str) -> float:
    """About how long the making of a report takes here, of so many points."""
    return _factors.get((kind.code, format), 1.0) * _told(kind, parameters, n_points, format)


def is_at_once(kind: KindOfReport, parameters: Parameters, n_points: int, format: str) -> bool:
    """Whether somebody can wait for it."""
    return seconds(kind, parameters, n_points, format) <= AT_ONCE


@contextmanager
def measured(
    kind: KindOfReport, parameters: Parameters, n_points: int, format: str
) -> Iterator[None]:  # fmt: skip
    """Learn from how long the making within takes; what breaks off teaches nothing."""
    began = time.perf_counter()
    yield
    took, told = time.perf_counter() - began, _told(kind, parameters, n_points, format)
    if max(took, told) >= LEAST:
        learn(kind.code, format, took / told)


def learn(code: str, format: str, factor: float) -> None:
    """One report of a kind took so many times what was told of it."""
    factor = min(FARTHEST, max(1 / FARTHEST, factor))
    with _lock:
        before = _factors.get((code, format), 1.0)
        _factors[code, format] = before + LEARNING * (factor - before)


def forget() -> None:
    """As a process begins."""
    with _lock:
        _factors.clear()


def _told(kind: KindOfReport, parameters: Parameters, n_points: int, format: str) -> float:
    days = (parameters.end - parameters.first).days
    asked = n_points * (A_POINT + days * SLOTS[Resolution.INTERVAL] * A_VALUE)
    cells = _cells(kind, parameters, n_points, days)
    return BEGINNING + asked + cells * A_CELL.get(Format(format), A_CELL[Format.PDF])


def _cells(kind: KindOfReport, parameters: Parameters, n_points: int, days: int) -> float:
    """About how many cells a report has."""
    if kind.code == "detail-together":
        return (n_points + 2) * max(1.0, days * SLOTS[parameters.resolution])
    if kind.code == "load-profile" and n_points <= WIDE and parameters.layout is Layout.COLUMNS:
        return kind.rows(parameters, n_points) * (n_points + 3)
    return kind.rows(parameters, n_points) * COLUMNS
