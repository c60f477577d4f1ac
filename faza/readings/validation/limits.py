"""The most energy that an interval can hold."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

I64 = npt.NDArray[np.int64]

OVERDRAWN = 2
"""A permitted power is no physical limit. A choice of ours: nobody draws twice of it for long."""


def of(
    *,
    minutes: npt.ArrayLike,
    phases: npt.ArrayLike,
    voltage: npt.ArrayLike,
    current: npt.ArrayLike,
    ratio: npt.ArrayLike,
    max_power: npt.ArrayLike,
) -> I64:
    """Wh or varh of an interval, (n,), 0 where nothing is known; all arguments (n,) or scalars.

    voltage: nominal, 0.1 V of a phase; current: the meter's greatest, mA; ratio: ct x vt;
    max_power: permitted, W; 0 stands for not known. Phases x U x I x ratio where the meter is
    known (reference/domain.md, 5.5, V04), else OVERDRAWN times the permitted power.
    """
    hours = np.asarray(minutes, np.float64) / 60
    watts = np.asarray(phases, np.float64) * np.asarray(voltage) / 10 * np.asarray(current) / 1000
    watts = watts * np.asarray(ratio, np.float64)
    watts = np.where(watts > 0, watts, OVERDRAWN * np.asarray(max_power, np.float64))
    found: I64 = np.rint(watts * hours).astype(np.int64)
    return found
