"""What is known beside typed readings: the last one, the own history, the band, the meter's own.

A reading is weighed at the moment it was read, also long afterwards: only what was read before it
counts as its history.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt

from faza.core.periods import Period
from faza.core.windows import Window, Windows
from faza.manual_entry.dials import LOOK_BACK
from faza.manual_entry.models import Entry
from faza.manual_entry.rules import plausible
from faza.metering.queries import Installed, ratios_of
from faza.readings import register_queries
from faza.readings.models import Source
from faza.readings.register_queries import StoredReadings
from faza.readings.registers import WHOLE, meaning
from faza.readings.store import find_sources

I64 = npt.NDArray[np.int64]
STRETCHES = 12
"""So many stretches before a reading are shown beside it."""


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """A register of a typed reading.

    shown, accepted, last, counted: quanta as the meter shows them, before ratios; `accepted` as it
    was corrected, None where it was not. last_at: unix seconds. counted: since the last reading,
    roll-over added, of what counts (accepted, else shown). stretches (n <= 12): what was counted
    in the stretches as long as the one since the last reading, oldest first, and where they end
    (unix seconds).
    """

    register: int
    quantum: int
    decimals: int
    capacity: int
    ratio: float
    shown: int
    accepted: int | None
    last: int | None
    last_at: int | None
    counted: int | None
    doubts: tuple[plausible.Doubt, ...]
    band: plausible.Band
    stretches: I64
    ends: I64

    @property
    def reading_type(self) -> int:
        return meaning(self.register)[0]

    @property
    def tariff(self) -> int:
        return meaning(self.register)[1]


@dataclass(frozen=True, slots=True)
class Own:
    """What the meter itself has brought at the moment of a typed reading, or first after it."""

    at: datetime
    values: dict[int, int]
    is_same_moment: bool
    is_less: bool
    """It shows less than was typed before it: one of both is wrong."""


@dataclass(frozen=True, slots=True, eq=False)
class Weighed:
    """A typed reading with what is known beside it."""

    entry: Entry
    lines: tuple[Line, ...]
    own: Own | None


def weigh(entries: Sequence[Entry], *, at: datetime) -> list[Weighed]:
    """Typed readings with their evidence, in their order; three queries, however many.

    Of each the usage point has to be fetched. Without a complex of the meter at that moment the
    register's length is not known, and nothing is compared.
    """
    if not entries:
        return []
    first = min(entry.of_at for entry in entries) - LOOK_BACK
    period = Period(first, max(at, max(entry.of_at for entry in entries)) + timedelta(seconds=1))
    windows = Windows.merged(
        Window(entry.usage_point_id, entry.usage_point.zone, period) for entry in entries
    )
    found = register_queries.readings_between(windows, period)
    stood = ratios_of({entry.usage_point_id for entry in entries}, period)
    best = register_queries.best(found)
    sources = find_sources()
    typed = {number for number, (kind, _) in sources.items() if kind == Source.Kind.MANUAL}
    own = found.take(~np.isin(found.sources, list(typed)))
    return [
        _weighed(entry, _meter(entry, stood.get(entry.usage_point_id, [])), best, own)
        for entry in entries
    ]


def _meter(entry: Entry, stood: Sequence[Installed]) -> Installed | None:
    """The complex in which the meter stood when it was read."""
    return next(
        (one for one in stood
         if one.meter == entry.meter_id and one.period.start <= entry.of_at <= one.period.end),
        None,
    )  # fmt: skip


def _weighed(
    entry: Entry, meter: Installed | None, best: StoredReadings, own: StoredReadings
) -> Weighed:
    if meter is None:
        return Weighed(entry, (), None)
    low, high = _rows(best, entry.usage_point_id, entry.meter_id)
    moments, values = best.moments[low:high], best.values[low:high]
    present = best.present[low:high]
    before = moments < int(entry.of_at.timestamp())
    lines = tuple(
        _line(entry, number, meter, moments[chosen], values[chosen, number])
        for number in sorted(map(int, entry.shown))
        if (chosen := before & present[:, number]) is not None
    )
    return Weighed(entry, lines, _own(entry, own))


def _rows(readings: StoredReadings, point: int, meter: int) -> tuple[int, int]:
    """The rows of a meter at a point: [first, end)."""
    low, high = np.searchsorted(readings.usage_points, [point, point + 1])
    meters = readings.meters[low:high]
    return int(low + np.searchsorted(meters, meter)), int(low + np.searchsorted(meters, meter + 1))


def _line(entry: Entry, number: int, meter: Installed, moments: I64, values: I64) -> Line:
    now = int(entry.of_at.timestamp())
    last_at = int(moments[-1]) if len(moments) else None
    elapsed = 0 if last_at is None else now - last_at
    # Nothing older than the look-back of the moment it was read, as when it was typed.
    recent = moments >= now - int(LOOK_BACK.total_seconds())
    counts = plausible.history(moments[recent], values[recent], elapsed)
    energy = meaning(number)[0] <= 2
    band = plausible.band(
        counts, elapsed=elapsed, ratio=float(meter.ratio),
        max_power=entry.usage_point.max_power if energy else None,
    )  # fmt: skip
    shown = int(entry.shown[str(number)])
    accepted = None if entry.accepted is None else int(entry.accepted.get(str(number), shown))
    capacity = 10**meter.digits * int(WHOLE[number])
    last = int(values[-1]) if len(values) else None
    judged = plausible.judge(
        shown if accepted is None else accepted, last, capacity=capacity, expected=band
    )
    length = max(elapsed, plausible.DAY)
    edges = (last_at or 0) - length * np.arange(len(counts))[::-1]
    return Line(
        register=number, quantum=int(WHOLE[number]), decimals=meter.decimals, capacity=capacity,
        ratio=float(meter.ratio), shown=shown, accepted=accepted, last=last, last_at=last_at,
        counted=judged.counted, doubts=judged.doubts, band=band,
        stretches=counts[-STRETCHES:], ends=edges[-STRETCHES:].astype(np.int64),
    )  # fmt: skip


def _own(entry: Entry, own: StoredReadings) -> Own | None:
    low, high = _rows(own, entry.usage_point_id, entry.meter_id)
    now = int(entry.of_at.timestamp())
    numbers = sorted(map(int, entry.shown))
    rows = low + np.flatnonzero(
        (own.moments[low:high] >= now) & own.present[low:high][:, numbers].any(axis=1)
    )
    if not len(rows):
        return None
    row = int(rows[np.argmin(own.moments[rows])])
    values = {n: int(own.values[row, n]) for n in numbers if own.present[row, n]}
    moment = int(own.moments[row])
    return Own(
        at=datetime.fromtimestamp(moment, UTC),
        values=values,
        is_same_moment=moment == now,
        is_less=any(value < entry.values[number] for number, value in values.items()),
    )
