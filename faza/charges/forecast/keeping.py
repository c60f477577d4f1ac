"""The job that keeps forecasts: which are due, made in batches, stored."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from django.db import transaction

from faza.charges.forecast import band, money
from faza.charges.forecast.blend import Forecasts, forecast
from faza.charges.forecast.history import SILENT, Days, classes, days_of, history
from faza.charges.forecast.levels import F64, I64
from faza.charges.forecast.whose import held
from faza.charges.models import Forecast
from faza.charges.queries import month_of, next_month
from faza.metering.models import UsagePoint

BATCH = 200
"""Points whose days are in memory together, and written together."""
SOON, AGAIN = timedelta(minutes=50), timedelta(hours=12)
"""How often a forecast is made anew while yesterday is not in it, and at the latest."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, eq=False)
class _Month:
    """What a forecast says of the month of n points, Wh; `first`: its first day at each point."""

    known: F64
    counts: I64
    rest: F64
    low: F64
    high: F64


def keep(*, at: datetime, progress: Progress | None = None) -> int:
    """Make the forecasts that are due at a moment; how many points were looked at.

    Stopped at any moment, what was stored stays, and the next round goes on.
    """
    due = _due(at)
    total, done = sum(map(len, due.values())), 0
    for zone, points in due.items():
        for batch in _batches(points):
            done += make(batch, zone, at=at)
            if progress is not None:
                progress(done, total)
    return done


def make(points: Sequence[int], zone: str, *, at: datetime) -> int:
    """Make and store the forecasts of points of one zone; how many points these are."""
    today = at.astimezone(ZoneInfo(zone)).date()
    month = month_of(at, zone)
    days = days_of(held(points, at=at), today, at=at)
    coming = classes(days.first, next_month(month))
    rows: list[Forecast] = []
    last = days.energy.shape[1] - 1
    for until in np.unique(days.untils[days.untils >= last - SILENT]).tolist():
        of = np.flatnonzero(days.untils == until)
        rows += _rows(days, of, until, coming, month, at)
    _price(rows, days, month, at=at)
    with transaction.atomic():
        Forecast.objects.filter(usage_point__in=points).delete()
        Forecast.objects.bulk_create(rows)
    return len(points)


def _due(at: datetime) -> dict[str, list[int]]:
    """Points by zone whose forecast is not there, is old, or lacks a day that may have come."""
    kept = {
        point: (month, until, as_of)
        for point, month, until, as_of in Forecast.objects.values_list(
            "usage_point_id", "month", "until", "as_of"
        )
    }
    found: dict[str, list[int]] = {}
    for point, zone in UsagePoint.objects.order_by("pk").values_list("pk", "zone"):
        month, until, as_of = kept.get(point, (None, None, None))
        today = at.astimezone(ZoneInfo(zone)).date()
        fresh = (
            as_of is not None
            and until is not None
            and month == today.replace(day=1)
            and at - as_of < (AGAIN if until >= today else SOON)
        )
        if not fresh:
            found.setdefault(zone, []).append(point)
    return found


def _batches(points: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(points), BATCH):
        yield points[start : start + BATCH]


def _rows(
    days: Days, of: I64, until: int, kinds: I64, month: date, at: datetime
) -> Iterable[Forecast]:
    """Forecasts of points whose last whole day is the same."""
    place = (month - days.first).days
    h = len(kinds) - until
    told = forecast(history(days, of, until, kinds), kinds[until:], max(0, until - place))
    made = _month(days, of, until, place, told, h)
    errors = band.kept(told.log_errors)
    for row, point in enumerate(of.tolist()):
        begin = max(place, int(days.begins[point]))
        if begin >= len(kinds):
            continue
        yield Forecast(
            usage_point_id=days.points[point].usage_point,
            month=month,
            since=days.first + timedelta(days=int(days.begins[point])),
            until=days.first + timedelta(days=until),
            days=h,
            known=round(made.known[row]),
            n_expected=int(made.counts[row, 0]),
            n_present=int(made.counts[row, 1]),
            n_estimated=int(made.counts[row, 2]),
            rest=round(made.rest[row]),
            low=round(made.low[row]),
            high=round(made.high[row]),
            errors=errors[row].tobytes(),
            own_error=_thousandths(told.own_error[row]),
            average_error=_thousandths(told.average_error[row]),
            n_tested=int(told.n_tested[row]),
            is_average=bool(told.is_average[row]),
            agreement_id=days.points[point].agreement,
            as_of=at,
        )


def _month(days: Days, of: I64, until: int, place: int, told: Forecasts, h: int) -> _Month:
    """The month's part of a forecast, and what known days of it lack, at the level foretold."""
    begins = np.maximum(place, days.begins[of])
    inside = np.arange(until) >= begins[:, None]
    counts = np.stack(
        [
            (array[of, :until] * inside).sum(axis=1)
            for array in (days.expected, days.present, days.estimated)
        ],
        axis=1,
    )
    known = (days.energy[of, :until] * inside).sum(axis=1)
    lacking = ((1 - days.share[of, :until]) * inside).sum(axis=1)
    mean = told.rest / np.maximum(told.factor, 0.1)
    # Where the last known day is of the month before, a part of the days foretold is its.
    left = np.clip((until + h - begins) / h, 0.0, 1.0)
    rest = told.rest * left + mean * lacking
    edges = np.exp(band.bounds(told.log_errors, h))
    return _Month(known, counts, rest, known + rest * edges[:, 0], known + rest * edges[:, 1])


def _price(rows: Sequence[Forecast], days: Days, month: date, *, at: datetime) -> None:
    """Put the money into rows."""
    points = {one.usage_point: one for one in days.points}
    wanted = [
        money.Wanted(
            points[row.usage_point_id],
            max(month, row.since),
            (row.known + row.rest, row.low, row.high),
        )
        for row in rows
    ]
    for row, found in zip(rows, money.costs(wanted, month, at=at), strict=True):
        if found is not None:
            row.kopecks, row.kopecks_low, row.kopecks_high = found


def _thousandths(error: float) -> int | None:
    return None if np.isnan(error) else min(32_000, round(error * 1000))
