"""A year of twelve real homes with their gaps, and what a meter's registers would have shown."""

from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

import numpy as np

from faza.readings.registers import SIZE
from faza.readings.validation.history_shapes import Doubts, History, Pairs, Readings
from tests.readings.validation.make import DAY, MISSING, T0, history

NONE = 65535
HOMES, DAYS, SLOTS = 12, 364, 48
STEP = 10
"""Wh: registers of two decimals."""


@cache
def _stored():
    with files("faza.demo").joinpath("data/profiles.npz").open("rb") as file:
        stored = np.load(file)
        return {name: stored[name].astype(np.int64) for name in ("sgsc", "uci", "load")}


@dataclass
class World:
    """energy, volts, amperes, sent (HOMES, DAYS, SLOTS): as delivered, MISSING where absent.

    truth: the energy that the registers count. The other fields go to the history as they are,
    and ratio by home.
    """

    energy: np.ndarray
    truth: np.ndarray
    volts: np.ndarray
    amperes: np.ndarray
    sent: np.ndarray
    ratio: int = 1
    clocks: list = None
    doubts: Doubts = None
    low: np.ndarray = None
    arrived: np.ndarray = None
    shown: np.ndarray = None
    bound: bool = True

    def copy(self) -> "World":
        arrays = {
            name: value.copy() for name, value in vars(self).items() if hasattr(value, "copy")
        }  # fmt: skip
        return replace(self, **arrays)

    def whole(self, home, day) -> bool:
        return bool((self.energy[home, day] != MISSING).all())


@cache
def _homes(year):
    stored = _stored()
    several = [*stored["sgsc"][:, year], stored["uci"][0, year], stored["load"]]
    energy = np.stack([one.reshape(DAYS, SLOTS) for one in several])
    absent = energy == NONE
    truth = np.where(absent, 0, energy)
    for day in range(7, DAYS):
        # Where nobody measured, the registers count on by the week before.
        truth[:, day] = np.where(absent[:, day], truth[:, day - 7], truth[:, day])
    volts, amperes = (
        np.repeat(_stored()["uci"][place, year].reshape(1, DAYS, SLOTS), HOMES, axis=0)
        for place in (2, 3)
    )
    return World(
        np.where(absent, MISSING, energy), truth,
        np.where(volts == NONE, MISSING, volts), np.where(amperes == NONE, MISSING, amperes),
        np.zeros((HOMES, DAYS, SLOTS), np.int64),
    )  # fmt: skip


def homes(year=1):
    """A world of one's own. The rules' defaults were tried on year 0; year 1 tells how they do."""
    return _homes(year).copy()


def seen(world: World) -> History:
    """The world as the rules see it: all days judged, registers read at each midnight."""
    channels = {}
    for home in range(HOMES):
        point = home + 1
        for kind, values in ((1, world.energy), (2, world.sent), (11, world.volts),
                             (16, world.amperes)):  # fmt: skip
            if values[home].any():
                channels[point, kind] = np.where(
                    values[home] == MISSING,
                    MISSING,
                    values[home] * (world.ratio if kind < 3 else 1),
                ).ravel()
    found = history(
        channels, limits=20_000 * world.ratio, clocks=world.clocks or (),
        doubts=world.doubts, pairs=_pairs(world) if world.bound else None,
        readings=_readings(world), now=T0 + (DAYS + 2) * DAY,
    )  # fmt: skip
    days = found.days
    home = days.batch.usage_points - 1
    number = (days.midnights - T0) // DAY
    low = days.low if world.low is None else world.low[home, number].astype(np.int16)
    arrived = days.midnights + DAY + 3600
    if world.arrived is not None:
        arrived = arrived + world.arrived[home, number]
    return replace(found, days=replace(days, low=low, arrived=arrived))


def registers(world: World):
    """(HOMES, DAYS + 1, 36): the total, and two tariffs, of A+ at each midnight."""
    night = np.arange(SLOTS) < 16
    shown = np.zeros((HOMES, DAYS + 1, SIZE), np.int64)
    for column, of in enumerate((world.truth, world.truth * night, world.truth * ~night)):
        shown[:, 1:, column] = np.cumsum(of.sum(axis=2), axis=1)
    return shown // STEP * STEP


def _readings(world: World) -> Readings:
    shown = registers(world) if world.shown is None else world.shown
    n = HOMES * (DAYS + 1)
    points = np.repeat(np.arange(HOMES) + 1, DAYS + 1)
    present = np.zeros((n, SIZE), bool)
    present[:, :3] = True
    return Readings(
        points, points + 100, T0 + np.tile(np.arange(DAYS + 1), HOMES) * DAY,
        shown.reshape(n, SIZE), present, np.full(n, 10**9), np.full(n, STEP), np.ones(n, bool),
    )  # fmt: skip


def _pairs(world: World) -> Pairs:
    shown = np.diff(registers(world)[:, :, 0], axis=1).ravel()
    n = HOMES * DAYS
    starts = T0 + np.tile(np.arange(DAYS), HOMES) * DAY
    return Pairs(
        np.repeat(np.arange(HOMES) + 1, DAYS), np.ones(n, np.int16), starts, starts + DAY,
        shown, shown * world.ratio, np.full(n, STEP * world.ratio), np.full(n, float(world.ratio)),
    )  # fmt: skip
