"""The demo's register readings: at every start of a month, lately of a day, and by hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction

import numpy as np
import numpy.typing as npt
from django.db import transaction

from faza.core.periods import start_of_day
from faza.core.quality import Quality
from faza.demo import grid, meters, plan
from faza.demo.deliveries import source_of
from faza.demo.loads import Stand, Truth
from faza.demo.plan import POINTS, Point
from faza.demo.scenario import NEW_CT, REPLACED, SILENT, STEP, Scenario
from faza.metering.models import InstrumentTransformer, MeteringComplex, UsagePoint
from faza.readings import register_services, registers, replacement, rules
from faza.readings.models import RegisterReading
from faza.readings.registers import RegisterBatch
from faza.tariffs import queries as tariffs
from faza.tariffs import rules as tariff_rules
from faza.tariffs.models import Tariff

I64 = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Kind = RegisterReading.Kind

DAILY = 60
"""So many days back there are registers of every start of day."""
TYPED_ON, TYPED_AT = 20, 19.5
"""Day of month and hour when people read their meters, to the half-hour before."""
WHOLE = 1000
"""People type whole kWh."""


def deliver(
    truth: Truth,
    scenario: Scenario,
    places: dict[int, int],
    *,
    first: date,
    until: datetime,
    at: datetime,
) -> int:
    """Deliver all readings of [first, until) but those of a replacement; how many were new.

    places: ids of usage points by their place in the plan. Repeatable.
    """
    meters_of = _meters(places)
    changed = 0
    found: dict[str, list[RegisterBatch]] = {"meter": [], "manual": []}
    for shown in _shown(truth, scenario, first=first, until=until):
        batch = _batch(shown, places, meters_of[shown.stand.point][shown.stand.first > 0])
        found["manual" if shown.kind == Kind.MANUAL else "meter"].append(batch)
    for kind, batches in found.items():
        if batches:
            batch = RegisterBatch.concatenate(batches)
            numbers = _sequences(batch.moments)
            source = source_of(kind)
            done = register_services.record_registers(batch, source=source, sequence=numbers, at=at)
            changed += done.changed
    return changed


def replace(truth: Truth, scenario: Scenario, places: dict[int, int], *, at: datetime) -> None:
    """Replace the shop's meter and current transformers; done before, it changes nothing."""
    n = plan.BY_NAME[REPLACED]
    point = POINTS[n]
    day, slot = scenario.replaced
    moment = start_of_day(scenario.since, point.zone) + STEP * slot
    standing = MeteringComplex.objects.filter(usage_point=places[n]).select_related("meter__model")
    if len(standing) > 1:
        return
    zones = zones_of_half_hours(scenario.since)[point.tariff]
    old, new = (stand for stand in truth.stands if stand.point == n)
    closing, opening = (
        meters.registers(truth, stand, zones, scenario.since, np.array([slot])).reshape(-1)
        for stand in (old, new)
    )
    has = np.flatnonzero(_present(point, zones))
    model = standing[0].meter.model
    with transaction.atomic():
        replacement.replace_meter(
            usage_point=UsagePoint.objects.get(pk=places[n]),
            meter=grid.make_meter(point, model, since=day, made=scenario.today, what="next"),
            replaced_at=moment,
            closing={register: int(closing[register]) for register in has.tolist()},
            opening={register: int(opening[register]) for register in has.tolist()},
            source=source_of("meter"),
            ct=Fraction(*NEW_CT),
            transformers=grid.make_transformers(
                point, InstrumentTransformer.Kind.CT, NEW_CT, day, "next"
            ),
            at=at,
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Shown:
    """What a meter shows at some moments: (m, 36) Wh and varh; and which registers it has."""

    stand: Stand
    kind: Kind
    at: list[datetime]
    values: I64
    present: Bools


def _batch(shown: _Shown, places: dict[int, int], meter: int) -> RegisterBatch:
    count = len(shown.at)
    return RegisterBatch(
        usage_points=np.full(count, places[shown.stand.point], np.int64),
        meters=np.full(count, meter, np.int64),
        moments=np.array([registers.seconds(moment) for moment in shown.at], np.int64),
        kinds=np.full(count, shown.kind, np.int16),
        values=np.where(shown.present, shown.values, 0),
        present=np.tile(shown.present, (count, 1)),
        quality=np.full(count, Quality.VALID, np.uint8),
    )


def _meters(places: dict[int, int]) -> dict[int, list[int]]:
    """Ids of the meters that stood at each point, the first one first."""
    numbers = {point: n for n, point in places.items()}
    found: dict[int, list[int]] = {}
    rows = MeteringComplex.objects.filter(usage_point__in=places.values()).order_by("valid_from")
    for point, meter in rows.values_list("usage_point_id", "meter_id"):
        found.setdefault(numbers[point], []).append(meter)
    return found


def _sequences(moments: I64) -> I64:
    """Told at the very moment that they are of: before whatever a collector reads later."""
    return (moments << rules.CONTENT_BITS) + rules.sequence(0)


def _shown(truth: Truth, scenario: Scenario, *, first: date, until: datetime) -> Iterator[_Shown]:
    zones = zones_of_half_hours(scenario.since)
    ends = {s.point: s.first for s in scenario.stretches() if POINTS[s.point].name == SILENT}
    for stand in truth.stands:
        point = POINTS[stand.point]
        # Whoever reads the meter can do so once a second zone's end is past as well.
        until_slot = (until - start_of_day(scenario.since, point.zone)) // STEP
        last = min(stand.end - 1, until_slot, ends.get(stand.point, until_slot))
        for kind, days, hour in _moments(point, scenario, first, until):
            slots = np.array([scenario.slot(day, hour) for day in days], np.int64)
            kept = slots[(slots >= stand.first) & (slots <= last)]
            if not len(kept):
                continue
            values = meters.registers(truth, stand, zones[point.tariff], scenario.since, kept)
            start = start_of_day(scenario.since, point.zone)
            if kind == Kind.MANUAL:
                values = values // WHOLE * WHOLE
            yield _Shown(
                stand, kind, [start + STEP * slot for slot in kept.tolist()],
                values.reshape(len(kept), -1), _present(point, zones[point.tariff]),
            )  # fmt: skip


def _present(point: Point, zones: list[int]) -> Bools:
    """Which registers a point's meter has, (36,): T0 and the tariff's of its channels."""
    found = np.zeros((len(plan.FULL), meters.REGISTERS), bool)
    channels = plan.ACTIVE if point.by_hand else point.channels
    found[[plan.FULL.index(channel) for channel in channels], : max(zones) + 1] = True
    return found.reshape(-1)


def zones_of_half_hours(since: date) -> dict[str | None, list[int]]:
    """The zone of each half-hour of a day by the tariff's code; T1 where there is no tariff."""
    found: dict[str | None, list[int]] = {None: [1] * 48}
    for tariff in Tariff.objects.all():
        zones = tariffs.zones_of(tariff, on=since)
        if zones:
            minutes = tariff_rules.zone_of_minutes(
                (zone.number, tariff_rules.parse_hours(zone.hours)) for zone in zones
            )
            found[tariff.code] = minutes[::30]
    return found


def _moments(
    point: Point, scenario: Scenario, first: date, until: datetime
) -> Iterator[tuple[Kind, list[date], float]]:
    """Kinds of readings with their days and hour."""
    count = (until - start_of_day(first, point.zone)).days + 1
    days = [first + timedelta(days=n) for n in range(count)]
    if point.by_hand:
        # What came in the last window waits for the desk (`entries`); of later ones nobody types.
        typed = [day for day in days if day.day == TYPED_ON and day < scenario.window_opened]
        yield Kind.MANUAL, typed, TYPED_AT
        return
    yield Kind.MONTH, [day for day in days if day.day == 1], 0
    since = scenario.today - timedelta(days=DAILY)
    yield Kind.DAY, [day for day in days if day >= since], 0
