"""What stands over the days fetched: a person's values, and what the job itself laid there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from faza.readings import store
from faza.readings.models import Provenance, Source
from faza.readings.store import find_sources
from faza.readings.vee.context import Context

I64 = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Layer = Provenance.Layer


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """Rows are those of Context.delivered.

    mask (n, k): intervals of a person's estimate or override; values (n, k): theirs, 0 elsewhere.
    estimated (n, k): those of a person's estimate.
    automatic (n,): days over which the job laid a verdict or an estimate.
    """

    mask: Mask
    values: I64
    estimated: Mask
    automatic: Mask


def fetch(context: Context) -> Kept:
    """Two queries, three where a person laid something."""
    batch = context.delivered.batch
    found = Kept(
        np.zeros(batch.values.shape, bool),
        np.zeros_like(batch.values),
        np.zeros(batch.values.shape, bool),
        np.zeros(len(batch), bool),
    )
    kinds = np.unique(batch.reading_types).tolist()
    points = sorted(context.points)
    layers = store.amending(points, kinds, context.first, context.end)
    if not len(layers):
        return found
    people = [
        number for number, (kind, _) in find_sources().items() if kind == Source.Kind.OPERATOR
    ]
    places = rows_at(context, layers["usage_point"], layers["reading_type"], layers["day"])
    layers, places = layers[places >= 0], places[places >= 0]
    by_person = (layers["layer"] == Layer.OVERRIDE) | (
        (layers["layer"] == Layer.ESTIMATE) & np.isin(layers["source"], people)
    )
    found.automatic[places[~by_person]] = True
    if not by_person.any():
        return found
    for row, layer, first, end in zip(
        places[by_person].tolist(), layers["layer"][by_person].tolist(),
        layers["first"][by_person].tolist(), layers["end"][by_person].tolist(), strict=True,
    ):  # fmt: skip
        found.mask[row, first:end] = True
        found.estimated[row, first:end] |= layer == Layer.ESTIMATE
    held = np.unique(layers["usage_point"][by_person]).tolist()
    effective = store.fetch(held, kinds, context.first, context.end)
    at = rows_at(context, effective.usage_points, effective.reading_types, effective.days)
    width = min(effective.values.shape[1], found.values.shape[1])
    there = at >= 0
    found.values[at[there], :width] = effective.values[there, :width]
    found.values[~found.mask] = 0
    return found


def rows_at(
    context: Context, points: I64, kinds: npt.NDArray, days: npt.NDArray[np.datetime64]
) -> I64:
    """(m,) the rows of days, -1 where a day is not among those fetched."""
    batch = context.delivered.batch
    if not len(batch):
        return np.full(len(points), -1)
    known = np.unique(batch.usage_points)

    def keyed(of_points: I64, of_kinds: npt.NDArray, of_days: npt.NDArray) -> I64:
        # Reading types are below 2**10, days since 1970 below 2**17.
        place = np.searchsorted(known, of_points).clip(max=len(known) - 1)
        key = (place << 10 | of_kinds.astype(np.int64)) << 17
        keys: I64 = key | of_days.astype("datetime64[D]").astype(np.int64)
        return np.where(known[place] == of_points, keys, -1)

    keys = keyed(batch.usage_points, batch.reading_types, batch.days)
    wanted = keyed(points, kinds, days)
    at = np.searchsorted(keys, wanted).clip(max=len(keys) - 1)
    found: I64 = np.where((keys[at] == wanted) & (wanted >= 0), at, -1)
    return found
