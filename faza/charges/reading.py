"""What registers say of stretches between two moments, for months of many points at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from faza.charges.rules.volumes import MILLI, Read
from faza.core.periods import Period
from faza.core.reading_types import A_MINUS, A_PLUS
from faza.core.windows import Window, Windows
from faza.readings import registers
from faza.readings.register_queries import FAR, RegisterConsumption, register_consumption

TARIFFS = 9
IMPORT = tuple(registers.register(A_PLUS.code, tariff) for tariff in range(TARIFFS))
EXPORT = registers.register(A_MINUS.code)
SECOND = timedelta(seconds=1)
Key = tuple[int, Period]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Shown:
    """Differences of a point's registers over a stretch that readings bound exactly, by number."""

    of: Mapping[int, Read]
    resolution: Fraction

    def zones(self, count: int) -> dict[int, Read]:
        """T1 … Tn by zone, or T0 of a single zone; nothing unless all are there and add up to T0,
        or no other counts where there is no T0.

        Where they do not, the meter counts in other zones than these. Source: domain, 5.4.
        """
        whole = self.of.get(IMPORT[0])
        beyond = (self.of.get(number) for number in IMPORT[count + 1 :])
        if whole is None and any(read.exact for read in beyond if read is not None):
            return {}
        if count == 1:
            only = whole or self.of.get(IMPORT[1])
            return {1: only} if only else {}
        parts = {n: self.of[IMPORT[n]] for n in range(1, count + 1) if IMPORT[n] in self.of}
        if len(parts) < count:
            return {}
        if whole is not None:
            apart = abs(sum((part.exact for part in parts.values()), Fraction(0)) - whole.exact)
            if apart > self.resolution * (count + 1):
                return {}
        return parts

    @property
    def export(self) -> Read | None:
        return self.of.get(EXPORT)


def shown(wanted: Iterable[Key], zones: Mapping[int, str]) -> dict[Key, Shown]:
    """What registers say of (point, period); absent where readings do not bound the period.

    zones: the IANA zone of each point. Four queries at most for each different period.
    """
    by_period: dict[Period, set[int]] = defaultdict(set)
    for point, period in wanted:
        by_period[period].add(point)
    found: dict[Key, Shown] = {}
    for period, points in sorted(by_period.items(), key=lambda one: one[0].start):
        windows = Windows.merged(Window(point, zones[point], period) for point in points)
        counted = register_consumption(windows, period, [*IMPORT, EXPORT], around=timedelta(0))
        for point, of_point in _by_point(counted, counted.exact).items():
            found[point, period] = of_point
    return found


def nearest(wanted: Mapping[Key, Sequence[Period]], zones: Mapping[int, str]) -> dict[Key, Shown]:
    """What the readings nearest to the ends of (point, period) say, not farther than 35 days.

    wanted: of each the time in which readings may lie, which is that of the same agreement. Two
    periods that touch use the same reading, so that they add up. Queries as of `shown`.
    """
    by_period: dict[Period, list[int]] = defaultdict(list)
    for point, period in wanted:
        by_period[period].append(point)
    found: dict[Key, Shown] = {}
    for period, points in sorted(by_period.items(), key=lambda one: one[0].start):
        windows = Windows.merged(
            Window(point, zones[point], span) for point in points for span in wanted[point, period]
        )
        counted = register_consumption(windows, period, [*IMPORT, EXPORT], around=FAR)
        for point, of_point in _by_point(counted, counted.known).items():
            found[point, period] = of_point
    return found


def shared(told: Shown, periods: Mapping[date, Period], count: int) -> dict[tuple[date, int], Read]:
    """What readings say of a whole, shared among its stretches by their time: by (first day, zone).

    Nobody knows when within the whole it was used.
    """
    whole = sum((period.end - period.start for period in periods.values()), timedelta(0))
    return {
        (first, zone): Read(read.exact * part, read.whole * part)
        for first, period in periods.items()
        for part in [Fraction((period.end - period.start) // SECOND, whole // SECOND)]
        for zone, read in told.zones(count).items()
    }


def _by_point(counted: RegisterConsumption, usable: Mask) -> dict[int, Shown]:
    rows: dict[int, list[int]] = defaultdict(list)
    for row, point in enumerate(counted.usage_points.tolist()):
        rows[point].append(row)
    # What came round of each register is in `shown` and not in the difference of readings.
    turned = counted.shown - (counted.closing - counted.opening)
    whole = counted.closing // MILLI - counted.opening // MILLI + turned // MILLI
    found = {}
    for point, of_point in rows.items():
        if point not in counted.covered:
            continue
        ratios = [counted.ratios[row] for row in of_point]
        told = {
            int(counted.registers[column]): Read(
                _sum(counted.shown[of_point, column].tolist(), ratios),
                _sum(whole[of_point, column].tolist(), ratios),
            )
            for column in np.flatnonzero(usable[of_point].all(axis=0)).tolist()
        }
        if told:
            found[point] = Shown(told, sum((counted.resolutions[r] for r in of_point), Fraction(0)))
    return found


def _sum(values: Sequence[int], ratios: Sequence[Fraction]) -> Fraction:
    return sum((ratio * value for ratio, value in zip(ratios, values, strict=True)), Fraction(0))


def reads(
    found: Mapping[Key, Shown], usage_point: int, periods: Mapping[date, Period], count: int
) -> tuple[dict[tuple[date, int], Read], dict[tuple[date, int], Read]]:
    """Import by (first day, zone) and export by (first day, 0) of a point's stretches."""
    imported: dict[tuple[date, int], Read] = {}
    exported: dict[tuple[date, int], Read] = {}
    for first, period in periods.items():
        told = found.get((usage_point, period))
        if told is None:
            continue
        imported |= {(first, zone): read for zone, read in told.zones(count).items()}
        if told.export is not None:
            exported[first, 0] = told.export
    return imported, exported
