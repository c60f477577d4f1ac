"""The registers that are to be typed, with their last readings and what is expected of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt

from faza.core.periods import Period
from faza.core.reading_types import BY_CHANNEL, Commodity
from faza.core.windows import Windows
from faza.manual_entry.models import Entry
from faza.manual_entry.rules import plausible
from faza.metering.models import UsagePoint
from faza.metering.queries import Installed
from faza.readings import register_latest, register_queries
from faza.readings.register_store import StoredReadings
from faza.readings.registers import TARIFFS, WHOLE, meaning, register

I64 = npt.NDArray[np.int64]

LOOK_BACK = timedelta(days=400)
"""So far back the last reading and the own history are looked for."""
A_PLUS = BY_CHANNEL["A+"].code
SINGLE_OF = {
    kind.commodity.value: kind.code
    for kind in BY_CHANNEL.values()
    if kind.additive and kind.commodity is not Commodity.ELECTRICITY
}
"""Reading types of meters with one register, by commodity."""
ZONES = [register(A_PLUS, tariff) for tariff in range(1, TARIFFS)]


@dataclass(frozen=True, slots=True)
class Dial:
    """One register to be typed.

    quantum: quanta of what people read (1000 Wh a kWh); capacity: where it begins anew, in
    quanta; decimals: as on the meter's face. last, last_at: the last reading, quanta and unix
    seconds, None where there is none within the look-back.
    """

    register: int
    quantum: int
    capacity: int
    decimals: int
    last: int | None
    last_at: int | None
    band: plausible.Band

    @property
    def reading_type(self) -> int:
        return meaning(self.register)[0]

    @property
    def tariff(self) -> int:
        return meaning(self.register)[1]


@dataclass(frozen=True, slots=True)
class _Face:
    """A meter at a point, and the run of its readings, None where there are none."""

    point: UsagePoint
    meter: Installed
    run: int | None

    def dial(self, number: int, last: int | None, at: int | None, band: plausible.Band) -> Dial:
        quantum = int(WHOLE[number])
        return Dial(
            number, quantum, 10**self.meter.digits * quantum, self.meter.decimals, last, at, band
        )  # fmt: skip

    def most(self, number: int, elapsed: int) -> int | None:
        """What the permitted power lets a register of energy count."""
        power = self.point.max_power if meaning(number)[0] <= 2 else None
        return plausible.most_of(power, elapsed, float(self.meter.ratio))


def dials_of(
    points: Collection[UsagePoint], standing: Mapping[int, Installed],
    told: Mapping[int, Collection[int]], windows: Windows, *, at: datetime,
) -> dict[int, tuple[Dial, ...]]:  # fmt: skip
    """The registers of the meters that stand at points now, by point; nine queries at most.

    told: which registers the rule of a point names; of none it is those that people read.
    """
    found = _readings(windows, at)
    runs, of_row, counting = _runs(found)
    faces, wanted = [], []
    for point in points:
        meter = standing.get(point.pk)
        if meter is None:
            continue
        run = runs.get((point.pk, meter.meter))
        faces.append(_Face(point, meter, run))
        seen = () if run is None else counting[run]
        wanted.append(tuple(told[point.pk]) or _usual(seen, point.resource))
    made: dict[tuple[int, int], Dial] = {}
    now = int(at.timestamp())
    for number in {number for numbers in wanted for number in numbers}:
        some = [face for face, numbers in zip(faces, wanted, strict=True) if number in numbers]
        for face, dial in zip(some, _dials(number, some, found, of_row, now), strict=True):
            made[face.point.pk, number] = dial
    return {
        face.point.pk: tuple(made[face.point.pk, number] for number in numbers)
        for face, numbers in zip(faces, wanted, strict=True)
    }


def _readings(windows: Windows, at: datetime) -> StoredReadings:
    """What was read within the look-back, as far as it matters: see `register_latest`."""
    now = int(at.timestamp())
    # What people typed has the registers that they read, whatever the meter sends by itself.
    typed = Entry.objects.filter(
        usage_point__in=windows.points, state=Entry.State.APPROVED, of_at__gte=at - LOOK_BACK,
        of_at__lte=at,
    )  # fmt: skip
    rows = [
        (point, meter, int(moment.astimezone(UTC).timestamp()))
        for point, meter, moment in typed.values_list("usage_point", "meter", "of_at")
    ]
    points, meters, moments = np.array(rows, np.int64).reshape(-1, 3).T
    return register_queries.best(
        register_latest.readings_lately(
            windows, Period(at - LOOK_BACK, at), also=(points, meters, moments),
            edges=lambda last: plausible.edges_of(last, np.maximum(now - last, 0)),
        )
    )  # fmt: skip


def _runs(
    found: StoredReadings,
) -> tuple[dict[tuple[int, int], int], I64, list[list[bool]]]:
    """Runs of rows of one meter: their numbers by (point, meter), that of each row, and whether.

    each of ZONES counts in a run: a list a run.
    """
    keys = found.keys()[:, :2]
    if not len(keys):
        return {}, np.zeros(0, np.int64), []
    is_first = np.append(True, (keys[1:] != keys[:-1]).any(axis=1))
    first = np.flatnonzero(is_first)
    counting = found.present[:, ZONES] & (found.values[:, ZONES] > 0)
    numbers = {(point, meter): n for n, (point, meter) in enumerate(keys[first].tolist())}
    return numbers, np.cumsum(is_first) - 1, np.logical_or.reduceat(counting, first).tolist()


def _usual(counting: Sequence[bool], commodity: str) -> tuple[int, ...]:
    """The registers that people read: of energy the zones where several count, else the sum."""
    if commodity in SINGLE_OF:
        return (register(SINGLE_OF[commodity]),)
    zones = tuple(number for number, counts in zip(ZONES, counting, strict=False) if counts)
    return zones if len(zones) > 1 else (register(A_PLUS),)


def _dials(
    number: int, faces: Sequence[_Face], found: StoredReadings, of_row: I64, now: int
) -> list[Dial]:
    """One register of many meters."""
    # Numbers of the meters in the order of the rows; those without any have none.
    runs = np.array([-1 if face.run is None else face.run for face in faces], np.int64)
    own, group_of = np.unique(runs[runs >= 0]), np.full(of_row.max(initial=-1) + 1, -1)
    group_of[own] = np.arange(len(own))
    rows = np.flatnonzero(found.present[:, number])
    rows = rows[group_of[of_row[rows]] >= 0]
    groups, moments, values = (
        group_of[of_row[rows]], found.moments[rows], found.values[rows, number]
    )  # fmt: skip
    stop = np.searchsorted(groups, np.arange(len(own)), side="right")
    is_read = stop > np.searchsorted(groups, np.arange(len(own)))
    last = np.append(moments, 0)[np.where(is_read, stop - 1, -1)]
    elapsed = np.where(is_read, np.maximum(now - last, 0), 0)
    counts, known = plausible.histories(groups, moments, values, elapsed)
    ends = np.append(values, 0)[np.where(is_read, stop - 1, -1)].tolist()
    places = np.searchsorted(own, runs).tolist()
    most: list[int | None] = [None] * len(own)
    for face, place in zip(faces, places, strict=True):
        if face.run is not None:
            most[place] = face.most(number, int(elapsed[place]))
    bands = plausible.bands(counts, known, elapsed, most)
    moment, has = last.tolist(), is_read.tolist()
    return [
        face.dial(number, ends[place], moment[place], bands[place])
        if face.run is not None and has[place]
        else face.dial(number, None, None, plausible.Band(None, None, face.most(number, 0)))
        for face, place in zip(faces, places, strict=True)
    ]
