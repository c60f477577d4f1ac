"""One finding with what stands around it, what each method gives, and what a decision changes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
from django.db.models import Q

from faza.accounts.models import User
from faza.collection.models import Device
from faza.core.quality import is_present
from faza.core.reading_types import BY_CODE, ReadingType
from faza.desk.exceptions import asked as address
from faza.desk.exceptions import words
from faza.desk.exceptions.asked import Asked
from faza.desk.polling import reach
from faza.events.models import EndDeviceEvent
from faza.metering.models import MeteringComplex, UsagePoint
from faza.readings.models import Source
from faza.readings.queries import Origin, Profile
from faza.readings.validation.shapes import Effect
from faza.readings.vee import preview
from faza.readings.vee.choosing import AUTO, NothingKnown, NotOnGrid
from faza.readings.vee.findings import FOUND, Row, State
from faza.readings.vee.preview import Beside, Candidate

F64 = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

LONGEST = timedelta(days=31)
"""Days drawn at once."""
AROUND = {"day": timedelta(0), "days": timedelta(days=1), "week": timedelta(days=3)}
MOST_EDITED = 48
"""Intervals that are typed in by hand at once."""
EVENTS = 6


@dataclass(frozen=True, slots=True)
class Day:
    """Sums of a civil day: as delivered, as it stands, as it would; missing: intervals then."""

    day: date
    came: Decimal
    now: Decimal
    then: Decimal
    missing: int

    @property
    def changes(self) -> bool:
        return self.now != self.then

    @property
    def places(self) -> int:
        return words.places(max(self.came, self.now, self.then))


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """A finding with its surroundings.

    Arrays (n,) by interval of the days shown, `starts` in unix seconds, values as stored, NaN
    where there is none: came as delivered, now as it stands, then as it would be after the
    decision. inside: intervals of the finding. laid: those that the decision gives.
    """

    row: Row
    point: UsagePoint
    kind: ReadingType | None
    complex: MeteringComplex | None
    device: Device | None
    deed: str
    method: str
    candidates: tuple[Candidate, ...]
    beside: Beside | None
    came: F64
    now: F64
    then: F64
    inside: Mask
    laid: Mask
    days: tuple[Day, ...]
    events: tuple[EndDeviceEvent, ...]
    others: tuple[Row, ...]

    @property
    def starts(self) -> npt.NDArray[np.int64]:
        assert self.beside is not None
        return self.beside.effective.starts

    @property
    def chosen(self) -> Candidate | None:
        return next((one for one in self.candidates if one.method == self.method), None)

    @property
    def named(self) -> str:
        """The method that the chosen one comes to: the automatic order does as another one."""
        chosen = self.chosen
        if chosen is None or chosen.method != AUTO:
            return self.method
        alike = (
            one.method
            for one in self.candidates[1:]
            if np.array_equal(one.values, chosen.values)
            and np.array_equal(one.starts, chosen.starts)
        )
        return next(alike, AUTO)

    @property
    def is_open(self) -> bool:
        return self.row.state == State.OPEN

    @property
    def is_undone(self) -> bool:
        """Whether there is a decision to take back."""
        return self.row.state in (State.ACCEPTED, State.DECIDED)

    @property
    def may_edit(self) -> bool:
        """Whether it is few enough intervals to be typed in."""
        is_energy = self.kind is not None and self.kind.additive
        return is_energy and 0 < int(self.inside.sum()) <= MOST_EDITED


def evidence(user: User, row: Row, asked: Asked, *, at: datetime) -> Evidence:
    """All that the page tells of a finding; the number of queries does not depend on its days."""
    point = UsagePoint.objects.select_related("node").get(pk=row.key.usage_point)
    found = _beside(point, row, asked.span, at)
    candidates = _candidates(point, row, at)
    methods = [one.method for one in candidates]
    method = asked.method if asked.method in methods else (methods[0] if methods else "")
    deed = asked.deed or (address.ESTIMATE if methods else address.ACCEPT)
    if deed == address.ESTIMATE and not methods:
        deed = address.ACCEPT
    complex_ = _complex(point, row)
    nothing = np.zeros(0)
    made = Evidence(
        row=row,
        point=point,
        kind=BY_CODE.get(row.key.reading_type),
        complex=complex_,
        device=_device(user, complex_, at),
        deed=deed,
        method=method,
        candidates=tuple(candidates),
        beside=found,
        came=nothing,
        now=nothing,
        then=nothing,
        inside=np.zeros(0, bool),
        laid=np.zeros(0, bool),
        days=(),
        events=_events(point, row),
        others=tuple(one for one in found.others if one.key != row.key) if found else (),
    )
    return made if found is None else _weighed(made, found)


def _weighed(made: Evidence, found: Beside) -> Evidence:
    """What stands and what would stand."""
    profile, row = found.effective, made.row
    now, came = _values(profile), _onto(profile, found.delivered)
    inside = (profile.starts >= row.key.start) & (profile.ends <= row.end)
    then, laid = now.copy(), np.zeros(len(now), bool)
    chosen = made.chosen
    if made.deed == address.ESTIMATE and chosen is not None:
        place = np.searchsorted(profile.starts, chosen.starts)
        fits = place < len(profile.starts)
        fits[fits] = profile.starts[place[fits]] == chosen.starts[fits]
        then[place[fits]] = chosen.values[fits]
        laid[place[fits]] = True
    elif made.deed == address.ACCEPT and row.state in FOUND:
        laid = inside & ~_by_persons(profile, found.origins) & ~_held(profile, made.others)
        then[laid] = came[laid]
    days = _days(made, profile, came, now, then, inside)
    return replace(made, came=came, now=now, then=then, inside=inside, laid=laid, days=days)


def _values(profile: Profile) -> F64:
    present = is_present(profile.quality)
    told: F64 = np.where(present, profile.values, np.nan)
    return told


def _onto(profile: Profile, other: Profile) -> F64:
    """Values of another profile on the grid of this one; NaN where it has none."""
    told = np.full(len(profile.starts), np.nan)
    place = np.searchsorted(other.starts, profile.starts)
    met = np.flatnonzero(place < len(other.starts))
    met = met[other.starts[place[met]] == profile.starts[met]]
    told[met] = _values(other)[place[met]]
    return told


def _by_persons(profile: Profile, origins: tuple[Origin, ...]) -> Mask:
    mask = np.zeros(len(profile.starts), bool)
    for one in origins:
        if one.is_override or one.kind == Source.Kind.OPERATOR:
            mask |= (profile.starts >= one.start) & (profile.ends <= one.end)
    return mask


def _held(profile: Profile, others: tuple[Row, ...]) -> Mask:
    """(n,) what other findings keep from standing as it came."""
    mask = np.zeros(len(profile.starts), bool)
    for one in others:
        if one.state in FOUND and one.effect > Effect.TELL:
            mask |= (profile.starts < one.end) & (profile.ends > one.key.start)
    return mask


def _days(
    made: Evidence, profile: Profile, came: F64, now: F64, then: F64, inside: Mask
) -> tuple[Day, ...]:
    """The civil days that the finding touches."""
    if made.kind is None or not made.kind.additive:
        return ()
    zone, found = ZoneInfo(profile.zone), []
    dates = np.array(
        [datetime.fromtimestamp(start, zone).date() for start in profile.starts.tolist()], object
    )
    for day in sorted(set(dates[inside].tolist())):
        mine = dates == day
        sums = [
            words.in_unit(Decimal(int(np.nansum(told[mine]))), made.kind)
            for told in (came, now, then)
        ]
        missing = int(np.isnan(then[mine]).sum())
        found.append(Day(day, came=sums[0], now=sums[1], then=sums[2], missing=missing))
    return tuple(found)


def _beside(point: UsagePoint, row: Row, span: str, at: datetime) -> Beside | None:
    """None for a finding that is of no channel."""
    if row.key.reading_type not in BY_CODE:
        return None
    zone = ZoneInfo(point.zone)
    first = row.starts_at.astimezone(zone).date()
    end = (row.ends_at - timedelta(microseconds=1)).astimezone(zone).date() + timedelta(days=1)
    first, end = first - AROUND[span], end + AROUND[span]
    found = preview.beside(point, row, at=at, first=first, end=min(end, first + LONGEST))
    return found if len(found.effective.starts) else None


def _candidates(point: UsagePoint, row: Row, at: datetime) -> list[Candidate]:
    """What the methods give, that of the automatic order first; of equal ones the first."""
    kind = BY_CODE.get(row.key.reading_type)
    if kind is None or not kind.additive or row.state not in FOUND:
        return []
    try:
        found = preview.candidates(
            point, row.key.reading_type, row.starts_at, row.ends_at, at=at
        )  # fmt: skip
    except (NotOnGrid, NothingKnown):
        return []
    return found if any(one.method == AUTO for one in found) else []


def _complex(point: UsagePoint, row: Row) -> MeteringComplex | None:
    """What stood at the point when the stretch began, else what stands there since."""
    rows = MeteringComplex.objects.filter(
        usage_point=point, valid_from__lt=row.ends_at, role=MeteringComplex.Role.BILLING
    )
    return rows.select_related("meter__model").order_by("-valid_from").first()


def _device(user: User, complex_: MeteringComplex | None, at: datetime) -> Device | None:
    """The polled device of the meter, if there is one that is switched on."""
    if complex_ is None:
        return None
    rows = reach.devices(user, at=at).filter(meter=complex_.meter_id)
    # Annotated: no field of the model.
    return rows.exclude(Q(("state", reach.OFF))).first()


def _events(point: UsagePoint, row: Row) -> tuple[EndDeviceEvent, ...]:
    """What the meter told a day around."""
    around = timedelta(days=1)
    first, end = row.starts_at - around, row.ends_at + around
    rows = EndDeviceEvent.objects.filter(usage_point=point.pk, at__gte=first, at__lt=end)
    return tuple(rows.order_by("-importance", "at")[:EVENTS])


def starts_in(found: Evidence) -> list[datetime]:
    """When the intervals of the finding begin, in the point's zone."""
    zone = ZoneInfo(found.point.zone)
    return [
        datetime.fromtimestamp(start, UTC).astimezone(zone)
        for start in found.starts[found.inside].tolist()
    ]
