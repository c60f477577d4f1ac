"""What the meters of the demo show: registers from what they counted, phases from real ones."""

from __future__ import annotations

from datetime import date

import numpy as np
import numpy.typing as npt

from faza.core.reading_types import BY_CHANNEL
from faza.demo import phases, plan, profiles
from faza.demo.loads import TENTHS, Stand, Truth
from faza.demo.plan import MODELS, POINTS, Point
from faza.demo.profiles import SLOTS

I64 = npt.NDArray[np.int64]
F64 = npt.NDArray[np.float64]

CURRENTS = frozenset(BY_CHANNEL[f"I{letter}"].code for letter in "ABC")
REGISTERS = 9
"""T0 to T8 of a channel."""
SHARES = {1: (1.0,), 2: (0.71, 0.29), 3: (0.3, 0.42, 0.28)}
"""How what was counted before the data begin stands in the zones."""


def registers(truth: Truth, stand: Stand, zones: list[int], since: date, at: I64) -> I64:
    """What a stand's meter shows at the starts of half-hours, (len(at), 4, 9) Wh and varh.

    zones: the zone number of each half-hour of a day. The shown value is cut to the register's
    decimals, each register by itself, as meters do. Before ratios.
    """
    step = TENTHS * register_step(POINTS[stand.point])
    counted = standing(truth, stand, zones, since, at)
    return counted // step * step // TENTHS % (10 ** (plan.DIGITS + 3))


def register_step(point: Point) -> int:
    """Wh in the last digit of its meter's registers."""
    step: int = 10 ** (3 - MODELS[point.model].decimals)
    return step


def standing(truth: Truth, stand: Stand, zones: list[int], since: date, at: I64) -> I64:
    """What a stand's meter has counted in all at the starts of half-hours: tenths, not cut.

    (len(at), 4, 9), T0 the sum of the zones.
    """
    span = slice(stand.first, stand.end)
    counted = truth.counted[:, stand.point, span]
    zone = np.tile(np.array(zones), truth.calendar.slots // SLOTS)[span]
    before = _before(stand, max(zones), since)
    inner = at - stand.first
    shown = np.zeros((len(at), len(plan.FULL), REGISTERS), np.int64)
    for number in range(1, max(zones) + 1):
        running = np.cumsum(np.where(zone == number, counted, 0), axis=1)
        running = np.concatenate([np.zeros((len(running), 1), np.int64), running], axis=1)
        of_zone = before[:, number - 1] + running[:, inner].T
        shown[:, :, 0] += of_zone
        shown[:, :, number] = of_zone
    return shown


def _before(stand: Stand, n_zones: int, since: date) -> I64:
    """What was counted before the series begins, (4, zones), tenths; nothing on a new meter."""
    point = POINTS[stand.point]
    if stand.first:
        return np.zeros((len(plan.FULL), n_zones), np.int64)
    load = point.load
    years = (since - plan.installed_on(point, since)).days / 365
    kwh = load.kwh if load.of != "below" else 20_000 + point.pick("before", 900_000)
    kwh = kwh or 9_300
    active = years * kwh / float(point.ratio)
    totals = [active, years * load.sun * 600, active * load.tangent, 0.013 * active]
    mask = [channel in point.channels for channel in plan.FULL]
    split = np.outer(np.where(mask, totals, 0), SHARES[n_zones]) * 1000 * TENTHS
    return split.astype(np.int64) // stand.step * stand.step


def phase_channels(truth: Truth, n: int) -> dict[int, I64]:
    """Voltages and currents of a point by reading type, (slots,) each, primary side.

    Where the profile is as measured, so are they; elsewhere the measured voltage is turned by
    weeks from phase to phase, and the current follows from the point's own power (`phases`).
    """
    point, calendar = POINTS[n], truth.calendar
    uci = profiles.stored()["uci"]
    if point.load.as_measured:
        return {
            BY_CHANNEL["UA"].code: np.round(calendar.shape(uci[2])).astype(np.int64),
            BY_CHANNEL["IA"].code: np.round(calendar.shape(uci[3])).astype(np.int64),
        }
    shown = phases.divided(truth, n)
    found = {}
    for letter in phases.letters(n):
        volts, amperes = shown[f"U{letter}"], shown[f"I{letter}"]
        found[BY_CHANNEL[f"U{letter}"].code] = np.round(volts * 10).astype(np.int64)
        found[BY_CHANNEL[f"I{letter}"].code] = _metered(amperes * 1000, truth, n)
    return found


def _metered(amperes: F64, truth: Truth, n: int) -> I64:
    """mA of the primary side in whole mA of the meter's, behind current transformers."""
    found = np.round(amperes).astype(np.int64)
    for stand in truth.stands:
        if stand.point == n and POINTS[n].vt is None:
            span = slice(stand.first, stand.end)
            found[span] = np.round(amperes[span] / float(stand.ratio)) * int(stand.ratio)
    return found
