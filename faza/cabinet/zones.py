"""The tariff's zones of the day, where all chosen points share them: night in pictures, columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from django.db.models import Q

from faza.accounts.models import User
from faza.cabinet import measured
from faza.cabinet.choice import Chosen
from faza.cabinet.series import Cells
from faza.charges.rules.grids import civil
from faza.contracts import access
from faza.contracts.models import AgreementPoint
from faza.core.periods import Period
from faza.tariffs import rules
from faza.ui.periods import Shown

DEEP_NIGHT = 3 * 60
"""The zone of this minute of the day is the night."""
MOST_NIGHTS = 100
"""More are hairlines in a picture: none is tinted then."""


@dataclass(frozen=True, slots=True)
class Zone:
    """A zone of the day: its name as the tariff has it, its hours as read («23–07»)."""

    number: int
    name: str
    hours: str

    @property
    def label(self) -> str:
        return f"{self.name} {self.hours}"


@dataclass(frozen=True, slots=True)
class Zones:
    """The zones of a tariff; of_minute: (1440,) the number of each minute's zone."""

    zones: tuple[Zone, ...]
    of_minute: tuple[int, ...]

    @property
    def night(self) -> Zone:
        number = self.of_minute[DEEP_NIGHT]
        return next(zone for zone in self.zones if zone.number == number)

    @property
    def legend(self) -> str:
        """«ночь, 23–07»."""
        return f"{self.night.name[:1].lower()}{self.night.name[1:]}, {self.night.hours}"


def shared(user: User, chosen: Chosen, shown: Shown, *, at: datetime) -> Zones | None:
    """The zones that held for all chosen points all the shown days; None without such.

    One question; none for a house manager, who reads no agreements.
    """
    if not chosen.points or chosen.has_several_zones or user.role == User.Role.HOUSE_MANAGER:
        return None
    days = Period.of_days(shown.first, shown.end, chosen.zone)
    bound = AgreementPoint.objects.covering_before(min(days.end, at)).filter(
        Q(valid_to=None) | Q(valid_to__gt=days.start),
        Q(agreement__valid_to=None) | Q(agreement__valid_to__gt=days.start),
        agreement__in=access.readable_agreements_of(user, at=at),
        usage_point__in=chosen.ids,
    )
    columns = ("valid_from", "month", "number", "name", "hours")
    rows = set(
        bound.values_list(
            "usage_point", "agreement__tariff", *(f"agreement__tariff__zones__{c}" for c in columns)
        )
    )
    if {row[0] for row in rows} != set(chosen.ids) or len({row[1] for row in rows}) != 1:
        return None
    told = {row[2:] for row in rows if row[2] is not None and row[2] < shown.end}
    latest = max((row[0] for row in told), default=None)
    if latest is None or latest > shown.first:
        return None
    zones = sorted(row[1:] for row in told if row[0] == latest)
    if any(month for month, *_ in zones):
        return None  # those of businesses are others each month, and not by local time
    return of_tariff([row[1:] for row in zones])


def of_tariff(rows: Sequence[tuple[int, str, str]]) -> Zones | None:
    """Zones of (number, name, hours); None where the day is one zone."""
    if len(rows) < 2:
        return None
    of_minute = rules.zone_of_minutes((number, rules.parse_hours(text)) for number, _, text in rows)
    return Zones(
        tuple(Zone(number, name, _short(text)) for number, name, text in rows), tuple(of_minute)
    )


def _short(hours: str) -> str:
    """«07:00-10:00 17:00-21:00» as «07–10, 17–21»."""
    return ", ".join(part.replace(":00", "").replace("-", "–") for part in hours.split())


def nights(zones: Zones, shown: Shown, zone: str) -> list[list[int]]:
    """The nights of the shown days as [from, to) in epoch milliseconds; none of a long period."""
    if (shown.end - shown.first).days > MOST_NIGHTS:
        return []
    tz = ZoneInfo(zone)
    is_night = np.array(zones.of_minute) == zones.night.number
    edges = np.flatnonzero(np.diff(np.concatenate([[False], is_night, [False]])))
    found: list[list[int]] = []
    for n in range((shown.end - shown.first).days):
        midnight = datetime.combine(shown.first + timedelta(days=n), time(), tz)
        for start, end in edges.reshape(-1, 2).tolist():
            # Minutes are added to the wall clock: a night that the clocks change in is as long
            # as it was.
            low, high = (
                int((midnight + timedelta(minutes=minute)).timestamp() * 1000)
                for minute in (start, end)
            )
            if found and found[-1][1] == low:
                found[-1][1] = high
            else:
                found.append([low, high])
    return found


def split(cells: Cells, zones: Zones, zone: str) -> tuple[Cells, ...]:
    """The cells of each zone, the others empty; nothing where a cell lies in two zones."""
    first = minutes_of_day(cells.start, zone)
    last = minutes_of_day(cells.end - 60, zone)
    of_minute = np.array(zones.of_minute)
    inside = of_minute[first]
    if (inside != of_minute[last]).any():
        return ()
    found = []
    for one in zones.zones:
        sums = {
            name: np.where(inside == one.number, getattr(cells, name), 0)
            for name in measured.ARRAYS
        }
        found.append(Cells(cells.kind, cells.points, cells.start, cells.end, **sums))
    return tuple(found)


def minutes_of_day(seconds: np.ndarray, zone: str) -> np.ndarray:
    """(t,) minutes of the wall clock's day; seconds ascending."""
    return civil(seconds, zone)[1]
