"""The recorder: what sessions with many meters brought, into the store, and then the marks.

Readings are committed first, and the marks ("done until then") in a transaction of their own: who
is killed in between has read once too often, and nothing is lost. Giving the same results again
changes nothing. Source: reference/citus.md, 16 and 18.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django.db import transaction

from faza.collection.models import (
    CalendarVersion,
    Command,
    ConfigurationVersion,
    Device,
    DeviceTask,
    QualityCount,
    Session,
)
from faza.collection.orders import settling
from faza.collection.polling import (
    claims,
    counters,
    findings,
    instants,
    loading,
    lost,
    marking,
    recording,
    stays,
)
from faza.collection.polling.recording import Notes
from faza.collection.polling.rows import put
from faza.collection.polling.stays import Stay
from faza.collection.polling.work import Outcome, Problem, SessionResult
from faza.collection.warnings import record as record_events
from faza.readings import services as readings
from faza.readings.network import moments
from faza.readings.recording import Recorded
from faza.readings.register_services import RegistersRecorded, record_registers

DEVICE_FIELDS = [
    "last_session_at", "last_success_at", "failures", "problem", "clock_offset",
    "clock_measured_at", "corrected_at", "corrections", "layouts", "habits", "profiles", "relay",
]  # fmt: skip
COMMAND_FIELDS = [
    "state", "attempts", "not_before", "problem", "words", "result", "session", "ended_at",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of results: sessions that were new, values, registers and new events of them."""

    sessions: int = 0
    values: Recorded = field(default_factory=Recorded)
    registers: RegistersRecorded = field(default_factory=RegistersRecorded)
    events: int = 0


@dataclass(frozen=True, slots=True)
class Kept:
    """What `record` found out on the way, for `mark`: notes are one for each result."""

    notes: Sequence[Notes]
    standing: Mapping[int, list[Stay]]
    stored: Stored


def store(results: Sequence[SessionResult], *, collector: str, at: datetime) -> Stored:
    """Record what sessions brought, then mark what was done; leases of lines that are through end.

    May be repeated as a whole, after any failure. The number of queries does not depend on how
    many results there are.
    """
    fresh = new(results)
    if not fresh:
        _let_go(results, collector, at)
        return Stored()
    kept = record(fresh, at=at)
    mark(fresh, kept, collector=collector, at=at)
    if len(fresh) < len(results):
        _let_go(results, collector, at)
    return replace(kept.stored, sessions=len(fresh))


def new(results: Sequence[SessionResult]) -> list[SessionResult]:
    """Those that were not marked yet, each once; those with another meter as such. One query."""
    there = set(
        Session.objects.filter(
            device__in={result.device.id for result in results},
            ticket__in={result.device.ticket for result in results},
        ).values_list("device_id", "ticket")
    )
    found = {}
    for result in results:
        key = (result.device.id, result.device.ticket)
        if key not in there:
            found[key] = findings.checked(result)
    return list(found.values())


def record(results: Sequence[SessionResult], *, at: datetime) -> Kept:
    """Store readings and events, committed when it returns; of another meter than expected none.

    Events go first: they may say that readings are doubtful.
    """
    standing = stays.stays_of({result.device.meter for result in results})
    ours = [_blank(r) if r.problem == Problem.OTHER_METER else r for r in results]
    source = readings.get_source("meter")
    placed, notes = recording.profiles(ours, standing)
    batch = recording.events_of(ours, standing, notes)
    n_events = record_events(batch, source=source.pk, at=at).count if len(batch) else 0
    values = Recorded()
    for days in recording.days_of(placed):
        values += readings.record(days.batch, source=source, sequence=days.sequences, at=at)
    moments.record(list(instants.moments_of(ours, standing, at=at)), source=source, at=at)
    registers = RegistersRecorded()
    if (found := recording.registers_of(ours, standing, notes)) is not None and len(found[0]):
        registers = record_registers(found[0], source=source, sequence=found[1], at=at)
    return Kept(notes, standing, Stored(len(results), values, registers, n_events))


def spoilt(result: SessionResult) -> SessionResult:
    """A session of which nothing can be stored but that it was, and what its commands came to."""
    return replace(
        _blank(result), outcome=Outcome.FAILED, problem=Problem.INTERNAL, tasks=(), dialogue=(),
        words="What was read could not be stored: see the log.", identity=None, layouts=None,
        habits=None, clock_change=None,
    )  # fmt: skip


def _blank(result: SessionResult) -> SessionResult:
    """A session without what it read."""
    return replace(
        result, profiles=(), registers=(), events=None, instant=None, quality=None,
        configuration=None, calendar=None, relay=None, limiters=(), clock=None,
    )  # fmt: skip


@transaction.atomic
def mark(results: Sequence[SessionResult], kept: Kept, *, collector: str, at: datetime) -> None:
    """Put down what was done, in one transaction: sessions, tasks, devices, commands, leases."""
    devices = {
        device.pk: device
        for device in Device.objects.select_for_update(of=("self",))
        .select_related("plan")
        .filter(pk__in={result.device.id for result in results})
        .order_by("id")
    }
    pairs = [
        (result, told)
        for result, told in zip(results, kept.notes, strict=True)
        if result.device.id in devices
    ]
    own = findings.events_of([result for result, _ in pairs], devices, kept.standing)
    sessions = Session.objects.bulk_create(
        [marking.session_of(result, told, collector) for result, told in pairs], batch_size=200
    )
    _mark_tasks(pairs, devices, at)
    _mark_commands(pairs, sessions, devices, at)
    for result, told in pairs:
        marking.mark_device(devices[result.device.id], result, told)
    put(devices.values(), DEVICE_FIELDS)
    lost.note([one for _, told in pairs for one in told.absent])
    ours = [_blank(r) if r.problem == Problem.OTHER_METER else r for r, _ in pairs]
    changed = _keep_versions(ours)
    QualityCount.objects.bulk_create(
        marking.quality_of(ours, kept.standing), ignore_conflicts=True, batch_size=200
    )
    counters.give_back(marking.counters_of(ours))
    own = own + findings.changes(ours, changed, kept.standing)
    if own:
        record_events(findings.batch(own), source=0, at=at)
    _let_go(results, collector, at)


def _mark_tasks(
    pairs: Sequence[tuple[SessionResult, Notes]], devices: Mapping[int, Device], at: datetime
) -> None:
    named = {task.id for result, _ in pairs for task in result.device.tasks if task.id}
    locked = DeviceTask.objects.select_for_update().filter(pk__in=named).order_by("id")
    rows = {row.pk: row for row in locked}
    times = loading.times_of({device.plan for device in devices.values()})
    changed = []
    for result, told in pairs:
        of_plan = times[devices[result.device.id].plan_id]
        changed += marking.mark_tasks(result, told, rows, of_plan, max(at, result.ended_at))
    put({row.pk: row for row in changed}.values(), ["due_at", "failures", "problem", "done_at"])


def _mark_commands(
    pairs: Sequence[tuple[SessionResult, Notes]],
    sessions: Sequence[Session],
    devices: Mapping[int, Device],
    at: datetime,
) -> None:
    asked = {one.id for result, _ in pairs for one in result.device.commands}
    if not asked:
        return
    rows = {
        row.pk: row
        for row in Command.objects.select_for_update()
        .filter(pk__in=asked, state=Command.State.RUNNING)
        .order_by("id")
    }
    for (result, _), session in zip(pairs, sessions, strict=True):
        back_off = timedelta(minutes=devices[result.device.id].plan.back_off)
        for one in result.device.commands:
            if one.id in rows:
                marking.mark_command(rows[one.id], result, session, back_off)
    put(rows.values(), COMMAND_FIELDS)
    settling.settle(at=at)


def _keep_versions(results: Sequence[SessionResult]) -> set[int]:
    """Store what changed in settings; the meters of which it did."""
    made, changed = marking.versions_of(results)
    settings = [row for row in made if isinstance(row, ConfigurationVersion)]
    ConfigurationVersion.objects.bulk_create(settings, ignore_conflicts=True)
    calendars = [row for row in made if isinstance(row, CalendarVersion)]
    CalendarVersion.objects.bulk_create(calendars, ignore_conflicts=True)
    return changed


@transaction.atomic
def _let_go(results: Sequence[SessionResult], collector: str, at: datetime) -> None:
    """End the leases of lines that are through; of the others only the next time is put down."""
    through = {result.line for result in results if result.is_last}
    lines = {result.line for result in results}
    claims.lock(lines)
    claims.schedule(lines - through)
    claims.release(collector=collector, lines=through, at=at)


__all__ = ["Kept", "Outcome", "Stored", "mark", "new", "record", "store"]
