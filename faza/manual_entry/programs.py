"""What a program sends of a meter: numbers by register, read some time before perhaps.

How it differs from the page: a program keeps readings while it is out of reach, so one may be of
up to LATE ago, by the window that was open then; and what was asked about is confirmed by a mark,
which is of these very values.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import sha256

from faza.contracts.models import Customer
from faza.core.periods import Period
from faza.core.reading_types import BY_CHANNEL, BY_CODE
from faza.core.units import from_unit
from faza.core.windows import Window, Windows
from faza.manual_entry import queries, still
from faza.manual_entry.dials import Dial
from faza.manual_entry.matching import Reach
from faza.manual_entry.models import Entry
from faza.manual_entry.queries import Due
from faza.metering.models import Meter, UsagePoint
from faza.readings.registers import TARIFFS, register

LATE = timedelta(days=3)
"""So long ago a meter may have been read: a phone was out of reach. A choice of ours."""
AHEAD = timedelta(minutes=5)
"""So much a program's clock may be fast."""


@dataclass(frozen=True, slots=True)
class Told:
    """What one register shows, in the unit that people read."""

    channel: str
    tariff: int
    value: Decimal


class Misread(Exception):
    """Values that the meter cannot show: (channel, tariff, why), why is a code."""

    def __init__(self, faults: Collection[tuple[str, int, str]]) -> None:
        super().__init__(f"{list(faults)}")
        self.faults = tuple(faults)


class WrongMoment(Exception):
    """Too long ago, in the future, or of somebody else's time."""


class Superseded(Exception):
    """A later reading of the meter waits already; this one must not replace it."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Usage points with what is to be typed there, the meters' numbers, and what came of late.

    wanted: ids of points of which a reading is waited for now. afar: those that are read without
    anybody's help.
    """

    dues: tuple[Due, ...]
    numbers: Mapping[int, str]
    wanted: frozenset[int]
    afar: frozenset[int]


def standing(points: Collection[UsagePoint], *, at: datetime) -> Standing:
    """What may be typed at points now. Some twenty-five queries, however many."""
    listed = list(points)
    dues = queries.due(listed, at=at) if listed else []
    meters = [due.installed.meter for due in dues if due.installed is not None]
    numbers = dict(Meter.objects.filter(pk__in=meters).values_list("pk", "number"))
    wanted = still.waiting(listed, at=at) if listed else []
    afar = still.read_from_afar(listed, at) if listed else set()
    return Standing(
        tuple(dues), numbers, frozenset(one.point.pk for one in wanted), frozenset(afar)
    )


def typed_in(reach: Reach, granted: Windows, *, at: datetime) -> Windows:
    """Where a program reads what was typed: the person's as a subscriber, and granted to it."""
    periods: dict[int, list[Period]] = {}
    for window in granted:
        periods.setdefault(window.usage_point, []).append(window.period)
    return Windows.merged(
        Window(window.usage_point, window.zone, shared)
        for window in queries.may_type(reach.user, at=at)
        for period in periods.get(window.usage_point, ())
        if (shared := window.period.intersect(period)) is not None
    )


def moment(read_at: datetime | None, mine: Period, *, at: datetime) -> datetime:
    """When a meter was read; now where nothing is told. mine: the reader's own time.

    Raises WrongMoment.
    """
    if read_at is None or at < read_at <= at + AHEAD:
        return at
    if not at - LATE <= read_at <= at or read_at < mine.start:
        raise WrongMoment
    return read_at


def due_of(point: UsagePoint, read_at: datetime) -> Due:
    """What may be typed of a point at the moment when it was read. Raises Superseded."""
    due = queries.due([point], at=read_at)[0]
    if due.waiting is not None and due.waiting.of_at > read_at:
        raise Superseded
    return due


def customer_of(reach: Reach, point: UsagePoint) -> Customer | None:
    """As whose a person types at a point."""
    found = reach.customers([point]).get(point.pk)
    return None if found is None else Customer.objects.get(pk=found)


def shown(due: Due, told: Iterable[Told]) -> dict[int, int]:
    """Quanta by register; each register that is due has to be there, once. Raises Misread."""
    dials = {dial.register: dial for dial in due.dials}
    found: dict[int, int] = {}
    faults: list[tuple[str, int, str]] = []
    for one in told:
        number = _register(one)
        dial = dials.get(number) if number is not None else None
        if dial is None:
            faults.append((one.channel, one.tariff, "not-asked"))
        elif dial.register in found:
            faults.append((one.channel, one.tariff, "twice"))
        elif fault := _fault(dial, one.value):
            faults.append((one.channel, one.tariff, fault))
        else:
            found[dial.register] = from_unit(one.value, BY_CODE[dial.reading_type])[0]
    missing = [dial for dial in due.dials if dial.register not in found]
    if not faults:
        faults += [(BY_CODE[one.reading_type].channel, one.tariff, "missing") for one in missing]
    if faults:
        raise Misread(faults)
    return found


def _register(told: Told) -> int | None:
    kind = BY_CHANNEL.get(told.channel)
    if kind is None or not 0 <= told.tariff < TARIFFS:
        return None
    try:
        return register(kind.code, told.tariff)
    except (KeyError, ValueError):
        return None


def _fault(dial: Dial, value: Decimal) -> str:
    """Why the meter cannot show a value, empty where it can."""
    exponent = value.normalize().as_tuple().exponent
    if not isinstance(exponent, int) or value < 0:
        return "no-number"
    if -exponent > dial.decimals:
        return "too-fine"
    return "too-large" if value * dial.quantum >= dial.capacity else ""


def mark_of(due: Due, values: Mapping[int, int]) -> str:
    """What confirms values that were asked about; of a meter's same values it is the same."""
    meter = due.installed.meter if due.installed is not None else 0
    told = ";".join(f"{number}={value}" for number, value in sorted(values.items()))
    return sha256(f"{due.point.pk}:{meter}:{told}".encode()).hexdigest()[:16]


def way_of(*, is_device: bool) -> Entry.Way:
    """How what a program sends has come."""
    return Entry.Way.PHONE if is_device else Entry.Way.PROGRAM
