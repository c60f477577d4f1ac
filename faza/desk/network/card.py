"""The card of a point, part by part: only the part that is looked at is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from faza.accounts.models import User
from faza.audit import queries as audit
from faza.audit.queries import Deed
from faza.contracts import access
from faza.contracts.models import AgreementPoint, CustomerMember, HouseManagement, OperatorArea
from faza.core.units import to_unit
from faza.desk.network import counted, replaced
from faza.desk.network.heard import Heard, heard
from faza.desk.network.replaced import Replaced
from faza.metering import queries as metering
from faza.metering import rules
from faza.metering.models import InstrumentTransformer, MeteringComplex, UsagePoint
from faza.readings import queries
from faza.ui import standing
from faza.ui.standing import Timeline, ratio_words

TABS = {
    "complex": _("Complex"),
    "data": _("Data"),
    "access": _("Access"),
    "history": _("History"),
}
DAYS = 14


@dataclass(frozen=True, slots=True)
class Standing:
    """A complex that stands now: transformers in front of the meter, and what they make of it."""

    complex: MeteringComplex
    transformers: tuple[InstrumentTransformer, ...]
    ct: str
    vt: str
    ratio: str
    primary: Decimal | None
    due: str


@dataclass(frozen=True, slots=True)
class Day:
    day: date
    total: Decimal | None
    share: float | None
    estimated: int


@dataclass(frozen=True, slots=True)
class Seer:
    """Somebody who sees the point, by what, and for which time."""

    name: str
    why: str | Promise
    about: str
    since: datetime | None
    until: datetime | None
    people: tuple[str, ...] = ()
    agreement: int | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """What is shown of a point; empty in the parts that are not looked at."""

    point: UsagePoint
    place: tuple[str, ...]
    heard: Heard
    tab: str
    standing: tuple[Standing, ...]
    timeline: Timeline | None = None
    replacements: tuple[Replaced, ...] = ()
    days: tuple[Day, ...] = ()
    seers: tuple[Seer, ...] = ()
    history: tuple[Deed, ...] = field(default=())

    @property
    def zone(self) -> ZoneInfo:
        """The clock by which the point's times are told."""
        return ZoneInfo(self.point.zone)

    @property
    def max_power(self) -> Decimal | None:
        """kW."""
        power = self.point.max_power
        return None if power is None else Decimal(power) / 1000

    @property
    def is_electric(self) -> bool:
        """Whether it has phases, a greatest power and ratios."""
        return counted.is_electric(self.point.resource)

    @property
    def unit(self) -> str:
        """What it is counted in."""
        return counted.kinds(self.point.resource)[0].unit

    @property
    def counts(self) -> str:
        """The name of what it counts: A+, Water."""
        kind = counted.kinds(self.point.resource)[0]
        return str(counted.WORDS.get(kind.code, kind.channel))

    @property
    def places(self) -> int:
        """Decimal places of what its meter shows."""
        return counted.places(self.point.resource)

    @property
    def billing(self) -> Standing | None:
        """What the point is settled by now."""
        return next((one for one in self.standing if one.complex.role == "billing"), None)


def card(user: User, point: UsagePoint, tab: str, *, at: datetime) -> Card:
    """The card of a point that the user works with. Fifteen queries or fewer."""
    told = heard(user, [point], at=at)[point.pk]
    complexes = metering.complexes_of([point.pk]).get(point.pk, [])
    oldest_first = sorted(complexes, key=lambda one: one.valid_from)
    billing = [one for one in oldest_first if one.role == MeteringComplex.Role.BILLING]
    found = Card(
        point=point,
        place=tuple(metering.paths_of([point.pk])[point.pk].split(rules.SEPARATOR)[:-1]),
        heard=told,
        tab=tab,
        standing=_standing(complexes, told, point, at),
    )
    match tab:
        case "data":
            return replace(found, days=_days(user, point, at))
        case "access":
            return replace(found, seers=_seers(point))
        case "history":
            bound = AgreementPoint.objects.filter(usage_point=point)
            return replace(found, history=tuple(audit.history_of(point, *complexes, *bound)))
    return replace(
        found,
        timeline=standing.timeline(billing, point.zone, at=at),
        replacements=replaced.replacements(billing, replaced.shown_at_changes(point)),
    )


def _standing(
    complexes: Sequence[MeteringComplex], told: Heard, point: UsagePoint, at: datetime
) -> tuple[Standing, ...]:
    today = at.astimezone(ZoneInfo(point.zone)).date()
    found = []
    for one in complexes:
        if one.valid_from > at or (one.valid_to is not None and one.valid_to <= at):
            continue
        transformers = tuple(one.transformers.all())
        is_billing = one.role == MeteringComplex.Role.BILLING
        shown = told.shown if is_billing else None
        ratio = Decimal(one.ratio.numerator) / one.ratio.denominator
        found.append(
            Standing(
                complex=one,
                transformers=transformers,
                ct=ratio_words(one.ct_ratio, transformers),
                vt=ratio_words(one.vt_ratio, transformers),
                ratio=ratio_words(one.ratio),
                primary=None if shown is None else shown * ratio,
                due=state_of(one.meter.verification_due, today=today),
            )
        )
    return tuple(sorted(found, key=lambda one: one.complex.role != "billing"))


def state_of(due: date | None, *, today: date) -> str:
    """What the end of a verification means now: bad where it is over, warn within half a year."""
    if due is None:
        return ""
    return "bad" if due <= today else "warn" if due <= today + timedelta(days=180) else ""


def _days(user: User, point: UsagePoint, at: datetime) -> tuple[Day, ...]:
    """The last days of the point, newest first."""
    end = at.astimezone(ZoneInfo(point.zone)).date() + timedelta(days=1)
    first = end - timedelta(days=DAYS)
    windows = access.windows_of(user, at=at, points=[point.pk])
    kind = counted.kinds(point.resource)[0]
    told = queries.day_totals(windows, [kind.code], first, end)
    if not len(told.reading_types):
        return ()
    rows = zip(
        told.days.tolist(), told.total[0].tolist(), told.n_expected[0].tolist(),
        told.n_missing[0].tolist(), told.n_estimated[0].tolist(), strict=True,
    )  # fmt: skip
    days = []
    for day, total, expected, missing, estimated in rows:
        present = expected - missing
        share = 100 * present / expected if expected else None
        days.append(Day(day, to_unit(total, kind) if present else None, share, estimated))
    return tuple(reversed(days))


def _seers(point: UsagePoint) -> tuple[Seer, ...]:
    """Who sees a point, from when to when. Four queries."""
    bound = (
        AgreementPoint.objects.filter(usage_point=point)
        .select_related("agreement__customer", "agreement__supplier")
        .order_by("-valid_from", "id")
    )
    rows = list(bound)
    customers = {row.agreement.customer_id for row in rows}
    customers |= {row.agreement.supplier_id for row in rows if row.agreement.supplier_id}
    people: dict[int, list[str]] = {}
    members = CustomerMember.objects.filter(customer__in=customers, valid_to=None)
    for member in members.select_related("user").order_by("user__full_name"):
        people.setdefault(member.customer_id, []).append(str(member.user))
    found = []
    for row in rows:
        agreed = row.agreement
        since = max(row.valid_from, agreed.valid_from)
        ends = [end for end in (row.valid_to, agreed.valid_to) if end is not None]
        until = min(ends, default=None)
        for party, why in ((agreed.customer, _("agreement")), (agreed.supplier, _("supplier"))):
            if party is not None:
                seen_by = tuple(people.get(party.pk, ()))
                found.append(Seer(party.name, why, agreed.number, since, until, seen_by, agreed.pk))
    above = Q(node__in=rules.chain(point.node.path))
    if point.is_common:
        houses = HouseManagement.objects.filter(above).select_related("user", "node")
        found += [
            Seer(str(row.user), _("house manager"), row.node.name, row.valid_from, row.valid_to)
            for row in houses.order_by("-valid_from")
        ]
    areas = OperatorArea.objects.filter(above, user__is_active=True).select_related("user", "node")
    found += [
        Seer(str(row.user), _("operator"), row.node.name, None, None)
        for row in areas.order_by("user__full_name")
    ]
    return tuple(found)
