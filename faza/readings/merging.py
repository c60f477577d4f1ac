"""Delivered days met by a new delivery: who wins, interval by interval. Pure, over arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from faza.core.quality import Quality, is_present
from faza.readings import rules
from faza.readings.packing import stored_quality

I64 = npt.NDArray[np.int64]
I16 = npt.NDArray[np.int16]
U8 = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """Days with the origin of each interval.

    values (m, k) int64, quality (m, k) uint8; sources (m, k) int16 and sequences (m, k) int64:
    which delivery speaks for the interval, 0 where none does. A source that replaces wholly may
    speak for an interval without a value: "there is none".
    """

    values: I64
    quality: U8
    sources: I16
    sequences: I64

    def take(self, rows: I64) -> Told:
        return Told(self.values[rows], self.quality[rows], self.sources[rows], self.sequences[rows])


@dataclass(frozen=True, slots=True, eq=False)
class Merged:
    """Delivered days after the merge, and what became of the new values.

    All masks are (m, k). changed: value or quality is another than before. here: the delivery
    has a value; same: the very value was there already. What is here and neither changed nor
    same stands behind something of higher precedence.
    """

    told: Told
    changed: Mask
    here: Mask
    same: Mask


def merge(old: Told, new: Told, kinds: Mapping[int, tuple[str, bool]]) -> Merged:
    """Merge a delivery into what was delivered; independent of the order of arrival.

    `kinds`: kind and "replaces wholly" of each source id. Per interval the greater (rank,
    sequence) stands and a value beats its absence; but within a source that replaces wholly the
    greater sequence stands with its absences too. Source: rules, "Readings".
    """
    here, there = is_present(new.quality), is_present(old.quality)
    new_rank, old_rank = ranks(new, kinds), ranks(old, kinds)
    later = new.sequences > old.sequences
    tie = (new_rank == old_rank) & (new.sequences == old.sequences)
    outranks = (new_rank > old_rank) | ((new_rank == old_rank) & later)
    # Two contents of one number and hash do not happen; the greater value makes it lawful.
    outranks |= tie & (new.values > old.values)
    wins = here & (~there | outranks)
    wholly = np.isin(new.sources, [s for s, (_, whole) in kinds.items() if whole])
    speaks = wholly & (new.quality != Quality.UNTOLD)
    same = speaks & (new.sources == old.sources)
    wins = np.where(same, later, wins)
    # The first to say "there is no value"; of two that say so the later one is kept.
    silence = speaks & ~here & ~there & ~same
    wins |= silence & ((old.sources == 0) | later)
    values = np.where(wins, new.values, old.values)
    quality = np.where(wins, np.where(here, new.quality, np.uint8(Quality.MISSING)), old.quality)
    changed = wins & (
        (values != old.values)
        | (stored_quality(quality) != stored_quality(old.quality))
    )  # fmt: skip
    equal = here & there & (new.values == old.values) & (new.quality == old.quality)
    told = Told(
        values,
        quality,
        np.where(wins, new.sources, old.sources).astype(np.int16),
        np.where(wins, new.sequences, old.sequences),
    )
    return Merged(told, changed, here, equal & ~changed)


def takes_over(old: Told, new: Told, kinds: Mapping[int, tuple[str, bool]]) -> Mask:
    """Which new days stand in the place of old ones that are on another grid. (m,) bool.

    A whole day for a whole day, by (greatest rank, last sequence); within a source that replaces
    wholly by the sequence alone.
    """
    new_rank, old_rank = ranks(new, kinds).max(axis=1), ranks(old, kinds).max(axis=1)
    later = new.sequences.max(axis=1) > old.sequences.max(axis=1)
    outranks = (new_rank > old_rank) | ((new_rank == old_rank) & later)
    mine = new.sources.max(axis=1, keepdims=True)
    wholly = np.isin(mine[:, 0], [s for s, (_, whole) in kinds.items() if whole])
    same = wholly & ((old.sources == 0) | (old.sources == mine)).all(axis=1)
    return np.where(same, later, outranks)


def ranks(told: Told, kinds: Mapping[int, tuple[str, bool]]) -> npt.NDArray[np.int8]:
    """(m, k) rank of each interval by its source and quality."""
    found = np.zeros(told.quality.shape, np.int8)
    for source in np.unique(told.sources):
        if source:
            mine = told.sources == source
            found[mine] = rules.ranks_of(kinds[int(source)][0], told.quality[mine])
    return found


def uniform(told: Told, wholly: Mask, lengths: I16) -> Mask:
    """Which days come from one delivery, so that the row itself can say so. (m,) bool.

    Of a source that replaces wholly only if it speaks for each interval of the day; wholly (m,)
    tells which days have such a source.
    """
    inside = np.arange(told.values.shape[1]) < lengths[:, None]
    spoken = (told.sources != 0) & inside
    big = np.iinfo(np.int64).max
    first = np.where(spoken, told.sequences, big).min(axis=1)
    last = np.where(spoken, told.sequences, -1).max(axis=1)
    low = np.where(spoken, told.sources, np.iinfo(np.int16).max).min(axis=1)
    high = np.where(spoken, told.sources, -1).max(axis=1)
    return (first == last) & (low == high) & (~wholly | (spoken == inside).all(axis=1))


def differ(told: Told, old: Told) -> Mask:
    """At which days anything is other than before, the origin included. (m,) bool."""
    return (
        (told.values != old.values)
        | (stored_quality(told.quality) != stored_quality(old.quality))
        | (told.sources != old.sources)
        | (told.sequences != old.sequences)
    ).any(axis=1)  # fmt: skip
