"""What a decision opens: the points of the customer, and those that may be bound besides."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils.translation import gettext as _

from faza.accounts.models import User
from faza.contracts import access
from faza.contracts.models import (
    AgreementPoint,
    Application,
    CustomerAgreement,
    CustomerMember,
)
from faza.contracts.rules import addresses
from faza.contracts.rules.matching import compare_addresses
from faza.core.periods import Period
from faza.core.reading_types import A_PLUS
from faza.core.windows import Windows
from faza.metering.models import MeteringComplex, UsagePoint
from faza.readings import queries as readings
from faza.readings.register_queries import readings_between
from faza.ui import formats

MOST_SHOWN = 40
"""So many covered points are shown; they are opened all the same."""
MOST_NEAR = 5
MOST_LOOKED_AT = 200
MOST_FOUND = 12
LATELY = timedelta(days=40)
"""A monthly reading is in it."""
LATE = timedelta(hours=36)


@dataclass(frozen=True, slots=True)
class Place:
    """A point with what tells whether it is the right one.

    `held`: the covering by this customer's agreements, None where it would have to be bound.
    `seen_by`: who sees it now, by name; of organisations the customer.
    """

    point: UsagePoint
    meter: str
    reading: str
    contact: str
    contact_css: str
    held: AgreementPoint | None
    is_ticked: bool
    seen_by: tuple[str, ...]

    @property
    def is_open(self) -> bool:
        return self.held is not None or self.is_ticked


@dataclass(frozen=True, slots=True)
class Opening:
    """All that stands to be opened; `covered` counts those of the customer, shown or not."""

    places: tuple[Place, ...]
    covered: int
    ticked: int
    told: tuple[UsagePoint, ...]
    """The points that the mail names: those of the agreement itself."""
    told_count: int

    @property
    def count(self) -> int:
        return self.covered + self.ticked

    @property
    def has_loose(self) -> bool:
        """Whether there is a point that would have to be bound."""
        return any(place.held is None for place in self.places)

    @property
    def more(self) -> int:
        return max(0, self.covered - MOST_SHOWN)


def opening(
    application: Application,
    agreement: CustomerAgreement,
    *,
    reader: User,
    ticked: Collection[int],
    find: str,
    at: datetime,
) -> Opening:
    """The points that approving opens, and others that may be bound; sixteen queries at most."""
    bindings = _covered(agreement, at)
    covered = len({one.usage_point_id for one in bindings})
    held = {one.usage_point_id: one for one in bindings[:MOST_SHOWN]}
    others = _others(application, reader, ticked, find, at)
    points = [one.usage_point for one in held.values()]
    points += [one for one in others if one.pk not in {b.usage_point_id for b in bindings}]
    ids = [one.pk for one in points]
    windows = access.windows_of(reader, at=at, points=ids)
    meters, seen = _meters(ids, at), _seen_by(ids, at)
    shown, until = _shown(windows, at), _until(windows, at)
    places = tuple(
        Place(
            point=one,
            meter=_meter_words(meters.get(one.pk)),
            reading=_reading_words(shown.get(one.pk), meters.get(one.pk)),
            contact=_contact_words(until.get(one.pk), one.zone),
            contact_css=_contact_css(until.get(one.pk), at),
            held=held.get(one.pk),
            is_ticked=one.pk in ticked and one.pk not in held,
            seen_by=seen.get(one.pk, ()),
        )
        for one in points
    )
    ticks = sum(place.is_ticked for place in places)
    told = [p.point for p in places if p.is_ticked or (p.held and p.held.agreement == agreement)]
    of_agreement = sum(one.agreement_id == agreement.pk for one in bindings)
    return Opening(places, covered, ticks, tuple(told), of_agreement + ticks)


def covered_points(agreement: CustomerAgreement, *, at: datetime) -> list[UsagePoint]:
    """The points that an agreement itself covers now."""
    rows = AgreementPoint.objects.covering_at(at).filter(agreement=agreement)
    return list(UsagePoint.objects.filter(id__in=rows.values("usage_point")).by_place())


def _covered(agreement: CustomerAgreement, at: datetime) -> list[AgreementPoint]:
    """What the customer's agreements cover now: whoever reads for the customer sees all of it."""
    rows = AgreementPoint.objects.covering_at(at).filter(agreement__customer=agreement.customer_id)
    found = list(
        rows.select_related("usage_point__node", "agreement").order_by(
            "usage_point__node__path", "usage_point__name_key", "id"
        )
    )
    found.sort(key=lambda one: one.agreement_id != agreement.pk)
    return list({one.usage_point_id: one for one in reversed(found)}.values())[::-1]


def _others(
    application: Application, reader: User, ticked: Collection[int], find: str, at: datetime
) -> list[UsagePoint]:
    """Points ticked, found by hand, or at the address that the applicant wrote."""
    reach = access.worked_points_of(reader, at=at)
    found = list(reach.filter(pk__in=ticked).by_place()) if ticked else []
    if find:
        found += reach.matching(find).by_place()[:MOST_FOUND]
    else:
        found += _near(application, reader, at)
    return list({one.pk: one for one in found}.values())


def _near(application: Application, reader: User, at: datetime) -> Iterable[UsagePoint]:
    said = addresses.parse(application.address)
    if not (said.names and said.house):
        return []
    longest = max(said.names, key=len)
    named = Q(address__contains=longest.capitalize()) | Q(address__contains=longest)
    places = access.worked_points_of(reader, at=at).filter(named, address__contains=said.house)
    if said.flat:
        places = places.filter(address__contains=said.flat)
    # What has the numbers somewhere is looked at properly: flat 6 is not flat 62.
    found = [
        place
        for place in places.by_place()[:MOST_LOOKED_AT]
        if compare_addresses(application.address, place.address).agrees
    ]
    return found[:MOST_NEAR]


def _meters(points: Sequence[int], at: datetime) -> dict[int, MeteringComplex]:
    rows = MeteringComplex.objects.billing().filter(usage_point__in=points).valid_at(at)
    return {row.usage_point_id: row for row in rows.select_related("meter__model")}


def _seen_by(points: Sequence[int], at: datetime) -> dict[int, tuple[str, ...]]:
    """Who sees points by an agreement now: names of users; two queries."""
    covering = AgreementPoint.objects.covering_at(at).filter(usage_point__in=points)
    pairs = list(covering.values_list("usage_point_id", "agreement__customer_id").distinct())
    names = defaultdict(list)
    members = CustomerMember.objects.valid_at(at).filter(customer__in={c for _, c in pairs})
    for customer, name in members.order_by("user__full_name").values_list(
        "customer_id", "user__full_name"
    ):
        names[customer].append(name)
    found: dict[int, list[str]] = defaultdict(list)
    for point, customer in pairs:
        found[point] += names[customer]
    return {point: tuple(dict.fromkeys(told)) for point, told in found.items()}


def _shown(windows: Windows, at: datetime) -> dict[int, int]:
    """What the billing meter of each point showed last, in Wh of its sum; two queries."""
    found = readings_between(windows, Period(at - LATELY, at))
    return {
        int(point): int(found.values[row, 0])
        for row, point in enumerate(found.usage_points.tolist())
        if found.present[row, 0]
    }


def _until(windows: Windows, at: datetime) -> dict[int, datetime]:
    found = readings.latest(windows, [A_PLUS.code], before=at)
    pairs = zip(found.usage_points.tolist(), found.ends.tolist(), strict=True)
    return {int(point): datetime.fromtimestamp(int(end), UTC) for point, end in pairs if end}


def _meter_words(standing: MeteringComplex | None) -> str:
    if standing is None:
        return _("no meter")
    return f"{standing.meter.model.name} № {standing.meter.number}"


def _reading_words(wh: int | None, standing: MeteringComplex | None) -> str:
    if wh is None or standing is None:
        return formats.DASH
    decimals = standing.meter.model.decimals
    return str(formats.quantity(Decimal(wh) / 1000, "kWh", decimals))


def _contact_words(until: datetime | None, zone: str) -> str:
    if until is None:
        return _("no interval data")
    return f"{until.astimezone(ZoneInfo(zone)):%d.%m %H:%M}"


def _contact_css(until: datetime | None, at: datetime) -> str:
    if until is None:
        return ""
    return "good" if at - until <= LATE else "warn"
