"""One meter on the page of the collection: how it is reached, its clock, what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.functional import Promise

from faza.accounts.models import User
from faza.collection.models import Command, Device, DeviceTask, LostStretch
from faza.collection.polling.work import Kind
from faza.contracts import access
from faza.core.reading_types import A_PLUS
from faza.desk.polling import talk, words
from faza.desk.polling.talk import Meeting
from faza.readings import queries

DAYS = 30
COMMANDS = 5
LATELY = timedelta(days=1)
LOST = 12
IN_ORDER = {kind.value: number for number, kind in enumerate(Kind)}


@dataclass(frozen=True, slots=True)
class Pane:
    """A device with what the page tells of it. state: (words, colour, icon). clock: (words,
    colour). complete: 0 … 100, None where nothing is expected; missing: intervals.
    """

    device: Device
    state: tuple[str | Promise, str, str]
    driver: str
    clock: tuple[str, str]
    complete: float | None
    missing: int
    tasks: Sequence[tuple[str, DeviceTask]]
    commands: Sequence[Command]
    meetings: Sequence[Meeting]
    lost: Sequence[LostStretch]


def pane(user: User, device: Device, *, at: datetime) -> Pane:
    """All that is told of a device. A fixed number of queries."""
    point: int | None = getattr(device, "point", None)  # annotated by reach.placed
    complete, missing = _complete(user, point, at)
    tasks = sorted(device.tasks.all(), key=lambda task: IN_ORDER.get(task.kind, 99))
    return Pane(
        device,
        words.STATES[getattr(device, "state")],  # noqa: B009 - annotated, not of the model
        words.driver(device.driver),
        _clock(device),
        complete,
        missing,
        [(str(words.KINDS[task.kind]), task) for task in tasks],
        commands(device, at=at),
        talk.meetings(device),
        list(
            LostStretch.objects.filter(usage_point_id=point, meter_id=device.meter_id).order_by(
                "-start"
            )[:LOST]
        )
        if point
        else [],
    )


def commands(device: Device, *, at: datetime) -> list[Command]:
    """What was asked of a device lately, the newest first."""
    rows = Command.objects.filter(device=device, asked_at__gt=at - LATELY)
    return list(rows.select_related("by", "device__meter").order_by("-asked_at")[:COMMANDS])


def _complete(user: User, point: int | None, at: datetime) -> tuple[float | None, int]:
    if point is None:
        return None, 0
    windows = access.windows_of(user, at=at, points=[point])
    today = at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    first = today - timedelta(days=DAYS)
    told = queries.completeness(windows, [A_PLUS.code], first, today)
    expected, come = int(told.expected.sum()), int(told.come.sum())
    return (100 * come / expected if expected else None), expected - come


def _clock(device: Device) -> tuple[str, str]:
    offset = device.clock_offset
    if offset is None:
        return "", "t3"
    size, plan = abs(offset), device.plan
    colour = "good" if size < plan.correct_from else "warn"
    return words.offset(offset), "bad" if size > plan.correct_to else colour
