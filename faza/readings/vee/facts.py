"""What is known of days beside their values, by columns: for many points at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from django.db import connection

from faza.metering.models import MeteringComplex, NetworkNode
from faza.readings.store.reading import among
from faza.readings.store.reading import rows as asked
from faza.readings.validation.limits import OVERDRAWN
from faza.readings.vee.points import BOTH_WAYS, TOP, Point, midnights_of

I64 = npt.NDArray[np.int64]
I16 = npt.NDArray[np.int16]
Mask = npt.NDArray[np.bool_]

BILLING = MeteringComplex.Role.BILLING
SECONDS = {
    "postgresql": "greatest(coalesce(extract(epoch FROM {})::bigint, {top}), 0)",
    "sqlite": "max(coalesce(unixepoch({}), {top}), 0)",
}
COMPLEXES = """
    SELECT c.usage_point_id,
        (1.0::float8 * c.ct_numerator / c.ct_denominator * c.vt_numerator / c.vt_denominator)
        * (m.phases::float8 * coalesce(m.nominal_voltage, 0) * coalesce(m.max_current, 0)) / 10000,
        {start}, {end}
    FROM metering_meteringcomplex c JOIN metering_meter d ON d.id = c.meter_id
    JOIN metering_metermodel m ON m.id = d.model_id
    WHERE {points} AND c.role = 'billing' ORDER BY c.usage_point_id, c.valid_from, c.id"""


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """Usage points (p,) by id, and their billing complexes (c,) by point and beginning.

    zones (p,): place in zone_names. nodes (p,): ids; paths: by node. max_power: W, 0: not known.
    both_ways (p,): energy may flow into the network. first, count (p,): whose complexes are
    which. apparent, start, end (c,): VA, 0: not known; unix seconds.
    """

    ids: I64
    zones: I64
    zone_names: tuple[str, ...]
    nodes: I64
    paths: Mapping[int, str]
    max_power: I64
    both_ways: Mask
    first: I64
    count: I64
    apparent: I64
    start: I64
    end: I64


def fetch(points: I64) -> Columns:
    """Those of points, ascending, that exist. Three queries, past the ORM: of a delivery of ten
    thousand points the models alone would take longer than storing it."""
    of_ids, param = among("id", points.tolist())
    told = _columns(
        asked(
            "SELECT id, node_id, coalesce(max_power, 0), zone FROM metering_usagepoint"  # noqa: S608
            f" WHERE {of_ids} ORDER BY id",
            (param,),
        ),
        4,
    )
    ids, nodes, power = (np.array(column, np.int64) for column in told[:3])
    names, zones = np.unique(np.array(told[3], str), return_inverse=True)
    places = {
        node: (path, kind in BOTH_WAYS)
        for node, path, kind in NetworkNode.objects.filter(
            id__in=np.unique(nodes).tolist()
        ).values_list("id", "path", "kind")
    }
    both = np.array([node for node, (_, both) in places.items() if both], np.int64)
    of_points, param = among("c.usage_point_id", points.tolist())
    second = SECONDS[connection.vendor]
    sql = COMPLEXES.format(
        start=second.format("c.valid_from", top=TOP), end=second.format("c.valid_to", top=TOP),
        points=of_points,
    )  # fmt: skip
    if connection.vendor == "sqlite":
        sql = sql.replace("::float8", "")
    found = _columns(asked(sql, (param,)), 4)
    owners = np.array(found[0], np.int64)
    first = np.searchsorted(owners, ids)
    return Columns(
        ids,
        zones.reshape(-1),
        tuple(names.tolist()),
        nodes,
        {node: path for node, (path, _) in places.items()},
        power,
        np.isin(nodes, both),
        first,
        np.searchsorted(owners, ids, "right") - first,
        np.array(found[1], np.float64).astype(np.int64),
        np.array(found[2], np.int64).clip(max=TOP),
        np.array(found[3], np.int64).clip(max=TOP),
    )


def _columns(rows: list[tuple], count: int) -> list[tuple]:
    return list(zip(*rows, strict=True)) if rows else [()] * count


def of_points(points: Mapping[int, Point]) -> Columns:
    """The same of points that are known already."""
    every = [points[key] for key in sorted(points)]
    names = sorted({point.zone for point in every})
    billing = [point.billing for point in every]
    count = np.array([len(of) for of in billing], np.int64)
    complexes = [one for of in billing for one in of]
    return Columns(
        np.array([point.id for point in every], np.int64),
        np.array([names.index(point.zone) for point in every], np.int64),
        tuple(names),
        np.zeros(len(every), np.int64),
        {},
        np.array([point.max_power for point in every], np.int64),
        np.array([point.both_ways for point in every], bool),
        np.cumsum(count) - count,
        count,
        np.array([one.apparent for one in complexes], np.int64),
        np.array([one.start for one in complexes], np.int64),
        np.array([one.end for one in complexes], np.int64),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Facts of days, all (n,), as `validation.shapes.Days` has them."""

    midnights: I64
    limits: I64
    low: I16
    high: I16
    exports: Mask


def of_days(
    usage_points: I64,
    reading_types: I16,
    days: npt.NDArray[np.datetime64],
    intervals: I16,
    lengths: I16,
    points: Columns,
) -> Rows:
    """Facts of the days (n,) of channels; their points are among `points`."""
    place = np.searchsorted(points.ids, usage_points)
    midnights = np.zeros(len(place), np.int64)
    if len(points.zone_names) == 1:
        midnights = midnights_of(days, points.zone_names[0])
    else:
        zone = points.zones[place]
        for number, name in enumerate(points.zone_names):
            mine = zone == number
            midnights[mine] = midnights_of(days[mine], name)
    seconds = intervals.astype(np.int64) * 60
    low, high, apparent = _by_complexes(points, place, midnights, seconds, lengths)
    power = np.where(apparent > 0, apparent, OVERDRAWN * points.max_power[place])
    # A limit is of power that flows: of energies alone, which are the first four types.
    is_energy = (reading_types >= 1) & (reading_types <= 4)
    limits = np.where(is_energy, power * seconds // 3600, 0)
    return Rows(midnights, limits, low, high, points.both_ways[place])


def _by_complexes(
    points: Columns, place: I64, midnights: I64, seconds: I64, lengths: I16
) -> tuple[I16, I16, I64]:
    """What billing complexes say of days: intervals [low, high) of their time, and VA. All (n,)."""
    ends = midnights + seconds * lengths
    count = points.count[place]
    first, last = np.full(len(place), TOP), np.full(len(place), -1)
    apparent = np.zeros(len(place), np.int64)
    for number in range(int(count.max(initial=0))):
        rows = np.flatnonzero(count > number)
        one = points.first[place[rows]] + number
        here = (points.start[one] < ends[rows]) & (points.end[one] > midnights[rows])
        rows, one = rows[here], one[here]
        first[rows] = np.minimum(first[rows], points.start[one])
        last[rows] = np.maximum(last[rows], points.end[one])
        apparent[rows] = np.maximum(apparent[rows], points.apparent[one])
    # An interval in which a meter is put in counts in part, and so it belongs to its time.
    low = ((first - midnights) // seconds).clip(0, lengths)
    high = np.maximum(low, (-((midnights - last) // seconds)).clip(0, lengths))
    # Where nobody told what stands there nothing is outside of its time.
    untold = count == 0
    low[untold], high[untold] = 0, lengths[untold]
    return low.astype(np.int16), high.astype(np.int16), apparent
