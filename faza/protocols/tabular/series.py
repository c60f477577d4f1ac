"""Told values in any order to regular series."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from faza.core.periods import INTERVALS, start_of_day
from faza.core.quality import U8, Quality
from faza.core.reading_types import ReadingType
from faza.core.units import I64
from faza.protocols import numbers
from faza.protocols.numbers import Parsed, State
from faza.protocols.problems import Note, Problems, TooLarge
from faza.protocols.tabular import moments
from faza.protocols.tabular.moments import ABSENT, Stamps
from faza.protocols.tabular.values import Options, Series
from faza.protocols.tabular.values import Stamps as Stamped
from faza.protocols.tabular.words import Unit

I32 = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]

GAP = 31 * 86_400
"""Seconds: a longer gap parts a series in two, so that one wrong year fills no memory."""
CELLS = 64 * 2**20
"""Intervals of all series of a file together, gaps included."""


@dataclass(frozen=True, slots=True)
class Key:
    """Whose series, of what, in which unit of the file."""

    point: str
    kind: ReadingType
    unit: Unit | None

    def title(self) -> str:
        return f"{self.point}/{self.kind.channel}"


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """Values as a file tells them, shape (n,), in its order.

    keys: index into the file's keys. stamps: moments. spans: minutes from a row's start to
    its end, 0 where not told. quality: where the value is a number. lines: of the file.
    """

    keys: I64
    stamps: Stamps
    spans: I32
    parsed: Parsed
    quality: U8
    lines: I32


@dataclass(slots=True)
class Builder:
    """Collects what is told and makes series of it."""

    options: Options
    problems: Problems
    notes: list[Note]
    keys: dict[Key, int] = field(default_factory=dict)
    parts: list[Told] = field(default_factory=list)

    def key(self, key: Key) -> int:
        return self.keys.setdefault(key, len(self.keys))

    def add(self, told: Told) -> None:
        self.parts.append(told)

    def series(self, stamped: Stamped | None) -> tuple[Series, ...]:
        """All series; `stamped` is what the header says of the moments, None if nothing."""
        if not self.parts:
            return ()
        told = _rolled(_joined(self.parts))
        self.parts.clear()
        utc = moments.to_utc(told.stamps, self.options.zone, told.keys)
        told, utc = self._existing(told, utc)
        if not len(utc):
            return ()
        order = np.lexsort((utc, told.keys))
        steps = self._steps(told, utc, order)
        stamped = self._stamped(stamped, told, utc, order, steps)
        if stamped == "end":
            utc = utc - steps[told.keys]
            order = np.lexsort((utc, told.keys))
        bounds = np.flatnonzero(np.diff(told.keys[order], prepend=-1))
        names = list(self.keys)
        self._room(utc, order, steps, told.keys)
        series: list[Series] = []
        for rows in np.split(order, bounds[1:]):
            number = int(told.keys[rows[0]])
            series += self._of_key(names[number], told, utc, rows, int(steps[number]))
        rounded = sum(s.rounded for s in series)
        if rounded:
            text = f"{rounded} values were finer than the quantum; the remainder was carried on."
            self.notes.append(Note("rounded", str(rounded), text))
        return tuple(series)

    def _existing(self, told: Told, utc: I64) -> tuple[Told, I64]:
        """Without values at wall times that never were; a problem where one is not zero."""
        absent = utc == ABSENT
        if not absent.any():
            return told, utc
        names = list(self.keys)
        for n in np.flatnonzero(absent & (told.parsed.mantissa != 0)).tolist():
            wall = moments.aware(int(told.stamps.seconds[n]))
            self.problems.add(
                "moment-absent",
                f"{names[int(told.keys[n])].title()}: {wall:%Y-%m-%d %H:%M} is skipped by the "
                f"clocks of {self.options.zone}.",
                line=int(told.lines[n]),
            )
        return _taken(told, ~absent), utc[~absent]

    # Interval and stamps

    def _steps(self, told: Told, utc: I64, order: I64) -> I64:
        """Seconds of an interval for each key: told, else the most usual distance."""
        if self.options.interval:
            return np.full(len(self.keys), self.options.interval * 60, np.int64)
        steps = np.zeros(len(self.keys), np.int64)
        keys, times = told.keys[order], utc[order]
        distance = np.diff(times)
        within = (np.diff(keys) == 0) & np.isin(distance, np.array(INTERVALS) * 60)
        pairs = keys[1:][within] * moments.DAY + distance[within]
        spans = told.spans > 0
        if spans.any():
            # What a row tells by its own end outweighs distances between rows.
            pairs = told.keys[spans] * moments.DAY + told.spans[spans] * 60
        found, counts = np.unique(pairs, return_counts=True)
        for n in np.argsort(counts, kind="stable").tolist():
            steps[found[n] // moments.DAY] = found[n] % moments.DAY
        if (steps == 0).any():
            usual = int(found[np.argmax(counts)] % moments.DAY) if len(found) else 30 * 60
            text = f"Series too short to tell their interval are read as of {usual // 60} minutes."
            self.notes.append(Note("interval", str(usual // 60), text))
            steps[steps == 0] = usual
        return steps

    def _stamped(
        self, stamped: Stamped | None, told: Told, utc: I64, order: I64, steps: I64
    ) -> Stamped:
        """Whether moments are starts or ends of intervals; a note says why."""
        why = "as the header says"
        if self.options.stamped is not None:
            stamped, why = self.options.stamped, "as was asked"
        elif stamped is None:
            stamped = _by_midnight(told, utc, order, steps, self.options.zone)
            why = "as the days begin"
        if stamped is None:
            stamped, why = self.options.stamped_default, "by default: the file does not tell"
        text = f"Moments are the {stamped}s of intervals, {why}."
        self.notes.append(Note("stamped", stamped, text))
        return stamped

    # One series

    def _local(self, second: int) -> str:
        """A moment by the clocks of the file's zone."""
        return str(moments.aware(second).astimezone(ZoneInfo(self.options.zone)))

    def _room(self, utc: I64, order: I64, steps: I64, keys: I64) -> None:
        distance = np.diff(utc[order])
        inside = (np.diff(keys[order]) == 0) & (distance <= GAP)
        cells = int((distance[inside] // steps[keys[order][1:][inside]]).sum()) + len(self.keys)
        if cells > CELLS:
            raise TooLarge(
                f"The series have {cells} intervals, gaps included; the limit is {CELLS}.",
                code="cells",
            )

    def _of_key(self, key: Key, told: Told, utc: I64, rows: I64, step: int) -> list[Series]:
        """The series of one key; `rows` are its values in order of time, then of the file."""
        rows = self._on_grid(key, told, utc, rows, step)
        scale = scale_of(key, step // 60)
        rows, present = self._sound(key, told, rows, scale)
        rows, present = self._once(key, told, utc, rows, present)
        times = utc[rows]
        cuts = np.flatnonzero(np.diff(times) > GAP) + 1
        return [
            self._regular(key, told, utc, part, mask, step, scale)
            for part, mask in zip(np.split(rows, cuts), np.split(present, cuts), strict=True)
            if len(part)
        ]

    def _on_grid(self, key: Key, told: Told, utc: I64, rows: I64, step: int) -> I64:
        phases, counts = np.unique(utc[rows] % step, return_counts=True)
        good = utc[rows] % step == phases[np.argmax(counts)]
        good &= (told.spans[rows] == 0) | (told.spans[rows] == step // 60)
        for n in np.sort(rows[~good]).tolist():
            self.problems.add(
                "moment-off-grid",
                f"{key.title()}: {self._local(int(utc[n]))} is no interval "
                f"of {step // 60} minutes in its series.",
                line=int(told.lines[n]),
            )
        kept: I64 = rows[good]
        return kept

    def _sound(self, key: Key, told: Told, rows: I64, scale: Fraction) -> tuple[I64, Bools]:
        """Which values are numbers to keep; bad ones are problems and told to be missing."""
        parsed = told.parsed.take(rows)
        number = parsed.state == State.NUMBER
        negative = number & (parsed.mantissa < 0) & key.kind.additive
        large = number & numbers.too_large(
            parsed, numerator=scale.numerator, denominator=scale.denominator
        )
        for mask, code, reason in (
            (negative, "value-negative", "the value is negative"),
            (large, "value-too-large", "the value is beyond any meter"),
        ):
            for n in np.sort(rows[mask]).tolist():
                text = f"{key.title()}: {reason}; it is taken as missing."
                self.problems.add(code, text, line=int(told.lines[n]))
        return rows, number & ~negative & ~large

    def _once(self, key: Key, told: Told, utc: I64, rows: I64, present: Bools) -> tuple[I64, Bools]:
        """The first value of each moment; a problem where a later one differs."""
        again = np.flatnonzero(np.diff(utc[rows]) == 0) + 1
        if not len(again):
            return rows, present
        first = np.maximum.accumulate(
            np.where(np.isin(np.arange(len(rows)), again), -1, np.arange(len(rows)))
        )
        for at in again.tolist():
            new, old = rows[at], rows[first[at]]
            same = present[at] == present[first[at]] and (
                not present[at] or _equal(told.parsed, int(new), int(old))
            )
            if not same:
                self.problems.add(
                    "moment-repeated",
                    f"{key.title()}: {self._local(int(utc[new]))} has another "
                    f"value at line {told.lines[old]}; the first is kept.",
                    line=int(told.lines[new]),
                )
        kept = np.setdiff1d(np.arange(len(rows)), again)
        return rows[kept], present[kept]

    def _regular(
        self, key: Key, told: Told, utc: I64, rows: I64, present: Bools, step: int, scale: Fraction
    ) -> Series:
        times = utc[rows]
        places = (times - times[0]) // step
        width = int(places[-1]) + 1
        quality = np.full(width, Quality.UNTOLD, np.uint8)
        quality[places] = np.where(present, told.quality[rows], Quality.MISSING)
        values = np.zeros(width, np.int64)
        exact, rounded = numbers.to_quanta(
            told.parsed.take(rows).reshape(1, -1),
            present.reshape(1, -1),
            numerator=scale.numerator,
            denominator=scale.denominator,
            day_starts=day_starts(times, self.options.zone),
        )
        values[places] = exact[0]
        return Series(
            key.point, key.kind, moments.aware(int(times[0])), step // 60, values, quality,
            int(rounded[0]), int(told.lines[rows].min()),
        )  # fmt: skip


def scale_of(key: Key, minutes: int) -> Fraction:
    """Quanta in one of the file's unit over an interval."""
    unit = key.unit
    if unit is None:
        return 1 / key.kind.quantum
    hours = Fraction(minutes, 60) if unit.power else Fraction(1)
    return unit.factor * hours / key.kind.quantum


def fits(kind: ReadingType, unit: Unit) -> bool:
    """Whether values in a unit can be of a reading type."""
    return kind.unit == unit.base


def day_starts(times: I64, zone: str) -> list[int]:
    """Where civil days begin in ascending moments; the first is 0."""
    tz = ZoneInfo(zone)
    day = moments.aware(int(times[0])).astimezone(tz).date()
    last = moments.aware(int(times[-1])).astimezone(tz).date()
    starts = []
    while day < last:
        day += timedelta(days=1)
        starts.append(moments.seconds_of(start_of_day(day, zone)))
    found = np.searchsorted(times, np.array(starts, np.int64))
    return sorted({0, *(int(n) for n in found if n < len(times))})


VOTERS = 500
"""Series that are asked whether their days begin with 00:00 or with the first step."""


def _by_midnight(told: Told, utc: I64, order: I64, steps: I64, zone: str) -> Stamped | None:
    """What the first and last moment of all series say: 00:30 … 00:00 are ends.

    Each series votes; one that begins at midnight and ends before it tells of starts.
    """
    keys, times = told.keys[order], utc[order]
    bounds = np.append(np.flatnonzero(np.diff(keys, prepend=-1)), len(keys))[: VOTERS + 1]
    starts = ends = 0
    for begins, end in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        first, last, step = int(times[begins]), int(times[end - 1]), int(steps[keys[begins]])
        starts += _is_midnight(first, zone) and _is_midnight(last + step, zone)
        ends += _is_midnight(first - step, zone) and _is_midnight(last, zone)
    if starts == ends:
        return None
    return "start" if starts > ends else "end"


def _rolled(told: Told) -> Told:
    """With a midnight that closes the day it is dated by put at the day's end.

    Files of ends write 23:30, then 00:00 of the same date; in the file's order it steps back.
    """
    order = np.argsort(told.keys, kind="stable")
    seconds = told.stamps.seconds[order]
    before = np.roll(seconds, 1)
    closing = (
        (seconds % moments.DAY == 0)
        & (before // moments.DAY == seconds // moments.DAY)
        & (before - seconds >= 22 * 3600)
        & (np.diff(told.keys[order], prepend=-1) == 0)
        & (told.spans[order] == 0)
    )
    if not closing.any() or (np.diff(seconds) < 0).mean() > 0.5:  # a file from new to old
        return told
    seconds = told.stamps.seconds.copy()
    seconds[order[closing]] += moments.DAY
    stamps = Stamps(seconds, told.stamps.offset, told.stamps.good)
    return Told(told.keys, stamps, told.spans, told.parsed, told.quality, told.lines)


def _is_midnight(second: int, zone: str) -> bool:
    local = moments.aware(second).astimezone(ZoneInfo(zone))
    return local.hour == local.minute == 0


def _equal(parsed: Parsed, a: int, b: int) -> bool:
    def value(n: int) -> Fraction:
        return Fraction(int(parsed.mantissa[n]), 10 ** int(parsed.decimals[n]))

    return value(a) == value(b)


def _joined(parts: list[Told]) -> Told:
    def all_of(name: str) -> npt.NDArray[np.int64]:
        return np.concatenate([getattr(part, name) for part in parts])

    return Told(
        keys=all_of("keys"),
        stamps=Stamps(
            np.concatenate([p.stamps.seconds for p in parts]),
            np.concatenate([p.stamps.offset for p in parts]),
            np.concatenate([p.stamps.good for p in parts]),
        ),
        spans=np.concatenate([p.spans for p in parts]),
        parsed=Parsed(
            np.concatenate([p.parsed.mantissa for p in parts]),
            np.concatenate([p.parsed.decimals for p in parts]),
            np.concatenate([p.parsed.state for p in parts]),
        ),
        quality=np.concatenate([p.quality for p in parts]),
        lines=np.concatenate([p.lines for p in parts]),
    )


def _taken(told: Told, mask: Bools) -> Told:
    return Told(
        told.keys[mask], told.stamps.take(mask), told.spans[mask], told.parsed.take(mask),
        told.quality[mask], told.lines[mask],
    )  # fmt: skip
