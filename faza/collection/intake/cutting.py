"""From series of many messages to days of usage points: found, made primary, cut together.

Series that share a grid of time, a zone and a factor go through NumPy as one array, so a batch of
a thousand messages costs little more than one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from fractions import Fraction
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from faza.collection.deliveries import Delivery
from faza.collection.intake.directory import Directory, Stood
from faza.collection.points import Owner, Place
from faza.core.quality import Quality, is_present
from faza.protocols.numbers import Parsed, to_quanta, too_large
from faza.protocols.tabular.series import day_starts
from faza.protocols.telemetry import Message, Series, parsed_of
from faza.readings.blocks import BlockBatch, WrongInterval

I64 = npt.NDArray[np.int64]
Tell = Callable[[str, str, str], None]
"""Notes a problem of a message: place in it, reason, code."""


@dataclass(frozen=True, slots=True)
class Given:
    """A message with its place among the deliveries of its sender (`readings.rules.sequence`)."""

    message: Message
    sequence: int
    tell: Tell


@dataclass(slots=True)
class Days:
    """What came of series: `deliveries` to record. `virtual` values are of points not made yet."""

    deliveries: list[Delivery] = field(default_factory=list)
    points: set[int] = field(default_factory=set)
    values: int = 0
    virtual: int = 0
    rounded: int = 0
    zones: set[str] = field(default_factory=set)


class Key(NamedTuple):
    """What rows must share to be one array."""

    zone: str
    start: int
    interval: int
    length: int
    factor: Fraction


class Row(NamedTuple):
    """A series at one place; of its values [first, end) are told there."""

    given: Given
    series: Series
    place: Place
    first: int
    end: int


def cut(given: Sequence[Given], directory: Directory, *, sender: str, at: datetime) -> Days:
    """Days of all series of the messages, as one delivery of the sender. Bad rows are told."""
    days = Days()
    groups: dict[Key, list[Row]] = defaultdict(list)
    for one in given:
        for series in one.message.intervals:
            for key, row in _rows(one, series, directory):
                groups[key].append(row)
    batches, sequences = [], []
    for key, rows in groups.items():
        for batch, numbers in _blocks(key, rows, days, at):
            batches.append(batch)
            sequences.append(numbers)
    if batches:
        joined = BlockBatch.concatenate(batches)
        owner = Owner(sender)
        days.deliveries.append(Delivery("meter", owner, np.concatenate(sequences), joined))
    return days


def _rows(given: Given, series: Series, directory: Directory) -> Iterator[tuple[Key, Row]]:
    """The places that a series belongs to, each with its factor; none is a problem."""
    who, length = series.who, len(series.values)
    if who.meter or series.is_shown:
        yield from _standing(given, series, directory)
        return
    place = directory.place(who.point)
    if place is None:
        reason = f"Usage point {who.point} is unknown."
        given.tell(series.place, reason, "point-unknown")
        return
    key = Key(place.zone, series.start, series.interval, length, series.scale)
    yield key, Row(given, series, place, 0, length)


def _standing(given: Given, series: Series, directory: Directory) -> Iterator[tuple[Key, Row]]:
    """Where the meter stood meanwhile; an interval across a replacement is nobody's."""
    who, length, step = series.who, len(series.values), series.interval * 60
    if who.meter:
        stood = [one for one in directory.standing(who) if one.is_billing]
    else:
        place = directory.place(who.point)
        if place is None:
            reason = f"Usage point {who.point} is unknown."
            given.tell(series.place, reason, "point-unknown")
            return
        stood = [one for one in directory.standing_at(place) if one.is_billing]
    told = 0
    for one in stood:
        first = max(0, -((series.start - one.start) // step))
        end = min(length, (one.end - series.start) // step)
        if first < end:
            told += end - first
            factor = series.scale * (one.ratio if series.is_shown else 1)
            key = Key(one.place.zone, series.start, series.interval, length, factor)
            yield key, Row(given, series, one.place, first, end)
    if told < length:
        given.tell(series.place, _nowhere(series, stood, length - told), "meter-none")


def _nowhere(series: Series, stood: Sequence[Stood], left: int) -> str:
    who = series.who
    what = f"Meter {who.meter}" if who.meter else "A meter"
    if not stood:
        where = f" at {who.point}" if who.point else ""
        return f"{what} stands nowhere{where} for billing." if who.meter else (
            f"No meter stands at {who.point}, so its ratio is unknown."
        )  # fmt: skip
    return f"{what} did not stand there for {left} of {len(series.values)} intervals."


def _blocks(
    key: Key, rows: Sequence[Row], days: Days, at: datetime
) -> Iterator[tuple[BlockBatch, I64]]:
    """Rows of one grid as days, with the sequence of each."""
    parsed, present = parsed_of([row.series.values for row in rows])
    present &= _sound(key, rows, parsed, present)
    quality = _qualities(rows, present, key.length)
    there = is_present(quality)
    times = key.start + 60 * key.interval * np.arange(key.length)
    values, rounded = to_quanta(
        parsed, there, numerator=key.factor.numerator, denominator=key.factor.denominator,
        day_starts=day_starts(times, key.zone),
    )  # fmt: skip
    counts = there.sum(axis=1)
    days.rounded += int(rounded.sum())
    days.values += int(counts.sum())
    days.zones.add(key.zone)
    _tell_late(rows, there, times, at)
    points = np.array([row.place.id for row in rows], np.int64)
    days.points.update(np.unique(points[counts > 0]).tolist())
    days.virtual += int(counts[points < 0].sum())
    kept = np.flatnonzero(points > 0)
    if not len(kept):
        return
    try:
        cut_up = BlockBatch.from_series(
            usage_points=kept,  # the row, until it is known which rows have which days
            reading_types=np.array([row.series.kind.code for row in rows], np.int16)[kept],
            start=datetime.fromtimestamp(key.start, UTC),
            interval=key.interval,
            values=values[kept],
            quality=quality[kept],
            zone=key.zone,
        )
    except WrongInterval as problem:
        for row in rows:
            row.given.tell(row.series.place, f"It cannot be cut into days: {problem}.", "interval")
        return
    of = cut_up.usage_points
    sequences = np.array([row.given.sequence for row in rows], np.int64)
    yield replace(cut_up, usage_points=points[of]), sequences[of]


def _sound(
    key: Key, rows: Sequence[Row], parsed: Parsed, present: npt.NDArray[np.bool_]
) -> npt.NDArray[np.bool_]:
    """(n, t) where values can be stored; the others are told."""
    additive = np.array([row.series.kind.additive for row in rows])
    negative = present & (parsed.mantissa < 0) & additive[:, None]
    large = present & too_large(
        parsed, numerator=key.factor.numerator, denominator=key.factor.denominator
    )
    for mask, code, reason in (
        (negative, "value-negative", "is negative; it is taken as missing."),
        (large, "value-too-large", "is beyond any meter; it is taken as missing."),
    ):
        for n, t in np.argwhere(mask).tolist():
            _tell_value(rows[n], t, reason, code)
    if not present.all():
        for n, t in np.argwhere(~present).tolist():
            if rows[n].series.values[t] is not None:  # 1e999: JSON's, but nobody's number
                _tell_value(rows[n], t, "is beyond any meter; it is taken as missing.",
                            "value-too-large")  # fmt: skip
    return ~negative & ~large


def _tell_value(row: Row, t: int, reason: str, code: str) -> None:
    place = f"{row.series.place}.values[{t}]"
    row.given.tell(place, f"{row.series.values[t]} {reason}", code)


def _qualities(
    rows: Sequence[Row], present: npt.NDArray[np.bool_], length: int
) -> npt.NDArray[np.uint8]:
    """(n, t): what the series say, UNTOLD where there is no value or not this place's time."""
    quality = np.zeros((len(rows), length), np.uint8)
    for n, row in enumerate(rows):
        if row.series.quality:
            quality[n] = row.series.quality
        quality[n, : row.first] = quality[n, row.end :] = Quality.UNTOLD
    return np.where(present & is_present(quality), quality, np.uint8(Quality.UNTOLD))


def _tell_late(rows: Sequence[Row], there: npt.NDArray[np.bool_], times: I64, at: datetime) -> None:
    """Complain of intervals that had not begun yet; they are stored all the same."""
    late = times > int(at.timestamp())
    if not late.any():
        return
    counts = there[:, late].sum(axis=1)
    for n in np.flatnonzero(counts).tolist():
        reason = f"{counts[n]} values lie after the moment of arrival; all are stored."
        rows[n].given.tell(rows[n].series.place, reason, "value-late")
