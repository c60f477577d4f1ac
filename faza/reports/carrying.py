"""Register readings carried to a boundary by the interval profile between them and it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from faza.core.periods import Period
from faza.core.windows import Windows
from faza.readings import queries
from faza.readings.queries import Profile
from faza.readings.register_queries import AROUND
from faza.reports.gathering import I64
from faza.reports.zones import Zones

NEAR = 3600
"""Seconds from a boundary at which a carried reading may stand: half-hours begin on the hour."""


@dataclass(frozen=True, slots=True)
class Carried:
    """What the profile adds to a reading, in quanta on the primary side, and the moment then."""

    added: int
    at: int


class Carrier:
    """Profiles of points around the boundaries of a period; two queries, two more of nothing."""

    def __init__(
        self, windows: Windows, points: Collection[int], reading_type: int, period: Period, *,
        at: datetime, zones: Zones | None,
    ) -> None:  # fmt: skip
        self.zones = zones
        self.profiles: dict[int, list[Profile]] = defaultdict(list)
        mine = windows.of_points(points)
        if not len(mine):
            return
        for around in _around(period):
            for profile in queries.profiles(mine, [reading_type], around, until=at):
                if len(profile.starts):
                    self.profiles[profile.usage_point].append(profile)

    def carry(self, point: int, moment: int, boundary: int, tariff: int) -> Carried | None:
        """From a reading's moment to a boundary, back where it lies before; unix seconds.

        tariff: of the register, 0 is the sum. None where the profile has a gap between, or
        where the zones of the day are not known.
        """
        if moment == boundary:
            return Carried(0, boundary)
        low, high = min(moment, boundary), max(moment, boundary)
        for profile in self.profiles[point]:
            first = int(np.searchsorted(profile.starts, low))
            end = int(np.searchsorted(profile.ends, high, "right"))
            if first >= end:
                continue
            start, stop = int(profile.starts[first]), int(profile.ends[end - 1])
            from_reading = start == low if moment < boundary else stop == high
            reached = stop if moment < boundary else start
            if not from_reading or abs(reached - boundary) >= NEAR:
                continue
            if not profile.present[first:end].all():
                return None
            values = profile.values[first:end]
            if tariff:
                numbers = self._zones(point, profile, first, end)
                if (numbers == 0).any():
                    return None
                values = values[numbers == tariff]
            total = int(values.sum())
            return Carried(total if moment < boundary else -total, reached)
        return None

    def _zones(self, point: int, profile: Profile, first: int, end: int) -> I64:
        starts = profile.starts[first:end]
        if self.zones is None:
            return np.zeros(len(starts), np.int64)
        return self.zones.numbers(point, starts, profile.zone)


def _around(period: Period) -> list[Period]:
    """The time around both boundaries; one stretch where it is the same."""
    if period.length <= 2 * AROUND:
        return [Period(period.start - AROUND, period.end + AROUND)]
    return [Period(edge - AROUND, edge + AROUND) for edge in (period.start, period.end)]
