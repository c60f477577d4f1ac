"""The door for events. Everything may be repeated: doing it twice does it once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import numpy.typing as npt
from django.db import connection, transaction

from faza.events import catalogue, store
from faza.events.batches import I64, EventBatch, WrongEvents
from faza.events.kinds import Device
from faza.events.models import SystemEvent
from faza.protocols.metered import Json

Mask = npt.NDArray[np.bool_]

CHUNK = {"postgresql": 20_000, "sqlite": 5_000}
"""Events a transaction."""
GREATEST = np.array(
    [2**63 - 1, 253_402_214_400, 2**63 - 1, 2**15 - 1, 2**31 - 1, 2**31 - 1], np.int64
)
"""Of each column of a key; no moment after the year 9999."""


@dataclass(frozen=True, slots=True, eq=False)
class Recorded:
    """What a delivery of events did: new (n,) says which rows of the batch were not there yet."""

    new: Mask

    @property
    def count(self) -> int:
        """How many were new."""
        return int(self.new.sum())


@dataclass(frozen=True, slots=True)
class DeviceEvent:
    """An event of a device that serves many points; `name` is its number or name."""

    device: Device
    name: str
    at: datetime
    journal: int
    code: int
    number: int = 0
    node: int | None = None
    details: Mapping[str, Json] = field(default_factory=dict)


def record(batch: EventBatch, *, source: int, at: datetime) -> Recorded:
    """Store events of usage points; those that are there already stay as they are.

    Collection does not call it but `collection.warnings.record`, which has the same arguments
    and result and tells people of what is new. An event is its device, second, journal, code and
    number: of equal ones in a batch the first is kept, so that a journal read twice, or rows that
    a meter repeats, count once. source: id of a `readings.Source`, 0 for Faza's own findings.
    at: when they were received. Several transactions unless it is called in one.

    Raises WrongEvents, naming the first row that cannot be kept; nothing is stored then.
    """
    keys = batch.keys()
    _check(keys)
    new = np.zeros(len(batch), bool)
    # Sorted by key: two sessions that store the same events wait for each other, once.
    _, first = np.unique(keys, axis=0, return_index=True)
    size = CHUNK[connection.vendor]
    for start in range(0, len(first), size):
        chosen = first[start : start + size]
        part = batch.take(chosen)
        with transaction.atomic():
            put = store.insert(part, _importance(part), source=source, at=at)
        new[chosen] = [tuple(key) in put for key in keys[chosen].tolist()]
    return Recorded(new)


@transaction.atomic
def record_devices(
    events: Sequence[DeviceEvent], *, source: int, at: datetime
) -> list[DeviceEvent]:
    """Store events of concentrators, modems and the system; those that were not there yet.

    An event is device, name, moment, journal, code and number; of equal ones the first is kept.
    """
    told: dict[tuple[str, str, datetime, int, int, int], DeviceEvent] = {}
    for one in events:
        told.setdefault(_key(one), one)
    if not told:
        return []
    there = SystemEvent.objects.filter(
        device_name__in={one.name for one in events}, at__in={one.at for one in events}
    ).values_list("device", "device_name", "at", "journal", "code", "number")
    for key in there:
        told.pop(key, None)
    SystemEvent.objects.bulk_create(
        [
            SystemEvent(
                device=one.device, device_name=one.name, node_id=one.node, at=one.at,
                journal=one.journal, code=one.code, number=one.number,
                importance=catalogue.find(one.journal, one.code).importance,
                details=dict(one.details), source=source, recorded_at=at,
            )
            for one in told.values()
        ],
        batch_size=1000,
        ignore_conflicts=True,
    )  # fmt: skip
    return list(told.values())


def _key(one: DeviceEvent) -> tuple[str, str, datetime, int, int, int]:
    return (str(one.device), one.name, one.at, one.journal, one.code, one.number)


def _importance(batch: EventBatch) -> I64:
    """(n,) what the catalogue says; each kind is looked up once."""
    pairs = np.column_stack([batch.journals, batch.codes])
    found, which = np.unique(pairs, axis=0, return_inverse=True)
    known = [int(catalogue.find(journal, code).importance) for journal, code in found.tolist()]
    return np.array(known, np.int64)[which.reshape(-1)]


def _check(keys: I64) -> None:
    wrong = np.flatnonzero(((keys < 0) | (keys > GREATEST)).any(axis=1))
    if len(wrong):
        point, moment, meter, journal, code, number = keys[wrong[0]].tolist()
        raise WrongEvents(
            f"row {wrong[0]}: point {point}, meter {meter}, second {moment}, journal {journal},"
            f" code {code}, number {number} cannot be kept"
        )
