"""The door for register readings. Everything may be repeated: doing it twice does it once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt
from django.db import connection, transaction

from faza.metering.models import Meter, MeteringComplex, UsagePoint
from faza.readings import marks, register_store, registers
from faza.readings.models import Source, UnassignedReading
from faza.readings.register_merging import Conflict, conflicts, merge
from faza.readings.register_store import StoredReadings
from faza.readings.registers import RegisterBatch
from faza.readings.store import find_sources

I64 = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

CHUNK = {"postgresql": 20_000, "sqlite": 5_000}
"""Readings a transaction."""
UNKNOWN, ELSEWHERE, AMBIGUOUS = "unknown meter", "not installed then", "several meters"
"""Why a reading waits unassigned."""
_TIME_BITS = 33
"""Unix seconds until the year 2242, below a meter's place in one sortable number."""


@dataclass(frozen=True, slots=True)
class RegistersRecorded:
    """What a delivery of readings did: changed + unchanged + superseded + unassigned are all.

    changed: new, or other than before; superseded: something of higher precedence stands, the
    refused is kept nowhere but in `conflicts` (what was stored and gave way is in the versions);
    unassigned: of a meter that was not installed there at that moment, now waiting.
    """

    changed: int = 0
    unchanged: int = 0
    superseded: int = 0
    unassigned: int = 0
    conflicts: tuple[Conflict, ...] = ()

    def __add__(self, other: RegistersRecorded) -> RegistersRecorded:
        return RegistersRecorded(
            self.changed + other.changed, self.unchanged + other.unchanged,
            self.superseded + other.superseded, self.unassigned + other.unassigned,
            self.conflicts + other.conflicts,
        )  # fmt: skip


def record_registers(
    batch: RegisterBatch, *, source: Source, sequence: int | npt.ArrayLike, at: datetime
) -> RegistersRecorded:
    """Store readings of meters; what of it was new, refused, unassigned or in conflict.

    sequence: place among the deliveries of the source (`rules.sequence`), one or (n,). Of two
    deliveries of one reading the greater (rank, sequence) stands; of equal rank each keeps the
    registers that the other one lacks. Readings of other kinds at the same moment stay beside
    each other, questions take the one of the highest rank. A moment at which a complex ends
    belongs to it too: that is its last reading. Several transactions where the batch is large.
    The days at changed readings are marked for validation.

    Raises WrongRegisters where one reading comes twice; nothing is stored then.
    """
    batch.check()
    sequences = np.broadcast_to(np.asarray(sequence, np.int64), (len(batch),))
    order = np.lexsort(batch.keys().T[::-1])
    done = RegistersRecorded()
    size = CHUNK[connection.vendor]
    for start in range(0, len(batch), size):
        part = order[start : start + size]
        with transaction.atomic():
            done += _record(batch.take(part), sequences[part], source, at)
    return done


def record_numbered(
    numbers: Sequence[str],
    codes: Sequence[str],
    batch: RegisterBatch,
    *,
    source: Source,
    sequence: int | npt.ArrayLike,
    at: datetime,
) -> RegistersRecorded:
    """Store readings that name meters by number and, where they do, points by code ("" if not).

    Fills in meters and usage points of `batch` (those it has are not looked at): the complex
    that the number has at that moment, at the point of that code. What finds none, or finds
    several, waits unassigned under its number and code.

    Raises WrongRegisters where one reading comes twice; nothing is stored then.
    """
    batch.check_shape()
    sequences = np.broadcast_to(np.asarray(sequence, np.int64), (len(batch),))
    found, reasons = resolve(numbers, codes, batch.moments.tolist())
    known = np.array([pair is not None for pair in found], bool)
    pairs = np.array([pair or (0, 0) for pair in found], np.int64).reshape(-1, 2)
    batch = replace(batch, usage_points=pairs[:, 0], meters=pairs[:, 1])
    batch.take(known).check()
    with transaction.atomic():
        waiting = np.flatnonzero(~known)
        names = [(numbers[row], codes[row], reasons[row]) for row in waiting.tolist()]
        _park(names, batch.take(waiting), sequences[waiting], source, at)
    done = RegistersRecorded(unassigned=len(waiting))
    if known.any():
        done += record_registers(batch.take(known), source=source, sequence=sequences[known], at=at)
    return done


@transaction.atomic
def assign(*, at: datetime, numbers: Collection[str] | None = None) -> int:
    """Take the waiting readings, of some meter numbers or all, that a complex covers by now.

    Returns how many were taken. Run it after a complex was installed or corrected. Locks what
    waits: a delivery that meets it meanwhile waits for us and is not deleted with it.
    """
    waiting = UnassignedReading.objects.select_for_update().order_by("id")
    if numbers is not None:
        waiting = waiting.filter(meter_number__in=numbers)
    rows = list(waiting)
    if not rows:
        return 0
    moments = [registers.seconds(row.at) for row in rows]
    found, _ = resolve(
        [row.meter_number for row in rows], [row.usage_point_code for row in rows], moments
    )
    sources = Source.objects.in_bulk({row.source for row in rows})
    taken = 0
    for source in sources.values():
        chosen = [
            (row, pair, moment)
            for row, pair, moment in zip(rows, found, moments, strict=True)
            if pair is not None and row.source == source.pk
        ]
        if not chosen:
            continue
        values, present = registers.unpack(
            [row.present for row, _, _ in chosen], [bytes(row.registers) for row, _, _ in chosen]
        )
        batch = RegisterBatch(
            np.array([pair[0] for _, pair, _ in chosen], np.int64),
            np.array([pair[1] for _, pair, _ in chosen], np.int64),
            np.array([moment for _, _, moment in chosen], np.int64),
            np.array([row.kind for row, _, _ in chosen], np.int16),
            values,
            present,
            np.array([row.quality for row, _, _ in chosen], np.uint8),
        )
        sequences = np.array([row.sequence for row, _, _ in chosen], np.int64)
        # One reading may wait under two codes; each is recorded on its own then.
        _, first = np.unique(batch.keys(), axis=0, return_index=True)
        rest = np.setdiff1d(np.arange(len(batch)), first)
        for part in (first, *rest[:, None]):
            record_registers(batch.take(part), source=source, sequence=sequences[part], at=at)
        UnassignedReading.objects.filter(pk__in=[row.pk for row, _, _ in chosen]).delete()
        taken += len(chosen)
    return taken


def _record(
    batch: RegisterBatch, sequences: I64, source: Source, at: datetime
) -> RegistersRecorded:
    """One transaction: readings in the order of their key."""
    installed = _installed(batch)
    done = RegistersRecorded(unassigned=int((~installed).sum()))
    _park(_names(batch.take(~installed)), batch.take(~installed), sequences[~installed], source, at)
    batch, sequences = batch.take(installed), sequences[installed]
    kinds = {number: kind for number, (kind, _) in find_sources().items()}
    while len(batch):
        new = StoredReadings(
            batch.usage_points, batch.meters, batch.moments, batch.kinds,
            np.full(len(batch), source.pk, np.int16), batch.quality, sequences,
            np.ones(len(batch), np.int64), np.where(batch.present, batch.values, 0), batch.present,
        )  # fmt: skip
        points, meters, moments = np.unique(batch.keys()[:, :3], axis=0).T
        stored = register_store.at_moments(points, meters, moments)
        merged, place, touched, lost = merge(new, stored, kinds)
        found = conflicts(new, stored, kinds)
        before = place[touched & (place >= 0)]
        register_store.keep(stored.keys()[before], stored.versions[before], at=at)
        written = np.ones(len(batch), bool)
        if touched.any():
            written[touched] = register_store.put(merged.take(touched), at=at)
        # Refused: somebody was faster; read and merge them again.
        changed = touched & ~lost & written
        marks.mark_moments(batch.usage_points[changed], batch.moments[changed], at=at)
        done += RegistersRecorded(
            changed=int(changed.sum()),
            unchanged=int((~touched & ~lost).sum()),
            superseded=int((lost & written).sum()),
            conflicts=found,
        )
        batch, sequences = batch.take(~written), sequences[~written]
    return replace(done, conflicts=tuple(dict.fromkeys(done.conflicts)))


def _installed(batch: RegisterBatch) -> Mask:
    """(n,) whether the meter stood at the point at the moment, its last moment included."""
    if not len(batch):
        return np.zeros(0, bool)
    points = np.unique(batch.usage_points)
    low, high = int(points[0]), int(points[-1])
    complexes = MeteringComplex.objects.filter(usage_point__gte=low, usage_point__lte=high)
    if high - low > 4 * len(points):
        complexes = MeteringComplex.objects.filter(usage_point__in=points.tolist())
    rows = complexes.values_list("usage_point_id", "meter_id", "valid_from", "valid_to")
    spans = [(p, m, _clip(start), _clip(end)) for p, m, start, end in rows]
    if not spans:
        return np.zeros(len(batch), bool)
    stood = np.array(spans, np.int64)
    pairs = np.concatenate([stood[:, :2], np.column_stack([batch.usage_points, batch.meters])])
    _, ids = np.unique(pairs, axis=0, return_inverse=True)
    ids = ids.reshape(-1) << _TIME_BITS
    stood = stood[np.argsort(ids[: len(stood)] + stood[:, 2])]
    starts = np.sort(ids[: len(spans)] + np.array(spans, np.int64)[:, 2])
    wanted = ids[len(spans) :] + batch.moments.clip(0, 2**_TIME_BITS - 1)
    last = np.searchsorted(starts, wanted, side="right") - 1
    same = (last >= 0) & (starts[last] >> _TIME_BITS == wanted >> _TIME_BITS)
    return same & (batch.moments <= stood[last, 3])


def _clip(moment: datetime | None) -> int:
    top = 2**_TIME_BITS - 1
    return top if moment is None else min(max(int(moment.timestamp()), 0), top)


def resolve(
    numbers: Sequence[str], codes: Sequence[str], moments: Sequence[int]
) -> tuple[list[tuple[int, int] | None], list[str]]:
    """(usage point, meter) of each reading that names them, or None, and then why. Two queries."""
    rows = MeteringComplex.objects.filter(meter__number__in=set(numbers)).values_list(
        "meter__number", "usage_point__code", "usage_point_id", "meter_id", "valid_from", "valid_to"
    )
    by_number: dict[str, list[tuple[str, int, int, int, int]]] = {}
    for number, code, point, meter, start, end in rows:
        by_number.setdefault(number, []).append((code, point, meter, _clip(start), _clip(end)))
    known = set(Meter.objects.filter(number__in=set(numbers)).values_list("number", flat=True))
    found: list[tuple[int, int] | None] = []
    reasons = []
    for number, code, moment in zip(numbers, codes, moments, strict=True):
        stood = [
            (start == moment, point, meter)
            for at_code, point, meter, start, end in by_number.get(number, ())
            if start <= moment <= end and code in ("", at_code)
        ]
        # A meter that moved at that very moment: the reading is the first one at its new place.
        began = [s for s in stood if s[0]] or stood
        pairs = {(point, meter) for _, point, meter in began}
        found.append(pairs.pop() if len(pairs) == 1 else None)
        reasons.append(AMBIGUOUS if pairs else ELSEWHERE if number in known else UNKNOWN)
    return found, reasons


def _names(batch: RegisterBatch) -> list[tuple[str, str, str]]:
    """Meter number, point code and reason of readings that name them by id."""
    if not len(batch):
        return []
    meters = Meter.objects.in_bulk(np.unique(batch.meters).tolist())
    points = UsagePoint.objects.in_bulk(np.unique(batch.usage_points).tolist())
    return [
        (
            meters[meter].number if meter in meters else f"#{meter}",
            points[point].code if point in points else f"#{point}",
            ELSEWHERE if meter in meters else UNKNOWN,
        )
        for meter, point in zip(batch.meters.tolist(), batch.usage_points.tolist(), strict=True)
    ]


def _park(
    names: Sequence[tuple[str, str, str]], batch: RegisterBatch, sequences: I64,
    source: Source, at: datetime,
) -> None:  # fmt: skip
    """Let readings wait; of two with one name, moment and kind the later delivery stays."""
    if not len(batch):
        return
    masks, blobs = registers.pack(batch.values, batch.present)
    rows = {}
    for row in np.argsort(sequences, kind="stable").tolist():
        number, code, reason = names[row]
        moment = datetime.fromtimestamp(int(batch.moments[row]), UTC)
        rows[number, code, moment, int(batch.kinds[row])] = UnassignedReading(
            meter_number=number, usage_point_code=code, at=moment, kind=int(batch.kinds[row]),
            source=source.pk, sequence=int(sequences[row]), present=int(masks[row]),
            registers=blobs[row], quality=int(batch.quality[row]), reason=reason, recorded_at=at,
        )  # fmt: skip
    waiting = UnassignedReading.objects.filter(
        meter_number__in={key[0] for key in rows}, at__in={key[2] for key in rows}
    ).values_list("meter_number", "usage_point_code", "at", "kind", "sequence")
    for number, code, moment, kind, sequence in waiting:
        key = (number, code, moment, kind)
        if key in rows and rows[key].sequence <= sequence:
            del rows[key]
    UnassignedReading.objects.bulk_create(
        rows.values(),
        batch_size=1000,
        update_conflicts=True,
        unique_fields=["meter_number", "usage_point_code", "at", "kind"],
        update_fields=["source", "sequence", "present", "registers", "quality", "reason",
                       "recorded_at"],
    )  # fmt: skip
