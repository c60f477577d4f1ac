"""What persons do while meters are read: they enter replaced meters, and set clocks far off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from faza.collection.models import CollectionPlan, Command, Device
from faza.collection.polling import adding, services
from faza.collection.polling.work import Kind, Order, Problem
from faza.metering import services as metering
from faza.metering.models import Meter, MeteringComplex, MeterModel, NetworkNode, UsagePoint
from faza.simulator.faults import Kind as Fault
from faza.simulator.fleet import Fleet

PLAN = {Kind.CLOCK: 60, Kind.DAYS: 1440, Kind.EVENTS: 60, Kind.PROFILE: 30, Kind.REGISTERS: 720}
"""What is read, every so many minutes."""
ZONE = "Europe/Moscow"
TIMEOUT = 1.0
"""Seconds for an answer: the longest a meter without power costs its neighbours on a line."""


@dataclass(frozen=True, slots=True)
class Swap:
    """A meter that was replaced in the field: at a place of the fleet, from number to number."""

    place: int
    at: datetime
    number: str


def code_of(place: int) -> str:
    """The code of the usage point at a place of the fleet."""
    return f"{place + 1:015d}"


def swaps_of(fleet: Fleet, until: datetime) -> list[Swap]:
    """What the fitters have written down, in the order of time."""
    found = [
        Swap(place, fault.at.replace(microsecond=0), fault.number)
        for place, meter in enumerate(fleet.meters)
        for fault in meter.spec.faults.scheduled
        if fault.kind is Fault.REPLACED and fault.at < until
    ]
    return sorted(found, key=lambda swap: swap.at)


def make_known(told: Sequence[Mapping[str, Any]], since: datetime) -> None:
    """A point for each meter, its connection, and the plan."""
    node = metering.add_node(
        name="Электросети", code="N", kind=NetworkNode.Kind.OTHER, parent=None, at=since
    )
    for place, one in enumerate(told):
        point = UsagePoint(code=code_of(place), name=f"Ввод {place + 1}", node=node, zone=ZONE)
        point = metering.add_usage_point(point, at=since)
        _install(point, str(one["number"]), one, since)
    plan = CollectionPlan(name=adding.USUAL, back_off=10, retries=20)
    services.keep_plan(plan, at=since, items=PLAN)
    _connect(told, since)


def _install(point: UsagePoint, number: str, one: Mapping[str, Any], since: datetime) -> None:
    model, _ = MeterModel.objects.get_or_create(name=one["model"], manufacturer="Пример")
    metering.install(
        usage_point=point, meter=Meter.objects.create(number=number, model=model),
        valid_from=since, at=since, ct=Fraction(str(one["ct"])), vt=Fraction(str(one["vt"])),
    )  # fmt: skip


def _connect(told: Sequence[Mapping[str, Any]], at: datetime) -> None:
    added = adding.add([{**one, "timeout": TIMEOUT} for one in told], at=at)
    assert not added.problems, added.problems


def work(told: Sequence[Mapping[str, Any]], swaps: Sequence[Swap], at: datetime) -> int:
    """What there is to do at a moment; how many deeds that were."""
    return _replace(told, swaps, at) + _set_clocks(at)


def _replace(told: Sequence[Mapping[str, Any]], swaps: Sequence[Swap], at: datetime) -> int:
    """Enter the meters that were found to be others: the fitters' papers say from when."""
    other = set(
        Device.objects.filter(problem=Problem.OTHER_METER).values_list("meter__number", flat=True)
    )
    done = 0
    for swap in swaps:
        if swap.at > at or Meter.objects.filter(number=swap.number).exists():
            continue
        point = UsagePoint.objects.get(code=code_of(swap.place))
        standing = MeteringComplex.objects.select_related("meter").get(
            usage_point=point, valid_to=None
        )
        if standing.meter.number not in other:
            continue
        metering.remove(installed=standing, valid_to=swap.at, at=at)
        one = {**told[swap.place], "number": swap.number}
        _install(point, swap.number, one, swap.at)
        _connect([one], at)
        done += 1
    return done


def _set_clocks(at: datetime) -> int:
    """Have clocks set that are too far off to be set by themselves, as they were seen last."""
    far = [
        device
        for device in Device.objects.filter(
            problem="", clock_measured_at__gte=at - timedelta(days=1)
        ).select_related("plan")
        if abs(device.clock_offset or 0) > device.plan.correct_to
    ]
    waiting = set(
        Command.objects.filter(
            state__in=[Command.State.WAITING, Command.State.RUNNING]
        ).values_list("device_id", flat=True)
    )  # fmt: skip
    for device in (one for one in far if one.pk not in waiting):
        services.ask(device, Order.SET_CLOCK, at=at)
    return len(far)
