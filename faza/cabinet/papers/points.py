"""Which points a page of papers is about: one is shown as a card, several as a list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from faza.accounts.models import User
from faza.cabinet import choice, words
from faza.cabinet.choice import Chosen
from faza.contracts import access
from faza.metering.models import UsagePoint
from faza.ui import addresses, tree
from faza.ui.periods import Choice

A_PAGE = 50
PICKS = 12
"""So many points the top bar offers; more are chosen in the tree."""


@dataclass(frozen=True, slots=True)
class Top:
    """The choice of points in the top bar; `query` is an address that names them."""

    name: str
    where: str
    choices: tuple[Choice, ...]
    query: str


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of the chosen points, with what was searched and the neighbouring pages."""

    rows: tuple[UsagePoint, ...]
    page: Page[Any]
    search: str
    earlier_url: str
    later_url: str

    @property
    def count(self) -> int:
        return int(self.page.paginator.count)


def top(user: User, chosen: Chosen, *, at: datetime) -> Top:
    """What the top bar says and offers. One query."""
    name = chosen.one.name if chosen.one else words.points(len(chosen.points))
    if chosen.too_many:
        name = _("All points") if chosen.asked.everything else _("Several points")
    where = chosen.one.address if chosen.one else ""
    query = f"?{chosen.asked.into(QueryDict(mutable=True)).urlencode()}"
    rows = list(access.points_visible(user, at=at).by_place()[: PICKS + 1])
    if len(rows) < 2:
        return Top(name if chosen.points else "", where, (), query)
    every = Choice(_("All points"), "?points=all", current=not chosen.one)
    each = [
        Choice(
            row.name, f"?{urlencode({'point': row.code})}", title=row.address,
            current=chosen.codes == (row.code,),
        )
        for row in rows[:PICKS]
    ]  # fmt: skip
    tree = [Choice(_("Choose in the tree…"), reverse("cabinet:explorer"))] * (len(rows) > PICKS)
    return Top(name, where, (every, *each, *tree), query)


def listing(user: User, chosen: Chosen, query: QueryDict, *, at: datetime) -> Listing:
    """The chosen points by pages, however many they are. Two queries."""
    search = query.get("q", "").strip()[:100]
    rows = asked_of(user, chosen, at=at)
    if search:
        rows = rows.filter(id__in=tree.matching(user, search, at=at).values("id"))
    page = Paginator(rows.by_place(), A_PAGE).get_page(query.get("page", "1"))
    return Listing(
        rows=tuple(page.object_list),
        page=page,
        search=search,
        earlier_url=_paged(query, page.number - 1) if page.has_previous() else "",
        later_url=_paged(query, page.number + 1) if page.has_next() else "",
    )


def asked_of(user: User, chosen: Chosen, *, at: datetime) -> Any:
    """The chosen points as a queryset: `chosen.points` are cut at what a page adds up."""
    visible = access.points_visible(user, at=at)
    if chosen.too_many:
        return visible.filter(choice.condition(chosen.asked, user, at=at))
    return visible.filter(id__in=chosen.ids)


def _paged(query: QueryDict, number: int) -> str:
    return addresses.changed(query, page=str(number))
