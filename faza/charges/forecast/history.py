"""Days of many points as the forecast wants them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from faza.charges.forecast.levels import F64, I64, WHOLE, History
from faza.charges.forecast.whose import Held
from faza.core.periods import Period
from faza.core.reading_types import A_PLUS
from faza.core.windows import Window, Windows
from faza.readings import queries
from faza.tariffs.queries import exceptions
from faza.tariffs.rules import HOLIDAY, WORKING

DAYS = 760
"""Days back that a forecast learns from: two years and the month."""
SILENT = 10
"""Days without any whole day after which nothing is foretold."""


@dataclass(frozen=True, slots=True, eq=False)
class Days:
    """Days [first, first + d) of p points, A+.

    energy (p, d) Wh of what is there; expected, present, estimated (p, d) numbers of intervals;
    begins (p,): the place of the first day that is wholly the holder's. untils (p,): the place
    after the last whole day, 0 where there is none.
    """

    first: date
    points: tuple[Held, ...]
    energy: F64
    expected: I64
    present: I64
    estimated: I64
    begins: I64
    untils: I64

    @property
    def share(self) -> F64:
        """(p, d) how much of each day is there, 0 to 1."""
        return np.where(self.expected > 0, self.present / np.maximum(self.expected, 1), 0.0)


def days_of(points: Sequence[Held], today: date, *, at: datetime) -> Days:
    """The days up to today of points in zones where it is today. Queries as of consumption."""
    first = today - timedelta(days=DAYS)
    end = today + timedelta(days=1)
    shape = (len(points), DAYS + 1)
    energy, expected, present, estimated = np.zeros((4, *shape))
    begins = np.array([_begin(one, first) for one in points], np.int64)
    windows = Windows.merged(
        Window(one.usage_point, one.zone, Period(one.since, at)) for one in points if one.since < at
    )
    found = queries.consumption(windows, [A_PLUS.code], first, end, "day", until=at)
    place = {one.usage_point: row for row, one in enumerate(points)}
    rows = np.array([place[point] for point in found.usage_points.tolist()], np.int64)
    columns = (found.labels - np.datetime64(first)).astype(np.int64)
    for into, values in (
        (energy, found.total), (expected, found.n_expected), (present, found.n_present),
        (estimated, found.n_estimated),
    ):  # fmt: skip
        into[np.ix_(rows, columns)] = values
    own = np.arange(shape[1]) >= begins[:, None]
    for array in (energy, expected, present, estimated):
        array *= own
    # Today is not over, whatever of it is there: it is no whole day.
    whole = np.where(expected > 0, present / np.maximum(expected, 1), 0.0) >= WHOLE
    whole[:, -1] = False
    untils = np.where(whole.any(axis=1), shape[1] - whole[:, ::-1].argmax(axis=1), 0)
    return Days(
        first, tuple(points), energy, expected.astype(np.int64), present.astype(np.int64),
        estimated.astype(np.int64), begins, untils,
    )  # fmt: skip


def classes(first: date, end: date) -> I64:
    """(n,) the class of each day of [first, end): of its weekday, Sunday for holidays. One query.

    A weekend day that is worked is as a Friday.
    """
    days = np.arange(np.datetime64(first), np.datetime64(end))
    found = (days.astype(np.int64) + 3) % 7
    for day, kind in exceptions(start=first, end=end).items():
        place = (day - first).days
        if kind == HOLIDAY:
            found[place] = 6
        elif kind == WORKING:
            found[place] = min(found[place], 4)
    return found


def history(days: Days, rows: I64, until: int, kinds: I64) -> History:
    """The days before `until` of some rows; `kinds` as `classes` of the days' stretch."""
    return History(days.energy[rows, :until], days.share[rows, :until], kinds[:until])


def _begin(one: Held, first: date) -> int:
    """The place of the first civil day that lies wholly after a point was taken."""
    if one.since.year <= 1:
        return 0
    local = one.since.astimezone(ZoneInfo(one.zone))
    whole = local.date() if local.time() == local.min.time() else local.date() + timedelta(days=1)
    return max(0, (whole - first).days)
