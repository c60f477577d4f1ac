"""For each rule a history that it flags, and a near one that it does not."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from faza.readings.validation.history_shapes import History
from tests.readings.validation.make import (
    DAY,
    HALF_HOUR,
    MISSING,
    T0,
    curve,
    doubts,
    history,
    pairs,
    readings,
)


class Case(NamedTuple):
    """told: the stretches that are found, as half-hours since START; inline: at `record` too."""

    code: str
    what: str
    flagged: Callable[[], History]
    near: Callable[[], History]
    told: list[tuple[int, int]]
    inline: bool = False


def put(values, place, new):
    changed = values.copy()
    changed[place] = new
    return changed


def gap():
    return history({(1, 1): put(curve(), slice(10, 13), MISSING)})


def no_gap_yet():
    """The day is not over: what follows the last value is still to come."""
    late = put(curve(), slice(40, 48), MISSING)
    return history({(1, 1): late}, now=T0 + DAY)


def old_gap():
    return history({(1, 1): put(curve(2), slice(40, 96), MISSING)}, now=T0 + 4 * DAY)


def young_gap():
    return history({(1, 1): put(curve(2), slice(40, 96), MISSING)}, now=T0 + 20 * HALF_HOUR + DAY)


def repeated():
    days = curve(3).reshape(3, 48)
    days[2] = days[0]
    return history({(1, 1): days.ravel()})


def nearly_repeated():
    days = curve(3).reshape(3, 48)
    days[2] = days[0]
    days[2, 30] += 1
    return history({(1, 1): days.ravel()})


def negative():
    return history({(1, 1): put(curve(), 7, -1)})


def negative_power():
    """Power of a phase may be negative: it is not energy."""
    return history({(1, 21): put(curve(), 7, -1)})


def over_limit():
    return history({(1, 1): put(curve(), 20, 1201)}, limits=1000)


def at_limit():
    return history({(1, 1): put(curve(), 20, 1200)}, limits=1000)


def spike():
    return history({(1, 1): put(curve(), 20, 3 * 1100 + 2600)})


def kettle():
    return history({(1, 1): put(curve(base=50, high=0), 20, 2000)})


def spike_of_weeks():
    """Three intervals in turn hide from the day's own third highest."""
    return history({(1, 1): put(curve(10), slice(9 * 48 + 20, 9 * 48 + 24), 9000)}, looked=[9])


def high_as_ever():
    return history({(1, 1): put(curve(10), slice(20, 480, 48), 5400)}, looked=[9])


def flat():
    return history({(1, 1): put(curve(), slice(20, 32), 300)})


def standby():
    return history({(1, 1): put(curve(), slice(20, 32), 49)})


def zero_with_voltage(volts=2300):
    dead = put(curve(10), slice(9 * 48, 480), 0)
    return history({(1, 1): dead, (1, 11): np.full(480, volts)}, looked=[9])


def zero_without_voltage():
    return zero_with_voltage(volts=0)


DAY_SUM = int(curve().sum())


def lost_energy():
    return history({(1, 1): curve()}, pairs=pairs((T0, T0 + DAY, DAY_SUM + 50)))


def within_step():
    return history({(1, 1): curve()}, pairs=pairs((T0, T0 + DAY, DAY_SUM + 8)))


def tariffs_off():
    return history(
        {(1, 1): curve()},
        readings=readings({0: 1000, 1: 600, 2: 400}, {0: 2000, 1: 1100, 2: 700}),
    )


def tariffs_rounded():
    return history(
        {(1, 1): curve()},
        readings=readings({0: 1000, 1: 600, 2: 400}, {0: 2000, 1: 1100, 2: 880}),
    )


def register_fell():
    return history({(1, 1): curve()}, readings=readings({0: 5000}, {0: 4990}))


def register_stood():
    return history({(1, 1): curve()}, readings=readings({0: 5000}, {0: 5000}))


def clock_set():
    moment = T0 + 5 * HALF_HOUR + 600
    return history({(1, 1): curve()}, clocks=[(1, moment, moment + 40)])


def clock_trimmed():
    moment = T0 + 5 * HALF_HOUR + 600
    return history({(1, 1): curve()}, clocks=[(1, moment, moment + 4), (2, moment, moment + 40)])


def before_installation():
    return history({(1, 1): curve()}, low=[6])


def since_installation():
    return history({(1, 1): put(curve(), slice(0, 6), MISSING)}, low=[6])


def other_ratio():
    return history(
        {(1, 1): curve()}, pairs=pairs((T0, T0 + DAY, DAY_SUM // 40), ratio=20, step=1)
    )  # fmt: skip


def half_of_it():
    """Half of the energy is lost: no transformer has such a ratio."""
    return history(
        {(1, 1): curve() // 2}, pairs=pairs((T0, T0 + DAY, DAY_SUM // 25), ratio=25, step=1)
    )  # fmt: skip


def high_use(factor=5):
    values = curve(10)
    values[9 * 48 :] *= factor
    return history({(1, 1): values}, looked=[9])


def busy_day():
    return high_use(3)


def second_high_day():
    """Only the first of such days is told."""
    values = curve(11)
    values[9 * 48 :] *= 5
    return history({(1, 1): values}, looked=[10])


def future():
    return history({(1, 1): curve()}, now=T0 + 10 * HALF_HOUR)


def clock_ahead():
    return history({(1, 1): put(curve(), slice(10, 48), MISSING)}, now=T0 + 10 * HALF_HOUR - 600)


def reset_clock():
    return history({(1, 1): curve()}, now=T0 + 1200 * DAY)


def archive():
    return history({(1, 1): curve()}, now=T0 + 1000 * DAY)


SENT = put(np.zeros(48, np.int64), [20, 24], [40, 30])


def exporting():
    return history({(1, 2): SENT})


def known_to_export():
    return history({(1, 2): SENT}, exports=True)


def _phases(**changed):
    names = {"UA": 11, "UB": 12, "UC": 13, "IA": 16, "IB": 17, "IC": 18,
             "PA": 21, "PB": 22, "PC": 23, "U2": 45, "U3": 46}  # fmt: skip
    usual = {"U": 2300, "I": 4000, "P": 900}
    values = {
        name: np.full(48, {"U2": 1200, "U3": 2400}.get(name, usual[name[0]])) for name in names
    }
    for name, (place, value) in changed.items():
        values[name][place] = value
    return history({(1, code): values[name] for name, code in names.items()})


def current_without_voltage():
    return _phases(UB=(slice(4, 6), 0))


def neither_current_nor_voltage():
    return _phases(UB=(slice(4, 6), 0), IB=(slice(4, 6), 0))


def wrong_order():
    return _phases(U2=(slice(4, 6), 2390), U3=(slice(4, 6), 1210))


def skewed():
    return _phases(U2=(slice(4, 6), 1400), U3=(slice(4, 6), 2200))


def against_the_others():
    return _phases(PC=(slice(4, 6), -500))


def all_against():
    sent = (slice(4, 6), -500)
    return _phases(PA=sent, PB=sent, PC=sent)


def magnet():
    return history(
        {(1, 1): curve()}, doubts=doubts((T0 + 600, T0 + 2 * HALF_HOUR, "4-7"))
    )  # fmt: skip


def magnet_before():
    return history({(1, 1): curve()}, doubts=doubts((T0 - DAY, T0, "4-7")))


def caught_up(*, gap=MISSING):
    values = curve(10)
    day = 9 * 48
    energy = values[day + 10 : day + 31].sum()
    values[day + 10 : day + 30], values[day + 30] = gap, energy
    return history({(1, 1): values}, looked=[9])


def dumped():
    return caught_up(gap=0)


def after_a_gap():
    return history({(1, 1): put(curve(10), slice(9 * 48 + 10, 9 * 48 + 30), MISSING)}, looked=[9])


def small_jump(*, lost=0):
    """Two half-hours in one: by registers alone it can be known."""
    values = curve(10)
    day = 9 * 48
    total = int(values[day:].sum())
    values[day + 26] += values[day + 24 : day + 26].sum()
    values[day + 24 : day + 26] = MISSING
    if lost:
        values[day + 26] = curve(10)[day + 26]
    between = pairs((T0 + 9 * DAY, T0 + 10 * DAY, total), step=1)
    return history({(1, 1): values}, looked=[9], pairs=between)


def small_gap():
    return small_jump(lost=1)


LAST = 9 * 48
CASES = [
    Case("V01", "gap within a day", gap, no_gap_yet, [(10, 13)], True),
    Case("V01", "whole day missing", old_gap, young_gap, [(40, 48), (48, 96)]),
    Case("V02", "repeated day", repeated, nearly_repeated, [(96, 144)], True),
    Case("V03", "negative", negative, negative_power, [(7, 8)], True),
    Case("V04", "over the limit", over_limit, at_limit, [(20, 21)], True),
    Case("V05", "spike of the day", spike, kettle, [(20, 21)], True),
    Case("V05", "spike of weeks", spike_of_weeks, high_as_ever, [(LAST + 20, LAST + 24)]),
    Case("V06", "flat", flat, standby, [(20, 32)], True),
    Case("V06", "zero with voltage", zero_with_voltage, zero_without_voltage,
         [(LAST, LAST + 48)]),
    Case("V07", "intervals less than the register", lost_energy, within_step, [(0, 48)]),
    Case("V08", "tariffs against the total", tariffs_off, tariffs_rounded, [(0, 48)]),
    Case("V09", "register fell", register_fell, register_stood, [(0, 48)]),
    Case("V10", "clock was set", clock_set, clock_trimmed, [(5, 6)], True),
    Case("V11", "before installation", before_installation, since_installation, [(0, 6)], True),
    Case("V12", "another ratio", other_ratio, half_of_it, [(0, 48)]),
    Case("V13", "high use", high_use, busy_day, [(LAST, LAST + 48)]),
    Case("V13", "low use", lambda: high_use(0), second_high_day, [(LAST, LAST + 48)]),
    Case("V14", "future", future, clock_ahead, [(10, 48)], True),
    Case("V14", "late", reset_clock, archive, [(0, 48)], True),
    Case("V15", "export at a consumer", exporting, known_to_export, [(20, 25)], True),
    Case("V16", "current without voltage", current_without_voltage, neither_current_nor_voltage,
         [(4, 6)]),
    Case("V16", "wrong order", wrong_order, skewed, [(4, 6)]),
    Case("V16", "one phase against the others", against_the_others, all_against, [(4, 6)]),
    Case("V17", "magnet", magnet, magnet_before, [(0, 2)]),
    Case("V18", "caught up", caught_up, after_a_gap, [(LAST + 30, LAST + 31)]),
    Case("V18", "zeros and a jump", dumped, after_a_gap, [(LAST + 10, LAST + 31)]),
    Case("V18", "jump proven by registers", small_jump, small_gap, [(LAST + 26, LAST + 27)]),
]  # fmt: skip
