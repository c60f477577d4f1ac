"""The demo's readings on their way in: by the meters day after day, by messages, by hand."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from faza.core.periods import start_of_day
from faza.core.quality import Quality, is_present
from faza.core.reading_types import BY_CHANNEL
from faza.demo import meters, people, plan
from faza.demo.loads import Truth
from faza.demo.plan import MOSCOW, POINTS, Point
from faza.demo.scenario import BY_MESSAGE, LATE_NODE, Scenario
from faza.readings import rules, services
from faza.readings.blocks import BlockBatch
from faza.readings.models import Source
from faza.readings.store import Fetched, fetch_delivered

I64 = npt.NDArray[np.int64]
U8 = npt.NDArray[np.uint8]
Progress = Callable[[str, float], None]

READ_AFTER = timedelta(minutes=40)
"""How long after a day's end its meters have been read."""
LATE_BY = timedelta(hours=16)
BY_DAYS = 14
"""So many days at the end are delivered one by one; those before, month by month."""
SOURCES = {"meter": "Опрос приборов", "manual": "Ввод показаний"}
AREA = "5012000901"
FIRST_MESSAGE = date(2024, 1, 1)
WORKS_INN = people.taxpayer_of(people.WORKS)


@dataclass(frozen=True, slots=True, eq=False)
class Feed:
    """The series of the points as they are delivered, a row a channel.

    points: (n,) places in the plan. kinds: (n,) codes of reading types. values: (n, slots) Wh,
    varh, 0.1 V, mA, primary side. quality: (n, slots). ids: of the usage points by place.
    """

    scenario: Scenario
    ids: dict[int, int]
    points: I64
    kinds: I64
    values: I64
    quality: U8

    @classmethod
    def of(
        cls,
        truth: Truth,
        scenario: Scenario,
        ids: dict[int, int],
        wanted: Callable[[Point], bool] = lambda point: True,
    ) -> Feed:
        """All channels that are delivered as intervals, of the points that are wanted."""
        points, kinds, values = [], [], []
        for n, point in enumerate(POINTS):
            if point.by_hand or not wanted(point):
                continue
            for channel in point.channels:
                points.append(n)
                kinds.append(BY_CHANNEL[channel].code)
                values.append(truth.primary[plan.FULL.index(channel), n])
            if point.phases_shown:
                phases = meters.phase_channels(truth, n)
                points += [n] * len(phases)
                kinds += phases
                values += phases.values()
        told = np.array(values)
        for flaw in scenario.flaws():
            if flaw.point in points:
                row = points.index(flaw.point)  # the first channel is A+
                told[row] = flaw.spoilt(told[row])
        quality = scenario.quality(truth)
        return cls(scenario, ids, np.array(points), np.array(kinds), told, quality[points])

    def rows(self, wanted: Callable[[Point], bool]) -> I64:
        """The rows of the points that are wanted."""
        return np.flatnonzero([wanted(POINTS[n]) for n in self.points.tolist()])

    def batch(self, rows: I64, first: date, end: date, until: datetime) -> BlockBatch | None:
        """The days [first, end) of some rows, as far as they are known at a moment."""
        alike: dict[tuple[str, int], list[int]] = {}
        for row in rows.tolist():
            n = int(self.points[row])
            alike.setdefault((POINTS[n].zone, self.scenario.known(n, until)), []).append(row)
        start, stop = self.scenario.slot(first), self.scenario.slot(end)
        parts = [
            self._cut(some, slice(start, min(stop, known)), start_of_day(first, zone), zone)
            for (zone, known), some in sorted(alike.items())
            if start < known
        ]
        return BlockBatch.concatenate(parts) if parts else None

    def _cut(self, rows: list[int], span: slice, start: datetime, zone: str) -> BlockBatch:
        return BlockBatch.from_series(
            usage_points=[self.ids[n] for n in self.points[rows].tolist()],
            reading_types=self.kinds[rows],
            start=start,
            interval=30,
            values=self.values[rows, span],
            quality=self.quality[rows, span],
            zone=zone,
        )


def source_of(kind: str) -> Source:
    """The demo's one source of a kind."""
    return services.get_source(kind, name=SOURCES[kind])


def deliver(
    feed: Feed,
    *,
    first: date,
    until: datetime,
    at: datetime,
    progress: Progress,
    awaited: Collection[date] = (),
    is_more: bool = False,
) -> int:
    """Deliver the days since `first` as known at `until`; how many values were new.

    Every day came after its end, and so it is recorded; months that are long past, by their end.
    Repeatable: what is there already stays as it is. awaited: days of which the factory's
    message has not come yet. is_more: a grid is continued, and its meters may have been read
    meanwhile: only what nobody has delivered is.
    """
    scenario = feed.scenario
    meter = source_of("meter")
    message = services.get_source("message", sender=WORKS_INN, area=AREA, name=people.WORKS)
    late = plan.nodes_below(LATE_NODE)
    sent = feed.rows(lambda point: point.name in BY_MESSAGE)
    tardy = feed.rows(lambda point: point.node in late)
    read = np.setdiff1d(np.arange(len(feed.points)), np.union1d(sent, tardy))
    apart = (scenario.sent_twice, scenario.awaited, *awaited)
    # A point in the east may be in tomorrow already.
    end = until.astimezone(ZoneInfo(MOSCOW)).date() + timedelta(days=2)
    chunks = list(_chunks(first, end))
    done = 0
    for place, (start, stop) in enumerate(chunks):
        progress("readings", place / len(chunks))
        hours_late = LATE_BY if start == scenario.late else timedelta(0)
        for rows, source, after in (
            (read, meter, READ_AFTER),
            (tardy, meter, READ_AFTER + hours_late),
            (sent, message, READ_AFTER),
        ):
            batch = feed.batch(rows, start, stop, until)
            if batch is None or (rows is sent and start in apart):
                continue
            if is_more and not len(batch := news(batch)):
                continue
            came = min(start_of_day(stop, MOSCOW) + after, at)
            numbers = _numbered(batch.days, after, at, is_message=rows is sent)
            done += services.record(batch, source=source, sequence=numbers, at=came).changed
    return done


def news(batch: BlockBatch) -> BlockBatch:
    """What of some days is not in the store; of what is there a batch of it says nothing."""
    days = batch.days.astype("datetime64[D]")
    there = fetch_delivered(
        np.unique(batch.usage_points).tolist(),
        np.unique(batch.reading_types).tolist(),
        days.min().item(),
        days.max().item() + timedelta(days=1),
    )
    stored = dict(zip(_keys(there), there.quality, strict=True))
    quality = batch.quality.copy()
    width = quality.shape[1]
    for row, key in enumerate(_keys(batch)):
        if key in stored:
            known = is_present(stored[key])[:width]
            quality[row, : len(known)][known] = Quality.UNTOLD
    says = (quality < Quality.UNTOLD).any(axis=1)
    return replace(batch, quality=quality).take(np.flatnonzero(says))


def _keys(of: BlockBatch | Fetched) -> list[tuple[int, int, date]]:
    days = of.days.astype("datetime64[D]").tolist()
    return list(zip(of.usage_points.tolist(), of.reading_types.tolist(), days, strict=True))


def _chunks(first: date, end: date) -> Iterator[tuple[date, date]]:
    """Stretches of days: months, and single days at the end."""
    singly = max(first, end - timedelta(days=BY_DAYS))
    start = first
    while start < singly:
        month = (start.replace(day=1) + timedelta(days=32)).replace(day=1)
        yield start, min(month, singly)
        start = min(month, singly)
    while start < end:
        yield start, start + timedelta(days=1)
        start += timedelta(days=1)


def _numbered(
    days: npt.NDArray[np.datetime64], after: timedelta, at: datetime, *, is_message: bool
) -> I64:
    """Sequences of days: the numbers of their messages, or when the meters were read."""
    each, places = np.unique(days, return_inverse=True)
    return np.array(
        [
            rules.sequence(
                number_of(day)
                if is_message
                else rules.moment(min(start_of_day(day + timedelta(days=1), MOSCOW) + after, at))
            )
            for day in each.tolist()
        ],
        np.int64,
    )[places]


def number_of(day: date) -> int:
    """The number of the factory's message of a day; ten a day, so that some can come between."""
    return 10 * ((day - FIRST_MESSAGE).days + 1)
