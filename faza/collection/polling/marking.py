"""What a session leaves behind beside readings: when what is due next, and how it went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Model

from faza.collection.models import (
    CalendarVersion,
    Command,
    ConfigurationVersion,
    Device,
    DeviceTask,
    QualityCount,
    Session,
)
from faza.collection.polling import calendars, dialogues, timing
from faza.collection.polling.recording import TRUSTED, Notes
from faza.collection.polling.stays import Stay, at
from faza.collection.polling.work import (
    PROFILES,
    CommandResult,
    Counter,
    Order,
    Outcome,
    Problem,
    SessionResult,
    Task,
)

MOST_WORDS = 500
FOR_EVER = timedelta(days=3650)
HOPEFUL = frozenset({Problem.UNREACHABLE, Problem.TIMEOUT, Problem.DROPPED, Problem.GARBAGE})
"""Nothing was begun, or it may go better next time."""


def session_of(result: SessionResult, told: Notes, collector: str) -> Session:
    summary: dict[str, Any] = {"read": told.counts}
    if odd := told.odd.told():
        summary["odd"] = odd
    if absent := sum(len(one.spans) for one in told.absent):
        summary["absent"] = absent
    if result.identity is not None:
        one = result.identity
        summary["identity"] = {
            "number": one.number, "model": one.model, "firmware": one.firmware,
            "protocol": one.protocol,
        }  # fmt: skip
    if result.clock is not None:
        summary["clock"] = round(result.clock.offset, 1)
    if result.clock_change is not None:
        summary["clock_change"] = {
            "how": result.clock_change.how,
            "before": round(result.clock_change.before.offset, 1),
            "after": round(result.clock_change.after.offset, 1),
        }
    failed = {
        task.kind: problem
        for task in result.device.tasks
        if (problem := problems_of(result).get(task.id, Problem.NONE))
    }
    if failed:
        summary["failed"] = failed
    return Session(
        device_id=result.device.id,
        started_at=result.started_at,
        ended_at=result.ended_at,
        ticket=result.device.ticket,
        collector=collector,
        outcome=result.outcome,
        problem=result.problem,
        words=result.words[:MOST_WORDS],
        bytes_sent=result.bytes_sent,
        bytes_received=result.bytes_received,
        trips=result.trips,
        summary=summary,
        dialogue=dialogues.kept(result.dialogue),
    )


def dialogue_of(session: Session) -> list[str]:
    """The decoded dialogue of a session, a line each, in English."""
    return dialogues.lines_of(bytes(session.dialogue))


def problems_of(result: SessionResult) -> dict[int, Problem]:
    """How each task of a session went, by id; what was not named failed with the session."""
    rest = result.problem or Problem.INTERRUPTED
    told = {task.id: task.problem for task in result.tasks}
    return {task.id: told.get(task.id, rest) for task in result.device.tasks if task.id}


def mark_tasks(
    result: SessionResult,
    told: Notes,
    rows: Mapping[int, DeviceTask],
    times: timing.Times,
    moment: datetime,
) -> list[DeviceTask]:
    """Set when the tasks of a session are due next; those that changed.

    What has more to read is due at once only where this session brought something: of a meter
    with a dead clock nothing comes, and nothing is concluded, however often it is asked.
    """
    more = {
        task.id for task in result.device.tasks if task.has_more and _got_on(result, told, task)
    }
    changed = []
    reached = {task.id: task.reached for task in result.tasks if task.reached is not None}
    for number, problem in problems_of(result).items():
        row = rows.get(number)
        if row is None:  # taken out of the plan meanwhile
            continue
        if problem and number in reached:
            row.done_at = max(filter(None, (row.done_at, reached[number])))
        if problem == Problem.INTERRUPTED:  # the collector's end is nobody's failure: it stays due
            if number in reached:
                changed.append(row)
            continue
        row.problem = problem
        if problem:
            row.failures += 1
            due = timing.again(times, row.kind, row.failures, problem, moment)
        else:
            row.failures, row.done_at = 0, result.started_at
            due = moment if number in more else timing.regular(times, row.kind, moment)
        row.due_at = due or moment + FOR_EVER
        changed.append(row)
    return changed


def _got_on(result: SessionResult, told: Notes, task: Task) -> bool:
    """Whether less of a load profile is missing after a session than before it."""
    which = PROFILES[task.kind]
    if any(one.which == which for one in told.absent):
        return True
    is_dead = result.clock is not None and abs(result.clock.offset) > TRUSTED
    return bool(told.counts.get(f"profile {which}")) and not is_dead


def mark_device(device: Device, result: SessionResult, told: Notes) -> None:
    """Set what is known of a device now."""
    device.last_session_at, device.problem = result.ended_at, result.problem
    if result.outcome == Outcome.FAILED:
        device.failures += result.problem != Problem.INTERRUPTED
    else:
        device.failures, device.last_success_at = 0, result.ended_at
    if result.problem == Problem.OTHER_METER:
        return
    if result.layouts is not None:
        device.layouts = dict(result.layouts)
    if result.habits is not None:
        device.habits = dict(result.habits)
    device.profiles = {
        which: {**device.profiles.get(which, {}), **_without_mark(known)}
        for which, known in (device.profiles | told.profiles).items()
    }
    if result.relay is not None or result.limiters:
        device.relay = {
            **(device.relay or {}),
            **(asdict(result.relay) if result.relay is not None else {}),
            **({"limiters": [asdict(one) for one in result.limiters]} if result.limiters else {}),
            "at": result.ended_at.isoformat(),
        }
    _mark_clock(device, result)


def _without_mark(known: Mapping[str, Any]) -> dict[str, Any]:
    """Up to where all is known is put down by claims alone, which look into the store."""
    return {name: value for name, value in known.items() if name != "whole_to"}


def _mark_clock(device: Device, result: SessionResult) -> None:
    change = result.clock_change
    last = change.after if change is not None else result.clock
    if last is not None:
        device.clock_offset, device.clock_measured_at = last.offset, last.at
    if change is None:
        return
    begun = device.corrected_at
    if begun is not None and change.after.at - begun < timedelta(days=1):
        device.corrections += 1
    else:
        device.corrected_at, device.corrections = change.after.at, 1


def mark_command(
    command: Command, result: SessionResult, session: Session, back_off: timedelta
) -> None:
    """Set what became of a command of a session; what was not begun waits again."""
    told = {one.id: one for one in result.commands}.get(command.pk)
    if told is None and result.problem in HOPEFUL and command.kind != Order.SHIFT_CLOCK:
        command.state, command.attempts = Command.State.WAITING, max(0, command.attempts - 1)
        command.not_before = max(command.not_before, result.ended_at + back_off)
        command.problem, command.words = result.problem, result.words[:MOST_WORDS]
        return
    told = told or CommandResult(command.pk, result.problem or Problem.INTERRUPTED, result.words)
    command.state = Command.State.FAILED if told.problem else Command.State.DONE
    command.problem, command.words = told.problem, told.words[:MOST_WORDS]
    command.result, command.session = dict(told.result), session
    command.ended_at = result.ended_at


def counters_of(results: Sequence[SessionResult]) -> dict[int, dict[str, Counter]]:
    """Counters as they were handed out, with what was used of them, by device and key.

    Where a session reserved more than it was given, the last reservation is what counts.
    """
    return {result.device.id: dict(result.counters) for result in results if result.counters}


def quality_of(
    results: Sequence[SessionResult], standing: Mapping[int, list[Stay]]
) -> list[QualityCount]:
    found = []
    for result in results:
        if result.quality is None:
            continue
        moment = result.quality.at
        stay = at(standing.get(result.device.meter, ()), int(moment.timestamp()))
        if stay is not None:
            found.append(
                QualityCount(
                    usage_point_id=stay.usage_point, meter_id=result.device.meter,
                    at=moment.replace(microsecond=0), counters=dict(result.quality.counters),
                )
            )  # fmt: skip
    return found


def versions_of(
    results: Sequence[SessionResult],
) -> tuple[list[Model], set[int]]:
    """New versions of configurations and calendars, and the meters whose settings had been others.

    Two queries where something was read, none otherwise.
    """
    made: list[Model] = []
    changed: set[int] = set()
    settings = {
        r.device.meter: (r.ended_at, dict(r.configuration.settings))
        for r in results
        if r.configuration is not None
    }
    last = dict(
        ConfigurationVersion.objects.filter(meter__in=settings)
        .order_by("read_at")
        .values_list("meter_id", "fingerprint")
    ) if settings else {}  # fmt: skip
    for meter, (read_at, told) in settings.items():
        mark = calendars.fingerprint(told)
        if last.get(meter) != mark:
            made.append(
                ConfigurationVersion(
                    meter_id=meter, read_at=read_at, fingerprint=mark, settings=told
                )
            )
            if meter in last:
                changed.add(meter)
    read = {
        r.device.meter: (r.ended_at, calendars.to_json(r.calendar))
        for r in results
        if r.calendar is not None
    }
    last = dict(
        CalendarVersion.objects.filter(meter__in=read)
        .order_by("read_at")
        .values_list("meter_id", "fingerprint")
    ) if read else {}  # fmt: skip
    for meter, (read_at, told) in read.items():
        mark = calendars.fingerprint(told)
        if last.get(meter) != mark:
            made.append(
                CalendarVersion(meter_id=meter, read_at=read_at, fingerprint=mark, calendar=told)
            )
    return made, changed
