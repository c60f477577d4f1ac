"""How a batch gets into the store: merge with what is there, guard, write, tell what changed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import numpy.typing as npt

from faza.core.quality import Quality
from faza.readings import merging, rules
from faza.readings.blocks import BlockBatch
from faza.readings.effective import After, Day, Kinds, meet, other_grid, put_days
from faza.readings.merging import Told
from faza.readings.packing import stored_quality
from faza.readings.provenance import DELIVERED, ESTIMATE, OVERRIDE, VERDICT, Layers
from faza.readings.store import Staged, Stored, Writer

Mask = npt.NDArray[np.bool_]


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
class Merge:
    """What came of merging staged days into stored ones.

    changed: the delivered days whole, as they are now, of which a value is another than before.
    refused (n,): the staged rows at which somebody was faster: read and merge them again.
    """

    recorded: Recorded
    changed: BlockBatch
    refused: Mask


def merge_days(
    writer: Writer, staged: Staged, stored: Stored, kinds: Kinds, *, at: datetime, by: str,
    reason: str,
) -> Merge:  # fmt: skip
    """Merge staged days into the stored ones and write them.

    A changed delivered value lifts the verdict on its interval and, unless it is of lower rank,
    the estimate; an override stays.
    """
    look = stored.amended | (stored.found & (stored.sources == 0))
    day = meet(writer, staged, stored, kinds, look=look)
    new = _told(staged, day)
    regridded = other_grid(stored, day.batch)
    gives_way = _giving_way(day, new, regridded, kinds)
    lost = regridded & ~gives_way
    n_lost = int((day.batch.quality[lost] < Quality.UNTOLD).sum())
    if lost.any():
        rows = np.flatnonzero(~lost)
        day, new, gives_way = day.take(rows), new.take(rows), gives_way[rows]
    _blank(day.told, gives_way)
    merged = merging.merge(day.told, new, kinds)
    layers = _lifted(day, merged, gives_way, kinds)
    after = After(merged.told, layers, day.stored.values, day.stored.quality)
    touched, accepted, _ = put_days(
        writer, day, after, kinds=kinds, at=at, by=by, reason=reason
    )  # fmt: skip
    beaten = touched & ~accepted
    refused = np.zeros(len(staged.batch), bool)
    refused[day.stored.rows[beaten]] = True
    # The beaten are counted when they get through.
    outcome = _counted(merged, ~beaten)
    recorded = replace(outcome, superseded=outcome.superseded + n_lost, blocks=int(accepted.sum()))
    changed = accepted & (merged.changed.any(axis=1) | gives_way)
    return Merge(recorded, _delivered(day, merged.told, changed), refused)


def _told(staged: Staged, day: Day) -> Told:
    """The staged days as a delivery of one source."""
    told = day.batch.quality != Quality.UNTOLD
    rows = day.stored.rows
    return Told(
        day.batch.values.copy(),
        day.batch.quality.copy(),
        np.where(told, staged.sources[rows][:, None], 0).astype(np.int16),
        np.where(told, staged.sequences[rows][:, None], 0),
    )


def _giving_way(day: Day, new: Told, regridded: Mask, kinds: Kinds) -> Mask:
    """(m,) which days on another grid (hours for half-hours) the new ones take the place of.

    Two grids are not mixed: one of both stands whole. Nor can what a person laid over a day be
    moved to another grid.
    """
    if not regridded.any():
        return regridded
    overridden = day.layers.covers(OVERRIDE).any(axis=1)
    return regridded & merging.takes_over(day.told, new, kinds) & ~overridden


def _lifted(day: Day, merged: merging.Merged, gives_way: Mask, kinds: Kinds) -> Layers:
    """The layers after a delivery, without what its changes lift."""
    layers, changed = day.layers, merged.changed
    kept: dict[int, npt.NDArray[np.int32]] = {}
    for layer, numbers in layers.numbers.items():
        stays = np.broadcast_to(~gives_way[:, None], numbers.shape)
        if layer == VERDICT:
            stays = stays & ~changed
        elif layer == ESTIMATE:
            # An estimate yields to a value, not to a forecast or to nothing; a person's estimate
            # to what outranks it.
            needed = layers.labels.table(
                "source",
                lambda source: rules.OPERATOR if kinds[source][0] == "operator" else rules.ESTIMATE,
                np.int8,
            )
            stays = stays & ~(changed & (merging.ranks(merged.told, kinds) >= needed[numbers]))
        if layer != DELIVERED:
            kept[layer] = np.where(stays, numbers, 0).astype(np.int32)
    return layers.having(kept) if kept else layers


def _delivered(day: Day, told: Told, rows: Mask) -> BlockBatch:
    """Some of the days as delivered, nothing of them untold."""
    batch = day.batch.take(rows)
    inside = np.arange(batch.values.shape[1]) < batch.lengths[:, None]
    quality = np.where(inside, stored_quality(told.quality[rows]), np.uint8(Quality.UNTOLD))
    return replace(batch, values=told.values[rows], quality=quality)


def _counted(merged: merging.Merged, rows: npt.NDArray[np.bool_]) -> Recorded:
    present = merged.here & rows[:, None]
    changed = int((merged.changed & present).sum())
    same = int((merged.same & present).sum())
    cleared = merged.changed & rows[:, None] & (merged.told.quality >= Quality.UNTOLD)
    return Recorded(changed, same, int(present.sum()) - changed - same, int(cleared.sum()))


def _blank(told: Told, rows: npt.NDArray[np.bool_]) -> None:
    told.values[rows], told.quality[rows] = 0, Quality.UNTOLD
    told.sources[rows], told.sequences[rows] = 0, 0
