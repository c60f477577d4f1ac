"""Which points a round goes to: those without a route of collection, and those that are silent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import QueryDict
from django.utils.http import urlencode

from faza.accounts.models import User
from faza.collection.models import Device
from faza.contracts import access
from faza.core.periods import Period
from faza.core.reading_types import A_PLUS, GAS, HEAT, WATER
from faza.core.windows import Window, Windows
from faza.desk.network.finding import node_of
from faza.manual_entry import dials, queries
from faza.manual_entry.listing import Listed, listed
from faza.manual_entry.models import Entry
from faza.metering.models import MeteringComplex, NetworkNode
from faza.metering.querysets import UsagePointQuerySet
from faza.readings import queries as readings
from faza.readings.models import RegisterReading

DAYS = (3, 10, 30, 60)
USUAL = 10
"""Days of silence: as those after which entry opens by itself."""
MOST = 5_000
"""Points that are looked through; of more a place is to be chosen."""
SILENT, UNROUTED, ALL = "silent", "unrouted", "all"
COUNTED = (A_PLUS.code, WATER.code, GAS.code, HEAT.code)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list of points is narrowed by."""

    node: NetworkNode | None = None
    days: int = USUAL
    why: str = SILENT
    text: str = ""

    @property
    def query(self) -> str:
        """As an address has it."""
        node, why = self.node.pk if self.node else "", "" if self.why == SILENT else self.why
        told = {"node": node, "days": self.days, "why": why, "q": self.text}
        return urlencode({key: value for key, value in told.items() if value != ""})


def asked(user: User, query: QueryDict, *, at: datetime) -> Asked:
    """Raises Http404 for a place that the person does not work in."""
    days = query.get("days", "")
    why = query.get("why", "")
    return Asked(
        node_of(user, query["node"], at=at) if query.get("node") else None,
        int(days) if days in map(str, DAYS) else USUAL,
        why if why in (ALL, UNROUTED) else SILENT,
        query.get("q", "").replace("\0", "").strip()[:100],
    )


@dataclass(frozen=True, slots=True)
class Found:
    """The points of a round in the order of the walk, and which of them have no route.

    looked: how many points were looked through; None where they are too many.
    """

    points: Sequence[int]
    unrouted: frozenset[int]
    looked: int | None


def found(user: User, narrowed: Asked, *, at: datetime) -> Found:
    """Seven queries, however many points."""
    scope = access.worked_points_of(user, at=at)
    if narrowed.node is not None:
        scope = scope.below(narrowed.node)
    if narrowed.text:
        scope = scope.matching(narrowed.text)
    standing = MeteringComplex.objects.valid_at(at).billing()
    # Where nothing stands nothing can be read.
    scope = scope.filter(pk__in=standing.values("usage_point"))
    rows = list(scope.by_place().values_list("pk", "zone")[: MOST + 1])
    if len(rows) > MOST:
        return Found((), frozenset(), None)
    reached = Device.objects.filter(is_enabled=True).values("meter")
    routed = set(
        standing.filter(meter__in=reached, usage_point__in=scope.values("pk")).values_list(
            "usage_point", flat=True
        )
    )
    unrouted = frozenset(key for key, _ in rows if key not in routed)
    wanted = set(unrouted) if narrowed.why != SILENT else set()
    if narrowed.why != UNROUTED:
        wanted |= _silent(rows, scope, narrowed.days, at)
    return Found([key for key, _ in rows if key in wanted], unrouted, len(rows))


def _silent(
    rows: Sequence[tuple[int, str]], scope: UsagePointQuerySet, days: int, at: datetime
) -> set[int]:
    """The points of which no interval and no register was read for so many days."""
    within = timedelta(days=days)
    past = Period(at - within, at)
    windows = Windows.merged(Window(key, zone, past) for key, zone in rows)
    last = readings.latest(windows, COUNTED, before=at, within=within)
    heard = set(last.usage_points[last.ends > 0].tolist())
    shown = RegisterReading.objects.filter(
        usage_point_id__in=scope.values("pk"), at__gte=past.start, at__lte=at
    ).exclude(kind=RegisterReading.Kind.MANUAL)
    heard |= set(shown.values_list("usage_point_id", flat=True).distinct())
    return {key for key, _ in rows if key not in heard}


@dataclass(frozen=True, slots=True)
class Stop:
    """A point of a round. until: the end of its data; typed: when it was typed last."""

    listed: Listed
    is_unrouted: bool
    until: datetime | None
    typed: datetime | None
    days: int | None
    """Since `until`."""


def stops(keys: Sequence[int], unrouted: frozenset[int], *, at: datetime) -> list[Stop]:
    """The points of a page or a sheet, in their order."""
    by_key = {one.due.point.pk: one for one in listed(keys, at=at)}
    past = Period(at - dials.LOOK_BACK, at)
    windows = Windows.merged(
        Window(key, one.due.point.zone, past) for key, one in by_key.items()
    )  # fmt: skip
    until = queries.data_until(windows, at=at) if by_key else {}
    typed: dict[int, datetime] = {}
    entries = Entry.objects.filter(usage_point__in=keys).exclude(
        state__in=(Entry.State.REFUSED, Entry.State.WITHDRAWN)
    )
    for key, moment in entries.order_by("of_at").values_list("usage_point", "of_at"):
        typed[key] = moment
    return [
        Stop(
            by_key[key], key in unrouted, until.get(key), typed.get(key),
            (at - until[key]).days if key in until else None,
        )
        for key in keys
        if key in by_key
    ]  # fmt: skip
