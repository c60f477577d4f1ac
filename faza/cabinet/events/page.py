"""The page of the journal: statistics, filters, outages, a page of the list."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from django.http import QueryDict
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from faza.accounts.models import User
from faza.cabinet import fresh, measured, picks
from faza.cabinet import words as sentences
from faza.cabinet.choice import MOST, Chosen, Point
from faza.cabinet.events import asking, filters, picture, words
from faza.cabinet.events.asking import Asked, Level
from faza.cabinet.events.filters import Bar
from faza.cabinet.explorer import ended
from faza.cabinet.picks import PICKS
from faza.charges.fleets import Fleet
from faza.contracts import access
from faza.core.periods import Period
from faza.core.reading_types import A_PLUS
from faza.core.windows import Windows
from faza.events import journal
from faza.events import outages as interruptions
from faza.events.journal import Line, Tally
from faza.events.kinds import Category, Importance
from faza.events.outages import Outages
from faza.ui import addresses, formats, periods
from faza.ui.contact import LATE
from faza.ui.periods import Choice, Control, Shown

MOST_POINTS = 5000
"""Of so many points a page counts events; more is a report."""
MOST_DAYS = 200_000
"""So many days of points a page counts: five thousand points for a month."""
A_PAGE = 50
KEPT = ("period", "on", "from", "to", "level", "category", "device", "text")
"""What of an address goes on to the points chosen in the top bar."""


@dataclass(frozen=True, slots=True)
class Row:
    """An event as the list shows it; `day` heads the first one of a day."""

    day: str
    time: str
    stamp: str
    level: Level
    level_words: str
    words: str
    note: str
    name: str
    url: str
    device: str
    category: str
    lasted: str
    goes_on: bool
    is_new: bool


@dataclass(frozen=True, slots=True)
class Journal:
    """All that the page shows; without points or events most of it is empty."""

    chosen: Chosen
    name: str
    where: str
    picks: tuple[Choice, ...]
    lead: SafeString | str
    control: Control | None = None
    problem: str = ""
    under: str = ""
    late: str = ""
    asked: Asked = Asked()
    total: int = 0
    levels: tuple[tuple[str, str, str, bool], ...] = ()
    categories: tuple[Bar, ...] = ()
    devices: tuple[Bar, ...] = ()
    clear_url: str = ""
    picture: dict[str, Any] | None = None
    days: tuple[tuple[str, tuple[str, ...]], ...] = ()
    outages: str = ""
    going_on: str = ""
    rows: tuple[Row, ...] = ()
    range: str = ""
    newer_url: str = ""
    older_url: str = ""
    kept: tuple[tuple[str, str], ...] = ()
    exports: tuple[tuple[str, str, str, str], ...] = ()
    has_several_zones: bool = False
    new_count: str = ""


def page(
    user: User, chosen: Chosen, query: QueryDict, *, at: datetime, seen: datetime | None
) -> Journal:
    """The journal of chosen points for an address. At most twelve questions.

    seen: when the reader was here before, so that what came since is marked.
    """
    name = chosen.one.name if chosen.one else sentences.points(len(chosen.points))
    common: dict[str, Any] = {
        "chosen": chosen,
        "name": name if chosen.points else "",
        "where": chosen.one.address if chosen.one else "",
        "picks": _picks(user, chosen, query, at=at),
        "has_several_zones": chosen.has_several_zones,
    }
    if chosen.too_many:
        return Journal(**common, lead=_("Too many points are chosen for one page."))
    if not chosen.points:
        return Journal(**common, lead=_("No usage points are open to you yet."))
    windows = windows_of(user, chosen, at=at)
    over = ended(windows, at=at)
    zone = ZoneInfo(chosen.zone)
    today = (min(over or at, at) - timedelta(microseconds=1)).astimezone(zone).date()
    shown, problem = shortened(periods.read(query, today=today), len(chosen.points), today=today)
    asked = asking.read(query)
    period = Period.of_days(shown.first, shown.end, chosen.zone)
    paths = {point.id: point.path for point in chosen.points}
    fleet = Fleet.of(windows, at=over or at, now=at)
    tally = journal.tally(
        windows, period, chosen.zone, paths, fresh.counted(fleet, period, chosen.zone)
    )
    facets = journal.facets(tally.groups, asked.filter)
    # Of thousands of points it is not asked: that is work for the list of meters.
    few = windows if len(chosen.points) <= MOST else Windows(())
    heard = measured.heard(few, [A_PLUS], at=over or at)
    common |= {
        "control": periods.control(shown, query, today=today, since=_since(windows, zone)),
        "lead": words.lead(
            shown, tally.total(), facets.total, _important(tally, asked), today=today
        ),
        "problem": problem,
        "under": _under(heard.among(set(chosen.ids)), over, chosen, at=at),
        "late": "" if over else _late(chosen, heard.ends, windows, at=at),
        "asked": asked,
        "total": tally.total(),
        "clear_url": addresses.changed(
            query, level=None, category=None, device=None, text=None, page=None
        ),
        "kept": _kept(query),
    }
    if not tally.total():
        return Journal(**common)
    told, going_on = _outages(
        fleet.lately(
            f"outages:{period.start.isoformat()}:{period.end.isoformat()}",
            lambda: interruptions.outages(windows, period),
        ),
        chosen, asked, today=today,
    )  # fmt: skip
    number = min(asked.page, max(1, -(-facets.total // A_PAGE)))
    found = journal.lines(
        windows, tally, asked.filter, limit=A_PAGE, offset=(number - 1) * A_PAGE, at=at
    )
    rows = tuple(_rows(found, chosen, today=today, seen=seen))
    return Journal(
        **common,
        levels=filters.levels(facets, asked, query),
        categories=filters.categories(facets, asked, query),
        devices=filters.devices(facets, asked, query, tally, found, chosen),
        picture=picture.bars(facets.days, shown, query),
        days=picture.rows(facets.days, shown),
        outages=told,
        going_on=going_on,
        rows=rows,
        range=_range(facets.total, number, len(rows)),
        newer_url=_paged(query, number - 1) if number > 1 else "",
        older_url=_paged(query, number + 1) if number * A_PAGE < facets.total else "",
        exports=_exports(query),
        new_count=_new(rows),
    )


def _important(tally: Tally, asked: Asked) -> Mapping[str, int]:
    """How many of each kind of important events, by their words."""
    found: dict[str, int] = defaultdict(int)
    for group in tally.groups:
        if group.kind.importance == Importance.ALARM and not asked.is_narrowed:
            found[str(group.kind.words)] += group.count
    return found


def windows_of(user: User, chosen: Chosen, *, at: datetime) -> Windows:
    """The user's windows of the chosen points."""
    if len(chosen.points) > MOST and user.role == User.Role.SUBSCRIBER:
        # A subscriber's windows are few enough; thousands of ids in a question are dearer.
        return access.windows_of(user, at=at).of_points(chosen.ids)
    return access.windows_of(user, at=at, points=chosen.ids)


def shortened(shown: Shown, points: int, *, today: date) -> tuple[Shown, str]:
    """The period, or its last month where it is too long for so many points; and why."""
    if (shown.end - shown.first).days * points <= MOST_DAYS:
        return shown, ""
    month = periods.around("month", min(shown.last, today))
    return month, _("Of so many points the journal shows a month at most.")


def _under(until: datetime | None, over: datetime | None, chosen: Chosen, *, at: datetime) -> str:
    if over is None and len(chosen.points) > MOST:
        return _("The summary is renewed every five minutes")
    return sentences.over(over, chosen.zone) if over else sentences.until(until, chosen.zone, at=at)


def _late(
    chosen: Chosen, ends: Mapping[tuple[int, int], datetime], windows: Windows, *, at: datetime
) -> str:
    """Points that are not heard of: their events may not have come either.

    Of a point that was sold nothing is late: what comes by now is its new owner's.
    """
    still = {window.usage_point for window in windows if window.period.end >= at}
    silent = [
        point for point in chosen.points if (end := ends.get((point.id, A_PLUS.code)))
        and point.id in still and at - end > LATE
    ]  # fmt: skip
    if not silent:
        return ""
    if len(silent) == 1:
        return _("%(name)s: no contact, its events come later") % {"name": silent[0].name}
    number = formats.number(len(silent))
    return ngettext(
        "%(number)s point without contact: its events come later",
        "%(number)s points without contact: their events come later",
        len(silent),
    ) % {"number": number}


def _outages(
    found: Outages, chosen: Chosen, asked: Asked, *, today: date
) -> tuple[str, str]:  # fmt: skip
    """What the outages of a period come to, and which have no end yet."""
    if not len(found) or asked.is_narrowed and Category.POWER not in asked.categories:
        return "", ""
    names = {point.id: point for point in chosen.points}
    lengths = found.lengths
    whole, longest = timedelta(seconds=int(lengths.sum())), ""
    if whole and chosen.points:
        worst = int(np.argmax(lengths))
        day = datetime.fromtimestamp(int(found.starts[worst]), UTC).astimezone(
            ZoneInfo(chosen.zone)
        )
        parts = {
            "time": words.length(timedelta(seconds=int(lengths[worst]))),
            "day": sentences.day_of(day.date(), today=today),
        }
        longest = _("%(time)s on %(day)s") % parts
        if not chosen.one:
            longest = f"{names[int(found.points[worst])].name}, {longest}"
    open_ = [names[point].name for point in set(found.points[found.goes_on].tolist())]
    ended_ = int((~found.goes_on).sum())
    told = words.outages(ended_, whole, longest) if ended_ else ""
    if not open_:
        return told, ""
    if len(open_) == 1:
        return told, _("%(name)s: the end of an outage is not told yet") % {"name": open_[0]}
    number = formats.number(len(open_))
    return told, _("At %(number)s points the end of an outage is not told yet") % {"number": number}


def _rows(
    lines: Sequence[Line], chosen: Chosen, *, today: date, seen: datetime | None
) -> list[Row]:
    points = {point.id: point for point in chosen.points}
    zone, made, before = ZoneInfo(chosen.zone), list[Row](), None
    for line in lines:
        local = line.at.astimezone(zone)
        day = "" if local.date() == before else words.day_heading(local.date(), today=today)
        before = local.date()
        made.append(_row(line, day, local, points.get(line.usage_point), chosen.zone, seen))
    return made


def _row(
    line: Line, day: str, local: datetime, point: Point | None, zone: str, seen: datetime | None
) -> Row:
    level = asking.LEVELS[line.kind.importance]
    missing = words.gap(line.details)
    return Row(
        day=day,
        time=f"{local:%H:%M:%S}",
        stamp=local.isoformat(),
        level=level,
        level_words=str(words.ONE[level]),
        words=str(line.kind.words),
        note=words.details(line.kind, line.details, zone),
        name=point.name if point else line.place,
        url=f"{reverse('cabinet:events')}{addresses.changed(QueryDict(), point=point.code)}"
        if point else "",
        device=words.device(line.device, line.name),
        category=str(line.kind.category.label),
        lasted=words.length(missing or line.lasted),
        goes_on=line.goes_on and missing is None,
        is_new=seen is not None and line.recorded_at > seen,
    )  # fmt: skip


def _picks(user: User, chosen: Chosen, query: QueryDict, *, at: datetime) -> tuple[Choice, ...]:
    """The points to choose from in the top bar; the rest of the address stays as it is."""
    rows = picks.first_of(user, chosen, at=at)
    if len(rows) < 2:
        return ()
    codes = set(chosen.codes) if len(chosen.points) <= PICKS else set[str]()
    kept = QueryDict(mutable=True)
    for key in KEPT:
        kept.setlist(key, query.getlist(key))

    def url(**values: str) -> str:
        return addresses.changed(kept, **values)

    made = [
        Choice(name, url(point=code), current=codes == {code}, title=address)
        for code, name, address in rows[:PICKS]
    ]
    if len(rows) > PICKS:
        made.append(Choice(_("Choose in the tree…"), reverse("cabinet:explorer")))
    return (Choice(_("All points"), url(points="all"), current=len(chosen.points) > 1), *made)


def _since(windows: Windows, zone: ZoneInfo) -> date | None:
    """The reader's first day, where the time with the points has a beginning."""
    first = min((window.period.start for window in windows), default=None)
    return first.astimezone(zone).date() if first and first.year > 1970 else None


def _kept(query: QueryDict) -> tuple[tuple[str, str], ...]:
    """What a form of the page sends besides its own field."""
    return tuple(
        (key, value)
        for key, values in query.lists()
        if key not in {"text", "page"}
        for value in values
    )


def _range(total: int, number: int, count: int) -> str:
    """«1–50 из 131»."""
    if not total:
        return ""
    first = (number - 1) * A_PAGE + 1
    parts = {
        "first": formats.number(first),
        "last": formats.number(first + count - 1),
        "all": formats.number(total),
    }
    return _("%(first)s–%(last)s of %(all)s") % parts


def _new(rows: Sequence[Row]) -> str:
    count = sum(row.is_new for row in rows)
    if not count:
        return ""
    number = formats.number(count)
    return ngettext(
        "%(number)s came since you were here", "%(number)s came since you were here", count
    ) % {"number": number}  # fmt: skip


def _paged(query: QueryDict, number: int) -> str:
    return addresses.changed(query, page=str(number) if number > 1 else None) + "#list"


def _exports(query: QueryDict) -> tuple[tuple[str, str, str, str], ...]:
    """(format, its name, what it is, address) of the files of what is shown."""
    told = addresses.changed(query, page=None)
    return (
        ("xlsx", _("Excel (xlsx)"), _("Dates and lengths with formats"), told),
        ("csv", _("CSV"), _("One event a line"), told),
    )


__all__ = ["A_PAGE", "MOST_POINTS", "Journal", "Row", "page", "shortened", "windows_of"]
