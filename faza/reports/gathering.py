"""What kinds of reports have in common: points in batches, civil moments, rounding, states.

Values are asked for in batches of points, so that any number of them passes through bounded
memory; the number of queries is that of the batches times a constant of the kind.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from faza.core.reading_types import Commodity, ReadingType
from faza.core.units import round_half_up
from faza.core.windows import Windows
from faza.metering.models import UsagePoint
from faza.reports.table import Cells, State, States, Values

I64 = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

BATCH = 500
"""Points asked for at once."""
VALUES = 250_000
"""Intervals asked for at once, about; no fewer than those of one point."""
TAKEN = frozenset({"start", "when", "all", "state"})
"""Columns beside those of points."""
NAMES = 5_000
"""Points of which names are asked for at once."""


@dataclass(frozen=True, slots=True)
class Point:
    """A usage point as reports name it."""

    id: int
    code: str
    name: str
    zone: str


def points_of(windows: Windows, commodity: Commodity) -> list[Point]:
    """The points of windows that are of a resource, in the order of the network.

    One query for each NAMES points.
    """
    ids = windows.points
    rows = [
        row
        for start in range(0, len(ids), NAMES)
        for row in UsagePoint.objects.filter(
            id__in=ids[start : start + NAMES], resource=commodity
        ).values_list("node__path", "name_key", "id", "code", "name", "zone")
    ]
    return [Point(*row[2:]) for row in sorted(rows, key=lambda row: row[:3])]


def asked_of(windows: Windows, commodity: Commodity) -> tuple[list[Point], Windows]:
    """The points of a resource, as `points_of`, and their windows alone."""
    points = points_of(windows, commodity)
    return points, windows.of_points({point.id for point in points})


def key_of(point: Point) -> str:
    """The name of a point's column: its code, unless a column of the report is called so."""
    return f"point:{point.code}" if point.code in TAKEN else point.code


def batches(
    points: Sequence[Point], windows: Windows, each: int = 0
) -> Iterator[tuple[Sequence[Point], Windows]]:
    """Points with their windows; `each`: values that one of them has, to bound the batch by."""
    size = max(1, min(BATCH, VALUES // each if each else BATCH))
    by_point: dict[int, list[int]] = {}
    for place, window in enumerate(windows):
        by_point.setdefault(window.usage_point, []).append(place)
    for start in range(0, len(points), size):
        some = points[start : start + size]
        places = sorted(place for point in some for place in by_point[point.id])
        yield some, Windows(tuple(windows.items[place] for place in places))


def stretches(first: date, end: date, each: int) -> Iterator[tuple[date, date]]:
    """Civil days [first, end) cut so that days of `each` values have about VALUES together."""
    step = timedelta(days=max(1, VALUES // max(1, each)))
    while first < end:
        stop = min(end, first + step)
        yield first, stop
        first = stop


def zones_of(points: Iterable[Point]) -> list[str]:
    """Zones of points, each once, in their order."""
    return list(dict.fromkeys(point.zone for point in points))


def civil(seconds: I64, zone: str) -> npt.NDArray[np.datetime64]:
    """(n,) unix seconds as wall clock, datetime64[m]; 0 and less are none: NaT.

    Where clocks go back the same wall clock comes twice.
    """
    tz = ZoneInfo(zone)
    hours, place = np.unique(seconds // 3600, return_inverse=True)
    offsets = np.zeros(len(hours), np.int64)
    for number, hour in enumerate(hours.tolist()):
        offset = datetime.fromtimestamp(max(hour, 0) * 3600, UTC).astimezone(tz).utcoffset()
        offsets[number] = int(offset.total_seconds()) if offset else 0
    shown = (seconds + offsets[place.reshape(-1)]).astype("datetime64[s]")
    moments: npt.NDArray[np.datetime64] = shown.astype("datetime64[m]")
    moments[seconds <= 0] = np.datetime64("NaT")
    return moments


def rounded(values: I64, kind: ReadingType, digits: int, factor: int = 1) -> Floats:
    """(n,) quanta times a whole factor in the type's unit, halves away from zero; exact before."""
    over = kind.quantum.numerator * 10**digits * factor
    under = kind.quantum.denominator
    shared = Fraction(over, under)
    over, under = shared.numerator, shared.denominator
    greatest = int(np.abs(values).max(initial=0))
    if greatest * over > np.iinfo(np.int64).max // 4:
        exact = [told(Fraction(value) * factor, kind, digits) for value in values.tolist()]
        return np.array(exact, np.float64)
    whole = (2 * np.abs(values) * over + under) // (2 * under)
    return np.asarray(np.sign(values) * whole / 10**digits, np.float64)


def told(value: Fraction | None, kind: ReadingType, digits: int) -> float:
    """Quanta, exact, in the type's unit, rounded as `rounded` does; NaN for None."""
    if value is None:
        return float("nan")
    return round_half_up(value * kind.quantum * 10**digits) / 10**digits


def shares(part: I64, whole: I64, digits: int = 1) -> Floats:
    """(n,) percent, rounded down: 99.97 % is not complete and must not read so. NaN of none."""
    scaled = part * 100 * 10**digits // np.maximum(whole, 1)
    return np.where(whole > 0, scaled / 10**digits, np.nan)


def states_of(expected: Values, present: Values, estimated: Values) -> States:
    """(n,) State of sums of intervals: missing, partly, estimated, measured, the first that is."""
    states = np.full(np.shape(expected), State.MEASURED, np.uint8)
    states[estimated > 0] = State.ESTIMATED
    states[present < expected] = State.PARTLY
    states[present <= 0] = State.MISSING
    return states


def numbers(values: Floats, states: States) -> Cells:
    """A column of numbers; what is missing is no number."""
    return Cells(np.where(states == State.MISSING, np.nan, values), states)


def texts(values: Iterable[str]) -> Cells:
    listed = list(values)
    made = np.empty(len(listed), object)
    made[:] = listed
    return Cells(made)


def same(text: str, count: int) -> Cells:
    """The same text in every row."""
    return Cells(np.full(count, text, object))


def none(count: int) -> Cells:
    """Numbers that say nothing in these rows, such as those of a total."""
    return Cells(np.full(count, np.nan))


def days(values: Sequence[date | None]) -> Cells:
    return Cells(np.array(values, "datetime64[D]"))


@dataclass(slots=True)
class Tally:
    """What a report is made of: numbers of intervals, and what they add up to, in quanta."""

    total: int = 0
    expected: int = 0
    present: int = 0
    estimated: int = 0

    def add(self, total: Values, expected: Values, present: Values, estimated: Values) -> None:
        self.total += int(np.sum(total))
        self.expected += int(np.sum(expected))
        self.present += int(np.sum(present))
        self.estimated += int(np.sum(estimated))

    def join(self, other: Tally) -> None:
        self.total += other.total
        self.expected += other.expected
        self.present += other.present
        self.estimated += other.estimated

    @property
    def state(self) -> State:
        one = states_of(*(np.array([n]) for n in (self.expected, self.present, self.estimated)))
        return State(int(one[0]))

    def cell(self, kind: ReadingType, digits: int) -> Cells:
        """The sum as a column of one row."""
        value = rounded(np.array([self.total], np.int64), kind, digits)
        return numbers(value, np.array([self.state], np.uint8))

    def share(self) -> Cells:
        """Percent of what was expected that is there, as a column of one row."""
        return Cells(shares(np.array([self.present]), np.array([self.expected])))

    def estimated_share(self) -> Cells:
        """Percent of what is there that was estimated, as a column of one row."""
        return Cells(shares(np.array([self.estimated]), np.array([self.present])))
