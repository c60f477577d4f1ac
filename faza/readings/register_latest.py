"""The latest readings of very many meters, however often they are read: steps down the key.

Everything takes Windows, as `register_queries` has it. Reading every day of a year of 20,000 meters
takes a minute; few of those days matter to what is asked here.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt

from faza.core.periods import Period
from faza.core.windows import Windows
from faza.metering.models import MeteringComplex
from faza.readings import register_store
from faza.readings.models import RegisterReading
from faza.readings.register_queries import (
    BILLING,
    EPOCH,
    SECOND,
    once,
    seconds_within,
    stretches_of,
)
from faza.readings.register_store import StoredReadings

I64 = npt.NDArray[np.int64]
Keys = tuple[I64, I64, I64]
Edges = Callable[[I64], I64]

MANY, FEW = 60, 8
"""Of a meter with more readings than MANY only the FEW latest are taken, and those at edges.

With two a day the latest are of four days: all registers are among them. A choice of ours.
"""


def readings_lately(
    windows: Windows, period: Period, *, edges: Edges, also: Keys,
    role: MeteringComplex.Role = BILLING,
) -> StoredReadings:  # fmt: skip
    """`readings_between`, but of meters that were read often only what matters now.

    Of a complex with more than MANY readings, whose meter stood at the point under no other one:
    the FEW latest, the last before each of its edges, and those `also` asked for: points, meters,
    moments (k,) each. edges: from the moments (g,) of last readings, unix seconds, to (g, e).
    Seven queries at most, however many readings there are.
    """
    found = [
        (*seconds_within(part), installed.usage_point, installed.meter)
        for part, installed in stretches_of(windows, period, role)
    ]
    lows, highs, points, meters = np.array(found, np.int64).reshape(-1, 4).T
    beyond = register_store.last_moments(points, meters, lows, highs, skipping=MANY)
    pairs, of_pair, counts = np.unique(
        np.column_stack([points, meters]), axis=0, return_inverse=True, return_counts=True
    )
    often = np.flatnonzero((beyond > 0) & (counts[of_pair.reshape(-1)] == 1))
    keys = points[often], meters[often], lows[often], highs[often]
    lows = lows.copy()
    lows[often] = register_store.last_moments(*keys, skipping=FEW - 1)
    latest = once(register_store.between(points, meters, lows, highs))
    if not len(often):
        return latest
    last = register_store.last_moments(*keys)
    return latest.merged(_earlier(keys, edges(last), also))


def _earlier(
    keys: tuple[I64, I64, I64, I64], edges: I64, also: Keys
) -> StoredReadings:  # fmt: skip
    """The last readings of meters before edges (g, e), and those of other moments. Two queries."""
    points, meters, lows, _ = (np.repeat(key, edges.shape[1]) for key in keys)
    asked = edges.reshape(-1) >= lows
    points, meters, lows = points[asked], meters[asked], lows[asked]
    moments = register_store.last_moments(points, meters, lows, edges.reshape(-1)[asked])
    named = np.isin(also[0], keys[0])
    rows = np.concatenate([
        np.column_stack([points, meters, moments])[moments > 0], np.column_stack(also)[named]
    ])  # fmt: skip
    found = register_store.at_moments(*np.unique(rows, axis=0).T)
    return found.take(found.present.any(axis=1))


def read_until(windows: Windows, *, before: datetime) -> dict[int, datetime]:
    """When meters of points were last read by themselves, in the windows; absent where never.

    Of all meters that stood there in the windows' time, up to `before`, this included. Two queries.
    """
    begins: dict[int, datetime] = {}
    for window in windows:
        start = window.period.start
        begins[window.usage_point] = min(begins.get(window.usage_point, start), start)
    if not begins:
        return {}
    wide = Period(min(begins.values()), before + SECOND)
    stood = MeteringComplex.objects.filter(usage_point__in=begins).within(wide)
    found = sorted(set(stood.values_list("usage_point_id", "meter_id")))
    points, meters = np.array(found, np.int64).reshape(-1, 2).T
    lows = np.array([-((EPOCH - begins[point]) // SECOND) for point, _ in found], np.int64)
    highs = np.full(len(found), (before - EPOCH) // SECOND)
    ends = register_store.last_moments(
        points, meters, lows, highs, without=RegisterReading.Kind.MANUAL
    )
    told: dict[int, int] = {}
    for (point, _), end in zip(found, ends.tolist(), strict=True):
        told[point] = max(told.get(point, 0), end)
    return {point: datetime.fromtimestamp(end, UTC) for point, end in told.items() if end}
