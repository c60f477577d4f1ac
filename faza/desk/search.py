"""One search for the desk: points, meters, agreements, customers, subscribers that one may see."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.db.models import Q
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from faza.accounts.models import User
from faza.contracts import access
from faza.contracts.permissions import Right, may

MOST = 8
"""So many of each kind are shown; the lists show the rest."""
SHORTEST = 2


@dataclass(frozen=True, slots=True)
class Hit:
    name: str
    about: str
    url: str


@dataclass(frozen=True, slots=True)
class Group:
    """Hits of a kind; `all_url` is the list with the same search, where there are more."""

    title: str | Promise
    icon: str
    hits: tuple[Hit, ...]
    all_url: str


def find(user: User, text: str, *, at: datetime) -> list[Group]:
    """What a text finds, by kind; one query a kind. Too short a text finds nothing."""
    text = text.strip()
    if len(text) < SHORTEST:
        return []
    found = (
        [_points(user, text, at), _meters(user, text, at)] if may(user, Right.SEE_NETWORK) else []
    )
    if may(user, Right.SEE_SUBSCRIBERS):
        found += [_agreements(user, text, at), _customers(user, text, at), _people(user, text, at)]
    return [group for group in found if group.hits]


def _points(user: User, text: str, at: datetime) -> Group:
    part = re.escape(text)
    told = Q(code__startswith=text) | Q(name__iregex=part) | Q(address__iregex=part)
    rows = access.worked_points_of(user, at=at).filter(told).order_by("name_key", "id")
    hits = [
        Hit(row.name, row.address or row.code, reverse("desk:point", args=[row.code]))
        for row in rows[:MOST]
    ]
    return _group(_("Usage points"), "map-pin", hits, "desk:points", text)


def _meters(user: User, text: str, at: datetime) -> Group:
    rows = access.meters_of(user, at=at).filter(number__startswith=text).select_related("model")
    hits = [
        Hit(f"№ {row.number}", row.model.name, reverse("desk:meter", args=[row.pk]))
        for row in rows.order_by("number", "id")[:MOST]
    ]
    return _group(_("Meters"), "device-desktop-analytics", hits, "desk:meters", text)


def _agreements(user: User, text: str, at: datetime) -> Group:
    rows = access.agreements_of(user, at=at).filter(number__iregex=re.escape(text))
    hits = [
        Hit(row.number, row.customer.name, reverse("desk:agreement", args=[row.pk]))
        for row in rows.select_related("customer").order_by("number", "id")[:MOST]
    ]
    return _group(_("Agreements"), "file-text", hits, "desk:agreements", text)


def _customers(user: User, text: str, at: datetime) -> Group:
    rows = access.customers_of(user, at=at).filter(
        Q(name__iregex=re.escape(text)) | Q(inn__startswith=text)
    )
    hits = [
        Hit(
            row.name,
            row.actual_address or row.legal_address,
            reverse("desk:customer", args=[row.pk]),
        )
        for row in rows.order_by("name", "id")[:MOST]
    ]
    return _group(_("Customers"), "building", hits, "desk:customers", text)


def _people(user: User, text: str, at: datetime) -> Group:
    named = Q(full_name__iregex=re.escape(text))
    told = named | Q(email__istartswith=text) | Q(phone__contains=text)
    rows = access.people_of(user, at=at).filter(told).order_by("full_name", "id")
    hits = [
        Hit(row.full_name, row.email, reverse("desk:subscriber", args=[row.pk]))
        for row in rows[:MOST]
    ]
    return _group(_("Subscribers"), "users", hits, "desk:subscribers", text)


def _group(title: Promise | str, icon: str, hits: list[Hit], listing: str, text: str) -> Group:
    return Group(title, icon, tuple(hits), f"{reverse(listing)}?{urlencode({'q': text})}")
