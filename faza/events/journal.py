"""The journal as its page shows it: what happened at points and at the devices above them.

Days are civil days of one zone, the page's. However many points there are, statistics are one
query and a page of the list two; devices that serve many points take two more.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from faza.core.periods import Period, start_of_day
from faza.core.windows import Windows
from faza.events import catalogue, queries, store
from faza.events.kinds import Category, Device, Importance, Kind
from faza.events.queries import Filter

EPOCH = date(1970, 1, 1)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Line:
    """An event of the list; of a device above points `usage_point` is 0 and `name` its own.

    lasted: until what ended it. goes_on: it began a state of which no end is known yet.
    """

    at: datetime
    kind: Kind
    details: Mapping[str, Any]
    recorded_at: datetime
    usage_point: int = 0
    meter: int = 0
    device: Device = Device.METER
    name: str = ""
    place: str = ""
    lasted: timedelta | None = None
    goes_on: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """So many events of a kind on a civil day."""

    day: date
    kind: Kind
    device: Device
    count: int


@dataclass(frozen=True, slots=True)
class Tally:
    """All events of a period by kinds and days; those of devices above points are here whole."""

    groups: tuple[Group, ...]
    above: tuple[Line, ...]
    zone: str

    def total(self, only: Filter = queries.ALL) -> int:
        return sum(group.count for group in self.groups if lets(only, group.kind, group.device))


@dataclass(frozen=True, slots=True)
class Facets:
    """How many events pass a filter, and how many would with another value of one part of it.

    Of `categories`, `importances` and `devices` each is counted without its own part of the
    filter; `days` are with all of it.
    """

    total: int
    categories: Mapping[Category, int]
    importances: Mapping[Importance, int]
    devices: Mapping[Device, int]
    days: Mapping[date, Mapping[Importance, int]]


def lets(only: Filter, kind: Kind, device: Device) -> bool:
    """Whether a filter lets a kind of event of a device through."""
    return all(_passed(only, kind, device, str(kind.words)))


def _passed(only: Filter, kind: Kind, device: Device, words: str) -> tuple[bool, bool, bool, bool]:
    """By category, importance, device, text."""
    return (
        not only.categories or kind.category in only.categories,
        not only.importances or kind.importance in only.importances,
        not only.devices or device in only.devices,
        not only.text
        or only.text.casefold() in f"{words} {kind.category.label} {device.label}".casefold(),
    )


Daily = Sequence[tuple[int, int, int, int]]
"""(day since 1970, journal, code, count): plain numbers, so that they can be remembered."""


def daily(windows: Windows, period: Period, zone: str) -> Daily:
    """How many events of a kind the points have on each civil day of a zone. One query."""
    return store.daily(list(_keys(windows, period, zone)))


def tally(
    windows: Windows, period: Period, zone: str, paths: Mapping[int, str] | None = None,
    known: Daily | None = None,
) -> Tally:  # fmt: skip
    """What happened in a period, by days of a zone. Three queries; two with the points' paths.

    known: what `daily` says of the same, where it is remembered; one query less.
    """
    counted: dict[tuple[int, Kind], int] = defaultdict(int)
    for day, journal, code, n in daily(windows, period, zone) if known is None else known:
        counted[day, catalogue.find(journal, code)] += n
    groups = [Group(EPOCH + day * DAY, kind, kind.device, n) for (day, kind), n in counted.items()]
    above = _above(windows, period, paths)
    tz = ZoneInfo(zone)
    groups += [Group(one.at.astimezone(tz).date(), one.kind, one.device, 1) for one in above]
    return Tally(tuple(groups), above, zone)


def facets(groups: Iterable[Group], only: Filter) -> Facets:
    """The counts beside the filters and under the picture."""
    total = 0
    categories: dict[Category, int] = defaultdict(int)
    importances: dict[Importance, int] = defaultdict(int)
    devices: dict[Device, int] = defaultdict(int)
    days: dict[date, dict[Importance, int]] = defaultdict(lambda: defaultdict(int))
    passed: dict[tuple[Kind, Device], tuple[bool, bool, bool, bool]] = {}
    for one in groups:
        key = one.kind, one.device
        if key not in passed:
            passed[key] = _passed(only, one.kind, one.device, str(one.kind.words))
        by_category, by_importance, by_device, by_text = passed[key]
        if by_importance and by_device and by_text:
            categories[one.kind.category] += one.count
        if by_category and by_device and by_text:
            importances[one.kind.importance] += one.count
        if by_category and by_importance and by_text:
            devices[one.device] += one.count
        if all(passed[key]):
            total += one.count
            days[one.day][one.kind.importance] += one.count
    by_day = {day: dict(days[day]) for day in sorted(days)}
    return Facets(total, dict(categories), dict(importances), dict(devices), by_day)


def lines(
    windows: Windows, found: Tally, only: Filter, *, limit: int, offset: int = 0, at: datetime
) -> list[Line]:
    """A page of events, the newest first. Two queries, of the days that the page is about."""
    days: dict[date, int] = defaultdict(int)
    kinds: set[Kind] = set()
    for group in found.groups:
        if lets(only, group.kind, group.device):
            days[group.day] += group.count
            kinds.add(group.kind)
    if (span := _days_of(days, offset, limit)) is None:
        return []
    first, last, skipped = span
    period = Period(start_of_day(first, found.zone), start_of_day(last + DAY, found.zone))
    above = [one for one in found.above if one.at in period and lets(only, one.kind, one.device)]
    pairs = sorted((kind.journal, kind.code) for kind in kinds)
    most = offset - skipped + limit
    told = queries.of_kinds(windows, period, pairs, limit=most, at=at)
    merged = heapq.merge(
        (
            Line(
                one.at, one.kind, one.details, one.recorded_at, one.usage_point, one.meter,
                one.kind.device, lasted=one.lasted, goes_on=one.goes_on,
            )
            for one in told
        ),
        above,
        key=lambda line: line.at,
        reverse=True,
    )  # fmt: skip
    return list(merged)[offset - skipped : most]


def _days_of(counts: Mapping[date, int], offset: int, limit: int) -> tuple[date, date, int] | None:
    """First and last day of a page of the newest, and how many events come after the last one."""
    before, last, skipped = 0, None, 0
    for day in sorted(counts, reverse=True):
        after = before + counts[day]
        if last is None and after > offset:
            last, skipped = day, before
        if last is not None and after >= offset + limit:
            return day, last, skipped
        before = after
    return (min(counts), last, skipped) if last is not None else None


def _keys(windows: Windows, period: Period, zone: str) -> Iterator[tuple[int, int, int, int]]:
    """Windows in a period, cut where the zone's clock changes; led by its offset in seconds."""
    for offset, stretch in _offsets(period, zone):
        for _, point, low, high in queries.keys_of(windows, stretch):
            yield offset, point, low, high


def _offsets(period: Period, zone: str) -> Iterator[tuple[int, Period]]:
    """The offsets of a zone over a period, each with the stretch it holds for."""
    tz = ZoneInfo(zone)
    since, moment = period.start, period.start
    while moment < period.end:
        after = min(moment + DAY, period.end)
        if _offset(after, tz) != (before := _offset(moment, tz)):
            changed = _change(moment, after, tz)
            yield before, Period(since, changed)
            since = after = changed
        moment = after
    if since < period.end:
        yield _offset(since, tz), Period(since, period.end)


def _change(low: datetime, high: datetime, tz: ZoneInfo) -> datetime:
    """The first second of the offset that holds at `high`, when another holds at `low`."""
    wanted = _offset(high, tz)
    while high - low > timedelta(seconds=1):
        middle = (low + (high - low) / 2).replace(microsecond=0)
        if _offset(middle, tz) == wanted:
            high = middle
        else:
            low = middle
    return high


def _offset(moment: datetime, tz: ZoneInfo) -> int:
    shift = moment.astimezone(tz).utcoffset()
    assert shift is not None
    return int(shift.total_seconds())


def _above(windows: Windows, period: Period, paths: Mapping[int, str] | None) -> tuple[Line, ...]:
    """Events of devices that serve points of the windows, while those were open, newest first."""
    rows = queries.system_events(windows, period, paths)
    found = [
        Line(
            row.at, catalogue.find(row.journal, row.code), row.details, row.recorded_at,
            device=Device(row.device), name=row.device_name,
            place=row.node.name if row.node else "",
        )
        for row in rows
    ]  # fmt: skip
    return tuple(_with_ends(found))


def _with_ends(newest_first: Sequence[Line]) -> Iterator[Line]:
    """Lines with their lengths, as far as what ended them is among them."""
    ended: dict[tuple[str, int, int], datetime] = {}
    made = []
    for one in newest_first:
        end = ended.get((one.name, one.kind.journal, one.kind.code))
        made.append(one if end is None else replace(one, lasted=end - one.at))
        for journal, code in one.kind.closes:
            ended[one.name, journal, code] = one.at
    yield from made


__all__ = ["Daily", "Facets", "Group", "Line", "Tally", "daily", "facets", "lets", "lines", "tally"]
