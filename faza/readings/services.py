"""The door by which readings enter. Everything may be repeated: doing it twice does it once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import numpy.typing as npt
from django.db import OperationalError, connection, transaction

from faza.core import tally
from faza.core.quality import Quality, is_present
from faza.readings import marks
from faza.readings.amending import Amended, Laid, amend, judge, settle, withdraw
from faza.readings.blocks import BlockBatch, WrongInterval
from faza.readings.models import Source
from faza.readings.packing import stored_quality
from faza.readings.recording import Recorded, merge_days
from faza.readings.sources import get_source
from faza.readings.store import Staged, find_sources, moments, writer
from faza.readings.vee import inline

__all__ = [
    "Amended",
    "Laid",
    "Recorded",
    "WrongInterval",
    "amend",
    "get_source",
    "judge",
    "record",
    "settle",
    "withdraw",
]

Look = Callable[[BlockBatch, datetime], BlockBatch | None]
"""Looks at delivered days in the transaction that recorded them; verdicts as `judge` takes them."""

CHUNK = {"postgresql": 100_000, "sqlite": 10_000}
"""Days a transaction; on SQLite it holds the only writer's place for under half a second."""
TRIES = 20


def record(
    batch: BlockBatch,
    *,
    source: Source,
    sequence: int | npt.ArrayLike,
    at: datetime,
    by: str = "",
    reason: str = "",
    look: Look | None = inline.look,
) -> Recorded:
    """Store a delivery and return what it changed, in values.

    sequence: the delivery's place among those of its source (`rules.sequence`), one for all or
    (n,). Delivering the same twice changes nothing; precedence decides, not arrival. Days of
    a point are stored together; a large batch goes in several transactions, each whole points,
    and what was stored before a failure stays: repeat the call.

    Days of which a delivered value is another than before are marked for validation, and looked
    at by the rules that need nothing but the day, in the same transaction.

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
    done, delivery = Recorded(), _Delivery(source, at, by, reason, look)
    for part in _chunks(batch.usage_points):
        done += _record_chunk(batch.take(part), sequences[part], delivery)
    tally.add(tally.VALUES, done.changed)
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


@dataclass(frozen=True, slots=True)
class _Delivery:
    """Who delivers, when and why, and who looks at it."""

    source: Source
    at: datetime
    by: str
    reason: str
    look: Look | None


def _record_chunk(
    batch: BlockBatch, sequences: npt.NDArray[np.int64], delivery: _Delivery
) -> Recorded:
    """One transaction, tried again where another session was in the way."""
    for attempt in range(TRIES):
        try:
            with transaction.atomic():
                done, changed = _record_once(batch, sequences, delivery)
                _look_again(changed, delivery)
                return done
        except OperationalError as problem:
            # A deadlock between two batches: one is rolled back whole and may come again.
            state = getattr(problem.__cause__, "sqlstate", None)
            if state not in {"40P01", "40001"} or connection.in_atomic_block:
                raise
            if attempt == TRIES - 1:
                raise
    raise AssertionError("unreachable")


def _record_once(
    batch: BlockBatch, sequences: npt.NDArray[np.int64], delivery: _Delivery
) -> tuple[Recorded, BlockBatch]:
    """Store days; what that did, and the delivered days of which a value is another now."""
    kinds = find_sources()
    done, changed = Recorded(), []
    with connection.cursor() as cursor:
        into = writer(cursor)
        while len(batch):
            staged = _staged(batch, sequences, delivery.source, delivery.at)
            into.stage(staged)
            if into.is_all_there(staged):
                n_there = int((batch.quality < Quality.UNTOLD).sum())
                done += Recorded(unchanged=n_there)
                break
            inserted = into.insert_fresh(staged)
            n_inserted = int(inserted.sum())
            if n_inserted == len(batch):
                changed.append(batch)
                done += Recorded(changed=_n_present(batch), blocks=n_inserted)
                break
            changed.append(batch.take(inserted))
            n_values = _n_present(changed[-1])
            stored = into.differing(staged)
            met = np.zeros(len(batch), bool)
            met[stored.rows] = True
            others = _n_present(batch.take(~met))
            done += Recorded(changed=n_values, unchanged=others - n_values, blocks=n_inserted)
            if not len(stored.rows):
                break
            merge = merge_days(
                into, staged, stored, kinds, at=delivery.at, by=delivery.by, reason=delivery.reason
            )
            changed.append(merge.changed)
            done += merge.recorded
            batch, sequences = batch.take(merge.refused), sequences[merge.refused]
    return done, changed[0] if len(changed) == 1 else BlockBatch.concatenate(changed)


def _n_present(batch: BlockBatch) -> int:
    return int(is_present(batch.quality).sum())


def _look_again(changed: BlockBatch, delivery: _Delivery) -> None:
    """Mark days that changed for validation, and judge them as far as they themselves allow."""
    if not len(changed):
        return
    marks.mark_days(changed.usage_points, changed.days, at=delivery.at)
    if delivery.look is None:
        return
    inside = np.arange(changed.values.shape[1]) < changed.lengths[:, None]
    quality = np.where(inside, stored_quality(changed.quality), np.uint8(Quality.UNTOLD))
    verdicts = delivery.look(replace(changed, quality=quality).sorted(), delivery.at)
    if verdicts is not None and len(verdicts):
        judge(verdicts, at=delivery.at)


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
