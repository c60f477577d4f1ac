"""Intervals of points laid on one axis of equal steps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
import numpy.typing as npt

from faza.core.periods import Period
from faza.core.quality import Quality, is_estimated, is_present
from faza.core.windows import Windows
from faza.readings import queries
from faza.readings.queries import Profile
from faza.readings.queries.grid import DEFAULT_INTERVAL, day_starts
from faza.readings.store.reading import among, day_param, rows
from faza.reports.gathering import I64, Point, states_of
from faza.reports.table import State, States


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """Points p by steps t of one zone and channel.

    starts (t,) int64 unix seconds; minutes: the length of a step; day (t,) its day, counted from
    the first one. All of (p, t) int64: total, in quanta; expected, present, estimated, manual:
    numbers of intervals. A step is expected where an interval begins in it.
    """

    starts: I64
    minutes: int
    day: I64
    total: I64
    expected: I64
    present: I64
    estimated: I64
    manual: I64

    @property
    def ends(self) -> I64:
        return self.starts + 60 * self.minutes

    @property
    def states(self) -> States:
        """(p, t) State."""
        states = states_of(self.expected, self.present, self.estimated)
        states[(states == State.MEASURED) & (self.manual > 0)] = State.MANUAL
        return states


def step_of(windows: Windows, reading_type: int, first: date, end: date) -> int:
    """Minutes of a step that holds the intervals of all points whole. One query."""
    of_points, point_param = among("usage_point_id", windows.points)
    found = rows(
        "SELECT DISTINCT interval FROM readings_block"  # noqa: S608 (store's conditions)
        f" WHERE {of_points} AND reading_type = %s AND day >= %s AND day < %s",
        (point_param, reading_type, day_param(first), day_param(end)),
    )
    # All of them divide an hour, and so does what holds any of them.
    return math.lcm(*(int(interval) for (interval,) in found)) if found else DEFAULT_INTERVAL


def steps_of(
    points: Sequence[Point], windows: Windows, reading_type: int, first: date, end: date, *,
    minutes: int, at: datetime,
) -> Steps:  # fmt: skip
    """Points of one zone over the civil days [first, end), up to `at`. Two queries at most."""
    zone = points[0].zone
    period = Period.of_days(first, end, zone)
    found = queries.profiles(windows, [reading_type], period, until=at)
    days = day_starts(first, end, zone)
    lengths = -(-np.diff(days) // (minutes * 60))
    day = np.repeat(np.arange(len(lengths)), lengths)
    in_day = np.arange(len(day)) - (np.cumsum(lengths) - lengths)[day]
    starts = days[day] + in_day * (minutes * 60)
    shape = (len(points), len(starts))
    sums = {name: np.zeros(shape, np.int64) for name in _COUNTED}
    places = {point.id: row for row, point in enumerate(points)}
    for profile in found:
        row = places.get(profile.usage_point)
        if row is not None:
            _lay(sums, row, profile, starts)
    return Steps(starts, minutes, day, **sums)


_COUNTED = ("total", "expected", "present", "estimated", "manual")


def _lay(sums: dict[str, I64], row: int, profile: Profile, starts: I64) -> None:
    """Add a profile's intervals to the steps in which they begin."""
    if not len(profile.starts):
        return
    cells = np.searchsorted(starts, profile.starts, "right") - 1
    once = bool((np.diff(cells) > 0).all())
    quality = profile.quality
    counted: dict[str, npt.NDArray[np.int64] | npt.NDArray[np.bool_]] = {
        "total": profile.values,
        "expected": np.ones(len(cells), np.int64),
        "present": is_present(quality),
        "estimated": is_estimated(quality),
        "manual": quality == Quality.EDITED,
    }
    for name, values in counted.items():
        if once:
            sums[name][row, cells] += values
        else:
            np.add.at(sums[name][row], cells, values)
