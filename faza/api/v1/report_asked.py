"""A report as a program asks for it, in the words of a report's address.

A token of some points asks for no others: they are named one by one, so that what is made behind
is of them too.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import QueryDict
from django.utils.translation import gettext as _

from faza.api.v1.errors import Problem, invalid
from faza.api.v1.report_shapes import Asked
from faza.contracts import access
from faza.contracts.access import Grant, NoSuchPoint
from faza.core.windows import Windows
from faza.reports import queries, registry
from faza.reports.parameters import Parameters
from faza.reports.registry import Format, KindOfReport

PLAIN = ("period", "on", "resource", "channel", "resolution", "layout", "digits", "interval")
TICKS = ("tariffs", "fixed", "replacements")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A report that may be made: `query` says all of it, as an address of the cabinet does."""

    kind: KindOfReport
    parameters: Parameters
    query: QueryDict
    windows: Windows


def wanted(grant: Grant, asked: Asked, *, at: datetime) -> Wanted:
    """What is asked for, of what a grant reads. Raises Problem, NoSuchPoint."""
    try:
        kind = registry.kind(asked.kind)
    except registry.NoSuchKind:
        raise invalid("kind", _("There is no such choice.")) from None
    if asked.format not in kind.formats or asked.format == Format.X80020:
        raise invalid("format", _("There is no such choice."))
    query = _query(asked)
    codes = _codes(grant, asked.points, at)
    if codes is not None:
        query.setlist("point", codes)
    try:
        windows = queries.points_of(grant.user, query, at=at) if codes != [] else Windows(())
    except queries.NotThere:
        raise NoSuchPoint(asked.kind) from None
    read = queries.read(kind, query, windows, at=at)
    if read.problems:
        raise Problem("invalid", errors=[(one.field, one.text) for one in read.problems])
    return Wanted(kind, read.parameters, query, windows)


def _codes(grant: Grant, told: list[str], at: datetime) -> list[str] | None:
    """The codes of the points asked for; None for all that the person reads. NoSuchPoint."""
    if not told and grant.points is None:
        return None
    granted = access.granted_points(grant, at=at).order_by("code")
    if not told:
        return list(granted.values_list("code", flat=True))
    if "\0" in "".join(told):
        raise NoSuchPoint("NUL")
    found = set(granted.filter(code__in=told).values_list("code", flat=True))
    if missing := [code for code in told if code not in found]:
        raise NoSuchPoint(missing[0])
    return list(dict.fromkeys(told))


def _query(asked: Asked) -> QueryDict:
    query = QueryDict(mutable=True)
    query["kind"] = asked.kind
    for name in PLAIN:
        if (value := getattr(asked, name)) is not None:
            query[name] = str(value)
    for name in TICKS:
        if (value := getattr(asked, name)) is not None:
            query[name] = str(int(value))
    if asked.first is not None or asked.end is not None:
        if asked.first is None or asked.end is None:
            raise invalid("to" if asked.end is None else "from", _("It is wanted."))
        if asked.first >= asked.end:
            raise invalid("to", _("The end has to be after the beginning."))
        # An address of a report names its last day; here, as everywhere, the day after it.
        query["period"], query["from"] = "any", asked.first.isoformat()
        query["to"] = (asked.end - timedelta(days=1)).isoformat()
    return query
