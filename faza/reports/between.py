"""Registers of points between the ends of a period: what they showed, carried, and the difference.

Values are quanta of the register's reading type (Wh, varh, l, dm³, kcal), exact: readings as the
meter shows them, consumption on the primary side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction

import numpy as np

from faza.core.periods import Period
from faza.core.windows import Windows
from faza.metering.models import Meter
from faza.readings import register_store, registers
from faza.readings.models import RegisterReading
from faza.readings.register_queries import (
    AROUND,
    FAR,
    RegisterConsumption,
    register_consumption,
)
from faza.reports.carrying import Carrier
from faza.reports.gathering import Point
from faza.reports.parameters import Parameters
from faza.reports.table import State
from faza.reports.zones import Zones, zones_of


@dataclass(frozen=True, slots=True)
class Row:
    """One register of one meter over its time in the period.

    opened_at, closed_at: unix seconds, 0 where there is no reading. difference: as the meter
    counts, used: times the ratio; None where not known. is_of_other_moments: a reading stands
    elsewhere than at the boundary. is_cut: a part of the point's time is without a meter. is_late:
    the meters before this one are left out. is_missing: there is no meter at all.
    """

    meter: str = ""
    tariff: int = 0
    zone: str = ""
    ratio: Fraction | None = None
    opened_at: int = 0
    opening: Fraction | None = None
    opening_state: State = State.MISSING
    closed_at: int = 0
    closing: Fraction | None = None
    closing_state: State = State.MISSING
    difference: Fraction | None = None
    used: Fraction | None = None
    used_state: State = State.MISSING
    rolled: bool = False
    fell: bool = False
    is_of_other_moments: bool = False
    is_cut: bool = False
    is_late: bool = False
    is_missing: bool = False


@dataclass(frozen=True, slots=True)
class Between:
    """A point's rows; its consumption by the sums of all its meters told, None where not known."""

    rows: tuple[Row, ...]
    used: Fraction | None
    state: State
    is_replaced: bool = False
    is_several: bool = False


@dataclass(frozen=True, slots=True)
class _Side:
    """A reading at one end: what it shows, when, and what the profile added (primary side)."""

    at: int = 0
    shown: Fraction | None = None
    state: State = State.MISSING
    added: int = 0

    @property
    def is_there(self) -> bool:
        return self.shown is not None


def read(
    points: Sequence[Point], windows: Windows, period: Period, parameters: Parameters, *,
    at: datetime,
) -> list[Between]:  # fmt: skip
    """What each point's registers of a reading type counted in a period, in the points' order.

    Six queries; three more where readings are carried, twelve more where tariffs are told, eight
    more where readings near the ends do not tell: then those within 35 days are taken.
    """
    job = _job(windows, period, parameters, AROUND, at=at)
    told = {point.id: job.point(point.id) for point in points}
    far = [point for point, one in told.items() if one.used is None and point in job.places]
    if far and not parameters.only_fixed:
        theirs = _job(windows.of_points(far), period, parameters, FAR, at=at)
        found = {point: theirs.point(point) for point in far}
        told |= {point: one for point, one in found.items() if one.used is not None}
    return [told[point.id] for point in points]


def _job(
    windows: Windows, period: Period, parameters: Parameters, around: timedelta, *, at: datetime
) -> _Job:
    """What is read within `around` of the ends of a period."""
    code = parameters.reading_type.code
    tariffs = range(1 if code in registers.SINGLE else registers.TARIFFS)
    found = register_consumption(
        windows, period, [registers.register(code, tariff) for tariff in tariffs], around=around
    )
    zones = None
    if parameters.tariffs and len(tariffs) > 1:
        # Readings are carried from so far.
        zones = zones_of(windows, parameters.first - AROUND, parameters.end + AROUND)
    job = _Job(found, parameters, _numbers(found), _typed(found), zones)
    if not parameters.only_fixed:
        job.carrier = Carrier(windows, job.inexact(), code, period, at=at, zones=zones)
    return job


class _Job:
    """The rows of points in the making."""

    def __init__(
        self, found: RegisterConsumption, parameters: Parameters, meters: dict[int, str],
        typed: set[tuple[int, int, int]], zones: Zones | None,
    ) -> None:  # fmt: skip
        self.found, self.parameters, self.meters, self.typed = found, parameters, meters, typed
        self.zones = zones
        self.carrier: Carrier | None = None
        self.places: dict[int, list[int]] = {}
        for place, point in enumerate(found.usage_points.tolist()):
            self.places.setdefault(point, []).append(place)

    def inexact(self) -> list[int]:
        """The points of which a reading stands elsewhere than at its boundary."""
        found = self.found
        away = (found.opened_at > 0) & (found.opened_at != found.starts[:, None])
        away |= (found.closed_at > 0) & (found.closed_at != found.ends[:, None])
        points: list[int] = np.unique(found.usage_points[away.any(axis=1)]).tolist()
        return points

    def point(self, point: int) -> Between:
        places = self.places.get(point, [])
        if not places:
            return Between((Row(is_missing=True),), None, State.MISSING)
        complexes = self.found.complexes[places].tolist()
        is_replaced = len(set(complexes)) > 1
        is_late = is_replaced and not self.parameters.with_replacements
        if is_late:
            pairs = zip(places, complexes, strict=True)
            places = [place for place, one in pairs if one == complexes[-1]]
        is_cut = point not in self.found.covered
        sums: list[Row] = []
        rows: list[Row] = []
        for place in places:
            whole, zones = self._stretch(point, place)
            whole = replace(whole, is_cut=is_cut, is_late=is_late, used_state=_worst(
                whole.used_state, State.PARTLY if is_cut or is_late else State.MEASURED
            ))  # fmt: skip
            sums.append(whole)
            rows += [whole, *(zones if self.parameters.tariffs else ())]
        used = [row.used for row in sums]
        known = None if None in used else sum((one for one in used if one), Fraction(0))
        state = State.MISSING if known is None else _worst(*(row.used_state for row in sums))
        return Between(tuple(rows), known, state, is_replaced, len(sums) > 1)

    def _stretch(self, point: int, place: int) -> tuple[Row, list[Row]]:
        """The sum register of a meter's time, and the registers of zones where it has several."""
        read = (self.found.opened_at[place] > 0) | (self.found.closed_at[place] > 0)
        zones = [
            self._row(point, place, column) for column in (np.flatnonzero(read[1:]) + 1).tolist()
        ]
        whole = self._row(point, place, 0) if read[0] or not zones else _added(zones)
        return whole, zones if len(zones) > 1 else []

    def _row(self, point: int, place: int, column: int) -> Row:
        found = self.found
        ratio = found.ratios[place]
        meter = int(found.meters[place])
        tariff = registers.meaning(int(found.registers[column]))[1]
        opened_at, closed_at = int(found.opened_at[place, column]), int(
            found.closed_at[place, column]
        )  # fmt: skip
        start, end = int(found.starts[place]), int(found.ends[place])
        fell = bool(found.fell[place, column])
        opened, closed = (
            self._side((point, meter, moment), int(shown), boundary, tariff, ratio, fell=fell)
            for moment, shown, boundary in (
                (opened_at, found.opening[place, column], start),
                (closed_at, found.closing[place, column], end),
            )
        )
        row = Row(
            meter=self.meters.get(meter, ""),
            tariff=tariff,
            zone=self._zone(point, tariff),
            ratio=ratio,
            opened_at=opened.at,
            opening=opened.shown,
            opening_state=opened.state,
            closed_at=closed.at,
            closing=closed.shown,
            closing_state=closed.state,
            rolled=bool(found.rolled[place, column]),
            fell=fell,
        )
        # One reading may stand for both ends, carried to at least one of them.
        is_one = opened_at == closed_at and opened.at < closed.at
        if not (opened.is_there and closed.is_there and (found.known[place, column] or is_one)):
            return row
        used = ratio * int(found.shown[place, column]) + closed.added - opened.added
        is_of_other = any(
            side.at != boundary and side.state != State.CARRIED
            for side, boundary in ((opened, start), (closed, end))
        )
        state = _worst(opened.state, closed.state)
        if is_of_other:
            state = State.PARTLY
        return replace(row, difference=used / ratio, used=used, used_state=state,
                       is_of_other_moments=is_of_other)  # fmt: skip

    def _side(
        self, key: tuple[int, int, int], shown: int, boundary: int, tariff: int, ratio: Fraction,
        *, fell: bool,
    ) -> _Side:  # fmt: skip
        """A reading at one end: as it stands there, carried to it, or as it stands elsewhere."""
        point, _meter, moment = key
        if not moment:
            return _Side()
        is_typed = key in self.typed
        state = State.MANUAL if is_typed else State.MEASURED
        if self.carrier is None:
            # Only what the meter itself captured at the very boundary.
            return _Side() if moment != boundary or is_typed else _Side(
                moment, Fraction(shown), state
            )  # fmt: skip
        carried = None if fell else self.carrier.carry(point, moment, boundary, tariff)
        if moment == boundary or carried is None:
            return _Side(moment, Fraction(shown), state)
        return _Side(carried.at, shown + carried.added / ratio, State.CARRIED, carried.added)

    def _zone(self, point: int, tariff: int) -> str:
        if self.zones is None or not tariff:
            return ""
        return self.zones.names([point]).get(tariff, "")


_ORDER = (State.MISSING, State.PARTLY, State.ESTIMATED, State.CARRIED, State.MANUAL, State.MEASURED)


def _worst(*states: State) -> State:
    """What is to be known of a number made of several."""
    return min(states, key=_ORDER.index)


def _added(zones: Sequence[Row]) -> Row:
    """The sum of zones, of a meter whose sum register nobody read."""
    first = zones[0]

    def total(name: str) -> Fraction | None:
        values = [getattr(row, name) for row in zones]
        return None if None in values else sum(values, Fraction(0))

    opened, closed = ({getattr(row, name) for row in zones} for name in ("opened_at", "closed_at"))
    is_alike = len(opened) == len(closed) == 1
    opening, closing = (total(name) if is_alike else None for name in ("opening", "closing"))
    used = total("used")
    return replace(
        first,
        tariff=0,
        zone="",
        opened_at=first.opened_at if is_alike else 0,
        closed_at=first.closed_at if is_alike else 0,
        opening=opening,
        opening_state=_worst(*(row.opening_state for row in zones))
        if opening is not None else State.MISSING,
        closing=closing,
        closing_state=_worst(*(row.closing_state for row in zones))
        if closing is not None else State.MISSING,
        difference=total("difference"),
        used=used,
        used_state=_worst(*(row.used_state for row in zones)),
        rolled=any(row.rolled for row in zones),
        fell=any(row.fell for row in zones),
        is_of_other_moments=any(row.is_of_other_moments for row in zones),
    )  # fmt: skip


def _numbers(found: RegisterConsumption) -> dict[int, str]:
    """Numbers of meters by id. One query."""
    ids = set(found.meters.tolist())
    return dict(Meter.objects.filter(pk__in=ids).values_list("pk", "number")) if ids else {}


def _typed(found: RegisterConsumption) -> set[tuple[int, int, int]]:
    """(point, meter, moment) of the readings used that a person typed. One query."""
    shape = found.opened_at.shape
    keys = np.stack(
        [
            np.broadcast_to(one, (2, *shape)).reshape(-1)
            for one in (
                found.usage_points[:, None], found.meters[:, None],
                np.stack([found.opened_at, found.closed_at]),
            )
        ],
        axis=1,
    )  # fmt: skip
    keys = np.unique(keys[keys[:, 2] > 0], axis=0)
    if not len(keys):
        return set()
    there = register_store.at_moments(*keys.T)
    there = there.take(there.present.any(axis=1))
    manual = there.kinds == RegisterReading.Kind.MANUAL
    listed = [tuple(key) for key in there.keys()[:, :3].tolist()]
    by_meter = {key for key, one in zip(listed, manual.tolist(), strict=True) if not one}
    return {key for key, one in zip(listed, manual.tolist(), strict=True) if one} - by_meter
