"""Who is told of what happened at points, but for the desk, which has lists of its own.

The consumers and the supplier, as warnings know them, and the manager of the house of a common
meter: each within the own windows. Source: design/rules.md, Access.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from faza.accounts.models import User
from faza.collection.warnings import readers
from faza.collection.warnings.readers import Place
from faza.contracts.models import HouseManagement
from faza.metering.models import UsagePoint
from faza.notifications.telling import Person

Moment = tuple[int, datetime]
"""A usage point and when."""


@dataclass(frozen=True, slots=True)
class Told:
    """Who is told of (point, moment): consumers and managers, suppliers; and what points are."""

    near: Mapping[Moment, frozenset[Person]]
    suppliers: Mapping[Moment, frozenset[Person]]
    places: Mapping[int, Place]

    def all(self, moment: Moment) -> frozenset[Person]:
        """Everybody who is told of it."""
        return self.near.get(moment, frozenset()) | self.suppliers.get(moment, frozenset())


def told_of(moments: Collection[Moment], *, at: datetime) -> Told:
    """Who may be told of what happened at (point, moment). Eight queries at most."""
    people, places = readers.of(moments, at=at)
    near: dict[Moment, set[Person]] = defaultdict(set)
    suppliers: dict[Moment, set[Person]] = defaultdict(set)
    for moment, several in people.items():
        for one in several:
            if not one.is_staff:
                kind = near if one.is_own else suppliers
                kind[moment].add(Person(one.user, one.language))
    for moment, person in _managers(moments):
        near[moment].add(person)
    return Told(
        {moment: frozenset(several) for moment, several in near.items()},
        {moment: frozenset(several) for moment, several in suppliers.items()},
        places,
    )


def _managers(moments: Collection[Moment]) -> list[tuple[Moment, Person]]:
    """Managers of the houses in which common meters stand, at the time of managing."""
    common = UsagePoint.objects.filter(id__in={point for point, _ in moments}, is_common=True)
    paths = dict(common.values_list("id", "node__path"))
    if not paths:
        return []
    houses = HouseManagement.objects.filter(
        user__is_active=True, user__role=User.Role.HOUSE_MANAGER
    )
    managed = list(houses.select_related("user", "node"))
    return [
        (moment, Person(house.user_id, house.user.language))
        for moment in moments
        if moment[0] in paths
        for house in managed
        if paths[moment[0]].startswith(house.node.path) and moment[1] in house.period
    ]
