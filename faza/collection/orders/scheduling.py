"""Tariff calendars of meters: what each should have by its tariff, has, and is given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from faza.accounts.models import User
from faza.collection.models import CalendarVersion, Command, Device
from faza.collection.orders import schedules
from faza.collection.orders.schedules import Difference, NoZones
from faza.collection.polling import calendars
from faza.collection.polling import services as polling
from faza.collection.polling.work import Kind, Order
from faza.contracts import access
from faza.contracts.models import AgreementPoint
from faza.contracts.permissions import Right, may
from faza.core.periods import start_of_day
from faza.metering.models import MeteringComplex
from faza.protocols.metered import TariffCalendar
from faza.tariffs import queries as tariffs
from faza.tariffs import rules
from faza.tariffs.models import Tariff, TariffZone

LASTS = timedelta(days=7)
"""So long a meter is tried."""
MOST = 500
"""Meters of one deed."""
LOOK_AGAIN = timedelta(minutes=10)
"""After the activation the calendar is read again."""
TO_DO = (Command.State.WAITING, Command.State.RUNNING)


class Verdict(StrEnum):
    """same: counts as it should; other: it does not; unread: never read; unknown: no tariff."""

    SAME = "same"
    OTHER = "other"
    UNREAD = "unread"
    UNKNOWN = "unknown"


class Forbidden(Exception):
    """The person may not write calendars."""


class Past(Exception):
    """The day of activation has begun already."""


@dataclass(frozen=True, slots=True)
class Known:
    """Verdicts at a moment, by (tariff, fingerprint of the calendar), and what tariffs want."""

    wanted: Mapping[int, TariffCalendar]
    differences: Mapping[tuple[int, str], Sequence[Difference]] = field(default_factory=dict)

    def verdict(self, tariff: int | None, fingerprint: str | None) -> Verdict:
        if tariff is None or tariff not in self.wanted:
            return Verdict.UNKNOWN
        if not fingerprint:
            return Verdict.UNREAD
        return Verdict.OTHER if self.differences[tariff, fingerprint] else Verdict.SAME


def devices(user: User, *, at: datetime) -> QuerySet[Device]:
    """Connected billing meters that a person works with; annotated with what they stand at.

    point_id, point_code, point_name, point_zone; tariff_id, tariff_name of the agreement;
    calendar_mark, calendar_read_at: the last calendar read; asked_id, asked_state: the last
    command to write one.
    """
    points = access.worked_points_of(user, at=at)
    standing = (
        MeteringComplex.objects.billing()
        .valid_at(at)
        .filter(meter=OuterRef("meter"), usage_point__in=points.values("pk"))
    )
    covering = (
        AgreementPoint.objects.covering_at(at)
        .filter(usage_point=OuterRef("point_id"), agreement__tariff__isnull=False)
        .order_by("-valid_from")
    )
    read = CalendarVersion.objects.filter(meter=OuterRef("meter")).order_by("-read_at", "-pk")
    asked = Command.objects.filter(device=OuterRef("pk"), kind=Order.CALENDAR).order_by("-pk")
    return (
        Device.objects.filter(is_enabled=True)
        .annotate(point_id=Subquery(standing.values("usage_point")[:1]))
        .filter(point_id__isnull=False)
        .annotate(
            point_code=Subquery(standing.values("usage_point__code")[:1]),
            point_name=Subquery(standing.values("usage_point__name")[:1]),
            point_zone=Subquery(standing.values("usage_point__zone")[:1]),
            tariff_id=Subquery(covering.values("agreement__tariff")[:1]),
            tariff_name=Subquery(covering.values("agreement__tariff__name")[:1]),
            calendar_mark=Coalesce(Subquery(read.values("fingerprint")[:1]), Value("")),
            calendar_read_at=Subquery(read.values("read_at")[:1]),
            asked_id=Subquery(asked.values("pk")[:1]),
            asked_state=Subquery(asked.values("state")[:1]),
        )
        .select_related("meter__model")
    )  # fmt: skip


def known(pairs: Iterable[tuple[int | None, str]], *, on: date) -> Known:
    """What is to be said of (tariff, fingerprint) pairs. Queries by tariffs, not by meters."""
    asked = {(tariff, mark) for tariff, mark in pairs if tariff is not None}
    wanted = wanted_of({tariff for tariff, _ in asked}, on=on)
    read: dict[str, TariffCalendar | None] = {}
    rows = CalendarVersion.objects.filter(fingerprint__in={mark for _, mark in asked if mark})
    for mark, told in rows.values_list("fingerprint", "calendar"):
        if mark not in read:
            read[mark] = _read(told)
    found = {
        (tariff, mark): _differences(wanted[tariff], read.get(mark), on)
        for tariff, mark in asked
        if mark and tariff in wanted
    }
    return Known(wanted, found)


def _read(told: Mapping[str, object]) -> TariffCalendar | None:
    try:
        return calendars.from_json(told)
    except ValueError:
        return None


def _differences(
    wanted: TariffCalendar, found: TariffCalendar | None, on: date
) -> Sequence[Difference]:
    empty = TariffCalendar("", (), ())
    return schedules.differences(wanted, found or empty, first=on)


def wanted_of(ids: Iterable[int], *, on: date) -> dict[int, TariffCalendar]:
    """The calendars that tariffs want from a day on; without those that have no zones.

    Nor is there one of a tariff whose zones are others each month, as a business's are:
    its volumes come from intervals.
    """
    exceptions = tariffs.exceptions(start=on, end=on + timedelta(days=schedules.AHEAD))
    found = {}
    by_month = set(
        TariffZone.objects.filter(tariff__in=set(ids), month__gt=0).values_list("tariff", flat=True)
    )
    for tariff in Tariff.objects.filter(pk__in=set(ids) - by_month):
        zones = tariffs.zones_of(tariff, on=on)
        try:
            found[tariff.pk] = schedules.expected(
                tariff.code,
                [(zone.number, rules.parse_hours(zone.hours)) for zone in zones],
                [
                    (zone.number, rules.parse_hours(zone.off_hours))
                    for zone in zones
                    if zone.off_hours
                ],
                exceptions,
            )
        except (NoZones, rules.MalformedHours):
            continue
    return found


@dataclass(frozen=True, slots=True)
class Sorted:
    """Which meters a deed would write, and why it leaves the others."""

    passing: Sequence[Device]
    waiting: Sequence[Device]
    same: Sequence[Device]
    unknown: Sequence[Device]
    known: Known


def sorted_out(rows: Sequence[Device], *, on: date) -> Sorted:
    """What a deed would do with rows of `devices`: those that differ or were never read pass."""
    told = known([(row.tariff_id, row.calendar_mark) for row in rows], on=on)  # type: ignore[attr-defined]
    passing, waiting, same, unknown = [], [], [], []
    for row in rows:
        verdict = told.verdict(row.tariff_id, row.calendar_mark)  # type: ignore[attr-defined]
        if verdict is Verdict.UNKNOWN:
            unknown.append(row)
        elif row.asked_state in TO_DO:  # type: ignore[attr-defined]
            waiting.append(row)
        elif verdict is Verdict.SAME:
            same.append(row)
        else:
            passing.append(row)
    return Sorted(passing, waiting, same, unknown, told)


@transaction.atomic
def write(
    rows: Sequence[Device], *, at: datetime, by: User, activate_on: date | None = None
) -> list[Command]:
    """Have the calendars of tariffs written into meters (rows of `devices`), and read back.

    activate_on: the local day of the point from which on it holds, None: at once. What waits to be
    written already, counts as it should or has no tariff is left. Raises Forbidden, Past.
    """
    if not may(by, Right.EDIT_CALENDARS):
        raise Forbidden
    asked = []
    begins = activate_on or at.date()
    found = sorted_out(rows[:MOST], on=begins)
    for row in found.passing:
        asked.append(_ask(row, found.known.wanted, activate_on, at, by))
    return asked


def _ask(
    row: Device,
    wanted: Mapping[int, TariffCalendar],
    activate_on: date | None,
    at: datetime,
    by: User,
) -> Command:
    calendar = wanted[row.tariff_id]  # type: ignore[attr-defined]
    moment = None if activate_on is None else start_of_day(activate_on, row.point_zone)  # type: ignore[attr-defined]
    if moment is not None and moment <= at:
        raise Past
    expires = at + LASTS if moment is None else min(at + LASTS, moment)
    told = {
        "calendar": calendars.to_json(calendar),
        "activate_at": None if moment is None else moment.astimezone(UTC).isoformat(),
    }
    command = polling.ask(row, Order.CALENDAR, told, at=at, by=by, expires_at=expires)
    if moment is not None:
        polling.ask(
            row, Order.READ_NOW, {"kinds": [Kind.CALENDAR]}, at=at, by=by,
            not_before=moment + LOOK_AGAIN, expires_at=moment + LOOK_AGAIN + LASTS,
        )  # fmt: skip
    return command


def is_verified(command: Command, *, on: date) -> bool:
    """Whether the meter, read back, has the calendar that it was given."""
    told, said = command.arguments.get("calendar"), command.result.get("calendar")
    if command.state != Command.State.DONE or told is None or said is None:
        return False
    wanted, found = _read(told), _read(said)
    return wanted is not None and found is not None and schedules.is_same(wanted, found, first=on)
