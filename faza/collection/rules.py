"""Verdicts on deliveries before they are recorded. Pure, over arrays and values."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

import numpy as np
import numpy.typing as npt

from faza.core.quality import Quality
from faza.readings.blocks import BlockBatch

I64 = npt.NDArray[np.int64]

MOSCOW = "Europe/Moscow"
TIMEZONES: Mapping[str, str] = {"1": MOSCOW}
"""Zones by an area's attribute `timezone`; the table TimezoneCode adds to it.

Source: messages in the field, where 1 stands with Moscow time (reference/collection.md, 3).
"""

NUMBERS = 2**40
"""Message numbers must be below it, to have a place in a sequence (`readings.rules.sequence`)."""


def joined(batch: BlockBatch, sequences: I64) -> tuple[BlockBatch, I64]:
    """The parts of a day made one row where one delivery brought them in several.

    A foreign day, or a series with a long gap, gives parts of one local day. Where two parts
    speak for the same interval the first stands.
    """
    order = np.lexsort(
        (batch.intervals, sequences, batch.days, batch.reading_types, batch.usage_points)
    )
    ids = np.column_stack([batch.ids(), sequences, batch.intervals, batch.lengths])[order]
    fresh = np.ones(len(order), bool)
    fresh[1:] = (ids[1:] != ids[:-1]).any(axis=1)
    if fresh.all():
        return batch, sequences
    group = np.cumsum(fresh) - 1
    place = np.arange(len(order)) - np.flatnonzero(fresh)[group]
    heads = order[fresh]
    values, quality = batch.values[heads].copy(), batch.quality[heads].copy()
    for turn in range(1, int(place.max()) + 1):
        chosen = place == turn
        rows, into = order[chosen], group[chosen]
        empty = (quality[into] == Quality.UNTOLD) & (batch.quality[rows] != Quality.UNTOLD)
        values[into] = np.where(empty, batch.values[rows], values[into])
        quality[into] = np.where(empty, batch.quality[rows], quality[into])
    taken = batch.take(heads)
    return (
        BlockBatch(
            taken.usage_points, taken.reading_types, taken.days, taken.intervals, taken.lengths,
            values, quality,
        ),
        sequences[heads],
    )  # fmt: skip


def waves(batch: BlockBatch, sequences: I64) -> Iterator[tuple[BlockBatch, I64]]:
    """Parts of a batch in which no day of a channel comes twice, as `record` wants them.

    Two messages that meet in a local day, or the same day sent twice, go one after another; the
    order is that of their sequences, but nothing depends on it.
    """
    batch, sequences = joined(batch, sequences)
    ids = batch.ids()
    order = np.lexsort((sequences, ids[:, 2], ids[:, 1], ids[:, 0]))
    sorted_ids = ids[order]
    fresh = np.ones(len(order), bool)
    fresh[1:] = (sorted_ids[1:] != sorted_ids[:-1]).any(axis=1)
    heads = np.flatnonzero(fresh)
    place = np.arange(len(order)) - heads[np.cumsum(fresh) - 1]
    for turn in range(int(place.max()) + 1 if len(place) else 0):
        rows = order[place == turn]
        yield batch.take(rows), sequences[rows]


def twice(usage_points: I64, reading_types: I64) -> npt.NDArray[np.bool_]:
    """Which rows of a message repeat a channel of a point that came before them. (n,) bool."""
    keys = usage_points * 2**16 + reading_types
    _, first = np.unique(keys, return_index=True)
    again = np.ones(len(keys), bool)
    again[first] = False
    return again


def is_hidden(name: str) -> bool:
    """Whether a file in a folder is nobody's delivery: a dot file, an editor's or office's lock."""
    base = os.path.basename(name)
    return base.startswith((".", "~$")) or base.endswith("~")
