"""Reminds of windows in which readings may be typed: when one opens, and before it closes. Once.

Only of points that nobody reads from afar, and of which nothing was sent in the window. A key for
each window and stage: whoever was told of the first points of a window hears of no others.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from faza.manual_entry import still
from faza.manual_entry.still import Open
from faza.metering.models import MeteringComplex, UsagePoint
from faza.notifications import subscriptions
from faza.notifications.models import Topic
from faza.notifications.rounds import people
from faza.notifications.telling import New, Person, tell

POINTS = 2000
"""So many points are looked at together."""
ENDING = timedelta(days=2)
"""So long before a window closes it is told a second time."""
KIND = "entry.window"


def run(*, at: datetime) -> int:
    """Remind everybody who reads meters by eye; how many notices. May be killed and begun again."""
    standing = MeteringComplex.objects.billing().valid_at(at).values("usage_point")
    keys = list(
        UsagePoint.objects.filter(pk__in=standing).order_by("pk").values_list("pk", flat=True)
    )
    found = [
        one
        for start in range(0, len(keys), POINTS)
        for one in _waiting(keys[start : start + POINTS], at)
    ]
    return _tell(found, at)


def _waiting(keys: Sequence[int], at: datetime) -> list[Open]:
    """Of some points those that are to be read by eye in a window of now. Some ten queries."""
    points = UsagePoint.objects.filter(pk__in=keys).select_related("node")
    return still.waiting(list(points), at=at)


def _tell(found: Sequence[Open], at: datetime) -> int:
    told: dict[Person, dict[datetime, list[UsagePoint]]] = defaultdict(lambda: defaultdict(list))
    for start in range(0, len(found), POINTS):
        part = found[start : start + POINTS]
        known = people.told_of({(one.point.pk, at) for one in part}, at=at)
        for one in part:
            for person in known.near.get((one.point.pk, at), ()):
                told[person][one.window.end].append(one.point)
    ways = subscriptions.ways_of({person.user for person in told}, Topic.ENTRY)
    return sum(
        len(
            tell(
                person, [_new(closes, told[person][closes], at) for closes in sorted(told[person])],
                way=ways[person.user], at=at,
            )
        )
        for person in sorted(told)
    )  # fmt: skip


def _new(closes: datetime, points: Sequence[UsagePoint], at: datetime) -> New:
    """Of one point by its name; of several by their number, so that it names none lost since."""
    stage = "ending" if closes - at <= ENDING else "open"
    payload: dict[str, object] = {"stage": stage, "closes": int(closes.timestamp())}
    alone = points[0] if len(points) == 1 else None
    if alone is None:
        payload["count"] = len(points)
    else:
        payload["place"] = ", ".join(part for part in (alone.name, alone.address) if part)
    return New(
        key=f"entry:{stage}:{int(closes.timestamp())}", kind=KIND, topic=Topic.ENTRY,
        happened_at=at, payload=payload, usage_point=alone.pk if alone else None,
        zone=points[0].zone,
    )  # fmt: skip
