"""What people want to be told of, and how: the ways of topics, kinds of events, limits of days."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from faza.accounts.models import User
from faza.audit import services as audit
from faza.contracts import access
from faza.contracts.permissions import STAFF
from faza.events import catalogue
from faza.events.kinds import Category, Device
from faza.metering.models import UsagePoint
from faza.notifications.models import Subscription, Topic, Way

DEFAULTS = {
    # By mail without being asked for. Source: design/rules.md, Warnings (F8) and commands.
    Topic.WARNINGS: Way.MAIL,
    Topic.VERIFICATION: Way.MAIL,
    Topic.CASES: Way.MAIL,
    Topic.ORDERS: Way.MAIL,
    # Power off and on have been told as warnings: the length of the cut is for who looks.
    Topic.OUTAGES: Way.PAGE,
    Topic.NEWS: Way.PAGE,
    # Who asked for a report waits for it.
    Topic.REPORTS: Way.MAIL,
    # Who typed a reading must learn that it is not taken, while another may be sent.
    Topic.ENTRY: Way.MAIL,
    # Whoever let a stranger in must learn of it wherever they look first.
    Topic.SECURITY: Way.MAIL,
}
CHOOSABLE = (
    Topic.WARNINGS, Topic.OUTAGES, Topic.VERIFICATION, Topic.CASES, Topic.ENTRY, Topic.NEWS
)  # fmt: skip
"""Topics with a way to be chosen; of limiting, switching on and devices all are told by mail."""
MOST_LIMITS = 20
GREATEST_LIMIT = 10**12
"""1,000,000 MWh a day, in Wh: more than any point takes."""


class TooMany(Exception):
    """A user has as many limits as there may be."""


class WrongLimit(Exception):
    """A limit that is not above 0, or above what a point can take."""


def ways_of(users: Collection[int], topic: Topic) -> dict[int, Way]:
    """How each of some users is told of a topic that has a default. One query."""
    rows = Subscription.objects.filter(user__in=users, topic=topic)
    chosen = {user: Way(way) for user, way in rows.values_list("user", "way")}
    return {user: chosen.get(user, DEFAULTS[topic]) for user in users}


def of_events(users: Collection[int]) -> dict[int, dict[str, Way]]:
    """The categories of events that some users want to know of, and how. One query."""
    found: dict[int, dict[str, Way]] = defaultdict(dict)
    rows = Subscription.objects.filter(user__in=users, topic=Topic.EVENTS)
    for user, category, way in rows.values_list("user", "category", "way"):
        found[user][category] = Way(way)
    return dict(found)


def categories() -> list[Category]:
    """Those with an event at points that nobody is warned of anyway, as the catalogue has them."""
    told = {
        kind.category
        for kind in catalogue.kinds()
        if kind.warns is None and kind.device != Device.CONCENTRATOR
    }
    return [category for category in Category if category in told]


def own(user: User) -> QuerySet[Subscription]:
    """All of a user's, the limits with their points."""
    rows = Subscription.objects.filter(user=user).select_related("usage_point")
    return rows.order_by("topic", "category", "id")


@transaction.atomic
def choose(
    *, user: User, topics: Mapping[Topic, Way], events: Mapping[Category, Way | None], at: datetime
) -> None:
    """Put down how a user wants to be told; None: not of this category. May be repeated.

    What was chosen before stays where nothing is said of it.
    """
    wanted: dict[tuple[str, str], Way | None] = {
        (topic, ""): topics[topic] for topic in CHOOSABLE if topic in topics
    }
    wanted |= {(Topic.EVENTS, category): way for category, way in events.items()}
    for (topic, category), way in wanted.items():
        rows = Subscription.objects.filter(user=user, topic=topic, category=category)
        if way is None:
            rows.delete()
        elif not rows.exclude(way=way).update(way=way) and not rows.exists():
            Subscription.objects.create(
                user=user, topic=topic, category=category, way=way, made_at=at
            )


@transaction.atomic
def set_limit(
    *, user: User, point: UsagePoint | None, limit: int, way: Way, at: datetime
) -> Subscription:
    """Have a user told when a day takes more than `limit` Wh at a point, or at any of the own.

    The same limit again only changes the way. Raises WrongLimit, TooMany, NoSuchPoint (a point
    that is none of the user's).
    """
    if not 0 < limit <= GREATEST_LIMIT:
        raise WrongLimit(limit)
    if point is not None and not access.points_visible(user, at=at).filter(pk=point.pk).exists():
        raise access.NoSuchPoint(point.code)
    User.objects.select_for_update().get(pk=user.pk)  # two of them at once count each other
    limits = Subscription.objects.filter(user=user, topic=Topic.THRESHOLD)
    same = limits.filter(usage_point=point, limit=limit).first()
    if same is not None:
        same.way = way
        same.save(update_fields=["way"])
        return same
    if limits.count() >= MOST_LIMITS:
        raise TooMany(MOST_LIMITS)
    made = Subscription.objects.create(
        user=user, topic=Topic.THRESHOLD, usage_point=point, limit=limit, way=way, made_at=at
    )
    if point is not None and user.role in STAFF:
        # Whose days staff have themselves told of is in the trail, as a file of them is.
        told = {"code": point.code, "limit": limit, "way": str(way)}
        audit.note("notifications.limit.set", of=user, by=user, at=at, after=told)
    return made


def drop_limit(*, user: User, pk: int) -> bool:
    """Take a limit away; False where the user has no such one."""
    rows = Subscription.objects.filter(user=user, topic=Topic.THRESHOLD, pk=pk)
    return bool(rows.delete()[0])
