"""What came and went, as far as a person may see it.

Files speak of points of all areas. So who works with the whole network sees all of them, and who
works with a part of it the files that they gave themselves.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce

from faza.accounts.models import User
from faza.collection.exchange.arrivals import sees_whole
from faza.collection.models import (
    Arrival,
    Delivery,
    Dispatch,
    ExchangePlace,
    ExchangeProfile,
    ImportFile,
    ImportRun,
    MailboxMark,
    Pickup,
)

CHANNELS = {
    "upload": Q(by__startswith="upload:"),
    "mail": Q(by__startswith="mail:"),
    "sftp": Q(by__startswith="sftp:"),
    "folder": Q(by="inbox"),
    "mqtt": Q(by="mqtt"),
    "push": Q(by__startswith="push:"),
}
"""By which way a run came, from who it says it was by; another one is a command's."""


def runs_of(user: User, *, at: datetime) -> QuerySet[ImportRun]:
    """Imports with `channel`, `first_name` (of a file) and `origin`, newest first."""
    rows = ImportRun.objects.all()
    if not sees_whole(user, at=at):
        rows = rows.filter(Exists(Arrival.objects.filter(run=OuterRef("pk"), by=_known(user))))
    files = ImportFile.objects.filter(run=OuterRef("pk")).order_by("pk")
    told = Arrival.objects.filter(run=OuterRef("pk")).order_by("pk")
    picked = Pickup.objects.filter(run=OuterRef("pk")).order_by("pk")
    ways = [When(asked, then=Value(name)) for name, asked in CHANNELS.items()]
    return rows.annotate(
        channel=Case(*ways, default=Value("command")),
        first_name=Coalesce(
            Subquery(told.values("name")[:1]), Subquery(picked.values("name")[:1]),
            Subquery(files.values("name")[:1]), Value(""),
        ),
        origin=Coalesce(Subquery(told.values("origin")[:1]), Value("")),
        person=Subquery(told.values("by__full_name")[:1]),
    ).order_by("-started_at", "-pk")  # fmt: skip


def files_of(run: ImportRun) -> QuerySet[ImportFile]:
    """The files of an import, those with problems first."""
    return run.imported.order_by("-n_problems", "name", "pk")


def arrivals_of(user: User, *, at: datetime) -> QuerySet[Arrival]:
    """Files that came by upload, mail and SFTP, newest first."""
    rows = Arrival.objects.select_related("by", "run").order_by("-arrived_at", "-pk")
    return rows if sees_whole(user, at=at) else rows.filter(by=_known(user), channel="upload")


def unread_pickups_of(user: User, *, at: datetime) -> QuerySet[Pickup]:
    """Files of the watched folder that no import tells of: they could not be read at all."""
    rows = Pickup.objects.filter(state=Pickup.State.FAILED, run=None).order_by("-pk")
    return rows if sees_whole(user, at=at) else rows.none()


def dispatches_of(user: User, *, at: datetime) -> QuerySet[Dispatch]:
    """What was sent, with `n_sent`, `n_given_up`, `n_open` and `n_twice` of its deliveries."""
    rows = (
        Dispatch.objects.defer("content").select_related("profile").order_by("-created_at", "-pk")
    )
    states = Delivery.State
    waiting = Q(deliveries__state__in=[states.WAITING, states.SENDING])
    rows = rows.annotate(
        n_sent=Count("deliveries", filter=Q(deliveries__state=states.SENT)),
        n_given_up=Count("deliveries", filter=Q(deliveries__state=states.GIVEN_UP)),
        n_open=Count("deliveries", filter=waiting),
        n_twice=Count("deliveries", filter=Q(deliveries__maybe_twice=True)),
    )
    return rows if sees_whole(user, at=at) else rows.none()


def profiles_of(user: User, *, at: datetime) -> QuerySet[ExchangeProfile]:
    """What is agreed with counterparties, with `n_codes`."""
    rows = ExchangeProfile.objects.select_related("place").order_by("counterparty", "pk")
    rows = rows.annotate(n_codes=Count("codes"))
    return rows if sees_whole(user, at=at) else rows.none()


def places_of(user: User, *, at: datetime) -> QuerySet[ExchangePlace]:
    """Where files are exchanged by SFTP."""
    rows = ExchangePlace.objects.order_by("name")
    return rows if sees_whole(user, at=at) else rows.none()


def mailboxes_of(user: User, *, at: datetime) -> QuerySet[MailboxMark]:
    """The mailboxes that were ever read, the last one first."""
    rows = MailboxMark.objects.order_by("-looked_at")
    return rows if sees_whole(user, at=at) else rows.none()


def counts(runs: QuerySet[ImportRun], *, since: datetime) -> dict[str, int]:
    """Of imports since a moment: how many, their values, problems, and those with refused files."""
    told = runs.filter(started_at__gte=since).aggregate(
        runs=Count("pk"), total=Sum("values"), problems=Sum("problems"),
        refused=Count("pk", filter=Q(state=ImportRun.State.REFUSED)),
    )  # fmt: skip
    return {name: number or 0 for name, number in told.items()}


def _known(user: User) -> User | None:
    """The person, or nobody where it is none that may ask: then nothing is theirs."""
    return user if user.is_active else None
