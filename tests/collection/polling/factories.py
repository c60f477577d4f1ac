"""Meters on lines and what they answer, for tests of polling. No sockets here."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import numpy as np

from faza.collection.models import CollectionPlan, Device, Line
from faza.collection.polling import claims, results, services
from faza.collection.polling.work import (
    ClockRead,
    DeviceWork,
    Kind,
    LineWork,
    Outcome,
    Problem,
    ProfileRead,
    SessionResult,
    Stretch,
    TaskResult,
)
from faza.core.reading_types import A_MINUS, A_PLUS, ENERGIES, R_MINUS, R_PLUS
from faza.metering import services as metering
from faza.metering.models import Meter, MeteringComplex, MeterModel, NetworkNode, UsagePoint
from faza.protocols.metered import Column, ProfileRows

AT = datetime(2026, 11, 20, 9, 5, tzinfo=UTC)
"""Friday noon and five minutes in Moscow."""
SINCE = datetime(2026, 11, 17, 21, tzinfo=UTC)
"""The meters of these tests were installed at the beginning of 18 November, Moscow."""
ZONE = "Europe/Moscow"
HALF_HOUR = timedelta(minutes=30)
COLLECTOR = "collector-1"
CHANNELS = (A_PLUS, A_MINUS, R_PLUS, R_MINUS)
PROFILE_ONLY = {Kind.PROFILE: 60}


def make_plan(name: str = "plan", *, items=None, **fields) -> CollectionPlan:
    there = CollectionPlan.objects.filter(name=name).first()
    return there or services.keep_plan(
        CollectionPlan(name=name, **fields), at=AT, items=PROFILE_ONLY if items is None else items
    )


def make_point(code: str, zone: str = ZONE) -> UsagePoint:
    node = NetworkNode.objects.filter(code="N").first() or metering.add_node(
        kind=NetworkNode.Kind.ORGANISATION, code="N", name="Сети", at=AT
    )
    return UsagePoint.objects.create(code=code, name=code, node=node, zone=zone)


def make_meter(number: str) -> Meter:
    model, _ = MeterModel.objects.get_or_create(
        name="М-1", manufacturer="Завод", digits=8, decimals=2
    )
    return Meter.objects.create(model=model, number=number)


def install(point: UsagePoint, meter: Meter, *, since=SINCE, to=None, ct=1, vt=1, role="billing"):
    return metering.install(
        usage_point=point, meter=meter, valid_from=since, valid_to=to, at=AT,
        ct=Fraction(ct), vt=Fraction(vt), role=MeteringComplex.Role(role),
    )  # fmt: skip


def make_device(
    number: str = "1001", *, port: int | None = None, plan=None, zone=ZONE, driver="dlms-wrapper",
    installed=True, **complexes,
) -> Device:  # fmt: skip
    """A meter at a point of its own, with its connection; due at AT."""
    meter = make_meter(number)
    if installed:
        install(make_point(f"P{number}", zone), meter, **complexes)
    port = port or 1000 + Line.objects.count()
    line = Line.objects.filter(port=port).first() or services.keep_line(
        Line(name=f"line {port}", host="meters.example", port=port), at=AT
    )
    device = Device(meter=meter, line=line, driver=driver, plan=plan or make_plan())
    return services.keep_device(device, at=AT)


def point_of(device: Device) -> int:
    return device.meter.complexes.order_by("-valid_from")[0].usage_point_id


def claim(at=AT, *, collector=COLLECTOR, limit=100, **kwargs) -> list[LineWork]:
    return claims.claim(collector=collector, at=at, limit=limit, **kwargs)


def only(works: Sequence[LineWork]) -> DeviceWork:
    (line,) = works
    (device,) = line.devices
    return device


def rows_between(
    start: datetime, end: datetime, *, of=None, interval=30, columns=CHANNELS, scale=Fraction(1),
    skip=(),
) -> ProfileRows:  # fmt: skip
    """Rows of all intervals in [start, end); values by `of(begin, channel)`, 100 where untold.

    skip: beginnings of intervals that the meter lost.
    """
    step = timedelta(minutes=interval)
    begins = [start + n * step for n in range(int((end - start) / step))]
    begins = [begin for begin in begins if begin not in set(skip)]
    of = of or (lambda begin, channel: 100)
    values = [[of(begin, n) for n in range(len(columns))] for begin in begins]
    return rows_of([begin + step for begin in begins], values, interval, columns, scale)


def rows_of(ends, values, interval=30, columns=CHANNELS, scale=Fraction(1)) -> ProfileRows:
    """Rows with these ends; None among the values is an absent one."""
    shape = (len(ends), len(columns))
    cells = [[v if v is not None else 0 for v in row] for row in values]
    present = [[v is not None for v in row] for row in values]
    return ProfileRows(
        tuple(Column(kind, scale) for kind in columns),
        interval,
        np.array([e.replace(tzinfo=None) for e in ends], "datetime64[s]"),
        np.array(cells, np.int64).reshape(shape),
        np.array(present, bool).reshape(shape),
        np.zeros(len(ends), bool),
    )


def answered(
    line: LineWork | int, device: DeviceWork, *, at=AT, reads=None, meter=None, **fields
) -> SessionResult:
    """A session in which every stretch asked for was answered by `meter(stretch) -> rows`."""
    meter = meter or (lambda stretch: rows_between(stretch.start, stretch.end))
    if reads is None:
        reads = tuple(
            ProfileRead(1, stretch, meter(stretch), at)
            for task in device.tasks
            if task.kind is Kind.PROFILE
            for stretch in task.stretches
        )
    told = {
        "outcome": Outcome.DONE,
        "clock": ClockRead(at, at),
        "tasks": tuple(TaskResult(task.id) for task in device.tasks if task.id),
        "dialogue": ("-> reads the load profile", "<- 96 rows"),
    } | fields
    return SessionResult(
        line=line if isinstance(line, int) else line.id, device=device,
        started_at=at, ended_at=at, profiles=tuple(reads), **told,
    )  # fmt: skip


def failed(line: LineWork, device: DeviceWork, problem=Problem.UNREACHABLE, *, at=AT, **fields):
    return SessionResult(
        line=line.id, device=device, started_at=at, ended_at=at, outcome=Outcome.FAILED,
        problem=problem, words="No answer.", **fields,
    )  # fmt: skip


def store(*told: SessionResult, at=AT, collector=COLLECTOR):
    return results.store(told, collector=collector, at=at)


def read_all(at=AT, **kwargs) -> int:
    """Claim what is due and have every meter answer all of it; how many sessions."""
    works = claim(at)
    told = [answered(line, one, at=at, **kwargs) for line in works for one in line.devices]
    store(*told, at=at)
    return len(told)


def whole(start: datetime, end: datetime) -> Stretch:
    return Stretch(start, end)


def stored(point: int, *, channel=1) -> dict[datetime, tuple[int, int]]:
    """What is stored of a channel: begin of interval → (value, quality), present ones."""
    from faza.core.periods import start_of_day
    from faza.readings.store import fetch

    zone = UsagePoint.objects.get(pk=point).zone
    found = fetch([point], [channel], SINCE.date() - timedelta(400), SINCE.date() + timedelta(400))
    told = {}
    for day, minutes, n, values, quality in zip(
        found.days, found.intervals, found.lengths, found.values, found.quality, strict=True
    ):
        begin = start_of_day(day.item(), zone)
        for place in range(int(n)):
            if quality[place] < 254:
                moment = begin + place * timedelta(minutes=int(minutes))
                told[moment] = (int(values[place]), int(quality[place]))
    return told


__all__ = [name for name in globals() if not name.startswith("_")]
_ = ENERGIES
