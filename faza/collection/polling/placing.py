"""From the rows of load profiles to intervals of usage points. NumPy, no database.

What is decided about rows that are not as they should be:

- The same row twice is one row.
- Rows of one interval that differ are pieces of it (the clock was set back, or power came back):
  their energies are added, of other kinds the last one stands; the interval is doubtful.
- A row stamped off the grid by up to SNAP seconds is meant for it; one further off ends within
  an interval (the clock was set): it is a piece of that interval, which is doubtful.
- A row stamped later than one interval after the moment of reading is dropped: it has not
  happened yet.
- A row of an interval that the meter's own clock has not ended yet is dropped, and read later:
  the clock was set within it, and other pieces of it are still to come.
- An energy below 0, or a number that no meter's interval has, is none.
- A row counts where the meter stood at the point for the whole interval; another is dropped. So
  the interval in which a meter was replaced is missing; the registers have its energy.
- While the clock was off by half an interval or more, intervals are doubtful.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from faza.collection.polling.stays import Stay, ratio
from faza.core.periods import minutes_of_day, start_of_day
from faza.core.quality import Quality
from faza.core.reading_types import ReadingType
from faza.protocols.metered import Column, ProfileRows

I64 = npt.NDArray[np.int64]
U8 = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]

SNAP = 60
"""Seconds; some meters stamp the second in which the row was written."""
MOST = 2**31
"""Quanta on the meter's side from which on a value of an interval is none: 2 GWh, 2,000 kV."""
MOST_YEARS = 20
"""A dead clock begins in 2000 or 1970; no profile reaches so far back."""


@dataclass(frozen=True, slots=True)
class Oddities:
    """Rows that were not as they should be, by what was done about them (see above)."""

    twice: int = 0
    pieces: int = 0
    off_grid: int = 0
    future: int = 0
    elsewhere: int = 0

    def __add__(self, other: Oddities) -> Oddities:
        return Oddities(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))

    def told(self) -> dict[str, int]:
        """Those there are, by name."""
        return {name: getattr(self, name) for name in self.__slots__ if getattr(self, name)}


@dataclass(frozen=True, slots=True, eq=False)
class Slots:
    """Rows laid on a grid of intervals, still in the meter's units: one meter, one stay or all.

    first: unix seconds at which slot 0 begins; step: seconds. columns (c). values (t, c) int64;
    present (t, c); doubtful (t,). `kinds` of a profile that come twice: the first one is kept.
    """

    first: int
    step: int
    columns: tuple[Column, ...]
    values: I64
    present: Mask
    doubtful: Mask


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """Whole civil days [day, end) of a point in one interval, on the primary side.

    kinds (c). values, quality (c, t), UNTOLD where nothing was said.
    """

    usage_point: int
    meter: int
    zone: str
    minutes: int
    day: date
    end: date
    kinds: tuple[ReadingType, ...]
    values: I64
    quality: U8


def phase_of(zone: str, moment: int, step: int) -> int:
    """By how many seconds the grid of a zone's days is away from whole steps since 1970."""
    return int(start_of_day(_day(moment, zone), zone).timestamp()) % step


def lay(
    rows: ProfileRows,
    *,
    phase: int,
    read_at: int,
    since: int = 0,
    doubtful_after: int | None = None,
    shown: int | None = None,
) -> tuple[Slots | None, Oddities]:
    """Lay rows on the grid; None where no row is left.

    Unix seconds: read_at; since: rows that end earlier are of no stay, and none is older than
    MOST_YEARS; doubtful_after: rows that end later are doubtful, for the clock; shown: what the
    meter's own clock showed then, None if that is not known or not to be believed.
    """
    step = rows.interval * 60
    rows = _sound(_of_kinds_once(rows))
    ends = rows.ends.astype("datetime64[s]").astype(np.int64)
    ahead = ends > read_at + step
    before = ends < max(since, read_at - MOST_YEARS * 366 * 86_400)
    ahead |= ~before & _runs(ends, phase, step, read_at, shown)
    kept = ~(ahead | before)
    odd = Oddities(future=int(ahead.sum()), elsewhere=int(before.sum()))
    again = np.zeros(len(ends), bool)
    again[kept] = _twice(ends[kept], rows.values[kept], rows.present[kept])
    kept &= ~again
    if not kept.any():
        return None, odd
    ends, present, doubtful = ends[kept], rows.present[kept], rows.doubtful[kept]
    values = np.where(present, rows.values[kept], 0)
    places, is_off = _places(ends, phase, step)
    low = int(places.min())
    places = places - low
    if doubtful_after is not None:
        doubtful = doubtful | (ends > doubtful_after)
    count = int(places.max()) + 1
    slots = Slots(
        phase + low * step, step, rows.columns,
        np.zeros((count, len(rows.columns)), np.int64),
        np.zeros((count, len(rows.columns)), bool), np.zeros(count, bool),
    )  # fmt: skip
    met = np.bincount(places, minlength=count)
    if int(met.max()) == 1:
        slots.values[places], slots.present[places] = values, present
    else:
        additive = np.array([column.kind.additive for column in rows.columns], bool)
        _put_pieces(slots, places, values, present, additive)
    slots.doubtful[places[doubtful | is_off]] = True
    slots.doubtful[met > 1] = True
    odd += Oddities(int(again.sum()), int((met - 1).clip(0).sum()), int(is_off.sum()))
    return slots, odd


def _of_kinds_once(rows: ProfileRows) -> ProfileRows:
    """Columns of a kind that came already are left out."""
    codes = [column.kind.code for column in rows.columns]
    kept = [n for n, code in enumerate(codes) if code not in codes[:n]]
    if len(kept) == len(codes):
        return rows
    columns = tuple(rows.columns[n] for n in kept)
    return replace(
        rows, columns=columns, values=rows.values[:, kept], present=rows.present[:, kept]
    )


def _twice(ends: I64, values: I64, present: Mask) -> Mask:
    """(n,) rows that came before, values and all."""
    if len(np.unique(ends)) == len(ends):
        return np.zeros(len(ends), bool)
    whole = np.column_stack([ends, values, present])
    _, first = np.unique(whole, axis=0, return_index=True)
    again = np.ones(len(ends), bool)
    again[first] = False
    return again


def _sound(rows: ProfileRows) -> ProfileRows:
    """Rows of which energies below 0 and impossible numbers are not there."""
    most = np.array([int(MOST / column.scale) for column in rows.columns], np.int64)
    least = np.where([column.kind.additive for column in rows.columns], 0, -most)
    return replace(rows, present=rows.present & (rows.values <= most) & (rows.values >= least))


def _places(ends: I64, phase: int, step: int) -> tuple[I64, Mask]:
    """(n,) numbers of the slots that rows belong to, and whether they end within them."""
    away = (ends - phase) % step
    snap = min(SNAP, step // 4)
    is_off = (away > snap) & (away < step - snap)
    return (ends - phase + np.where(away <= snap, -away, (step - away) % step)) // step - 1, is_off


def _runs(ends: I64, phase: int, step: int, read_at: int, shown: int | None) -> Mask:
    """(n,) whether the interval of a row still runs by the meter's own clock."""
    places, is_off = _places(ends, phase, step)
    until = phase + (places + 1) * step
    return until > shown if shown is not None else is_off & (until > read_at)


def _put_pieces(slots: Slots, places: I64, values: I64, present: Mask, additive: Mask) -> None:
    """Energies of one slot are added; of other kinds the last row that has a value stands."""
    for column, adds in enumerate(additive.tolist()):
        told = present[:, column]
        if adds:
            np.add.at(slots.values[:, column], places[told], values[told, column])
        else:
            slots.values[places[told], column] = values[told, column]
        slots.present[places[told], column] = True


def place(slots: Slots, stay: Stay, meter: int) -> tuple[Placed | None, int]:
    """What of it belongs to a stay, on the primary side; and how many slots of it belong there.

    Energies are multiplied exactly, and what is finer than the quantum is carried to the next
    interval, from 0 at each civil day, as `core.units.apply_ratio` does. What is finer is the same
    however often a day is read, as long as it is read from its beginning; `gaps` sees to that.
    """
    count = len(slots.doubtful)
    starts = slots.first + slots.step * np.arange(count, dtype=np.int64)
    here = (starts >= stay.start) & (starts + slots.step <= stay.end)
    said = here & slots.present.any(axis=1)
    if not said.any():
        return None, 0
    chosen = np.flatnonzero(said)
    low, high = int(chosen[0]), int(chosen[-1]) + 1
    first = slots.first + low * slots.step
    day, end, lengths = _days(first, slots.first + high * slots.step, stay.zone, slots.step)
    begin = int(start_of_day(day, stay.zone).timestamp())
    offset, odd = divmod(first - begin, slots.step)
    if odd:
        return None, 0
    width, kept = sum(lengths), slice(offset, offset + high - low)
    present = np.zeros((len(slots.columns), width), bool)
    present[:, kept] = (slots.present[low:high] & here[low:high, None]).T
    raw = np.zeros(present.shape, np.int64)
    raw[:, kept] = slots.values[low:high].T
    raw[~present] = 0
    doubtful = np.zeros(width, bool)
    doubtful[kept] = slots.doubtful[low:high]
    values = np.empty_like(raw)
    for number, column in enumerate(slots.columns):
        scale = column.scale * ratio(stay, column.kind)
        values[number] = primary(raw[number], scale, lengths, additive=column.kind.additive)
    quality = np.where(doubtful, np.uint8(Quality.QUESTIONABLE), np.uint8(Quality.VALID))
    told = np.where(present, quality[None, :], np.uint8(Quality.UNTOLD))
    kinds = tuple(column.kind for column in slots.columns)
    placed = Placed(
        stay.usage_point, meter, stay.zone, slots.step // 60, day, end, kinds,
        np.where(present, values, 0), told,
    )  # fmt: skip
    return placed, len(chosen)


def primary(values: I64, scale: Fraction, lengths: Sequence[int], *, additive: bool) -> I64:
    """Values (t,) times an exact fraction, in whole quanta; `lengths` of the days sum to t.

    Additive ones carry the remainder within a day; others are rounded each, halves up.
    Raises OverflowError where a product does not fit 62 bits: no meter counts so far.
    """
    top, by = scale.numerator, scale.denominator
    most = int(np.abs(values).sum()) * top * 2 + by
    if most >= 2**62:
        raise OverflowError(f"values times {scale} are beyond all meters")
    if by == 1:
        return values * top
    if not additive:
        return (2 * values * top + by) // (2 * by)
    running = np.cumsum(values)
    begins = np.cumsum([0, *lengths[:-1]])
    before = np.repeat(np.concatenate([[0], running])[begins], lengths)
    in_day = (running - before) * top
    rounded = (2 * in_day + by) // (2 * by)
    steps = np.diff(rounded, prepend=np.int64(0))
    steps[begins] = rounded[begins]
    return steps


def is_fine(columns: Iterable[Column], stay: Stay) -> bool:
    """Whether some energy is finer than its quantum, so that a remainder is carried."""
    return any(
        column.kind.additive and (column.scale * ratio(stay, column.kind)).denominator > 1
        for column in columns
    )


@lru_cache(maxsize=4096)
def _days(first: int, end: int, zone: str, step: int) -> tuple[date, date, tuple[int, ...]]:
    """The civil days that [first, end) touches, and how many intervals each has."""
    day, last = _day(first, zone), _day(end - 1, zone)
    lengths, one = [], day
    while one <= last:
        lengths.append(minutes_of_day(one, zone) * 60 // step)
        one += timedelta(days=1)
    return day, one, tuple(lengths)


def _day(moment: int, zone: str) -> date:
    return datetime.fromtimestamp(moment, UTC).astimezone(ZoneInfo(zone)).date()
