"""From answers of many meters to the batches that `readings` takes. Queries only, no writing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from faza.collection.polling import clock, placing, stays
from faza.collection.polling.lost import Absent
from faza.collection.polling.placing import Oddities, Placed, Slots
from faza.collection.polling.stays import Stay
from faza.collection.polling.work import DeviceWork, ProfileRead, SessionResult
from faza.core.periods import Period, start_of_day
from faza.core.quality import Quality
from faza.core.reading_types import BY_CODE
from faza.events import queries as events
from faza.events import rules as event_rules
from faza.events.batches import EventBatch
from faza.protocols.metered import Instant, RegisterRows
from faza.readings import rules
from faza.readings.blocks import BlockBatch
from faza.readings.models import RegisterReading
from faza.readings.registers import RegisterBatch

I64 = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

AHEAD = timedelta(minutes=30)
"""Registers and events that a meter dates later than so are of a clock that is wrong."""
TRUSTED = 86_400
"""Seconds; of a clock that is further off nothing is concluded about what the meter lacks."""
DEFAULT_MINUTES = 30
KINDS = {
    "on_demand": RegisterReading.Kind.ON_DEMAND,
    "day": RegisterReading.Kind.DAY,
    "month": RegisterReading.Kind.MONTH,
}


@dataclass(slots=True)
class Notes:
    """What else came out of a session's answers, for the marks.

    profiles: what is known of the meter's profiles now, as Device.profiles. counts: by kind of
    reading, for the session's summary.
    """

    profiles: dict[str, Any] = field(default_factory=dict)
    absent: list[Absent] = field(default_factory=list)
    odd: Oddities = field(default_factory=Oddities)
    counts: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Days:
    """Days to record with the place of each among the deliveries: (n,)."""

    batch: BlockBatch
    sequences: I64


def profiles(
    results: Sequence[SessionResult], standing: Mapping[int, list[Stay]]
) -> tuple[list[tuple[Placed, int]], list[Notes]]:
    """The intervals of all answers, each with its sequence; and notes, one for each result."""
    placed: list[tuple[Placed, int]] = []
    notes = []
    for result in results:
        told = Notes(profiles={key: dict(one) for key, one in result.device.profiles.items()})
        of_meter = [s for s in standing.get(result.device.meter, ()) if s.is_billing]
        for read in result.profiles:
            if of_meter:
                placed += _of_read(read, result, of_meter, told)
        if result.instant is not None and of_meter:
            placed += _of_instant(result.instant, result.device, of_meter)
            told.counts["instant"] = len(result.instant.values)
        notes.append(told)
    return placed, notes


def _of_read(
    read: ProfileRead, result: SessionResult, of_meter: Sequence[Stay], told: Notes
) -> Iterator[tuple[Placed, int]]:
    device, read_at = result.device, int(read.read_at.timestamp())
    offset = result.clock.offset if result.clock else device.clock_offset
    slots = None
    if len(read.rows):
        phase = placing.phase_of(of_meter[-1].zone, read_at, read.rows.interval * 60)
        slots, odd = placing.lay(
            read.rows, phase=phase, read_at=read_at, since=of_meter[0].start,
            doubtful_after=_doubtful_after(device, offset, read.rows.interval),
            shown=None if offset is None or abs(offset) > TRUSTED else read_at + round(offset),
        )  # fmt: skip
        told.odd += odd
    if slots is not None:
        _learn(read, slots, of_meter[-1], told)
        sequence = rules.sequence(rules.moment(read.read_at), read.rows.values.tobytes())
        n_here = 0
        for stay in of_meter:
            of_stay, count = placing.place(slots, stay, device.meter)
            n_here += count
            if of_stay is not None:
                yield of_stay, sequence
        n_said = int(slots.present.any(axis=1).sum())
        told.odd += Oddities(elsewhere=n_said - n_here)
        name = f"profile {read.which}"
        told.counts[name] = told.counts.get(name, 0) + n_here
    if read.is_whole:
        told.absent += _absent(read, slots, of_meter, offset, device.meter, told)


def _doubtful_after(device: DeviceWork, offset: float | None, interval: int) -> int | None:
    """Since when the clock may be so far off that energy lies in other intervals; None: it is not.

    What ended before the clock was last seen to be right is not doubted.
    """
    if not clock.is_misplacing(offset, interval):
        return None
    if device.clock_measured_at is None or clock.is_misplacing(device.clock_offset, interval):
        return 0
    return int(device.clock_measured_at.timestamp())


def _learn(read: ProfileRead, slots: Slots, stay: Stay, told: Notes) -> None:
    """Which channels the meter has: those of which it ever said a value."""
    known = told.profiles.setdefault(str(read.which), {})
    seen = {
        column.kind.code
        for place, column in enumerate(slots.columns)
        if slots.present[:, place].any()
    }
    known["channels"] = sorted(seen | set(known.get("channels", ())))
    known["interval"] = read.rows.interval
    known["is_fine"] = placing.is_fine(slots.columns, stay)


def _absent(
    read: ProfileRead,
    slots: Slots | None,
    of_meter: Sequence[Stay],
    offset: float | None,
    meter: int,
    told: Notes,
) -> Iterator[Absent]:
    """What was asked for, should have been there by the meter's own clock, and was not."""
    if offset is not None and abs(offset) > TRUSTED:
        return
    known = told.profiles.get(str(read.which), {})
    minutes = read.rows.interval or int(known.get("interval", DEFAULT_MINUTES))
    step, read_at = minutes * 60, int(read.read_at.timestamp())
    late = 3600 if offset is None else max(0, -int(offset))
    settled = read_at - late - step
    for stay in of_meter:
        first = max(int(read.asked.start.timestamp()), stay.start)
        end = min(int(read.asked.end.timestamp()), stay.end, settled)
        phase = placing.phase_of(stay.zone, read_at, step)
        first += (phase - first) % step
        starts = np.arange(first, end - step + 1, step, dtype=np.int64)
        if not len(starts):
            continue
        missing = ~_has(slots, starts, known.get("channels", ()))
        spans = np.column_stack([starts[missing], starts[missing] + step])
        if len(spans):
            yield Absent(stay.usage_point, read.which, meter, spans, read.read_at)


def _has(slots: Slots | None, starts: I64, channels: Sequence[int]) -> Mask:
    """(n,) whether the answer has all known channels of the intervals that begin then."""
    if slots is None:
        return np.zeros(len(starts), bool)
    codes = [column.kind.code for column in slots.columns]
    if not set(channels) <= set(codes):
        return np.zeros(len(starts), bool)
    known = slots.present[:, [codes.index(code) for code in channels]]
    whole = np.logical_and.reduce(known, axis=1)
    places = (starts - slots.first) // slots.step
    inside = (places >= 0) & (places < len(whole))
    return inside & whole[np.where(inside, places, 0)]


def _of_instant(
    instant: Instant, device: DeviceWork, of_meter: Sequence[Stay]
) -> Iterator[tuple[Placed, int]]:
    """Values of a moment stand for their interval, marked RAW, until its own value comes."""
    minutes = device.intervals.get(2, DEFAULT_MINUTES)
    moment, step = int(instant.at.timestamp()), minutes * 60
    stay = stays.at(of_meter, moment)
    kinds = [BY_CODE[code] for code in instant.values if code in BY_CODE]
    kinds = [kind for kind in kinds if not kind.additive]
    if stay is None or not kinds:
        return
    day = instant.at.astimezone(ZoneInfo(stay.zone)).date()
    begin = int(start_of_day(day, stay.zone).timestamp())
    end = int(start_of_day(day + timedelta(days=1), stay.zone).timestamp())
    width, slot = (end - begin) // step, (moment - begin) // step
    values = np.zeros((len(kinds), width), np.int64)
    quality = np.full(values.shape, Quality.UNTOLD, np.uint8)
    quality[:, slot] = Quality.RAW
    for row, kind in enumerate(kinds):
        one = np.array([instant.values[kind.code]], np.int64)
        values[row, slot] = placing.primary(one, stays.ratio(stay, kind), (1,), additive=False)[0]
    yield (
        Placed(
            stay.usage_point, device.meter, stay.zone, minutes, day, day + timedelta(days=1),
            tuple(kinds), values, quality,
        ),
        rules.sequence(moment),
    )  # fmt: skip


def days_of(placed: Sequence[tuple[Placed, int]]) -> Iterator[Days]:
    """Batches to record, in each of which a day comes once: usually one in all.

    Intervals inside of a doubtful stretch of their meter (magnet, failure, opened cover) are
    made QUESTIONABLE. One query.
    """
    if not placed:
        return
    doubts = _doubts([one for one, _ in placed])
    groups: dict[tuple[Any, ...], list[tuple[Placed, int]]] = {}
    for one, sequence in placed:
        groups.setdefault((one.zone, one.minutes, one.day, one.end), []).append((one, sequence))
    batches, sequences = [], []
    for (zone, minutes, day, _end), members in sorted(groups.items()):
        start = start_of_day(day, zone)
        for one, _ in members:
            _doubt(one, doubts, int(start.timestamp()))
        rows = np.repeat(np.arange(len(members)), [len(one.kinds) for one, _ in members])
        points = np.array([one.usage_point for one, _ in members], np.int64)
        told = np.array([sequence for _, sequence in members], np.int64)
        batch = BlockBatch.from_series(
            usage_points=rows,
            reading_types=[kind.code for one, _ in members for kind in one.kinds],
            start=start, interval=minutes, zone=zone,
            values=np.concatenate([one.values for one, _ in members]),
            quality=np.concatenate([one.quality for one, _ in members]),
        )  # fmt: skip
        sequences.append(told[batch.usage_points])
        batches.append(replace(batch, usage_points=points[batch.usage_points]))
    whole, order = BlockBatch.concatenate(batches), np.concatenate(sequences)
    turns = _turns(whole.ids())
    for turn in range(int(turns.max(initial=0)) + 1):
        rows = np.flatnonzero(turns == turn)
        yield Days(whole.take(rows), order[rows])


def _turns(ids: npt.NDArray[Any]) -> I64:
    """(n,) how often a row's key came before: 0, 1, …"""
    order = np.lexsort(ids.T[::-1])
    same = np.zeros(len(ids), bool)
    same[1:] = (ids[order[1:]] == ids[order[:-1]]).all(axis=1)
    place = np.arange(len(ids))
    begins = np.maximum.accumulate(np.where(same, 0, place))
    turns = np.zeros(len(ids), np.int64)
    turns[order] = place - begins
    return turns


def _doubts(placed: Sequence[Placed]) -> dict[int, list[events.Doubt]]:
    first = min(start_of_day(one.day, one.zone) for one in placed)
    end = max(start_of_day(one.end, one.zone) for one in placed)
    return events.doubtful_stretches({one.usage_point for one in placed}, Period(first, end))


def _doubt(one: Placed, doubts: Mapping[int, list[events.Doubt]], begin: int) -> None:
    """Lower the quality of what lies in a doubtful stretch of this meter, in place."""
    periods = [
        (int(doubt.period.start.timestamp()), int(doubt.period.end.timestamp()))
        for doubt in doubts.get(one.usage_point, ())
        if doubt.meter == one.meter
    ]
    if not periods:
        return
    step = one.minutes * 60
    starts = begin + step * np.arange(one.quality.shape[1], dtype=np.int64)
    touched = event_rules.touched(starts, starts + step, periods)
    one.quality[(one.quality == Quality.VALID) & touched] = Quality.QUESTIONABLE


def registers_of(
    results: Sequence[SessionResult], standing: Mapping[int, list[Stay]], notes: Sequence[Notes]
) -> tuple[RegisterBatch, I64] | None:
    """All register readings with their sequences; of one that comes twice the last one.

    What the meter dates before it stood there, or after the moment of reading, is left out: it
    is of another place, or of a wrong clock.
    """
    batches, sequences = [], []
    for result, told in zip(results, notes, strict=True):
        of_meter = standing.get(result.device.meter, ())
        for rows in result.registers:
            batch = _registers(rows, result, of_meter)
            told.counts[f"registers {rows.kind}"] = len(batch)
            batches.append(batch)
            sequence = rules.sequence(rules.moment(result.ended_at))
            sequences.append(np.full(len(batch), sequence, np.int64))
    if not batches:
        return None
    whole, order = RegisterBatch.concatenate(batches), np.concatenate(sequences)
    keys = whole.keys()[::-1]
    _, last = np.unique(keys, axis=0, return_index=True)
    rows_kept = np.sort(len(keys) - 1 - last)
    return whole.take(rows_kept), order[rows_kept]


def _registers(
    rows: RegisterRows, result: SessionResult, of_meter: Sequence[Stay]
) -> RegisterBatch:
    moments = rows.moments.astype("datetime64[s]").astype(np.int64)
    points = np.zeros(len(rows), np.int64)
    for stay in of_meter:  # the later one has the moment at which both hold
        points[(moments >= stay.start) & (moments <= stay.end)] = stay.usage_point
    latest = int((result.ended_at + AHEAD).timestamp())
    kept = np.flatnonzero((points > 0) & (moments <= latest) & rows.present.any(axis=(1, 2)))
    n = len(kept)
    width = int(np.prod(rows.values.shape[1:]))  # nothing is left to find it from where n is 0
    present = rows.present[kept].reshape(n, width)
    return RegisterBatch(
        usage_points=points[kept],
        meters=np.full(n, result.device.meter, np.int64),
        moments=moments[kept],
        kinds=np.full(n, KINDS[rows.kind], np.int16),
        values=np.where(present, rows.values[kept].reshape(n, width), 0),
        present=present,
        quality=np.zeros(n, np.uint8),
    )


def events_of(
    results: Sequence[SessionResult], standing: Mapping[int, list[Stay]], notes: Sequence[Notes]
) -> EventBatch:
    """All events of meters' journals, at the points where the meters stood then."""
    batches = []
    for result, told in zip(results, notes, strict=True):
        if result.events is None or not len(result.events):
            continue
        batch = EventBatch.of_meter(0, result.device.meter, result.events)
        points = np.zeros(len(batch), np.int64)
        for stay in standing.get(result.device.meter, ()):
            points[(batch.moments >= stay.start) & (batch.moments <= stay.end)] = stay.usage_point
        latest = int((result.ended_at + AHEAD).timestamp())
        kept = (points > 0) & (batch.moments <= latest)
        told.counts["events"] = int(kept.sum())
        batches.append(replace(batch, usage_points=points).take(kept))
    return EventBatch.joined(batches)
