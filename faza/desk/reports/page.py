"""What the desk's reports are of: a part of the area or listed points, a kind and what it asks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count
from django.http import QueryDict
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from faza.accounts.models import User
from faza.contracts import access
from faza.contracts.asked import Asked, condition
from faza.core.reading_types import Commodity
from faza.desk.board import parts
from faza.metering.querysets import UsagePointQuerySet
from faza.reports import form, pace, registry
from faza.reports.parameters import Parameters
from faza.reports.registry import KindOfReport
from faza.reports.renderers import html
from faza.ui import addresses, periods
from faza.ui import tree as trees
from faza.ui.periods import Choice, Control

FIRST_KIND = "readings"
PRESETS = ("day", "month", "quarter", "year")
MOST_LISTED = 1000
"""Points that are listed by their codes; of more a part of the network is chosen."""
MOST_AT_ONCE = 1000
"""Points of a report that opens at once."""
MOST_ROWS = 100_000
NAMED = 5
"""Codes that are not there and are named."""
OF_TREE = ("choose", "open", "shut", "rows", "tree", "q")
"""What of an address is how the tree stands."""
LOOKED_AT, ROWS = 20, 8
"""Points that the first rows are of, and how many rows these are."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an address asks for. counts: points of each resource, all of them within the area.

    ticked: what is ticked in the tree; where that is nothing, `points` are the whole area.
    """

    kind: KindOfReport
    parameters: Parameters
    query: QueryDict
    points: Asked
    ticked: Asked
    counts: dict[str, int]
    problems: tuple[str, ...]

    @property
    def n_points(self) -> int:
        """Points that the report is of."""
        return self.counts.get(self.parameters.commodity, 0)

    @property
    def n_chosen(self) -> int:
        """Points of all resources."""
        return sum(self.counts.values())

    @property
    def is_listed(self) -> bool:
        """Whether points are listed by their codes, and nothing else is said of them."""
        return bool(self.points.codes) and not (self.points.branches or self.points.everything)

    @property
    def is_everything(self) -> bool:
        return not (self.points.codes or self.points.branches)

    @property
    def n_rows(self) -> int:
        return self.kind.rows(self.parameters, self.n_points)

    def seconds(self, format: str) -> float:
        return pace.seconds(self.kind, self.parameters, self.n_points, format)

    def is_at_once(self, format: str) -> bool:
        """Whether somebody waits for it, and no job makes it."""
        return (
            self.n_points <= MOST_AT_ONCE
            and self.n_rows <= MOST_ROWS
            and self.seconds(format) <= pace.AT_ONCE
        )


@dataclass(frozen=True, slots=True)
class Page:
    """All that the page shows."""

    wanted: Wanted
    kinds: tuple[Choice, ...]
    parts: tuple[Choice, ...]
    codes: str
    tree: trees.Tree | None
    tree_url: str
    everything_url: str
    control: Control
    selects: tuple[form.Select, ...]
    ticks: tuple[form.Tick, ...]
    formats: tuple[tuple[str, str, str, bool], ...]
    kept: tuple[tuple[str, str], ...]
    preview: SafeString | str


def today(at: datetime) -> date:
    return at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()


def wanted(user: User, query: QueryDict, *, at: datetime) -> Wanted:
    """What an address asks for, with what is wrong with it. One query, a few where parts are named.

    Codes are listed in `codes`, as somebody typed them, or one by one in `point`.
    Raises registry.NoSuchKind.
    """
    kind = registry.kind(query.get("kind") or FIRST_KIND)
    told, problems = form.kept(query), []
    if typed := query.get("codes", "").strip():
        codes = list(dict.fromkeys(re.split(r"[\s,;]+", typed)))
        if len(codes) > MOST_LISTED:
            problems.append(_("Up to %s points are listed; choose a part of the network.")
                            % MOST_LISTED)  # fmt: skip
        told.setlist("point", codes[:MOST_LISTED])
        told.setlist("branch", [])
        told.setlist("points", [])
    # A code with a NUL is none; PostgreSQL makes an error of its own of it.
    told.setlist("point", [code.replace("\0", "�") for code in told.getlist("point")])
    points = form.points_of(told)
    visible = access.points_visible(user, at=at)
    if unknown := _unknown(visible, points):
        problems.append(_("There are no such points in your area: %s.") % ", ".join(unknown))
    try:
        chosen = visible.filter(condition(points, user, at=at))
    except access.NoSuchPoint:
        chosen = visible.none()
    rows = chosen.order_by().values_list("resource").annotate(Count("id"))
    read = kind.read(_with_resource(told), today(at))
    problems += [problem.text for problem in read.problems]
    ticked = Asked.read(told) or points
    return Wanted(kind, read.parameters, told, points, ticked, dict(rows), tuple(problems))


def _with_resource(query: QueryDict) -> QueryDict:
    told = query.copy()
    if "resource" not in told and "channel" not in told:
        told["resource"] = Commodity.ELECTRICITY.value
    return told


def _unknown(visible: UsagePointQuerySet, points: Asked) -> list[str]:
    """The first of listed codes that nobody sees here."""
    if not points.codes:
        return []
    known = set(visible.filter(code__in=points.codes).values_list("code", flat=True))
    return [code[:40] for code in points.codes if code not in known][:NAMED]


def page(user: User, asked: Wanted, query: QueryDict, *, at: datetime) -> Page:
    """The page of an address; the first rows are those of the first points alone."""
    here = address_of(asked)
    around = _around(asked, here, query)
    is_open = query.get("choose") == "1" or bool(query.get("q"))
    kind, parameters = asked.kind, asked.parameters
    return Page(
        wanted=asked,
        kinds=tuple(
            Choice(
                str(one.title), _changed(around, kind=one.code), one is kind, str(one.description)
            )
            for one in registry.kinds()
        ),
        parts=_parts(user, asked, here, at),
        codes=", ".join(asked.points.codes) if asked.is_listed else "",
        tree=_tree(user, asked, around, at=at) if is_open else None,
        tree_url=addresses.changed(around, choose=None if is_open else "1", q=None),
        everything_url=addresses.changed(around, point=None, branch=None, points=None),
        control=periods.control(parameters.shown, around, today=today(at), presets=PRESETS),
        selects=form.selects(kind, parameters, asked.counts, asked.n_points),
        ticks=form.ticks(kind, parameters),
        formats=form.formats(kind, query.get("format", "")),
        kept=tuple(
            (name, value)
            for name in ("kind", "period", "on", "from", "to", *OF_TREE, *form.POINTS)
            for value in around.getlist(name)
            if name not in form.POINTS or not asked.is_listed
        ),
        preview=_preview(user, asked, at=at),
    )


def address_of(asked: Wanted) -> QueryDict:
    """The address with every parameter in it."""
    here = asked.points.into(asked.query)
    for name in ("on", "from", "to"):
        here.pop(name, None)
    for name, value in asked.parameters.to_query().items():
        here[name] = value
    here["kind"] = asked.kind.code
    return here


def _around(asked: Wanted, here: QueryDict, query: QueryDict) -> QueryDict:
    """The page's own address: what is ticked, and how the tree stands."""
    made = asked.ticked.into(here)
    for name in (*OF_TREE, "format"):
        if name in query:
            made.setlist(name, query.getlist(name))
    return made


def _tree(user: User, asked: Wanted, around: QueryDict, *, at: datetime) -> trees.Tree | None:
    choosing = around.copy()
    choosing["choose"] = "1"
    try:
        return trees.tree(user, asked.ticked, choosing, at=at)
    except access.NoSuchPoint:  # more branches than a question holds; the page says so
        return None


def _changed(here: QueryDict, **values: str) -> str:
    made = here.copy()
    if "kind" in values:
        made.pop("resolution", None)
    for name, value in values.items():
        made[name] = value
    return f"?{made.urlencode()}"


def _parts(user: User, asked: Wanted, here: QueryDict, at: datetime) -> tuple[Choice, ...]:
    """The whole area and its parts; the chosen one stands beside them wherever it is."""
    nodes = parts(user)
    numbers = [int(key[1:]) for key in asked.points.branches if key[0] == "t"]
    known = {node.pk for node in nodes}
    if numbers and (lost := [number for number in numbers if number not in known]):
        nodes += list(access.nodes_of(user, at=at).filter(pk__in=lost).by_name())
    without = here.copy()
    for name in form.POINTS:
        without.pop(name, None)
    made = [Choice(_("The whole area"), f"?{without.urlencode()}", asked.is_everything)]
    for node in nodes:
        told = without.copy()
        told["branch"] = f"t{node.pk}"
        made.append(Choice(node.name, f"?{told.urlencode()}", node.pk in numbers))
    return tuple(made) if len(made) > 2 or numbers else ()


def _preview(user: User, asked: Wanted, *, at: datetime) -> SafeString | str:
    if not asked.n_points or asked.problems:
        return ""
    visible = access.points_visible(user, at=at).filter(resource=asked.parameters.commodity)
    first = visible.filter(condition(asked.points, user, at=at)).by_place()[:LOOKED_AT]
    windows = access.windows_of(user, at=at, points=list(first.values_list("pk", flat=True)))
    return html.preview(asked.kind.make(windows, asked.parameters, at), rows=ROWS)
