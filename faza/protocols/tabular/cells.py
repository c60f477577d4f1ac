"""Rows of a sheet to told values."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from faza.core.periods import INTERVALS, start_of_day
from faza.core.quality import U8, Quality
from faza.core.reading_types import BY_CHANNEL, ReadingType
from faza.core.units import I64
from faza.protocols.grid import DAY, plan_of
from faza.protocols.numbers import I32, Parsed, State
from faza.protocols.problems import Note, Problems
from faza.protocols.tabular import moments
from faza.protocols.tabular.columns import (
    Columns,
    is_total,
    moment_texts,
    numbers_of,
    whole_rows,
    with_offsets,
)
from faza.protocols.tabular.header import Plan, ValueColumn
from faza.protocols.tabular.moments import Stamps
from faza.protocols.tabular.series import Builder, Key, Told, fits
from faza.protocols.tabular.sheets import Chunk
from faza.protocols.tabular.values import Layout, Options
from faza.protocols.tabular.values import Stamps as Stamped
from faza.protocols.tabular.words import Role, Unit, channel_of, quality_of, unguarded, unit_of

_NEW = -1


@dataclass(slots=True)
class Reader:
    """Reads the chunks of one sheet by a plan, into a builder."""

    plan: Plan
    builder: Builder
    options: Options
    problems: Problems
    notes: list[Note]
    sheet: str = ""
    _keys: dict[tuple[str, str, str, int], int] = field(default_factory=dict)
    _qualities: dict[str, int] = field(default_factory=dict)
    _units: dict[tuple[str, int], Unit | None] = field(default_factory=dict)

    def read(self, chunk: Chunk) -> None:
        """Take the rows of a chunk."""
        values = [(column.index, column.title) for column in self.plan.values]
        chunk = whole_rows(chunk, self.plan.roles, values, self.problems)
        columns, lines = chunk.columns, chunk.lines
        if not len(lines):
            return
        if self.plan.layout is Layout.WIDE_DAY:
            self._read_days(columns, lines)
        else:
            self._read_moments(columns, lines)

    # Rows of moments

    def _read_moments(self, columns: Columns, lines: I32) -> None:
        starts, ends = moment_texts(self.plan.roles, columns)
        stamps = moments.parse(starts)
        good = self._good(stamps, starts, columns, lines)
        spans = np.zeros(len(lines), np.int32)
        if ends is not None:
            spans = self._spans(stamps, ends, good, lines)
        # An end has the offset of its own moment, so spans are counted before.
        stamps = with_offsets(stamps, self.plan.roles, columns, lines, self.problems)
        good &= stamps.good
        quality = self._quality(columns, lines, good)
        for column in self.plan.values:
            keys = self._keys_of(column, columns, lines, good)
            texts = columns[column.index]
            parsed = numbers_of(texts, lines, column.title, self.problems, good)
            self._tell(keys, stamps, spans, parsed, quality, lines)

    def _good(self, stamps: Stamps, texts: Sequence[str], columns: Columns, lines: I32) -> U8:
        """Rows with a moment; of the others, those that are no totals are problems."""
        for n in np.flatnonzero(~stamps.good).tolist():
            if not is_total(columns, n):
                self.problems.add(
                    "moment-junk",
                    f"The moment is {texts[n]!r}; expected a date and time.",
                    line=int(lines[n]),
                    found=texts[n],
                )
        return stamps.good.astype(np.uint8)

    def _spans(self, starts: Stamps, texts: Sequence[str], good: U8, lines: I32) -> I32:
        ends = moments.parse(texts)
        both = starts.good & ends.good

        def seconds(s: Stamps) -> I64:
            return s.seconds - np.where(s.offset == moments.NAIVE, 0, s.offset)

        minutes = (seconds(ends) - seconds(starts)) // 60
        # An end at 00:00 is often dated by the day that it closes; in naive times an hour
        # that comes twice makes an end before its start.
        odd = ~np.isin(minutes, INTERVALS) & both
        minutes[odd] %= DAY
        odd &= ~np.isin(minutes, INTERVALS)
        naive = starts.offset == moments.NAIVE
        for n in np.flatnonzero(odd & ~naive).tolist():
            self.problems.add(
                "interval",
                f"From start to end are {minutes[n]} minutes; expected one of "
                f"{', '.join(map(str, INTERVALS))}.",
                line=int(lines[n]),
            )
            good[n] = 0
        minutes[odd | ~both] = 0
        return minutes.astype(np.int32)

    def _quality(self, columns: Columns, lines: I32, good: U8) -> U8:
        index = self.plan.roles.get(Role.QUALITY)
        if index is None:
            return np.zeros(len(lines), np.uint8)
        known = self._qualities
        for text in set(columns[index]) - known.keys():
            found = quality_of(text)
            if not text.strip():
                found = Quality.VALID
            elif text.strip() == "1":  # the status of 80020
                found = Quality.QUESTIONABLE
            known[text] = -1 if found is None else int(found)
        codes = np.array([known[text] for text in columns[index]], np.int16)
        for n in np.flatnonzero((codes < 0) & (good > 0)).tolist():
            self.problems.add(
                "quality-unknown",
                f"The quality is {columns[index][n]!r}; the value is kept as questionable.",
                line=int(lines[n]),
                found=columns[index][n],
            )
        return np.where(codes < 0, Quality.QUESTIONABLE, codes).astype(np.uint8)

    # Whose and of what

    def _keys_of(self, column: ValueColumn, columns: Columns, lines: I32, good: U8) -> I64:
        """The key of each row, -1 where the row says none that is known."""
        roles, count = self.plan.roles, len(lines)
        empty = ("",) * count
        points = columns[roles.get(Role.POINT, roles.get(Role.METER, -1))] if (
            Role.POINT in roles or Role.METER in roles
        ) else empty  # fmt: skip
        kinds = columns[roles[Role.CHANNEL]] if Role.CHANNEL in roles else empty
        units = columns[roles[Role.UNIT]] if Role.UNIT in roles else empty
        known, place = self._keys, column.index if self.plan.layout is not Layout.WIDE_DAY else -1
        texts = list(zip(points, kinds, units, itertools.repeat(place)))
        numbers = [known.get(text, _NEW) for text in texts]
        for n in [n for n, number in enumerate(numbers) if number < 0 and good[n]]:
            number = known.get(texts[n], _NEW)
            if number < 0:
                number = known[texts[n]] = self._key(texts[n], column, int(lines[n]))
            numbers[n] = number
        found = np.array(numbers, np.int64)
        found[good == 0] = -1
        return found

    def _key(self, text: tuple[str, str, str, int], column: ValueColumn, line: int) -> int:
        point = column.point or unguarded(text[0].strip())
        if not point:
            if Role.POINT in self.plan.roles or Role.METER in self.plan.roles:
                self.problems.add("point-empty", "The row names no point.", line=line)
                return -1
            point = self.options.point or self.sheet
        unit_text = text[2].strip() or (self.options.unit or "" if column.unit is None else "")
        unit = unit_of(unit_text) if unit_text else column.unit
        kind = self._kind(text[1].strip(), column, unit, line)
        if kind is None:
            return -1
        if unit is not None and unit.name == kind.unit:
            unit, unit_text = None, kind.unit  # the type's own, in whichever language
        if unit is None and unit_text and unit_text != kind.unit:
            self.problems.add(
                "unit-unknown", f"The unit is {unit_text!r}; expected {kind.unit or 'none'}.",
                line=line, found=unit_text,
            )  # fmt: skip
            return -1
        if unit is not None and not fits(kind, unit):
            told = text[1].strip() or column.title or kind.channel
            self.problems.add(
                "unit-misfit", f"The unit {unit.name} does not fit channel {told!r} ({kind.unit}).",
                line=line, column=column.title, found=unit_text,
            )  # fmt: skip
            return -1
        if not unit_text and unit is None and kind.additive:
            self._note("unit", kind.unit, f"No unit is told for {kind.channel}: {kind.unit}.")
        first = self._units.setdefault((point, kind.code), unit)
        if first != unit:
            self.problems.add(
                "unit-mixed", f"{point}/{kind.channel} changes its unit; the first is kept.",
                line=line, found=unit_text,
            )  # fmt: skip
            return -1
        return self.builder.key(Key(point, kind, unit))

    def _kind(
        self, text: str, column: ValueColumn, unit: Unit | None, line: int
    ) -> ReadingType | None:
        if text:
            kind = channel_of(unguarded(text))
            if kind is None:
                self.problems.add(
                    "channel-unknown", f"Channel {text!r} is unknown; expected one of "
                    f"{', '.join(BY_CHANNEL)}.", line=line, found=text,
                )  # fmt: skip
            return kind
        if column.kind is not None:
            return column.kind
        if self.options.channel is not None:
            return BY_CHANNEL[self.options.channel]
        # Of m3 it may be water or gas: that is not guessed.
        name = {"kvarh": "R+", "Gcal": "HEAT"}.get(unit.base if unit else "", "A+")
        self._note("channel", name, f"No channel is told: {name}.")
        return BY_CHANNEL[name]

    def _note(self, code: str, value: str, text: str) -> None:
        note = Note(code, value, text)
        if note not in self.notes:
            self.notes.append(note)

    def _tell(
        self, keys: I64, stamps: Stamps, spans: I32, parsed: Parsed, quality: U8, lines: I32
    ) -> None:
        state = np.where(quality == Quality.MISSING, State.EMPTY, parsed.state).astype(np.uint8)
        parsed = Parsed(parsed.mantissa, parsed.decimals, state)
        told = Told(keys, stamps, spans, parsed, quality, lines)
        mask = keys >= 0
        if not mask.all():
            told = Told(
                keys[mask], stamps.take(mask), spans[mask], parsed.take(mask), quality[mask],
                lines[mask],
            )  # fmt: skip
        self.builder.add(told)

    # Rows of days

    def _read_days(self, columns: Columns, lines: I32) -> None:
        roles = self.plan.roles
        texts = columns[roles[Role.DATE] if Role.DATE in roles else roles[Role.MOMENT]]
        dates = moments.parse(texts)
        good = self._good(dates, texts, columns, lines)
        keys = self._keys_of(self.plan.values[0], columns, lines, good)
        quality = self._quality(columns, lines, good)
        interval, offsets = day_offsets(self.plan.values, self._stamped())
        days = dates.seconds - dates.seconds % moments.DAY
        starts, lengths = self._true_days(days, good, interval)
        for place, column in enumerate(self.plan.values):
            texts = columns[column.index]
            parsed = numbers_of(texts, lines, column.title, self.problems, good)
            mine = keys.copy()
            if offsets is None:
                seconds = starts + place * interval * 60
                offset = np.zeros(len(lines), np.int32)
                beyond = place >= lengths
                for n in np.flatnonzero(beyond & (parsed.mantissa != 0) & (mine >= 0)).tolist():
                    self.problems.add(
                        "moment-absent",
                        f"The day has {lengths[n]} intervals; a value stands in column "
                        f"{column.title}.",
                        line=int(lines[n]),
                        column=column.title,
                    )
                mine[beyond] = -1
            else:
                seconds = days + offsets[place] * 60
                offset = np.full(len(lines), moments.NAIVE, np.int32)
            stamps = Stamps(seconds, offset, dates.good)
            spans = np.full(len(lines), interval, np.int32)
            self._tell(mine, stamps, spans, parsed, quality, lines)

    def _true_days(self, days: I64, good: U8, interval: int) -> tuple[I64, I64]:
        """First second (UTC) and number of intervals of each row's civil day."""
        unique, inverse = np.unique(days, return_inverse=True)
        zone = self.options.zone
        starts, lengths = [], []
        for day in unique.tolist():
            date = moments.aware(day).date()
            starts.append(moments.seconds_of(start_of_day(date, zone)))
            lengths.append(plan_of(date, zone, interval).count)
        return np.array(starts, np.int64)[inverse], np.array(lengths, np.int64)[inverse]

    def _stamped(self) -> Stamped:
        return self.options.stamped or self.plan.stamped or self.options.stamped_default


def day_offsets(columns: Sequence[ValueColumn], stamped: Stamped) -> tuple[int, list[int] | None]:
    """The interval, and where each column's interval starts in minutes of the wall clock.

    None for numbered columns: the n-th is the n-th true interval of the day. Columns of a day
    with a clock change are 23, 25, 46, 50, 92 or 100.
    """
    clocks = [column.clock for column in columns]
    if clocks[0] < 0:
        hours = len(columns) / 24
        interval = min(INTERVALS, key=lambda minutes: abs(60 / minutes - hours))
        return interval, None
    steps = Counter((b - a) % DAY for a, b in zip(clocks[:-1], clocks[1:], strict=True))
    interval = steps.most_common(1)[0][0]
    if stamped == "start":
        return interval, clocks
    return interval, [(clock - interval) % DAY for clock in clocks]
