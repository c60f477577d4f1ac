"""Why an interval is not simply measured, and what it was before; clipped to windows."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from faza.core.periods import Period, start_of_day
from faza.core.quality import Quality, is_estimated, is_present
from faza.core.windows import Windows
from faza.readings import packing
from faza.readings.models import IntervalBlock, IntervalBlockVersion
from faza.readings.queries import Origin, Profile, origins, profiles
from faza.readings.vee import findings
from faza.readings.vee.findings import Row, State

I64 = npt.NDArray[np.int64]

PLAIN, MISSING, REJECTED, DOUBTFUL, ESTIMATED, EDITED = (
    "measured", "missing", "rejected", "doubtful", "estimated", "edited",
)  # fmt: skip
KINDS = (PLAIN, MISSING, REJECTED, DOUBTFUL, ESTIMATED, EDITED)
MOST_INTERVALS = 200
"""Of which the history is told at once."""


@dataclass(frozen=True, slots=True)
class Why:
    """A stretch [start, end), unix seconds, of intervals that are not simply measured.

    what: MISSING (nothing was delivered), REJECTED (what was delivered does not stand), DOUBTFUL,
    ESTIMATED, EDITED (a person's value stands). had: how many of the intervals were delivered
    with a value. findings: what rules say of it, open and accepted. origin: how the values were
    made, None where there are none. source_days: those they were drawn from. registers: whether
    register readings bound them; residual: what of their difference the estimates leave, in the
    type's quantum, None where nothing bounds them.
    """

    usage_point: int
    reading_type: int
    start: int
    end: int
    what: str
    intervals: int
    had: int
    findings: tuple[Row, ...]
    origin: Origin | None
    source_days: tuple[date, ...]
    registers: bool
    residual: int | None

    @property
    def starts_at(self) -> datetime:
        return datetime.fromtimestamp(self.start, UTC)

    @property
    def ends_at(self) -> datetime:
        return datetime.fromtimestamp(self.end, UTC)

    @property
    def method(self) -> str:
        return self.origin.method if self.origin else ""


@dataclass(frozen=True, slots=True)
class Version:
    """What an interval was from a moment to another one (None: it is so now).

    value: None where there was none. reason, by: why and by whom it was replaced then.
    """

    usage_point: int
    start: int
    value: int | None
    quality: int
    known_from: datetime
    known_to: datetime | None
    reason: str = ""
    by: str = ""


def why(windows: Windows, reading_type: int, period: Period, *, at: datetime) -> list[Why]:
    """What is not simply measured of a channel in the windows' part of a period, by point and
    time; what ends after `at` has not arrived, and is left out. Seven queries at most."""
    told = windows.within(period)
    effective = profiles(told, [reading_type], period, until=at)
    delivered = profiles(told, [reading_type], period, until=at, delivered=True)
    if not effective:
        return []
    low = int(min(one.starts.min(initial=2**40) for one in effective))
    high = int(max(one.ends.max(initial=0) for one in effective))
    rows = findings.of_points(told.points, low, high, states=(*findings.FOUND, State.ACCEPTED))
    rows = sorted((row for row in rows if row.key.reading_type in (reading_type, 0)),
                  key=lambda row: row.key)  # fmt: skip
    zones = {window.zone for window in told}
    first = min(period.days(zone)[0] for zone in zones)
    end = max(period.days(zone)[1] for zone in zones)
    origin = origins(told, reading_type, first, end)
    found: list[Why] = []
    for now, came in zip(effective, delivered, strict=True):
        own = [row for row in rows if row.key.usage_point == now.usage_point]
        laid = [one for one in origin if one.usage_point == now.usage_point]
        found += _of_profile(now, came, own, laid)
    return found


def _of_profile(
    now: Profile, came: Profile, rows: Sequence[Row], laid: Sequence[Origin]
) -> list[Why]:
    """Stretches of one kind, finding and origin."""
    if not len(now.starts):
        return []
    had = _delivered(now, came)
    kinds = _kinds(now, had)
    source = np.full(len(kinds), -1)
    for place, one in enumerate(laid):
        mine = (now.starts >= one.start) & (now.ends <= one.end)
        source[mine] = place
        if one.is_override:
            kinds[mine] = KINDS.index(EDITED)
    change = (np.diff(kinds) != 0) | (np.diff(source) != 0) | (now.starts[1:] != now.ends[:-1])
    edges = np.concatenate([[0], np.flatnonzero(change) + 1, [len(kinds)]]).tolist()
    found = []
    for first, end in zip(edges[:-1], edges[1:], strict=True):
        what = KINDS[int(kinds[first])]
        if what == PLAIN:
            continue
        start, stop = int(now.starts[first]), int(now.ends[end - 1])
        origin = laid[int(source[first])] if source[first] >= 0 else None
        bounds = origin.inputs.get("bounds", ()) if origin else ()
        own = tuple(row for row in rows if row.overlaps(start, stop))
        days = origin.inputs.get("days", ()) if origin else ()
        tightest = min(((int(one["energy"]), int(one["residual"])) for one in bounds), default=None)
        found.append(
            Why(
                now.usage_point, now.reading_type, start, stop, what, end - first,
                int(had[first:end].sum()), own, origin,
                tuple(sorted(date.fromisoformat(str(day)) for day in days)),
                any(one.get("by") == "register" for one in bounds),
                None if tightest is None else tightest[1],
            )
        )  # fmt: skip
    return found


def _delivered(now: Profile, came: Profile) -> npt.NDArray[np.bool_]:
    """(n,) which intervals were delivered with a value."""
    found = np.zeros(len(now.starts), bool)
    place = np.searchsorted(came.starts, now.starts)
    inside = place < len(came.starts)
    met = np.flatnonzero(inside)[came.starts[place[inside]] == now.starts[inside]]
    found[met] = is_present(came.quality[place[met]])
    return found


def _kinds(now: Profile, had: npt.NDArray[np.bool_]) -> I64:
    """(n,) index of KINDS, by quality and by whether anything was delivered."""
    kinds = np.zeros(len(now.starts), np.int64)
    present = is_present(now.quality)
    kinds[~present & ~had] = KINDS.index(MISSING)
    kinds[~present & had] = KINDS.index(REJECTED)
    doubtful = np.isin(now.quality, (Quality.QUESTIONABLE, Quality.MIXED))
    kinds[doubtful] = KINDS.index(DOUBTFUL)
    kinds[is_estimated(now.quality)] = KINDS.index(ESTIMATED)
    kinds[now.quality == Quality.EDITED] = KINDS.index(EDITED)
    return kinds


def history(windows: Windows, reading_type: int, period: Period) -> list[Version]:
    """What the intervals of a channel in a period were, by point, interval and time.

    Of MOST_INTERVALS at most. Four queries at most. Raises ValueError for a longer period.
    """
    shown = profiles(windows.within(period), [reading_type], period)
    if sum(len(one.starts) for one in shown) > MOST_INTERVALS:
        raise ValueError(f"more than {MOST_INTERVALS} intervals")
    points = [one.usage_point for one in shown]
    zones = {one.zone for one in shown}
    days = [period.days(zone) for zone in zones]
    if not days:
        return []
    kept = _stored(points, reading_type, min(d[0] for d in days), max(d[1] for d in days))
    found = []
    for profile in shown:
        zone = ZoneInfo(profile.zone)
        for start in profile.starts.tolist():
            day = datetime.fromtimestamp(start, zone).date()
            midnight = int(start_of_day(day, profile.zone).timestamp())
            of_day = kept.get((profile.usage_point, day), [])
            found += _versions(profile.usage_point, start, start - midnight, of_day)
    return found


@dataclass(frozen=True, slots=True)
class _Day:
    """A day as it was from a moment to another one."""

    interval: int
    values: list[int]
    quality: list[int]
    recorded_at: datetime
    replaced_at: datetime | None
    reason: str
    by: str


def _stored(
    points: Collection[int], reading_type: int, first: date, end: date
) -> dict[tuple[int, date], list[_Day]]:
    """Days with what they were before, the oldest first. Two queries."""
    chosen = {
        "usage_point_id__in": points,
        "reading_type": reading_type,
        "day__gte": first,
        "day__lt": end,
    }
    common = (
        "usage_point_id", "day", "version", "interval", "values", "quality", "recorded_at",
        "n_valid", "n_missing", "n_estimated",
    )  # fmt: skip
    versions = IntervalBlockVersion.objects.filter(**chosen).values_list(
        *common, "replaced_at", "reason", "replaced_by"
    )
    present = IntervalBlock.objects.filter(**chosen).values_list(*common)
    rows = [*versions, *((*row, None, "", "") for row in present)]
    rows.sort(key=lambda row: (row[0], row[1], row[2]))
    found: dict[tuple[int, date], list[_Day]] = {}
    if not rows:
        return found
    lengths = np.array([sum(row[7:10]) for row in rows], np.int64)
    values, quality = packing.unpack(
        [bytes(row[4]) for row in rows], [bytes(row[5]) for row in rows], lengths
    )
    for row, numbers, codes in zip(rows, values.tolist(), quality.tolist(), strict=True):
        day = _Day(row[3], numbers, codes, row[6], row[10], row[11], row[12])
        found.setdefault((row[0], row[1]), []).append(day)
    return found


def _versions(point: int, start: int, after: int, days: Sequence[_Day]) -> list[Version]:
    """What one interval was, `after` seconds from its midnight; equal ones are one."""
    found: list[Version] = []
    for day in days:
        place, rest = divmod(after, day.interval * 60)
        if rest or place >= len(day.values):
            continue
        quality = day.quality[place]
        value = day.values[place] if quality < Quality.UNTOLD else None
        last = found[-1] if found else None
        begun = day.recorded_at
        if last and (last.value, last.quality) == (value, quality):
            begun = last.known_from
            found.pop()
        found.append(
            Version(point, start, value, quality, begun, day.replaced_at, day.reason, day.by)
        )
    return found
