"""Tells of days that took more than somebody's limit: once a limit, point and day.

What has arrived of a day is enough: it only grows. Days from the one on which the limit was set,
and not older than BACK, for what a meter tells a week late is no news.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt

from faza.accounts.models import User
from faza.contracts import access
from faza.contracts.permissions import STAFF
from faza.core.periods import Period
from faza.core.reading_types import A_PLUS
from faza.core.windows import Windows
from faza.metering.models import UsagePoint
from faza.notifications.models import Subscription, Topic, Way
from faza.notifications.telling import New, Person, tell
from faza.readings.queries import Consumption, consumption

BACK = timedelta(days=7)
DAY = timedelta(days=1)


def run(*, at: datetime) -> int:
    """Look at all limits; how many notices. May be killed and begun again.

    Some ten queries for each person with limits.
    """
    by_user: dict[int, list[Subscription]] = defaultdict(list)
    for row in Subscription.objects.filter(topic=Topic.THRESHOLD, user__is_active=True):
        by_user[row.user_id].append(row)
    users = User.objects.in_bulk(by_user)
    return sum(_look(users[key], by_user[key], at) for key in sorted(by_user))


def _look(user: User, limits: Sequence[Subscription], at: datetime) -> int:
    """The limits of a person, within the windows of all customers that they read for.

    To staff a grid is not their own: «any of mine» are the points of their own agreements.
    """
    points = {limit.usage_point_id for limit in limits}
    named = {point for point in points if point is not None}
    mine = access.own_windows_of(user, at=at).points if user.role in STAFF else None
    wanted = None if None in points and mine is None else named.union(mine or ())
    windows = access.windows_of(user, at=at, points=wanted)
    # A day more to both sides: the points' own days begin at other moments.
    first = max(at - BACK, min(limit.made_at for limit in limits) - DAY).date()
    days = consumption(windows, [A_PLUS.code], first, (at + DAY + DAY).date(), "day", until=at)
    told: dict[Way, list[New]] = defaultdict(list)
    over = {limit.pk: _over(days, limit, mine) for limit in limits}
    rows = {row for found in over.values() for row, _ in found}
    places = _places({int(days.usage_points[row]) for row in rows})
    for limit in limits:
        for row, column in over[limit.pk]:
            point = int(days.usage_points[row])
            new = _new(days, row, column, limit, *places[point], windows.of_points([point]))
            told[Way(limit.way)].append(new)
    person = Person(user.pk, user.language)
    return sum(len(tell(person, told[way], way=way, at=at)) for way in sorted(told))


def _over(
    days: Consumption, limit: Subscription, mine: Sequence[int] | None
) -> list[tuple[int, int]]:
    """(row, column) of days above a limit, from the day on which it was set.

    mine: the points that «any of mine» means; None: all of the days.
    """
    assert limit.limit is not None, "held by the database"
    if not len(days.usage_points):
        return []
    above: npt.NDArray[np.bool_] = days.total > limit.limit
    if limit.usage_point_id is not None:
        above &= (days.usage_points == limit.usage_point_id)[:, None]
    elif mine is not None:
        above &= np.isin(days.usage_points, mine)[:, None]
    # The whole of the first day counts: it ends after the limit was set.
    above &= days.starts + int(DAY.total_seconds()) > int(limit.made_at.timestamp())
    return [(int(row), int(column)) for row, column in np.argwhere(above)]


def _places(points: set[int]) -> dict[int, tuple[str, str]]:
    """What points are called, and their zones; one query."""
    rows = UsagePoint.objects.filter(id__in=points).values_list("id", "name", "address", "zone")
    return {
        key: (", ".join(part for part in (name, address) if part), zone)
        for key, name, address, zone in rows
    }


def _new(
    days: Consumption,
    row: int,
    column: int,
    limit: Subscription,
    place: str,
    zone: str,
    windows: Windows,
) -> New:
    point, label = int(days.usage_points[row]), days.labels[column]
    present = int(days.n_present[row, column])
    start = datetime.fromtimestamp(int(days.starts[row, column]), UTC)
    # In a window: on the day of a change of hands the day began in another's.
    day = Period(start, start + DAY)
    mine = next(part for one in windows if (part := one.period.intersect(day)))
    return New(
        key=f"threshold:{limit.pk}:{point}:{label}",
        kind="threshold",
        topic=Topic.THRESHOLD,
        happened_at=mine.start,
        payload={
            "day": int(label.astype("datetime64[D]").astype(object).toordinal()),
            "total": int(days.total[row, column]),
            "limit": limit.limit,
            "present": present,
            "estimated": int(days.n_estimated[row, column]),
            "expected": int(days.n_expected[row, column]),
            "place": place,
        },
        usage_point=point,
        zone=zone,
    )
