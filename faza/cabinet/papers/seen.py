"""What stood at points, as far as windows show it. Pure functions of complexes and windows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from faza.core.periods import Period
from faza.core.windows import Windows
from faza.metering.models import MeteringComplex


@dataclass(frozen=True, slots=True)
class Stood:
    """A complex that stood for some time of the windows.

    since, until: when it came and went; None where that lies outside the windows, or has not
    happened. is_now: it stands, and the person sees the point now.
    """

    complex: MeteringComplex
    since: datetime | None
    until: datetime | None
    is_now: bool


@dataclass(frozen=True, slots=True)
class Access:
    """From when to when a person sees a point; `end` is None while it is open."""

    periods: tuple[Period, ...]
    end: datetime | None

    def shows(self, moment: datetime) -> bool:
        """Whether what happened at a moment is told; the very end of a window belongs to it."""
        return any(one.start <= moment <= one.end for one in self.periods)

    @property
    def last(self) -> datetime:
        """The moment up to which all is told."""
        return max(one.end for one in self.periods)

    @property
    def first(self) -> datetime:
        return min(one.start for one in self.periods)


def accesses(windows: Windows, *, at: datetime) -> dict[int, Access]:
    """By usage point."""
    periods: dict[int, list[Period]] = {}
    for window in windows:
        periods.setdefault(window.usage_point, []).append(window.period)
    # Windows end at `at` where they are open: nobody sees the future.
    return {
        point: Access(tuple(found), None if (end := max(p.end for p in found)) >= at else end)
        for point, found in periods.items()
    }


def stood(complexes: Iterable[MeteringComplex], access: Access, *, at: datetime) -> list[Stood]:
    """Those of a point that the person is told of, in the order given."""
    found = []
    for one in complexes:
        if not any(one.period.intersect(period) for period in access.periods):
            continue
        ended = one.valid_to is not None and one.valid_to <= at
        found.append(
            Stood(
                complex=one,
                since=one.valid_from if access.shows(one.valid_from) else None,
                until=one.valid_to if ended and access.shows(one.period.end) else None,
                is_now=access.end is None and not ended and one.valid_from <= at,
            )
        )
    return found


def by_point(
    complexes: Mapping[int, Iterable[MeteringComplex]], windows: Windows, *, at: datetime
) -> dict[int, list[Stood]]:
    """As `stood`, of many points; those without any are absent."""
    seen = accesses(windows, at=at)
    found = {
        point: stood(complexes[point], access, at=at)
        for point, access in seen.items()
        if point in complexes
    }
    return {point: rows for point, rows in found.items() if rows}
