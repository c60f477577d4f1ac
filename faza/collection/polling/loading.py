"""From leased lines to what a collector needs of them: queries, and what follows from them.

A fixed number of queries for any number of lines; nothing is written here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

from django.db.models import Q

from faza.collection import secrets
from faza.collection.models import (
    CollectionPlan,
    Command,
    CredentialSet,
    Device,
    DeviceTask,
    PlanItem,
)
from faza.collection.polling import gaps, stays, timing
from faza.collection.polling.stays import Stay
from faza.collection.polling.work import (
    PROFILES,
    Access,
    ClockPolicy,
    CommandWork,
    DeviceWork,
    Kind,
    Order,
    Stretch,
    Task,
)
from faza.core.reading_types import BY_CHANNEL, BY_CODE, ENERGIES

WAITING, RUNNING = Command.State.WAITING.value, Command.State.RUNNING.value
OVERLAP = {Kind.EVENTS: timedelta(days=1), Kind.DAYS: timedelta(days=2), Kind.MONTHS: timedelta(35)}
"""From so long before the last reading on: what meters write late, by a clock that may be off."""
FIRST_MONTHS = timedelta(days=366)
UNKNOWN = {1: tuple(kind.code for kind in ENERGIES), 2: (BY_CHANNEL["UA"].code,)}
"""Channels that are looked for before anybody has seen which ones the meter has."""
DAY = timedelta(days=1)


@dataclass(slots=True)
class Loaded:
    """What was found of lines. works: by line, in the order of turns.

    The rest is to be written: idle: tasks that wait until their new time; done: tasks for which
    nothing is missing; profiles: devices of which more is known to be whole; old: what is too old
    to be asked for; begun: commands to begin, and those that a killed collector left; ciphered:
    (device, fingerprint) that need counters.
    """

    works: dict[int, list[DeviceWork]] = field(default_factory=lambda: defaultdict(list))
    idle: list[DeviceTask] = field(default_factory=list)
    done: list[DeviceTask] = field(default_factory=list)
    profiles: list[Device] = field(default_factory=list)
    old: list[tuple[Stay, int, int, gaps.Missing]] = field(default_factory=list)
    begun: list[Command] = field(default_factory=list)
    ciphered: set[tuple[int, str]] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Found:
    """The rows of a device."""

    device: Device
    times: timing.Times
    tasks: Mapping[str, DeviceTask]
    commands: Sequence[Command]
    stay: Stay | None
    since: int = 0
    """Unix seconds: from when on the meter stands there, whatever its ratios were."""

    @property
    def kinds_now(self) -> set[str]:
        """Kinds that a person wants read now."""
        found: set[str] = set()
        for command in self.commands:
            if command.kind == Order.READ_NOW:
                asked = command.arguments.get("kinds")
                found |= set(asked if asked else self.times.every)
        return found


def times_of(plans: Collection[CollectionPlan]) -> dict[int, timing.Times]:
    """The times of plans. One query."""
    every: dict[int, dict[str, int]] = defaultdict(dict)
    for plan, kind, minutes in PlanItem.objects.filter(
        plan__in={plan.pk for plan in plans}
    ).values_list("plan_id", "kind", "every"):
        every[plan][kind] = minutes
    return {
        plan.pk: timing.Times(
            plan.zone, plan.window_from, plan.window_to, plan.retries, plan.back_off, every[plan.pk]
        )
        for plan in plans
    }


def load(lines: Collection[int], *, at: datetime) -> Loaded:
    """What is to be done on lines at a moment. Raises secrets.WrongKey."""
    loaded = Loaded()
    rows = _rows(lines, at)
    due = [(one, _due(one, at, loaded)) for one in rows]
    missing = gaps.missing(_wanted(due, at), at=at)
    credentials = _credentials(row.device for row in rows)
    for one, kinds in due:
        tasks = tuple(
            task
            for task in (_task(one, kind, missing, at, loaded) for kind in kinds)
            if task is not None
        )
        if tasks or one.commands:
            _add(one, tasks, credentials, at, loaded)
    return loaded


def for_desk(device: int, *, at: datetime) -> tuple[DeviceWork, set[tuple[int, str]]]:
    """A device for a person's own session, without tasks and commands; due or not.

    With the pairs of (device, fingerprint) that need counters. Raises secrets.WrongKey.
    """
    loaded = Loaded()
    row = Device.objects.select_related("meter__model", "plan").get(pk=device)
    (one,) = _rows([row.line_id], at, [device])
    _add(replace(one, commands=()), (), _credentials([row]), at, loaded)
    (work,) = loaded.works[row.line_id]
    return work, loaded.ciphered


def _rows(lines: Collection[int], at: datetime, only: Collection[int] = ()) -> list[_Found]:
    chosen = Q(pk__in=only) if only else Q(line__in=lines, is_enabled=True)
    devices = list(
        Device.objects.filter(chosen)
        .select_related("meter__model", "plan")
        .order_by("line_id", "position", "id")
    )
    tasks: dict[int, dict[str, DeviceTask]] = defaultdict(dict)
    for task in DeviceTask.objects.filter(device__in=devices):
        tasks[task.device_id][task.kind] = task
    commands: dict[int, list[Command]] = defaultdict(list)
    to_do = Command.objects.filter(
        device__in=devices, state__in=[WAITING, RUNNING], not_before__lte=at
    )
    for command in to_do.order_by("asked_at", "id"):
        commands[command.device_id].append(command)
    times = times_of({device.plan for device in devices})
    standing = stays.stays_of({device.meter_id for device in devices})
    moment = int(at.timestamp())
    found = []
    for device in devices:
        stay = stays.at(standing.get(device.meter_id, ()), moment)
        found.append(
            _Found(
                device, times[device.plan_id], tasks[device.pk], commands[device.pk],
                stay if stay and moment < stay.end else None,
                stays.since(standing.get(device.meter_id, ()), stay) if stay else 0,
            )
        )  # fmt: skip
    return found


def _due(one: _Found, at: datetime, loaded: Loaded) -> list[Kind]:
    """Kinds to read in this session, in their order; what has to wait gets its time."""
    now = one.kinds_now
    due = []
    for kind in Kind:
        task = one.tasks.get(kind)
        if kind in now and one.stay is not None:
            due.append(kind)
        elif task is not None and task.due_at <= at:
            opens = timing.opening(one.times, at)
            if one.stay is None or kind not in one.times.every:
                task.due_at = _next(task, one.times, at)
                loaded.idle.append(task)
            elif opens > at:
                task.due_at = opens
                loaded.idle.append(task)
            else:
                due.append(kind)
    return due


def _next(task: DeviceTask, times: timing.Times, at: datetime) -> datetime:
    """The next regular time; in years where the plan has the kind no more."""
    return timing.regular(times, task.kind, at) or at + timedelta(days=3650)


def _wanted(due: Sequence[tuple[_Found, Sequence[Kind]]], at: datetime) -> list[gaps.Wanted]:
    found = []
    for one, kinds in due:
        for kind in kinds:
            which = PROFILES.get(kind)
            if which is None or one.stay is None or not one.stay.is_billing:
                continue
            plan, known = one.device.plan, one.device.profiles.get(str(which), {})
            too_old = at - plan.too_old * DAY
            whole_to = known.get("whole_to")
            begun = max(int(too_old.timestamp()), one.since)
            if whole_to:
                begun = max(int(datetime.fromisoformat(whole_to).timestamp()), one.since)
            found.append(
                gaps.Wanted(
                    one.device.pk, which, one.stay.usage_point, one.stay.zone,
                    _channels(which, plan, known), datetime.fromtimestamp(begun, UTC), too_old,
                    bool(known.get("is_fine", True)),
                    plan.most_days * 1440 // int(known.get("interval", 30)),
                )
            )  # fmt: skip
    return found


def _channels(which: int, plan: CollectionPlan, known: Mapping[str, Any]) -> tuple[int, ...]:
    """Codes of the channels that are to be complete, as far as the meter has them."""
    seen = tuple(known.get("channels", ()))
    if which != 1:
        return seen or UNKNOWN[which]
    wanted = tuple(BY_CHANNEL[name].code for name in plan.channels if name in BY_CHANNEL)
    wanted = wanted or UNKNOWN[1]
    return tuple(code for code in wanted if code in seen) if seen else wanted


def _task(
    one: _Found,
    kind: Kind,
    missing: Mapping[tuple[int, int], gaps.Missing],
    at: datetime,
    loaded: Loaded,
) -> Task | None:
    """A task of a session; None where there is nothing to read."""
    row, which = one.tasks.get(kind), PROFILES.get(kind)
    stretches: tuple[Stretch, ...] = ()
    has_more = False
    if which is not None:
        found = missing.get((one.device.pk, which))
        if found is not None:
            _note_whole(one, which, found, loaded)
            stretches, has_more = found.stretches, found.has_more
        if not stretches:
            if row is not None and row.due_at <= at:
                row.done_at, row.failures, row.problem = at, 0, ""
                row.due_at = _next(row, one.times, at)
                loaded.done.append(row)
            return None
    return Task(
        row.pk if row else 0, kind, one.device.plan.priority, stretches,
        _since(kind, one, row, at), row.failures if row else 0, has_more,
    )  # fmt: skip


def _note_whole(one: _Found, which: int, found: gaps.Missing, loaded: Loaded) -> None:
    """Keep up to where all is known; once a day is enough."""
    assert one.stay is not None
    if found.old:
        loaded.old.append((one.stay, which, one.device.meter_id, found))
    known = one.device.profiles.get(str(which))
    if known is None:
        return
    before = known.get("whole_to")
    if before and found.whole_to - datetime.fromisoformat(before) < DAY:
        return
    known["whole_to"] = found.whole_to.isoformat()
    loaded.profiles.append(one.device)


def _since(kind: Kind, one: _Found, row: DeviceTask | None, at: datetime) -> datetime | None:
    if kind not in OVERLAP:
        return None
    first = FIRST_MONTHS if kind is Kind.MONTHS else one.device.plan.too_old * DAY
    done_at = row.done_at if row else None
    since = at - first if done_at is None else done_at - OVERLAP[kind]
    since -= timedelta(seconds=min(abs(one.device.clock_offset or 0), DAY.total_seconds()))
    began = datetime.fromtimestamp(max(one.since, 0), UTC) if one.stay else since
    return max(since, began)


def _credentials(devices: Any) -> dict[int, Access]:
    """As whom, by id of the set. One query; each set is opened once."""
    ids = set()
    for device in devices:
        for of in (device, device.plan):
            ids |= {of.credentials_id, of.control_id}
    found = {}
    for row in CredentialSet.objects.filter(pk__in=ids - {None}):
        opened = secrets.opened(row.closed)
        found[row.pk] = Access(
            row.client, row.mechanism, opened.password, opened.encryption_key,
            opened.authentication_key, bytes.fromhex(row.system_title), row.level, row.fingerprint,
        )  # fmt: skip
    return found


def _add(
    one: _Found,
    tasks: tuple[Task, ...],
    credentials: Mapping[int, Access],
    at: datetime,
    loaded: Loaded,
) -> None:
    device, plan, stay = one.device, one.device.plan, one.stay
    access = credentials.get(device.credentials_id or plan.credentials_id or 0, Access())
    control = credentials.get(device.control_id or plan.control_id or 0, access)
    for who in (access, control):
        if who.mechanism == CredentialSet.Mechanism.HLS5:
            loaded.ciphered.add((device.pk, who.key))
    loaded.begun += one.commands
    is_recent = device.corrected_at is not None and at - device.corrected_at < DAY
    loaded.works[device.line_id].append(
        DeviceWork(
            id=device.pk,
            meter=device.meter_id,
            number=device.meter.number,
            model=device.meter.model.name,
            usage_point=stay.usage_point if stay and stay.is_billing else None,
            zone=stay.zone if stay else plan.zone,
            ratio=stay.ct * stay.vt if stay else Fraction(1),
            driver=device.driver,
            address=device.address,
            access=access,
            control=control,
            layouts=device.layouts,
            habits=device.habits,
            intervals={
                int(which): int(known["interval"]) for which, known in device.profiles.items()
            },
            profiles=device.profiles,
            clock=ClockPolicy(
                plan.tell_from, plan.correct_from, plan.correct_to, plan.corrects, plan.per_day
            ),
            clock_offset=device.clock_offset,
            clock_measured_at=device.clock_measured_at,
            corrections=device.corrections if is_recent else 0,
            tasks=tasks,
            commands=tuple(
                CommandWork(command.pk, Order(command.kind), command.arguments, command.expires_at)
                for command in one.commands
            ),
        )
    )


def channel_names(codes: Collection[int]) -> list[str]:
    """Names of channels by their codes, for words."""
    return [BY_CODE[code].channel for code in codes if code in BY_CODE]
