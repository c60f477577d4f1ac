"""The tree of points to choose from: agreements, or places in the network, and their points.

It costs the same number of questions however many points there are: branches come by pages,
points of the open branches by the first rows of each, a search by its first hits.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import (
    Count,
    Q,
)
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from faza.accounts.models import User
from faza.contracts import access
from faza.contracts.asked import Asked, condition
from faza.core.reading_types import Commodity
from faza.metering.models import UsagePoint
from faza.metering.querysets import UsagePointQuerySet
from faza.ui import addresses, branches
from faza.ui.contact import Contact

BRANCHES = 40
ROWS = 50
MOST_ROWS = 1000
FOUND = 60
SMALL = 60
"""A tree of so few points stands open."""

BY_PLACE = {User.Role.OPERATOR, User.Role.ADMINISTRATOR, User.Role.AUDITOR, User.Role.HOUSE_MANAGER}
"""Who looks for points by their place in the network; the others do by agreement."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A point in the tree; `url` is where it has changed sides.

    number: of the meter that stands there now, for those whose time with the point goes on.
    phases: 0 of what has none, water and the like. note, kind, said are told by `told`: the small
    print, and the state of contact.
    """

    id: int
    name: str
    place: str
    number: str
    phases: int
    url: str
    is_chosen: bool
    note: str = ""
    kind: str = ""
    said: str | Promise = ""


@dataclass(frozen=True, slots=True)
class Branch:
    """`mark` is all, some or none of its points chosen; `hidden` how many are not listed yet."""

    key: str
    name: str
    note: str
    count: int
    mark: str
    url: str
    open_url: str
    is_open: bool
    leaves: tuple[Leaf, ...]
    hidden: int
    more_url: str


@dataclass(frozen=True, slots=True)
class Tree:
    """What stands beside the page; `found` is None where nothing is searched for."""

    search: str
    total: int
    picked: int
    branches: tuple[Branch, ...]
    found: tuple[Leaf, ...] | None
    has_more: bool
    all_url: str
    none_url: str
    inverse_url: str
    clear_url: str
    earlier_url: str
    later_url: str
    kept: tuple[tuple[str, str], ...]

    @property
    def leaves(self) -> Iterable[Leaf]:
        """Every point that is listed."""
        return [*(self.found or ()), *(leaf for branch in self.branches for leaf in branch.leaves)]

    @property
    def marks(self) -> tuple[tuple[str, str], ...]:
        """What the dots beside the points mean: (colour, words) of each that is seen, once."""
        return tuple(dict.fromkeys((one.kind, str(one.said)) for one in self.leaves if one.said))


def told(tree: Tree, states: Mapping[int, Contact]) -> Tree:
    """The tree with the state of each point, and the number of the meter where it is to be seen."""
    phases = {
        count: ngettext("%(phases)s phase", "%(phases)s phases", count) % {"phases": count}
        for count in (1, 3)
    }
    number = _("No. %(number)s")

    def leaf(one: Leaf, *, is_found: bool) -> Leaf:
        state = states.get(one.id)
        note = one.place
        if one.number and state and not state.is_over and not is_found:
            told = number % {"number": one.number}
            note = f"{told} · {phases[one.phases]}" if one.phases else told
        if state is None:
            return replace(one, note=note)
        return replace(one, note=note, kind=state.kind, said=state.words)

    found = None if tree.found is None else tuple(leaf(one, is_found=True) for one in tree.found)
    marked = tuple(
        replace(one, leaves=tuple(leaf(each, is_found=False) for each in one.leaves))
        for one in tree.branches
    )
    return replace(tree, found=found, branches=marked)


def listed(query: QueryDict, asked: Asked, *, code: str = "", branch: str = "") -> str:
    """The address in which a point or a branch has changed sides."""
    codes = addresses.toggled(asked.codes, code) if code else asked.codes
    branches = addresses.toggled(asked.branches, branch) if branch else asked.branches
    base = "all" if asked.everything else None if codes or branches else "none"
    return addresses.changed(query, point=codes, branch=branches, points=base)


def tree(user: User, asked: Asked, query: QueryDict, *, at: datetime) -> Tree:
    """The tree for an address in which some points are asked for. Two questions.

    Raises access.NoSuchPoint as `condition` does.
    """
    visible = access.points_visible(user, at=at)
    wanted = visible.filter(condition(asked, user, at=at))
    if asked.nothing:
        wanted = visible.none()
    search = query.get("q", "").strip()[:100]
    page = _number(query.get("tree"))
    listed_branches: tuple[Branch, ...] = ()
    found = None
    if search:
        rows = branches.marked(matching(user, search, at=at), wanted).by_place()[: FOUND + 1]
        listed_rows = list(rows)
        has_more = len(listed_rows) > FOUND
        found = tuple(_leaf(row, query, asked) for row in listed_rows[:FOUND])
        total, picked = visible.aggregate(
            total=Count("id"), picked=Count("id", filter=branches.among("id", wanted))
        ).values()
    else:
        listed_branches, total, picked, has_more = _branches(
            user, visible, wanted, asked, query, page=page, at=at
        )
    return Tree(
        search=search,
        total=total,
        picked=picked or 0,
        branches=listed_branches,
        found=found,
        has_more=has_more,
        all_url=addresses.changed(query, point=None, branch=None, points="all"),
        none_url=addresses.changed(query, point=None, branch=None, points="none"),
        inverse_url=addresses.changed(query, points=_inverse(asked)),
        clear_url=addresses.changed(query, q=None),
        earlier_url=addresses.changed(query, tree=str(page - 1)) if page and not search else "",
        later_url=addresses.changed(query, tree=str(page + 1)) if has_more and not search else "",
        kept=tuple(
            (key, value)
            for key, values in query.lists()
            if key not in {"q", "tree"}
            for value in values
        ),
    )


def _inverse(asked: Asked) -> str | None:
    if not asked.everything:
        return "all"
    return None if asked.codes or asked.branches else "none"


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 6 else 0


def matching(user: User, text: str, *, at: datetime) -> UsagePointQuerySet:
    """Visible points by code, name, address; by meter's number only those seen at present.

    The number of a meter that a successor has got is not a former owner's to probe.
    """
    part = re.escape(text)
    now = access.usage_points_of(user, at=at).matching(text)
    return access.points_visible(user, at=at).filter(
        Q(code__startswith=text)
        | Q(name__iregex=part)
        | Q(address__iregex=part)
        | Q(id__in=now.values("id"))
    )


def _leaf(row: UsagePoint, query: QueryDict, asked: Asked) -> Leaf:
    # `number` and `is_chosen` are annotated; the model has no such fields.
    return Leaf(
        id=row.pk,
        name=row.name,
        place=row.address,
        number=getattr(row, "number", None) or "",
        phases=row.phases if row.resource == Commodity.ELECTRICITY else 0,
        url=listed(query, asked, code=row.code),
        is_chosen=bool(getattr(row, "is_chosen", False)),
    )


def _branches(
    user: User, visible: UsagePointQuerySet, wanted: UsagePointQuerySet, asked: Asked,
    query: QueryDict, *, page: int, at: datetime,
) -> tuple[tuple[Branch, ...], int, int, bool]:  # fmt: skip
    """A page of branches, the open ones with their first points; how many points there are in
    all, how many of them are chosen, and whether more branches follow."""
    by_place = user.role in BY_PLACE
    ask = branches.by_network if by_place else branches.by_agreement
    found = ask(user, visible, wanted, slice(page * BRANCHES, (page + 1) * BRANCHES + 1), at=at)
    rows = found[:BRANCHES]
    total, in_all = (rows[0].total, rows[0].in_all) if rows else (0, 0)
    letter = "n" if by_place else "a"
    shown = min(max(_number(query.get("rows")), ROWS), MOST_ROWS)
    picked = [row.id for row in rows if row.picked][:3]
    by_default = {row.id for row in rows} if total <= SMALL else set(picked)
    opened, shut = query.getlist("open"), query.getlist("shut")
    is_open = {
        row.id
        for row in rows
        if f"{letter}{row.id}" in opened
        or (row.id in by_default and f"{letter}{row.id}" not in shut)
    }
    points = (branches.points_at if by_place else branches.points_of)(
        visible, wanted, is_open, shown, at=at
    )
    made = tuple(
        Branch(
            key=f"{letter}{row.id}",
            name=row.name,
            note=row.note,
            count=row.count,
            mark="none" if not row.picked else "all" if row.picked >= row.count else "some",
            url=listed(query, asked, branch=f"{letter}{row.id}"),
            open_url=_turned(query, f"{letter}{row.id}", row.id in is_open),
            is_open=row.id in is_open,
            leaves=tuple(_leaf(point, query, asked) for point in points.get(row.id, ())),
            hidden=max(0, row.count - shown) if row.id in is_open else 0,
            more_url=addresses.changed(query, rows=str(shown + 100)),
        )
        for row in rows
    )
    return made, total, in_all, len(found) > BRANCHES


def _turned(query: QueryDict, key: str, is_open: bool) -> str:
    opened = [one for one in query.getlist("open") if one != key]
    shut = [one for one in query.getlist("shut") if one != key]
    (shut if is_open else opened).append(key)
    return addresses.changed(query, open=opened, shut=shut)
