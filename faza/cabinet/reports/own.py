"""Personal reports: found beside the standard ones, made and edited on a page of their own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import Http404, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from faza.accounts.models import User
from faza.reports import grouping, queries
from faza.reports.form import POINTS
from faza.reports.models import PersonalReport, Schedule
from faza.reports.services import plain
from faza.reports.shaping import LONGEST_TITLE, Formula, Layout
from faza.reports.table import NUMERIC, Column
from faza.ui import formats
from faza.ui.periods import Choice

OWN = "own"
"""The name in an address of a personal report's number."""
BLANK = 2
"""Empty rows for formulas that are offered beside those that are there."""
MOST = 300


@dataclass(frozen=True, slots=True)
class Row:
    """A column in the editor; place: its number in the order, "" where it is not shown."""

    key: str
    name: str
    place: str
    title: str
    is_number: bool


@dataclass(frozen=True, slots=True)
class Editor:
    """What the page of a personal report edits."""

    title: str
    rows: tuple[Row, ...]
    formulas: tuple[Formula, ...]
    groups: tuple[tuple[tuple[str, str, bool], ...], ...]
    """For each level (key, what the column is called, whether rows are grouped by it)."""


def of(query: QueryDict, user: User, *, at: datetime) -> PersonalReport | None:
    """The personal report that an address names; one that the user does not find is a 404."""
    told = query.get(OWN, "")
    if not told:
        return None
    if not told.isdecimal() or len(told) > 18:
        raise Http404("no such report")
    found = queries.personal(user, at=at).filter(pk=int(told)).first()
    if found is None:
        raise Http404("no such report")
    return found


def layout_of(report: PersonalReport | None) -> Layout:
    return Layout.of_json(report.layout) if report else Layout()


def listed(user: User, current: PersonalReport | None, *, at: datetime) -> list[Choice]:
    """The own and shared reports, each leading to its parameters. Two queries."""
    rows = list(queries.personal(user, at=at)[:MOST])
    dated = Schedule.objects.filter(user=user, next_at__isnull=False)
    due = dict(dated.values_list("report", "next_at")) if rows else {}
    return [
        Choice(
            one.title,
            f"{reverse('cabinet:reports')}?{OWN}={one.pk}",
            current=current is not None and one.pk == current.pk,
            title=_said(one, user, due.get(one.pk)),
        )
        for one in rows
    ]


def resolved(query: QueryDict, report: PersonalReport, user: User, *, at: datetime) -> QueryDict:
    """An address with what its personal report was saved with; what the address says itself wins.

    The points of a report that somebody else saved are those of them that its reader sees too.
    """
    made = queries.query_of(report, user, at=at)
    if any(name in query for name in POINTS):
        for name in POINTS:
            made.pop(name, None)
    if "period" in query:
        for name in ("on", "from", "to"):
            made.pop(name, None)
    for name, values in query.lists():
        made.setlist(name, values)
    return made


def _said(report: PersonalReport, user: User, due: datetime | None) -> str:
    if due is not None:
        return _("by e-mail, next on %s") % formats.moment(due)
    return "" if report.owner_id == user.pk else report.owner.full_name


def editor(title: str, layout: Layout, columns: tuple[Column, ...]) -> Editor:
    """The fields of a layout over the columns that the kind has now."""
    places = {key: number for number, (key, _title) in enumerate(layout.columns, 1)}
    titles = dict(layout.columns)
    whole = [(c.key, _called(c), c.kind in NUMERIC) for c in columns]
    whole += [(f.key, f.title, False) for f in layout.formulas]
    rows = [
        Row(
            key,
            name,
            str(places.get(key, "")) if places else str(number),
            titles.get(key, ""),
            is_number,
        )
        for number, (key, name, is_number) in enumerate(whole, 1)
    ]
    rows.sort(key=lambda row: int(row.place) if row.place else MOST)
    blank = [Formula("", "", "") for _number in range(BLANK)]
    levels = [*layout.groups, *[""] * grouping.MOST_KEYS][: grouping.MOST_KEYS]
    groups = tuple(
        tuple((c.key, _called(c), c.key == level) for c in grouping.offered(columns))
        for level in levels
    )
    return Editor(title, tuple(rows), (*layout.formulas, *blank), groups)


def _called(column: Column) -> str:
    """A column's title with that of its group: two may be called alike."""
    return f"{column.group}: {column.title}" if column.group else column.title


def read(posted: QueryDict, columns: tuple[Column, ...]) -> Layout:
    """The layout that was typed; a column without a number is left out, an empty formula too."""
    formulas = _formulas(posted)
    known = [column.key for column in columns] + [one.key for one in formulas]
    typed = dict(zip(posted.getlist("key"), posted.getlist("place"), strict=False))
    titles = dict(zip(posted.getlist("key"), posted.getlist("name"), strict=False))
    # A formula that was not there yet comes last.
    wanted = [(number_of(typed.get(key, str(MOST))), key) for key in known]
    order = sorted((number, known.index(key), key) for number, key in wanted if number)
    whole = [key for _number, _place, key in order]
    kept = tuple((key, plain(titles.get(key, ""), LONGEST_TITLE)) for key in whole)
    is_as_it_was = whole == known and not any(title for _key, title in kept)
    offered = {column.key for column in grouping.offered(columns)}
    groups = dict.fromkeys(key for key in posted.getlist("group") if key in offered)
    by = tuple(groups)[: grouping.MOST_KEYS]
    return Layout("", () if is_as_it_was else kept, formulas, by)


def _formulas(posted: QueryDict) -> tuple[Formula, ...]:
    fields = [posted.getlist(name) for name in ("f_title", "f_formula", "f_unit", "f_digits")]
    made: list[Formula] = []
    for title, formula, unit, digits in zip(*fields, strict=False):
        if formula.strip():
            key = f"own{len(made) + 1}"
            told = min(number_of(digits), 6)
            made.append(
                Formula(key, plain(title, LONGEST_TITLE), formula.strip(), plain(unit, 20), told)
            )
    return tuple(made)


def number_of(text: str, *, unlike: int = 0) -> int:
    """A number of up to three digits; `unlike` where it is none."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 4 else unlike
