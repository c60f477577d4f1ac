"""From the codes of files to usage points: the counterparty's map, else the point's own code."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from faza.collection import rules
from faza.collection.models import ExchangeProfile, PointCode, TimezoneCode
from faza.metering import services as metering
from faza.metering.models import NetworkNode, UsagePoint

CHUNK = 5000
TABLES = "Импорт из таблиц"
"""Name of the node under which points of tables are made."""


class Place(NamedTuple):
    """A usage point's id and zone. An id below 0 is of a point that a dry run would make."""

    id: int
    zone: str


class Owner(NamedTuple):
    """Whose codes they are: sender and area of a message; nobody's in a table."""

    sender: str = ""
    area: str = ""


class Zones:
    """Which zone the day of a message is in: told, agreed, by the area's code, else Moscow's."""

    def __init__(self, told: str | None) -> None:
        self.told = told
        self._agreed = {
            Owner(sender, area): zone
            for sender, area, zone in ExchangeProfile.objects.exclude(zone="")
            .order_by("-id")
            .values_list("sender_inn", "area_inn", "zone")
        }
        coded = TimezoneCode.objects.values_list("code", "zone")
        self._coded = {**rules.TIMEZONES, **dict(coded)}

    def of(self, sender: str, area: str, code: str = "") -> str:
        """The zone of an area's day."""
        return (
            self.told
            or self._agreed.get(Owner(sender, area))
            or self._agreed.get(Owner(sender))
            or self._coded.get(code.strip(), rules.MOSCOW)
        )

    def is_known(self, code: str) -> bool:
        """Whether an area's attribute `timezone` tells a zone; it need not be there."""
        return not code.strip() or code.strip() in self._coded


class PointBook:
    """The usage points of one run by the codes of its files; asks the database once for each.

    `only`: the points that may be written to; others are not there.
    """

    def __init__(self, *, at: datetime, dry_run: bool, only: frozenset[int] | None = None) -> None:
        self._at = at
        self._only = only
        self._dry_run = dry_run
        self._known: dict[tuple[Owner, str], Place] = {}
        self._nodes: dict[Owner, NetworkNode] = {}
        self.n_created = 0

    def find(self, owner: Owner, codes: Iterable[str]) -> dict[str, Place]:
        """Places of those codes that are known."""
        wanted = set(codes)
        unseen = [code for code in wanted if (owner, code) not in self._known]
        for part in _chunks(unseen):
            for code, point, zone in UsagePoint.objects.filter(code__in=part).values_list(
                "code", "id", "zone"
            ):
                self._known[owner, code] = Place(point, zone)
            if not owner.sender:
                continue
            # The map of the very area comes after that of the whole sender, and beats it.
            for code, point, zone in (
                PointCode.objects.filter(
                    code__in=part,
                    profile__sender_inn=owner.sender,
                    profile__area_inn__in={owner.area, ""},
                )
                .order_by("profile__area_inn", "-profile_id")
                .values_list("code", "usage_point_id", "usage_point__zone")
            ):
                self._known[owner, code] = Place(point, zone)
        found = {code: self._known[owner, code] for code in wanted if (owner, code) in self._known}
        if self._only is None:
            return found
        return {code: place for code, place in found.items() if place.id in self._only}

    def create(
        self,
        owner: Owner,
        names: Mapping[str, str],
        *,
        zone: str,
        owner_name: str = "",
        area_name: str = "",
    ) -> tuple[dict[str, Place], dict[str, str]]:
        """Make usage points of these codes and names; the places, and reasons where refused.

        They stand under a node of the sender and area. What somebody else made meanwhile is
        taken.
        """
        if self._dry_run:
            for code in names:
                self.n_created += 1
                self._known[owner, code] = Place(-self.n_created, zone)
            return {code: self._known[owner, code] for code in names}, {}
        node = self._node(owner, owner_name, area_name)
        refused: dict[str, str] = {}
        with transaction.atomic():
            for code, name in names.items():
                point = UsagePoint(code=code, name=(name or code)[:200], node=node, zone=zone)
                try:
                    with transaction.atomic():
                        metering.add_usage_point(point, at=self._at)
                except (ValidationError, IntegrityError) as problem:
                    refused[code] = _words(problem)
                else:
                    self.n_created += 1
        found = self.find(owner, names)
        return found, {code: reason for code, reason in refused.items() if code not in found}

    def _node(self, owner: Owner, owner_name: str, area_name: str) -> NetworkNode:
        """The node for new points: the area's under the sender's, made where missing."""
        if owner in self._nodes:
            return self._nodes[owner]
        kinds = NetworkNode.Kind
        if not owner.sender:
            node = self._get_node(kinds.OTHER, "import-tables", TABLES, None)
        else:
            top = self._get_node(
                kinds.ORGANISATION, f"80020-{owner.sender}"[:50], owner_name or owner.sender, None
            )
            node = top
            if owner.area:
                code = f"80020-{owner.sender}-{owner.area}"[:50]
                node = self._get_node(kinds.OTHER, code, area_name or owner.area, top)
        self._nodes[owner] = node
        return node

    def _get_node(
        self, kind: NetworkNode.Kind, code: str, name: str, parent: NetworkNode | None
    ) -> NetworkNode:
        found = NetworkNode.objects.filter(code=code).first()
        if found:
            return found
        try:
            with transaction.atomic():
                return metering.add_node(
                    kind=kind, code=code, name=name[:200], at=self._at, parent=parent
                )
        except (IntegrityError, ValidationError):
            faster = NetworkNode.objects.filter(code=code).first()
            if faster is None:  # nobody was faster: it cannot be
                raise
            return faster


def _chunks(codes: Collection[str]) -> Iterator[list[str]]:
    ordered = sorted(codes)
    for start in range(0, len(ordered), CHUNK):
        yield ordered[start : start + CHUNK]


def _words(problem: ValidationError | IntegrityError) -> str:
    if isinstance(problem, ValidationError):
        return "; ".join(problem.messages)
    return "the database refused it"
