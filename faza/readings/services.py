"""The door by which readings enter. Everything may be repeated: doing it twice does it once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

import numpy as np
import numpy.typing as npt
from django.db import OperationalError, connection, transaction

from faza.core.quality import Quality, is_present
from faza.readings.amending import amend, withdraw
from faza.readings.blocks import BlockBatch, WrongInterval
from faza.readings.models import Source
from faza.readings.recording import Recorded, merge_days
from faza.readings.store import Staged, find_sources, moments, writer

__all__ = ["Recorded", "WrongInterval", "amend", "get_source", "record", "withdraw"]

CHUNK = {"postgresql": 100_000, "sqlite": 15_000}
"""Days a transaction; on SQLite it holds the only writer's place for under half a second."""
TRIES = 20


def get_source(kind: str, *, sender: str = "", area: str = "", name: str = "") -> Source:
    """The source of this kind, sender and area; made at its first delivery."""
    source, _ = Source.objects.get_or_create(
        kind=kind, sender=sender, area=area, defaults={"name": name}
    )
    return source


def record(
    batch: BlockBatch,
    *,
    source: Source,
    sequence: int | npt.ArrayLike,
    at: datetime,
    by: str = "",
    reason: str = "",
) -> Recorded:
    """Store a delivery and return what it changed, in values.

    sequence: the delivery's place among those of its source (`rules.sequence`), one for all or
    (n,). Delivering the same twice changes nothing; precedence decides, not arrival. Days of
    a point are stored together; a large batch goes in several transactions, each whole points,
    and what was stored before a failure stays: repeat the call.

    Raises WrongInterval, naming the first block that does not fit or comes twice; nothing is
    stored then.
    """
    batch.check()
    sequences = np.broadcast_to(np.asarray(sequence, np.int64), (len(batch),))
    order = np.lexsort((batch.days, batch.reading_types, batch.usage_points))
    batch, sequences = batch.take(order), sequences[order]
    batch.check_once()
    absent = ~is_present(batch.quality)
    if (batch.values[absent] != 0).any():
        batch = replace(batch, values=np.where(absent, 0, batch.values))
    if not source.replaces_wholly:
        # Of such a source "no value" says nothing: a later part may bring it.
        batch = replace(batch, quality=np.where(absent, np.uint8(Quality.UNTOLD), batch.quality))
        says = np.flatnonzero((~absent).any(axis=1))
        batch, sequences = batch.take(says), sequences[says]
    done = Recorded()
    for part in _chunks(batch.usage_points):
        done += _record_chunk(batch.take(part), sequences[part], source, at, by, reason)
    return done


def _chunks(points: npt.NDArray[np.int64]) -> Iterator[slice]:
    """Slices of about CHUNK rows that do not part a point; `points` is sorted."""
    size, start = CHUNK[connection.vendor], 0
    while start < len(points):
        end = start + size
        if end < len(points):
            first = int(np.searchsorted(points, points[end], side="left"))
            end = first if first > start else int(np.searchsorted(points, points[end], "right"))
        yield slice(start, min(end, len(points)))
        start = end


def _record_chunk(
    batch: BlockBatch, sequences: npt.NDArray[np.int64], source: Source, at: datetime,
    by: str, reason: str,
) -> Recorded:  # fmt: skip
    """One transaction, tried again where another session was in the way."""
    for attempt in range(TRIES):
        try:
            with transaction.atomic():
                return _record_once(batch, sequences, source, at, by, reason)
        except OperationalError as problem:
            # A deadlock between two batches: one is rolled back whole and may come again.
            state = getattr(problem.__cause__, "sqlstate", None)
            if state not in {"40P01", "40001"} or connection.in_atomic_block:
                raise
            if attempt == TRIES - 1:
                raise
    raise AssertionError("unreachable")


def _record_once(
    batch: BlockBatch, sequences: npt.NDArray[np.int64], source: Source, at: datetime,
    by: str, reason: str,
) -> Recorded:  # fmt: skip
    kinds = find_sources()
    done = Recorded()
    with connection.cursor() as cursor:
        into = writer(cursor)
        while len(batch):
            staged = _staged(batch, sequences, source, at)
            into.stage(staged)
            if into.is_all_there(staged):
                n_there = int((batch.quality < Quality.UNTOLD).sum())
                return done + Recorded(unchanged=n_there)
            n_inserted, n_values = into.insert_fresh()
            if n_inserted == len(batch):
                return done + Recorded(changed=n_values, blocks=n_inserted)
            stored = into.differing(staged)
            met = np.zeros(len(batch), bool)
            met[stored.rows] = True
            others = int((batch.quality[~met] < Quality.UNTOLD).sum())
            done += Recorded(changed=n_values, unchanged=others - n_values, blocks=n_inserted)
            if not len(stored.rows):
                break
            merged, refused = merge_days(into, staged, stored, kinds, at=at, by=by, reason=reason)
            done += merged
            batch, sequences = batch.take(refused), sequences[refused]
    return done


def _staged(
    batch: BlockBatch, sequences: npt.NDArray[np.int64], source: Source, at: datetime
) -> Staged:
    """Days as they would be stored if nothing was there.

    Of a source that replaces wholly only whole days can be inserted so: a part must say which.
    """
    n = len(batch)
    fresh = np.ones(n, bool)
    if source.replaces_wholly and (batch.quality == Quality.UNTOLD).any():
        inside = np.arange(batch.values.shape[1]) < batch.lengths[:, None]
        fresh = ~((batch.quality == Quality.UNTOLD) & inside).any(axis=1)
    return Staged(
        batch,
        np.full(n, source.id, np.int16),
        sequences,
        np.ones(n, np.int64),
        fresh,
        moments(at, n),
    )
