"""What is to be known to judge days of points: fetched in a fixed number of queries for a batch."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
import numpy.typing as npt

from faza.core.periods import Period, start_of_day
from faza.events import store as events_store
from faza.events.catalogue import COLLECTION
from faza.events.kinds import Found
from faza.events.queries import doubtful_stretches
from faza.readings.estimation import Settings, day_classes
from faza.readings.models import Finding
from faza.readings.validation.history_shapes import BACK, Doubts, Pairs
from faza.readings.validation.shapes import Days, Parameters
from faza.readings.vee import days as of_days
from faza.readings.vee import facts, findings, registers, settings, typed
from faza.readings.vee import points as of_points
from faza.readings.vee.days import Delivered
from faza.readings.vee.findings import Row
from faza.readings.vee.points import Point
from faza.readings.vee.registers import Read
from faza.tariffs.queries import exceptions
from faza.tariffs.rules import HOLIDAY

I64 = npt.NDArray[np.int64]
I8 = npt.NDArray[np.int8]
Mask = npt.NDArray[np.bool_]
Stretch = tuple[date, date]

REACH = timedelta(days=max(BACK, Settings().reach))
"""So far a day is drawn upon by others: as what is usual, and as a like day with those about it."""
DAY = timedelta(days=1)
SETTINGS_CHANGED = 3
TIME_SET = (SETTINGS_CHANGED, 3)
SHIFTS = (TIME_SET, (COLLECTION, Found.CLOCK_CORRECTED), (COLLECTION, Found.CLOCK_SET))
"""Events after which a meter's clock shows another time than before."""


@dataclass(frozen=True, slots=True, eq=False)
class Context:
    """A batch of points with what is known of them.

    marked: by point the civil days, both included, that changed. first, end: of what is fetched.
    delivered: the days; facts: their `Days`. classes (n,): kinds of civil days. parameters: in
    force by point. read, pairs: registers; bounds: what bounds estimates, typed readings too.
    rows: findings that share time with the days fetched.
    """

    at: datetime
    points: Mapping[int, Point]
    marked: Mapping[int, Sequence[Stretch]]
    first: date
    end: date
    delivered: Delivered
    facts: Days
    classes: I8
    parameters: Mapping[int, Parameters]
    read: Read
    pairs: Pairs
    bounds: Pairs
    doubts: Doubts
    rows: Sequence[Row]

    @property
    def now(self) -> int:
        return int(self.at.timestamp())


def fetch(marked: Mapping[int, Sequence[Stretch]], *, at: datetime) -> Context:
    """What is needed to look at the marked days of points. Eleven queries, twelve where several
    register readings are of one moment."""
    points = of_points.get_points(marked)
    marked = {point: stretches for point, stretches in marked.items() if point in points}
    hulls = {
        point: (min(low for low, _ in of), max(high for _, high in of))
        for point, of in marked.items()
    }
    read = registers.read(points, *_moments(points, hulls))
    pairs = registers.pairs_of(read)
    bounds = typed.bounds_of(read, pairs)
    first = min((low for low, _ in hulls.values()), default=at.date()) - REACH
    end = max((high for _, high in hulls.values()), default=at.date()) + REACH + DAY
    first, end = _with_pairs(first, end, bounds)
    first, end = first - REACH - DAY, end + REACH
    delivered = of_days.fetch(points, first, end, now=at)
    period = of_points.period_of({point.zone for point in points.values()}, first, end)
    low, high = int(period.start.timestamp()), int(period.end.timestamp())
    rows = findings.of_points(points, low, high)
    by_path = settings.in_force({point.path for point in points.values()})
    exporting = known_to_export(points)
    return Context(
        at=at,
        points=points,
        marked=marked,
        first=first,
        end=end,
        delivered=delivered,
        facts=facts_of(
            delivered,
            facts.of_points(points),
            exporting,
            clocks_of(sorted(points), low, high),
            now=int(at.timestamp()),
        ),
        classes=classes_of(delivered.batch.days, first, end),
        parameters={point.id: by_path[point.path] for point in points.values()},
        read=read,
        pairs=pairs,
        bounds=bounds,
        doubts=_doubts(points, low, min(high, int(at.timestamp()))),
        rows=rows,
    )


def facts_of(
    delivered: Delivered,
    points: facts.Columns,
    exporting: Collection[int],
    clocks: I64,
    *,
    now: int,
) -> Days:
    """Days as rules take them."""
    batch = delivered.batch
    found = facts.of_days(
        batch.usage_points, batch.reading_types, batch.days, batch.intervals, batch.lengths, points
    )
    exports = found.exports
    if exporting:
        exports = exports | np.isin(batch.usage_points, list(exporting))
    return Days(
        batch, found.midnights, found.limits, found.low, found.high, exports, clocks, now,
        np.where(delivered.arrived > 0, delivered.arrived, now),
    )  # fmt: skip


def known_to_export(points: Collection[int]) -> set[int]:
    """Points of which a person accepted that they send energy into the network. One query."""
    if not points:
        return set()
    accepted = Finding.objects.filter(
        usage_point_id__in=points, rule="V15", state=Finding.State.ACCEPTED
    )
    return set(accepted.values_list("usage_point_id", flat=True))


def clocks_of(points: Sequence[int], low: int, high: int) -> I64:
    """(c, 3) point, start, end: what the change of a meter's clock may have touched. One query.

    As far to both sides of the event as the clock was moved; a second where that is not told.
    """
    found = []
    for point, moment, details in events_store.told(points, low, high, pairs=SHIFTS):
        size = _moved(details)
        found.append((point, moment - size, moment + max(size, 1)))
    return np.array(sorted(found), np.int64).reshape(-1, 3)


def _moved(details: object) -> int:
    """Seconds by which a clock was moved, up; 0 where its event does not tell."""
    told = details if isinstance(details, dict) else _parsed(details)
    before, after = told.get("before"), told.get("after")
    if not isinstance(before, int | float) or not isinstance(after, int | float):
        return 0
    return int(-(-abs(before - after) // 1))


def _parsed(details: object) -> dict[str, object]:
    found = json.loads(str(details)) if details else {}
    return found if isinstance(found, dict) else {}


def classes_of(days: npt.NDArray[np.datetime64], first: date, end: date) -> I8:
    """(n,) kinds of civil days by the production calendar; equal ones are alike. One query."""
    off, working = days_off(first, end)
    every = np.arange(np.datetime64(first), np.datetime64(end))
    of_day = day_classes(every, off=off, working=working)
    found: I8 = of_day[(days - np.datetime64(first)).astype(np.int64)].astype(np.int8)
    return found


def days_off(first: date, end: date) -> tuple[list[date], list[date]]:
    """Days that are off, and worked ones, otherwise than the weekday says. One query."""
    kinds = exceptions(start=first, end=end)
    off = [day for day, kind in kinds.items() if kind == HOLIDAY]
    return off, [day for day, kind in kinds.items() if kind != HOLIDAY]


def _moments(
    points: Mapping[int, Point], hulls: Mapping[int, Stretch]
) -> tuple[dict[int, int], dict[int, int]]:
    """From when to when the registers of each point are asked for; unix seconds."""
    lows, highs = {}, {}
    for point, (first, last) in hulls.items():
        zone = points[point].zone
        start = start_of_day(first - REACH - DAY, zone)
        end = start_of_day(last + REACH + 2 * DAY, zone)
        lows[point] = int(start.timestamp()) - registers.LONGEST
        highs[point] = int(end.timestamp()) + registers.LONGEST
    return lows, highs


def _with_pairs(first: date, end: date, pairs: Pairs) -> Stretch:
    """Days so that each pair that lies in them in part lies in them wholly."""
    low, high = (int(datetime.combine(day, time(), UTC).timestamp()) for day in (first, end))
    # A day more to both sides: the points' own days begin at other moments.
    touched = (pairs.starts < high + 86400) & (pairs.ends > low - 86400)
    if touched.any():
        first = min(
            first, datetime.fromtimestamp(int(pairs.starts[touched].min()), UTC).date() - DAY
        )
        end = max(end, datetime.fromtimestamp(int(pairs.ends[touched].max()), UTC).date() + 2 * DAY)
    return first, end


def _doubts(points: Mapping[int, Point], low: int, high: int) -> Doubts:
    """Stretches of doubt of the billing meters, or of the point where its meter is not told."""

    period = Period(datetime.fromtimestamp(low, UTC), datetime.fromtimestamp(max(high, low), UTC))
    found = []
    for point, several in doubtful_stretches(points, period).items():
        meters = {one.meter for one in points[point].billing}
        for doubt in several:
            if doubt.meter and meters and doubt.meter not in meters:
                continue
            start, end = doubt.period.start, doubt.period.end
            kind = f"{doubt.kind.journal}-{doubt.kind.code}"
            found.append((point, int(start.timestamp()), int(-(-end.timestamp() // 1)), kind))
    found.sort()
    return Doubts(
        np.array([row[0] for row in found], np.int64),
        np.array([row[1] for row in found], np.int64),
        np.array([row[2] for row in found], np.int64),
        tuple(row[3] for row in found),
    )
