"""Rows of a profile into NumPy columns.

    columns = profile.columns(got.result)     # attribute 2 of a profile, as bytes
    columns.width, columns.count
    columns[1].values, columns[1].present     # (n,) int64, (n,) bool

A row keeps its width: a null is a value that is not present, never a column that is missing. What
a null means (as before, or none) is decided above, for no rule says it for all meters. Rows are
not ordered, not made unique and not scaled here.

Source: Blue Book 12, 4.3.6.2.2 (buffer); Green Book 8, 9.5 (Data, compact-array);
IEC 62056-62, 5.7; ГОСТ Р 58940.

Rows of one layout, which meters nearly always send, are read as a table: every tag is checked
against the first row at once, and the numbers are taken out by NumPy. Others go one by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from faza.protocols.dlms import axdr
from faza.protocols.dlms.axdr import (
    FLOATS,
    INTEGERS,
    NULLS,
    SIZES,
    STAMPS,
    STRINGS,
    Data,
    Tag,
    Type,
)
from faza.protocols.dlms.problems import Malformed, TooLarge
from faza.protocols.dlms.reading import Reader

U8 = npt.NDArray[np.uint8]
Bools = npt.NDArray[np.bool_]
Values: TypeAlias = npt.NDArray[np.int64] | npt.NDArray[np.float64] | U8 | npt.NDArray[np.object_]
MOST_ROWS = 1 << 17
"""Rows in one answer: 123 days of 3 minutes twice."""
MOST_COLUMNS = 256
STAMP = 12
KINDS: dict[int, np.dtype[Any]] = {
    **{tag: np.dtype(f">{'ui'[signed]}{size}") for tag, (size, signed) in INTEGERS.items()},
    **{tag: np.dtype(form) for tag, form in FLOATS.items()},
    Tag.BOOLEAN: np.dtype(np.uint8),
}
"""What types are to NumPy."""
_INT64_MOST = (1 << 63) - 1


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One column. `tag` is the type of its values, NULL if there are none, None if they differ.

    values: by type, undefined where not `present`:
    integers, enums and booleans (n,) int64; floats (n,) float64;
    octet strings and date-times, all of 12 bytes (n, 12) uint8: see `moments`;
    everything else, and what does not fit, (n,) object with Data.
    """

    tag: Tag | None
    values: Values
    present: Bools


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """The rows of a profile by column; width 0 if there are no rows."""

    count: int
    columns: tuple[Column, ...]

    @property
    def width(self) -> int:
        return len(self.columns)

    def __getitem__(self, index: int) -> Column:
        return self.columns[index]


def columns(data: bytes) -> Columns:
    """The columns of an array, or compact array, of structures.

    Raises Malformed if the bytes are not that, or a row has another width than the first.
    """
    if data[:1] == bytes((Tag.COMPACT_ARRAY,)):
        return _compact(data)
    if data[:1] != bytes((Tag.ARRAY,)):
        raise Malformed(f"A profile begins with {data[:1].hex()!r}.", code="profile")
    reader = Reader(data, 1)
    count = reader.count()
    _bounded(count)
    if not count:
        reader.done()
        return Columns(0, ())
    layout = _layout(data, reader.at)
    if layout is not None and layout.size * count == reader.left():
        found = _table(data, reader.at, count, layout)
        if found is not None:
            return found
    rows = _rows(reader, count)
    reader.done()
    return _from_rows(rows)


# One layout for all rows


Cell: TypeAlias = tuple[Tag, int, int]
"""Where a column's value stands in a row: its type, from where, how many bytes."""


class Layout(NamedTuple):
    """A row's bytes: the cells, and the places that are the same in all rows."""

    size: int
    cells: list[Cell]
    fixed: list[int]


def _layout(data: bytes, start: int) -> Layout | None:
    """The layout of the structure there; None if it has parts of no fixed place."""
    if data[start] != Tag.STRUCTURE or start + 2 > len(data) or data[start + 1] >= 0x80:
        return None
    at, fixed = start + 2, [0, 1]
    cells: list[Cell] = []
    for _ in range(data[start + 1]):
        if at >= len(data):
            return None
        tag = axdr.TAGS.get(data[at])
        fixed.append(at - start)
        at += 1
        size = SIZES.get(tag) if tag is not None else None
        if size is None:
            if tag not in STRINGS or at >= len(data) or data[at] >= 0x80:
                return None
            size = data[at]
            fixed.append(at - start)
            at += 1
        assert tag is not None  # it has a size
        cells.append((tag, at - start, size))
        at += size
    return Layout(at - start, cells, fixed)


class Table(NamedTuple):
    """Rows of `size` bytes in `data`."""

    data: bytes
    start: int
    rows: int
    size: int

    def numbers(self, at: int, kind: np.dtype[Any]) -> npt.NDArray[Any]:
        """(n,) The numbers that stand in each row there."""
        return np.ndarray(self.rows, kind, self.data, self.start + at, self.size)

    def octets(self, at: int, size: int) -> U8:
        """(n, size) The bytes that stand in each row there."""
        shape, steps = (self.rows, size), (self.size, 1)
        return np.ndarray(shape, np.uint8, self.data, self.start + at, steps)


def _table(data: bytes, start: int, count: int, layout: Layout) -> Columns | None:
    """The columns of so many rows from `start` to the end; None if not all have the layout."""
    for at in layout.fixed:
        places = data[start + at :: layout.size]
        if places != places[:1] * count:
            return None
    table = Table(data, start, count, layout.size)
    present = np.frombuffer(b"\x01" * count, np.bool_)
    return Columns(count, tuple([_column(table, cell, present) for cell in layout.cells]))


def _column(table: Table, cell: Cell, present: Bools) -> Column:
    """A column of a table, all of one type; `present` is that of a column without nulls."""
    tag, at, size = cell
    kind = KINDS.get(tag)
    if kind is not None:
        found = table.numbers(at, kind)
        if tag is Tag.LONG64_UNSIGNED and (found > _INT64_MOST).any():
            return _objects([Data(tag, int(value)) for value in found])
        if tag is Tag.BOOLEAN:
            found = found != 0
        if tag in FLOATS:
            return Column(tag, found.astype(np.float64), present)
        return Column(tag, found.astype(np.int64), present)
    if size == STAMP and (tag in STRINGS or tag in STAMPS):
        return Column(tag, table.octets(at, size), present)
    if size == 0 and tag in NULLS:
        return Column(Tag.NULL, np.zeros(table.rows, np.int64), ~present)
    return _objects([Data(tag, bytes(row)) for row in table.octets(at, size)])


# Rows one by one


def _rows(reader: Reader, count: int) -> list[tuple[Data, ...]]:
    """Each row as values. Raises TooLarge beyond MOST_VALUES of them together."""
    width = -1
    rows = []
    room = [axdr.MOST_VALUES]
    for number in range(count):
        if reader.u8() != Tag.STRUCTURE:
            raise Malformed(f"Row {number} is no structure.", code="profile")
        size = reader.length()
        if width < 0:
            width = size
        if size != width or width > MOST_COLUMNS:
            raise Malformed(f"Row {number} has {size} columns instead of {width}.", code="width")
        room[0] -= size
        if room[0] < 0:
            raise TooLarge(f"More than {axdr.MOST_VALUES} values in a profile.")
        rows.append(tuple([_value(reader, room) for _ in range(size)]))
    return rows


def _value(reader: Reader, room: list[int]) -> Data:
    """The value at the cursor; integers and nulls, which are nearly all, without a detour."""
    data, at = reader.data, reader.at
    if at >= reader.end:
        raise reader.short(1)
    integer = INTEGERS.get(data[at])
    if integer is None or at + 1 + integer[0] > reader.end:
        return axdr.read(reader, room)
    end = reader.at = at + 1 + integer[0]
    return Data(axdr.TAGS[data[at]], int.from_bytes(data[at + 1 : end], "big", signed=integer[1]))


def _from_rows(rows: Sequence[tuple[Data, ...]]) -> Columns:
    return Columns(len(rows), tuple([_mixed(cells) for cells in zip(*rows, strict=True)]))


def _mixed(cells: tuple[Data, ...]) -> Column:
    """A column of values, some of which may be null."""
    present = np.array([cell.tag not in NULLS for cell in cells], np.bool_)
    tags = {cell.tag for cell in cells} - NULLS
    if not tags:
        return Column(Tag.NULL, np.zeros(len(cells), np.int64), present)
    tag = tags.pop() if len(tags) == 1 else None
    kinds = {tag} if tag is not None else {cell.tag for cell in cells} - NULLS
    values = [cell.value for cell in cells]
    if all(kind in INTEGERS or kind is Tag.BOOLEAN for kind in kinds):
        numbers = [value if isinstance(value, int) else 0 for value in values]
        if max(numbers) <= _INT64_MOST:
            return Column(tag, np.array(numbers, np.int64), present)
    elif all(kind in FLOATS for kind in kinds):
        floats = [value if isinstance(value, float) else 0.0 for value in values]
        return Column(tag, np.array(floats, np.float64), present)
    elif all(kind in STRINGS or kind in STAMPS for kind in kinds):
        stamps = [value if isinstance(value, bytes) else bytes(STAMP) for value in values]
        if all(len(stamp) == STAMP for stamp in stamps):
            table = np.frombuffer(b"".join(stamps), np.uint8).reshape(len(stamps), STAMP)
            return Column(tag, table, present)
    return _objects(cells, tag, present)


def _objects(cells: Sequence[Data], tag: Tag | None = None, present: Bools | None = None) -> Column:
    values = np.empty(len(cells), np.object_)
    for n, cell in enumerate(cells):
        values[n] = cell
    if present is None:
        tag, present = cells[0].tag, np.ones(len(cells), np.bool_)
    return Column(tag, values, present)


# Compact arrays


def _compact(data: bytes) -> Columns:
    reader = Reader(data, 1)
    kind = axdr.described(reader)
    if kind.tag is not Tag.STRUCTURE or len(kind.of) > MOST_COLUMNS:
        raise Malformed(f"A compact profile of {kind.tag.name}.", code="profile")
    contents = reader.octets()
    reader.done()
    layout = _flat(kind, contents)
    if layout is not None and contents and not len(contents) % layout.size:
        count = len(contents) // layout.size
        _bounded(count)
        found = _table(contents, 0, count, layout)
        if found is not None:
            return found
    rows = [axdr.parts(row) for row in axdr.parts(axdr.decode(data))]
    _bounded(len(rows))
    return _from_rows(rows)


def _flat(kind: Type, contents: bytes) -> Layout | None:
    """The layout of a described row: no tags, but strings have their lengths."""
    at, fixed = 0, []
    cells: list[Cell] = []
    for part in kind.of:
        size = SIZES.get(part.tag)
        if size is None:
            if part.tag not in STRINGS or at >= len(contents) or contents[at] >= 0x80:
                return None
            size = contents[at]
            fixed.append(at)
            at += 1
        cells.append((part.tag, at, size))
        at += size
    return Layout(at, cells, fixed) if at else None


def _bounded(count: int) -> None:
    if count > MOST_ROWS:
        raise TooLarge(f"{count} rows; at most {MOST_ROWS} are taken at once.")
