"""What a request is about: attributes, methods, and the part of an attribute that is wanted.

Source: Green Book 8, 9.5 (Cosem-Attribute-Descriptor, Selective-Access-Descriptor);
Blue Book 12, 4.3.6.2 (selective access to profiles); IEC 62056-62, 5.7.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from faza.protocols.dlms import axdr
from faza.protocols.dlms.axdr import Data, Tag
from faza.protocols.dlms.problems import Malformed
from faza.protocols.dlms.reading import Reader, length

_OBIS = re.compile(r"(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})")
BY_RANGE, BY_ENTRY = 1, 2


def obis(text: str) -> bytes:
    """A logical name from its six numbers: "1.0.99.1.0.255". Raises ValueError if it is none."""
    match = _OBIS.fullmatch(text)
    if match is None or any(int(part) > 255 for part in match.groups()):
        raise ValueError(f"{text!r} is no logical name.")
    return bytes(int(part) for part in match.groups())


def dotted(name: bytes) -> str:
    """A logical name as its six numbers."""
    return ".".join(map(str, name))


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute of an object; `name` is its logical name, 6 bytes."""

    class_id: int
    name: bytes
    index: int

    def encode(self) -> bytes:
        return _reference(self.class_id, self.name, self.index)

    @classmethod
    def read(cls, reader: Reader) -> Attribute:
        return cls(reader.u16(), reader.take(6), _signed(reader.u8()))

    def __str__(self) -> str:
        return f"{self.class_id}/{dotted(self.name)}/{self.index}"


@dataclass(frozen=True, slots=True)
class Method:
    """A method of an object."""

    class_id: int
    name: bytes
    index: int

    def encode(self) -> bytes:
        return _reference(self.class_id, self.name, self.index)

    @classmethod
    def read(cls, reader: Reader) -> Method:
        return cls(reader.u16(), reader.take(6), _signed(reader.u8()))


@dataclass(frozen=True, slots=True)
class CaptureObject:
    """A column of a profile: an attribute, and the element of it (0: the whole)."""

    class_id: int
    name: bytes
    attribute: int
    element: int = 0

    def data(self) -> Data:
        return axdr.structure(
            Data(Tag.LONG_UNSIGNED, self.class_id),
            axdr.octet_string(self.name),
            Data(Tag.INTEGER, self.attribute),
            Data(Tag.LONG_UNSIGNED, self.element),
        )

    @classmethod
    def of(cls, data: Data) -> CaptureObject:
        """From attribute 3 of a profile, element by element. Raises Malformed if it is none."""
        kind, name, attribute, element = axdr.parts(data, 4)
        if len(axdr.raw(name)) != 6:
            raise Malformed(f"{len(axdr.raw(name))} bytes instead of a name.", code="type")
        return cls(axdr.whole(kind), axdr.raw(name), axdr.whole(attribute), axdr.whole(element))


@lru_cache(maxsize=64)
def _encoded(column: CaptureObject) -> bytes:
    return axdr.encode(column.data())


CLOCK = CaptureObject(8, bytes((0, 0, 1, 0, 0, 255)), 2)


@dataclass(frozen=True, slots=True)
class Range:
    """Rows of a profile from one value of a column to another, both ends included.

    The ends are as the meter compares them: local time, with or without deviation.
    No `columns` means all of them.
    """

    first: Data
    last: Data
    by: CaptureObject = CLOCK
    columns: tuple[CaptureObject, ...] = ()

    def encode(self) -> bytes:
        ends = axdr.encode(self.first) + axdr.encode(self.last)
        columns = [_encoded(column) for column in self.columns]
        wanted = bytes((Tag.ARRAY,)) + length(len(columns)) + b"".join(columns)
        return bytes((BY_RANGE, Tag.STRUCTURE, 4)) + _encoded(self.by) + ends + wanted


@dataclass(frozen=True, slots=True)
class Entries:
    """Rows of a profile by their numbers from 1, both ends included; 0 is the greatest there is."""

    first: int
    last: int = 0
    first_column: int = 1
    last_column: int = 0

    def encode(self) -> bytes:
        found = axdr.structure(
            Data(Tag.DOUBLE_LONG_UNSIGNED, self.first),
            Data(Tag.DOUBLE_LONG_UNSIGNED, self.last),
            Data(Tag.LONG_UNSIGNED, self.first_column),
            Data(Tag.LONG_UNSIGNED, self.last_column),
        )
        return bytes((BY_ENTRY,)) + axdr.encode(found)


@dataclass(frozen=True, slots=True)
class Selector:
    """Any other selection, by its number and data."""

    number: int
    data: Data

    def encode(self) -> bytes:
        return bytes((self.number,)) + axdr.encode(self.data)


Selection: TypeAlias = Range | Entries | Selector


def encode_selection(selection: Selection | None) -> bytes:
    """An OPTIONAL selective access descriptor."""
    return b"\x00" if selection is None else b"\x01" + selection.encode()


def read_selection(reader: Reader) -> Selection | None:
    """The OPTIONAL selective access descriptor at the cursor."""
    if not reader.flag():
        return None
    number, data = reader.u8(), axdr.read(reader)
    plain = Selector(number, data)
    try:
        if number == BY_RANGE:
            by, first, last, columns = axdr.parts(data, 4)
            wanted = tuple(CaptureObject.of(column) for column in axdr.parts(columns))
            named: Selection = Range(first, last, CaptureObject.of(by), wanted)
        elif number == BY_ENTRY:
            named = Entries(*(axdr.whole(part) for part in axdr.parts(data, 4)))
        else:
            return plain
        # Other types of the same numbers are not ours to name: they would be written otherwise.
        return named if named.encode() == plain.encode() else plain
    except (Malformed, ValueError):
        return plain


def _reference(class_id: int, name: bytes, index: int) -> bytes:
    if len(name) != 6:
        raise ValueError(f"{name!r} is no logical name.")
    return class_id.to_bytes(2, "big") + name + index.to_bytes(1, "big", signed=True)


def _signed(byte: int) -> int:
    return byte - 256 if byte > 127 else byte
