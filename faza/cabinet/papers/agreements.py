"""«Потребители и договоры»: who is the customer, by which agreement, for which points."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet, Sum
from django.http import QueryDict
from django.urls import NoReverseMatch, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from faza.accounts.models import User
from faza.cabinet import words
from faza.contracts import access
from faza.contracts.models import AgreementPoint, Customer, CustomerAgreement, HouseManagement
from faza.contracts.rules import keys
from faza.ui import addresses, formats

A_PAGE = 50
STAFF = frozenset({User.Role.OPERATOR, User.Role.ADMINISTRATOR, User.Role.AUDITOR})
ONE_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Line:
    """An agreement in the list. points, power: those that it covers now."""

    agreement: CustomerAgreement
    url: str
    since: str
    until: str
    state: str
    kind: str
    points: int
    power: str


@dataclass(frozen=True, slots=True)
class House:
    """A house that the person runs."""

    name: str
    since: str
    until: str
    url: str


@dataclass(frozen=True, slots=True)
class Agreements:
    """The list by pages; what was searched; the houses of a house manager."""

    lead: SafeString
    lines: tuple[Line, ...]
    page: Page[Any]
    search: str
    earlier_url: str
    later_url: str
    houses: tuple[House, ...]
    is_staff: bool


@dataclass(frozen=True, slots=True)
class Covered:
    """A point of delivery of an agreement. `is_now`: the agreement covers it now."""

    binding: AgreementPoint
    power: str
    since: str
    until: str
    is_now: bool
    data_url: str
    passport_url: str


@dataclass(frozen=True, slots=True)
class Paper:
    """One agreement: the customer, the terms, the points by pages."""

    lead: SafeString
    agreement: CustomerAgreement
    customer: Customer
    line: Line
    signed_on: str
    costs_url: str
    covered: tuple[Covered, ...]
    page: Page[Any]
    earlier_url: str
    later_url: str
    is_alone: bool
    is_own: bool


def of_user(user: User, *, at: datetime) -> QuerySet[CustomerAgreement]:
    """The agreements of this section: own ones, and those that a supplier supplies.

    Of staff the own ones alone: at the desk they find all within their reach, and a look at
    somebody's card is written down there.
    """
    if user.role in STAFF:
        return access.own_agreements_of(user, at=at)
    return access.agreements_of(user, at=at)


def agreements(user: User, query: QueryDict, *, at: datetime) -> Agreements:
    """The list. Eight questions or fewer, however many agreements."""
    search = query.get("q", "").strip()[:100]
    own = of_user(user, at=at)
    found = matching(own, search) if search else own
    rows = found.select_related("customer", "supplier", "tariff")
    # What holds stands first, the newest of each above.
    page = Paginator(rows.order_by("-valid_from", "number", "pk"), A_PAGE).get_page(
        query.get("page", "1")
    )
    shown = list(page.object_list)
    covered = _covered_now({one.pk for one in shown}, at=at)
    lines = tuple(_line(one, covered, at) for one in shown)
    return Agreements(
        lead=_lead(found, page, search, at),
        lines=lines,
        page=page,
        search=search,
        earlier_url=_paged(query, page.number - 1) if page.has_previous() else "",
        later_url=_paged(query, page.number + 1) if page.has_next() else "",
        houses=_houses(user, at),
        is_staff=user.role in STAFF,
    )


def paper(
    user: User, agreement: CustomerAgreement, query: QueryDict, *, at: datetime, is_alone: bool
) -> Paper:
    """One agreement; is_alone: the person has no other. Seven questions or fewer."""
    covered = _covered_now({agreement.pk}, at=at)
    line = _line(agreement, covered, at)
    bound = AgreementPoint.objects.filter(agreement=agreement).select_related("usage_point")
    rows = bound.order_by("usage_point__node__path", "usage_point__name_key", "valid_from", "pk")
    page = Paginator(rows, A_PAGE).get_page(query.get("page", "1"))
    seen = set(
        access.points_visible(user, at=at)
        .filter(id__in=[one.usage_point_id for one in page.object_list])
        .values_list("id", flat=True)
    )
    signed = agreement.signed_on
    own = access.own_agreements_of(user, at=at).filter(pk=agreement.pk)
    return Paper(
        lead=_lead_of_one(line),
        agreement=agreement,
        customer=agreement.customer,
        line=line,
        signed_on=formats.day(signed),
        costs_url=_address("cabinet:costs"),
        covered=tuple(_point(one, agreement, one.usage_point_id in seen, at)
                      for one in page.object_list),
        page=page,
        earlier_url=_paged(query, page.number - 1) if page.has_previous() else "",
        later_url=_paged(query, page.number + 1) if page.has_next() else "",
        is_alone=is_alone,
        is_own=own.exists(),
    )  # fmt: skip


def matching(rows: QuerySet[CustomerAgreement], text: str) -> QuerySet[CustomerAgreement]:
    """Those of which the number or the customer's name has the text, in any writing."""
    number, name = keys.number_key(text), keys.name_key(text)
    # As UsagePointQuerySet.matching: SQLite's LIKE knows only Latin letters in both cases.
    part = re.escape(text)
    asked = Q(number__iregex=part) | Q(customer__name__iregex=part)
    if number:
        asked |= Q(number_key__startswith=number)
    if name:
        asked |= Q(customer__name_key__contains=name)
    return rows.filter(asked)


def _covered_now(agreements: Collection[int], *, at: datetime) -> dict[int, tuple[int, int | None]]:
    """By agreement: how many points it covers now, and their greatest power in W together."""
    rows = AgreementPoint.objects.covering_at(at).filter(agreement__in=agreements)
    told = rows.values("agreement").annotate(
        points=Count("usage_point", distinct=True), power=Sum("usage_point__max_power"),
        without=Count("pk", filter=Q(usage_point__max_power=None)),
    )  # fmt: skip
    # A point of which the power is not told would make the sum too small.
    return {
        one["agreement"]: (one["points"], None if one["without"] else one["power"]) for one in told
    }


def _line(
    one: CustomerAgreement, covered: Mapping[int, tuple[int, int | None]], at: datetime
) -> Line:
    points, power = covered.get(one.pk, (0, None))
    state, kind = _state(one, at)
    return Line(
        agreement=one,
        url=reverse("cabinet:agreement", args=[one.pk]),
        since=formats.day(_day(one.valid_from)),
        until=formats.day(_last(one.valid_to)) if one.valid_to else "",
        state=state,
        kind=kind,
        points=points,
        power=kilowatts(power),
    )


def _state(one: CustomerAgreement, at: datetime) -> tuple[str, str]:
    if one.valid_from > at:
        return _("begins later"), ""
    if one.valid_to is not None and one.valid_to <= at:
        return _("has ended"), ""
    return _("in force"), "good"


def _point(
    one: AgreementPoint, agreement: CustomerAgreement, is_seen: bool, at: datetime
) -> Covered:
    both = one.period.intersect(agreement.period)
    point = one.usage_point
    query = addresses.changed(QueryDict(), point=point.code)
    return Covered(
        binding=one,
        power=kilowatts(point.max_power),
        since=formats.day(_day(max(one.valid_from, agreement.valid_from), point.zone)),
        until=formats.day(_last(min(ends), point.zone))
        if (ends := [end for end in (one.valid_to, agreement.valid_to) if end]) else "",
        is_now=both is not None and at in both,
        data_url=reverse("cabinet:explorer") + query if is_seen else "",
        passport_url=reverse("cabinet:passport") + query if is_seen else "",
    )  # fmt: skip


def kilowatts(watts: int | None) -> str:
    """«15 кВт», with a decimal where there is one."""
    if watts is None:
        return formats.DASH
    exact = Decimal(watts) / 1000
    places = 0 if exact == int(exact) else 1
    return str(formats.quantity(exact, "kW", places))


def _houses(user: User, at: datetime) -> tuple[House, ...]:
    """The houses that a house manager runs, now and before. At most one query."""
    if user.role != User.Role.HOUSE_MANAGER:
        return ()
    rows = HouseManagement.objects.filter(user=user, valid_from__lte=at).select_related("node")
    return tuple(
        House(
            row.node.name,
            formats.day(_day(row.valid_from)),
            formats.day(_last(row.valid_to)) if row.valid_to else "",
            reverse("cabinet:explorer")
            + addresses.changed(QueryDict(), branch=f"n{row.node_id}"),
        )
        for row in rows.order_by("node__name_key", "valid_from")
    )  # fmt: skip


def _lead(
    found: QuerySet[CustomerAgreement], page: Page[Any], search: str, at: datetime
) -> SafeString:
    count = int(page.paginator.count)
    many = ngettext("%(number)s agreement", "%(number)s agreements", count) % {
        "number": formats.number(count)
    }
    if search:
        return words.filled(_("%(many)s found."), many=words.bold(many))
    if not count:
        return SafeString(_("No agreement is bound to this account yet."))
    now = found.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=at), valid_from__lte=at).count()
    if now == count:
        return words.filled(_("%(many)s, all in force."), many=words.bold(many))
    said = ngettext("%(n)s in force", "%(n)s in force", now) % {"n": formats.number(now)}
    return words.filled(_("%(many)s, of them %(now)s."), many=words.bold(many), now=said)


def _lead_of_one(line: Line) -> SafeString:
    number = words.bold(line.agreement.number)
    points = words.points(line.points)
    if line.power != formats.DASH:
        points += f", {line.power}"
    if line.kind == "good":
        return words.filled(
            _("Agreement %(number)s in force since %(since)s: %(points)s."),
            number=number, since=line.since, points=points,
        )  # fmt: skip
    if line.until:
        return words.filled(
            _("Agreement %(number)s was in force from %(since)s to %(until)s."),
            number=number, since=line.since, until=line.until,
        )  # fmt: skip
    return words.filled(
        _("Agreement %(number)s begins on %(since)s."), number=number, since=line.since
    )


def _day(moment: datetime, zone: str = settings.TIME_ZONE) -> date:
    return moment.astimezone(ZoneInfo(zone)).date()


def _last(end: datetime, zone: str = settings.TIME_ZONE) -> date:
    """The last day on which something holds that ends at a moment, that moment excluded."""
    return _day(end - ONE_MOMENT, zone)


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def _paged(query: QueryDict, number: int) -> str:
    return addresses.changed(query, page=str(number))
