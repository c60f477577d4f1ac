"""Faults put into real homes, one rule at a time: what was done, and where."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from tests.readings.validation.homes import DAYS, HOMES, SLOTS, STEP, World, registers
from tests.readings.validation.make import DAY, HALF_HOUR, MISSING, T0, doubts

FIRST = 50
"""From this day on there are six weeks before."""


def nothing(world: World):
    """Leaves the world as it is."""


class Fault(NamedTuple):
    """put(world, random, home, day) does it and returns the half-hours [first, end) of the day.

    None where the day does not suit. kind: the reading type at which it is told.
    """

    code: str
    what: str
    put: Callable
    kind: int = 1
    before: Callable = nothing
    share: float = 0.04


def cut(shortest, longest):
    def remove(world, random, home, day):
        length = int(random.integers(shortest, longest + 1))
        first = int(random.integers(0, SLOTS - length + 1))
        world.energy[home, day, first : first + length] = MISSING
        return first, first + length

    return remove


def copy(world, random, home, day):
    other = day - int(random.integers(1, 31))
    if not world.whole(home, other) or len(np.unique(world.energy[home, other])) <= 10:
        return None
    world.energy[home, day] = world.energy[home, other]
    return 0, SLOTS


def negate(world, random, home, day):
    slot = int(random.integers(SLOTS))
    world.energy[home, day, slot] = -int(random.integers(1, 500))
    return slot, slot + 1


def exceed(low, high):
    def set_over(world, random, home, day):
        slot = int(random.integers(SLOTS))
        world.energy[home, day, slot] = 20_000 * random.uniform(low, high)
        return slot, slot + 1

    return set_over


def peaks(low, high):
    """One interval so many times the third highest of the six weeks' maxima."""

    def add(world, random, home, day):
        slot = int(random.integers(SLOTS))
        usual = np.sort(world.truth[home, day - 42 : day].max(axis=1))[-3]
        if usual < 100:
            return None
        world.energy[home, day, slot] = usual * random.uniform(low, high)
        return slot, slot + 1

    return add


def hold(shortest, longest):
    def repeat(world, random, home, day):
        length = int(random.integers(shortest, longest))
        first = int(random.integers(0, SLOTS - length))
        if world.energy[home, day, first] < 50:
            return None
        world.energy[home, day, first : first + length] = world.energy[home, day, first]
        return first, first + length

    return repeat


def stop(world, random, home, day):
    if world.energy[home, day].sum() < 1000 or (world.volts[home, day] == MISSING).any():
        return None
    world.energy[home, day] = 0
    return 0, SLOTS


def lose(least, most):
    def zero(world, random, home, day):
        slot = int(random.integers(SLOTS))
        if not least <= world.energy[home, day, slot] < most:
            return None
        world.energy[home, day, slot] = 0
        return 0, SLOTS

    return zero


def skew(least, most):
    """Steps."""

    def add(world, random, home, day):
        tariff = int(random.integers(1, 3))
        world.shown[home, day + 1 :, tariff] += int(random.integers(least, most)) * STEP
        return 0, SLOTS

    return add


def mistype(world, random, home, day):
    last = world.shown[home, day, 0] - STEP
    if last <= 0:
        return None
    world.shown[home, day + 1, 0] = int(random.integers(0, last))
    return 0, SLOTS


def shift_clock(world, random, home, day):
    slot = int(random.integers(SLOTS))
    moment = T0 + day * DAY + slot * HALF_HOUR + 900
    size = int(random.choice([1, 2, 3, 30, 90, 600]))
    world.clocks.append((home + 1, moment - size, moment + size))
    return (slot, slot + 1) if size >= 30 else None


def come_late(world, random, home, day):
    world.low[home, day] = int(random.integers(1, SLOTS))
    return 0, int(world.low[home, day])


def other_ratio(world, random, home, day):
    if world.truth[home, day].sum() < 50 * STEP:
        return None
    world.energy[home, day] = (world.energy[home, day] * random.choice([0.5, 2, 3])).astype(int)
    return 0, SLOTS


def used(times):
    def scale(world, random, home, day):
        if not world.energy[home, day].sum() > 3000:
            return None
        world.energy[home, day] = (world.energy[home, day] * times).astype(int)
        return 0, SLOTS

    return scale


def hurry(world, random, home, day):
    world.arrived[home, day] = -int(random.integers(2, 48)) * HALF_HOUR - 3600
    left = int(world.arrived[home, day] + 3600) // HALF_HOUR
    return SLOTS + left, SLOTS


def come_old(world, random, home, day):
    world.arrived[home, day] = int(random.integers(1101, 4000)) * DAY
    return 0, SLOTS


def send(least, most):
    """Wh in each of six half-hours."""

    def give(world, random, home, day):
        slot = int(random.integers(SLOTS - 6))
        world.sent[home, day, slot : slot + 6] = int(random.integers(least, most))
        return slot, slot + 6

    return give


def lose_voltage(world, random, home, day):
    slot = int(random.integers(SLOTS - 4))
    if (world.amperes[home, day, slot : slot + 4] == MISSING).any():
        return None
    world.volts[home, day, slot : slot + 4] = 0
    return slot, slot + 4


def hold_magnet(world, random, home, day):
    slot = int(random.integers(SLOTS - 4))
    moment = T0 + day * DAY + slot * HALF_HOUR
    world.clocks.append((moment, moment + 4 * HALF_HOUR, home + 1))
    return slot, slot + 4


def catch_up(gap, shortest, longest):
    """Every other gap is a plain one: its energy is lost, and nothing is to be said of it."""

    def dump(world, random, home, day):
        length = int(random.integers(shortest, longest))
        first = int(random.integers(0, SLOTS - length - 1))
        end = first + length
        energy = world.energy[home, day, first:end].sum()
        is_jump = random.random() < 0.5
        if energy < 20 * STEP:
            return None
        world.energy[home, day, end] += is_jump * energy
        world.energy[home, day, first:end] = gap
        return (end, end + 1) if is_jump else None

    return dump


def with_registers(world: World):
    world.shown = registers(world)


def with_clocks(world: World):
    world.clocks = []


def with_table(name):
    def make(world: World):
        setattr(world, name, np.zeros((HOMES, DAYS), np.int64))

    return make


def by_twenty(world: World):
    world.ratio = 20


def unbound(world: World):
    world.bound = False


def magnets(world: World):
    """The stretches were noted among the clocks; they are doubts."""
    told = world.clocks
    world.clocks = None
    world.doubts = doubts(*((start, end, "4-7") for start, end, _ in told))
    world.doubts.usage_points[:] = [point for *_, point in told]


FAULTS = [
    Fault("V01", "an interval cut out", cut(1, 1)),
    Fault("V01", "2 to 12 intervals cut out", cut(2, 12)),
    Fault("V01", "a whole day cut out", cut(SLOTS, SLOTS)),
    Fault("V02", "day of up to 30 days before", copy),
    Fault("V03", "an interval below zero", negate),
    Fault("V04", "1.2 to 4 times the limit", exceed(1.21, 4)),
    Fault("V05", "an interval 2 to 4 times the peaks", peaks(2, 4)),
    Fault("V05", "4 to 10 times", peaks(4, 10)),
    Fault("V05", "10 to 40 times", peaks(10, 40)),
    Fault("V06", "a value held for 6 to 10 h", hold(12, 20)),
    Fault("V06", "a value held for 10 to 20 h", hold(20, 40)),
    Fault("V06", "a day of zeros with voltage", stop),
    Fault("V07", "an interval of 20 to 50 Wh lost, daily registers of 10 Wh", lose(20, 50)),
    Fault("V07", "an interval of 50 to 10,000 Wh lost", lose(50, 10_000)),
    Fault("V08", "a tariff counts 1 or 2 steps more", skew(1, 3), before=with_registers),
    Fault("V08", "3 to 400 steps", skew(3, 400), before=with_registers),
    Fault("V09", "a reading less than the one before", mistype, before=with_registers),
    Fault("V10", "clock set by 30 to 600 s", shift_clock, before=with_clocks),
    Fault("V11", "values before the installation", come_late, before=with_table("low")),
    Fault("V12", "a day by half, 2 or 3 times the ratio of 20", other_ratio, before=by_twenty),
    Fault("V13", "3 times the use of a day", used(3)),
    Fault("V13", "8 times", used(8)),
    Fault("V13", "a fifteenth of the use of a day", used(1 / 15)),
    Fault("V13", "a sixtieth", used(1 / 60)),
    Fault("V14", "stamps up to a day ahead", hurry, before=with_table("arrived")),
    Fault("V14", "days of 3 to 11 years ago", come_old, before=with_table("arrived")),
    Fault("V15", "6 to 48 Wh sent", send(1, 9), kind=2),
    Fault("V15", "60 to 1,800 Wh sent", send(10, 300), kind=2),
    Fault("V16", "2 h without voltage", lose_voltage, kind=16),
    Fault("V17", "a magnet for 2 h", hold_magnet, before=with_clocks),
    Fault("V18", "gap of 1/2 to 2 h in one interval, daily registers", catch_up(MISSING, 1, 5)),
    Fault("V18", "gap of 2 to 8 h, daily registers", catch_up(MISSING, 5, 17)),
    Fault("V18", "gap of 8 to 20 h, daily registers", catch_up(MISSING, 17, 40)),
    Fault("V18", "gap of 2 to 8 h, no registers", catch_up(MISSING, 5, 17), before=unbound),
    Fault("V18", "gap of 8 to 20 h, no registers", catch_up(MISSING, 17, 40), before=unbound),
    Fault("V18", "zeros of 8 to 20 h and a jump", catch_up(0, 17, 40)),
]
