"""Whom telemetry is about: codes of usage points and numbers of meters, within a sender's area."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from fractions import Fraction
from typing import NamedTuple

from faza.collection.points import Owner, Place, PointBook
from faza.metering.models import MeteringComplex, NetworkNode, UsagePoint
from faza.protocols.telemetry import Who

CHUNK = 5_000
NOBODY = Owner()
BILLING = MeteringComplex.Role.BILLING
LATEST = 2**40
"""Later than any moment, in unix seconds."""


class Stood(NamedTuple):
    """A meter at a usage point, [start, end) in unix seconds; `end` itself belongs to readings.

    `ratio`: primary by shown. `is_billing`: its intervals are those of the point.
    """

    place: Place
    code: str
    meter: int
    number: str
    start: int
    end: int
    ratio: Fraction
    is_billing: bool


class Directory:
    """Points and meters that a batch of messages names; asks the database once for each.

    With a node only points at it and below exist, and meters only while they stand there.
    """

    def __init__(self, book: PointBook, *, within: NetworkNode | None = None) -> None:
        self.book = book
        self.within = within
        self._places: dict[str, Place] = {}
        self._by_number: dict[str, list[Stood]] = {}
        self._by_point: dict[int, list[Stood]] = {}

    def learn(self, whos: Iterable[Who], shown: Iterable[Who] = ()) -> None:
        """Find those that are named; of `shown` what stands at their points too."""
        named = set(whos)
        codes = {who.point for who in named if who.point} - self._places.keys()
        self._places |= self._allowed(self.book.find(NOBODY, codes))
        numbers = {who.meter for who in named if who.meter} - self._by_number.keys()
        for part in _chunks(sorted(numbers)):
            self._by_number |= {number: [] for number in part}
            for stood in self._stood(meter__number__in=part):
                self._by_number[stood.number].append(stood)
        places = (self._places.get(who.point) for who in set(shown) if not who.meter)
        points = {place.id for place in places if place and place.id > 0} - self._by_point.keys()
        for of in _chunks(sorted(points)):
            self._by_point |= {point: [] for point in of}
            for stood in self._stood(usage_point__in=of):
                self._by_point[stood.place.id].append(stood)

    def place(self, code: str) -> Place | None:
        """A usage point; None if it is not there or not the sender's."""
        return self._places.get(code)

    def standing(self, who: Who) -> list[Stood]:
        """Where a meter stood, oldest first: at the named point only, if one is named too."""
        found = self._by_number.get(who.meter, [])
        return [stood for stood in found if who.point in ("", stood.code)]

    def standing_at(self, place: Place) -> list[Stood]:
        """What stood at a point that `learn` was told of as shown, oldest first."""
        return self._by_point.get(place.id, [])

    def _allowed(self, places: dict[str, Place]) -> dict[str, Place]:
        if self.within is None or not places:
            return places
        ids = {place.id for place in places.values()}
        inside = UsagePoint.objects.filter(id__in=ids, node__path__startswith=self.within.path)
        kept = set(inside.values_list("id", flat=True))
        return {code: place for code, place in places.items() if place.id in kept}

    def _stood(self, **chosen: object) -> Iterator[Stood]:
        rows = MeteringComplex.objects.filter(**chosen)
        if self.within is not None:
            rows = rows.filter(usage_point__node__path__startswith=self.within.path)
        told = (
            *("usage_point_id", "usage_point__zone", "usage_point__code"),
            *("meter_id", "meter__number", "ct_numerator", "ct_denominator"),
            *("vt_numerator", "vt_denominator", "valid_from", "valid_to", "role"),
        )
        for row in rows.order_by("valid_from").values_list(*told):
            point, zone, code, meter, number, ct, ct_by, vt, vt_by, start, end, role = row
            yield Stood(
                Place(point, zone), code, meter, number, _seconds(start), _seconds(end),
                Fraction(ct * vt, ct_by * vt_by), role == BILLING,
            )  # fmt: skip


def _seconds(moment: datetime | None) -> int:
    return LATEST if moment is None else int(moment.timestamp())


def _chunks(found: list) -> Iterator[list]:
    for start in range(0, len(found), CHUNK):
        yield found[start : start + CHUNK]
