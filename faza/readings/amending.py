"""What stands over a delivery: estimates and a person's overrides, each withdrawable.

The effective day = the delivered day, then estimates where nothing good was measured, then
overrides. Deliveries go on beneath: redelivering a file disturbs neither. ADR 6.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import connection, transaction

from faza.core.quality import Quality, is_present
from faza.readings import provenance, rules
from faza.readings.blocks import BlockBatch, WrongInterval
from faza.readings.models import Provenance, Source
from faza.readings.packing import stored_quality
from faza.readings.provenance import Stretch
from faza.readings.recording import (
    ESTIMATE,
    OVERRIDE,
    Day,
    keys_of,
    layer_masks,
    origins,
    other_grid,
    put_days,
    row_origin,
)
from faza.readings.store import Staged, Writer, find_sources, moments, writer

Layer = Provenance.Layer
Mask = npt.NDArray[np.bool_]


def amend(
    batch: BlockBatch,
    *,
    layer: Layer,
    source: Source,
    at: datetime,
    method: str = "",
    inputs: Mapping[str, Any] | None = None,
    reason: str = "",
    by: str = "",
    run: int | None = None,
) -> int:
    """Lay estimates or an override over days; how many intervals are other than before.

    Intervals that the batch leaves UNTOLD are not touched. An estimate reaches only intervals
    whose delivered value is missing or doubtful and that nobody overrode; an override reaches
    all, needs a reason, and takes the place of an estimate. What was effective before stays in
    the versions, what was delivered in the delivered day.

    Raises ValueError for an override without a reason, WrongInterval as `record` does and where
    a day is stored on another grid.
    """
    if layer == Layer.OVERRIDE and not reason:
        raise ValueError("An override needs a reason.")
    batch.check()

    def laid(day: Day) -> tuple[Mask, npt.NDArray, npt.NDArray, dict[int, list[Stretch]]]:
        reach = day.batch.quality != Quality.UNTOLD
        kept: dict[int, list[Stretch]] = {}
        if layer == Layer.ESTIMATE:
            delivered = rules.ranks_of("meter", stored_quality(day.stored.delivered_quality))
            reach &= delivered < rules.MEASURED
        for row, key in enumerate(day.keys):
            old = day.stretches.get(key, [])
            if layer == Layer.ESTIMATE and old:
                reach[row] &= ~layer_masks(day, row, reach.shape[1])[OVERRIDE]
            kept[row] = [
                part
                for stretch in old
                if stretch.layer in (ESTIMATE, OVERRIDE)
                for part in provenance.trimmed(stretch, ~reach[row])
            ]
            whole = Stretch(
                key, int(layer), 0, reach.shape[1], source.id, 0, at, method,
                dict(inputs or {}), reason, by, run,
            )  # fmt: skip
            kept[row] += provenance.trimmed(whole, reach[row])
        values = np.where(reach, day.batch.values, day.stored.values)
        quality = np.where(reach, day.batch.quality, day.stored.quality)
        return reach, values, quality, kept

    return _over(batch, laid, source=source, at=at, by=by, reason=reason or method)


def withdraw(
    batch: BlockBatch, *, layer: Layer, source: Source, at: datetime, reason: str, by: str = ""
) -> int:
    """Take amendments of a layer away again where the batch is told; the delivered day returns.

    The batch's values mean nothing here. Returns how many intervals are other than before. What
    an override had covered of an estimate is missing until it is estimated again.

    Raises WrongInterval as `amend` does.
    """

    def lifted(day: Day) -> tuple[Mask, npt.NDArray, npt.NDArray, dict[int, list[Stretch]]]:
        reach = day.batch.quality != Quality.UNTOLD
        kept: dict[int, list[Stretch]] = {}
        for row, key in enumerate(day.keys):
            reach[row] &= layer_masks(day, row, reach.shape[1])[int(layer)]
            kept[row] = [
                part
                for stretch in day.stretches.get(key, ())
                if stretch.layer in (ESTIMATE, OVERRIDE)
                for part in (
                    provenance.trimmed(stretch, ~reach[row])
                    if stretch.layer == layer
                    else [stretch]
                )
            ]
        values = np.where(reach, day.stored.delivered_values, day.stored.values)
        quality = np.where(reach, day.stored.delivered_quality, day.stored.quality)
        return reach, values, quality, kept

    return _over(batch, lifted, source=source, at=at, by=by, reason=reason)


def _over(
    batch: BlockBatch, decide: Any, *, source: Source, at: datetime, by: str, reason: str
) -> int:
    """Read the days, let `decide` say what becomes of them, write guarded; again if beaten."""
    n_changed = 0
    with transaction.atomic(), connection.cursor() as cursor:
        into = writer(cursor)
        batch = batch.sorted()
        batch.check_once()
        while len(batch):
            changed, batch = _once(into, batch, decide, source, at, by=by, reason=reason)
            n_changed += changed
    return n_changed


def _once(
    into: Writer, batch: BlockBatch, decide: Any, source: Source, at: datetime,
    *, by: str, reason: str,
) -> tuple[int, BlockBatch]:  # fmt: skip
    n = len(batch)
    staged = Staged(
        batch, np.full(n, source.id, np.int16), np.zeros(n, np.int64), np.ones(n, np.int64),
        np.zeros(n, bool), moments(at, n),
    )  # fmt: skip
    into.stage(staged)
    stored = into.differing(staged)
    wrong = other_grid(stored, batch)
    if wrong.any():
        row = int(np.argmax(wrong))
        raise WrongInterval(
            f"{batch.usage_points[row]}/{batch.reading_types[row]}/{batch.days[row]} is stored in"
            f" intervals of {stored.intervals[row]} minutes"
        )
    keys = keys_of(batch)
    day = Day(batch, stored, keys, provenance.of_keys(keys))
    kinds = find_sources()
    told = origins(day, kinds)
    reach, values, quality, kept = decide(day)
    before = (stored.values, stored_quality(stored.quality))
    differs = (values != before[0]) | (stored_quality(quality) != before[1])
    touched = reach.any(axis=1)
    if not touched.any():
        return 0, batch.take(np.zeros(n, bool))
    sources, sequences = row_origin(told, batch.lengths, kinds)
    inside = np.arange(values.shape[1]) < batch.lengths[:, None]
    quality = np.where(inside, stored_quality(quality), np.uint8(Quality.UNTOLD))
    effective = replace(
        staged,
        batch=replace(batch, values=np.where(is_present(quality), values, 0), quality=quality),
        sources=sources,
        sequences=sequences,
        versions=stored.versions + 1,
    )
    accepted = put_days(into, effective, day, told, touched, kept, at=at, by=by, reason=reason)
    return int((differs & accepted[:, None]).sum()), batch.take(touched & ~accepted)
