"""How a batch gets into the store: merge with what is there, guard, write, tell what changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import numpy.typing as npt

from faza.core.quality import Quality
from faza.readings import merging, provenance, rules
from faza.readings.blocks import BlockBatch
from faza.readings.merging import Told
from faza.readings.models import Provenance
from faza.readings.packing import stored_quality
from faza.readings.provenance import Key, Stretch
from faza.readings.store.writing import Staged, Stored, Writer

I64 = npt.NDArray[np.int64]
U8 = npt.NDArray[np.uint8]
Kinds = Mapping[int, tuple[str, bool]]

DELIVERED, ESTIMATE, OVERRIDE = (
    int(Provenance.Layer.DELIVERED), int(Provenance.Layer.ESTIMATE),
    int(Provenance.Layer.OVERRIDE),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a delivery did, in values: those delivered = changed + unchanged + superseded.

    changed: new or other than what was delivered before; unchanged: there already;
    superseded: something of higher precedence stands. cleared: values taken back by a message
    that says there are none. blocks: days written.
    """

    changed: int = 0
    unchanged: int = 0
    superseded: int = 0
    cleared: int = 0
    blocks: int = 0

    def __add__(self, other: Recorded) -> Recorded:
        return Recorded(
            self.changed + other.changed, self.unchanged + other.unchanged,
            self.superseded + other.superseded, self.cleared + other.cleared,
            self.blocks + other.blocks,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Day:
    """Days on their way through a merge: rows of `batch`, what is stored, and its stretches."""

    batch: BlockBatch
    stored: Stored
    keys: list[Key]
    stretches: dict[Key, list[Stretch]]


def keys_of(batch: BlockBatch) -> list[Key]:
    days = np.datetime_as_string(batch.days, unit="D").tolist()
    return list(
        zip(batch.usage_points.tolist(), batch.reading_types.tolist(), days, strict=True)
    )  # fmt: skip


def origins(day: Day, kinds: Kinds) -> Told:
    """The delivered days with the origin of each interval, from the row or its stretches."""
    stored = day.stored
    inside = stored.delivered_quality != Quality.UNTOLD
    present = stored.delivered_quality < Quality.UNTOLD
    wholly = np.array([kinds[s][1] if s else False for s in stored.sources.tolist()], bool)
    told = np.where(wholly[:, None], inside, present) & (stored.sources != 0)[:, None]
    sources = np.where(told, stored.sources[:, None], 0).astype(np.int16)
    sequences = np.where(told, stored.sequences[:, None], 0)
    for row in np.flatnonzero(stored.found & (stored.sources == 0)).tolist():
        for stretch in day.stretches.get(day.keys[row], ()):
            if stretch.layer == DELIVERED:
                sources[row, stretch.first : stretch.end] = stretch.source
                sequences[row, stretch.first : stretch.end] = stretch.sequence
    return Told(stored.delivered_values, stored.delivered_quality, sources, sequences)


def layer_masks(day: Day, row: int, width: int) -> dict[int, npt.NDArray[np.bool_]]:
    """Which intervals of a day each amending layer covers."""
    masks = {layer: np.zeros(width, bool) for layer in (ESTIMATE, OVERRIDE)}
    for stretch in day.stretches.get(day.keys[row], ()):
        if stretch.layer in masks:
            masks[stretch.layer][stretch.first : stretch.end] = True
    return masks


def merge_days(
    writer: Writer,
    staged: Staged,
    stored: Stored,
    kinds: Kinds,
    *,
    at: datetime,
    by: str,
    reason: str,
) -> tuple[Recorded, npt.NDArray[np.bool_]]:
    """Merge staged days into the stored ones and write them; what changed, and who was refused.

    The mask (n,) tells the staged rows at which somebody was faster: read and merge them again.
    """
    refused = np.zeros(len(staged.batch), bool)
    batch = _widened(staged.batch.take(stored.rows), stored.values.shape[1])
    keys = keys_of(batch)
    looked_up = stored.amended | (stored.found & (stored.sources == 0))
    stretches = provenance.of_keys(keys[row] for row in np.flatnonzero(looked_up).tolist())
    day = Day(batch, stored, keys, stretches)
    old = origins(day, kinds)
    sequences = staged.sequences[stored.rows]
    told = batch.quality != Quality.UNTOLD
    new = Told(
        batch.values.copy(),
        batch.quality.copy(),
        np.where(told, staged.sources[stored.rows][:, None], 0).astype(np.int16),
        np.where(told, sequences[:, None], 0),
    )
    # A day on another grid (hours for half-hours) is not mixed with: one of both stands whole.
    regridded = other_grid(stored, batch)
    gives_way = np.zeros(len(batch), bool)
    if regridded.any():
        gives_way = regridded & merging.takes_over(old, new, kinds)
        for row in np.flatnonzero(gives_way).tolist():
            # Nor can what a person laid over the day be moved to another grid.
            layers = {stretch.layer for stretch in stretches.get(keys[row], ())}
            gives_way[row] = OVERRIDE not in layers
    _blank(old, gives_way)
    _blank(new, regridded & ~gives_way)
    merged = merging.merge(old, new, kinds)
    outcome = _counted(merged, np.ones(len(batch), bool))
    n_lost = int((batch.quality[regridded & ~gives_way] < Quality.UNTOLD).sum())
    outcome = replace(outcome, superseded=outcome.superseded + n_lost)
    touched = _differs(merged.told, old)
    if not touched.any():
        return outcome, refused
    accepted = _write(
        writer, replace(staged, batch=batch), day, merged, touched, gives_way, kinds,
        at=at, by=by, reason=reason,
    )  # fmt: skip
    beaten = touched & ~accepted
    if beaten.any():
        # They are counted when they get through.
        refused[stored.rows[beaten]] = True
        outcome = _counted(merged, ~beaten)
        outcome = replace(outcome, superseded=outcome.superseded + n_lost)
    return replace(outcome, blocks=int(accepted.sum())), refused


def _write(
    writer: Writer,
    staged: Staged,
    day: Day,
    merged: merging.Merged,
    touched: npt.NDArray[np.bool_],
    gives_way: npt.NDArray[np.bool_],
    kinds: Kinds,
    *,
    at: datetime,
    by: str,
    reason: str,
) -> npt.NDArray[np.bool_]:
    """Write the touched days: effective, delivered, stretches, versions; the accepted (m,)."""
    stored, told = day.stored, merged.told
    values, quality = told.values.copy(), told.quality.copy()
    kept: dict[int, list[Stretch]] = {}
    amended = np.flatnonzero(stored.amended & ~gives_way).tolist()
    # An estimate yields to a value, not to a forecast or to nothing.
    better = merging.ranks(told.take(amended), kinds) >= rules.ESTIMATE
    for place, row in enumerate(amended):
        masks = layer_masks(day, row, values.shape[1])
        estimates = masks[ESTIMATE] & ~(merged.changed[row] & better[place])
        stays = estimates | masks[OVERRIDE]
        values[row, stays] = stored.values[row, stays]
        quality[row, stays] = stored.quality[row, stays]
        kept[row] = [
            part
            for stretch in day.stretches.get(day.keys[row], ())
            if stretch.layer != DELIVERED
            for part in (
                provenance.trimmed(stretch, estimates) if stretch.layer == ESTIMATE else [stretch]
            )
        ]
    sources, sequences = row_origin(told, day.batch.lengths, kinds)
    return put_days(
        writer,
        replace(
            staged,
            batch=replace(day.batch, values=values, quality=quality),
            sources=sources,
            sequences=sequences,
            versions=stored.versions + 1,
            fresh=np.zeros(len(values), bool),
            recorded_at=staged.recorded_at[stored.rows],
        ),
        day,
        told,
        touched,
        kept,
        at=at,
        by=by,
        reason=reason,
    )


def put_days(
    writer: Writer,
    effective: Staged,
    day: Day,
    told: Told,
    touched: npt.NDArray[np.bool_],
    kept: Mapping[int, list[Stretch]],
    *,
    at: datetime,
    by: str,
    reason: str,
) -> npt.NDArray[np.bool_]:
    """Write effective days guarded by version, with their delivery, stretches and versions.

    effective: all m days of `day`; of them the touched are written. told: the days as
    delivered. kept: the stretches of amending layers by row. Returns the accepted rows (m,).
    """
    rows = np.flatnonzero(touched)
    writer.stage(_taken(effective, rows))
    written = writer.upsert()
    accepted = np.array(
        [touched[row] and day.keys[row] in written for row in range(len(touched))], bool
    )
    _keep_replaced(writer, effective.batch, day.stored, accepted, at=at, by=by, reason=reason)
    delivered_quality = stored_quality(told.quality)
    inside = np.arange(told.values.shape[1]) < day.batch.lengths[:, None]
    differs = (
        (effective.batch.values != told.values)
        | (stored_quality(effective.batch.quality) != delivered_quality)
    ) & inside  # fmt: skip
    amended = differs.any(axis=1)
    # What is laid over a day stands also where it happens to say what was delivered.
    amended[[row for row, parts in kept.items() if parts]] = True
    apart = np.flatnonzero(accepted & amended)
    if len(apart):
        delivered = replace(day.batch, values=told.values, quality=told.quality)
        writer.stage(_taken(replace(effective, batch=delivered), apart))
        writer.upsert("readings_delivered", guarded=False)
    joined = np.flatnonzero(accepted & day.stored.amended & ~amended)
    writer.delete_rows("readings_delivered", [day.keys[row] for row in joined.tolist()])
    mixed = effective.sources == 0
    had = np.array([bool(day.stretches.get(key)) for key in day.keys], bool)
    fresh_stretches = [
        Stretch(day.keys[row], DELIVERED, first, end, source, sequence, at)
        for row, first, end, source, sequence in provenance.runs(
            np.where((accepted & mixed)[:, None], told.sources, 0), told.sequences
        )
    ]
    amending = [part for row in np.flatnonzero(accepted).tolist() for part in kept.get(row, ())]
    forget = [day.keys[row] for row in np.flatnonzero(accepted & had).tolist()]
    provenance.write(writer, forget, [*fresh_stretches, *amending])
    return accepted


def _keep_replaced(
    writer: Writer,
    effective: BlockBatch,
    stored: Stored,
    accepted: npt.NDArray[np.bool_],
    *,
    at: datetime,
    by: str,
    reason: str,
) -> None:
    """Put what the accepted days were before into the versions, where they are other now.

    After the guarded write: it proves that what was read is what was replaced, and a version is
    then written by one session only, so that sessions wait for each other at the days alone.
    """
    lengths = _lengths(stored.quality)
    other = (effective.values != stored.values) | (
        stored_quality(effective.quality) != stored_quality(stored.quality)
    )
    regridded = (effective.intervals != stored.intervals) | (effective.lengths != lengths)
    rows = np.flatnonzero(accepted & stored.found & (other.any(axis=1) | regridded))
    if not len(rows):
        return
    before = replace(
        effective,
        intervals=stored.intervals,
        lengths=lengths.astype(np.int16),
        values=stored.values,
        quality=stored.quality,
    )
    staged = Staged(
        before, stored.sources, stored.sequences, stored.versions, ~accepted, stored.recorded_at
    )
    writer.stage(_taken(staged, rows))
    writer.keep_versions(at=at, by=by, reason=reason)


def _taken(staged: Staged, rows: I64) -> Staged:
    return Staged(
        staged.batch.take(rows), staged.sources[rows], staged.sequences[rows],
        staged.versions[rows], staged.fresh[rows], staged.recorded_at[rows],
    )  # fmt: skip


def row_origin(told: Told, lengths: npt.NDArray, kinds: Kinds) -> tuple[npt.NDArray, I64]:
    """Source and sequence of each row: those of its one delivery, or 0 and the last one's."""
    last = told.sequences.max(axis=1, initial=0)
    high = told.sources.max(axis=1, initial=0)
    wholly = np.array([kinds[s][1] if s else False for s in high.tolist()], bool)
    one = merging.uniform(told, wholly, lengths)
    return np.where(one, high, 0).astype(np.int16), last


def _counted(merged: merging.Merged, rows: npt.NDArray[np.bool_]) -> Recorded:
    present = merged.here & rows[:, None]
    changed = int((merged.changed & present).sum())
    same = int((merged.same & present).sum())
    cleared = merged.changed & rows[:, None] & (merged.told.quality >= Quality.UNTOLD)
    return Recorded(changed, same, int(present.sum()) - changed - same, int(cleared.sum()))


def _differs(told: Told, old: Told) -> npt.NDArray[np.bool_]:
    """At which days anything is other than before, the origin included. (m,) bool."""
    return (
        (told.values != old.values)
        | (stored_quality(told.quality) != stored_quality(old.quality))
        | (told.sources != old.sources)
        | (told.sequences != old.sequences)
    ).any(axis=1)  # fmt: skip


def _blank(told: Told, rows: npt.NDArray[np.bool_]) -> None:
    told.values[rows], told.quality[rows] = 0, Quality.UNTOLD
    told.sources[rows], told.sequences[rows] = 0, 0


def other_grid(stored: Stored, batch: BlockBatch) -> npt.NDArray[np.bool_]:
    """(m,) which stored days have another interval or length than those of the batch."""
    lengths = _lengths(stored.quality)
    return stored.found & ((stored.intervals != batch.intervals) | (lengths != batch.lengths))


def _lengths(quality: U8) -> npt.NDArray:
    return (quality != Quality.UNTOLD).sum(axis=1)


def _widened(batch: BlockBatch, width: int) -> BlockBatch:
    missing = width - batch.values.shape[1]
    if missing <= 0:
        return batch
    return replace(
        batch,
        values=np.pad(batch.values, ((0, 0), (0, missing))),
        quality=np.pad(batch.quality, ((0, 0), (0, missing)), constant_values=Quality.UNTOLD),
    )
