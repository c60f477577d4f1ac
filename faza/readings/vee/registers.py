"""Register readings as rules and estimates take them: pairs that bound what lies between."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

import numpy as np
import numpy.typing as npt

from faza.core.quality import Quality
from faza.readings import register_store
from faza.readings.models import RegisterReading
from faza.readings.register_queries import best
from faza.readings.register_store import StoredReadings
from faza.readings.registers import SINGLE, TARIFFS, WHOLE, register
from faza.readings.validation.history_shapes import Pairs, Readings
from faza.readings.vee.points import Complex, Point, midnight_before
from faza.readings.vee.replaced import energy, over_replacements

I64 = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

LONGEST = 62 * 86400
"""Seconds between two readings that still bound what lies between: two months."""
ROUND = 10
"""Where no meter's limit is known, a register goes round by this part of the way at most; what
is more was rather reset, and bounds nothing. A choice of ours."""
EDGE = 1800
"""Readings at half-hours of local time bound intervals; others stand within one."""
KINDS = RegisterReading.Kind
GOOD = (Quality.VALID, Quality.VALIDATED, Quality.VERIFIED, Quality.REVENUE)
_TIME_BITS = 33


@dataclass(frozen=True, slots=True, eq=False)
class Read:
    """Readings of billing complexes, one row a complex and moment, by point, complex and time.

    complexes (r,): place in `of`, the complexes of all points; zones: of each. sound (r,): may be
    believed; good (r,): the meter's own, and may bound intervals.
    """

    of: tuple[Complex, ...]
    zones: tuple[str, ...]
    complexes: I64
    rows: StoredReadings
    sound: Mask
    good: Mask


def read(points: Mapping[int, Point], lows: Mapping[int, int], highs: Mapping[int, int]) -> Read:
    """What the billing meters of points showed between two moments of each, both included.

    One query, a second one where several readings are of one moment.
    """
    of = tuple(
        sorted(
            (
                one
                for point in points.values()
                for one in point.billing
                if one.start <= highs[point.id] and one.end >= lows[point.id]
            ),
            key=lambda one: (one.usage_point, one.start, one.id),
        )
    )
    spans = _apart(
        [
            (one.usage_point, one.meter, max(one.start, lows[one.usage_point]),
             min(one.end, highs[one.usage_point]))
            for one in of
        ]
    )  # fmt: skip
    found = register_store.between(*(np.array(column, np.int64) for column in spans))
    # Where a meter is read in and out at one moment, each side has its own reading.
    sides = (
        best(found.take(found.kinds != KINDS.CLOSING)),
        best(found.take(found.kinds != KINDS.OPENING)),
    )
    return _by_complex(of, sides, points)


def _apart(spans: list[tuple[int, int, int, int]]) -> list[list[int]]:
    """Stretches of (point, meter) joined where they touch or overlap, as four columns."""
    joined: list[list[int]] = []
    for point, meter, low, high in sorted(spans):
        last = joined[-1] if joined else None
        if last and last[:2] == [point, meter] and low <= last[3]:
            last[3] = max(last[3], high)
        else:
            joined.append([point, meter, low, high])
    return [[row[place] for row in joined] for place in range(4)]


def _by_complex(
    of: tuple[Complex, ...], sides: tuple[StoredReadings, StoredReadings],
    points: Mapping[int, Point],
) -> Read:  # fmt: skip
    """Each complex with its own readings: at its beginning none of the closing, and so on."""
    opening, closing = sides
    places: list[int] = []
    rows: list[tuple[int, int]] = []
    keys = [_keys(side) for side in sides]
    for place, one in enumerate(of):
        start = _key(one.usage_point, one.meter, one.start)
        end = _key(one.usage_point, one.meter, one.end)
        low, middle = (int(np.searchsorted(keys[0], key)[0]) for key in (start, end))
        for row in range(low, middle):
            rows.append((0, row))
            places.append(place)
        at_end = int(np.searchsorted(keys[1], end)[0])
        if at_end < len(keys[1]) and keys[1][at_end] == end[0] and one.end > one.start:
            rows.append((1, at_end))
            places.append(place)
    taken = _joined(opening, closing, rows)
    on_edge = np.array(
        [
            (moment - midnight_before(moment, points[of[place].usage_point].zone)) % EDGE == 0
            for place, moment in zip(places, taken.moments.tolist(), strict=True)
        ],
        bool,
    )
    sound = np.isin(taken.quality, GOOD)
    good = on_edge & (taken.kinds != KINDS.MANUAL) & sound
    zones = tuple(points[one.usage_point].zone for one in of)
    return Read(of, zones, np.array(places, np.int64), taken, sound, good)


_KEY = np.dtype([("point", "i8"), ("meter", "i8"), ("moment", "i8")])


def _keys(readings: StoredReadings) -> npt.NDArray[np.void]:
    keys = np.zeros(len(readings), _KEY)
    keys["point"], keys["meter"] = readings.usage_points, readings.meters
    keys["moment"] = readings.moments
    return keys


def _key(point: int, meter: int, moment: int) -> npt.NDArray[np.void]:
    return np.array([(point, meter, moment)], _KEY)


def _joined(
    opening: StoredReadings, closing: StoredReadings, rows: list[tuple[int, int]]
) -> StoredReadings:
    """Rows (side, number) of two answers as one."""
    size = len(opening)
    numbers = np.array([number + size * side for side, number in rows], np.int64)
    return StoredReadings(
        *(
            np.concatenate([getattr(opening, name), getattr(closing, name)])[numbers]
            for name in StoredReadings.__slots__
        )
    )


def pairs_of(readings: Read) -> Pairs:
    """Consecutive good readings, not longer than LONGEST apart and without a fall between.

    And those around a replacement whose own readings stand within an interval.
    """
    parts = [
        part(readings, reading_type)
        for reading_type in (1, 2, 3, 4, *SINGLE)
        for part in (_of_energy, _over_replacements)
    ]
    return joined(parts)


def joined(parts: Sequence[Pairs]) -> Pairs:
    """Pairs together, by point, reading type and start."""
    found = Pairs(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in Pairs.__slots__)
    )
    return taken(found, np.lexsort((found.starts, found.reading_types, found.usage_points)))


def taken(pairs: Pairs, rows: npt.NDArray) -> Pairs:
    """Some of the pairs, by index or mask."""
    return Pairs(*(getattr(pairs, name)[rows] for name in Pairs.__slots__))


def shown_of(readings: Read, looked: Mask) -> Readings:
    """The readings as rules take them; looked (r,): those that end a pair to be judged."""
    of = [readings.of[place] for place in readings.complexes.tolist()]
    rows = readings.rows
    return Readings(
        rows.usage_points, rows.meters, rows.moments, rows.values, rows.present,
        np.array([1000 * 10**one.digits for one in of], np.int64),
        np.array([max(1, 1000 // 10**one.decimals) for one in of], np.int64),
        looked,
    )  # fmt: skip


def _of_energy(readings: Read, reading_type: int) -> Pairs:
    return between(readings, reading_type, readings.good)[0]


def between(readings: Read, reading_type: int, chosen: Mask) -> tuple[Pairs, I64, I64]:
    """Pairs of consecutive readings among some (r,), and the rows before and after of each."""
    values, known = total(readings.rows, reading_type)
    rows = np.flatnonzero(chosen & known)
    before, after = rows[:-1], rows[1:]
    same = readings.complexes[before] == readings.complexes[after]
    moments = readings.rows.moments
    same &= moments[after] - moments[before] <= LONGEST
    before, after = before[same], after[same]
    place = readings.complexes[after]
    whole = int(WHOLE[register(reading_type)])
    capacity = np.array([whole * 10**one.digits for one in readings.of], np.int64)[place]
    shown = values[after] - values[before]
    # Less than half of the way round is a fall, as in register_queries.
    rolled = (shown < 0) & (shown <= -capacity // 2)
    shown = np.where(rolled, shown + capacity, shown)
    # Nobody knows what such a meter can count: a reset from halfway would be round by a lot.
    unbound = np.array([one.apparent == 0 for one in readings.of], bool)[place]
    kept = (shown >= 0) & ~(rolled & unbound & (shown > capacity // ROUND))
    place, shown, before, after = place[kept], shown[kept], before[kept], after[kept]
    ratios = [readings.of[number].ratio for number in place.tolist()]
    over = np.array([ratio.numerator for ratio in ratios], np.int64)
    under = np.array([ratio.denominator for ratio in ratios], np.int64)
    steps = [step(readings.of[number], whole) for number in place.tolist()]
    pairs = Pairs(
        usage_points=readings.rows.usage_points[after],
        reading_types=np.full(len(after), reading_type, np.int16),
        starts=moments[before],
        ends=moments[after],
        shown=shown,
        differences=(2 * shown * over + under) // (2 * under),
        resolutions=np.array([max(1, -(-one.numerator // one.denominator)) for one in steps],
                             np.int64),
        ratios=over / under,
    )  # fmt: skip
    return pairs, before, after


def _over_replacements(readings: Read, reading_type: int) -> Pairs:
    """Pairs of readings of two meters; shown is 0 where their ratios are not the same."""
    values, known = total(readings.rows, reading_type)
    known &= (readings.rows.kinds != KINDS.MANUAL) & np.isin(readings.rows.quality, GOOD)
    found = [
        (old, new)
        for old, new in over_replacements(readings, values, known)
        if new.end - old.start <= LONGEST
    ]
    if not found:
        return Pairs.none()
    whole = int(WHOLE[register(reading_type)])
    same = [old.of.ratio == new.of.ratio for old, new in found]
    shown = [old.shown + new.shown for old, new in found]
    return Pairs(
        usage_points=np.array([old.of.usage_point for old, _ in found], np.int64),
        reading_types=np.full(len(found), reading_type, np.int16),
        starts=np.array([old.start for old, _ in found], np.int64),
        ends=np.array([new.end for _, new in found], np.int64),
        shown=np.where(same, shown, 0),
        differences=np.array([energy(sides) for sides in found], np.int64),
        resolutions=np.array(
            [ceil(step(old.of, whole) + step(new.of, whole)) for old, new in found], np.int64
        ),
        ratios=np.array([float(old.of.ratio) for old, _ in found]),
    )


def step(one: Complex, whole: int = 1000) -> Fraction:
    """What the last digit of a complex's register is, in quanta on the primary side.

    whole: quanta of one of what people read (`registers.WHOLE`).
    """
    return one.ratio * Fraction(whole, 10**one.decimals)


def total(readings: StoredReadings, reading_type: int) -> tuple[I64, Mask]:
    """(r,) the sum register of an energy, or the sum of its tariffs where that is not there."""
    first = register(reading_type)
    if reading_type in SINGLE:
        return readings.values[:, first], readings.present[:, first]
    tariffs = readings.present[:, first + 1 : first + TARIFFS]
    by_tariffs = np.where(tariffs, readings.values[:, first + 1 : first + TARIFFS], 0).sum(axis=1)
    own = readings.present[:, first]
    return np.where(own, readings.values[:, first], by_tariffs), own | tariffs.any(axis=1)
