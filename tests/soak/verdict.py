"""The store against the truth: every interval, register and event that meters held, once and true.

A row of a meter is expected where the meter stood at its point for the whole interval. Stamps
that different rows have, because a clock passed them twice, are counted and otherwise left out.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from faza.collection.models import Device, DeviceTask, LostStretch, Session
from faza.collection.polling import lost
from faza.collection.polling.marking import HOPEFUL
from faza.collection.polling.work import Kind
from faza.core.periods import Period
from faza.core.quality import Quality, is_present
from faza.core.reading_types import ENERGIES
from faza.core.windows import Window, Windows
from faza.events.models import EndDeviceEvent
from faza.metering.models import MeteringComplex, UsagePoint
from faza.readings import registers
from faza.readings.models import RegisterReading
from faza.readings.queries.profiles import profiles
from faza.simulator import truth
from faza.simulator.truth import Told
from tests.soak.people import code_of

I64 = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
CODES = tuple(kind.code for kind in ENERGIES)
MOST_WORDS = 20
TELL_SOME = {"mercury230"}
"""Drivers of meters that record some events only: of modems, for one, they know nothing."""


@dataclass(frozen=True, slots=True)
class Stay:
    meter: int
    number: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, eq=False)
class Stored:
    """What the store has of a point: starts (n,), values and quality (4, n)."""

    starts: I64
    values: I64
    quality: npt.NDArray[np.uint8]

    @property
    def present(self) -> Mask:
        return np.logical_and.reduce(is_present(self.quality), axis=0)


@dataclass(slots=True)
class Report:
    """counts by name; problems in words, the first ones of each kind."""

    counts: Counter[str] = field(default_factory=Counter)
    problems: dict[str, list[str]] = field(default_factory=dict)

    def wrong(self, kind: str, point: str, what: I64 | Any) -> None:
        size = len(what)
        if size:
            self.counts[f"WRONG {kind}"] += size
            told = [
                f"{datetime.fromtimestamp(one, UTC):%m-%d %H:%M:%S}"
                if isinstance(one, int)
                else str(one)
                for one in (what.tolist() if isinstance(what, np.ndarray) else list(what))[:4]
            ]
            words = self.problems.setdefault(kind, [])
            if len(words) < MOST_WORDS:
                words.append(f"{point}: {size}: {', '.join(told)}")


def stays_of(points: dict[str, UsagePoint]) -> dict[int, list[Stay]]:
    found: dict[int, list[Stay]] = {point.pk: [] for point in points.values()}
    rows = MeteringComplex.objects.select_related("meter").order_by("valid_from")
    for row in rows.filter(usage_point__in=found):
        period = Period.open(row.valid_from, row.valid_to)
        found[row.usage_point_id].append(
            Stay(
                row.meter_id, row.meter.number,
                int(period.start.timestamp()), int(period.end.timestamp()),
            )
        )  # fmt: skip
    return found


def stored_of(point: UsagePoint, since: datetime, until: datetime) -> Stored:
    period = Period(since, until)
    of_point = profiles(Windows.merged([Window(point.pk, point.zone, period)]), CODES, period)
    assert [one.reading_type for one in of_point] == list(CODES), "a channel comes once"
    first = of_point[0]
    assert all(np.array_equal(one.starts, first.starts) for one in of_point)
    return Stored(
        first.starts,
        np.stack([p.values for p in of_point]),
        np.stack([p.quality for p in of_point]),
    )


def wanted(end: datetime) -> int:
    """How many intervals before a moment are missing and not known to be lost."""
    points = {point.code: point for point in UsagePoint.objects.all()}
    gone = lost.believed([point.pk for point in points.values()])
    standing, found = stays_of(points), 0
    for point in points.values():
        if not standing[point.pk]:
            continue
        stay = standing[point.pk][-1]
        since = datetime.fromtimestamp(stay.start, UTC)
        if since >= end:
            continue
        there = stored_of(point, since, end)
        starts = there.starts[~there.present]
        spans = np.column_stack([starts, starts + 1800])
        found += int((~lost.covers(gone.get((point.pk, 1), lost.NONE), spans)).sum())
    return found


def is_behind() -> bool:
    """Whether registers or events of some meter are to be tried again: its line was bad last."""
    tried = DeviceTask.objects.filter(kind__in=(Kind.DAYS, Kind.MONTHS, Kind.EVENTS))
    return tried.filter(failures__gt=0, problem__in=HOPEFUL).exists()


def compare(file: Path, since: datetime, end: datetime, at: datetime) -> dict[str, Any]:
    """Everything before `end`; `at`: when the fleet was read last."""
    report = Report()
    told = truth.read(file)
    points = {point.code: point for point in UsagePoint.objects.all()}
    standing = stays_of(points)
    gone = lost.believed([point.pk for point in points.values()])
    drivers = dict(Device.objects.values_list("meter_id", "driver"))
    for place, one in enumerate(told):
        point = points[code_of(place)]
        of_point, name = standing[point.pk], f"{point.code} ({one.number})"
        there = stored_of(point, since, end)
        spans = gone.get((point.pk, 1), lost.NONE)
        _intervals(report, name, one, of_point, there, spans, int(end.timestamp()))
        _registers(report, name, one, point.pk, of_point[-1], int(end.timestamp()))
        tells_all = drivers.get(of_point[-1].meter) not in TELL_SOME
        _events(report, name, one, point.pk, of_point[-1], int(end.timestamp()), tells_all)
    _sessions(report)
    return {
        "figures": dict(sorted(report.counts.items())), "problems": report.problems,
        "read_last": at.isoformat(),
    }  # fmt: skip


def _intervals(
    report: Report, name: str, one: Told, of_point: list[Stay], there: Stored, gone: I64, end: int
) -> None:
    step, counts = one.interval * 60, report.counts
    rows = one.rows
    ends = rows.ends.astype(np.int64)
    here = np.zeros(len(ends), bool)
    for stay in of_point:
        of_stay = (ends - step >= stay.start) & (ends <= stay.end)
        here |= of_stay & np.array([number == stay.number for number in rows.numbers], bool)
    here &= ends <= end
    ambiguous = one.ambiguous.astype(np.int64)
    clear = here & ~np.isin(ends, ambiguous)
    expected = one.primary(rows.values)

    present = there.starts[there.present] + step
    values = there.values[:, there.present].T
    quality = there.quality[:, there.present].T
    order = np.searchsorted(present, ends[clear])
    found = np.zeros(int(clear.sum()), bool)
    if len(present):
        near = order.clip(max=len(present) - 1)
        found = present[near] == ends[clear]
        same = (values[near] == expected[clear]).all(axis=1)
        report.wrong("another value than the truth", name, np.unique(ends[clear][found & ~same]))
        questioned = (quality[near] == Quality.QUESTIONABLE).all(axis=1)
        report.wrong(
            "doubtful and not marked", name,
            np.unique(ends[clear][found & rows.doubtful[clear] & ~questioned]),
        )  # fmt: skip
    held = rows.held[clear]
    report.wrong("held and not stored", name, np.unique(ends[clear][held & ~found]))
    invented = np.setdiff1d(present, ends[here | np.isin(ends, ambiguous)])
    report.wrong("stored and never measured", name, invented)

    starts = there.starts[~there.present]
    starts = starts[(starts >= of_point[-1].start) & ~np.isin(starts + step, ambiguous)]
    known = lost.covers(gone, np.column_stack([starts, starts + step]))
    report.wrong("lost and not marked", name, starts[~known] + step)
    untold = np.setdiff1d(starts + step, np.unique(ends[clear & rows.held]))
    before = there.starts[~there.present & (there.starts < of_point[-1].start)]
    counts["meters"] += 1
    counts["meters replaced"] += len(of_point) - 1
    counts["intervals held at the end and stored"] += len(np.unique(ends[clear][held & found]))
    counts["intervals gone from the meter and stored"] += len(
        np.setdiff1d(ends[clear][found], ends[clear][held])
    )
    counts["intervals lost and marked"] += int(np.isin(untold, starts[known] + step).sum())
    counts["intervals gone with a replaced meter"] += len(before)
    counts["intervals passed twice by a clock"] += int((ambiguous <= end).sum())
    counts["intervals doubtful"] += int((quality == Quality.QUESTIONABLE).all(axis=1).sum())
    counts["Wh stored"] += int(values[:, 0].sum()) if len(values) else 0
    assert (there.values[~is_present(there.quality)] == 0).all()


def _registers(report: Report, name: str, one: Told, point: int, stay: Stay, end: int) -> None:
    """Registers of starts of days that the meter holds."""
    days, times = np.unique(one.days.astype(np.int64), return_counts=True)
    clear = days[(times == 1) & (days >= stay.start) & (days <= end)]
    rows = list(
        RegisterReading.objects.filter(
            usage_point=point, meter_id=stay.meter, kind=RegisterReading.Kind.DAY
        ).values_list("at", "present", "registers")
    )
    kept = {}
    if rows:
        values, present = registers.unpack(
            [mask for _, mask, _ in rows], [bytes(blob) for _, _, blob in rows]
        )
        kept = {int(at.timestamp()): (values[n], present[n]) for n, (at, _, _) in enumerate(rows)}
    expected = dict(zip(one.days.astype(np.int64).tolist(), one.day_values, strict=True))
    absent = [at for at in clear.tolist() if at not in kept]
    report.wrong("registers of a day not stored", name, np.array(absent, np.int64))
    other = []
    for at in clear.tolist():
        if at in kept:
            said, is_there = kept[at]
            wanted = expected[at].reshape(-1)  # of energies, which come first
            energies = is_there[: wanted.size]
            is_right = energies[0] and not is_there[wanted.size :].any()
            if not is_right or (said[: wanted.size][energies] != wanted[energies]).any():
                other.append(at)
    report.wrong("registers of a day are others", name, np.array(other, np.int64))
    unknown = set(kept) - set(expected)
    report.wrong("registers of a day never kept", name, np.array(sorted(unknown), np.int64))
    report.counts["registers of days"] += len(clear) - len(absent)


def _events(
    report: Report, name: str, one: Told, point: int, stay: Stay, end: int, tells_all: bool
) -> None:
    """Events of journals that the meter holds: each stored, none besides."""
    held = {
        (at, journal, code) for at, journal, code in one.events.tolist() if stay.start <= at <= end
    }
    rows = EndDeviceEvent.objects.filter(
        usage_point=point,
        meter_id=stay.meter,
        journal__lt=1000,
        at__lte=datetime.fromtimestamp(end, UTC),
    ).values_list("at", "journal", "code")
    kept = Counter((int(at.timestamp()), journal, code) for at, journal, code in rows)
    if tells_all:
        report.wrong("events not stored", name, sorted(held - set(kept)))
    told = Counter(tuple(row) for row in one.events.tolist())
    first: dict[int, int] = {}
    for at, journal, _ in one.events.tolist():
        first[journal] = min(at, first.get(journal, at))
    more = [key for key, n in kept.items() if n > told[key] and key[0] > first.get(key[1], 0)]
    report.wrong("events never written", name, sorted(more))
    report.counts["events"] += len(held & set(kept))


def _sessions(report: Report) -> None:
    for outcome, problem in Session.objects.values_list("outcome", "problem"):
        report.counts[f"sessions {outcome}"] += 1
        if problem:
            report.counts[f"sessions ended by {problem}"] += 1
    report.counts["lost stretches"] = LostStretch.objects.count()
