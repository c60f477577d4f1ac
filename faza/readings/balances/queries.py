"""Balances of one place over time, and of many places over one stretch.

Everything takes Windows: a point without one makes the balances in which it stands impossible,
and its energy is told to nobody. Queries do not grow with points or places.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np
import numpy.typing as npt

from faza.core.periods import Period
from faza.core.reading_types import A_MINUS, A_PLUS
from faza.core.windows import Windows
from faza.metering import balances as metering
from faza.metering import rules
from faza.metering.balances import Accuracy, Scheme
from faza.readings import queries
from faza.readings.balances import accuracy
from faza.readings.balances.accuracy import Classes
from faza.readings.balances.reckoning import (
    I64,
    Balances,
    Flows,
    Lost,
    Mask,
    Parts,
    Terms,
    reckon,
)
from faza.readings.queries import By
from faza.readings.queries.grid import day_starts

KINDS = (A_PLUS.code, A_MINUS.code)
HOUR = 3600.0
ONE_DAY = timedelta(days=1)


def flows(windows: Windows, first: date, end: date, zone: str, by: By, *, until: datetime) -> Flows:
    """What went through the points of windows in the civil days [first, end) of a zone.

    by: "hour", or "day" where days are enough; days of points of another zone are not known then.
    Seven queries or fewer.
    """
    # Days of other zones begin at other hours: those that reach into these are needed too.
    beside = ONE_DAY * (by == "hour" and any(one.zone != zone for one in windows))
    told = queries.consumption(windows, KINDS, first - beside, end + beside, by, until=until)
    starts = day_starts(first, end, zone)
    edges = np.arange(starts[0], starts[-1] + 1, 3600) if by == "hour" else starts
    p, width = len(told.usage_points) // 2, len(edges) - 1
    shape = (p, 2, len(told.labels))
    place = _placed(told.starts.reshape(shape)[:, 0], edges[:-1])
    total, there, due, estimated = (
        _laid(array.reshape(shape), place, width)
        for array in (told.total, told.n_present, told.n_expected, told.n_estimated)
    )
    whole: Mask = (there == due) & (due > 0)
    has_minus: Mask = there[:, 1].max(axis=1, initial=0) > 0
    known = whole[:, 0] & (whole[:, 1] | ~has_minus[:, None])
    present = there[:, 0] + np.where(has_minus[:, None], there[:, 1], 0)
    return Flows(
        points=told.usage_points[::2],
        starts=edges[:-1],
        hours=np.diff(edges) / HOUR,
        arrived=edges[1:] <= until.timestamp(),
        plus=total[:, 0],
        minus=total[:, 1],
        known=known,
        intervals=present.astype(np.int32),
        estimated=estimated.sum(axis=1).astype(np.int32),
        has_minus=has_minus,
    )


def _placed(starts: I64, steps: I64) -> I64:
    """(p, b) which step begins where a bucket does; the number of steps where none does."""
    place = np.searchsorted(steps, starts)
    found = steps[place.clip(max=len(steps) - 1)] == starts
    placed: I64 = np.where(found, place, len(steps))
    return placed


def _laid(values: npt.NDArray[np.signedinteger], place: I64, width: int) -> I64:
    """(p, 2, b) values of buckets on the steps, (p, 2, width)."""
    out = np.zeros((*values.shape[:2], width + 1), np.int64)
    rows = np.arange(len(values))[:, None, None]
    np.add.at(out, (rows, np.arange(2)[None, :, None], place[:, None, :]), values)
    return out[..., :width]


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """Energy through the points of balances of one zone, with what is needed to judge them."""

    flows: Flows
    zone: str
    plates: Mapping[int, Accuracy]

    def step(self, moment: datetime) -> int:
        """The first step that begins at or after a moment."""
        return int(np.searchsorted(self.flows.starts, moment.timestamp()))


def told_of(
    windows: Windows, held: Collection[Scheme], first: date, end: date, zone: str, by: By, *,
    until: datetime,
) -> Told:  # fmt: skip
    """What went through the points of some schemes. Nine queries or fewer."""
    points = {point for scheme in held for point in scheme.points}
    flowed = flows(windows.of_points(points), first, end, zone, by, until=until)
    plates = metering.accuracies(points, Period.of_days(first, end, zone))
    return Told(flowed, zone, plates)


def series(told: Told, held: Sequence[Scheme], starts: I64, ends: I64) -> Balances:
    """The balances of a place over stretches of steps [starts[i], ends[i]), all (b,).

    Each is made of the scheme that holds at its end, and reaches back to where that begins.
    """
    found = Balances.empty(len(starts))
    of_scheme: dict[Scheme, list[int]] = {}
    last = told.flows.starts[np.maximum(ends - 1, starts)] if len(starts) else starts
    for place, moment in enumerate(last.tolist()):
        scheme = metering.scheme_at(held, datetime.fromtimestamp(moment, UTC))
        if scheme is not None:
            of_scheme.setdefault(scheme, []).append(place)
    for scheme, places in of_scheme.items():
        chosen = np.array(places)
        found.put(chosen, balance(told, scheme, starts[chosen], ends[chosen])[0])
    return found


def balance(told: Told, scheme: Scheme, starts: I64, ends: I64) -> tuple[Balances, Parts]:
    """The balances of one scheme with their parts; stretches are clipped to its time."""
    starts = np.minimum(np.maximum(starts, told.step(scheme.period.start)), ends)
    months = months_of(told.flows.starts, told.zone)
    day = datetime.fromtimestamp(int(told.flows.starts[-1]), UTC).date()
    terms = terms_of(scheme, told.plates, day)
    return reckon(told.flows.of(scheme.points), starts, ends, months, terms)


def terms_of(scheme: Scheme, plates: Mapping[int, Accuracy], day: date) -> Terms:
    """How a balance is judged on a day."""
    method = accuracy.method_on(day)
    errors = [accuracy.error_of(classes_of(plates.get(one)), method) for one in scheme.points]
    return Terms(
        n_in=len(scheme.sides.inward),
        reverse=np.array([point in scheme.reverse for point in scheme.points], bool),
        errors=np.array(errors),
        losses=tuple(Lost(one.kind, one.power, one.rated, one.percents) for one in scheme.losses),
        losses_error=float(scheme.losses_error),
        permitted=None if scheme.permitted is None else float(scheme.permitted),
        least=float(scheme.least_complete) / 100,
    )


def classes_of(plate: Accuracy | None) -> Classes:
    """The classes of what stands at a point, as numbers."""
    if plate is None:
        return Classes(None)
    return Classes(
        rules.accuracy_class(plate.meter),
        rules.accuracy_class(plate.ct) if plate.has_ct else 0.0,
        rules.accuracy_class(plate.vt) if plate.has_vt else 0.0,
    )


def months_of(starts: I64, zone: str) -> I64:
    """(s,) the calendar month of each step in a zone, 1 … 12."""
    if not len(starts):
        return np.zeros(0, np.int64)
    edges = (datetime.fromtimestamp(int(starts[end]), UTC) for end in (0, -1))
    first, end = Period(*edges).days(zone)
    number = np.searchsorted(day_starts(first, end + ONE_DAY, zone), starts, "right") - 1
    days = np.datetime64(first) + number
    months: I64 = days.astype("datetime64[M]").astype(np.int64) % 12 + 1
    return months


@dataclass(frozen=True, slots=True)
class Ranked:
    """A place in the list: its scheme, its balance of the stretch, and how many of its points are
    out of reach."""

    scheme: Scheme
    balance: Balances
    hidden: int

    @property
    def key(self) -> tuple[int, float, int]:
        """Over what is permitted first, by how much; then within; last what does not count."""
        ratio = float(self.balance.ratio[0])
        if np.isnan(ratio):
            return 1, -float(np.nan_to_num(self.balance.share[0])), self.scheme.node
        return 0, -ratio, self.scheme.node


def ranked(
    windows: Windows, schemes: Collection[Scheme], first: date, end: date, *, until: datetime
) -> list[Ranked]:
    """Balances of many places over the civil days [first, end), the worst first.

    By counters of days; hours are asked for only where days do not do: where a day is not whole,
    where losses hang on the load, where points of a balance are in several zones. Nine queries
    for each zone, and nine more where hours are asked for.
    """
    zones = {window.usage_point: window.zone for window in windows}
    by_zone: dict[str, list[Scheme]] = {}
    for scheme in schemes:
        seen = (zones[point] for point in scheme.points if point in zones)
        by_zone.setdefault(next(seen, "UTC"), []).append(scheme)
    found = []
    for zone, of_zone in by_zone.items():
        days = _whole(windows, of_zone, first, end, zone, "day", until)
        finer = [one for one in of_zone if _needs_hours(one, days[one])]
        hours = _whole(windows, finer, first, end, zone, "hour", until) if finer else {}
        found += [
            Ranked(one, hours.get(one, days[one]), sum(p not in zones for p in one.points))
            for one in of_zone
        ]
    return sorted(found, key=lambda one: one.key)


def _whole(
    windows: Windows, schemes: Collection[Scheme], first: date, end: date, zone: str, by: By,
    until: datetime,
) -> dict[Scheme, Balances]:  # fmt: skip
    told = told_of(windows, schemes, first, end, zone, by, until=until)
    start, stop = np.array([0]), np.array([len(told.flows.starts)])
    return {scheme: balance(told, scheme, start, stop)[0] for scheme in schemes}


def _needs_hours(scheme: Scheme, days: Balances) -> bool:
    return bool(days.counted[0] < days.expected[0]) or any(
        loss.kind == "load" for loss in scheme.losses
    )
