"""The balance of one place as its page shows it: the sum, its course, its points, what stands out.

Some thirty queries, however many points a balance has.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from math import isfinite

import numpy as np

from faza.accounts.models import User
from faza.core.periods import start_of_day
from faza.core.windows import Windows
from faza.desk.balances import reach
from faza.desk.balances.asked import ONE_DAY, SUSPICION, VOLUME, Asked, month_of
from faza.desk.balances.reach import Named
from faza.metering.balances import Accuracy, Scheme, scheme_at
from faza.metering.models import NetworkNode
from faza.readings.balances import accuracy, queries
from faza.readings.balances.queries import Told, classes_of
from faza.readings.balances.reckoning import I64, Balances, Mask, Parts
from faza.readings.balances.suspicion import WEEK, WEEKS, Suspicion, suspect
from faza.readings.queries import By

BACK = timedelta(days=WEEK * WEEKS)
"""So many days before are looked at for what is usual."""
MOST_UNPACKED = 40_000
"""Days of channels of a year's picture that are looked at by the hour; beyond it by whole days."""

STRONG, NOTABLE = 0.6, 0.35
"""From these on a correlation is red and amber."""


@dataclass(frozen=True, slots=True)
class Sum:
    """A balance in kWh and percent; None where it is not told.

    share, estimated: percent of the hours that are known at all points, of the intervals that
    nobody measured. counted: any hour is known; counts: enough of them to judge. over: it is
    judged and beyond permitted.
    """

    received: Decimal
    released: Decimal
    losses: Decimal
    imbalance: Decimal
    percent: float | None
    permitted: float | None
    share: float | None
    estimated: float | None
    counted: bool
    counts: bool
    over: bool

    @property
    def losses_percent(self) -> Decimal | None:
        return 100 * self.losses / self.received if self.received > 0 else None


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of the picture. state: ok, over, unknown (not judged), coming."""

    start: datetime
    sum: Sum
    state: str


@dataclass(frozen=True, slots=True)
class Line:
    """A point of a balance. forth, back: kWh in the balance's direction and against it.

    name: None for a point of another area. error, weight: δ and d of the permitted imbalance, in
    percent. change: of the usual, 1 is 100 %. since: the day from which its share is another one,
    turn: by how much of it. days: its energy by day, Wh, None where a day is not whole.
    """

    point: Named | None
    plate: Accuracy | None
    is_reversed: bool
    forth: Decimal
    back: Decimal
    complete: float
    error: float
    is_told: bool
    weight: float | None
    change: float | None = None
    correlation: float | None = None
    since: date | None = None
    turn: float = 0.0
    days: tuple[float | None, ...] = ()

    @property
    def change_percent(self) -> float | None:
        return None if self.change is None else 100 * self.change

    @property
    def tone(self) -> str:
        """How loud the correlation is: bad, warn or nothing."""
        told = abs(self.correlation or 0)
        return "bad" if told >= STRONG else "warn" if told >= NOTABLE else ""

    @property
    def strength(self) -> str:
        """The correlation as a width in hundredths."""
        return f"{100 * abs(self.correlation or 0):.0f}"


@dataclass(frozen=True, slots=True)
class Shown:
    """All that the page of a place's balance tells."""

    node: NetworkNode
    asked: Asked
    zone: str
    scheme: Scheme
    since: date | None
    """The group began within the period: it is told from this day on."""
    sum: Sum
    bars: tuple[Bar, ...]
    streak: int
    """So many days up to the last one are beyond permitted; all that were looked at, or more."""
    is_longer: bool
    usual: float | None
    """The median imbalance of the days before those, percent."""
    inward: tuple[Line, ...]
    outward: tuple[Line, ...]
    losses: tuple[tuple[str, Decimal], ...]
    hidden: int
    by_days: bool
    """The picture counts whole days only."""

    @property
    def lines(self) -> tuple[Line, ...]:
        return self.inward + self.outward


def needed(asked: Asked) -> tuple[date, date]:
    """The civil days [first, end) that a page looks at, those of its picture included."""
    first, end = asked.drawn
    return min(first, asked.first, asked.last - BACK), max(end, asked.end)


def shown(
    user: User, node: NetworkNode, asked: Asked, held: Sequence[Scheme], *, at: datetime
) -> Shown | None:
    """The balance of a place; None where nothing says what it is made of in that period."""
    below = NetworkNode.objects.below(node)
    windows = reach.windows_of(user, held, below, at=at)
    zone = reach.zone_of(windows, held)
    last, until = start_of_day(asked.last, zone), reach.counted_until(asked, zone, at)
    scheme = scheme_at(held, last)
    if scheme is None:
        return None
    drawn = asked.drawn
    first, end = min(asked.first, asked.last - BACK), asked.end
    if asked.by != "month":
        first, end = min(first, drawn[0]), max(end, drawn[1])
    told = queries.told_of(windows, held, first, end, zone, "hour", until=until)
    whole, parts = queries.balance(told, scheme, *_steps(told, [asked.first, asked.end]))
    days = [first + ONE_DAY * n for n in range((end - first).days + 1)]
    by_day = queries.series(told, held, *_steps(told, days))
    picture, bars, by_days = told, drawn, False
    if asked.by == "month":
        picture, by_days = _year(windows, held, drawn, zone, until)
    since = scheme.period.start
    streak, usual = _course(by_day, (asked.last - first).days)
    inward, outward = _lines(told, scheme, windows, parts, whole, by_day, first, asked)
    return Shown(
        node=node,
        asked=asked,
        zone=zone,
        scheme=scheme,
        since=since.date() if since > start_of_day(asked.first, zone) else None,
        sum=sums(whole)[0],
        bars=_bars(picture, held, asked.by, bars),
        streak=streak,
        is_longer=streak > (asked.last - first).days,
        usual=usual,
        inward=inward,
        outward=outward,
        hidden=sum(point not in windows.points for point in scheme.points),
        losses=tuple(
            (loss.name, kwh(int(told_of[0])))
            for loss, told_of in zip(scheme.losses, parts.losses, strict=True)
        ),
        by_days=by_days,
    )


def _year(
    windows: Windows, held: Sequence[Scheme], drawn: tuple[date, date], zone: str, until: datetime
) -> tuple[Told, bool]:
    """The energy of a year, and whether by whole days only."""
    channels = 2 * len(windows.points) * (drawn[1] - drawn[0]).days
    by_days = channels > MOST_UNPACKED
    by: By = "day" if by_days else "hour"
    return queries.told_of(windows, held, *drawn, zone, by, until=until), by_days


def _steps(told: Told, edges: Sequence[date]) -> tuple[I64, I64]:
    """Where stretches between civil days begin and end among the steps."""
    steps = np.array([told.step(start_of_day(day, told.zone)) for day in edges], np.int64)
    return steps[:-1], steps[1:]


def _bars(told: Told, held: Sequence[Scheme], by: str, drawn: tuple[date, date]) -> tuple[Bar, ...]:
    """The picture's stretches over the civil days [first, end)."""
    first, end = drawn
    if by == "hour":
        low, high = (told.step(start_of_day(day, told.zone)) for day in drawn)
        starts, ends = np.arange(low, high), np.arange(low + 1, high + 1)
    elif by == "day":
        starts, ends = _steps(told, [first + ONE_DAY * n for n in range((end - first).days + 1)])
    else:
        months, day = [first], first
        while day < end:
            day = month_of(day, back=-1)
            months.append(day)
        starts, ends = _steps(told, months)
    found = queries.series(told, held, starts, ends)
    # A day that has only begun is not judged: its hours of the night are not a day.
    begun = ~told.flows.arrived[np.maximum(ends - 1, 0)]
    made = []
    for place, one in enumerate(sums(found)):
        state = "over" if one.over else "ok" if one.counts else "unknown"
        if begun[place] and (by != "month" or not found.expected[place]):
            state = "coming"
        start = datetime.fromtimestamp(int(told.flows.starts[starts[place]]), UTC)
        made.append(Bar(start, one, state))
    return tuple(made)


def kwh(wh: int) -> Decimal:
    return Decimal(wh) / 1000


def sums(told: Balances) -> list[Sum]:
    """Balances as a page writes them."""

    def number(value: float) -> float | None:
        return value if isfinite(value) else None

    return [
        Sum(
            received=kwh(int(told.received[n])),
            released=kwh(int(told.released[n])),
            losses=kwh(int(told.losses[n])),
            imbalance=kwh(int(told.imbalance[n])),
            percent=number(float(told.percent[n])),
            permitted=number(float(told.permitted[n])),
            share=number(100 * float(told.share[n])),
            estimated=number(100 * float(told.estimated_share[n])),
            counted=bool(told.counted[n]),
            counts=bool(told.counts[n]),
            over=bool(told.is_over[n]),
        )
        for n in range(len(told.received))
    ]


def _course(by_day: Balances, last: int) -> tuple[int, float | None]:
    """For how many days up to the last one it has been too much, and what it was before."""
    streak = 0
    while streak <= last and by_day.is_over[last - streak]:
        streak += 1
    before = slice(0, max(0, last + 1 - streak))
    calm = by_day.percent[before][by_day.counts[before]]
    return streak, float(np.median(calm)) if len(calm) else None


def _lines(
    told: Told, scheme: Scheme, windows: Windows, parts: Parts, whole: Balances,
    by_day: Balances, first: date, asked: Asked,
) -> tuple[tuple[Line, ...], tuple[Line, ...]]:  # fmt: skip
    names = reach.names_of(windows)
    n_in, last = len(scheme.sides.inward), (asked.last - first).days
    energy, complete = _daily(told, scheme, first, last + 1)
    upto = slice(0, last + 1)
    suspicion = suspect(
        energy[n_in:], complete[n_in:], by_day.received[upto], by_day.percent[upto],
        by_day.counts[upto], last,
    )  # fmt: skip
    made = [
        _line(row, scheme, told, names, parts, whole, asked) for row in range(len(scheme.points))
    ]
    outward = [
        _suspected(line, row, suspicion, energy[n_in + row], complete[n_in + row], first)
        for row, line in enumerate(made[n_in:])
    ]
    return tuple(made[:n_in]), tuple(outward[row] for row in _order(outward, suspicion, asked))


def _order(lines: Sequence[Line], suspicion: Suspicion, asked: Asked) -> list[int]:
    rows = list(range(len(lines)))
    if asked.order == SUSPICION:
        return suspicion.order()
    return sorted(rows, key=lambda row: -lines[row].forth) if asked.order == VOLUME else rows


def _daily(told: Told, scheme: Scheme, first: date, days: int) -> tuple[I64, Mask]:
    """(m, d) energy of each point in the balance's direction by day, and whether it is whole."""
    starts, ends = _steps(told, [first + ONE_DAY * n for n in range(days + 1)])
    mine = told.flows.of(scheme.points)
    turned = np.array([point in scheme.reverse for point in scheme.points], bool)[:, None]
    running = np.cumsum(np.where(turned, mine.minus, mine.plus), axis=1)
    known = np.cumsum(mine.known & mine.arrived, axis=1, dtype=np.int64)

    def between(sums: I64) -> I64:
        padded = np.pad(sums, ((0, 0), (1, 0)))
        found: I64 = padded[:, ends] - padded[:, starts]
        return found

    return between(running), between(known) == (ends - starts)


def _line(
    row: int, scheme: Scheme, told: Told, names: dict[int, Named], parts: Parts,
    whole: Balances, asked: Asked,
) -> Line:  # fmt: skip
    point = scheme.points[row]
    plate = told.plates.get(point)
    classes = classes_of(plate)
    forth, back = int(parts.forth[row, 0]), int(parts.back[row, 0])
    received = int(whole.received[0])
    return Line(
        point=names.get(point),
        plate=plate if point in names else None,
        is_reversed=point in scheme.reverse,
        forth=kwh(forth),
        back=kwh(back),
        complete=100 * float(parts.complete[row, 0]),
        error=accuracy.error_of(classes, accuracy.method_on(asked.last)),
        is_told=classes.is_told,
        weight=100 * (forth + back) / received if received > 0 else None,
    )


def _suspected(
    line: Line, row: int, found: Suspicion, energy: I64, complete: Mask, first: date
) -> Line:
    def number(value: float) -> float | None:
        return value if isfinite(value) else None

    since = int(found.since[row])
    days = [
        float(value) if is_whole else None
        for value, is_whole in zip(energy.tolist(), complete.tolist(), strict=True)
    ]
    return replace(
        line,
        change=number(float(found.change[row])),
        correlation=number(float(found.correlation[row])),
        since=first + timedelta(days=since) if since >= 0 else None,
        turn=float(found.turn[row]),
        days=tuple(days[-WEEK * WEEKS :]),
    )
