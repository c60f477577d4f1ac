"""Tells that the verification of a meter or transformer ends soon, and that it has ended: once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from faza.metering.models import MeteringComplex
from faza.metering.rules import VERIFICATION_SOON
from faza.notifications import subscriptions
from faza.notifications.models import Topic
from faza.notifications.rounds import people
from faza.notifications.telling import New, Person, tell

POINTS = 2000
"""So many instruments are looked at together."""


@dataclass(frozen=True, slots=True, order=True)
class Due:
    """The end of a verification: `day` is the first on which it does not hold.

    what: meter, CT or VT.
    """

    point: int
    what: str
    id: int
    number: str
    day: date


def run(*, at: datetime) -> int:
    """Tell consumers and house managers; how many notices. May be killed and begun again.

    A key for each instrument, its day and whether it is past: so twice in the end, each once.
    """
    today = at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    due = _due(today, at)
    parts = (due[start : start + POINTS] for start in range(0, len(due), POINTS))
    return sum(_tell(part, today, at) for part in parts)


def _due(today: date, at: datetime) -> list[Due]:
    """What stands for billing now and runs out soon, or has run out. Two queries."""
    standing = MeteringComplex.objects.billing().valid_at(at)
    soon = today + timedelta(days=VERIFICATION_SOON)
    meters = standing.filter(meter__verification_due__lte=soon).values_list(
        "usage_point_id", "meter_id", "meter__number", "meter__verification_due"
    )
    others = standing.filter(transformers__verification_due__lte=soon).values_list(
        "usage_point_id", "transformers__kind", "transformers__id", "transformers__number",
        "transformers__verification_due",
    )  # fmt: skip
    found = [Due(point, "meter", key, number, day) for point, key, number, day in meters if day]
    found += [Due(point, kind, key, number, day) for point, kind, key, number, day in others if day]
    return sorted(found)


def _tell(due: Sequence[Due], today: date, at: datetime) -> int:
    known = people.told_of({(one.point, at) for one in due}, at=at)
    told: dict[Person, list[New]] = defaultdict(list)
    for one in due:
        place = known.places[one.point]
        stage = "over" if one.day <= today else "soon"
        new = New(
            key=f"verification:{one.what}:{one.id}:{one.day}:{stage}",
            kind="verification",
            topic=Topic.VERIFICATION,
            happened_at=at,
            payload={
                "what": one.what,
                "number": one.number,
                "due": one.day.toordinal(),
                "is_over": stage == "over",
                "place": ", ".join(part for part in (place.name, place.address) if part),
            },
            usage_point=one.point,
            zone=place.zone,
        )
        for person in known.near.get((one.point, at), ()):
            told[person].append(new)
    ways = subscriptions.ways_of({person.user for person in told}, Topic.VERIFICATION)
    return sum(
        len(tell(person, told[person], way=ways[person.user], at=at)) for person in sorted(told)
    )
