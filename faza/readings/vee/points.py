"""What is known of usage points that rules and estimates need: place, complexes, limits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from faza.core.periods import Period, start_of_day
from faza.metering.models import MeteringComplex, NetworkNode, UsagePoint
from faza.readings.queries.grid import day_starts

I64 = npt.NDArray[np.int64]
I16 = npt.NDArray[np.int16]
Mask = npt.NDArray[np.bool_]

TOP = 2**33 - 1
"""Unix seconds of "no end yet": the year 2242."""
BOTH_WAYS = frozenset(
    {NetworkNode.Kind.SUBSTATION, NetworkNode.Kind.FEEDER, NetworkNode.Kind.TRANSFORMER_SUBSTATION}
)
"""Where energy flows in both directions by nature: the network's own places, not a consumer's."""


@dataclass(frozen=True, slots=True)
class Complex:
    """A meter at a point from `start` to `end`, unix seconds, and what its model can measure.

    apparent: VA on the primary side that the meter can measure at most, 0: not known.
    controls: the complex that it controls, if it is a control one.
    """

    id: int
    usage_point: int
    role: str
    controls: int | None
    meter: int
    ratio: Fraction
    digits: int
    decimals: int
    apparent: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Point:
    """A usage point. complexes: of all roles and all time, oldest first. both_ways: energy may
    flow into the network."""

    id: int
    zone: str
    path: str
    max_power: int
    both_ways: bool
    complexes: tuple[Complex, ...]

    @property
    def billing(self) -> tuple[Complex, ...]:
        return tuple(c for c in self.complexes if c.role == MeteringComplex.Role.BILLING)


def get_points(points: Collection[int]) -> dict[int, Point]:
    """Usage points by id, those that exist. Two queries."""
    rows = MeteringComplex.objects.filter(usage_point__in=points).order_by("valid_from", "id")
    complexes: dict[int, list[Complex]] = defaultdict(list)
    for key, point, role, controls, meter, ct, ct_by, vt, vt_by, *model, start, end in (
        rows.values_list(
            "id", "usage_point_id", "role", "control_of_id", "meter_id", "ct_numerator",
            "ct_denominator", "vt_numerator", "vt_denominator", "meter__model__phases",
            "meter__model__nominal_voltage", "meter__model__max_current", "meter__model__digits",
            "meter__model__decimals", "valid_from", "valid_to",
        )
    ):  # fmt: skip
        phases, voltage, current, digits, decimals = (number or 0 for number in model)
        ratio = Fraction(ct * vt, ct_by * vt_by)
        complexes[point].append(
            Complex(key, point, role, controls, meter, ratio, digits, decimals,
                    apparent(phases, voltage, current, ct / ct_by * vt / vt_by),
                    _clip(start), _clip(end))
        )  # fmt: skip
    of_points = UsagePoint.objects.filter(id__in=points).values_list(
        "id", "zone", "node__path", "node__kind", "max_power"
    )
    return {
        key: Point(key, zone, path, power or 0, kind in BOTH_WAYS, tuple(complexes.get(key, ())))
        for key, zone, path, kind, power in of_points
    }


def apparent(phases: int, voltage: int, current: int, ratio: float) -> int:
    """VA on the primary side that a meter can measure at most; 0.1 V of a phase and mA.

    As `facts` has it computed by the database.
    """
    return int(ratio * (phases * voltage * current) / 10_000)


def _clip(moment: datetime | None) -> int:
    return TOP if moment is None else min(max(int(moment.timestamp()), 0), TOP)


def by_point(usage_points: I64) -> Iterator[tuple[int, slice]]:
    """Each point of sorted rows with the slice of its own."""
    edges = np.flatnonzero(np.diff(usage_points, prepend=-1)).tolist()
    for start, end in zip(edges, [*edges[1:], len(usage_points)], strict=False):
        yield int(usage_points[start]), slice(start, end)


def midnights_of(days: npt.NDArray[np.datetime64], zone: str) -> I64:
    """(n,) unix seconds at which civil days begin in a zone."""
    if not len(days):
        return np.zeros(0, np.int64)
    first: date = days.min().astype("datetime64[D]").item()
    end: date = days.max().astype("datetime64[D]").item() + timedelta(days=1)
    starts = day_starts(first, end, zone)
    found: I64 = starts[(days - np.datetime64(first)).astype(np.int64)]
    return found


@lru_cache(maxsize=100_000)
def midnight_before(moment: int, zone: str) -> int:
    """Unix seconds at which the civil day of a moment begins in a zone."""
    day = datetime.fromtimestamp(moment, ZoneInfo(zone)).date()
    return int(start_of_day(day, zone).timestamp())


def period_of(zones: Collection[str], first: date, end: date) -> Period:
    """From the earliest beginning of a day in any of some zones to the latest end."""
    periods = [Period.of_days(first, end, zone) for zone in zones]
    return Period(min(one.start for one in periods), max(one.end for one in periods))
