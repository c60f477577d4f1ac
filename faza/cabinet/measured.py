"""What `readings.queries` answers, laid on one axis for a page."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from faza.cabinet.series import DAY, Cells, day_edges
from faza.charges.fleets import Fleet
from faza.core.periods import Period
from faza.core.quality import Quality, is_estimated, is_present
from faza.core.reading_types import BY_CODE, ReadingType
from faza.core.windows import Windows
from faza.readings import queries
from faza.ui.contact import LATE

ARRAYS = ("value", "minutes", "expected", "missing", "estimated", "doubtful", "manual")
USUAL = 30
"""Minutes of an interval of which nothing tells the length."""
LONG_SILENT = timedelta(days=31)
"""Points that have told nothing for so long are shown as of today, which says so."""


@dataclass(frozen=True, slots=True)
class Heard:
    """Until when channels have arrived, by (usage point, reading type's code)."""

    ends: Mapping[tuple[int, int], datetime]

    def of(self, point: int) -> datetime | None:
        """Of a point, whatever the channel."""
        return max((end for (one, _), end in self.ends.items() if one == point), default=None)

    def among(self, points: Collection[int]) -> datetime | None:
        """The latest of some points."""
        return max((end for (one, _), end in self.ends.items() if one in points), default=None)


def heard(windows: Windows, kinds: Collection[ReadingType], *, at: datetime) -> Heard:
    """Until when channels of windows have arrived. At most two queries."""
    codes = [kind.code for kind in kinds]
    found = queries.latest(windows, codes, before=at)
    return Heard(
        {
            (int(point), int(code)): datetime.fromtimestamp(int(end), UTC)
            for point, code, end in zip(
                found.usage_points, found.reading_types, found.ends, strict=True
            )
            if end
        }
    )


def kinds_of(windows: Windows, first: date, end: date) -> set[int]:
    """Codes of the channels that have anything in the civil days [first, end). One query."""
    found = queries.reading_types_of(windows, first, end)
    return {code for codes in found.values() for code in codes}


def arrived(until: datetime | None, *, at: datetime) -> datetime:
    """Up to when data ought to be there: as far as they are, or up to now where that is late."""
    return until if until is not None and at - until <= LATE else at


def intervals(
    windows: Windows, kinds: Collection[ReadingType], first: date, end: date, zone: str, *,
    until: datetime,
) -> dict[int, Cells]:  # fmt: skip
    """Intervals of the civil days [first, end) of a zone, by reading type's code. One query.

    Where points measure by intervals of different length, by the shortest that holds them all.
    """
    period = Period.of_days(first, end, zone)
    profiles = queries.profiles(windows, [kind.code for kind in kinds], period, until=until)
    step = math.lcm(*{int(m) for p in profiles for m in set(p.minutes.tolist())} or {USUAL})
    start, stop = int(period.start.timestamp()), int(period.end.timestamp())
    starts = np.arange(start, stop, step * 60, dtype=np.int64)
    places = {point: row for row, point in enumerate(windows.points)}
    made = {}
    for kind in kinds:
        sums = {name: np.zeros((len(places), len(starts)), np.int64) for name in ARRAYS}
        for profile in profiles:
            if profile.reading_type == kind.code:
                _add(sums, places[profile.usage_point], profile, (start, step))
        made[kind.code] = Cells(kind, tuple(places), starts, starts + step * 60, **sums)
    return made


def _add(
    sums: dict[str, np.ndarray], row: int, profile: queries.Profile, axis: tuple[int, int]
) -> None:
    start, step = axis
    cells = (profile.starts - start) // (step * 60)
    minutes = profile.minutes.astype(np.int64)
    quality = profile.quality
    there = is_present(quality)
    told = {
        "value": profile.values,
        "minutes": minutes,
        "expected": minutes,
        "missing": np.where(there, 0, minutes),
        "estimated": np.where(is_estimated(quality), minutes, 0),
        "doubtful": np.where(
            (quality == Quality.QUESTIONABLE) | (quality == Quality.MIXED), minutes, 0
        ),
        "manual": np.where(quality == Quality.EDITED, minutes, 0),
    }
    for name, values in told.items():
        if len(minutes) and int(minutes[0]) == step and int(minutes[-1]) == step:
            # Each interval is a cell of its own.
            sums[name][row, cells] += values
        else:
            np.add.at(sums[name][row], cells, values)


def days(
    windows: Windows, kinds: Collection[ReadingType], first: date, end: date, zone: str, *,
    until: datetime,
) -> dict[int, Cells]:  # fmt: skip
    """The civil days [first, end), by reading type's code. At most four queries.

    Each point's days are those of its own zone; they stand on the axis of `zone`.
    """
    codes = [kind.code for kind in kinds]
    edges = day_edges(first, end, zone)
    found = queries.consumption(windows, codes, first, end, "day", until=until)
    points = tuple(windows.points)
    made = {}
    for code in codes:
        sums = {name: np.zeros((len(points), len(edges) - 1), np.int64) for name in ARRAYS}
        rows = found.reading_types == code
        place_of = {point: place for place, point in enumerate(points)}
        places = [place_of[point] for point in found.usage_points[rows].tolist()]
        # The counters count intervals; the greatest one tells how long they are.
        longest = found.peak_minutes[rows].max(axis=1, initial=0)
        minutes = np.where(longest > 0, longest, USUAL).astype(np.int64)[:, None]
        sums["value"][places] = found.total[rows]
        sums["expected"][places] = found.n_expected[rows] * minutes
        sums["missing"][places] = found.n_missing[rows] * minutes
        sums["estimated"][places] = found.n_estimated[rows] * minutes
        sums["minutes"][places] = (np.diff(edges) // 60)[None, :]
        made[code] = Cells(BY_CODE[code], points, edges[:-1], edges[1:], **sums)
    return made


def months(
    windows: Windows, kind: ReadingType, first: date, end: date, edges: np.ndarray, *,
    until: datetime, kept: datetime | None = None,
) -> Cells:  # fmt: skip
    """The civil months of [first, end), both firsts of months, all points together.

    From sums that the database makes, remembered of a fleet: its months cost what a flat's do.
    kept: up to when kept months hold, where that is known.
    """
    fleet = Fleet.of(windows, at=until, now=until, kept=kept)
    found = fleet.day_totals(kind.code, first, end, until=until)
    return months_from(found, kind, len(windows.points), edges)


def months_from(
    found: queries.DayTotals, kind: ReadingType, count: int, edges: np.ndarray
) -> Cells:
    """The months of sums by day of one reading type and `count` points, from the first on."""
    firsts = found.days.astype("datetime64[M]")
    starts = np.searchsorted(firsts, np.unique(firsts))
    minutes = interval_of(found, count)
    sums = {name: np.zeros((1, len(edges) - 1), np.int64) for name in ARRAYS}
    for name, days, scale in (
        ("value", found.total, 1),
        ("expected", found.n_expected, minutes),
        ("missing", found.n_missing, minutes),
        ("estimated", found.n_estimated, minutes),
    ):
        sums[name] = np.add.reduceat(days, starts, axis=1) * scale
    sums["minutes"][:] = np.diff(edges) // 60
    return Cells(kind, (0,), edges[:-1], edges[1:], **sums)


def interval_of(found: queries.DayTotals, count: int) -> int:
    """Minutes of an interval: the counters count intervals, a whole day tells how long they are."""
    most = int(found.n_expected[0].max(initial=0))
    return round(count * DAY / most) if most else USUAL


def latest_day(until: datetime | None, today: date, zone: str) -> date:
    """The day by which the usual period is chosen: on a Monday morning that of the week before.

    Of points that have been silent for long it is today: their lateness is what there is to see.
    """
    if until is None:
        return today
    last = (until - timedelta(microseconds=1)).astimezone(ZoneInfo(zone)).date()
    return last if today - LONG_SILENT <= last <= today else today
