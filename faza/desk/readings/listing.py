"""The queue beside a typed reading: by what is to be looked at first, a page of it weighed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Min, Q, QuerySet

from faza.accounts.models import User
from faza.desk.balances.picture import Spark
from faza.desk.readings import picture, rows, words
from faza.desk.readings.asked import Asked
from faza.desk.readings.rows import Group
from faza.manual_entry.models import Entry
from faza.manual_entry.rules.plausible import Doubt
from faza.manual_entry.weighing import Line, Weighed, weigh

PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class Register:
    """A register of a typed reading as a row of the queue shows it."""

    zone: str
    shown: str
    counted: str
    is_outside: bool
    scale: picture.Scale | None
    spark: Spark | None


@dataclass(frozen=True, slots=True)
class Item:
    """A typed reading in the queue. css: of the tag that says what was found of it."""

    entry: Entry
    url: str
    registers: tuple[Register, ...]
    tag: str
    css: str
    has_photo: bool
    is_late: bool
    is_own: bool


@dataclass(frozen=True, slots=True)
class Part:
    """Readings of one group on the page; count: of all that wait in it."""

    group: Group
    title: str
    count: int
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Tab:
    name: str
    url: str
    count: int
    current: bool


@dataclass(frozen=True, slots=True)
class Listed:
    """total, points, oldest, overdue: of all that waits for the desk and the filters find, whatever
    the tab; what waits for an answer has a tab of its own."""

    parts: tuple[Part, ...]
    tabs: tuple[Tab, ...]
    total: int
    points: int
    overdue: int
    oldest: datetime | None
    earlier: str = ""
    later: str = ""

    @property
    def items(self) -> list[Item]:
        return [item for part in self.parts for item in part.items]

    @property
    def counts(self) -> dict[str, int]:
        """How many wait in each group; all under the empty name."""
        return {tab.name: tab.count for tab in self.tabs}


def listed(found: QuerySet[Entry], asked: Asked, user: User, *, at: datetime) -> Listed:
    """The page of the queue that an address asks for; five queries, however long it is."""
    sent = Q(state=Entry.State.SENT)
    told: dict[str, Any] = found.order_by().aggregate(
        total=Count("pk", filter=sent),
        points=Count("usage_point", distinct=True, filter=sent),
        overdue=Count("pk", filter=sent & Q(sent_at__lte=at - rows.TERM)),
        oldest=Min("sent_at", filter=sent),
        **{group.value: Count("pk", filter=rows.group_of(group)) for group in Group},
    )
    narrowed = found.filter(rows.group_of(Group(asked.group)) if asked.group else sent)
    count = told[asked.group or "total"]
    last = max(1, -(-count // PER_PAGE))
    page = min(asked.page, last)
    first = (page - 1) * PER_PAGE
    entries = list(rows.ranked(narrowed)[first : first + PER_PAGE])
    weighed = weigh(entries, at=at)
    items = [item(one, asked, user, at) for one in weighed]
    groups = [list(Group)[getattr(one.entry, "rank", 0)] for one in weighed]
    parts = [
        Part(
            group, str(words.GROUPS[group]), told[group],
            tuple(one for one, of in zip(items, groups, strict=True) if of == group),
        )
        for group in Group
    ]  # fmt: skip
    tabs = [
        Tab(str(name), asked.address(group=key, page=1, key=None), told[key or "total"],
            key == asked.group)
        for key, name in words.TABS.items()
    ]  # fmt: skip
    return Listed(
        parts=tuple(part for part in parts if part.items),
        tabs=tuple(tabs),
        total=told["total"],
        points=told["points"],
        overdue=told["overdue"],
        oldest=told["oldest"],
        earlier=asked.address(page=page - 1, key=None) if page > 1 else "",
        later=asked.address(page=page + 1, key=None) if page < last else "",
    )


def item(weighed: Weighed, asked: Asked, user: User, at: datetime) -> Item:
    entry = weighed.entry
    photo = getattr(entry, "photo", None)
    tag, css = remark(weighed)
    return Item(
        entry=entry,
        url=asked.address(key=entry.pk),
        registers=tuple(_register(line) for line in weighed.lines) or _bare(entry),
        tag=tag,
        css=css,
        has_photo=photo is not None and photo.removed_at is None,
        is_late=entry.state == Entry.State.SENT and entry.sent_at <= at - rows.TERM,
        is_own=rows.is_own(user, entry),
    )


def remark(weighed: Weighed) -> tuple[str, str]:
    """What is to be said of a reading in two words, and how urgent it is."""
    entry, own = weighed.entry, weighed.own
    if own is not None and (own.is_same_moment or own.is_less):
        return str(words.READ_SINCE_LESS if own.is_less else words.READ_THEN), "bad"
    found: Sequence[str] = [one for doubts in entry.doubts.values() for one in doubts]
    if found:
        worst = next((one for one in found if one in words.GRAVE), found[0])
        return str(words.DOUBTS.get(worst, worst)), "bad" if worst in words.GRAVE else "warn"
    if own is not None:
        return str(words.READ_SINCE), "info"
    if not weighed.lines or all(line.last is None for line in weighed.lines):
        return str(words.FIRST), "info"
    return "", ""


def _register(line: Line) -> Register:
    counted = "—" if line.counted is None else words.amount(line.register, line.counted)
    return Register(
        zone=words.zone(line.register),
        shown=words.amount(line.register, line.shown),
        counted=counted,
        is_outside=any(one != Doubt.ROLLED for one in line.doubts),
        scale=picture.scale(line),
        spark=picture.sparkline(line),
    )


def _bare(entry: Entry) -> tuple[Register, ...]:
    """Where the meter did not stand there when it was read: only what was typed."""
    return tuple(
        Register(words.zone(int(key)), words.amount(int(key), value), "—", True, None, None)
        for key, value in sorted(entry.shown.items(), key=lambda pair: int(pair[0]))
    )
