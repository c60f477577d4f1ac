"""What really flows at the points of the plan, as their meters count it.

A meter counts in whole steps on its own side of the transformers (a Wh, or a tenth of one behind
transformers) and carries what is left; so the sums of its intervals are its registers.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from faza.demo import plan, profiles
from faza.demo.plan import POINTS, Point
from faza.demo.profiles import SLOTS, SOUTH, WEEKS, Calendar

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

YEAR = WEEKS * 7 * SLOTS
"""Half-hours of a year of season weeks."""
WEEK = 7 * SLOTS
TENTHS = 10
"""Meters' steps are tenths of a Wh."""
PANEL = 1.02
"""kW of the panels whose yield the profile `pv` is: its greatest half-hour is 450 Wh."""


@dataclass(frozen=True, slots=True)
class Stand:
    """A meter's stand at a point: from the half-hour `first` on to `end`, with its ratio."""

    point: int
    first: int
    end: int
    ratio: Fraction

    @property
    def step(self) -> int:
        """Its step in tenths of a Wh."""
        return 1 if POINTS[self.point].has_transformers else TENTHS


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """All energy of the points over a calendar.

    counted: (4, n, slots) tenths of Wh and varh on the meter's side, channels as in plan.FULL.
    primary: (4, n, slots) Wh and varh on the primary side, exactly counted x ratio.
    unread: (n, slots), where the measured profile itself has a gap.
    """

    calendar: Calendar
    stands: tuple[Stand, ...]
    counted: I64
    primary: I64
    unread: Bools


def truth(calendar: Calendar, stands: tuple[Stand, ...]) -> Truth:
    """What flows at every point; each day depends on its date and the days before it alone."""
    shape = (len(plan.FULL), len(POINTS), calendar.slots)
    counted, primary = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    unread = np.zeros(shape[1:], bool)
    of_point: dict[int, list[Stand]] = {}
    for stand in stands:
        of_point.setdefault(stand.point, []).append(stand)
    for n, point in enumerate(POINTS):
        if point.load.of == "below":
            flows = _summed(point, calendar, primary[:, _parts(n)].sum(axis=1))
        else:
            flows, unread[n] = _consumed(point, calendar)
        for stand in of_point[n]:
            span = slice(stand.first, stand.end)
            counted[:, n, span], primary[:, n, span] = _metered(flows[:, span], stand)
    return Truth(calendar, stands, counted, primary, unread)


def _metered(flows: F64, stand: Stand) -> tuple[I64, I64]:
    """Flows in Wh, (4, t), as the meter counts them and as they are on the primary side."""
    steps = np.cumsum(flows * (TENTHS / float(stand.ratio) / stand.step), axis=1)
    whole = np.floor(steps).astype(np.int64)
    counted: I64 = np.diff(whole, axis=1, prepend=0).astype(np.int64) * stand.step
    tenths, divisor = counted * stand.ratio.numerator, TENTHS * stand.ratio.denominator
    primary = tenths // divisor
    if (primary * divisor != tenths).any():
        raise ValueError(f"{POINTS[stand.point].name}: {stand.ratio} leaves parts of a Wh")
    return counted, primary


def _consumed(point: Point, calendar: Calendar) -> tuple[F64, Bools]:
    """Flows of a point that consumes by a profile: (4, slots) Wh, and where it was not read."""
    load, seed = point.load, point.seed
    shape, unread, mean = _shape(point, calendar)
    if load.as_measured:
        active = shape
    else:
        is_norm = load.of not in ("sgsc", "uci", "load")
        by_day, by_slot = (0.06, 0.14) if is_norm else (0.09, 0.05)
        active = shape * (load.kwh * 1000 / YEAR / mean)
        active *= 1 + by_day * calendar.noise(seed, each=SLOTS)
        active *= 1 + by_slot * calendar.noise(seed + 1)
    if load.of == "uci":
        reactive = calendar.shape(profiles.stored()["uci"][1], rotate=load.rotate)
        reactive *= active / np.maximum(shape, 1)
    else:
        reactive = load.tangent * active * (1 + 0.2 * calendar.noise(seed + 2))
    balance = active - load.sun * _sunshine(calendar, seed)
    usual = ((load.kwh or 9_300) - 800 * load.sun) * 1000 / YEAR
    return _directed(balance, reactive, load.tangent, usual=usual), unread


def _directed(balance: F64, reactive: F64, tangent: float, *, usual: float) -> F64:
    """The four channels, (4, slots), of active energy with a sign and of reactive energy.

    At a low load cables and supplies outweigh motors, so that reactive energy flows back.
    """
    idle = balance < 0.3 * usual
    back = np.where(idle, 0.25 * tangent * np.abs(balance), 0)
    return np.stack(
        [np.maximum(balance, 0), np.maximum(-balance, 0), np.where(idle, 0, reactive), back]
    )


def _summed(point: Point, calendar: Calendar, parts: I64) -> F64:
    """Flows of a point that measures others, (4, slots): their sum, losses and own needs."""
    load = point.load
    g0 = profiles.stored()["g0"]
    own = calendar.shape(g0) * (load.kwh * 1000 / YEAR / g0.mean())
    balance = parts[0] - parts[1] + load.loss * (parts[0] + parts[1]) + own
    # Transformers and lines take reactive energy of their own.
    reactive = parts[2] - parts[3] + load.tangent * (load.loss * parts[0] + own)
    flows = [balance, -balance, reactive, -reactive]
    return np.stack([np.maximum(flow, 0) for flow in flows]).astype(np.float64)


def _parts(summing: int) -> list[int]:
    """The points that a summing point measures next: sums below it instead of their parts."""
    nodes = set[str]().union(*(plan.nodes_below(top) for top in POINTS[summing].load.below))
    below = [n for n in range(summing) if POINTS[n].node in nodes]
    hidden = {part for n in below if POINTS[n].load.of == "below" for part in _parts(n)}
    return [n for n in below if n not in hidden]


def _shape(point: Point, calendar: Calendar) -> tuple[F64, Bools, float]:
    """A point's profile over the days, where it was not read, and its mean over a year."""
    load, stored = point.load, profiles.stored()
    read_always = np.zeros(calendar.slots, bool)
    match load.of:
        case "sgsc":
            profile, rotate = stored["sgsc"][load.number], SOUTH + load.rotate
        case "uci":
            profile, rotate = stored["uci"][0], load.rotate
        case "load":
            profile, rotate = stored["load"], SOUTH + load.rotate
        case "dark":
            lit = (stored["pv"] == 0).astype(np.uint16)
            return calendar.shape(lit, rotate=SOUTH), read_always, float(lit.mean())
        case "even":
            return np.ones(calendar.slots), read_always, 1.0
        case "works":
            return _works(calendar, late=load.number == 1), read_always, 1.0
        case norm:
            profile, rotate = stored[norm], load.rotate
    worked = load.of in ("g0", "g1", "l0")
    measured = calendar.shape(profile, rotate=rotate, worked=worked)
    full = profiles.filled(profile)
    shape = calendar.shape(full, rotate=rotate, worked=worked)
    return shape, np.isnan(measured), float(full.mean())


def _works(calendar: Calendar, *, late: bool) -> F64:
    """A factory of two shifts with a constant part, of mean 1, from the norms' G1 and G0."""
    stored = profiles.stored()
    day, trade = (calendar.shape(stored[name], worked=True) for name in ("g1", "g0"))
    second = np.roll(day.reshape(-1, SLOTS), 14, axis=1).reshape(-1)
    if late:
        day, second = second, day
    return 0.34 + 0.36 * day / stored["g1"].mean() + 0.2 * second / stored["g1"].mean() \
        + 0.1 * trade / stored["g0"].mean()  # fmt: skip


def _sunshine(calendar: Calendar, seed: int) -> F64:
    """Yield of a kW of panels in Wh, (slots,): measured in Sydney, dimmed to a northern winter."""
    measured = calendar.shape(profiles.filled(profiles.stored()["pv"]), rotate=SOUTH)
    season = 0.6 - 0.4 * np.cos(2 * np.pi * (calendar.weeks + 1.5) / WEEKS)
    mist = 1 - 0.06 * (1 + calendar.noise(seed + 3, each=SLOTS))
    return measured * np.repeat(season, SLOTS) * mist / PANEL
