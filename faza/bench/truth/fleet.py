"""A fleet of simulated meters that fail, read for weeks: what the store says of a month.

Meters are read twice a day without a line between (`session`); the readings go the way of all
readings: `polling.results`, `record`, the round of validation. Replaced meters are entered as the
fitters' papers say, with both readings.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import numpy.typing as npt

from faza.bench.truth import world
from faza.bench.truth.session import session
from faza.collection.models import CollectionPlan, Device, Line
from faza.collection.polling import claims, results, services
from faza.collection.polling.work import Kind as Read
from faza.collection.polling.work import SessionResult
from faza.core.periods import start_of_day
from faza.core.quality import is_estimated, is_present
from faza.metering import services as metering
from faza.metering.models import Meter as Known
from faza.metering.models import MeterModel, NetworkNode, UsagePoint
from faza.readings import registers
from faza.readings.models import Finding
from faza.readings.replacement import replace_meter
from faza.readings.sources import get_source
from faza.readings.store import fetch
from faza.simulator import fleet as fleets
from faza.simulator import truth
from faza.simulator.faults import Kind
from faza.simulator.fleet import Fleet, Mix
from faza.simulator.load import HALF_HOUR, TENTHS
from faza.simulator.meter import Meter
from faza.simulator.truth import Told

I64 = npt.NDArray[np.int64]

MONTH, END = date(2025, 10, 1), date(2025, 11, 1)
BEFORE, AFTER = 35, 4
"""Days that are read before the month and after it."""
EVERY = timedelta(hours=12)
PLAN = {Read.CLOCK: 60, Read.DAYS: 720, Read.EVENTS: 60, Read.PROFILE: 30}
"""What is read, every so many minutes at most."""
COLLECTOR = "truth"
RULES: dict[str, tuple[tuple[Kind, ...], tuple[Kind, ...]]] = {
    "V01": (
        (Kind.POWER, Kind.MISSING, Kind.CATCH_UP),
        (Kind.RESET, Kind.REPLACED, Kind.CLOCK_JUMP),
    ),
    "V17": ((Kind.MAGNET, Kind.FAILURE, Kind.CASE), (Kind.COVER, Kind.CLOCK_JUMP)),
    "V18": ((Kind.CATCH_UP,), ()),
}
"""Faults that a rule is to tell, of LONG at least if they last: shorter ones may lie within an
interval; and others for which it may speak too."""
LONG = timedelta(minutes=60)


@dataclass(slots=True)
class Place:
    """A place of the fleet: its point, its simulated meter, and how often it was replaced.

    swapped: Wh that the old and the new meter showed when they were swapped.
    """

    point: UsagePoint
    line: Line
    meter: Meter
    swapped: list[tuple[datetime, int, int]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Month:
    """A meter's month, Wh on the primary side.

    kinds: faults of the month. step: of its registers. fine: they are no coarser than the rows
    of its profile, and are to be met exactly. effective: what stands in the store;
    delivered: the same without estimates and with whatever was found wrong. metered: by the
    registers, None where they were not kept at both ends. consumed: in truth. left: intervals
    without a value; estimated: how many were estimated.
    """

    place: int
    kinds: frozenset[Kind]
    step: int
    fine: bool
    effective: int
    delivered: int
    metered: int | None
    consumed: int
    left: int
    estimated: int

    @property
    def off(self) -> float:
        """|effective - metered| in steps."""
        return abs(self.effective - (self.metered or 0)) / self.step


@dataclass(frozen=True, slots=True)
class Found:
    """Faults that a rule is to tell. found: those that a finding of the rule touches. besides:
    its findings at meters to which nothing has happened of which it may speak."""

    rule: str
    fault: str
    put: int
    found: int
    besides: int


@dataclass(frozen=True, slots=True)
class Outcome:
    months: list[Month]
    found: list[Found]


def run(count: int, *, seed: int, often: float = 1.0) -> Outcome:
    """Read so many meters; tell their months and which of their faults were found."""
    since = start_of_day(MONTH - timedelta(days=BEFORE), world.ZONE)
    until = start_of_day(END + timedelta(days=AFTER), world.ZONE)
    fleet = fleets.make(count, seed=seed, since=since, until=until, mix=Mix(hdlc=0, often=often))
    places = _make(fleet, since)
    at = since + timedelta(hours=3)
    while at < until:
        _replace(places, at - EVERY, at)
        _read(places, at)
        at += EVERY
    world.work(until)
    told = _truth(fleet, until)
    return Outcome(list(_months(places, told)), [of_rule(places, rule) for rule in RULES])


def _make(fleet: Fleet, since: datetime) -> list[Place]:
    node = metering.add_node(
        name="Электросети", code="FLEET", kind=NetworkNode.Kind.OTHER, parent=None, at=since
    )
    plan = services.keep_plan(CollectionPlan(name="truth", back_off=10, retries=20), at=since,
                              items=PLAN)  # fmt: skip
    places = []
    for n, meter in enumerate(fleet.meters):
        spec = meter.spec
        point = metering.add_usage_point(
            UsagePoint(code=f"F{n + 1}", name=f"Ввод {n + 1}", node=node, zone=world.ZONE),
            at=since,
        )
        metering.install(
            usage_point=point, meter=_known(meter, spec.number), valid_from=since, at=since,
            ct=spec.ct, vt=spec.vt,
        )  # fmt: skip
        line = services.keep_line(Line(name=f"{n}", host="meters.example", port=n + 1), at=since)
        places.append(Place(point, line, meter))
        _connect(places[-1], spec.number, plan, since)
    return places


def _known(meter: Meter, number: str) -> Known:
    step = meter.spec.register_step
    model, _ = MeterModel.objects.get_or_create(
        name=f"{meter.spec.model}/{step}", manufacturer="Faza",
        defaults={"decimals": 3 if step == 1 else 2, "digits": 6},
    )  # fmt: skip
    return Known.objects.create(number=number, model=model)


def _connect(place: Place, number: str, plan: CollectionPlan, at: datetime) -> None:
    device = Device(
        meter=Known.objects.get(number=number), line=place.line, driver="dlms-wrapper", plan=plan
    )
    services.keep_device(device, at=at)


def _replace(places: Sequence[Place], after: datetime, at: datetime) -> None:
    """Enter the meters that were replaced in (after, at]."""
    for place in places:
        for fault in place.meter.spec.faults.scheduled:
            if fault.kind is not Kind.REPLACED or not after < fault.at <= at:
                continue
            closing = place.meter.registers(fault.at - timedelta(seconds=1))
            opening = place.meter.registers(fault.at)
            old = Device.objects.select_related("plan").get(line=place.line, is_enabled=True)
            old.is_enabled = False
            services.keep_device(old, at=at)
            spec = place.meter.spec
            replace_meter(
                usage_point=place.point, meter=_known(place.meter, fault.number),
                replaced_at=fault.at, closing=_shown(closing), opening=_shown(opening),
                source=get_source("meter"), at=at, ct=spec.ct, vt=spec.vt,
            )  # fmt: skip
            place.swapped.append((fault.at, int(closing[0, 0]), int(opening[0, 0])))
            _connect(place, fault.number, old.plan, at)


def _shown(values: I64) -> dict[int, int]:
    """T0 of the four energies, by register."""
    return {registers.register(kind): int(values[kind - 1, 0]) for kind in (1, 2, 3, 4)}


def _read(places: Sequence[Place], at: datetime) -> None:
    by_line = {place.line.pk: place.meter for place in places}
    while lines := claims.claim(collector=COLLECTOR, at=at, limit=500):
        told: list[SessionResult] = [
            session(line, device, by_line[line.id], at) for line in lines for device in line.devices
        ]
        results.store(told, collector=COLLECTOR, at=at)


def _truth(fleet: Fleet, at: datetime) -> list[Told]:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "truth.npz"
        truth.write(file, fleet.meters, at)
        return truth.read(file)


def _months(places: Sequence[Place], told: Sequence[Told]) -> Iterator[Month]:
    start, end = (start_of_day(day, world.ZONE) for day in (MONTH, END))
    points = [place.point.pk for place in places]
    stands = fetch(points, [world.A_PLUS], MONTH, END)
    came = fetch(points, [world.A_PLUS], MONTH, END, delivered=True)
    for n, (place, one) in enumerate(zip(places, told, strict=True)):
        mine = stands.usage_points == place.point.pk
        values, quality = stands.values[mine], stands.quality[mine]
        other = came.usage_points == place.point.pk
        instead = np.isin(stands.days[mine], came.days[other])
        estimated = is_estimated(quality)
        yield Month(
            place=n,
            kinds=frozenset(
                fault.kind for fault in place.meter.spec.faults.scheduled if start <= fault.at < end
            ),
            step=_primary(place.meter.spec.register_step, one.ratio),
            fine=place.meter.spec.register_step * TENTHS <= place.meter.spec.profile_step,
            effective=int(values.sum()),
            delivered=int(values[~instead].sum() + came.values[other].sum()),
            metered=_metered(one, place.swapped, start, end),
            consumed=_primary(_consumed(one, start, end), one.ratio / TENTHS),
            left=int((end - start).total_seconds()) // HALF_HOUR - int(is_present(quality).sum()),
            estimated=int(estimated.sum()),
        )


def of_rule(places: Sequence[Place], rule: str) -> Found:
    """Faults of the month that a rule is to tell, and what it told."""
    start, end = (start_of_day(day, world.ZONE) for day in (MONTH, END))
    findings: dict[int, list[tuple[datetime, datetime]]] = {place.point.pk: [] for place in places}
    rows = Finding.objects.filter(
        rule=rule, reading_type=world.A_PLUS, usage_point_id__in=findings, start__gte=start,
        end__lte=end,
    )  # fmt: skip
    for point, low, high in rows.values_list("usage_point_id", "start", "end"):
        findings[point].append((low, high))
    wanted, others = RULES[rule]
    put = found = besides = 0
    for place in places:
        scheduled = place.meter.spec.faults.scheduled
        faults = [
            (fault.at, (fault.until or fault.at) + LONG)
            for fault in scheduled
            if fault.kind in wanted
            and start <= fault.at < end - 2 * LONG
            and (fault.until is None or fault.until - fault.at >= LONG)
        ]
        causes = [fault.at for fault in scheduled if fault.kind in (*wanted, *others)]
        told = findings[place.point.pk]
        put += len(faults)
        found += sum(any(_touch(one, other) for other in told) for one in faults)
        besides += sum(not any(at < high for at in causes) for _, high in told)
    return Found(rule, ", ".join(kind.replace("_", " ") for kind in wanted), put, found, besides)


def _touch(one: tuple[datetime, datetime], other: tuple[datetime, datetime]) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _consumed(one: Told, start: datetime, end: datetime) -> int:
    """Tenths of Wh that really flowed in a month."""
    first, last = (
        int((moment - one.since).total_seconds()) // HALF_HOUR for moment in (start, end)
    )
    return int(one.consumed[0, first:last].sum())


def _metered(
    one: Told, swapped: Sequence[tuple[datetime, int, int]], start: datetime, end: datetime
) -> int | None:
    """Wh on the primary side by the registers that the meters kept at the ends of the month."""
    kept = dict(zip(one.days.astype(np.int64).tolist(), one.day_values[:, 0, 0], strict=True))
    ends = [kept.get(int(moment.timestamp())) for moment in (start, end)]
    if ends[0] is None or ends[1] is None or any(start <= at < end for at, _, _ in swapped):
        return None
    return _primary(int(ends[1] - ends[0]), one.ratio)


def _primary(energy: int, ratio: Fraction) -> int:
    return int(energy * ratio)
