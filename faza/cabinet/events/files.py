"""The journal as a file: the same points, period and filters, inside the same windows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.http import HttpResponse, QueryDict
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from faza.accounts.models import User
from faza.audit import services as audit
from faza.cabinet.choice import Chosen
from faza.cabinet.events import asking, words
from faza.cabinet.events.page import shortened, windows_of
from faza.cabinet.explorer import ended
from faza.cabinet.exports import Unclear
from faza.core.periods import Period
from faza.core.windows import Windows
from faza.events import journal
from faza.events.journal import Line, Tally
from faza.events.queries import Filter
from faza.ui import files, formats, periods

MOST = 100_000
"""Events of a file."""
AT_ONCE = 5000


def export(
    user: User, chosen: Chosen, format: str, query: QueryDict, *, at: datetime, address: str
) -> HttpResponse:  # fmt: skip
    """The file of an address. What staff take leaves an entry in the trail.

    Raises Unclear if there is nothing to put into it, or too much.
    """
    if not chosen.points:
        raise Unclear(_("Choose points first: a file of nothing would be empty."))
    if chosen.too_many:
        raise Unclear(_("Too many points are chosen for one file."))
    windows = windows_of(user, chosen, at=at)
    over = ended(windows, at=at)
    moment = min(over or at, at) - timedelta(microseconds=1)
    today = moment.astimezone(ZoneInfo(chosen.zone)).date()
    shown, _why = shortened(periods.read(query, today=today), len(chosen.points), today=today)
    only = asking.read(query).filter
    tally = journal.tally(windows, Period.of_days(shown.first, shown.end, chosen.zone), chosen.zone)
    total = tally.total(only)
    if total > MOST:
        parts = {"number": formats.number(total), "most": formats.number(MOST)}
        raise Unclear(
            _("There are %(number)s events, a file holds %(most)s. Choose a shorter period.")
            % parts
        )
    if user.role != User.Role.SUBSCRIBER:
        told = {
            "points": list(chosen.codes[: audit.LISTED_POINTS]), "points_count": len(chosen.points),
            "first": shown.first, "last": shown.last, "format": format, "events": total,
        }  # fmt: skip
        audit.note("events.export.taken", of=user, by=user, at=at, after=told, address=address)
    told_rows = _rows(windows, tally, only, chosen, total, at=at, language=get_language())
    return files.FORMATS[format](told_rows, title=_("Event journal"), name="events")


def _rows(
    windows: Windows, tally: Tally, only: Filter, chosen: Chosen, total: int, *, at: datetime,
    language: str | None,
) -> Iterator[tuple[object, ...]]:  # fmt: skip
    """A head and a row for each event; made while it is sent, so the language is kept."""
    points = {point.id: point for point in chosen.points}
    with override(language):
        yield _head(tally.zone)
    for offset in range(0, total, AT_ONCE):
        found = journal.lines(windows, tally, only, limit=AT_ONCE, offset=offset, at=at)
        with override(language):
            made = [_row(line, points.get(line.usage_point), tally.zone) for line in found]
        yield from made


def _head(zone: str) -> tuple[object, ...]:
    return (
        _("Day"), _("Time (%(zone)s)") % {"zone": zone}, _("Importance"), _("Event"), _("Details"),
        _("Usage point"), _("Point code"), _("Device"), _("Category"), _("Lasted, s"),
        _("Still goes on"),
    )  # fmt: skip


def _row(line: Line, point: object, zone: str) -> tuple[object, ...]:
    lasted = words.gap(line.details) or line.lasted
    local = line.at.astimezone(ZoneInfo(zone))
    return (
        local.date(),
        f"{local:%H:%M:%S}",
        str(words.ONE[asking.LEVELS[line.kind.importance]]),
        str(line.kind.words),
        words.details(line.kind, line.details, zone),
        getattr(point, "name", line.place),
        getattr(point, "code", ""),
        words.device(line.device, line.name),
        str(line.kind.category.label),
        None if lasted is None else int(lasted.total_seconds()),
        _("yes") if line.goes_on and lasted is None else "",
    )


__all__ = ["export"]
