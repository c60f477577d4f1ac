"""The page as its template takes it: the lead, the window with its days, cards, what was sent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.core.paginator import Page as Pages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from faza.accounts.models import User
from faza.cabinet import words
from faza.cabinet.entry import cards, sent
from faza.cabinet.entry.cards import Card, Posted
from faza.core.periods import Period
from faza.manual_entry import queries
from faza.manual_entry.matching import Reach
from faza.manual_entry.models import Entry, EntryWord
from faza.manual_entry.queries import Due
from faza.metering.models import UsagePoint
from faza.ui import formats

A_PAGE = 20
"""Points of one page; who has more finds a point by its name, or sends a file."""
FILE_FROM = 5
"""With so many points a file is quicker than the page."""
LAST = 6
HISTORY = 50


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the month of the window: past (p), now (n), open (o), or outside of it."""

    number: int
    css: str
    title: str


@dataclass(frozen=True, slots=True)
class WindowBar:
    """How long the window is open; `days` is empty where it has no end within two months."""

    left: str
    first: str
    last: str
    days: list[Day]
    label: str


@dataclass(frozen=True, slots=True)
class Closed:
    point: UsagePoint
    why: str


@dataclass(frozen=True, slots=True)
class Page:
    lead: SafeString
    points: int
    cards: list[Card] = field(default_factory=list)
    window: WindowBar | None = None
    afar: list[Card] = field(default_factory=list)
    """Read from afar: they may be typed, and need not."""
    closed: list[Closed] = field(default_factory=list)
    rows: list[sent.Row] = field(default_factory=list)
    has_more: bool = False
    pages: Pages[UsagePoint] | None = None
    """The Paginator's page, where the points have several."""
    query: str = ""
    wants_file: bool = False
    left: int = 0

    @property
    def others(self) -> int:
        """Points of which nothing is to be typed now."""
        return len(self.afar) + len(self.closed)

    @property
    def closed_count(self) -> int:
        return len(self.closed)


def page(
    user: User, asked: Mapping[str, str], *, at: datetime, posted: Posted | None = None
) -> Page:
    """What a person may type now. Some twenty queries, however many points."""
    reach = Reach(user, Entry.Way.CABINET, at=at)
    keys = reach.all_points()
    if not keys:
        return Page(lead=SafeString(""), points=0)
    query = str(asked.get("q", "")).replace("\0", "")[:100].strip()
    pages = Paginator(_found(keys, query), A_PAGE)
    here = pages.get_page(asked.get("page"))
    points = list(here)
    wanted = posted.point if posted else str(asked.get("again", "")).replace("\0", "")
    if wanted and wanted not in {one.code for one in points}:
        points = [*reach.points([wanted]).values(), *points]
    dues = queries.due(points, at=at)
    is_open = [due for due in dues if due.standing.is_open and due.installed and due.dials]
    every = cards.made(is_open, at=at, again=str(asked.get("again", "")), posted=posted)
    made = [card for card in every if card.state != "afar"]
    made.sort(key=lambda card: not card.has_fields)
    afar = [card for card in every if card.state == "afar"]
    closed = [Closed(due.point, cards.why_closed(due)) for due in dues if due not in is_open]
    told = queries.own_entries(user, at=at)
    rows = sent.rows(told[: LAST + 1], at=at)
    shown = Entry.objects.filter(pk__in=[card.entry.pk for card in made if card.entry])
    facts = {row.entry.pk: row for row in sent.rows(shown, at=at)}
    said: dict[int, list[EntryWord]] = defaultdict(list)
    for word in EntryWord.objects.filter(entry__in=facts).select_related("author"):
        said[word.entry_id].append(word)
    made = [
        replace(card, row=facts[card.entry.pk], said=tuple(said[card.entry.pk]))
        if card.entry else card
        for card in made
    ]  # fmt: skip
    left = [card for card in made if card.has_fields]
    return Page(
        lead=lead(made, left, dues, afar=len(afar)),
        points=len(keys), cards=made, afar=afar, closed=closed,
        window=window_bar(left or made or afar, at), rows=rows[:LAST],
        has_more=len(rows) > LAST, pages=here if pages.num_pages > 1 else None, query=query,
        wants_file=len(keys) >= FILE_FROM, left=len(left),
    )  # fmt: skip


def _found(keys: Sequence[int], query: str) -> QuerySet[UsagePoint]:
    rows = UsagePoint.objects.filter(pk__in=keys).select_related("node").order_by("name_key", "pk")
    return rows.matching(query) if query else rows


def lead(
    made: Sequence[Card], left: Sequence[Card], dues: Sequence[Due], *, afar: int
) -> SafeString:  # fmt: skip
    """The sentence that says what is to be done, by when. afar: how many are read from afar."""
    if not made:
        opens = _opens(dues)
        if opens:
            return format_html(
                _("Nothing is to be typed now: the next window opens on {day}."),
                day=format_html("<b>{}</b>", opens),
            )
        if afar:
            return words.filled(_("Your meters are read from afar: there is nothing to type."))
        return words.filled(_("Readings are not taken by hand at your points now."))
    questions = sum(card.is_asked for card in made)
    if questions:
        return format_html(
            ngettext(
                "The network company has a question about {count} reading: please answer it.",
                "The network company has questions about {count} readings: please answer them.",
                questions,
            ),
            count=format_html("<b>{}</b>", questions),
        )
    if not left:
        waiting = sum(card.state == "sent" for card in made)
        if waiting:
            return format_html(
                ngettext(
                    "All is sent: {count} reading waits for the check.",
                    "All is sent: {count} readings wait for the check.", waiting,
                ),
                count=format_html("<b>{}</b>", waiting),
            )  # fmt: skip
        return words.filled(_("All readings of this window are accepted."))
    until = min((card.due.standing.closes_at for card in left if card.due.standing.closes_at),
                default=None)  # fmt: skip
    count = format_html("<b>{}</b>", len(left))
    if until is None:
        return format_html(
            ngettext(
                "Send the readings of {count} meter: nothing comes from it by itself.",
                "Send the readings of {count} meters: nothing comes from them by itself.",
                len(left),
            ),
            count=count,
        )
    zone = ZoneInfo(left[0].point.zone)
    last = until.astimezone(zone) - timedelta(seconds=1)
    text = format_html(
        ngettext(
            "Send the readings of {count} meter by {day}.",
            "Send the readings of {count} meters by {day}.", len(left),
        ),
        count=count, day=format_html("<b>{}</b>", date_format(last, "j\u00a0E")),
    )  # fmt: skip
    if not afar:
        return text
    rest = ngettext(
        "{count} more is read by itself.", "{count} more are read by themselves.", afar
    )  # fmt: skip
    return format_html("{} {}", text, rest.format(count=afar))


def _opens(dues: Sequence[Due]) -> str:
    """The first day on which something may be typed."""
    found = [
        (due.standing.opens_at, due.point.zone) for due in dues if due.standing.opens_at is not None
    ]
    if not found:
        return ""
    first, zone = min(found)
    return f"{first.astimezone(ZoneInfo(zone)):%d.%m.%Y}"


def window_bar(made: Sequence[Card], at: datetime) -> WindowBar | None:
    """The window that ends first, with the days of its months."""
    found = [card for card in made if card.window is not None]
    if not found:
        return None
    card = min(found, key=lambda one: one.window.end)  # type: ignore[union-attr]
    window = card.window
    assert window is not None
    zone = ZoneInfo(card.point.zone)
    first = window.start.astimezone(zone).date()
    last = (window.end - timedelta(seconds=1)).astimezone(zone).date()
    today = at.astimezone(zone).date()
    days = [] if (last - first).days > 61 else _days(window, zone, today)
    return WindowBar(
        left=formats.duration(window.end - at), first=f"{first:%d.%m}", last=f"{last:%d.%m}",
        days=days,
        label=_("Readings are taken from %(first)s to %(last)s, today is %(today)s") % {
            "first": f"{first:%d.%m.%Y}", "last": f"{last:%d.%m.%Y}", "today": f"{today:%d.%m.%Y}",
        },
    )  # fmt: skip


def _days(window: Period, zone: ZoneInfo, today: date) -> list[Day]:
    """The days of the month in which the window begins, and on to its end."""
    first = window.start.astimezone(zone).date()
    last = (window.end - timedelta(seconds=1)).astimezone(zone).date()
    day, end = first.replace(day=1), max(last, _month_end(first))
    found = []
    while day <= end:
        inside = first <= day <= last
        css = "n" if day == today else ("p" if day < today else "o") if inside else ""
        found.append(Day(day.day, css, f"{day:%d.%m}"))
        day += timedelta(days=1)
    return found


def _month_end(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
