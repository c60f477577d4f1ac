"""Days as they stand: deliveries with what is laid over them, and the guarded way to write them.

The effective day = the delivered day, then verdicts of validation, then estimates, then a
person's overrides. What was effective before stays in the versions, what was delivered in the
delivered day. ADR 6.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import numpy.typing as npt

from faza.core.quality import Quality, is_present
from faza.readings import merging, provenance, rules
from faza.readings.blocks import BlockBatch
from faza.readings.merging import Told
from faza.readings.packing import stored_quality
from faza.readings.provenance import DELIVERED, ESTIMATE, OVERRIDE, VERDICT, Label, Layers
from faza.readings.store import Staged, Stored, Writer, moments

I16 = npt.NDArray[np.int16]
I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]
U8 = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]
Kinds = Mapping[int, tuple[str, bool]]

DOUBT, REJECT = "doubt", "reject"
"""What a stretch of the verdict layer does, in its `method`: the value is QUESTIONABLE, or none."""


@dataclass(frozen=True, slots=True, eq=False)
class Day:
    """Days on their way through a change: m rows of `batch`, what is stored, and its layers."""

    batch: BlockBatch
    stored: Stored
    told: Told
    layers: Layers

    def take(self, rows: I64) -> Day:
        """Some of the days, by index."""
        return Day(
            self.batch.take(rows), self.stored.take(rows), self.told.take(rows),
            self.layers.take(rows),
        )  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class After:
    """What those days become: as delivered, as laid over, and the values (m, k) that are laid.

    values, quality: read only where an estimate or an override stands.
    """

    told: Told
    layers: Layers
    values: I64
    quality: U8


def meet(writer: Writer, staged: Staged, stored: Stored, kinds: Kinds, *, look: Mask) -> Day:
    """Staged days with what is stored of them; look (m,): which of them may have provenance."""
    batch = widened(staged.batch.take(stored.rows), stored.values.shape[1])
    layers = Layers(stored.values.shape)
    if look.any():
        places = np.full(len(staged.batch), -1, np.int64)
        places[stored.rows] = np.arange(len(stored.rows))
        layers = provenance.of_staged(writer, places, stored.values.shape)
    return Day(batch, stored, _origins(stored, layers, kinds), layers)


def _origins(stored: Stored, layers: Layers, kinds: Kinds) -> Told:
    """The delivered days with the origin of each interval, from the row or its stretches."""
    inside = stored.delivered_quality != Quality.UNTOLD
    present = stored.delivered_quality < Quality.UNTOLD
    wholly = np.array([kinds[s][1] if s else False for s in stored.sources.tolist()], bool)
    told = np.where(wholly[:, None], inside, present) & (stored.sources != 0)[:, None]
    sources = np.where(told, stored.sources[:, None], 0).astype(np.int16)
    sequences = np.where(told, stored.sequences[:, None], 0)
    if DELIVERED in layers.numbers:
        mixed = (stored.found & (stored.sources == 0))[:, None]
        of_source = layers.labels.table("source", int, np.int16)
        of_sequence = layers.labels.table("sequence", int, np.int64)
        numbers = layers.of(DELIVERED)
        sources = np.where(mixed, of_source[numbers], sources)
        sequences = np.where(mixed, of_sequence[numbers], sequences)
    return Told(stored.delivered_values, stored.delivered_quality, sources, sequences)


def may_estimate(told: Told, layers: Layers) -> Mask:
    """Where an estimate may stand: nothing good was measured, or a verdict is against it."""
    measured = rules.ranks_of("meter", stored_quality(told.quality)) >= rules.MEASURED
    return ~measured | layers.covers(VERDICT)


def composed(after: After, lengths: I16) -> tuple[I64, U8]:
    """Effective values and quality of days (m, k); UNTOLD past their lengths."""
    told, layers = after.told, after.layers
    inside = np.arange(told.values.shape[1]) < lengths[:, None]
    quality = np.where(inside, stored_quality(told.quality), np.uint8(Quality.UNTOLD))
    values = told.values
    if VERDICT in layers.numbers:
        verdict = layers.of(VERDICT)
        doubts, rejects = verdicts(layers)
        measured = rules.ranks_of("meter", quality) >= rules.MEASURED
        quality[doubts[verdict] & measured] = Quality.QUESTIONABLE
        quality[rejects[verdict]] = Quality.MISSING
    covered = layers.covers(ESTIMATE) | layers.covers(OVERRIDE)
    if covered.any():
        values = np.where(covered, after.values, values)
        quality = np.where(covered, stored_quality(after.quality), quality)
    return np.where(is_present(quality), values, 0), quality


def verdicts(layers: Layers) -> tuple[Mask, Mask]:
    """Whether each label doubts, and whether it rejects, by its number."""
    labels = layers.labels
    return labels.table("method", DOUBT.__eq__, bool), labels.table("method", REJECT.__eq__, bool)


def put_days(
    writer: Writer, day: Day, after: After, *, kinds: Kinds, at: datetime, by: str, reason: str
) -> tuple[Mask, Mask, Mask]:
    """Write what is other than before, guarded by version, with delivery, layers and versions.

    A day of which only the origin is another keeps its `recorded_at`: nobody saw a change then.
    Returns masks: (m,) days to be written, (m,) those of them that were (somebody was faster at
    the rest), and (m, k) the intervals of all days whose value or quality is another.
    """
    stored, lengths = day.stored, day.batch.lengths
    after = replace(after, layers=_with_deliveries(day, after, kinds, at))
    values, quality = composed(after, lengths)
    other = (values != stored.values) | (stored_quality(quality) != stored_quality(stored.quality))
    seen = other.any(axis=1) | other_grid(stored, day.batch)
    deliveries = merging.differ(after.told, day.told)
    moved = after.layers.other_days(day.layers)
    touched = seen | deliveries | moved
    rows = np.flatnonzero(touched)
    accepted = np.zeros(len(touched), bool)
    if not len(rows):
        return touched, accepted, other
    sources, sequences = row_origin(after.told, lengths, kinds)
    now = moments(at, len(touched))
    staged = Staged(
        replace(day.batch, values=values, quality=quality), sources, sequences,
        stored.versions + 1, np.zeros(len(touched), bool),
        np.where(stored.found & ~seen, stored.recorded_at, now),
    )  # fmt: skip
    written = staged.take(rows)
    writer.stage(written)
    accepted[rows] = writer.upsert(written)
    _keep_replaced(writer, staged.batch, stored, accepted & seen, at=at, by=by, reason=reason)
    _put_delivered(writer, staged, day, after, accepted, now)
    had = day.layers.numbers
    having = np.zeros(len(touched), bool)
    for numbers in had.values():
        having |= numbers.any(axis=1)
    provenance.write(writer, day.batch, after.layers, accepted & moved, having)
    return touched, accepted, other


def _with_deliveries(day: Day, after: After, kinds: Kinds, at: datetime) -> Layers:
    """Layers with the stretches of days of several deliveries; a day of one says so itself."""
    told = after.told
    sources, _ = row_origin(told, day.batch.lengths, kinds)
    mixed = (sources == 0) & (told.sources != 0).any(axis=1)
    if not mixed.any():
        if DELIVERED not in day.layers.numbers:
            return after.layers
        return after.layers.having({DELIVERED: np.zeros(day.layers.shape, np.int32)})
    before = day.layers.of(DELIVERED)
    same = (told.sources == day.told.sources) & (told.sequences == day.told.sequences)
    numbers = np.where(mixed[:, None] & same, before, 0)
    fresh = np.nonzero(mixed[:, None] & (told.sources != 0) & (numbers == 0))
    if len(fresh[0]):
        labels = after.layers.labels
        pairs = np.column_stack([told.sources[fresh].astype(np.int64), told.sequences[fresh]])
        distinct, place = np.unique(pairs, axis=0, return_inverse=True)
        made = [labels.number(Label(source, order, at)) for source, order in distinct.tolist()]
        numbers[fresh] = np.array(made)[place.reshape(-1)]
    return after.layers.having({DELIVERED: numbers.astype(np.int32)})


def _keep_replaced(
    writer: Writer, effective: BlockBatch, stored: Stored, seen: Mask, *, at: datetime, by: str,
    reason: str,
) -> None:  # fmt: skip
    """Put what the days were before into the versions, of those in which a change is seen.

    After the guarded write: it proves that what was read is what was replaced, and a version is
    then written by one session only, so that sessions wait for each other at the days alone.
    """
    rows = np.flatnonzero(seen & stored.found)
    if not len(rows):
        return
    before = replace(
        effective,
        intervals=stored.intervals,
        lengths=_lengths(stored.quality).astype(np.int16),
        values=stored.values,
        quality=stored.quality,
    )
    staged = Staged(
        before, stored.sources, stored.sequences, stored.versions, ~seen, stored.recorded_at
    )
    writer.stage(staged.take(rows))
    writer.keep_versions(at=at, by=by, reason=reason)


def _put_delivered(
    writer: Writer,
    effective: Staged,
    day: Day,
    after: After,
    accepted: Mask,
    at: npt.NDArray[np.datetime64],
) -> None:
    """Keep the delivery apart where anything is laid over it, also where that says the same."""
    told, was_apart = after.told, day.stored.amended
    amended = after.layers.amended()
    same = (told.values == day.told.values) & (told.quality == day.told.quality)
    stays = was_apart & same.all(axis=1)
    apart = np.flatnonzero(accepted & amended & ~stays)
    if len(apart):
        delivered = replace(day.batch, values=told.values, quality=told.quality)
        # When it was delivered so, not when something was laid over it.
        since = np.where(same.all(axis=1) & day.stored.found, day.stored.recorded_at, at)
        staged = replace(effective, batch=delivered, recorded_at=since).take(apart)
        writer.stage(staged)
        writer.upsert(staged, "readings_delivered", guarded=False)
    writer.delete_rows("readings_delivered", day.batch.take(accepted & was_apart & ~amended))


def row_origin(told: Told, lengths: I16, kinds: Kinds) -> tuple[I16, I64]:
    """Source and sequence of each row: those of its one delivery, or 0 and the last one's."""
    last = told.sequences.max(axis=1, initial=0)
    high = told.sources.max(axis=1, initial=0)
    wholly = np.array([kinds[s][1] if s else False for s in high.tolist()], bool)
    one = merging.uniform(told, wholly, lengths)
    return np.where(one, high, 0).astype(np.int16), last


def other_grid(stored: Stored, batch: BlockBatch) -> Mask:
    """(m,) which stored days have another interval or length than those of the batch."""
    lengths = _lengths(stored.quality)
    return stored.found & ((stored.intervals != batch.intervals) | (lengths != batch.lengths))


def _lengths(quality: U8) -> I64:
    return (quality != Quality.UNTOLD).sum(axis=1)


def widened(batch: BlockBatch, width: int) -> BlockBatch:
    """A batch of at least so many columns."""
    missing = width - batch.values.shape[1]
    if missing <= 0:
        return batch
    return replace(
        batch,
        values=np.pad(batch.values, ((0, 0), (0, missing))),
        quality=np.pad(batch.quality, ((0, 0), (0, missing)), constant_values=Quality.UNTOLD),
    )
