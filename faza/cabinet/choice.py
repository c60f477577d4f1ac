"""Which usage points a page is about: read from its address, found through the one door.

`?point=CODE&branch=a12` lists points and whole branches; `&points=all` turns the list into the
exceptions from everything. A point that is listed twice, by itself and by its branch, is out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from django.http import QueryDict

from faza.accounts.models import User
from faza.contracts import access
from faza.contracts.asked import Asked, condition
from faza.core.reading_types import OF_COMMODITY, Commodity, ReadingType
from faza.metering.querysets import UsagePointQuerySet

MOST = 100
"""Of how many points a page adds up the intervals; more is a report, not a page."""

COOKIE = "faza_points"
LONGEST_COOKIE = 2000


class Point(NamedTuple):
    """A usage point as pages name it; `path` is that of its place in the network.

    max_power: permitted, in W. A plain tuple: pages have thousands of them.
    """

    id: int
    code: str
    name: str
    address: str
    zone: str
    phases: int
    path: str = ""
    resource: str = Commodity.ELECTRICITY
    max_power: int | None = None


@dataclass(frozen=True, slots=True)
class Chosen:
    """The points of a page in the order of the network, at most MOST; and what was asked.

    is_all: they are all that there are for the reader, none was chosen.
    """

    asked: Asked
    points: tuple[Point, ...] = ()
    too_many: bool = False
    is_all: bool = False

    @property
    def ids(self) -> tuple[int, ...]:
        return tuple(point.id for point in self.points)

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(point.code for point in self.points)

    @property
    def one(self) -> Point | None:
        return self.points[0] if len(self.points) == 1 else None

    @property
    def resource(self) -> str:
        """What a page of one resource is about: electricity where any point has it."""
        found = {point.resource for point in self.points}
        if not found or Commodity.ELECTRICITY in found:
            return Commodity.ELECTRICITY
        return self.points[0].resource

    @property
    def kind(self) -> ReadingType:
        """What is consumed of `resource`."""
        return OF_COMMODITY[Commodity(self.resource)][0]

    def of_resource(self) -> Chosen:
        """Only the points of `resource`: kilowatt-hours and cubic metres do not add up."""
        resource = self.resource
        return replace(self, points=tuple(p for p in self.points if p.resource == resource))

    @property
    def zone(self) -> str:
        """In whose time days are counted: the first point's."""
        return self.points[0].zone if self.points else "Europe/Moscow"

    @property
    def has_several_zones(self) -> bool:
        return len({point.zone for point in self.points}) > 1


def choose(user: User, asked: Asked, *, at: datetime, limit: int = MOST) -> Chosen:
    """The points of an address, `limit` at most. One query, or two where it names exceptions.

    Raises NoSuchPoint if it names a point that is none of the user's, or none at all.
    """
    if asked.nothing:
        return Chosen(asked)
    picked = _picked(user, asked, at=at, limit=limit)
    known = {point.code for point in picked}
    if asked.everything or asked.branches:
        visible = access.points_visible(user, at=at).filter(code__in=asked.codes)
        known |= set(visible.values_list("code", flat=True)) if asked.codes else set()
    if unknown := [code for code in asked.codes[: limit + 1] if code not in known]:
        raise access.NoSuchPoint(unknown[0])
    is_all = asked.everything and not (asked.codes or asked.branches)
    return Chosen(asked, tuple(picked[:limit]), too_many=len(picked) > limit, is_all=is_all)


def recall(
    user: User, kept: str, *, at: datetime, most: int = 1, limit: int = MOST
) -> Chosen:  # fmt: skip
    """What to show where the address names no point: the last choice, else all the points.

    `kept` is the text of the cookie; what somebody else chose in this browser falls out of it.
    Where there are more than `most` points, it is the main one of them (`main_of`), among more
    than MOST the first one by place. A choice of more than `limit` is none of this page's.
    As many queries for few points as for many.
    """
    asked = Asked.read(QueryDict(kept[:LONGEST_COOKIE]))
    try:
        picked = _picked(user, asked, at=at, limit=limit) if asked and not asked.nothing else []
    except access.NoSuchPoint:
        picked = []
    if 0 < len(picked) <= limit:
        known = {point.code for point in picked}
        if asked.everything or asked.branches or known == set(asked.codes):
            return Chosen(asked, tuple(picked))
        return Chosen(Asked(tuple(point.code for point in picked)), tuple(picked))
    limit = max(most, MOST)
    first = _points(access.usage_points_of(user, at=at), limit)
    if not first:
        first = _points(access.points_visible(user, at=at), limit)
    points = tuple(first)
    if len(first) > most:
        points = (main_of(first) if len(first) <= limit else first[0],)
    if len(points) > MOST:
        # The codes of thousands are no address.
        return Chosen(Asked(everything=True), points, is_all=True)
    codes = tuple(point.code for point in points)
    return Chosen(Asked(codes, nothing=not points), points, is_all=len(first) <= most)


def main_of(points: Sequence[Point]) -> Point:
    """The point that somebody means who says "my meter": of electricity before other resources,
    the greatest permitted power, the most phases, then the first by place. A bath house stands
    before the house by its name only; and what is permitted stays, when the use of a month changes.
    """
    return max(
        points,
        key=lambda one: (
            one.resource == Commodity.ELECTRICITY, one.max_power or 0, one.phases,
        ),
    )  # fmt: skip


def _picked(user: User, asked: Asked, *, at: datetime, limit: int) -> list[Point]:
    visible = access.points_visible(user, at=at)
    return _points(visible.filter(condition(asked, user, at=at)), limit)


def _points(rows: UsagePointQuerySet, limit: int) -> list[Point]:
    """The first points, and one more where there are more than `limit`. One query."""
    told = rows.by_place()[: limit + 1]
    # Plain values: of thousands of points model instances would be half of the page's time.
    fields = ("pk", "code", "name", "address", "zone", "phases", "node__path", "resource")
    return list(map(Point._make, told.values_list(*fields, "max_power")))
