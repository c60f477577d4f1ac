"""The GET service. Source: Green Book 8, 9.3.6, 9.5 (Get-Request, Get-Response)."""

from __future__ import annotations

from dataclasses import dataclass
from struct import Struct
from typing import ClassVar

from faza.protocols.dlms import axdr
from faza.protocols.dlms.apdu import blocks
from faza.protocols.dlms.apdu.blocks import Result
from faza.protocols.dlms.names import DataAccessResult, named
from faza.protocols.dlms.reading import Reader, length, octets
from faza.protocols.dlms.references import (
    Attribute,
    Selection,
    encode_selection,
    read_selection,
)

Item = tuple[Attribute, Selection | None]
_BLOCK = Struct(">BBI")
"""Invoke id, whether it is the last one, number."""


def encode_items(items: tuple[Item, ...]) -> bytes:
    """A SEQUENCE OF Cosem-Attribute-Descriptor-With-Selection."""
    return length(len(items)) + b"".join(
        [attribute.encode() + encode_selection(selection) for attribute, selection in items]
    )


def read_items(reader: Reader) -> tuple[Item, ...]:
    return tuple([(Attribute.read(reader), read_selection(reader)) for _ in range(reader.count())])


@dataclass(frozen=True, slots=True)
class GetRequest:
    HEAD: ClassVar = b"\xc0\x01"
    invoke: int
    attribute: Attribute
    selection: Selection | None = None

    def encode(self) -> bytes:
        tail = encode_selection(self.selection)
        return self.HEAD + bytes((self.invoke,)) + self.attribute.encode() + tail

    @classmethod
    def read(cls, reader: Reader) -> GetRequest:
        return cls(reader.u8(), Attribute.read(reader), read_selection(reader))


@dataclass(frozen=True, slots=True)
class GetNext:
    """Asks for the block after `number`."""

    HEAD: ClassVar = b"\xc0\x02"
    invoke: int
    number: int

    def encode(self) -> bytes:
        return self.HEAD + bytes((self.invoke,)) + self.number.to_bytes(4, "big")

    @classmethod
    def read(cls, reader: Reader) -> GetNext:
        return cls(reader.u8(), reader.u32())


@dataclass(frozen=True, slots=True)
class GetListRequest:
    HEAD: ClassVar = b"\xc0\x03"
    invoke: int
    items: tuple[Item, ...]

    def encode(self) -> bytes:
        return self.HEAD + bytes((self.invoke,)) + encode_items(self.items)

    @classmethod
    def read(cls, reader: Reader) -> GetListRequest:
        return cls(reader.u8(), read_items(reader))


@dataclass(frozen=True, slots=True)
class GetResponse:
    """`result` is data as bytes: they are checked where they are decoded."""

    HEAD: ClassVar = b"\xc4\x01"
    invoke: int
    result: Result

    def encode(self) -> bytes:
        return self.HEAD + bytes((self.invoke,)) + blocks.encode_result(self.result)

    @classmethod
    def read(cls, reader: Reader) -> GetResponse:
        invoke = reader.u8()
        if reader.choice():
            return cls(invoke, named(DataAccessResult, reader.u8()))
        axdr.tag_of(reader.data[reader.at] if reader.left() else reader.u8())
        return cls(invoke, reader.rest())


@dataclass(frozen=True, slots=True)
class GetBlock:
    """A block of a long answer. `result` is a part of the data's bytes, or why there is no more."""

    HEAD: ClassVar = b"\xc4\x02"
    invoke: int
    last: bool
    number: int
    result: Result

    def encode(self) -> bytes:
        head = self.HEAD + bytes((self.invoke, self.last)) + self.number.to_bytes(4, "big")
        if isinstance(self.result, DataAccessResult):
            return head + bytes((1, self.result))
        return head + b"\x00" + octets(self.result)

    @classmethod
    def read(cls, reader: Reader) -> GetBlock:
        invoke, last, number = reader.unpack(_BLOCK)
        if reader.choice():
            return cls(invoke, last != 0, number, named(DataAccessResult, reader.u8()))
        return cls(invoke, last != 0, number, reader.octets())


@dataclass(frozen=True, slots=True)
class GetListResponse:
    HEAD: ClassVar = b"\xc4\x03"
    invoke: int
    results: tuple[Result, ...]

    def encode(self) -> bytes:
        return self.HEAD + bytes((self.invoke,)) + blocks.encode_results(self.results)

    @classmethod
    def read(cls, reader: Reader) -> GetListResponse:
        return cls(reader.u8(), blocks.read_results(reader))
