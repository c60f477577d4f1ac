"""Profiles, class 7: what each captures, and its rows by range, by number or all.

Source: Blue Book 12, 4.3.6; ГОСТ Р 58940 (profiles and their scaler profiles). A range is of
stamps, both ends included, compared in the meter's civil time; a row is stamped at the end of
its interval.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, TypeAlias

from faza.protocols.dlms import axdr
from faza.protocols.dlms.axdr import Data, Tag
from faza.protocols.dlms.clock import DOUBTFUL
from faza.protocols.dlms.names import DataAccessResult
from faza.protocols.dlms.problems import Malformed
from faza.protocols.dlms.references import (
    BY_ENTRY,
    BY_RANGE,
    CaptureObject,
    Entries,
    Range,
    Selection,
)
from faza.protocols.metered import U8, Mask, Stamps
from faza.simulator.dlms import tables
from faza.simulator.dlms import values as v
from faza.simulator.dlms.cosem import Denied, Inside, Reader, Rows, Thing, constant
from faza.simulator.dlms.tables import Cells

FIFO = 1


class Wanted(NamedTuple):
    """Which rows: by stamps (UTC by the meter's clock) or by places; None: no bound."""

    first: datetime | None = None
    last: datetime | None = None
    places: slice | None = None


Fetch: TypeAlias = Callable[[Inside, datetime, Wanted], tuple[Sequence[Cells], int]]
"""Cells of all columns, and how many rows."""
Counted: TypeAlias = Callable[[Inside, datetime], int]


@dataclass(frozen=True, slots=True)
class Buffer:
    """A profile. period: seconds, 0 if it captures by event; entries: held now; most: at most."""

    name: bytes
    columns: tuple[CaptureObject, ...]
    fetch: Fetch
    period: int
    entries: Counted
    most: Counted
    more: dict[int, Reader] = field(default_factory=dict)


def profile(buffer: Buffer, *, is_public: bool = False) -> Thing:
    """The object of a profile."""
    columns = axdr.array(*[column.data() for column in buffer.columns])
    stamped = v.STAMP in buffer.columns
    no_sort = CaptureObject(0, bytes(6), 0)
    return Thing(
        v.PROFILE,
        buffer.name,
        {
            3: constant(columns),
            4: constant(v.u32(buffer.period)),
            5: constant(Data(Tag.ENUM, FIFO)),
            6: constant((v.STAMP if stamped else no_sort).data()),
            7: lambda inside, at: v.u32(buffer.entries(inside, at)),
            8: lambda inside, at: v.u32(buffer.most(inside, at)),
        },
        rows=_rows(buffer),
        version=1,
        is_public=is_public,
    )


def one_row(
    name: bytes,
    columns: tuple[CaptureObject, ...],
    row: Callable[[Inside, datetime], Sequence[Data]],
    *,
    is_public: bool = False,
) -> Thing:
    """A profile of one row that is made when it is read."""

    def fetch(inside: Inside, at: datetime, wanted: Wanted) -> tuple[Sequence[Cells], int]:
        return [tables.constants([value]) for value in row(inside, at)], 1

    return profile(Buffer(name, columns, fetch, 0, lambda *_: 1, lambda *_: 1), is_public=is_public)


def status_of(doubtful: Mask) -> U8:
    """(n,) the clock's status in stamps of rows."""
    found: U8 = (doubtful * DOUBTFUL).astype("u1")
    return found


def stamp_cells(inside: Inside, moments: Stamps, status: U8 | int = 0) -> Cells:
    style = inside.style
    return tables.stamps(
        moments,
        inside.meter.spec.offset,
        status,
        deviation=style.tells_deviation,
        hundredths=style.hundredths,
    )


def _rows(buffer: Buffer) -> Rows:
    def read(inside: Inside, at: datetime, selection: Selection | None) -> bytes:
        wanted, places = _wanted(buffer, inside, selection)
        cells, count = buffer.fetch(inside, at, wanted)
        return tables.array([cells[place] for place in places], count)

    return read


def _wanted(
    buffer: Buffer, inside: Inside, selection: Selection | None
) -> tuple[Wanted, Sequence[int]]:
    """The rows, and the places of the columns."""
    every = range(len(buffer.columns))
    if selection is None:
        return Wanted(), every
    if isinstance(selection, Range):
        return _ranged(buffer, inside, selection), _named(buffer, selection.columns)
    if isinstance(selection, Entries):
        last = selection.last_column or len(every)
        return _counted(selection.first, selection.last), every[selection.first_column - 1 : last]
    if selection.number == BY_RANGE:
        by, first, end, columns = axdr.parts(selection.data, 4)
        named = tuple([CaptureObject.of(column) for column in axdr.parts(columns)])
        ranged = Range(first, end, CaptureObject.of(by), named)
        return _ranged(buffer, inside, ranged), _named(buffer, named)
    if selection.number == BY_ENTRY:
        numbers = [axdr.whole(part) for part in axdr.parts(selection.data, 4)]
        return _counted(*numbers[:2]), every[numbers[2] - 1 : numbers[3] or len(every)]
    raise Denied(DataAccessResult.SCOPE_OF_ACCESS_VIOLATED)


def _ranged(buffer: Buffer, inside: Inside, selection: Range) -> Wanted:
    by = selection.by
    is_clock = (by.class_id, by.name, by.attribute) == (v.CLOCK, v.CLOCK_NAME, 2)
    if not inside.style.takes_ranges or not is_clock or v.STAMP not in buffer.columns:
        raise Denied(DataAccessResult.SCOPE_OF_ACCESS_VIOLATED)
    return Wanted(_bound(inside, selection.first), _bound(inside, selection.last))


def _bound(inside: Inside, data: Data) -> datetime | None:
    if data.tag is Tag.NULL:
        return None
    return v.moment_of(v.stamp_in(data), inside.meter.spec.offset)


def _counted(first: int, last: int) -> Wanted:
    if first < 1:
        raise Malformed(f"Entry {first}.", code="entry")
    return Wanted(places=slice(first - 1, last or None))


def _named(buffer: Buffer, wanted: tuple[CaptureObject, ...]) -> Sequence[int]:
    """Places of the wanted columns; all, if none is named."""
    if not wanted:
        return range(len(buffer.columns))
    have = [(column.class_id, column.name, column.attribute) for column in buffer.columns]
    try:
        return [have.index((column.class_id, column.name, column.attribute)) for column in wanted]
    except ValueError:
        raise Denied(DataAccessResult.SCOPE_OF_ACCESS_VIOLATED) from None
