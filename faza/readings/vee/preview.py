"""What stands beside a finding, and what each method would give: charts and choices of the desk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
import numpy.typing as npt

from faza.core.periods import Period, start_of_day
from faza.core.quality import Quality, is_estimated, is_present
from faza.core.windows import Window, Windows
from faza.metering.models import UsagePoint
from faza.readings.queries import Origin, Profile, origins, profiles
from faza.readings.vee import choosing, queue
from faza.readings.vee.choosing import CHOICES, Stretch
from faza.readings.vee.findings import Row

I64 = npt.NDArray[np.int64]
U8 = npt.NDArray[np.uint8]

LIKE_WEEKS = 6
BAND = (10, 90)
"""Percentiles of like days that a chart shows as usual."""


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """What a method gives of a stretch; arrays (i,) by interval, those estimated alone.

    starts: unix seconds. values: in the type's quantum. total: their sum. source_days: days drawn
    upon. residual: of the tightest register difference around them, None where none bounds them:
    0 where the sums are met.
    """

    method: str
    starts: I64
    values: I64
    total: int
    source_days: tuple[date, ...]
    residual: int | None
    register_bound: bool


@dataclass(frozen=True, slots=True, eq=False)
class Beside:
    """The days around a stretch of a channel.

    delivered: as it came; effective: as it stands. low, usual, high (n,) float64 on their grid:
    10th percentile, median and 90th of the same time of like days, NaN where there are none.
    others: findings of the channel in that time. origins: what stands over the delivery.
    """

    delivered: Profile
    effective: Profile
    low: npt.NDArray[np.float64]
    usual: npt.NDArray[np.float64]
    high: npt.NDArray[np.float64]
    others: tuple[Row, ...]
    origins: tuple[Origin, ...]


def candidates(
    point: UsagePoint,
    reading_type: int,
    start: datetime,
    end: datetime,
    *,
    at: datetime,
    methods: tuple[str, ...] = CHOICES,
) -> list[Candidate]:
    """What methods would give of [start, end): those that give anything, "auto" first.

    Writes nothing. Raises NotOnGrid, NothingKnown and NoSuchMethod of `choosing`.
    """
    stretch = choosing.find(point.pk, point.zone, reading_type, start, end, at=at)
    known = choosing.known(stretch)
    found = []
    for method in methods:
        laid = choosing.estimate(known, method)
        one = _candidate(stretch, method, laid)
        if len(one.starts):
            found.append(one)
    return found


def _candidate(stretch: Stretch, method: str, laid: choosing.Laid) -> Candidate:
    batch, facts = stretch.context.delivered.batch, stretch.context.facts
    mine = np.flatnonzero(np.isin(laid.rows, stretch.rows)).tolist()
    starts: list[I64] = []
    values: list[I64] = []
    days: set[date] = set()
    residuals: list[tuple[int, int]] = []
    for place in mine:
        row = int(laid.rows[place])
        told = np.flatnonzero(laid.quality[place] != Quality.UNTOLD)
        starts.append(facts.midnights[row] + told * int(batch.intervals[row]) * 60)
        values.append(laid.values[place][told])
        inputs = laid.inputs[place]
        days |= source_days(inputs)
        residuals += bounds_of(inputs)
    joined = np.concatenate([np.zeros(0, np.int64), *values])
    tightest = min(residuals, default=None)
    return Candidate(
        method,
        np.concatenate([np.zeros(0, np.int64), *starts]),
        joined,
        int(joined.sum()),
        tuple(sorted(days)),
        None if tightest is None else tightest[1],
        bool(residuals),
    )


def source_days(inputs: object) -> set[date]:
    """The days that an estimate was drawn from, by its inputs."""
    told = inputs.get("days", ()) if hasattr(inputs, "get") else ()
    return {date.fromisoformat(str(day)) for day in told}


def bounds_of(inputs: object) -> list[tuple[int, int]]:
    """(energy, residual) of what bounds an estimate, by its inputs."""
    told = inputs.get("bounds", ()) if hasattr(inputs, "get") else ()
    return [(int(one["energy"]), int(one["residual"])) for one in told]


def beside(
    point: UsagePoint, row: Row, *, at: datetime, first: date | None = None,
    end: date | None = None,
) -> Beside:  # fmt: skip
    """What stands around a finding: its own civil days, or [first, end). Eight queries at most."""
    own = choosing.days_of(point.zone, row.starts_at, row.ends_at)
    first, end = first or own[0], end or own[1] + timedelta(days=1)
    kind = row.key.reading_type
    back = Period(
        start_of_day(first - timedelta(weeks=LIKE_WEEKS), point.zone),
        start_of_day(end + timedelta(weeks=LIKE_WEEKS), point.zone),
    )
    shown = Period.of_days(first, end, point.zone)
    windows = Windows((Window(point.pk, point.zone, back),))
    (history,) = profiles(windows, [kind], back, until=at)
    (delivered,) = profiles(windows, [kind], shown, until=at, delivered=True)
    (effective,) = profiles(windows, [kind], shown, until=at)
    low, usual, high = _band(history, effective)
    others = queue.of_channel(point.pk, kind, shown.start, shown.end)
    return Beside(
        delivered, effective, low, usual, high, tuple(others),
        origins(windows, kind, first, end),
    )  # fmt: skip


def _band(
    history: Profile, effective: Profile
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Percentiles of measured values at the same time of the same weekdays around, (n,) each."""
    week = 7 * 86400
    good = is_present(history.quality) & ~is_estimated(history.quality)
    good &= history.quality != Quality.QUESTIONABLE
    weeks = np.arange(-LIKE_WEEKS, LIKE_WEEKS + 1)
    same = effective.starts[:, None] + week * weeks[weeks != 0]
    place = np.searchsorted(history.starts, same).clip(max=max(len(history.starts) - 1, 0))
    told = np.full(same.shape, np.nan)
    if len(history.starts):
        met = (history.starts[place] == same) & good[place]
        told[met] = history.values[place][met]
    found = np.full((3, len(told)), np.nan)
    rows = np.flatnonzero((~np.isnan(told)).sum(axis=1) >= 2)
    if len(rows):
        found[:, rows] = np.nanpercentile(told[rows], [BAND[0], 50, BAND[1]], axis=1)
    return found[0], found[1], found[2]
