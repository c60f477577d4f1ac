"""Whose devices and lines a person sees and changes; what is out of reach is not there (404).

A device is within reach where its meter is. A line stands in an area, or is in that of the meters
on it; it is changed by who reaches all of these. Plans and access to meters have no area.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import Case, Exists, F, Max, Min, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.shortcuts import get_object_or_404

from faza.accounts.models import User
from faza.collection.models import Command, Device, DeviceTask, Line, Session
from faza.collection.polling.timing import HOPELESS
from faza.contracts import access
from faza.metering.models import Meter, MeteringComplex

GOOD, DUE, RETRY, BAD, OFF = "good", "due", "retry", "bad", "off"
"""Read as planned; it is its turn; tried again after a failure; given up until the next regular
time; switched off."""


def devices(user: User, *, at: datetime) -> QuerySet[Device]:
    """Devices within reach, with `state`, `due` (when the next of its readings is due)."""
    tasks = DeviceTask.objects.filter(device=OuterRef("pk")).order_by().values("device")
    return (
        Device.objects.filter(meter__in=access.meters_of(user, at=at))
        .annotate(
            worst=Coalesce(Subquery(tasks.annotate(n=Max("failures")).values("n")), 0),
            due=Subquery(tasks.annotate(n=Min("due_at")).values("n")),
        )
        .annotate(
            state=Case(
                When(Q(is_enabled=False) | Q(line__is_enabled=False), then=Value(OFF)),
                When(
                    Q(worst__gt=F("plan__retries")) | Q(worst__gt=0, problem__in=HOPELESS),
                    then=Value(BAD),
                ),
                When(worst__gt=0, then=Value(RETRY)),
                When(Q(due__lte=at) | Q(last_success_at=None), then=Value(DUE)),
                default=Value(GOOD),
            )
        )
    )


def placed(rows: QuerySet[Device], user: User, *, at: datetime) -> QuerySet[Device]:
    """Devices with the point at which the meter stands now, where that is within reach."""
    standing = MeteringComplex.objects.filter(
        meter=OuterRef("meter"),
        valid_to=None,
        usage_point__in=access.worked_points_of(user, at=at).values("id"),
    )
    return rows.annotate(
        point=Subquery(standing.values("usage_point_id")[:1]),
        point_name=Subquery(standing.values("usage_point__name")[:1]),
        point_code=Subquery(standing.values("usage_point__code")[:1]),
        node_name=Subquery(standing.values("usage_point__node__name")[:1]),
        node_path=Subquery(standing.values("usage_point__node__path")[:1]),
    )


def device_of(user: User, meter: int, *, at: datetime) -> Device:
    """The device of a meter. Raises Http404."""
    rows = placed(devices(user, at=at), user, at=at)
    related = ("meter__model", "line", "plan", "credentials", "control")
    return get_object_or_404(rows.select_related(*related), meter__pk=meter)


def meter_of(user: User, pk: int, *, at: datetime) -> Meter:
    return get_object_or_404(access.meters_of(user, at=at).select_related("model"), pk=pk)


def session_of(user: User, pk: int, *, at: datetime) -> Session:
    mine = access.meters_of(user, at=at)
    rows = Session.objects.filter(device__meter__in=mine).select_related("device__meter")
    return get_object_or_404(rows, pk=pk)


def command_of(user: User, pk: int, *, at: datetime) -> Command:
    mine = access.meters_of(user, at=at)
    rows = Command.objects.filter(device__meter__in=mine).select_related("device__meter", "by")
    return get_object_or_404(rows, pk=pk)


def lines(user: User, *, at: datetime) -> QuerySet[Line]:
    """Lines that a person sees: in the own areas, or with a meter within reach on it."""
    if user.role in access.EVERYWHERE:
        return Line.objects.all()
    mine = Device.objects.filter(line=OuterRef("pk"), meter__in=access.meters_of(user, at=at))
    return Line.objects.filter(Q(node__in=access.nodes_of(user, at=at)) | Exists(mine))


def own_lines(user: User, *, at: datetime) -> QuerySet[Line]:
    """Lines that a person may change: those seen on which nobody else's meters are."""
    seen = lines(user, at=at)
    if user.role in access.EVERYWHERE:
        return seen
    others = Device.objects.filter(line=OuterRef("pk")).exclude(
        meter__in=access.meters_of(user, at=at)
    )
    foreign = Q(node__isnull=False) & ~Q(node__in=access.nodes_of(user, at=at))
    return seen.filter(~Exists(others)).exclude(foreign)


def line_of(user: User, pk: int, *, at: datetime) -> Line:
    return get_object_or_404(own_lines(user, at=at), pk=pk)
