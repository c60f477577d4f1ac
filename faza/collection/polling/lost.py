"""Stretches that will not come: noted, believed from the second time on, never asked for again.

A meter that answers without some intervals does not have them. But answers have been cut short by
firmware and modems, so one answer is not enough; the second one, of a later session, is.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt
from django.db.models import Q

from faza.collection.models import LostStretch

I64 = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Key = tuple[int, int]
"""Usage point and number of the profile."""

BELIEVED = 2
CHUNK = 200
NONE: I64 = np.zeros((0, 2), np.int64)
Reason = LostStretch.Reason


@dataclass(frozen=True, slots=True, eq=False)
class Absent:
    """Intervals (n, 2), unix seconds, sorted, that a meter was asked for and did not give."""

    usage_point: int
    which: int
    meter: int
    spans: I64
    read_at: datetime
    reason: str = Reason.ABSENT


def believed(points: Collection[int]) -> dict[Key, I64]:
    """The stretches (n, 2) that are not asked for any more, in the order of time. One query."""
    rows = (
        LostStretch.objects.filter(usage_point__in=points)
        .filter(Q(times__gte=BELIEVED) | Q(reason=Reason.TOO_OLD))
        .order_by("usage_point_id", "profile", "start")
        .values_list("usage_point_id", "profile", "start", "end")
    )
    found: dict[Key, list[tuple[int, int]]] = {}
    for point, which, start, end in rows:
        found.setdefault((point, which), []).append((int(start.timestamp()), int(end.timestamp())))
    return {key: np.array(spans, np.int64) for key, spans in found.items()}


def covers(stretches: I64, spans: I64) -> Mask:
    """(n,) which spans lie wholly in one of the stretches; those are sorted and apart."""
    if not len(stretches):
        return np.zeros(len(spans), bool)
    place = np.searchsorted(stretches[:, 0], spans[:, 0], side="right") - 1
    return (place >= 0) & (spans[:, 1] <= stretches[place, 1])


def note(absent: Sequence[Absent]) -> int:
    """Put down what meters did not have; how many stretches were written. Call in a transaction.

    Each call counts: give the answers of a session once. Three queries, some more for thousands.
    """
    told = [one for one in absent if len(one.spans)]
    if not told:
        return 0
    there: dict[Key, list[LostStretch]] = {}
    points = {one.usage_point for one in told}
    for row in LostStretch.objects.filter(usage_point__in=points):
        there.setdefault((row.usage_point_id, row.profile), []).append(row)
    gone: list[LostStretch] = []
    fresh: dict[tuple[int, int, datetime], LostStretch] = {}
    for one in sorted(told, key=lambda one: one.read_at):
        key = (one.usage_point, one.which)
        made, replaced = _met(one, there.get(key, []))
        gone += [row for row in replaced if row.pk not in fresh]
        for row in replaced:
            fresh.pop((row.usage_point_id, row.profile, row.start), None)
        there[key] = [row for row in there.get(key, []) if row not in replaced] + made
        fresh |= {(row.usage_point_id, row.profile, row.start): row for row in made}
    for start in range(0, len(gone), CHUNK):
        keys = [row.pk for row in gone[start : start + CHUNK]]
        LostStretch.objects.filter(pk__in=keys).delete()
    LostStretch.objects.bulk_create(
        fresh.values(), batch_size=500, update_conflicts=True,
        unique_fields=["usage_point_id", "profile", "start"],
        update_fields=["end", "meter_id", "times", "reason", "found_at"],
    )  # fmt: skip
    return len(fresh)


def _met(one: Absent, there: Sequence[LostStretch]) -> tuple[list[LostStretch], list[LostStretch]]:
    """Rows for what is told together with the rows it touches, and those rows: they go."""
    first, end = _moment(int(one.spans[0, 0])), _moment(int(one.spans[:, 1].max()))
    touched = [row for row in there if row.start < end and row.end > first]
    edges = np.unique(
        np.concatenate([one.spans.reshape(-1), *(_edges(row) for row in touched)])
    ).astype(np.int64)
    pieces = np.column_stack([edges[:-1], edges[1:]])
    mine = covers(_joined(one.spans), pieces)
    times, moments = np.zeros(len(pieces), np.int64), [one.read_at] * len(pieces)
    reasons, meters = [one.reason] * len(pieces), [one.meter] * len(pieces)
    for row in touched:
        here = (pieces[:, 0] >= _edges(row)[0]) & (pieces[:, 1] <= _edges(row)[1])
        times[here] = row.times
        for place in np.flatnonzero(here).tolist():
            reasons[place] = row.reason
            meters[place] = row.meter_id
            if not mine[place]:
                moments[place] = row.found_at
    times = np.where(mine, np.minimum(times + 1, BELIEVED), times)
    rows: list[LostStretch] = []
    for place in np.flatnonzero(times > 0).tolist():
        start, stop = (_moment(edge) for edge in pieces[place].tolist())
        last = rows[-1] if rows else None
        like = (int(times[place]), reasons[place], meters[place], moments[place])
        if last and last.end == start and like == (
            last.times, last.reason, last.meter_id, last.found_at
        ):  # fmt: skip
            last.end = stop
            continue
        rows.append(
            LostStretch(
                usage_point_id=one.usage_point, profile=one.which, start=start, end=stop,
                times=like[0], reason=like[1], meter_id=like[2], found_at=like[3],
            )
        )  # fmt: skip
    return rows, touched


def forget(keys: Mapping[Key, tuple[datetime, datetime]]) -> int:
    """Ask again for what was taken as lost in [from, to), by point and profile; how many rows."""
    done = 0
    for (point, which), (start, end) in keys.items():
        rows = LostStretch.objects.filter(usage_point=point, profile=which)
        done += rows.filter(start__lt=end, end__gt=start).delete()[0]
    return done


def _joined(spans: I64) -> I64:
    """Sorted spans of which touching ones are one."""
    breaks = np.flatnonzero(spans[1:, 0] > spans[:-1, 1])
    starts = spans[np.concatenate([[0], breaks + 1]), 0]
    return np.column_stack([starts, spans[np.concatenate([breaks, [len(spans) - 1]]), 1]])


def _edges(row: LostStretch) -> I64:
    return np.array([int(row.start.timestamp()), int(row.end.timestamp())], np.int64)


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
