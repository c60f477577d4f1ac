"""Stretches of time, kept in UTC and half-open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

INTERVALS = (1, 2, 3, 5, 6, 10, 12, 15, 20, 30, 60)
"""Lengths of an interval in minutes that days are divided into."""

ALWAYS = datetime(1, 1, 2, tzinfo=UTC)
"""Stands for "since ever"; a day inside datetime.min so that any zone can show it."""
FOREVER = datetime(9999, 12, 30, tzinfo=UTC)
"""Stands for "no end yet"."""


@dataclass(frozen=True, slots=True)
class Period:
    """A half-open stretch of time, [start, end), kept in UTC.

    Raises ValueError if an end is naive or the start is after the end.
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError("A period needs aware datetimes.")
        # Python subtracts two datetimes of one zone by the wall clock, so a day
        # on which the clocks change would come out as 24 hours.
        object.__setattr__(self, "start", self.start.astimezone(UTC))
        object.__setattr__(self, "end", self.end.astimezone(UTC))
        if self.start > self.end:
            raise ValueError(f"A period cannot end before it starts: {self.start} > {self.end}.")

    @classmethod
    def open(cls, start: datetime | None, end: datetime | None) -> Period:
        """A period of which None stands for an open end, as in valid_from / valid_to."""
        return cls(ALWAYS if start is None else start, FOREVER if end is None else end)

    @classmethod
    def of_days(cls, first: date, end: date, zone: str) -> Period:
        """From the start of the civil day `first` to the start of the day `end` in a zone."""
        return cls(start_of_day(first, zone), start_of_day(end, zone))

    def __contains__(self, moment: datetime) -> bool:
        return self.start <= moment < self.end

    def __bool__(self) -> bool:
        """Whether any time passes in it."""
        return self.start < self.end

    @property
    def length(self) -> timedelta:
        return self.end - self.start

    def intersect(self, other: Period) -> Period | None:
        """The time in both, or None where they share none."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        return Period(start, end) if start < end else None

    def days(self, zone: str) -> tuple[date, date]:
        """First civil day touched, and the day after the last one touched, in a zone."""
        tz = ZoneInfo(zone)
        last = (self.end - timedelta(microseconds=1)) if self else self.end
        return (
            self.start.astimezone(tz).date(),
            last.astimezone(tz).date() + timedelta(days=1 if self else 0),
        )


@lru_cache(maxsize=200_000)
def start_of_day(day: date, zone: str) -> datetime:
    """The moment at which a civil day begins in a zone, in UTC.

    Where clocks jump over midnight it is the moment of the jump: fold=0 reads the wall time
    with the offset before it.
    """
    return datetime.combine(day, time(), tzinfo=ZoneInfo(zone)).astimezone(UTC)


def minutes_of_day(day: date, zone: str) -> int:
    """The true length of a civil day; 1380 or 1500 and the like where clocks change."""
    length = start_of_day(day + timedelta(days=1), zone) - start_of_day(day, zone)
    return int(length.total_seconds()) // 60
