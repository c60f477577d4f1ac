"""Full parameters of the network at some points of the demo: averages, moments, counters.

Of the last weeks only: so much is read of a meter in an hour that all the months would take more
than everything else. One house is sound, some installations are not (`phases.FAULTS`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from faza.collection.models import QualityCount
from faza.collection.supply_quality import OUTSIDE, OVER
from faza.core.periods import start_of_day
from faza.core.quality import Quality
from faza.core.reading_types import BY_CHANNEL
from faza.demo import deliveries, phases, plan
from faza.demo.loads import Truth
from faza.demo.plan import POINTS
from faza.demo.profiles import SLOTS
from faza.demo.scenario import STEP, Scenario
from faza.metering.models import MeteringComplex
from faza.readings import rules, services
from faza.readings.blocks import BlockBatch
from faza.readings.network import moments
from faza.readings.network.moments import Moment

I64 = npt.NDArray[np.int64]

SHOWN = (
    "Дом", "Квартира 52", "Дом 6", "Дом 1", "Дом 5", 'Магазин "Берег"', "Ввод 1 10 кВ",
    *phases.FAULTS,
)  # fmt: skip
"""Sound ones of three phases and of one, with panels, behind transformers; then the faults."""
AVERAGED, KEPT = timedelta(days=35), timedelta(days=10)
"""So far back go averages, and moments."""
OFTEN = 2 * SLOTS
"""Half-hours at the end of which each has its moment; before them every other one."""
SECONDS = {9: 4, 17: 11}
"""Day of a month -> seconds of voltage out of bounds in it, as the house's meter counted."""
COUNTED = "Дом"


def deliver(
    truth: Truth, scenario: Scenario, places: Mapping[int, int], *,
    first: date, until: datetime, at: datetime, is_more: bool = False,
) -> int:  # fmt: skip
    """Deliver what meters told since `first` as known at `until`; how many moments were new.

    places: ids of usage points by their place in the plan. Repeatable. is_more: a grid is
    continued, and its meters may have been read meanwhile: only what nobody has delivered is.
    """
    source = deliveries.source_of("meter")
    standing = _standing(places)
    told: list[Moment] = []
    for name in SHOWN:
        n = plan.BY_NAME[name]
        today = until.astimezone(ZoneInfo(POINTS[n].zone)).date()
        since = scenario.slot(max(first, scenario.since, today - AVERAGED))
        end = scenario.known(n, until)
        if end <= since:
            continue
        values = _values(truth, scenario, n)
        quality = scenario.quality(truth)[n]
        for batch in _batches(n, places[n], values, quality, (since, end), scenario):
            fresh = deliveries.news(batch) if is_more else batch
            if len(fresh):
                services.record(fresh, source=source, sequence=_numbers(fresh, at), at=at)
        low = max(since, end - KEPT // STEP)
        told += _moments(n, places[n], standing[places[n]], truth, scenario, (low, end))
    _count(places, standing, until)
    return moments.record(told, source=source, at=at)


def _standing(places: Mapping[int, int]) -> dict[int, int]:
    """The meter that stands at each point now."""
    ids = [places[plan.BY_NAME[name]] for name in SHOWN]
    rows = MeteringComplex.objects.billing().filter(usage_point__in=ids, valid_to=None)
    return dict(rows.values_list("usage_point_id", "meter_id"))


def _divided(truth: Truth, scenario: Scenario, n: int) -> dict[str, npt.NDArray[np.float64]]:
    fault = phases.FAULTS.get(POINTS[n].name)
    since = max(scenario.slot(scenario.ago(fault.days), 10), 0) if fault else 0
    return phases.divided(truth, n, fault, since)


def _is_swapped(n: int) -> bool:
    fault = phases.FAULTS.get(POINTS[n].name)
    return fault is not None and fault.kind == "order"


def _values(truth: Truth, scenario: Scenario, n: int) -> dict[int, I64]:
    """Averages that are delivered: no angles, which meters do not average; (slots,) each.

    Voltages and currents of points that show them all the year are there already.
    """
    told = phases.told(_divided(truth, scenario, n), is_swapped=_is_swapped(n))
    noise = truth.calendar.noise(61, each=1)
    told[BY_CHANNEL["F"].code] = np.rint(5000 + 3 * noise).astype(np.int64)
    angles = {kind.code for kind in BY_CHANNEL.values() if kind.quantity == "angle"}
    there = {BY_CHANNEL[f"{name}{p}"].code for name in "UI" for p in phases.letters(n)}
    left_out = angles | (there if POINTS[n].phases_shown else set())
    return {code: values for code, values in told.items() if code not in left_out}


def _batches(
    n: int, point: int, values: Mapping[int, I64], quality: npt.NDArray[np.uint8],
    span: tuple[int, int], scenario: Scenario,
) -> Iterator[BlockBatch]:  # fmt: skip
    first, end = span
    zone = POINTS[n].zone
    start = start_of_day(scenario.since, zone) + STEP * first
    yield BlockBatch.from_series(
        usage_points=[point] * len(values),
        reading_types=list(values),
        start=start,
        interval=30,
        values=np.stack([one[first:end] for one in values.values()]),
        quality=np.tile(quality[first:end], (len(values), 1)),
        zone=zone,
    )


def _numbers(batch: BlockBatch, at: datetime) -> I64:
    """Sequences of days: when they were read, after their end."""
    each, rows = np.unique(batch.days, return_inverse=True)
    ends = [start_of_day(day + timedelta(days=1), plan.MOSCOW) for day in each.tolist()]
    read = [rules.sequence(rules.moment(min(end + deliveries.READ_AFTER, at))) for end in ends]
    return np.array(read, np.int64)[rows.reshape(-1)]


def _moments(
    n: int, point: int, meter: int, truth: Truth, scenario: Scenario, span: tuple[int, int]
) -> Iterator[Moment]:
    """What the meter told at the ends of half-hours [first, end) that have data."""
    first, end = span
    quality = scenario.quality(truth)[n]
    slots = [
        slot
        for slot in range(first, end)
        if quality[slot] != Quality.MISSING and (slot % 2 or slot >= end - OFTEN)
    ]
    if not slots:
        return
    told = _of_moments(truth, scenario, n, np.array(slots))
    start = start_of_day(scenario.since, POINTS[n].zone)
    for place, slot in enumerate(slots):
        at = (start + STEP * (slot + 1)).astimezone(UTC)
        yield Moment(point, meter, at, {code: int(one[place]) for code, one in told.items()})


def _of_moments(truth: Truth, scenario: Scenario, n: int, slots: I64) -> dict[int, I64]:
    """Values at the ends of some half-hours: near their averages, each phase by itself."""
    of = {name: one[slots].copy() for name, one in _divided(truth, scenario, n).items()}
    for place, letter in enumerate(phases.letters(n)):
        load, volts = (
            1 + size * truth.calendar.noise(POINTS[n].seed + salt + place)[slots]
            for size, salt in ((0.06, 71), (0.003, 81))
        )
        of[f"U{letter}"] *= volts
        for name in "PQ":
            of[f"{name}{letter}"] *= load
        apparent = np.hypot(of[f"P{letter}"], of[f"Q{letter}"])
        is_live = of[f"U{letter}"] > 40
        of[f"I{letter}"] = np.where(is_live, apparent / np.maximum(of[f"U{letter}"], 1), 0)
    told = phases.told(of, is_swapped=_is_swapped(n))
    noise = truth.calendar.noise(62)[slots]
    told[BY_CHANNEL["F"].code] = np.rint(5000 + 3 * noise).astype(np.int64)
    return told


def _count(places: Mapping[int, int], standing: Mapping[int, int], until: datetime) -> None:
    """The house's counters of this month and the one before, as read after each day."""
    n = plan.BY_NAME[COUNTED]
    point, zone = places[n], ZoneInfo(POINTS[n].zone)
    today = until.astimezone(zone).date()
    day = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    rows = []
    while day <= today:
        read = start_of_day(day, POINTS[n].zone) + timedelta(hours=23, minutes=40)
        counted = sum(seconds for number, seconds in SECONDS.items() if number <= day.day)
        over = sum(number <= day.day for number in SECONDS)
        if read < until:
            rows.append(
                QualityCount(
                    usage_point_id=point, meter_id=standing[point], at=read,
                    counters={OUTSIDE: counted, OVER: over},
                )
            )  # fmt: skip
        day += timedelta(days=1)
    QualityCount.objects.bulk_create(rows, ignore_conflicts=True)
