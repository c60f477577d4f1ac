"""What somebody may see: usage points, each for a stretch of time."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from operator import attrgetter
from typing import NamedTuple

from faza.core.periods import Period


class Window(NamedTuple):
    """A usage point over a period; everything that a person gets is clipped to such windows.

    `zone` is the point's IANA zone: days and months are counted in it.
    """

    usage_point: int
    zone: str
    period: Period


@dataclass(frozen=True, slots=True)
class Windows:
    """Windows sorted by (point, start); those of one point neither overlap nor touch."""

    items: tuple[Window, ...]

    @classmethod
    def merged(cls, windows: Iterable[Window]) -> Windows:
        """Windows of which overlapping and touching ones of a point are made one."""
        merged: list[Window] = []
        found = list(windows)
        if len({window.usage_point for window in found}) == len(found):
            # So it is of nearly all readers, and thousands of windows are only put in order.
            found.sort(key=attrgetter("usage_point"))
            return cls(tuple(window for window in found if window.period))
        for window in sorted(found, key=lambda w: (w.usage_point, w.period.start, w.period.end)):
            last = merged[-1] if merged else None
            if (
                last
                and last.usage_point == window.usage_point
                and window.period.start <= last.period.end
            ):
                end = max(last.period.end, window.period.end)
                merged[-1] = Window(last.usage_point, last.zone, Period(last.period.start, end))
            elif window.period:
                merged.append(window)
        return cls(tuple(merged))

    def __iter__(self) -> Iterator[Window]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    @property
    def points(self) -> list[int]:
        """The usage points in them, each once, sorted."""
        return sorted({window.usage_point for window in self.items})

    def of_points(self, points: Collection[int]) -> Windows:
        """Those of some usage points."""
        wanted = set(points)
        return Windows(tuple(w for w in self.items if w.usage_point in wanted))

    def within(self, period: Period) -> Windows:
        """What of them lies in a period."""
        clipped = ((w, w.period.intersect(period)) for w in self.items)
        return Windows(tuple(Window(w.usage_point, w.zone, p) for w, p in clipped if p))
