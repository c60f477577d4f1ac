"""«Reports»: the list of kinds, what is asked of the chosen one, and how it will look."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from math import ceil
from zoneinfo import ZoneInfo

from django.http import QueryDict
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from faza.accounts.models import User
from faza.cabinet import words
from faza.cabinet.choice import Asked as AskedPoints
from faza.cabinet.choice import Chosen
from faza.contracts import access
from faza.reports import form, pace, registry
from faza.reports.formulas import WrongFormula
from faza.reports.parameters import Parameters
from faza.reports.registry import KindOfReport
from faza.reports.renderers import html
from faza.reports.shaping import Layout, shaped
from faza.reports.table import Table
from faza.ui import addresses, formats, periods
from faza.ui import tree as trees
from faza.ui.periods import Control

MOST_POINTS = 1000
"""Of more points a report is not made while somebody waits."""
MOST_ROWS = 100_000
"""So many rows come at once, in a few seconds; more is to be asked for in parts."""
CHIPS = 12
"""Chosen points that are named one by one."""
PREVIEWED = 8
PRESETS = ("day", "month", "quarter", "year")
FIRST_KIND = "readings"


@dataclass(frozen=True, slots=True)
class Listed:
    """A kind in the list."""

    title: str
    description: str
    icon: str
    url: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Chip:
    """A chosen point; `url` is the address without it."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Page:
    """All that the page shows. too_many: points or rows are more than come at once."""

    kinds: tuple[Listed, ...]
    search: str
    kind: KindOfReport
    parameters: Parameters
    lead: SafeString | str
    chosen: Chosen
    chips: tuple[Chip, ...]
    more_chips: int
    everything_url: str
    tree: trees.Tree | None
    tree_url: str
    control: Control
    under: str
    selects: tuple[form.Select, ...]
    ticks: tuple[form.Tick, ...]
    formats: tuple[tuple[str, str, str, bool], ...]
    kept: tuple[tuple[str, str], ...]
    problems: tuple[str, ...]
    preview: SafeString | str
    is_empty: bool
    too_many: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks for: the kind, its parameters, and what is wrong with them."""

    kind: KindOfReport
    parameters: Parameters
    problems: tuple[str, ...]


def today(chosen: Chosen, at: datetime) -> date:
    return at.astimezone(ZoneInfo(chosen.zone)).date()


def asked_of(query: QueryDict, chosen: Chosen, *, at: datetime) -> Asked:
    """Raises registry.NoSuchKind."""
    kind = registry.kind(query.get("kind") or FIRST_KIND)
    told = query.copy()
    if "resource" not in told and "channel" not in told and chosen.points:
        told["resource"] = chosen.resource
    read = kind.read(told, today(chosen, at))
    return Asked(kind, read.parameters, tuple(problem.text for problem in read.problems))


def table_of(user: User, chosen: Chosen, asked: Asked, *, at: datetime) -> Table:
    """The report of the chosen points, of what the user may see of them."""
    windows = access.windows_of(user, at=at, points=chosen.ids)
    table = asked.kind.make(windows, asked.parameters, at)
    table.customer = user.full_name
    return table


def n_rows(chosen: Chosen, asked: Asked) -> int:
    return asked.kind.rows(asked.parameters, _wanted(chosen, asked))


def _wanted(chosen: Chosen, asked: Asked) -> int:
    """How many of the chosen points the report is of."""
    return sum(point.resource == asked.parameters.commodity for point in chosen.points)


def too_slow(chosen: Chosen, asked: Asked, format: str) -> str:
    """Why a report is made in the background; empty where it comes at once."""
    took = pace.seconds(asked.kind, asked.parameters, _wanted(chosen, asked), format)
    if took <= pace.AT_ONCE:
        return ""
    return _("It takes about %(seconds)s s; up to %(most)s s are waited for.") % {
        "seconds": formats.number(ceil(took)), "most": formats.number(pace.AT_ONCE),
    }  # fmt: skip


def measured(chosen: Chosen, asked: Asked, format: str) -> AbstractContextManager[None]:
    """Within it the report is made, and how long it takes is learnt."""
    return pace.measured(asked.kind, asked.parameters, _wanted(chosen, asked), format)


def page(
    user: User, chosen: Chosen, query: QueryDict, *, at: datetime, layout: Layout
) -> Page:  # fmt: skip
    """The page of an address; the preview asks what the first rows of the report ask.

    layout: of the personal report that the address names, else an empty one.

    Raises registry.NoSuchKind.
    """
    asked = asked_of(query, chosen, at=at)
    ticked = AskedPoints.read(query) or chosen.asked
    here = _address(query, ticked, asked)
    kind, parameters = asked.kind, asked.parameters
    rows = n_rows(chosen, asked)
    problem = too_many(chosen, rows)
    preview: SafeString | str = ""
    under = ""
    if chosen.points and not problem:
        table = table_of(user, chosen, asked, at=at)
        under = table.period
        preview = previewed(table, layout)
    shown_tree = query.get("choose") == "1" or bool(query.get("q"))
    search = query.get("find", "").strip()[:100]
    return Page(
        kinds=_kinds(here, kind, search),
        search=search,
        kind=kind,
        parameters=parameters,
        lead=_lead(kind, chosen, parameters, rows, problem),
        chosen=chosen,
        chips=_chips(chosen, here),
        more_chips=max(0, len(chosen.points) - CHIPS),
        everything_url=addresses.changed(here, point=None, branch=None, points="all"),
        tree=trees.tree(user, ticked, _choosing(here), at=at) if shown_tree else None,
        tree_url=addresses.changed(here, choose=None if shown_tree else "1", q=None),
        control=periods.control(parameters.shown, here, today=today(chosen, at), presets=PRESETS),
        under=under,
        selects=form.selects(
            kind, parameters, {point.resource for point in chosen.points}, len(chosen.points)
        ),
        ticks=form.ticks(kind, parameters),
        formats=form.formats(kind, query.get("format", "")),
        kept=tuple(
            (name, value)
            for name in ("kind", "point", "branch", "points", "period", "on", "from", "to", "own")
            for value in here.getlist(name)
        ),
        problems=asked.problems,
        preview=preview,
        is_empty=not chosen.points,
        too_many=problem,
    )


def previewed(table: Table, layout: Layout) -> SafeString | str:
    """The first rows of a report as a layout has them; empty where it does not fit."""
    try:
        return html.preview(shaped(table, layout), rows=PREVIEWED)
    except WrongFormula:
        return ""


def _address(query: QueryDict, points: AskedPoints, asked: Asked) -> QueryDict:
    """The address of the page with every parameter of the report in it."""
    here = points.into(query)
    for name in ("on", "from", "to"):
        here.pop(name, None)
    for name, value in asked.parameters.to_query().items():
        here[name] = value
    return here


def _choosing(here: QueryDict) -> QueryDict:
    made = here.copy()
    made["choose"] = "1"
    return made


def _kinds(here: QueryDict, chosen: KindOfReport, search: str) -> tuple[Listed, ...]:
    wanted = search.casefold()
    return tuple(
        Listed(
            str(kind.title), str(kind.description), kind.icon,
            addresses.changed(here, kind=kind.code, resolution=None, format=None, own=None),
            is_current=kind is chosen,
        )
        for kind in registry.kinds()
        if wanted in f"{kind.title} {kind.description}".casefold()
    )  # fmt: skip


def _lead(
    kind: KindOfReport, chosen: Chosen, parameters: Parameters, rows: int, problem: str
) -> SafeString | str:
    if not chosen.points and not chosen.too_many:
        return _("No usage points are open to you yet.")
    if problem:
        return words.filled(_("%(report)s: too much at once"), report=str(kind.title))
    said = ngettext("about %(count)s row", "about %(count)s rows", rows) % {
        "count": formats.number(rows)
    }
    return words.filled(
        _("%(report)s, %(period)s: %(rows)s"),
        report=str(kind.title), period=parameters.shown.label, rows=words.bold(said),
    )  # fmt: skip


def too_many(chosen: Chosen, rows: int) -> str:
    """Why a report does not come at once, and what to do; empty where it does."""
    if chosen.too_many:
        return _("More than %(most)s points are chosen. Choose a branch of the tree.") % {
            "most": formats.number(MOST_POINTS)
        }
    if rows > MOST_ROWS:
        return _(
            "The report would have about %(rows)s rows; up to %(most)s come at once. Choose fewer"
            " points, a shorter period or a coarser resolution."
        ) % {"rows": formats.number(rows), "most": formats.number(MOST_ROWS)}
    return ""


def _chips(chosen: Chosen, here: QueryDict) -> tuple[Chip, ...]:
    return tuple(
        Chip(point.name, trees.listed(here, chosen.asked, code=point.code))
        for point in chosen.points[:CHIPS]
    )
