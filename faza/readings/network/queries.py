"""Which moments of a point have data, what they hold, and when there was no supply.

Everything takes the windows of one point and is clipped to them. Values come by channel, in the
units of core.reading_types.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from faza.core.periods import Period
from faza.core.quality import Quality
from faza.core.reading_types import (
    BY_CHANNEL,
    BY_CODE,
    ENERGIES,
    READING_TYPES,
    Commodity,
    ReadingType,
)
from faza.core.units import floats
from faza.core.windows import Windows
from faza.events import store as events
from faza.events.catalogue import BY_FAZA
from faza.readings.network import moments
from faza.readings.network.quality import Interruption, merged
from faza.readings.queries import Profile, profiles
from faza.readings.queries.channels import to_day
from faza.readings.store.reading import among, day_param, rows

PARAMETERS = tuple(
    kind for kind in READING_TYPES if not kind.additive and kind.commodity == Commodity.ELECTRICITY
)
"""Voltages, currents, powers, factors, frequency and angles."""
TOLD = frozenset(kind.code for kind in PARAMETERS if kind.quantity != "angle")
FAR = timedelta(days=400)
"""So far to both sides a day with data is looked for."""
LOOK_BACK = timedelta(days=31)
"""An interruption that began so long before a period may still last in it."""
DAY, FEW = timedelta(days=1), timedelta(days=5)
LOST, BACK = ((2, 1), (2, 29), (0, 27)), ((2, 2), (0, 28))
"""Journals and codes by which meters tell that supply was lost and is there again.

Source: СТО 34.01-5.1-006-2021, tables Д.1 and Д.3 (reference, domain 3.2).
"""
MOST_EVENTS = 20_000


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Values of a moment, or averages over the interval that ends then.

    minutes: length of the interval, 0 of a moment that the meter told. values: by channel.
    doubtful: a value of it is marked as questionable.
    """

    at: datetime
    minutes: int
    values: Mapping[str, float] = field(default_factory=dict)
    doubtful: bool = False

    @property
    def is_moment(self) -> bool:
        return not self.minutes

    @property
    def start(self) -> datetime:
        return self.at - timedelta(minutes=self.minutes)


@dataclass(frozen=True, slots=True)
class Nearest:
    """What there is at a moment or nearest to it, and where the neighbours are; None: nowhere.

    A neighbour on another day is told by that day's edge: ask for it with its side.
    """

    snapshot: Snapshot | None = None
    earlier: datetime | None = None
    later: datetime | None = None


def nearest(windows: Windows, zone: str, at: datetime, *, side: str = "") -> Nearest:
    """The snapshot nearest to a moment; side: "before" or "after" it only. Three queries.

    What a meter told of a moment goes before the average of the interval that ends with it; a
    value that only stands in for its interval is no average and is left out.
    """
    told = moments.around(windows, at)
    near = _days_near(windows, zone, at)
    found = {one.at: _of_moment(one) for one in told}
    averages = _averages(windows, zone, near.days)
    ends = {datetime.fromtimestamp(end, UTC) for end in averages.ends.tolist()}
    keys = sorted({*found, *ends})
    allowed = [
        key
        for key in keys
        if not (side == "before" and key > at) and not (side == "after" and key < at)
    ]
    if not allowed:
        return Nearest()
    chosen = min(allowed, key=lambda key: (abs(key - at), key))
    place = keys.index(chosen)
    earlier = keys[place - 1] if place else near.edge_before(zone, chosen)
    later = keys[place + 1] if place + 1 < len(keys) else near.edge_after(zone, chosen)
    snapshot = found.get(chosen) or averages.snapshot(int(chosen.timestamp()))
    return Nearest(snapshot, earlier, later)


def _of_moment(one: moments.Moment) -> Snapshot:
    return Snapshot(one.at, 0, {BY_CODE[c].channel: _unit(v, c) for c, v in one.values.items()})


def _unit(value: int, code: int) -> float:
    return float(floats(np.array([value], np.int64), BY_CODE[code])[0])


@dataclass(frozen=True, slots=True)
class _Near:
    """Days with data about a day: the last to it, the first from it, the very first and last."""

    before: date | None
    after: date | None
    first: date | None
    last: date | None

    @property
    def days(self) -> list[date]:
        return sorted({day for day in (self.before, self.after) if day is not None})

    def edge_before(self, zone: str, at: datetime) -> datetime | None:
        """The end of the day before those looked into, if there are data before it."""
        if self.first is None or not self.days or self.first >= self.days[0]:
            return None
        return min(_midnight(self.days[0], zone), at)

    def edge_after(self, zone: str, at: datetime) -> datetime | None:
        if self.last is None or not self.days or self.last <= self.days[-1]:
            return None
        return max(_midnight(self.days[-1] + DAY, zone), at)


def _midnight(day: date, zone: str) -> datetime:
    return Period.of_days(day, day + DAY, zone).start


def _days_near(windows: Windows, zone: str, at: datetime) -> _Near:
    """Where data are about a moment. One query."""
    day = at.astimezone(ZoneInfo(zone)).date()
    seen = windows.within(Period(at - FAR, at + FAR))
    if not seen:
        return _Near(None, None, None, None)
    of_points, points = among("usage_point_id", seen.points)
    of_kinds, kinds = among("reading_type", TOLD)
    spans = [window.period.days(zone) for window in seen]
    inside = " OR ".join("(day >= %s AND day < %s)" for _ in spans)
    edges = [day_param(edge) for span in spans for edge in span]
    (found,) = rows(
        "SELECT max(CASE WHEN day <= %s THEN day END), min(CASE WHEN day >= %s THEN day END),"  # noqa: S608
        " min(day), max(day)"
        f" FROM readings_block WHERE {of_points} AND {of_kinds} AND ({inside})",
        (day_param(day), day_param(day), points, kinds, *edges),
    )
    return _Near(*(None if one is None else to_day(one) for one in found))


@dataclass(frozen=True, slots=True, eq=False)
class _Averages:
    """Intervals of some days: ends (n,) unix seconds, ascending, minutes (n,), of those told."""

    ends: np.ndarray
    minutes: np.ndarray
    profiles: tuple[Profile, ...] = ()

    def snapshot(self, end: int) -> Snapshot:
        """The values of the interval that ends then."""
        minutes = int(self.minutes[np.searchsorted(self.ends, end)])
        values: dict[str, float] = {}
        is_doubtful = False
        for profile in self.profiles:
            place = int(np.searchsorted(profile.ends, end))
            if place == len(profile.starts) or int(profile.minutes[place]) != minutes:
                continue
            if int(profile.ends[place]) != end or not _is_average(profile)[place]:
                continue
            kind = BY_CODE[profile.reading_type]
            values[kind.channel] = float(_physical(profile, kind)[place])
            is_doubtful |= bool(profile.quality[place] == Quality.QUESTIONABLE)
        at = datetime.fromtimestamp(end, UTC)
        return Snapshot(at, minutes, with_powers(values), is_doubtful)


def _is_average(profile: Profile) -> np.ndarray:
    """(n,) where there is a value that does not only stand in for its interval."""
    return profile.present & (profile.quality != Quality.RAW)


def _averages(windows: Windows, zone: str, days: list[date]) -> _Averages:
    """Averages of the intervals of some days, and of the days beside them. One query.

    Two where a long silence lies between the days: of what is in between there is nothing.
    """
    codes = [kind.code for kind in (*PARAMETERS, *ENERGIES)]
    spans = [(days[0] - DAY, days[-1] + 2 * DAY)] if days else []
    if days and days[-1] - days[0] > FEW:
        spans = [(day, day + DAY) for day in (days[0], days[-1])]
    found = [
        profile
        for first, end in spans
        for profile in profiles(windows, codes, Period.of_days(first, end, zone))
        if profile.n_present
    ]
    told = [profile for profile in found if profile.reading_type in TOLD]
    ends = [profile.ends[_is_average(profile)] for profile in told]
    minutes = [profile.minutes[_is_average(profile)] for profile in told]
    none = np.zeros(0, np.int64)
    every, lengths = np.concatenate([none, *ends]), np.concatenate([none, *minutes])
    order = np.lexsort((lengths, every))
    unique, where = np.unique(every[order], return_index=True)
    return _Averages(unique, lengths[order][where], tuple(found))


def _physical(profile: Profile, kind: ReadingType) -> np.ndarray:
    """(n,) in the unit of the type; energies as the mean power of their interval."""
    values = floats(profile.values, kind)
    return values * 60 / np.maximum(profile.minutes, 1) if kind.additive else values


def with_powers(values: Mapping[str, float]) -> dict[str, float]:
    """With P and Q of what energies tell, where no power is; energies are gone."""
    found = {name: value for name, value in values.items() if name not in _ENERGY_NAMES}
    for power, (taken, given) in {"P": ("A+", "A-"), "Q": ("R+", "R-")}.items():
        if power not in found and taken in values:
            found[power] = values[taken] - values.get(given, 0.0)
    return found


def with_power_course(values: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The same of courses; what is not given back is none."""
    found = {name: one for name, one in values.items() if name not in _ENERGY_NAMES}
    for power, (taken, given) in {"P": ("A+", "A-"), "Q": ("R+", "R-")}.items():
        if power not in found and taken in values:
            back = values.get(given, np.zeros(len(values[taken])))
            found[power] = values[taken] - np.nan_to_num(back)
    return found


_ENERGY_NAMES = frozenset(kind.channel for kind in ENERGIES)


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """How channels went: starts (n,) unix seconds, minutes of an interval, values (n,) by channel.

    In the units of the types, NaN where there is none.
    """

    starts: np.ndarray
    minutes: int
    values: Mapping[str, np.ndarray]


def course(windows: Windows, channels: list[str], period: Period) -> Course:
    """The course of channels over a period, on one grid: the finest that occurs. One query.

    Of channels without a value nothing is told.
    """
    codes = [BY_CHANNEL[name].code for name in channels]
    found = [one for one in profiles(windows, codes, period) if one.n_present]
    minutes = min((int(one.minutes.min()) for one in found), default=30)
    step = minutes * 60
    start, end = int(period.start.timestamp()), int(period.end.timestamp())
    first = min((int(one.starts[0]) for one in found), default=start)
    start -= (start - first) % step
    starts = np.arange(start, end, step, dtype=np.int64)
    values: dict[str, np.ndarray] = {}
    for one in found:
        kind = BY_CODE[one.reading_type]
        row = values.setdefault(kind.channel, np.full(len(starts), np.nan))
        physical = np.where(one.present, _physical(one, kind), np.nan)
        _spread(row, (one.starts - start) // step, one.minutes // minutes, physical)
    return Course(starts, minutes, values)


def _spread(row: np.ndarray, places: np.ndarray, cells: np.ndarray, values: np.ndarray) -> None:
    """Put values into the cells of their intervals; a longer interval fills several."""
    for shift in range(int(cells.max(initial=1))):
        wanted = places + shift
        inside = (cells > shift) & (wanted >= 0) & (wanted < len(row)) & ~np.isnan(values)
        row[wanted[inside]] = values[inside]


def interruptions(windows: Windows, period: Period) -> tuple[list[Interruption], bool]:
    """When there was no supply at the point, by its meters' journals, oldest first. Two queries.

    Of those that last into the period too. An end outside the windows is not told. Second:
    whether the meters' journals told of anything at all; if not, none is not known to be none.
    """
    seen = windows.within(Period(period.start - LOOK_BACK, period.end))
    keys = [
        (0, one.usage_point, int(one.period.start.timestamp()), int(one.period.end.timestamp()))
        for one in seen
    ]
    if not any(journal < BY_FAZA for journal, _ in events.present(keys) if keys):
        return [], False
    told = events.listed(keys, pairs=[*LOST, *BACK], limit=MOST_EVENTS)
    spells: list[tuple[datetime, datetime | None]] = []
    lost: dict[tuple[int, int], datetime] = {}
    for moment, _point, meter, journal, code, *_ in reversed(told):
        at, of = datetime.fromtimestamp(moment, UTC), (meter, journal)
        if (journal, code) in LOST:
            lost.setdefault(of, at)
        elif of in lost:
            spells.append((lost.pop(of), at))
    spells += [(start, None) for start in lost.values()]
    found = merged(spells)
    return [one for one in found if one.end is None or one.end > period.start], True
