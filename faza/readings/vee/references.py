"""What else is known of the time of a gap: the control meter, a year ago, points beside."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from faza.core.quality import Quality, is_estimated
from faza.metering.models import MeteringComplex, UsagePoint
from faza.readings import rules, store
from faza.readings.estimation import Channels, Groups, Reference, group_shape

I64 = npt.NDArray[np.int64]
I16 = npt.NDArray[np.int16]

YEAR = timedelta(days=364)
"""Back to the same weekday of the previous year."""
MEMBERS = 50
"""Points of a group by which its usual profile is made."""


def control(channels: Channels, points: I64, kinds: I16) -> Reference | None:
    """Values of the control meters of channels (c,); None where none of them has any. A query, or
    two. A control meter that stands at the point itself has no days of its own."""
    rows = MeteringComplex.objects.filter(
        role=MeteringComplex.Role.CONTROL, control_of__usage_point__in=np.unique(points).tolist()
    ).values_list("control_of__usage_point_id", "usage_point_id")
    controls = {point: by for point, by in rows.order_by("valid_from") if by != point}
    if not controls:
        return None
    by = np.array([controls.get(point, 0) for point in points.tolist()], np.int64)
    return _measured(channels, by, kinds, timedelta(0))


def last_year(channels: Channels, points: I64, kinds: I16) -> Reference:
    """What the channels (c,) measured 364 days before. One query."""
    return _measured(channels, points, kinds, YEAR)


def groups(channels: Channels, points: I64, kinds: I16) -> Groups:
    """The usual profiles of the points beside each: those of one node, resource and number of
    phases, MEMBERS at most. Three queries."""
    own = np.unique(points).tolist()
    of_point = {
        key: (node, resource, phases)
        for key, node, resource, phases in UsagePoint.objects.filter(id__in=own).values_list(
            "id", "node_id", "resource", "phases"
        )
    }
    members: dict[tuple[int, str, int], list[int]] = defaultdict(list)
    beside = UsagePoint.objects.filter(node__in={group[0] for group in of_point.values()})
    for key, node, resource, phases in beside.order_by("id").values_list(
        "id", "node_id", "resource", "phases"
    ):
        if len(members[node, resource, phases]) < MEMBERS:
            members[node, resource, phases].append(key)
    keys = [
        (of_point[point], kind) for point, kind in zip(points.tolist(), kinds.tolist(), strict=True)
    ]
    named = sorted(set(keys))
    asked = [(member, kind) for group, kind in named for member in members[group]]
    every = _measured(
        channels,
        np.array([member for member, _ in asked], np.int64),
        np.array([kind for _, kind in asked], np.int16),
        timedelta(0),
    )
    shapes, start = [], 0
    for group, _ in named:
        end = start + len(members[group])
        shapes.append(group_shape(every.values[start:end], every.known[start:end]))
        start = end
    of = np.array([named.index(key) for key in keys], np.int64)
    return Groups(np.stack(shapes), of)


def _measured(channels: Channels, points: I64, kinds: I16, before: timedelta) -> Reference:
    """Measured, undoubted values of channels (points, kinds: (c',)) on the days of `channels`, or
    so long before them: (c', d, k). One query."""
    _, count, width = channels.values.shape
    first: date = channels.first_day.astype("datetime64[D]").item() - before
    found = store.fetch(_plain(points), _plain(kinds), first, first + timedelta(days=count))
    values = np.zeros((len(points), count, width), np.int64)
    known = np.zeros(values.shape, bool)
    if not len(found):
        return Reference(values, known)
    places: dict[tuple[int, int], list[int]] = defaultdict(list)
    for place, key in enumerate(zip(points.tolist(), kinds.tolist(), strict=True)):
        places[key].append(place)
    fits = found.intervals == channels.interval
    days = (found.days - np.datetime64(first)).astype(np.int64)
    common = min(width, found.values.shape[1])
    good = rules.ranks_of("meter", found.quality) >= rules.MEASURED
    good &= ~is_estimated(found.quality) & (found.quality != Quality.RAW)
    edge = np.append(True, (np.diff(found.usage_points) != 0) | (np.diff(found.reading_types) != 0))
    starts = np.flatnonzero(edge).tolist()
    for start, end in zip(starts, [*starts[1:], len(found)], strict=True):
        rows = np.arange(start, end)[fits[start:end]]
        key = (int(found.usage_points[start]), int(found.reading_types[start]))
        for place in places.get(key, ()):
            values[place, days[rows], :common] = found.values[rows, :common]
            known[place, days[rows], :common] = good[rows, :common]
    values[~known] = 0
    return Reference(values, known)


def _plain(numbers: npt.NDArray) -> Collection[int]:
    return [number for number in np.unique(numbers).tolist() if number]
