"""Which events are new and were not looked at yet for those who want to know of them.

Insert-only marks, made where events are recorded and deleted in the transaction that tells of
them: killed between, it is done again, and what was told once is not told twice.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from faza.events.batches import EventBatch
from faza.events.models import EndDeviceEvent, FreshEvents

Row = tuple[int, int, int, int]
"""Usage point, unix second, journal, code."""


@dataclass(frozen=True, slots=True)
class Taken:
    """Marks that were taken, and the events they stand for, each once, by moment."""

    marks: tuple[tuple[int, int], ...]
    rows: tuple[Row, ...]
    recorded: dict[Row, datetime]


def mark(new: EventBatch, *, at: datetime) -> None:
    """Mark new events, a mark for each point; call it in the transaction that records them at `at`.

    One statement, none without events.
    """
    if not len(new):
        return
    points, place = np.unique(new.usage_points, return_inverse=True)
    first = np.full(len(points), np.iinfo(np.int64).max)
    last = np.zeros(len(points), np.int64)
    np.minimum.at(first, place.reshape(-1), new.moments)
    np.maximum.at(last, place.reshape(-1), new.moments)
    # Another number each time: a mark made while the job works outlives what the job took.
    numbers = np.arange(len(points)) + secrets.randbits(62)
    columns = (points, numbers, first, last)
    FreshEvents.objects.bulk_create(
        (
            FreshEvents(
                usage_point_id=point, number=number, first_at=moment(low), last_at=moment(high),
                recorded_at=at,
            )
            for point, number, low, high in zip(
                *(column.tolist() for column in columns), strict=True
            )
        ),
        batch_size=1000,
    )  # fmt: skip


def take(*, limit: int) -> Taken:
    """Some `limit` marks, all of one recording together, and their events. Three queries.

    They stay until `drop`, which belongs into the transaction that has told of the events.
    """
    waiting = FreshEvents.objects.order_by("recorded_at")
    until = waiting.values_list("recorded_at", flat=True)[:limit]
    cut = max(until, default=None)
    rows = [] if cut is None else waiting.filter(recorded_at__lte=cut)
    marks = [
        (one.usage_point_id, one.number, one.first_at, one.last_at, one.recorded_at) for one in rows
    ]
    stretches = defaultdict(list)
    for point, _, first, last, recorded in marks:
        stretches[point, recorded].append((first, last))
    found: dict[Row, datetime] = {}
    if marks:
        told = EndDeviceEvent.objects.filter(
            usage_point__in={mark[0] for mark in marks},
            at__gte=min(mark[2] for mark in marks),
            at__lte=max(mark[3] for mark in marks),
        ).values_list("usage_point_id", "at", "journal", "code", "recorded_at")
        for point, at, journal, code, recorded in told:
            if any(first <= at <= last for first, last in stretches.get((point, recorded), ())):
                found[point, int(at.timestamp()), journal, code] = recorded
    ordered = sorted(found, key=lambda row: (row[1], row))
    return Taken(tuple(mark[:2] for mark in marks), tuple(ordered), found)


def drop(marks: Sequence[tuple[int, int]]) -> None:
    """Take away marks that were worked; in one transaction with what came of them."""
    points, numbers = {point for point, _ in marks}, {number for _, number in marks}
    # A number is as good as of one mark: it is one of 2 ** 62.
    FreshEvents.objects.filter(usage_point_id__in=points, number__in=numbers).delete()


def moment(second: int) -> datetime:
    """A unix second as a moment."""
    return datetime.fromtimestamp(second, UTC)
