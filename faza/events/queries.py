"""Questions about events; what people see is clipped to windows."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from faza.core.periods import Period
from faza.core.windows import Windows
from faza.events import catalogue, rules, store
from faza.events.kinds import Category, Device, Importance, Kind, Pair
from faza.events.models import SystemEvent
from faza.metering import rules as metering_rules
from faza.metering.many import many
from faza.metering.models import UsagePoint

SEAL_LASTS = timedelta(days=1)
"""How long an opened cover casts doubt where no seal is set again. A choice of ours: the meter does
not tell when it was closed, and measuring need not have been touched."""
LOOK_AHEAD = timedelta(days=31)
"""So far the end of a state is looked for."""
_ZERO = timedelta()


@dataclass(frozen=True, slots=True)
class Filter:
    """Which events; an empty set is any. `text` is looked for in the words, whatever the case."""

    categories: Collection[Category] = ()
    importances: Collection[Importance] = ()
    devices: Collection[Device] = ()
    text: str = ""

    def lets(self, kind: Kind) -> bool:
        return (
            (not self.categories or kind.category in self.categories)
            and (not self.importances or kind.importance in self.importances)
            and (not self.devices or kind.device in self.devices)
            and self.text.casefold() in str(kind.words).casefold()
        )


ALL = Filter()


@dataclass(frozen=True, slots=True)
class Event:
    """An event as people read it. lasted: until what ended it; None where it has no length.

    recorded_at: when it was received. goes_on: it began a state of which no end is known, though
    the reader would see it; told only where it is asked for.
    """

    usage_point: int
    meter: int
    at: datetime
    kind: Kind
    details: Mapping[str, Any]
    recorded_at: datetime
    lasted: timedelta | None = None
    goes_on: bool = False


@dataclass(frozen=True, slots=True)
class Counts:
    """How many events; days are the points' own, each with its importances."""

    total: int
    by_category: Mapping[Category, int]
    by_importance: Mapping[Importance, int]
    by_device: Mapping[Device, int]
    by_day: Mapping[date, Mapping[Importance, int]]


@dataclass(frozen=True, slots=True)
class Doubt:
    """From when to when the readings of a meter are not to be trusted, and what began it."""

    meter: int
    period: Period
    kind: Kind


def counts(windows: Windows, period: Period, only: Filter = ALL) -> Counts:
    """How many events of windows lie in a period, by all that they can be sorted by. One query."""
    zones = sorted({window.zone for window in windows})
    category: dict[Category, int] = defaultdict(int)
    importance: dict[Importance, int] = defaultdict(int)
    device: dict[Device, int] = defaultdict(int)
    days: dict[date, dict[Importance, int]] = defaultdict(lambda: defaultdict(int))
    total = 0
    for zone, bucket, journal, code, n in store.counted(keys_of(windows, period, zones)):
        kind = catalogue.find(journal, code)
        if not only.lets(kind):
            continue
        moment = datetime.fromtimestamp(bucket * store.BUCKET, ZoneInfo(zones[zone]))
        total += n
        category[kind.category] += n
        importance[kind.importance] += n
        device[kind.device] += n
        days[moment.date()][kind.importance] += n
    by_day = {day: dict(days[day]) for day in sorted(days)}
    return Counts(total, dict(category), dict(importance), dict(device), by_day)


def events(
    windows: Windows, period: Period, only: Filter = ALL, *, limit: int, offset: int = 0
) -> list[Event]:
    """Events of windows in a period, the newest first, with how long they lasted. Three queries."""
    keys = keys_of(windows, period)
    pairs = [pair for pair in store.present(keys) if only.lets(catalogue.find(*pair))]
    return of_kinds(windows, period, pairs, limit=limit, offset=offset)


def come_since(windows: Windows, since: datetime, *, at: datetime, most: int) -> int:
    """How many events of windows have been recorded since a moment, counted up to `most`.

    Of those that happened LOOK_AHEAD before it at most: what is older was forgotten by a meter
    and not seen by anybody. One query.
    """
    keys = keys_of(windows, Period(since - LOOK_AHEAD, at))
    return store.come(keys, since, most) if keys else 0


def of_kinds(
    windows: Windows, period: Period, pairs: Sequence[Pair], *, limit: int, offset: int = 0,
    at: datetime | None = None,
) -> list[Event]:  # fmt: skip
    """The same of kinds that are known to be there. Two queries.

    at: now, to tell what still goes on.
    """
    if not pairs:
        return []
    keys = keys_of(windows, period)
    rows = store.listed(keys, pairs=pairs, limit=limit, offset=offset)
    found = [
        Event(
            usage_point=point,
            meter=meter,
            at=datetime.fromtimestamp(moment, UTC),
            kind=catalogue.find(journal, code),
            details=json.loads(details),
            recorded_at=datetime.fromtimestamp(recorded, UTC),
        )
        for moment, point, meter, journal, code, _number, details, recorded in rows
    ]
    return _with_lengths(found, windows, at)


def _with_lengths(found: list[Event], windows: Windows, at: datetime | None) -> list[Event]:
    """Events that begin a state, with the time to what ends it, as far as the windows show it."""
    begun = [one for one in found if catalogue.closers(one.kind.journal, one.kind.code)]
    if not begun:
        return found
    first, last = min(one.at for one in begun), max(one.at for one in begun)
    ends = sorted(
        {pair for one in begun for pair in catalogue.closers(one.kind.journal, one.kind.code)}
    )
    seen = windows.of_points({one.usage_point for one in begun})
    keys = keys_of(seen, Period(first, last + LOOK_AHEAD))
    closing: dict[tuple[int, int, Pair], list[int]] = defaultdict(list)
    limit = 100 * len(begun) + 10_000
    for moment, point, meter, journal, code, *_ in store.listed(keys, pairs=ends, limit=limit):
        closing[point, meter, (journal, code)].append(moment)
    # Who no longer reads a point would not see the end; what is long past is not looked for.
    seen_now = {w.usage_point for w in seen if at is not None and w.period.end >= at}
    return [
        _lasting(
            one, closing,
            sees_end=one.usage_point in seen_now and at is not None and one.at >= at - LOOK_AHEAD,
        )
        for one in found
    ]  # fmt: skip


def _lasting(
    one: Event, closing: Mapping[tuple[int, int, Pair], list[int]], *, sees_end: bool
) -> Event:  # fmt: skip
    closers = catalogue.closers(one.kind.journal, one.kind.code)
    if not closers:
        return one
    moment = int(one.at.timestamp())
    after = [
        end - moment
        for pair in closers
        for end in closing.get((one.usage_point, one.meter, pair), ())
        if end >= moment
    ]
    if not after:
        return replace(one, goes_on=sees_end)
    return replace(one, lasted=timedelta(seconds=min(after)))


def doubtful_stretches(points: Collection[int], period: Period) -> dict[int, list[Doubt]]:
    """When readings of points are not to be trusted, within a period, by point. One query.

    From a magnetic or radio field, and from a failure of the meter, to what ended it, or to the
    end of the period; from an opened cover to when the seals were set, SEAL_LASTS at most. What
    began before the period counts in it. Points without any are absent. A meter's stretches are
    those of its own readings: compare `Doubt.meter`.
    """
    until = int(period.end.timestamp())
    told: dict[tuple[int, int], list[tuple[int, Pair]]] = defaultdict(list)
    if points:
        for point, meter, moment, journal, code in store.doubted(sorted(points), until):
            told[point, meter].append((moment, (journal, code)))
    ends = {pair: catalogue.closers(*pair) for pair in catalogue.doubting()}
    longest = {
        pair: int(SEAL_LASTS.total_seconds())
        for pair in ends
        if catalogue.find(*pair).warns == catalogue.Warns.SEAL
    }
    found: dict[int, list[Doubt]] = defaultdict(list)
    for (point, meter), several in told.items():
        for start, end, pair in rules.stretches(several, ends, until, longest):
            whole = Period(datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(end, UTC))
            inside = whole.intersect(period)
            if inside:
                found[point].append(Doubt(meter, inside, catalogue.find(*pair)))
    return dict(found)


def system_events(
    windows: Windows, period: Period, paths: Mapping[int, str] | None = None
) -> list[SystemEvent]:
    """Events of devices that serve points of windows, while those were open, the newest first.

    A device serves the points at its node and below. paths: of the points' nodes, where they are
    known. Two queries, or one with the paths.
    """
    # Thousands of windows have few periods and places: each of both is looked at once.
    where: dict[Period, set[int]] = defaultdict(set)
    before: Period | None = None
    among: set[int] | None = None
    for point, _zone, period_ in windows:
        if period_ is not before:
            before, inside = period_, period_.intersect(period)
            among = where[inside] if inside else None
        if among is not None:
            among.add(point)
    if paths is None:
        points = {point for several in where.values() for point in several}
        rows_ = UsagePoint.objects.filter(id__in=many(points))
        paths = dict(rows_.values_list("id", "node__path"))
    open_on: dict[str, set[Period]] = defaultdict(set)
    for within, several in where.items():
        for path in {paths[point] for point in several}:
            open_on[path].add(within)
    open_at: dict[int, set[Period]] = defaultdict(set)
    for path, periods in open_on.items():
        for node in metering_rules.chain(path):
            open_at[node] |= periods
    rows = SystemEvent.objects.within(period).filter(node__in=list(open_at)).newest()
    rows = rows.select_related("node")
    return [row for row in rows if any(row.at in one for one in open_at[row.node_id or 0])]


def keys_of(
    windows: Windows, period: Period, zones: list[str] | None = None
) -> list[tuple[int, int, int, int]]:
    """Windows in a period as the store takes them; whole seconds."""
    number = {zone: place for place, zone in enumerate(zones or ())}
    first, end = _second(period.start), _second(period.end)
    found = []
    # Thousands of windows have few periods, the very same of many that follow one another: each
    # stretch of them is turned into seconds once.
    before: Period | None = None
    low = high = 0
    for point, zone, period_ in windows:
        if period_ is not before:
            before = period_
            low, high = max(_second(before.start), first), min(_second(before.end), end)
        if low < high:
            found.append((number.get(zone, 0), point, low, high))
    return found


def _second(moment: datetime) -> int:
    """Unix seconds, up: events lie at whole ones, so that a half-open end keeps its meaning."""
    whole, rest = divmod(moment - datetime(1970, 1, 1, tzinfo=UTC), timedelta(seconds=1))
    return whole + (rest > _ZERO)
