"""Lists of the desk: rows to be sorted, filtered, paged, exported, chosen for a bulk deed.

A list is a table (django-tables2), a filter (django-filter) and a name. All it shows is in its
address, so that a list can be shared, kept (saved filters) and exported as it stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import django_filters
import django_tables2 as tables
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from faza.accounts.models import User
from faza.desk import exports
from faza.desk.forms import dressed
from faza.desk.models import KeptFilter

PER_PAGE = 50
MOST_CHOSEN = 10_000
"""Rows of one bulk deed; more is work for an import."""

# Of an address these are not filters.
OWN = {"sort", "page", "export", "chosen", "all", "deed", "sure", "csrfmiddlewaretoken", "filters"}


class ListTable(tables.Table):
    """A table of the desk. `value_x` gives what column x exports, `render_x` what it shows."""

    class Meta:
        template_name = "desk/parts/table.html"
        attrs = {"class": "tb dense"}
        order_by_field = "sort"
        default = "—"


class ChoiceColumn(tables.CheckBoxColumn):
    """The boxes of a bulk deed, and one for all on the page."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            accessor="pk",
            exclude_from_export=True,
            attrs={
                "th__input": {"class": "cbx", "data-choose-all": "", "aria-label": _("Choose all")},
                "td__input": {"class": "cbx", "data-choose": "", "aria-label": _("Choose")},
            },
            **kwargs,
        )


@dataclass(frozen=True, slots=True)
class Shown:
    """A list as a page shows it."""

    name: str
    table: tables.Table
    filter: django_filters.FilterSet
    query: str
    """The filters of the address, without page and sort: what a kept filter keeps."""
    kept: tuple[KeptFilter, ...] = ()

    @property
    def total(self) -> int:
        return int(self.table.paginator.count)

    @property
    def is_narrowed(self) -> bool:
        return bool(self.query)


def shown(
    request: HttpRequest,
    rows: QuerySet[Any],
    *,
    table: type[ListTable],
    filters: type[django_filters.FilterSet],
    name: str,
    per_page: int = PER_PAGE,
    **of_table: Any,
) -> Shown:
    """The page of a list that the address asks for; a wrong page or sort gives the nearest."""
    narrowed = filters(request.GET, queryset=rows, request=request)
    dressed(narrowed.form)
    made = table(narrowed.qs, request=request, **of_table)
    paginate = {"per_page": per_page, "silent": True}
    tables.RequestConfig(request, paginate=paginate).configure(made)
    kept = KeptFilter.objects.filter(user=request_user(request), listing=name).order_by("name")
    return Shown(name, made, narrowed, own_query(request.GET), tuple(kept))


def own_query(query: QueryDict) -> str:
    """The filters of an address, in a fixed order and without empty ones."""
    kept = [(key, value) for key in sorted(query) if key not in OWN for value in query.getlist(key)]
    made = QueryDict(mutable=True)
    for key, value in kept:
        if value:
            made.appendlist(key, value)
    return made.urlencode()


def exported(
    request: HttpRequest, listed: Shown, *, title: str, personal: bool = False
) -> HttpResponse | None:
    """The whole list as a file where the address asks for one (`?export=csv`), else None.

    `personal`: the list names people, so the export is written into the trail.
    """
    format = request.GET.get("export", "")
    if format not in exports.FORMATS:
        return None
    if personal:
        exports.note(
            request_user(request), listed.name, listed.query, format, listed.total, timezone.now()
        )
    rows = _values(listed.table)
    return exports.FORMATS[format](rows, title=title, name=listed.name)


def _values(table: tables.Table) -> Iterator[Sequence[object]]:
    table.page = None  # all rows, not those of the page
    yield from table.as_values()


def chosen(
    request: HttpRequest, rows: QuerySet[Any], listed: type[django_filters.FilterSet]
) -> Any:
    """The rows of `rows` that a bulk deed is about: the ticked ones, or all that the filter finds.

    What is not among `rows` falls out silently: it is not there for this person.
    """
    if request.POST.get("all"):
        asked = listed(QueryDict(request.POST.get("filters", "")), queryset=rows, request=request)
        # A filter that cannot be read narrows nothing: then nothing is chosen, not everything.
        return asked.qs[:MOST_CHOSEN] if asked.is_valid() else rows.none()
    told = ",".join(request.POST.getlist("chosen"))
    keys = told.split(",")
    numbers = [key for key in keys if key.isascii() and key.isdecimal() and len(key) < 19]
    return rows.filter(pk__in=numbers[:MOST_CHOSEN])


def kept_choice(rows: Iterable[Any]) -> list[tuple[str, str]]:
    """The hidden field by which a preview hands its rows on to the deed: the same rows, one field.

    A form of thousands of fields is refused, and a filter may find other rows by then.
    """
    return [("chosen", ",".join(str(row.pk) for row in rows))]


def request_user(request: HttpRequest) -> User:
    """Who asks; doors have seen to it that somebody does."""
    assert isinstance(request.user, User)
    return request.user


def typed_text(request: HttpRequest, name: str, *, longest: int) -> str:
    """What was typed into a field that is no form's; without NUL, which PostgreSQL refuses."""
    return request.POST.get(name, "").replace("\0", "").strip()[:longest]
