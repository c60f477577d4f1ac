"""Until when data have arrived, beside sums that a job keeps as of now.

A kept month expects data up to the moment of the job. What is only on its way is not missing: as
in the explorer, of a point that is not late nothing is expected beyond its last data.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np

from faza.cabinet import measured, words
from faza.cabinet.choice import MOST, Chosen
from faza.charges.queries import Charged, ZoneMonths
from faza.core.periods import start_of_day
from faza.core.reading_types import OF_COMMODITY, Commodity
from faza.core.windows import Windows
from faza.ui.contact import LATE

HALF_HOUR = 1800
"""Seconds of an interval, as nearly all meters send them."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """When each point was heard of last; `is_asked` is False of too many points.

    over: when the reader's time with them ended, None while it goes on.
    """

    until: dict[int, datetime]
    is_asked: bool
    zone: str
    over: datetime | None
    at: datetime

    @property
    def latest(self) -> datetime | None:
        return max(self.until.values(), default=None)

    def under(self, end: date) -> str:
        """«Данные до 14:00»; "" where all up to the start of the day `end` has arrived."""
        if self.over is not None:
            return words.over(self.over, self.zone)
        if not self._is_told(end):
            return ""
        return words.until(self.latest, self.zone, at=self.at)

    def late(self, end: date) -> str:
        """«запаздывают на 5 сут», of what is shown up to the start of the day `end`."""
        latest = self.latest
        if self.over is not None or latest is None or not self._is_told(end):
            return ""
        return words.late(latest, at=self.at) if self.at - latest > LATE else ""

    def _is_told(self, end: date) -> bool:
        if not self.is_asked:
            return False
        latest = self.latest
        return latest is None or latest < start_of_day(end, self.zone)

    def charged(self, found: Charged) -> Charged:
        """The same, without expecting what is on its way."""
        expected = self._expected(
            found.usage_points, found.months, found.n_expected, found.n_present, found.as_of
        )
        return replace(found, n_expected=expected)

    def zone_months(self, found: ZoneMonths) -> ZoneMonths:
        """The same, without expecting what is on its way."""
        expected = self._expected(
            found.usage_points, found.months, found.n_expected, found.n_present, found.as_of
        )
        return replace(found, n_expected=expected)

    def _expected(
        self, points: np.ndarray, months: np.ndarray, expected: np.ndarray, present: np.ndarray,
        as_of: datetime | None,
    ) -> np.ndarray:  # fmt: skip
        """(n,) how many intervals are expected of rows of points and months."""
        if as_of is None or self.over is not None:
            return expected
        now = as_of.timestamp()
        ahead = {
            point: int(now - until.timestamp()) // HALF_HOUR
            for point, until in self.until.items()
            if self.at - until <= LATE and until.timestamp() < now
        }
        this = np.datetime64(as_of.astimezone(ZoneInfo(self.zone)).date(), "M")
        due = np.array([ahead.get(point, 0) for point in points.tolist()], np.int64)
        return np.where(months == this, np.maximum(present, expected - due), expected)


def arrival(
    windows: Windows, chosen: Chosen, over: datetime | None, *, at: datetime
) -> Arrival:  # fmt: skip
    """When the chosen points were heard of. At most two queries; of more than MOST none."""
    if len(chosen.points) > MOST:
        return Arrival({}, is_asked=False, zone=chosen.zone, over=over, at=at)
    kinds = list(
        dict.fromkeys(OF_COMMODITY[Commodity(point.resource)][0] for point in chosen.points)
    )
    heard = measured.heard(windows.of_points(chosen.ids), kinds, at=over or at)
    until = {one.id: end for one in chosen.points if (end := heard.of(one.id)) is not None}
    return Arrival(until, is_asked=True, zone=chosen.zone, over=over, at=at)
