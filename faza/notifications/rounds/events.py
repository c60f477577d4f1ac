"""Tells of new events: kinds that somebody subscribed to, and how long a power cut lasted.

What everybody is warned of at once (`collection.warnings`) is not told again: of those the length
of a cut alone is new. Events that were received more than LATE after they happened are no news;
the journal has them.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from django.db import transaction

from faza.collection.warnings import LATE
from faza.core.periods import Period
from faza.core.windows import Window, Windows
from faza.events import catalogue, fresh
from faza.events.fresh import Row
from faza.events.outages import LOOK, ON, outages
from faza.notifications import subscriptions
from faza.notifications.models import Subscription, Topic, Way
from faza.notifications.rounds import people
from faza.notifications.rounds.people import Told
from faza.notifications.telling import New, Person, tell

MARKS = 500
"""So many marks are worked in one transaction."""
MOST = 50
"""So many events a notice names; it counts the others."""
SHORTEST = timedelta(minutes=3)
"""A shorter cut is no interruption worth a notice. Source: GOST 32144-2013, 4.3.1: interruptions
longer than 3 minutes are long ones [?]."""
For = dict[tuple[Person, Way], list[New]]


def run(*, at: datetime) -> int:
    """Tell of all new events; of how many somebody was told. May be killed and begun again."""
    count = 0
    while (done := _work(at)) is not None:
        count += done
    return count


@transaction.atomic
def _work(at: datetime) -> int | None:
    """Some marks and what comes of them, in one transaction; None where there is none."""
    taken = fresh.take(limit=MARKS)
    if not taken.marks:
        return None
    late = int(LATE.total_seconds())
    rows = [row for row in taken.rows if row[1] >= int(taken.recorded[row].timestamp()) - late]
    told: For = defaultdict(list)
    wanted = _wanted(rows)
    cuts = _cuts([row for row in rows if row[2:] == ON])
    moments = {(row[0], fresh.moment(row[1])) for row in wanted}
    moments |= {(point, fresh.moment(second)) for point, *ends in cuts for second in ends}
    if moments:
        known = people.told_of(moments, at=at)
        _add_events(told, wanted, known)
        _add_cuts(told, cuts, known)
    # By user: two that tell the same people do it in one order.
    count = sum(
        len(tell(person, news, way=way, at=at))
        for (person, way), news in sorted(told.items(), key=lambda one: one[0])
    )
    fresh.drop(taken.marks)
    return count


def _wanted(rows: Sequence[Row]) -> list[Row]:
    """Events of kinds that anybody subscribed to and nobody is warned of. One query."""
    chosen = Subscription.objects.filter(topic=Topic.EVENTS)
    sorts = set(chosen.values_list("category", flat=True).distinct()) if rows else set()
    kinds = {pair: catalogue.find(*pair) for pair in {row[2:] for row in rows}}
    return [
        row for row in rows
        if (kind := kinds[row[2:]]).warns is None and kind.category in sorts
    ]  # fmt: skip


def _add_events(told: For, rows: Sequence[Row], known: Told) -> None:
    """A notice for each person, point and way; one query."""
    users = {person.user for row in rows for person in known.all((row[0], fresh.moment(row[1])))}
    chosen = subscriptions.of_events(users)
    found: dict[tuple[Person, Way, int], list[Row]] = defaultdict(list)
    for row in rows:
        category = catalogue.find(*row[2:]).category
        for person in known.all((row[0], fresh.moment(row[1]))):
            way = chosen.get(person.user, {}).get(category)
            if way is not None:
                found[person, way, row[0]].append(row)
    for (person, way, point), own in found.items():
        place = known.places[point]
        digest = hashlib.blake2b(repr(own).encode(), digest_size=16).hexdigest()
        new = New(
            key=f"events:{point}:{digest}",
            kind="events.subscribed",
            topic=Topic.EVENTS,
            happened_at=fresh.moment(own[-1][1]),
            payload={
                "events": [list(row[1:]) for row in own[:MOST]],
                "more": max(len(own) - MOST, 0),
                "place": _name(place.name, place.address),
            },
            usage_point=point,
            zone=place.zone,
        )
        told[person, way].append(new)


def _cuts(ends: Sequence[Row]) -> list[tuple[int, int, int]]:
    """(point, from, to) of the cuts that ended with these events, in unix seconds. One query."""
    if not ends:
        return []
    # A second of the cut itself lies before its end.
    first, last = fresh.moment(ends[0][1] - 1), fresh.moment(ends[-1][1] + 1)
    whole = Period(first - LOOK, last)
    points = sorted({point for point, *_ in ends})
    found = outages(
        Windows(tuple(Window(point, "UTC", whole) for point in points)), Period(first, last)
    )
    those = {row[:2] for row in ends}
    shortest = int(SHORTEST.total_seconds())
    return [
        (point, start, end)
        for point, start, end in zip(
            found.points.tolist(), found.starts.tolist(), found.ends.tolist(), strict=True
        )
        if (point, end) in those and end - start >= shortest
    ]


def _add_cuts(told: For, cuts: Sequence[tuple[int, int, int]], known: Told) -> None:
    """A cut is told to whom the point was theirs from its beginning to its end; one query."""
    own: Mapping[tuple[int, int, int], frozenset[Person]] = {
        (point, start, end): known.near.get((point, fresh.moment(start)), frozenset())
        & known.near.get((point, fresh.moment(end)), frozenset())
        for point, start, end in cuts
    }
    users = {person.user for several in own.values() for person in several}
    ways = subscriptions.ways_of(users, Topic.OUTAGES) if users else {}
    for (point, start, end), several in own.items():
        place = known.places[point]
        new = New(
            key=f"outage:{point}:{start}",
            kind="outage",
            topic=Topic.OUTAGES,
            happened_at=datetime.fromtimestamp(end, UTC),
            payload={"from": start, "to": end, "place": _name(place.name, place.address)},
            usage_point=point,
            zone=place.zone,
        )
        for person in several:
            told[person, ways[person.user]].append(new)


def _name(name: str, address: str) -> str:
    return ", ".join(part for part in (name, address) if part)
