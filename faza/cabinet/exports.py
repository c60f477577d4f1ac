"""Files of what the explorer shows: the same points, channels and days, inside the same windows."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.http import QueryDict
from django.utils.translation import gettext as _

from faza.accounts.models import User
from faza.audit import services as audit
from faza.cabinet import forms
from faza.cabinet.choice import Chosen
from faza.collection import queries
from faza.collection.queries import Exported
from faza.contracts import access
from faza.core.reading_types import Commodity
from faza.ui import addresses

FORMATS = ("csv", "xlsx", "80020", "espi")


class Unclear(Exception):
    """The address does not say what to put into the file; the message says it to the reader."""


def export(
    user: User, chosen: Chosen, format: str, query: QueryDict, *, at: datetime, address: str
) -> Exported:  # fmt: skip
    """The file of an address: `from` and `to` are its first and last day.

    What staff take leaves an entry in the trail before the first byte is sent; `address` is
    where the request came from.

    Raises Unclear if there is nothing to put into it.
    """
    if not chosen.points:
        raise Unclear(_("Choose points first: a file of nothing would be empty."))
    if chosen.too_many:
        raise Unclear(_("Too many points are chosen for one file."))
    told = query.copy()
    told["period"] = "any"
    today = at.astimezone(ZoneInfo(chosen.zone)).date()
    chosen = chosen.of_resource()
    view = forms.read(told, today=today, points=len(chosen.points), resource=chosen.resource)
    if view.shown.kind != "any":
        raise Unclear(view.problems[0])
    windows = access.windows_of(user, at=at, points=chosen.ids)
    first, end = view.shown.first, min(view.shown.end, today + timedelta(days=1))
    if first >= end:
        raise Unclear(_("This period has not begun yet."))
    if user.role != User.Role.SUBSCRIBER:
        audit.note_export(
            of=user,
            by=user,
            at=at,
            points=chosen.codes,
            first=first,
            last=end - timedelta(days=1),
            channels=[kind.channel for kind in view.kinds],
            format=format,
            address=address,
        )
    if format == "csv":
        return queries.export_csv(windows, view.kinds, first=first, end=end)
    if format == "xlsx":
        return queries.export_xlsx(windows, view.kinds, first=first, end=end)
    if format == "espi":
        return queries.export_espi(windows, view.kinds, first=first, end=end, at=at)
    letter = queries.private_letter(at=at)
    try:
        return queries.export_80020(windows, view.kinds, first=first, end=end, letter=letter)
    except queries.NotInFormat as problem:
        raise Unclear(_("The 80020 layout carries electricity only.")) from problem


def shared(query: QueryDict, chosen: Chosen, view: forms.View) -> str:
    """The address of a view with all in it that it stands on, to be sent to somebody."""
    shown = view.shown
    asked = chosen.asked.into(QueryDict(mutable=True))
    days: dict[str, str | None] = {"period": shown.kind, "on": shown.first.isoformat()}
    if shown.kind == "any":
        days = {"period": "any", "from": shown.first.isoformat(), "to": shown.last.isoformat()}
    return addresses.changed(
        asked,
        by=view.step,
        channel=[kind.channel for kind in view.kinds],
        view="apart" if view.layout == "apart" else None,
        compare="1" if view.compare else None,
        day=query.getlist("day"),
        **days,
    )


def links(
    query: QueryDict, chosen: Chosen, view: forms.View
) -> tuple[tuple[str, str, str, str], ...]:
    """(format, its name, what it is, address) of the files of what is shown."""
    asked = chosen.asked.into(QueryDict(mutable=True))
    asked["from"], asked["to"] = view.shown.first.isoformat(), view.shown.last.isoformat()
    asked.setlist("channel", [kind.channel for kind in view.kinds])
    told = addresses.changed(asked)
    found = (
        ("xlsx", _("Excel (xlsx)"), _("Numbers with formats"), told),
        ("csv", _("CSV"), _("Every interval, its start, end and quality"), told),
        (
            "80020",
            _("80020 layout (xml)"),
            _("Half-hours of each day with statuses"),
            told,
        ),
        (
            "espi",
            _("Green Button (xml)"),
            _("For programs that read Green Button files"),
            told,
        ),
    )
    is_power = chosen.resource == Commodity.ELECTRICITY
    return tuple(one for one in found if is_power or one[0] != "80020")


__all__ = ["FORMATS", "Exported", "Unclear", "export", "links", "shared"]
