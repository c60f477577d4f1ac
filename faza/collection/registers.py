"""Register readings out of tables."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from faza.collection.deliveries import Complain, Late
from faza.collection.points import Owner, Place, PointBook
from faza.collection.rules import MOSCOW
from faza.core.periods import ALWAYS, FOREVER, Period
from faza.core.reading_types import BY_CODE
from faza.metering.models import MeteringComplex
from faza.metering.queries import ratios_of
from faza.protocols import Problems
from faza.protocols.tabular import REGISTERS, TARIFFS, Options, ReadingKind, Registers
from faza.protocols.tabular.sheets import Row, open_sheets
from faza.protocols.tabular.words import Role, heading, register_of
from faza.readings import services as readings
from faza.readings.models import RegisterReading, Source
from faza.readings.register_services import (
    RegistersRecorded,
    record_numbered,
    record_registers,
    resolve,
)
from faza.readings.registers import SIZE, RegisterBatch, meaning

I64 = npt.NDArray[np.int64]
SLACK = timedelta(minutes=30)
"""As long as the usual interval: a clock that is faster is told of."""
_TARIFF = re.compile(r"\b[TТ] ?\d\b", re.IGNORECASE)
"""T0 to T8, in Latin or Cyrillic."""


def is_of_registers(data: bytes, *, limit: int) -> bool:
    """Whether a table has register readings: a meter, a kind or tariffs beside its registers.

    "A+" alone may be either; a column of it is taken for intervals. Raises Malformed if
    it is no table.
    """
    sheets = open_sheets(data, options=Options(), limit=limit, problems=Problems(""), notes=[])
    return any(_is_header(row) for sheet in sheets for _, row in sheet.head)


def _is_header(row: Row) -> bool:
    cells = [cell for cell in row if cell.strip() and len(cell) < 200]
    roles = {heading(cell).role for cell in cells}
    registers = [cell for cell in cells if heading(cell).role is None and register_of(cell)]
    dated = roles & {Role.MOMENT, Role.DATE, Role.START, Role.END}
    if not (dated and roles & {Role.POINT, Role.METER} and registers):
        return False
    return bool(roles & {Role.METER, Role.KIND}) or any(map(_TARIFF.search, registers))


KINDS = {
    ReadingKind.START_OF_DAY: RegisterReading.Kind.DAY,
    ReadingKind.START_OF_MONTH: RegisterReading.Kind.MONTH,
    ReadingKind.ON_DEMAND: RegisterReading.Kind.ON_DEMAND,
    ReadingKind.MANUAL: RegisterReading.Kind.MANUAL,
    ReadingKind.CLOSING: RegisterReading.Kind.CLOSING,
    ReadingKind.OPENING: RegisterReading.Kind.OPENING,
}


COLUMNS = [
    TARIFFS * REGISTERS.index(BY_CODE[code].channel) + tariff
    for code, tariff in map(meaning, range(SIZE))
]
"""Where each register of a reading stands in a table's."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A meter that stood at a point from `start` to `end`, unix seconds, both included."""

    meter: int
    start: int
    end: int


def store(
    found: Registers,
    *,
    sequence: int | I64,
    book: PointBook,
    at: datetime,
    complain: Complain,
    zone: str = MOSCOW,
    source: tuple[str, str] = ("table", ""),
) -> tuple[RegistersRecorded, set[int]]:
    """Record register readings of a table; what became of them, and of which usage points.

    sequence: one for all or (n,). source: kind and sender of what nobody typed.

    A row names a meter by its number, or only a point: then the billing meter that stood there
    is meant. A meter that stood nowhere lets its reading wait (`readings.register_services`).
    Typed readings are recorded as such: a meter's own beat them.
    """
    places = book.find(Owner(), {code for code in found.points if code})
    batch, lines = _batch(found), found.lines or (0,) * len(found)
    named = np.array([bool(number) for number in found.meters], bool)
    points, meters = _standing(found, named, places, lines, complain, zone)
    batch = replace(batch, usage_points=points, meters=meters)
    typed = batch.kinds == RegisterReading.Kind.MANUAL
    kept = _kept(found, named, batch, lines, complain)
    done = RegistersRecorded()
    sequences = np.broadcast_to(np.int64(sequence), len(found))
    for (kind, sender), mine in ((source, kept & ~typed), (("manual", ""), kept & typed)):
        if not mine.any():
            continue
        of = readings.get_source(kind, sender=sender)
        record = partial(_record, found, source=of, sequences=sequences, at=at)
        for rows, is_named in ((mine & named, True), (mine & ~named & (points > 0), False)):
            if rows.any():
                done += record(batch, np.flatnonzero(rows), is_named=is_named)
    return done, {place.id for place in places.values()} | _points_of(found, named)


def late(found: Registers, at: datetime) -> Late:
    """Readings of a moment that is still to come; meters' clocks may be fast by SLACK."""
    told = Late(at)
    moments = found.moments.astype("datetime64[s]").astype(np.int64)
    after = moments[moments > int((at + SLACK).timestamp())]
    if len(after):
        told.count = len(after)
        told.first = datetime.fromtimestamp(int(after.min()), UTC)
    return told


def _kept(
    found: Registers,
    named: npt.NDArray[np.bool_],
    batch: RegisterBatch,
    lines: Sequence[int],
    complain: Complain,
) -> npt.NDArray[np.bool_]:
    """(n,) which rows to record: of those that name one reading in two ways the last one."""
    rows = np.flatnonzero(named).tolist()
    pairs, _ = resolve(
        [found.meters[row] for row in rows], [found.points[row] for row in rows],
        batch.moments[rows].tolist(),
    )  # fmt: skip
    keys = batch.keys()
    keys[rows, :2] = np.array([pair or (0, 0) for pair in pairs], np.int64).reshape(-1, 2)
    kept = np.ones(len(found), bool)
    known = np.flatnonzero(keys[:, 0] > 0)[::-1]
    _, last = np.unique(keys[known], axis=0, return_index=True)
    for row in np.setdiff1d(known, known[last]).tolist():
        kept[row] = False
        complain(
            lines[row] or None,
            "A later line has the same reading under another name; it stands.",
            "reading-repeated",
        )
    return kept


def _record(
    found: Registers, batch: RegisterBatch, rows: I64, *, is_named: bool, source: Source,
    sequences: I64, at: datetime,
) -> RegistersRecorded:  # fmt: skip
    sequence = sequences[rows]
    if not is_named:
        return record_registers(batch.take(rows), source=source, sequence=sequence, at=at)
    return record_numbered(
        [found.meters[row] for row in rows], [found.points[row] for row in rows],
        batch.take(rows), source=source, sequence=sequence, at=at,
    )  # fmt: skip


def _batch(found: Registers) -> RegisterBatch:
    """The table's rows without their points and meters."""
    n = len(found)
    return RegisterBatch(
        usage_points=np.zeros(n, np.int64),
        meters=np.zeros(n, np.int64),
        moments=found.moments.astype("datetime64[s]").astype(np.int64),
        kinds=np.array([KINDS[kind] for kind in found.kinds], np.int16),
        values=np.where(found.present, found.values, 0).reshape(n, -1)[:, COLUMNS],
        present=found.present.reshape(n, -1)[:, COLUMNS],
        quality=np.zeros(n, np.uint8),
    )


def _standing(
    found: Registers,
    named: npt.NDArray[np.bool_],
    places: Mapping[str, Place],
    lines: Sequence[int],
    complain: Complain,
    zone: str,
) -> tuple[I64, I64]:
    """Point and meter of the rows that name only a point; 0 where there is none."""
    points, meters = np.zeros(len(found), np.int64), np.zeros(len(found), np.int64)
    rows = np.flatnonzero(~named).tolist()
    if not rows:
        return points, meters
    installed = ratios_of({place.id for place in places.values()}, Period(ALWAYS, FOREVER))
    stood = {
        point: [
            Standing(one.meter, int(one.period.start.timestamp()), int(one.period.end.timestamp()))
            for one in complexes
        ]
        for point, complexes in installed.items()
    }
    moments = found.moments.astype("datetime64[s]").astype(np.int64).tolist()
    unknown: set[str] = set()
    for row in rows:
        code, line = found.points[row], lines[row] or None
        if code not in places:
            if code not in unknown:
                complain(line, f"Usage point {code} is unknown.", "point-unknown")
            unknown.add(code)
            continue
        here = [s for s in stood.get(places[code].id, ()) if s.start <= moments[row] <= s.end]
        if not here:
            when = datetime.fromtimestamp(moments[row], ZoneInfo(zone))
            complain(line, f"No meter stood at {code} at {when}.", "meter-none")
            continue
        # At the moment of a replacement the closing reading is the old meter's.
        last = found.kinds[row] != ReadingKind.CLOSING
        points[row], meters[row] = places[code].id, here[-1 if last else 0].meter
    return points, meters


def _points_of(found: Registers, named: npt.NDArray[np.bool_]) -> set[int]:
    """Points of the meters that rows name by number alone."""
    numbers = {found.meters[row] for row in np.flatnonzero(named) if not found.points[row]}
    rows = MeteringComplex.objects.filter(meter__number__in=numbers)
    return set(rows.values_list("usage_point_id", flat=True)) if numbers else set()
