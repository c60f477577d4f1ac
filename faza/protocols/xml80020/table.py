"""Channels as texts to grids of integers; the judgement of each value."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from faza.core.periods import INTERVALS
from faza.core.quality import U8, Quality
from faza.core.units import I64
from faza.protocols import numbers
from faza.protocols.grid import DAY, DayPlan, Placing, place, plan_of
from faza.protocols.numbers import I32, Parsed, State
from faza.protocols.problems import KEPT, Problems
from faza.protocols.xml80020.parser import Raw
from faza.protocols.xml80020.texts import Source, shown
from faza.protocols.xml80020.values import CHANNELS, Channel, Grid

WH = 1000
"""Quanta (Wh, varh) in the message's unit (kWh, kvarh)."""
CHUNK = 1 << 16
"""So many values are kept as texts before they are turned into numbers."""
ABSENT, GOOD, BAD, OTHER = range(4)
_STATUS = {b"": ABSENT, b"0": GOOD, b"1": BAD}
_CLOCK = re.compile(rb"(\d\d?):?(\d\d)")


@dataclass(slots=True)
class _Pattern:
    """Channels of an area whose periods have the same times."""

    area: int
    starts: tuple[bytes, ...]
    ends: tuple[bytes, ...]
    order: list[int] = field(default_factory=list)
    channels: list[Channel] = field(default_factory=list)
    lines: list[tuple[int, ...] | tuple[int, int]] = field(default_factory=list)
    plain: list[bool] = field(default_factory=list)
    texts: list[bytes] = field(default_factory=list)
    statuses: list[bytes] = field(default_factory=list)
    parsed: list[Parsed] = field(default_factory=list)
    codes: list[U8] = field(default_factory=list)
    junk: dict[int, bytes] = field(default_factory=dict)  # by place in the rows, one after another

    def add(self, raw: Raw, order: int) -> None:
        self.order.append(order)
        self.channels.append(raw.channel)
        self.plain.append(raw.lines is None)
        self.lines.append(raw.plain if raw.lines is None else raw.lines)
        self.texts += raw.texts
        self.statuses += raw.statuses
        if len(self.texts) >= CHUNK:
            self.flush()

    def flush(self) -> None:
        if not self.texts:
            return
        shape = (-1, len(self.starts))
        parsed = numbers.parse(self.texts)
        before = sum(part.state.size for part in self.parsed)
        for n in np.flatnonzero(parsed.state == State.JUNK)[: max(0, KEPT - len(self.junk))]:
            self.junk[before + int(n)] = self.texts[n]
        self.parsed.append(parsed.reshape(*shape))
        codes = [_STATUS.get(status, OTHER) for status in self.statuses]
        self.codes.append(np.array(codes, np.uint8).reshape(shape))
        self.texts, self.statuses = [], []

    def numbers(self) -> tuple[Parsed, U8]:
        """Numbers and status codes, both (n, m)."""
        self.flush()
        width = len(self.starts)
        if not self.parsed:
            none = np.zeros((len(self.channels), width), np.uint8)
            return Parsed(none.astype(np.int64), none, none), none
        return (
            Parsed(
                np.concatenate([p.mantissa for p in self.parsed]),
                np.concatenate([p.decimals for p in self.parsed]),
                np.concatenate([p.state for p in self.parsed]),
            ),
            np.concatenate(self.codes),
        )


@dataclass(slots=True)
class _Part:
    """A finished pattern: rows of one grid, with their order in the file."""

    order: list[int]
    channels: list[Channel]
    values: I64
    quality: U8
    rounded: I32


@dataclass(slots=True)
class Table:
    """Takes the channels of a message one by one, and gives its grids."""

    source: Source
    problems: Problems
    count: int = 0
    _patterns: dict[tuple[object, ...], _Pattern] = field(default_factory=dict)
    _line_at: tuple[int, int] = (0, 1)

    def add(self, raw: Raw) -> None:
        """Take a channel."""
        key = (raw.channel.area, raw.starts, raw.ends)
        pattern = self._patterns.get(key)
        if pattern is None:
            pattern = _Pattern(raw.channel.area, raw.starts, raw.ends)
            self._patterns[key] = pattern
        pattern.add(raw, self.count)
        self.count += 1

    def grids(
        self, day: date, zone_of: Callable[[int], str], area_of: Callable[[int], str]
    ) -> tuple[Grid, ...]:
        """The grids of the message's day: by zone of an area and by interval."""
        self._drop_repeated(area_of)
        parts: dict[tuple[str, int], list[_Part]] = {}
        for pattern in self._patterns.values():
            zone = zone_of(pattern.area)
            judged = self._judge(pattern, day, zone)
            if judged is not None:
                interval, part = judged
                parts.setdefault((zone, interval), []).append(part)
        self._patterns.clear()
        return tuple(
            _joined(found, plan_of(day, zone, interval), zone)
            for (zone, interval), found in sorted(parts.items(), key=lambda item: item[0])
        )

    # Whole channels

    def _drop_repeated(self, area_of: Callable[[int], str]) -> None:
        """Keep the first of channels that a file has twice."""
        seen: dict[tuple[str, ...], int] = {}
        found = [
            (order, n, pattern)
            for pattern in self._patterns.values()
            for n, order in enumerate(pattern.order)
        ]
        dropped: dict[int, list[int]] = {}
        for _, n, pattern in sorted(found, key=lambda item: item[0]):
            c = pattern.channels[n]
            key = (area_of(c.area), c.kind, c.code, c.channel)
            if key in seen:
                self.problems.add(
                    "channel-repeated",
                    f"Channel {_title(c)} stands at line {seen[key]} already; the first is kept.",
                    line=c.line,
                )
                dropped.setdefault(id(pattern), []).append(n)
            else:
                seen[key] = c.line
                if c.channel and c.channel not in CHANNELS:
                    self.problems.add(
                        "channel-unknown",
                        f"Channel code {c.channel!r} of {c.code} instead of 01 to 04.",
                        line=c.line,
                        found=c.channel,
                    )
        for pattern in self._patterns.values():
            if id(pattern) in dropped:
                _remove(pattern, dropped[id(pattern)])

    def _judge(self, pattern: _Pattern, day: date, zone: str) -> tuple[int, _Part] | None:
        """The rows of a pattern on the day's true intervals; None if it has no known interval."""
        if not pattern.channels:
            return None
        starts, ends = _clocks(pattern.starts), _clocks(pattern.ends)
        interval = _interval(starts, ends)
        if interval not in INTERVALS:
            for c in pattern.channels:
                self.problems.add(
                    "interval",
                    f"The periods of {_title(c)} are {interval} minutes long; expected one of "
                    f"{', '.join(map(str, INTERVALS))}." if pattern.starts else
                    f"Channel {_title(c)} has no periods.",
                    line=c.line,
                )  # fmt: skip
            return None
        plan = plan_of(day, zone, interval)
        placing = place(plan, starts, ends)
        parsed, codes = pattern.numbers()
        present, quality = self._values(pattern, parsed, codes)
        self._periods(pattern, placing, plan, parsed, present, quality)
        return interval, _placed(pattern, placing, plan, parsed, present, quality)

    # Values

    def _values(self, pattern: _Pattern, parsed: Parsed, codes: U8) -> tuple[numbers.Bools, U8]:
        """Which values are taken, and the quality of each; a problem for each bad one."""
        junk = parsed.state == State.JUNK
        negative = parsed.mantissa < 0
        large = numbers.too_large(parsed, numerator=WH)
        empty = parsed.state == State.EMPTY
        unexplained = empty & ((codes == GOOD) | (codes == ABSENT))
        for mask, code, reason in (
            (junk, "value-junk", "expected a decimal number"),
            (negative, "value-negative", "The value is negative"),
            (large, "value-too-large", "The value passes 10^12 kWh"),
            (unexplained, "value-empty", "The value is empty, and its status is not 1"),
        ):
            for row, at in _some(mask, self.problems, code):
                text = pattern.junk.get(row * len(pattern.starts) + at)
                if code == "value-junk" and text is not None:
                    reason = f"The value is {shown(text)!r}; expected a decimal number"
                self._at(pattern, row, at, code, f"{reason}; it is taken as missing")
        for row, at in _some(codes == OTHER, self.problems, "status-unknown"):
            self._at(
                pattern, row, at, "status-unknown",
                "The status is neither 0 nor 1; the value is kept as questionable",
            )  # fmt: skip
        present = ~(junk | negative | large | empty)
        silent = ((codes == ABSENT) & present & (parsed.mantissa == 0)).all(axis=1)
        for row in np.flatnonzero(silent).tolist():
            c = pattern.channels[row]
            self.problems.add(
                "zeros-without-status",
                f"Every value of {_title(c)} is 0 and has no status: it may be a gap.",
                line=c.line,
            )
        doubtful = (codes == BAD) | (codes == OTHER)
        quality = np.full(codes.shape, Quality.MISSING, np.uint8)
        quality[present] = Quality.VALID
        quality[present & doubtful] = Quality.QUESTIONABLE
        return present, quality

    def _periods(
        self,
        pattern: _Pattern,
        placing: Placing,
        plan: DayPlan,
        parsed: Parsed,
        present: numbers.Bools,
        quality: U8,
    ) -> None:
        """Problems of times: repeated, unknown to the day, of another length, absent."""
        weighty = present & (parsed.mantissa != 0)
        for n in placing.absent:
            # A zero in the hour that a spring day does not have is a writer's habit.
            mask = np.zeros(present.shape, bool)
            mask[:, n] = weighty[:, n] | (_clock(pattern.starts[n]) < 0)
            for row, at in _some(mask, self.problems, "period-unknown"):
                self._at(pattern, row, at, "period-unknown", "The day has no such period")
        for n in placing.misfits:
            mask = np.zeros(present.shape, bool)
            mask[:, n] = True
            for row, at in _some(mask, self.problems, "period-length"):
                text = f"The period does not last {plan.interval} minutes"
                self._at(pattern, row, at, "period-length", text)
        for n, first in placing.repeats:
            same = (
                (parsed.mantissa[:, n] == parsed.mantissa[:, first])
                & (parsed.decimals[:, n] == parsed.decimals[:, first])
                & (quality[:, n] == quality[:, first])
            )
            mask = np.zeros(present.shape, bool)
            mask[:, n] = ~same
            for row, at in _some(mask, self.problems, "period-repeated"):
                text = "The period comes again with another value; the first is kept"
                self._at(pattern, row, at, "period-repeated", text)
        told = sum(p >= 0 for p in placing.places)
        if told < plan.count:
            for c in pattern.channels:
                self.problems.add(
                    "periods-missing",
                    f"{_title(c)} has {told} of {plan.count} periods; the others are missing.",
                    line=c.line,
                    found=str(told),
                )

    def _at(self, pattern: _Pattern, row: int, at: int, code: str, reason: str) -> None:
        """A problem of one period, with its line and time."""
        c = pattern.channels[row]
        start = pattern.starts[at].decode("ascii")
        self.problems.add(
            code, f"{_title(c)}, {start}: {reason}.", line=self._line(pattern, row, at),
            column=start,
        )  # fmt: skip

    def _line(self, pattern: _Pattern, row: int, at: int) -> int:
        place = pattern.lines[row]
        if not pattern.plain[row]:
            return place[at]
        first, end = place
        data = self.source.data
        begins = data.index(b"<period", first, end)
        for _ in range(at):
            begins = data.index(b"<period", begins + 1, end)
        line, since = self._line_at[1], self._line_at[0]
        if begins < since:
            line, since = 1, 0
        line += self.source.line(begins, since=since)
        self._line_at = (begins, line)
        return line


def _some(mask: numbers.Bools, problems: Problems, code: str) -> Iterator[tuple[int, int]]:
    """Places of a mask that are worth a problem of their own; the others are only counted."""
    if not mask.any():
        return
    rows, columns = np.nonzero(mask)
    kept = 0
    for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
        if not problems.wants(code):
            break
        kept += 1
        yield row, column
    problems.count(code, len(rows) - kept)


def _placed(
    pattern: _Pattern,
    placing: Placing,
    plan: DayPlan,
    parsed: Parsed,
    present: numbers.Bools,
    quality: U8,
) -> _Part:
    """A pattern's numbers in quanta on the day's intervals."""
    places = np.array(placing.places, np.int64)
    told = np.flatnonzero(places >= 0)
    told = told[np.argsort(places[told])]  # the remainder is carried in the order of time
    index = (slice(None), told)
    values, rounded = numbers.to_quanta(parsed.take(index), present[index], numerator=WH)
    shape = (len(pattern.channels), plan.count)
    all_values = np.zeros(shape, np.int64)
    all_quality = np.full(shape, Quality.MISSING, np.uint8)
    all_values[:, places[told]] = values
    all_quality[:, places[told]] = quality[index]
    return _Part(pattern.order, pattern.channels, all_values, all_quality, rounded)


def _joined(parts: list[_Part], plan: DayPlan, zone: str) -> Grid:
    """Parts as one grid, its rows in the order of the file."""
    order = np.argsort(np.array([n for part in parts for n in part.order]))
    channels = [c for part in parts for c in part.channels]
    return Grid(
        zone=zone,
        interval=plan.interval,
        start=plan.start,
        channels=tuple(channels[n] for n in order.tolist()),
        values=np.concatenate([p.values for p in parts])[order],
        quality=np.concatenate([p.quality for p in parts])[order],
        rounded=np.concatenate([p.rounded for p in parts])[order],
    )


def _remove(pattern: _Pattern, rows: list[int]) -> None:
    """Take rows out of a pattern."""
    parsed, codes = pattern.numbers()
    kept = np.setdiff1d(np.arange(len(pattern.channels)), rows)
    pattern.parsed, pattern.codes = [parsed.take(kept)], [codes[kept]]
    width, place = len(pattern.starts), {row: n for n, row in enumerate(kept.tolist())}
    junk = [(*divmod(at, width), text) for at, text in pattern.junk.items()]
    pattern.junk = {place[row] * width + at: text for row, at, text in junk if row in place}
    for name in ("order", "channels", "lines", "plain"):
        items = getattr(pattern, name)
        setattr(pattern, name, [items[n] for n in kept.tolist()])


def _clocks(texts: tuple[bytes, ...]) -> list[int]:
    return [_clock(text) for text in texts]


def _clock(text: bytes) -> int:
    """A wall time in minutes of the day, 0 to 1440; negative if it is none."""
    match = _CLOCK.fullmatch(text)
    if not match:
        return -DAY
    hour, minute = int(match[1]), int(match[2])
    return hour * 60 + minute if minute < 60 and hour * 60 + minute <= DAY else -DAY


def _interval(starts: list[int], ends: list[int]) -> int:
    """The most usual length of the periods, 0 if there are none."""
    lengths = Counter(
        (end - start) % DAY
        for start, end in zip(starts, ends, strict=True)
        if start >= 0 and end >= 0
    )
    return lengths.most_common(1)[0][0] if lengths else 0


def _title(channel: Channel) -> str:
    return f"{channel.code}/{channel.channel}" if channel.channel else channel.code
