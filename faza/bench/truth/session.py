"""A session with a simulated meter without a line between: what a collector would bring."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np

from faza.collection.polling import clock
from faza.collection.polling.work import (
    ClockChange,
    ClockRead,
    DeviceWork,
    Kind,
    LineWork,
    Outcome,
    Problem,
    ProfileRead,
    SessionResult,
    Task,
    TaskResult,
)
from faza.protocols.metered import EventRows, RegisterRows
from faza.simulator.meter import MOST_SHIFT, Meter

BACK = timedelta(days=45)
"""How far back registers and events are asked for, where nothing is known of them yet."""
SECOND = timedelta(seconds=1)


def session(line: LineWork, device: DeviceWork, meter: Meter, at: datetime) -> SessionResult:
    """All that is due of a meter, at one moment; its clock is set where the plan says so.

    A person sets those that are too far off, in the same session.
    """
    if not meter.is_reachable(at):
        return SessionResult(
            line=line.id, device=device, started_at=at, ended_at=at, outcome=Outcome.FAILED,
            problem=Problem.UNREACHABLE, words="No answer.",
        )  # fmt: skip
    before = ClockRead(meter.shown(at), at)
    registers: list[RegisterRows] = []
    profiles: list[ProfileRead] = []
    events = None
    for task in device.tasks:
        since = task.since or at - BACK
        match task.kind:
            case Kind.PROFILE:
                profiles += _profiles(task, meter, at)
            case Kind.DAYS:
                registers.append(meter.captured("day", at, since, at))
            case Kind.EVENTS:
                events = _events(meter, since, at)
    return SessionResult(
        line=line.id, device=device, started_at=at, ended_at=at, outcome=Outcome.DONE,
        clock=before, clock_change=_set(device, meter, before, at), profiles=tuple(profiles),
        registers=tuple(registers), events=events,
        tasks=tuple(TaskResult(task.id) for task in device.tasks if task.id),
    )  # fmt: skip


def _profiles(task: Task, meter: Meter, at: datetime) -> list[ProfileRead]:
    """Rows are stamped with the ends of intervals."""
    return [
        ProfileRead(1, asked, meter.profile(1, at, asked.start + SECOND, asked.end), at)
        for asked in task.stretches
    ]


def _events(meter: Meter, since: datetime, at: datetime) -> EventRows:
    parts = [meter.journal(number, at, since, at) for number in meter.journals(at)]
    return EventRows(
        np.concatenate([part.moments for part in parts]),
        np.concatenate([part.journals for part in parts]),
        np.concatenate([part.codes for part in parts]),
    )


def _set(device: DeviceWork, meter: Meter, before: ClockRead, at: datetime) -> ClockChange | None:
    said = clock.verdict(
        before.offset, device.clock, at=at, corrections=device.corrections, interval=30
    )
    how = "shift" if said.act is clock.Act.SHIFT and abs(said.seconds) <= MOST_SHIFT else "set"
    if said.act is clock.Act.SHIFT and how == "shift":
        meter.shift_clock(said.seconds, at)
    elif said.act in (clock.Act.SHIFT, clock.Act.SET, clock.Act.PERSON):
        meter.set_clock(at, at)
    else:
        return None
    return ClockChange(before, ClockRead(meter.shown(at), at), how)
