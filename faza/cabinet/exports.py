"""Files of what the explorer shows: the same points, channels and days, inside the same windows."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.http import QueryDict
from django.utils.translation import gettext as _

from faza.accounts.models import User
from faza.cabinet import forms
from faza.cabinet.choice import Chosen
from faza.collection import queries
from faza.collection.queries import Exported
from faza.contracts import access

FORMATS = ("csv", "xlsx", "80020")


class Unclear(Exception):
    """The address does not say what to put into the file; the message says it to the reader."""


def export(
    user: User, chosen: Chosen, format: str, query: QueryDict, *, at: datetime
) -> Exported:  # fmt: skip
    """The file of an address: `from` and `to` are its first and last day.

    Raises Unclear if there is nothing to put into it.
    """
    if not chosen.points:
        raise Unclear(_("Choose points first: a file of nothing would be empty."))
    if chosen.too_many:
        raise Unclear(_("Too many points are chosen for one file."))
    told = query.copy()
    told["period"] = "any"
    today = at.astimezone(ZoneInfo(chosen.zone)).date()
    view = forms.read(told, today=today, points=len(chosen.points))
    if view.shown.kind != "any":
        raise Unclear(view.problems[0])
    windows = access.windows_of(user, at=at, points=chosen.ids)
    first, end = view.shown.first, min(view.shown.end, today + timedelta(days=1))
    if first >= end:
        raise Unclear(_("This period has not begun yet."))
    if format == "csv":
        return queries.export_csv(windows, view.kinds, first=first, end=end)
    if format == "xlsx":
        return queries.export_xlsx(windows, view.kinds, first=first, end=end)
    letter = queries.private_letter(at=at)
    return queries.export_80020(windows, view.kinds, first=first, end=end, letter=letter)


__all__ = ["FORMATS", "Exported", "Unclear", "export"]
