"""Register readings met by new ones: who stands, and where a person and a meter disagree. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from faza.readings import rules
from faza.readings.register_store import StoredReadings

I64 = npt.NDArray[np.int64]
I8 = npt.NDArray[np.int8]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Conflict:
    """A typed reading and a measured one of one moment do not agree; the measured one stands.

    registers: where they differ; typed, measured: Wh and varh shown there, in their order.
    at: unix seconds. For the queue of an operator: the same conflict comes back with every
    repetition of its delivery, so it is kept once by (usage_point, meter, at).
    """

    usage_point: int
    meter: int
    at: int
    registers: tuple[int, ...]
    typed: tuple[int, ...]
    measured: tuple[int, ...]


def merge(
    new: StoredReadings, stored: StoredReadings, kinds: Mapping[int, str]
) -> tuple[StoredReadings, I64, Mask, Mask]:
    """New readings merged with the stored ones of their key.

    Returns them, the stored row of each (-1: none), which are other than what is stored, and
    which of the deliveries stand behind what is stored. All (n,).
    """
    place = _places(new.keys(), stored.keys())
    met = place >= 0
    if not met.any():
        return new, place, np.ones(len(new), bool), np.zeros(len(new), bool)
    old = stored.take(np.where(met, place, 0))
    new_rank, old_rank = ranks(new, kinds), ranks(old, kinds)
    later = (new_rank > old_rank) | ((new_rank == old_rank) & (new.sequences > old.sequences))
    wins = ~met | later
    equal_rank = met & (new_rank == old_rank)
    tie = equal_rank & (new.sequences == old.sequences)
    fill = equal_rank[:, None]
    # One number for two contents does not happen; the greater value makes it lawful.
    greater = tie[:, None] & new.present & (~old.present | (new.values > old.values))
    take_new = np.where(
        wins[:, None], new.present | ~(fill & old.present), (fill & ~old.present) | greater
    )
    merged = replace(
        new,
        values=np.where(take_new, new.values, old.values),
        present=np.where(take_new, new.present, old.present),
        sources=np.where(wins, new.sources, old.sources),
        quality=np.where(wins, new.quality, old.quality),
        sequences=np.where(wins, new.sequences, old.sequences),
        versions=np.where(met, old.versions + 1, 1),
    )
    same = met & (merged.values == old.values).all(axis=1)
    same &= (merged.present == old.present).all(axis=1)
    same &= (merged.sources == old.sources) & (merged.quality == old.quality)
    same &= merged.sequences == old.sequences
    shown = (~new.present | (merged.present & (merged.values == new.values))).all(axis=1)
    lost = met & ~wins & ~shown
    return merged, place, ~same, lost


def conflicts(
    new: StoredReadings, stored: StoredReadings, kinds: Mapping[int, str]
) -> tuple[Conflict, ...]:
    """Where a typed reading and a measured one of the same moment differ, of whatever kinds."""
    if not len(stored):
        return ()
    moments, at = np.unique(stored.keys()[:, :3], axis=0, return_inverse=True)
    spot = _places(new.keys()[:, :3], moments)
    found = []
    new_typed, old_typed = ranks(new, kinds) <= rules.MANUAL, ranks(stored, kinds) <= rules.MANUAL
    for kind in np.unique(stored.kinds):
        # At most one stored reading of each kind at a moment.
        of_kind = np.full(len(moments) + 1, -1)
        mine = np.flatnonzero(stored.kinds == kind)
        of_kind[at.reshape(-1)[mine]] = mine
        other = of_kind[spot]
        rows = np.flatnonzero((spot >= 0) & (other >= 0))
        rows = rows[new_typed[rows] != old_typed[other[rows]]]
        others = other[rows]
        differs = new.present[rows] & stored.present[others]
        differs &= new.values[rows] != stored.values[others]
        for place in np.flatnonzero(differs.any(axis=1)).tolist():
            row, of_stored = int(rows[place]), int(others[place])
            where = np.flatnonzero(differs[place])
            mine_shown = tuple(new.values[row, where].tolist())
            theirs = tuple(stored.values[of_stored, where].tolist())
            typed, measured = (mine_shown, theirs) if new_typed[row] else (theirs, mine_shown)
            point, meter, moment, _ = new.keys()[row].tolist()
            found.append(Conflict(point, meter, moment, tuple(where.tolist()), typed, measured))
    return tuple(found)


def ranks(readings: StoredReadings, kinds: Mapping[int, str]) -> I8:
    """(n,) rank of each reading by its source's kind and its quality."""
    found = np.zeros(len(readings), np.int8)
    for source in np.unique(readings.sources).tolist():
        mine = readings.sources == source
        found[mine] = rules.ranks_of(kinds[source], readings.quality[mine])
    return found


def _places(keys: I64, among: I64) -> I64:
    """The row of each key (n, k) among distinct keys (m, k); -1 where it is not there."""
    if not len(among):
        return np.full(len(keys), -1)
    _, ids = np.unique(np.concatenate([among, keys]), axis=0, return_inverse=True)
    ids = ids.reshape(-1)
    rows = np.full(int(ids.max()) + 1, -1)
    rows[ids[: len(among)]] = np.arange(len(among))
    return rows[ids[len(among) :]]
