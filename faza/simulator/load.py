"""What flows through a meter, by half-hours: seeded from real profiles, or told.

Half-hours are numbered from 1970-01-01 UTC. Values are (4, n) tenths of Wh and varh on the
meter's side, A+ A- R+ R-, never negative.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from faza.simulator import shapes
from faza.simulator.shapes import F64, I64, SLOTS
from faza.simulator.spec import GivenLoad, MeterSpec

HALF_HOUR = 1800
TENTHS = 10
WEEK = 7 * SLOTS
YEAR = 52 * WEEK
PANELS = 2.5
"""So many times the panels that were measured."""
_HUNDREDTHS = 100
"""The norms are in hundredths of a Wh."""


class Load(Protocol):
    """See the module."""

    def flows(self, first: int, end: int) -> I64:
        """What flows in the half-hours [first, end), (4, end - first)."""
        ...


def of(spec: MeterSpec) -> Load:
    """The load of a meter."""
    return Seeded(spec) if spec.load is None else Told(spec.load)


class Told:
    """See `GivenLoad`."""

    def __init__(self, given: GivenLoad) -> None:
        self.start = int(given.start.timestamp()) // HALF_HOUR
        self.tenths = given.tenths

    def flows(self, first: int, end: int) -> I64:
        places = np.arange(first, end) - self.start
        count = self.tenths.shape[1]
        again = WEEK if count >= WEEK else count
        late = places >= count
        places = np.where(late, count - again + (places - count) % again, places)
        return np.where(places < 0, 0, self.tenths[:, np.maximum(places, 0)]).astype(np.int64)


class Seeded:
    """A home, a house with panels, a shop or a workshop, by the seed; same seed, same load.

    Behind transformers the meter counts some 1,500 to 3,000 kWh a year on its side, whatever
    the ratio is: that is what 5 A and 100 V amount to.
    """

    def __init__(self, spec: MeterSpec) -> None:
        self.seed, self.offset = spec.seed, spec.offset * 60
        first, scale = (shapes.chance(spec.seed, n) for n in (1, 2))
        self.rotate = int(shapes.chance(spec.seed, 3) * 5) - 2
        self.tangent = 0.2 + 0.3 * shapes.chance(spec.seed, 4)
        self.kind = "works" if spec.ratio > 1 else _kind(first)
        if self.kind in ("shop", "works"):
            yearly = 1500 * (1 + scale) if spec.ratio > 1 else 4_000 * 10**scale
            self.factor = yearly / 1000 / _HUNDREDTHS
        else:
            self.factor = 0.6 + scale
        stored = shapes.stored()
        self.profile = (
            stored["homes"][spec.seed % len(stored["homes"])]
            if self.kind == "home"
            else stored[self.kind]
        )
        self.idle = 0.3 * float(self.profile.mean()) * self.factor

    def flows(self, first: int, end: int) -> I64:
        shift = self.offset // HALF_HOUR
        days = np.arange((first + shift) // SLOTS, (end - 1 + shift) // SLOTS + 1)
        begins = first + shift - int(days[0]) * SLOTS
        whole = self._on_days(days)
        return whole[:, begins : begins + end - first]

    def _on_days(self, days: I64) -> I64:
        """(4, 48 n) of local days since 1970."""
        active = shapes.on_days(self.profile, days, rotate=self.rotate) * self.factor
        active *= 1 + 0.09 * shapes.noise(self.seed + 5, days, each=SLOTS)
        active *= 1 + 0.05 * shapes.noise(self.seed + 6, days)
        reactive = self.tangent * active * (1 + 0.2 * shapes.noise(self.seed + 7, days))
        balance = active - self._sun(days) if self.kind == "sunny" else active
        return _counted(balance, reactive, self.idle)

    def _sun(self, days: I64) -> F64:
        """Yield of panels in Wh, measured in Sydney, dimmed to a northern winter."""
        measured = shapes.on_days(shapes.stored()["sun"], days)
        season = 0.6 - 0.4 * np.cos(2 * np.pi * ((days % 365.25) + 10) / 365.25)
        dimmed = season * (1 - 0.06 * (1 + shapes.noise(self.seed + 8, days, each=SLOTS)[:, 0]))
        found: F64 = measured * PANELS * dimmed[:, None]
        return found


def _kind(share: float) -> str:
    for name, until in (("home", 0.55), ("house", 0.65), ("sunny", 0.8), ("shop", 0.93)):
        if share < until:
            return name
    return "works"


def _counted(balance: F64, reactive: F64, idle: float) -> I64:
    """The four channels: at a low load cables outweigh motors, reactive energy flows back."""
    is_idle = np.abs(balance) < idle
    back = np.where(is_idle, 0.25 * reactive, 0)
    parts = [np.maximum(balance, 0), np.maximum(-balance, 0), np.where(is_idle, 0, reactive), back]
    found: I64 = np.rint(np.stack(parts).reshape(4, -1) * TENTHS).astype(np.int64)
    return found
