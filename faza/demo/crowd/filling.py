"""The utility's readings, in batches of bounded size through the one door in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from faza.core.periods import start_of_day
from faza.core.quality import Quality
from faza.demo.crowd.building import CODE
from faza.demo.crowd.plan import Plan, base_of, drawn
from faza.demo.plan import MOSCOW
from faza.metering.models import MeteringComplex, UsagePoint
from faza.readings import register_services, registers, rules, services
from faza.readings.blocks import BlockBatch
from faza.readings.models import IntervalBlock, RegisterReading, Source
from faza.readings.registers import RegisterBatch
from faza.readings.store import totals

I64 = npt.NDArray[np.int64]
ROWS = 20_000
"""Days of a channel in a batch: 48 values each, so some ten megabytes."""
A_PLUS = 1
Told = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Span:
    """The days [first, end) that are filled, `step` at once for each point.

    With a step of 1 the rows lie as they do where meters are read daily: a point's month on 31
    pages of the table. With a greater step a point's days lie beside each other.
    """

    first: date
    end: date
    step: int

    def parts(self) -> Iterator[tuple[date, int]]:
        """The first day and the number of days of each step."""
        day = self.first
        while day < self.end:
            days = min(self.step, (self.end - day).days)
            yield day, days
            day += timedelta(days=days)


def meter_source() -> Source:
    return services.get_source("meter", name="Опрос приборов")


def fill(plan: Plan, span: Span, *, told: Told) -> int:
    """Deliver the half-hours of active energy that are not there; how many values were new.

    `told` hears of each batch how many values it had. What was interrupted goes on after the
    last batch that is whole; twice changes nothing.
    """
    ids = _ids(plan)
    source, changed = meter_source(), 0
    for first, days in span.parts():
        size = max(1, ROWS // days)
        for start in range(0, plan.points, size):
            points = np.arange(start, min(start + size, plan.points))
            last = first + timedelta(days=days - 1)
            if not _is_there(int(ids[points[-1]]), last):
                values = drawn(points, first, days, firms_from=plan.of_persons)
                changed += _deliver(ids[points], values, first, days, source)
                told(values.size)
    return changed


def _ids(plan: Plan) -> I64:
    """The ids of the points by their number (n,)."""
    known = UsagePoint.objects.filter(code__startswith=CODE).order_by("code")
    found = np.fromiter(known.values_list("pk", flat=True).iterator(), np.int64)
    assert len(found) == plan.points
    return found


def _is_there(point: int, day: date) -> bool:
    """Whether a batch is: its points are stored in order, each wholly."""
    key = {"usage_point_id": point, "reading_type": A_PLUS, "day": day}
    return IntervalBlock.objects.filter(**key).exists()


def _deliver(ids: I64, values: I64, first: date, days: int, source: Source) -> int:
    order = np.argsort(ids)
    batch = BlockBatch.from_series(
        usage_points=ids[order],
        reading_types=np.full(len(ids), A_PLUS),
        start=start_of_day(first, MOSCOW),
        interval=30,
        values=values[order],
        zone=MOSCOW,
    )
    read_at = start_of_day(first + timedelta(days=days), MOSCOW) + timedelta(minutes=40)
    sequence = rules.sequence(int(read_at.timestamp()))
    return services.record(batch, source=source, sequence=sequence, at=read_at).changed


def show_registers(plan: Plan, span: Span, *, told: Told) -> int:
    """Deliver what meters showed at each start of a month; how many readings were new."""
    ids, source, changed = _ids(plan), meter_source(), 0
    months = _months(span)
    size = 1_000
    for start in range(0, plan.points if months else 0, size):
        points = np.arange(start, min(start + size, plan.points))
        meters = _meters(ids[points])
        if not _is_shown(int(ids[points[-1]]), meters[-1], months[-1]):
            shown = _shown(ids[points], base_of(points), span.first, months)
            changed += _show(ids[points], meters, shown, months, source)
            told(shown.size)
    return changed


def _months(span: Span) -> list[date]:
    """The firsts of months within the span, its end included."""
    days = (span.first + timedelta(days=n) for n in range((span.end - span.first).days + 1))
    return [day for day in days if day.day == 1]


def _meters(ids: I64) -> I64:
    rows = MeteringComplex.objects.filter(usage_point__in=ids.tolist())
    known = dict(rows.values_list("usage_point_id", "meter_id"))
    return np.array([known[point] for point in ids.tolist()], np.int64)


def _is_shown(point: int, meter: int, month: date) -> bool:
    key = {"usage_point_id": point, "meter_id": int(meter), "at": start_of_day(month, MOSCOW)}
    return RegisterReading.objects.filter(**key).exists()


def _shown(ids: I64, base: I64, first: date, months: list[date]) -> I64:
    """What meters (n,) show at the starts of months: (n, m) Wh."""
    found = totals(ids.tolist(), [A_PLUS], first, months[-1])
    starts = np.array(months, "datetime64[D]")
    # A day counts for each start that comes after it.
    place = np.searchsorted(starts, found["day"], side="right")
    drawn_in = np.zeros((len(ids), len(months)), np.int64)
    order = np.argsort(ids)
    row = order[np.searchsorted(ids[order], found["usage_point"])]
    np.add.at(drawn_in, (row, place), found["total"])
    shown: I64 = base[:, None] + drawn_in.cumsum(axis=1)
    return shown


def _show(ids: I64, meters: I64, shown: I64, months: list[date], source: Source) -> int:
    count, rows = len(months), len(ids) * len(months)
    values = np.zeros((rows, registers.SIZE), np.int64)
    present = np.zeros((rows, registers.SIZE), bool)
    for tariff in (0, 1):  # the sum, and the one zone
        values[:, registers.register(A_PLUS, tariff)] = shown.reshape(-1)
        present[:, registers.register(A_PLUS, tariff)] = True
    moments = [registers.seconds(start_of_day(month, MOSCOW)) for month in months]
    batch = RegisterBatch(
        usage_points=np.repeat(ids, count),
        meters=np.repeat(meters, count),
        moments=np.tile(np.array(moments, np.int64), len(ids)),
        kinds=np.full(rows, RegisterReading.Kind.MONTH, np.int16),
        values=values,
        present=present,
        quality=np.full(rows, Quality.VALID, np.uint8),
    )
    read_at = start_of_day(months[-1], MOSCOW) + timedelta(minutes=40)
    sequence = rules.sequence(moments[-1])
    done = register_services.record_registers(batch, source=source, sequence=sequence, at=read_at)
    return done.changed
