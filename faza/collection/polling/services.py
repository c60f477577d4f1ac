"""Deeds about polling: lines, credentials, plans, devices, commands. All in the trail, no secret.

What is asked for here is done by a collector; see `claims` and `results`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from faza.accounts.models import User
from faza.audit import services as audit
from faza.collection import secrets
from faza.collection.models import (
    CollectionPlan,
    Command,
    CredentialSet,
    Device,
    DeviceTask,
    Line,
    PlanItem,
    Session,
)
from faza.collection.orders import settling
from faza.collection.polling import calendars, claims
from faza.collection.polling.work import Kind, Order
from faza.collection.secrets import Secrets
from faza.core.reading_types import BY_CHANNEL

EXPIRES = timedelta(days=1)
"""So long a command is wanted, unless told otherwise."""
KEY_SIZES = (0, 16, 32)
HOUR, DAY = 60, 1440
USUAL = {
    Kind.CLOCK: DAY, Kind.DAYS: DAY, Kind.MONTHS: DAY, Kind.EVENTS: HOUR, Kind.PROFILE: HOUR,
    Kind.REGISTERS: DAY, Kind.CONFIGURATION: 7 * DAY, Kind.CALENDAR: 7 * DAY,
    Kind.QUALITY: DAY, Kind.PARAMETERS: DAY, Kind.IDENTITY: DAY,
}  # fmt: skip
"""Minutes between readings of a plan for which nothing else is told."""
CHUNK = 5_000


class TooLate(Exception):
    """The command is being done, or was done: it cannot be called off any more."""


@transaction.atomic
def keep_line(line: Line, *, at: datetime, by: User | None = None) -> Line:
    """Store a line, new or changed. Raises ValidationError if a field says what cannot be."""
    line.full_clean()
    line.save()
    told = {"name": line.name, "host": line.host, "port": line.port, "enabled": line.is_enabled}
    audit.note("collection.line.kept", of=line, by=by, at=at, after=told)
    return line


@transaction.atomic
def keep_credentials(
    row: CredentialSet, *, at: datetime, given: Secrets | None = None, by: User | None = None
) -> CredentialSet:
    """Store as whom meters are entered; `given` None leaves the secrets as they are.

    The trail tells that they changed, never what they are. Raises ValidationError.
    """
    before = row.fingerprint
    if given is not None:
        for key in (given.encryption_key, given.authentication_key):
            if len(key) not in KEY_SIZES:
                raise ValidationError(_("A key has 16 or 32 bytes."))
        row.closed, row.fingerprint = secrets.closed(given), secrets.fingerprint(given)
    if row.mechanism == CredentialSet.Mechanism.HLS5 and not row.fingerprint:
        raise ValidationError(_("This way of entering needs keys."))
    try:
        bytes.fromhex(row.system_title)
    except ValueError as problem:
        raise ValidationError(_("A system title is 16 hexadecimal digits.")) from problem
    row.changed_at = at
    row.full_clean()
    row.save()
    told = {
        "name": row.name, "client": row.client, "mechanism": row.mechanism, "level": row.level,
        "secrets_changed": before != row.fingerprint,
    }  # fmt: skip
    audit.note("collection.credentials.kept", of=row, by=by, at=at, after=told)
    return row


@transaction.atomic
def keep_plan(
    plan: CollectionPlan,
    *,
    at: datetime,
    items: Mapping[Kind, int] | None = None,
    by: User | None = None,
) -> CollectionPlan:
    """Store a plan; `items`: minutes by kind, None leaves them (USUAL for a new one).

    Its meters get the new tasks at once, and lose those that are gone. Raises ValidationError.
    """
    is_new = plan.pk is None
    if unknown := set(plan.channels) - set(BY_CHANNEL):
        raise ValidationError(_("There is no channel %(name)s."), params={"name": min(unknown)})
    if plan.correct_from < 1 or plan.correct_to < plan.correct_from:
        raise ValidationError(_("The limits of clock correction are the wrong way round."))
    plan.full_clean()
    plan.save()
    if items is None and is_new:
        items = USUAL
    if items is not None:
        if any(every < 1 for every in items.values()):
            raise ValidationError(_("Readings are at least a minute apart."))
        plan.items.exclude(kind__in=list(items)).delete()
        PlanItem.objects.bulk_create(
            [PlanItem(plan=plan, kind=kind, every=every) for kind, every in items.items()],
            update_conflicts=True, unique_fields=["plan", "kind"], update_fields=["every"],
        )  # fmt: skip
        _sync(Device.objects.filter(plan=plan).values_list("pk", flat=True), plan, at)
    told = {
        "name": plan.name,
        "items": {item.kind: item.every for item in plan.items.order_by("kind")},
        "corrects": plan.corrects,
        "correct_to": plan.correct_to,
    }
    audit.note("collection.plan.kept", of=plan, by=by, at=at, after=told)
    return plan


@transaction.atomic
def keep_device(device: Device, *, at: datetime, by: User | None = None) -> Device:
    """Store how a meter is reached, new or changed; what is new is due at once.

    What was learned under another driver or address is forgotten. Raises ValidationError.
    """
    before = Device.objects.filter(pk=device.pk).first() if device.pk else None
    way = (device.driver, device.address, device.line_id)
    if before is not None and (before.driver, before.address, before.line_id) != way:
        device.layouts, device.habits = {}, {}
    device.full_clean()
    device.save()
    _sync([device.pk], device.plan, at)
    if before is not None and before.line_id != device.line_id:
        claims.schedule([before.line_id])
    told = {
        "meter": device.meter_id, "line": device.line_id, "driver": device.driver,
        "address": device.address, "plan": device.plan_id, "enabled": device.is_enabled,
    }  # fmt: skip
    audit.note("collection.device.kept", of=device, by=by, at=at, after=told)
    return device


def _sync(devices: Collection[int] | Any, plan: CollectionPlan, at: datetime) -> None:
    """Give devices the tasks of their plan, take away the others, and schedule their lines."""
    ids = list(devices)
    kinds = list(plan.items.values_list("kind", flat=True))
    for start in range(0, len(ids), CHUNK):
        part = ids[start : start + CHUNK]
        DeviceTask.objects.filter(device__in=part).exclude(kind__in=kinds).delete()
        DeviceTask.objects.bulk_create(
            [
                DeviceTask(device_id=device, kind=kind, due_at=at)
                for device in part
                for kind in kinds
            ],
            ignore_conflicts=True, batch_size=CHUNK,
        )  # fmt: skip
        claims.schedule(set(Device.objects.filter(pk__in=part).values_list("line_id", flat=True)))


@transaction.atomic
def ask(
    device: Device,
    order: Order,
    arguments: Mapping[str, Any] | None = None,
    *,
    at: datetime,
    by: User | None = None,
    not_before: datetime | None = None,
    expires_at: datetime | None = None,
) -> Command:
    """Ask for something to be done with a meter, before all plans; `by` None: a rule asks.

    Who may, and on what ground, the caller decides. Raises ValidationError if the arguments are
    none of this order.
    """
    told = dict(arguments or {})
    check(order, told)
    begins = not_before or at
    command = Command.objects.create(
        device=device, kind=order, arguments=told, by=by, asked_at=at, not_before=begins,
        expires_at=expires_at or begins + EXPIRES,
    )  # fmt: skip
    claims.schedule([device.line_id])
    audit.note(
        "collection.command.asked", of=command, by=by, at=at,
        after={"meter": device.meter_id, "kind": order, "arguments": told},
    )  # fmt: skip
    return command


@transaction.atomic
def cancel(command: Command, *, at: datetime, by: User | None = None) -> Command:
    """Call a command off. Raises TooLate if a collector has begun it."""
    row = Command.objects.select_for_update().get(pk=command.pk)
    if row.state != Command.State.WAITING:
        raise TooLate
    row.state, row.ended_at = Command.State.CANCELLED, at
    row.save(update_fields=["state", "ended_at"])
    claims.schedule([row.device.line_id])
    audit.note("collection.command.cancelled", of=row, by=by, at=at)
    settling.settle(at=at)
    return row


def check(order: Order, arguments: Mapping[str, Any]) -> None:
    """Raise ValidationError if arguments are none of an order; see `work.Order`."""
    try:
        _check(order, arguments)
    except (KeyError, TypeError, ValueError) as problem:
        raise ValidationError(
            _("The command's arguments are wrong: %(problem)s."), params={"problem": problem}
        ) from problem


def _check(order: Order, arguments: Mapping[str, Any]) -> None:
    match order:
        case Order.READ_NOW:
            for kind in arguments.get("kinds", ()):
                Kind(kind)
        case Order.SHIFT_CLOCK:
            int(arguments["seconds"])
        case Order.RELAY:
            if arguments["to"] not in {"off", "on", "permit"}:
                raise ValueError(arguments["to"])
        case Order.LIMITER:
            if int(arguments["threshold"]) < 0 or int(arguments["seconds"]) < 0:
                raise ValueError("below 0")
            str(arguments["what"]), bool(arguments["is_on"])
        case Order.CALENDAR:
            calendars.from_json(arguments["calendar"])
            moment = arguments.get("activate_at")
            if moment is not None and datetime.fromisoformat(moment).tzinfo is None:
                raise ValueError(moment)
        case Order.SET_CLOCK | Order.ACTIVATE_CALENDAR:
            if arguments:
                raise ValueError(min(arguments))


def sweep_sessions(before: datetime, at: datetime) -> int:
    """Forget sessions that began before a moment; commands stay. Run by `accounts.retention`."""
    done = 0
    while ids := list(
        Session.objects.filter(started_at__lt=before).values_list("pk", flat=True)[:CHUNK]
    ):
        Session.objects.filter(pk__in=ids).delete()
        done += len(ids)
    return done


def count_sessions(before: datetime) -> int:
    """How many sessions began before a moment."""
    return Session.objects.filter(started_at__lt=before).count()
