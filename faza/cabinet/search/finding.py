"""What a text finds: sections, usage points, meters, agreements that the reader may see."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.db.models import Q
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from faza.accounts.models import User
from faza.cabinet.papers import agreements
from faza.contracts import access
from faza.metering.models import MeteringComplex
from faza.ui.menu import Entry

MOST = 6
"""So many of each kind are shown; a longer text finds fewer."""
SHORTEST = 2
LONGEST = 100


@dataclass(frozen=True, slots=True)
class Hit:
    """What was found: its name, what is known of it, where it leads."""

    name: str
    about: str
    url: str
    icon: str


@dataclass(frozen=True, slots=True)
class Group:
    """Hits of a kind; `has_more` where there are others that a longer text would tell apart."""

    title: str | Promise
    hits: tuple[Hit, ...]
    has_more: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """What a text finds; `is_short` where it is too short to look for."""

    text: str
    groups: tuple[Group, ...] = ()
    is_short: bool = False
    help_url: str = ""

    @property
    def count(self) -> int:
        return sum(len(group.hits) for group in self.groups)


def find(user: User, text: str, sections: Sequence[Entry], *, at: datetime) -> Found:
    """What a text finds, by kind; a query a kind, none where the text is too short.

    sections: those of the reader's menu.
    """
    text = " ".join(text.split())[:LONGEST]
    if len(text) < SHORTEST:
        return Found(text, is_short=True)
    groups = (
        _sections(text, sections),
        _points(user, text, at),
        _meters(user, text, at),
        _agreements(user, text, at),
    )
    url = f"{reverse('cabinet:help')}?{urlencode({'q': text})}"
    return Found(text, tuple(group for group in groups if group.hits), help_url=url)


def _sections(text: str, sections: Sequence[Entry]) -> Group:
    hits = [
        Hit(str(entry.section.label), str(entry.section.group), entry.url, entry.section.icon)
        for entry in sections
        if text.casefold() in str(entry.section.label).casefold()
    ]
    return _group(gettext_lazy("Sections"), hits)


def _points(user: User, text: str, at: datetime) -> Group:
    """By code, name and address, also those of former days: the own time of them is to be read."""
    part = re.escape(text)
    told = Q(code__startswith=text) | Q(name__iregex=part) | Q(address__iregex=part)
    rows = access.points_visible(user, at=at).filter(told).by_place()
    address = reverse("cabinet:explorer")
    hits = [
        Hit(name, place or code, f"{address}?{urlencode({'point': code})}", "map-pin")
        for code, name, place in rows.values_list("code", "name", "address")[: MOST + 1]
    ]
    return _group(gettext_lazy("Usage points"), hits)


def _meters(user: User, text: str, at: datetime) -> Group:
    """By the beginning of the number, those that stand at points that the reader has now.

    The number of a meter that a successor has got is not a former owner's to probe.
    """
    now = access.usage_points_of(user, at=at).values("id")
    rows = (
        MeteringComplex.objects.valid_at(at)
        .filter(usage_point__in=now, meter__number__startswith=text)
        .order_by("meter__number", "id")
        .values_list("meter__number", "meter__model__name", "usage_point__name",
                     "usage_point__code")
    )  # fmt: skip
    address = reverse("cabinet:passport")
    hits = [
        Hit(
            _("No. %(number)s") % {"number": number}, f"{model}, {name}",
            f"{address}?{urlencode({'point': code})}", "device-desktop-analytics",
        )
        for number, model, name, code in rows[: MOST + 1]
    ]  # fmt: skip
    return _group(gettext_lazy("Meters"), hits)


def _agreements(user: User, text: str, at: datetime) -> Group:
    rows = agreements.matching(agreements.of_user(user, at=at), text)
    told = rows.order_by("-valid_from", "number", "pk").values_list(
        "pk", "number", "customer__name"
    )
    hits = [
        Hit(number, name, reverse("cabinet:agreement", args=[pk]), "file-text")
        for pk, number, name in told[: MOST + 1]
    ]
    return _group(gettext_lazy("Agreements"), hits)


def _group(title: str | Promise, hits: Sequence[Hit]) -> Group:
    return Group(title, tuple(hits[:MOST]), has_more=len(hits) > MOST)


__all__ = ["MOST", "SHORTEST", "Found", "Group", "Hit", "find"]
