"""Whose turn it is: lines are leased to collectors, so that several share the work (ADR 11).

A lease is of a line, since only one session at a time is possible on it. Who is killed stops
renewing, and the next one takes the line over; what was read but not marked is read again.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
from django.db import transaction
from django.db.models import F, Min, Q, QuerySet

from faza.collection.models import Command, Device, DeviceTask, Line
from faza.collection.models.polling import PERSON
from faza.collection.orders import settling
from faza.collection.polling import counters, loading, lost
from faza.collection.polling.loading import RUNNING, WAITING, Loaded
from faza.collection.polling.rows import put
from faza.collection.polling.work import LineWork, Order, Problem

LEASE = timedelta(minutes=2)
"""How long a killed collector's lines stand still; renew them every half minute."""
ONCE = frozenset({Order.SHIFT_CLOCK, Order.RELAY})
"""What is not begun again after a kill: a shift would be done twice; of a relay nobody knows
whether it was switched, and whether somebody at the meter has done the reverse since."""
MOST_ATTEMPTS = 3
"""A command that was begun so often without an end is not begun again."""


def claim(
    *,
    collector: str,
    at: datetime,
    limit: int,
    lease: timedelta = LEASE,
    meters: Collection[str] = (),
    now: datetime | None = None,
) -> list[LineWork]:
    """Lease up to `limit` lines on which something is due, the most urgent ones, to a collector.

    By priority, then by how long it has been due; lines whose lease is over are taken too. Of
    lines on which nothing is left to do the next time is put down, and others are taken instead:
    an empty list says that nothing is due. meters: only lines of these numbers. now: the
    machine's time, by which leases go where `at` is that of a trial (None: `at`). Raises
    secrets.WrongKey where the key of meters is another one; the lines are let go then.
    """
    seen: set[int] = set()
    while lines := _take(collector, at, now or at, limit, lease, meters, seen):
        ids = [line.pk for line in lines]
        seen.update(ids)
        try:
            loaded = loading.load(ids, at=at)
            works = _begin(loaded, lines, collector, at)
        except BaseException:
            release(collector=collector, lines=ids, at=at)
            raise
        if works:
            return works
    return []


def _take(
    collector: str,
    at: datetime,
    now: datetime,
    limit: int,
    lease: timedelta,
    meters: Collection[str],
    seen: Collection[int],
) -> list[Line]:
    free = _free(at, now).exclude(pk__in=seen)
    if meters:
        free = free.filter(devices__meter__number__in=meters)
    if not free.exists():  # a look does not lock SQLite, as a transaction does
        return []
    with transaction.atomic():
        if meters:
            # No DISTINCT beside FOR UPDATE.
            named = list(free.values_list("pk", flat=True))
            free = _free(at, now).filter(pk__in=named)
        rows = free.select_for_update(skip_locked=True, of=("self",))
        lines = list(rows.order_by("priority", "due_at", "id")[:limit])
        for line in lines:
            line.leased_by, line.leased_until = collector, now + lease
            line.leases += 1
        Line.objects.filter(pk__in=[line.pk for line in lines]).update(
            leased_by=collector, leased_until=now + lease, leases=F("leases") + 1
        )
    return lines


def _free(at: datetime, now: datetime) -> QuerySet[Line]:
    free = Q(leased_until__isnull=True) | Q(leased_until__lt=now)
    return Line.objects.filter(free, is_enabled=True, due_at__lte=at)


def _begin(loaded: Loaded, lines: Collection[Line], collector: str, at: datetime) -> list[LineWork]:
    """Write what loading found out, begin commands, hand out counters; the lines with work."""
    with transaction.atomic():
        DeviceTask.objects.bulk_update(loaded.idle, ["due_at"], batch_size=500)
        DeviceTask.objects.bulk_update(
            loaded.done, ["due_at", "done_at", "failures", "problem"], batch_size=500
        )
        Device.objects.bulk_update(loaded.profiles, ["profiles"], batch_size=500)
        lost.note(_old(loaded, at))
        refused = _begin_commands(loaded.begun, at)
        counted = counters.reserve_many(loaded.ciphered)
    works = []
    for line in lines:
        devices = []
        for device in loaded.works.get(line.pk, ()):
            commands = tuple(one for one in device.commands if one.id not in refused)
            if device.tasks or commands:
                mine = counted.get(device.id, {})
                ticket = f"{line.pk}/{line.leases}"
                devices.append(replace(device, commands=commands, counters=mine, ticket=ticket))
        if devices:
            assert line.leased_until is not None
            urgent = sorted(devices, key=lambda device: not device.commands)
            works.append(
                LineWork(
                    line.pk, line.name, line.host, line.port, line.timeout, line.pause,
                    line.leased_until, tuple(urgent), line.settings,
                )
            )  # fmt: skip
    used = {work.id for work in works}
    release(collector=collector, lines=[line.pk for line in lines if line.pk not in used], at=at)
    return works


def _old(loaded: Loaded, at: datetime) -> list[lost.Absent]:
    found = []
    for stay, which, meter, missing in loaded.old:
        spans = [(int(s.start.timestamp()), int(s.end.timestamp())) for s in missing.old]
        found.append(
            lost.Absent(
                stay.usage_point, which, meter, np.array(spans, np.int64), at, lost.Reason.TOO_OLD
            )
        )
    return found


def _begin_commands(commands: Collection[Command], at: datetime) -> set[int]:
    """Mark commands as running; the ids of those that are not to be done.

    What expired is not done. What a killed collector had begun is begun again within its time, if
    doing it twice does it once.
    """
    refused = set()
    for command in commands:
        was_running = command.state == RUNNING
        if at >= command.expires_at and not was_running:
            command.state, command.ended_at = Command.State.CANCELLED, at
            command.words = "It was not done in time."
        elif was_running and (
            command.kind in ONCE or command.attempts >= MOST_ATTEMPTS or at >= command.expires_at
        ):
            command.state, command.ended_at = Command.State.FAILED, at
            command.problem = Problem.INTERRUPTED
            command.words = "The collector ended while it was being done."
        else:
            command.state, command.started_at = Command.State.RUNNING, at
            command.attempts += 1
            continue
        refused.add(command.pk)
    Command.objects.bulk_update(
        commands,
        ["state", "started_at", "ended_at", "attempts", "problem", "words"],
        batch_size=500,
    )
    if refused:
        settling.settle(at=at)
    return refused


def renew(
    *, collector: str, lines: Collection[int], at: datetime, lease: timedelta = LEASE
) -> set[int]:
    """Lengthen the leases of lines; which are still ours. Leave the sessions of the others.

    at: by the clock that `claim` was given for leases.
    """
    with transaction.atomic():
        lock(lines)
        mine = Line.objects.filter(pk__in=lines, leased_by=collector, leased_until__isnull=False)
        mine.update(leased_until=at + lease)
        return set(mine.values_list("pk", flat=True))


def lock(lines: Collection[int]) -> None:
    """Lock lines in the order of their ids, in which everybody who waits for several locks them.

    Call it in a transaction, and give all lines that it will touch. One query.
    """
    list(Line.objects.select_for_update().filter(pk__in=lines).order_by("id").values_list("pk"))


def hold(line: int, *, collector: str, now: datetime, lease: timedelta) -> bool:
    """Lease one line for a person's own session, due or not; False while somebody else has it."""
    free = Q(leased_until__isnull=True) | Q(leased_until__lt=now)
    mine = Line.objects.filter(free, pk=line)
    return bool(mine.update(leased_by=collector, leased_until=now + lease))


@transaction.atomic
def release(*, collector: str, lines: Collection[int], at: datetime) -> None:
    """Let lines go, and put down when something is due on them next. Others' leases stay.

    What was begun and not ended waits again: commands that were not done, tasks that are due.
    """
    if not lines:
        return
    mine = list(
        Line.objects.select_for_update().filter(pk__in=lines, leased_by=collector).order_by("id")
    )
    for line in mine:
        line.leased_by, line.leased_until = "", None
    _schedule(mine)
    put(mine, ["leased_by", "leased_until", "due_at", "priority"])


@transaction.atomic
def schedule(lines: Collection[int]) -> None:
    """Put down anew when something is due on lines; leases stay as they are."""
    rows = list(Line.objects.select_for_update().filter(pk__in=lines).order_by("id"))
    _schedule(rows)
    put(rows, ["due_at", "priority"])


def _schedule(lines: Collection[Line]) -> None:
    """Set due_at and priority of lines from their tasks and commands. Two queries."""
    ids = [line.pk for line in lines]
    if not ids:
        return
    tasks = {
        line: (due, priority)
        for line, due, priority in DeviceTask.objects.filter(
            device__line__in=ids, device__is_enabled=True
        )
        .values("device__line")
        .annotate(due=Min("due_at"), priority=Min("device__plan__priority"))
        .values_list("device__line", "due", "priority")
    }
    commands = dict(
        Command.objects.filter(
            device__line__in=ids, device__is_enabled=True, state__in=[WAITING, RUNNING]
        )
        .values("device__line")
        .annotate(due=Min("not_before"))
        .values_list("device__line", "due")
    )
    for line in lines:
        due, priority = tasks.get(line.pk, (None, 9))
        asked = commands.get(line.pk)
        line.due_at = min((one for one in (due, asked) if one is not None), default=None)
        line.priority = priority if asked is None else PERSON
