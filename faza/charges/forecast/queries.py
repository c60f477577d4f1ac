"""Kept forecasts, for pages: of any number of points together, from what a job keeps.

A forecast is made of the present customer's time alone; it is shown to whom a window covers that
time until it was made. Nothing is computed here but sums.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt

from faza.charges.forecast import band
from faza.charges.queries import month_of, seconds
from faza.core.periods import start_of_day
from faza.core.windows import Windows
from faza.readings.store.reading import among, day_number, day_param, rows

I64 = npt.NDArray[np.int64]
F64 = npt.NDArray[np.float64]
EPOCH = date(1970, 1, 1)
NUMBERS = (
    "usage_point_id", "known", "rest", "low", "high", "days", "n_expected", "n_present",
    "n_estimated", "n_tested",
)  # fmt: skip
TELLING = ("own_error", "average_error", "kopecks", "kopecks_low", "kopecks_high")
"""Columns that may say nothing."""


@dataclass(frozen=True, slots=True)
class Money:
    """Roubles of a month by its end, and the bounds that four months of five end between."""

    total: Decimal
    low: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class MonthForecast:
    """What points take in their present month, together; energies in Wh.

    known: of the days before `until` (of the latest point; `first_until` of the earliest). total:
    of the whole month. [low, high]: four months of five end there, by the points' own back-test;
    that of several points is of their sum. n_points of n_asked have a forecast. money: of the
    n_priced of them that have prices; None without any. own_error, average_error: mean error of a
    month's total in the back-test, a share of it, of the forecast and of the plain average of the
    days so far; of several points the mean of each one's, by their energy; None where nothing
    could be tested. n_tested: how often it was, at the point with the fewest. n_averaged: of how
    many points the plain average is the forecast. n_present of n_expected intervals of the known
    days are there, n_estimated among them. as_of: when the oldest of them was made.
    """

    month: date
    first_until: date
    until: date
    known: int
    total: int
    low: int
    high: int
    n_points: int
    n_asked: int
    n_priced: int
    money: Money | None
    own_error: float | None
    average_error: float | None
    n_tested: int
    n_averaged: int
    n_expected: int
    n_present: int
    n_estimated: int
    as_of: datetime


def month(windows: Windows, *, at: datetime) -> MonthForecast | None:
    """The forecast of the windows' points together; None where there is none. One query.

    Where points are in different months because of their zones, that of the latest month.
    """
    if not len(windows):
        return None
    of_zone = {window.zone: month_of(at, window.zone) for window in windows}
    latest = max(of_zone.values())
    found = _found(windows, latest)
    if not found:
        return None
    number = {
        name: np.array(column, np.int64)
        for name, column in zip(
            NUMBERS, list(zip(*found, strict=True))[: len(NUMBERS)], strict=True
        )
    }
    telling = {
        name: np.array([row[place] for row in found], np.float64)
        for place, name in enumerate(TELLING, start=len(NUMBERS))
    }
    averaged, _, until, as_of, errors = list(zip(*found, strict=True))[-5:]
    total = number["known"] + number["rest"]
    low, high = _bounds(number, errors)
    mean = {name: _mean(telling[name], total) for name in ("own_error", "average_error")}
    return MonthForecast(
        month=latest,
        first_until=EPOCH + timedelta(days=min(until)),
        until=EPOCH + timedelta(days=max(until)),
        known=int(number["known"].sum()),
        total=int(total.sum()),
        low=low,
        high=high,
        n_points=len(found),
        n_asked=len(windows.points),
        n_priced=int(np.isfinite(telling["kopecks"]).sum()),
        money=_money(telling, number, (low, high)),
        own_error=mean["own_error"],
        average_error=mean["average_error"],
        n_tested=int(number["n_tested"].min()),
        n_averaged=sum(map(bool, averaged)),
        n_expected=int(number["n_expected"].sum()),
        n_present=int(number["n_present"].sum()),
        n_estimated=int(number["n_estimated"].sum()),
        as_of=datetime.fromtimestamp(min(as_of), UTC),
    )


def _found(windows: Windows, latest: date) -> list[tuple[Any, ...]]:
    """The rows that windows cover: NUMBERS, TELLING, is_average, since, until, as_of, errors."""
    of_points, points = among("usage_point_id", windows.points)
    columns = ", ".join((*NUMBERS, *TELLING, "is_average"))
    found = rows(
        f"SELECT {columns}, {day_number('since')}, {day_number('until')}, {seconds('as_of')},"  # noqa: S608
        f" errors FROM charges_forecast WHERE {of_points} AND month = %s ORDER BY usage_point_id",
        [points, day_param(latest)],
    )
    by_point: dict[int, list[tuple[float, float, str]]] = {}
    for window in windows:
        edges = (window.period.start.timestamp(), window.period.end.timestamp(), window.zone)
        by_point.setdefault(window.usage_point, []).append(edges)
    return [
        row
        for row in found
        if any(
            start <= _start(row[-4], zone) and end >= row[-2]
            for start, end, zone in by_point[row[0]]
        )
    ]


def _start(day: int, zone: str) -> float:
    return start_of_day(EPOCH + timedelta(days=day), zone).timestamp()


def _bounds(number: dict[str, I64], errors: tuple[Any, ...]) -> tuple[int, int]:
    """Bounds of the sum: of one point its own, of several by the errors they had together."""
    if len(errors) == 1:
        return int(number["low"][0]), int(number["high"][0])
    kept = np.stack([np.frombuffer(bytes(one), np.int16) for one in errors])
    rest = number["rest"].astype(np.float64)
    low, high = band.together(rest, kept, int(np.median(number["days"])))
    known = int(number["known"].sum())
    return known + round(low), known + round(high)


def _money(
    telling: dict[str, F64], number: dict[str, I64], bounds: tuple[int, int]
) -> Money | None:
    """Money of the points that have prices. The sum's bounds are drawn in as those of energy are:
    by as much as points do not err together.
    """
    priced = np.isfinite(telling["kopecks"])
    if not priced.any():
        return None
    total, low, high = (
        float(telling[name][priced].sum()) for name in ("kopecks", "kopecks_low", "kopecks_high")
    )
    middle = int((number["known"] + number["rest"]).sum())
    below, above = middle - int(number["low"].sum()), int(number["high"].sum()) - middle
    low = total - (total - low) * ((middle - bounds[0]) / below if below > 0 else 0.0)
    high = total + (high - total) * ((bounds[1] - middle) / above if above > 0 else 0.0)
    return Money(*(Decimal(round(kopecks)) / 100 for kopecks in (total, low, high)))


def _mean(errors: F64, energy: I64) -> float | None:
    """The mean of points' errors in thousandths, by their energy, as a share."""
    told = np.isfinite(errors)
    if not told.any():
        return None
    weights = np.maximum(energy[told], 1)
    return float((errors[told] * weights).sum() / weights.sum()) / 1000
