"""What registers showed, and what was consumed between two of their readings.

Everything takes Windows. A reading at the very moment a window ends belongs to it too: of two
successive owners both see the register at the hand-over.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from faza.core.periods import Period
from faza.core.windows import Windows
from faza.metering.models import MeteringComplex
from faza.metering.queries import Installed, ratios_of
from faza.readings import register_store
from faza.readings.models import RegisterReading
from faza.readings.register_merging import ranks
from faza.readings.register_store import StoredReadings
from faza.readings.registers import WHOLE
from faza.readings.store import find_sources

I64 = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

BILLING = MeteringComplex.Role.BILLING
AROUND = timedelta(days=3)
"""How far from a boundary a reading may be that stands for it, marked as not exact."""
FAR = timedelta(days=35)
"""The same where nothing else tells of a month: people type readings once a month."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
_TIME_BITS = 33
_TOP = 2**_TIME_BITS - 1


@dataclass(frozen=True, slots=True, eq=False)
class RegisterConsumption:
    """What registers r of billing complexes counted, a row for each stretch s of one of them.

    A stretch is the time of a complex within a window and the period; nothing is ever counted
    across a replacement. Rows by window, then in time.
    usage_points, complexes, meters (s,) int64: ids. starts, ends (s,) int64: unix seconds.
    registers (r,): their numbers (`registers.register`). ratios: (s,) exact, primary for shown.
    resolutions: (s,) what one step of the meter's last digit is, in Wh, varh, l or dm³ on the
    primary side, of heat a thousand times that in kcal; nothing finer can be proven.
    Of (s, r): opened_at, closed_at int64: moments of the two readings used, unix seconds, 0 where
    there is none; opening, closing int64: Wh and varh as shown, 0 where there is none.
    known: there are two readings, and the second does not fall behind the first. shown (int64):
    their difference as the meter counts, 0 where not known. rolled: the register went over its
    greatest number once. fell: the second is less than the first by too little for that; it is
    not counted, somebody must look.
    covered: the usage points whose windows complexes cover wholly; of others some is not counted.
    """

    usage_points: I64
    complexes: I64
    meters: I64
    starts: I64
    ends: I64
    registers: I64
    ratios: tuple[Fraction, ...]
    resolutions: tuple[Fraction, ...]
    opened_at: I64
    closed_at: I64
    opening: I64
    closing: I64
    shown: I64
    known: Mask
    rolled: Mask
    fell: Mask
    covered: frozenset[int]

    @property
    def exact(self) -> Mask:
        """(s, r) whether the readings are of the very moments at which the stretch begins and ends.

        Where they are not, what is counted belongs to opened_at … closed_at.
        """
        at_start = self.opened_at == self.starts[:, None]
        return self.known & at_start & (self.closed_at == self.ends[:, None])

    def primary(self, usage_point: int) -> list[Fraction | None]:
        """(r,) Σ difference x ratio of a point, exact, in Wh or varh; None where not all is known.

        Within a window of the point; of several windows the sum.
        """
        rows = np.flatnonzero(self.usage_points == usage_point).tolist()
        sums: list[Fraction | None] = []
        for column in range(len(self.registers)):
            whole = bool(rows) and bool(self.known[rows, column].all())
            parts = (self.ratios[row] * int(self.shown[row, column]) for row in rows)
            sums.append(sum(parts, Fraction(0)) if whole else None)
        return sums

    @property
    def rounded(self) -> I64:
        """(s, r) difference x ratio of each stretch, rounded to Wh or varh; 0 where not known."""
        over = np.array([ratio.numerator for ratio in self.ratios], np.int64)[:, None]
        under = np.array([ratio.denominator for ratio in self.ratios], np.int64)[:, None]
        return (2 * self.shown * over + under) // (2 * under)


def readings_between(
    windows: Windows, period: Period, *, role: MeteringComplex.Role = BILLING
) -> StoredReadings:
    """All readings of the installed meters in the windows' part of a period. Two queries.

    In the order of point, meter, moment and kind; both ends of a stretch belong to it.
    """
    found = [
        (low, high, installed)
        for part, installed in stretches_of(windows, period, role)
        for low, high in [seconds_within(part)]
    ]
    return _fetched(found)


def readings_at(
    windows: Windows, moments: Sequence[datetime], *, role: MeteringComplex.Role = BILLING
) -> StoredReadings:
    """What the installed meters showed at these very moments: a row a meter and moment.

    Of several readings of a moment each register is taken from the one of the highest rank.
    Nothing is carried over from another moment: where there is no row nothing was read.
    """
    if not moments:
        return _fetched([])
    # From a second before: a window or complex that ends at the first moment has a reading there.
    period = Period(min(moments) - SECOND, max(moments) + SECOND)
    found = best(readings_between(windows, period, role=role))
    wanted = np.array([(moment - EPOCH) // SECOND for moment in moments], np.int64)
    return found.take(np.isin(found.moments, wanted))


def register_consumption(
    windows: Windows,
    period: Period,
    registers: Collection[int],
    *,
    around: timedelta = AROUND,
    role: MeteringComplex.Role = BILLING,
) -> RegisterConsumption:
    """What registers counted in the windows' part of a period.

    Two queries; one or two more where several readings are of one moment.
    At each boundary the reading of that moment is used, else the nearest one that the same
    complex has in the window within `around`, the earlier of two as near: `exact` says which.
    Two periods that touch use the same reading at the boundary they share, so that their
    consumption adds up.
    """
    return register_consumptions(windows, [period], registers, around=around, role=role)[0]


def register_consumptions(
    windows: Windows,
    periods: Sequence[Period],
    registers: Collection[int],
    *,
    around: timedelta = AROUND,
    role: MeteringComplex.Role = BILLING,
) -> list[RegisterConsumption]:
    """`register_consumption` of several periods, by the same questions as of one."""
    if not periods:
        return []
    wide = Period(
        min(period.start for period in periods) - around,
        max(period.end for period in periods) + around,
    )
    candidates, parts = [], []
    for part, installed in stretches_of(windows, wide, role):
        candidates.append((*seconds_within(part), installed))
        parts.append((part, installed))
    found = _fetched(candidates)
    # Where a meter is read in and out at one moment, each side has its own reading.
    sides = (
        best(found.take(found.kinds != RegisterReading.Kind.CLOSING)),
        best(found.take(found.kinds != RegisterReading.Kind.OPENING)),
    )
    numbers = np.array(sorted(set(registers)), np.int64)
    made = []
    for period in periods:
        inside = [(part.intersect(period), part, installed) for part, installed in parts]
        stretches = [
            (*seconds_within(one), *seconds_within(part), meter)
            for one, part, meter in inside
            if one
        ]
        covered = _covered(windows, period, stretches)
        made.append(_counted(sides, stretches, numbers, int(around.total_seconds()), covered))
    return made


def _covered(
    windows: Windows, period: Period, stretches: Sequence[tuple[int, int, int, int, Installed]]
) -> frozenset[int]:
    """The points whose windows complexes cover wholly in a period."""
    lengths: Counter[int] = Counter()
    for window in windows.within(period):
        low, high = seconds_within(window.period)
        lengths[window.usage_point] += high - low
    for start, end, _, _, installed in stretches:
        lengths[installed.usage_point] -= end - start
    return frozenset(point for point, rest in lengths.items() if rest == 0)


def best(readings: StoredReadings) -> StoredReadings:
    """One row a meter and moment: each register from the reading of the highest rank that has it.

    kinds, sources and quality are those of the reading that ranks highest. Readings are in the
    order of their key. A query where several are of one moment.
    """
    keys = readings.keys()[:, :3]
    if (keys[1:] != keys[:-1]).any(axis=1).all():
        return readings
    kinds = {number: kind for number, (kind, _) in find_sources().items()}
    order = np.lexsort(
        (readings.kinds, readings.sequences, ranks(readings, kinds), readings.moments,
         readings.meters, readings.usage_points)
    )  # fmt: skip
    ordered = readings.take(order)
    keys = ordered.keys()[:, :3]
    starts = np.flatnonzero(np.append(True, (keys[1:] != keys[:-1]).any(axis=1)))
    number = np.arange(len(ordered))
    last = np.maximum.reduceat(np.where(ordered.present, number[:, None], -1), starts, axis=0)
    merged = ordered.take(np.append(starts[1:], len(ordered)) - 1)
    columns = np.arange(last.shape[1])
    values = np.where(last >= 0, ordered.values[last.clip(min=0), columns], 0)
    return StoredReadings(
        merged.usage_points, merged.meters, merged.moments, merged.kinds, merged.sources,
        merged.quality, merged.sequences, merged.versions, values, last >= 0,
    )  # fmt: skip


def stretches_of(
    windows: Windows, period: Period, role: MeteringComplex.Role
) -> list[tuple[Period, Installed]]:
    """The time that windows share with complexes, by window and time."""
    clipped = windows.within(period)
    by_point = ratios_of(clipped.points, period, role=role)
    shared = (
        (window.period.intersect(installed.period), installed)
        for window in clipped
        for installed in by_point.get(window.usage_point, ())
    )
    return [(part, installed) for part, installed in shared if part]


def seconds_within(period: Period) -> tuple[int, int]:
    """First and last whole second of a period, its end included."""
    low, high = -((EPOCH - period.start) // SECOND), (period.end - EPOCH) // SECOND
    return max(low, 0), min(high, _TOP)


def _fetched(stretches: Sequence[tuple[int, int, Installed]]) -> StoredReadings:
    """Readings of stretches; those that touch at a moment give it once."""
    return once(register_store.between(
        np.array([s.usage_point for *_, s in stretches], np.int64),
        np.array([s.meter for *_, s in stretches], np.int64),
        np.array([low for low, *_ in stretches], np.int64),
        np.array([high for _, high, _ in stretches], np.int64),
    ))  # fmt: skip


def once(found: StoredReadings) -> StoredReadings:
    """Readings in the order of their keys, each once."""
    keys = found.keys()
    if not len(found):
        return found
    return found.take(np.append(True, (keys[1:] != keys[:-1]).any(axis=1)))


def _counted(
    sides: tuple[StoredReadings, StoredReadings],
    stretches: list[tuple[int, int, int, int, Installed]],
    registers: I64,
    around: int,
    covered: frozenset[int],
) -> RegisterConsumption:
    """Differences over stretches (start, end, first and last moment to look at, complex).

    sides: the readings that may open a stretch, and those that may close one.
    """
    edges = np.array([stretch[:4] for stretch in stretches], np.int64).reshape(-1, 4)
    start, end, low, high = edges.T
    complexes = [stretch[4] for stretch in stretches]
    points = np.array([c.usage_point for c in complexes], np.int64)
    meters = np.array([c.meter for c in complexes], np.int64)
    shape = (len(stretches), len(registers))
    moments, values = np.zeros((2, *shape), np.int64), np.zeros((2, *shape), np.int64)
    for side, (readings, boundary) in enumerate(zip(sides, (start, end), strict=True)):
        of_rows, of_stretches = _groups(readings, points, meters)
        # A meter's readings have the same registers as a rule: those are looked up once.
        looked: dict[bytes, tuple[I64, I64]] = {}
        for column, register in enumerate(registers.tolist()):
            present = readings.present[:, register]
            key = present.tobytes()
            if key not in looked:
                rows = np.flatnonzero(present)
                places = of_rows[rows] + readings.moments[rows]
                found = _nearest(places, of_stretches, boundary, low, high, around)
                there = np.flatnonzero(found >= 0)
                looked[key] = there, rows[found[there]]
            there, row = looked[key]
            moments[side, there, column] = readings.moments[row]
            values[side, there, column] = readings.values[row, register]
    (opened_at, closed_at), (opening, closing) = moments, values
    shown = closing - opening
    # A register of d whole digits goes from 99…9 kWh to 0 (metering.queries.Installed).
    whole = np.array([10**c.digits for c in complexes], np.int64).reshape(-1, 1)
    capacity = whole * WHOLE[registers]
    read = (opened_at > 0) & (closed_at > opened_at)
    # Less than half of the way round is taken for a fall: a typing error or another meter.
    rolled = read & (shown < 0) & (shown <= -capacity // 2)
    fell = read & (shown < 0) & ~rolled
    known = read & ~fell
    return RegisterConsumption(
        usage_points=points,
        complexes=np.array([c.complex for c in complexes], np.int64),
        meters=meters,
        starts=start,
        ends=end,
        registers=registers,
        ratios=tuple(c.ratio for c in complexes),
        resolutions=tuple(c.ratio * Fraction(1000, 10**c.decimals) for c in complexes),
        opened_at=opened_at,
        closed_at=closed_at,
        opening=opening,
        closing=closing,
        shown=np.where(known, shown + np.where(rolled, capacity, 0), 0),
        known=known,
        rolled=rolled,
        fell=fell,
        covered=covered,
    )


def _groups(readings: StoredReadings, points: I64, meters: I64) -> tuple[I64, I64]:
    """A number of each reading's point and meter above its moment's bits, and of each stretch's."""
    pairs = np.concatenate([readings.keys()[:, :2], np.column_stack([points, meters])])
    if len(pairs) and (pairs == pairs[0]).all():
        groups = np.zeros(len(pairs), np.int64)
    else:
        _, numbers = np.unique(pairs, axis=0, return_inverse=True)
        groups = numbers.reshape(-1).astype(np.int64) << _TIME_BITS
    return groups[: len(readings)], groups[len(readings) :]


def _nearest(places: I64, group: I64, boundary: I64, low: I64, high: I64, around: int) -> I64:
    """The place (n,) of the reading nearest to a boundary in [low, high], -1 if none is near.

    places (m,): group + moment of readings, ascending; group, boundary, low, high (n,).
    """
    if not len(places):
        return np.full(len(boundary), -1)
    after = np.searchsorted(places, group + boundary)
    before = after - 1
    far = np.iinfo(np.int64).max
    distances = []
    for place in (before, after):
        inside = (place >= 0) & (place < len(places))
        moment = places[place.clip(0, len(places) - 1)] - group
        inside &= moment >= np.maximum(low, boundary - around)
        inside &= moment <= np.minimum(high, boundary + around)
        distances.append(np.where(inside, np.abs(moment - boundary), far))
    nearest = np.where(distances[0] <= distances[1], before, after)
    return np.where(np.minimum(*distances) == far, -1, nearest)
