"""The SET service. Source: Green Book 8, 9.3.7, 9.5 (Set-Request, Set-Response)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from faza.protocols.dlms import axdr
from faza.protocols.dlms.apdu import blocks
from faza.protocols.dlms.apdu.get import Item, encode_items, read_items
from faza.protocols.dlms.names import DataAccessResult, named
from faza.protocols.dlms.reading import Reader
from faza.protocols.dlms.references import (
    Attribute,
    Selection,
    encode_selection,
    read_selection,
)


@dataclass(frozen=True, slots=True)
class SetRequest:
    """`data` is the value in bytes."""

    HEAD: ClassVar = b"\xc1\x01"
    invoke: int
    attribute: Attribute
    data: bytes
    selection: Selection | None = None

    def encode(self) -> bytes:
        where = self.attribute.encode() + encode_selection(self.selection)
        return self.HEAD + bytes((self.invoke,)) + where + self.data

    @classmethod
    def read(cls, reader: Reader) -> SetRequest:
        invoke, attribute = reader.u8(), Attribute.read(reader)
        selection = read_selection(reader)
        return cls(invoke, attribute, axdr.skip(reader), selection)


@dataclass(frozen=True, slots=True)
class SetFirstBlock:
    HEAD: ClassVar = b"\xc1\x02"
    invoke: int
    attribute: Attribute
    last: bool
    number: int
    raw: bytes
    selection: Selection | None = None

    def encode(self) -> bytes:
        where = self.attribute.encode() + encode_selection(self.selection)
        block = blocks.encode_block(self.last, self.number, self.raw)
        return self.HEAD + bytes((self.invoke,)) + where + block

    @classmethod
    def read(cls, reader: Reader) -> SetFirstBlock:
        invoke, attribute = reader.u8(), Attribute.read(reader)
        selection = read_selection(reader)
        return cls(invoke, attribute, *blocks.read_block(reader), selection)


@dataclass(frozen=True, slots=True)
class SetBlock:
    HEAD: ClassVar = b"\xc1\x03"
    invoke: int
    last: bool
    number: int
    raw: bytes

    def encode(self) -> bytes:
        block = blocks.encode_block(self.last, self.number, self.raw)
        return self.HEAD + bytes((self.invoke,)) + block

    @classmethod
    def read(cls, reader: Reader) -> SetBlock:
        return cls(reader.u8(), *blocks.read_block(reader))


@dataclass(frozen=True, slots=True)
class SetListRequest:
    HEAD: ClassVar = b"\xc1\x04"
    invoke: int
    items: tuple[Item, ...]
    values: tuple[bytes, ...]

    def encode(self) -> bytes:
        tail = encode_items(self.items) + blocks.encode_values(self.values)
        return self.HEAD + bytes((self.invoke,)) + tail

    @classmethod
    def read(cls, reader: Reader) -> SetListRequest:
        return cls(reader.u8(), read_items(reader), blocks.read_values(reader))


@dataclass(frozen=True, slots=True)
class SetListFirstBlock:
    HEAD: ClassVar = b"\xc1\x05"
    invoke: int
    items: tuple[Item, ...]
    last: bool
    number: int
    raw: bytes

    def encode(self) -> bytes:
        tail = encode_items(self.items) + blocks.encode_block(self.last, self.number, self.raw)
        return self.HEAD + bytes((self.invoke,)) + tail

    @classmethod
    def read(cls, reader: Reader) -> SetListFirstBlock:
        return cls(reader.u8(), read_items(reader), *blocks.read_block(reader))


@dataclass(frozen=True, slots=True)
class SetResponse:
    HEAD: ClassVar = b"\xc5\x01"
    invoke: int
    result: DataAccessResult

    def encode(self) -> bytes:
        return self.HEAD + bytes((self.invoke, self.result))

    @classmethod
    def read(cls, reader: Reader) -> SetResponse:
        return cls(reader.u8(), named(DataAccessResult, reader.u8()))


@dataclass(frozen=True, slots=True)
class SetBlockTaken:
    """The meter has taken block `number`, and waits for the next."""

    HEAD: ClassVar = b"\xc5\x02"
    invoke: int
    number: int

    def encode(self) -> bytes:
        return self.HEAD + bytes((self.invoke,)) + self.number.to_bytes(4, "big")

    @classmethod
    def read(cls, reader: Reader) -> SetBlockTaken:
        return cls(reader.u8(), reader.u32())


@dataclass(frozen=True, slots=True)
class SetLastTaken:
    HEAD: ClassVar = b"\xc5\x03"
    invoke: int
    result: DataAccessResult
    number: int

    def encode(self) -> bytes:
        return self.HEAD + bytes((self.invoke, self.result)) + self.number.to_bytes(4, "big")

    @classmethod
    def read(cls, reader: Reader) -> SetLastTaken:
        return cls(reader.u8(), named(DataAccessResult, reader.u8()), reader.u32())


@dataclass(frozen=True, slots=True)
class SetListLastTaken:
    HEAD: ClassVar = b"\xc5\x04"
    invoke: int
    results: tuple[DataAccessResult, ...]
    number: int

    def encode(self) -> bytes:
        tail = blocks.encode_codes(self.results) + self.number.to_bytes(4, "big")
        return self.HEAD + bytes((self.invoke,)) + tail

    @classmethod
    def read(cls, reader: Reader) -> SetListLastTaken:
        return cls(reader.u8(), blocks.read_codes(reader), reader.u32())


@dataclass(frozen=True, slots=True)
class SetListResponse:
    HEAD: ClassVar = b"\xc5\x05"
    invoke: int
    results: tuple[DataAccessResult, ...]

    def encode(self) -> bytes:
        return self.HEAD + bytes((self.invoke,)) + blocks.encode_codes(self.results)

    @classmethod
    def read(cls, reader: Reader) -> SetListResponse:
        return cls(reader.u8(), blocks.read_codes(reader))
