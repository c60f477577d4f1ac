"""What readings that people typed prove of a stretch: they bound estimates, and judge nothing.

They stand within an interval and are read to a kWh: a stretch between two of them, or one of them
and the meter's own, is taken to begin and end with the nearest hour, its energy to be less exact by
what may have flowed meanwhile. So no rule accuses a profile by them.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from faza.readings.registers import SINGLE, WHOLE, register
from faza.readings.validation.history_shapes import Pairs
from faza.readings.vee.points import midnight_before
from faza.readings.vee.registers import KINDS, Read, between, joined, taken, total

I64 = npt.NDArray[np.int64]
HOUR = 3600
PEAK = 4
"""So many times the mean of the stretch may flow between a typed reading and the hour. A choice
of ours: a household's evening is three to four times its mean."""


def bounds_of(readings: Read, pairs: Pairs) -> Pairs:
    """What bounds estimates, sorted as `registers.pairs_of`: its pairs and those of typed readings.

    pairs: those of the meters' own readings.
    """
    typed = readings.sound & (readings.rows.kinds == KINDS.MANUAL)
    if not typed.any():
        return pairs
    return joined([pairs, *(_of_energy(readings, kind, typed) for kind in (1, 2, 3, 4, *SINGLE))])


def _of_energy(readings: Read, reading_type: int, typed: npt.NDArray[np.bool_]) -> Pairs:
    """Pairs of consecutive readings, one of them typed at least, from hour to hour."""
    found, before, after = between(readings, reading_type, readings.good | typed)
    mine = np.flatnonzero(typed[before] | typed[after])
    found, before, after = taken(found, mine), before[mine], after[mine]
    values, _ = total(readings.rows, reading_type)
    whole = int(WHOLE[register(reading_type)])
    resolutions = found.resolutions.astype(np.float64)
    moments = []
    for rows, ends in ((before, found.starts), (after, found.ends)):
        hours = np.where(typed[rows], _hours(readings, rows), ends)
        rough = typed[rows] & (values[rows] % whole == 0)
        resolutions = np.maximum(resolutions, np.where(rough, whole * found.ratios, 0))
        moments.append(hours)
    length = np.maximum(found.ends - found.starts, 1)
    aside = np.abs(moments[0] - found.starts) + np.abs(moments[1] - found.ends)
    resolutions += PEAK * found.differences * (aside / length)
    snapped = replace(
        found, starts=moments[0], ends=moments[1],
        resolutions=np.ceil(resolutions).astype(np.int64),
    )  # fmt: skip
    return taken(snapped, moments[1] > moments[0])


def _hours(readings: Read, rows: I64) -> I64:
    """The nearest hours of local time to the moments of rows, unix seconds."""
    moments = readings.rows.moments[rows]
    zones = [readings.zones[place] for place in readings.complexes[rows].tolist()]
    midnights = np.array(
        [
            midnight_before(moment, zone)
            for moment, zone in zip(moments.tolist(), zones, strict=True)
        ],
        np.int64,
    )
    found: I64 = midnights + (moments - midnights + HOUR // 2) // HOUR * HOUR
    return found
