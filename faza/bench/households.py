"""Days of real homes for many points, and the grid that they belong to.

The shapes are those of the demo's file (its SOURCES.md names owners and licences), read as data:
the rooms do not know each other.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from importlib.resources import files

import numpy as np
import numpy.typing as npt

from faza.readings.blocks import BlockBatch

SLOTS = 48
START = datetime(2026, 3, 2, tzinfo=UTC)
ZONE = "UTC"
NONE = 65535
PV_SHARE = 0.08
"""Share of homes that export: on 92 % of days A- is zero (reference/storage.md)."""


def _profile(name: str) -> npt.NDArray[np.int64]:
    """Days (n, 48) of a profile without gaps, Wh."""
    with files("faza.demo").joinpath("data/profiles.npz").open("rb") as file:
        stored = np.load(file)[name]
    days = stored.reshape(-1, SLOTS).astype(np.int64)
    return days[(days != NONE).all(axis=1)]


class Homes:
    """A generator of delivered days: four channels of real shapes, scaled by point."""

    def __init__(self, points: npt.NDArray[np.int64], seed: int = 1) -> None:
        self.points = points
        self.random = np.random.default_rng(seed)
        self.load, self.pv = _profile("sgsc"), _profile("pv")
        with files("faza.demo").joinpath("data/profiles.npz").open("rb") as file:
            uci = np.load(file)["uci"]
        reactive = uci[:, 1].reshape(-1, SLOTS).astype(np.int64)
        self.reactive = reactive[(reactive != NONE).all(axis=1)]
        self.exports = self.random.random(len(points)) < PV_SHARE

    def days(self, first: int, count: int = 1) -> BlockBatch:
        """Days [first, first + count) since START of all points and channels."""
        n = len(self.points)
        values = np.zeros((n, 4, count * SLOTS), np.int64)
        for day in range(count):
            place = slice(day * SLOTS, (day + 1) * SLOTS)
            scale = self.random.integers(60, 140, n)[:, None]
            values[:, 0, place] = self._some(self.load) * scale // 100
            values[self.exports, 1, place] = self._some(self.pv)[self.exports]
            values[:, 2, place] = self._some(self.reactive) * scale // 100
            values[:, 3, place] = self._some(self.reactive) // 20
        return BlockBatch.from_series(
            usage_points=np.repeat(self.points, 4),
            reading_types=np.tile([1, 2, 3, 4], n),
            start=START + timedelta(days=first),
            interval=30,
            values=values.reshape(n * 4, -1),
            zone=ZONE,
        )

    def _some(self, days: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        return days[self.random.integers(0, len(days), len(self.points))]
