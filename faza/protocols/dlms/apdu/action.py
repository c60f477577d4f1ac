"""The ACTION service. Source: Green Book 8, 9.3.8, 9.5 (Action-Request, Action-Response)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from faza.protocols.dlms import axdr
from faza.protocols.dlms.apdu import blocks
from faza.protocols.dlms.apdu.blocks import Result
from faza.protocols.dlms.names import ActionResult, named
from faza.protocols.dlms.reading import Reader, length
from faza.protocols.dlms.references import Method

Outcome = tuple[ActionResult, Result | None]
"""Whether a method was done, and what it returned, if anything."""


def encode_outcome(outcome: Outcome) -> bytes:
    """An Action-Response-With-Optional-Data."""
    result, returned = outcome
    tail = b"\x00" if returned is None else b"\x01" + blocks.encode_result(returned)
    return bytes((result,)) + tail


def read_outcome(reader: Reader) -> Outcome:
    result = named(ActionResult, reader.u8())
    return result, blocks.read_result(reader) if reader.flag() else None


def _encode_methods(methods: tuple[Method, ...]) -> bytes:
    return length(len(methods)) + b"".join([method.encode() for method in methods])


def _read_methods(reader: Reader) -> tuple[Method, ...]:
    return tuple([Method.read(reader) for _ in range(reader.count())])


@dataclass(frozen=True, slots=True)
class ActionRequest:
    """`data` is the parameter in bytes, None if the method has none."""

    HEAD: ClassVar = b"\xc3\x01"
    invoke: int
    method: Method
    data: bytes | None = None

    def encode(self) -> bytes:
        tail = b"\x00" if self.data is None else b"\x01" + self.data
        return self.HEAD + bytes((self.invoke,)) + self.method.encode() + tail

    @classmethod
    def read(cls, reader: Reader) -> ActionRequest:
        invoke, method = reader.u8(), Method.read(reader)
        return cls(invoke, method, axdr.skip(reader) if reader.flag() else None)


@dataclass(frozen=True, slots=True)
class ActionNext:
    """Asks for the block of the answer after `number`."""

    HEAD: ClassVar = b"\xc3\x02"
    invoke: int
    number: int

    def encode(self) -> bytes:
        return self.HEAD + bytes((self.invoke,)) + self.number.to_bytes(4, "big")

    @classmethod
    def read(cls, reader: Reader) -> ActionNext:
        return cls(reader.u8(), reader.u32())


@dataclass(frozen=True, slots=True)
class ActionListRequest:
    HEAD: ClassVar = b"\xc3\x03"
    invoke: int
    methods: tuple[Method, ...]
    values: tuple[bytes, ...]

    def encode(self) -> bytes:
        tail = _encode_methods(self.methods) + blocks.encode_values(self.values)
        return self.HEAD + bytes((self.invoke,)) + tail

    @classmethod
    def read(cls, reader: Reader) -> ActionListRequest:
        return cls(reader.u8(), _read_methods(reader), blocks.read_values(reader))


@dataclass(frozen=True, slots=True)
class ActionFirstBlock:
    HEAD: ClassVar = b"\xc3\x04"
    invoke: int
    method: Method
    last: bool
    number: int
    raw: bytes

    def encode(self) -> bytes:
        block = blocks.encode_block(self.last, self.number, self.raw)
        return self.HEAD + bytes((self.invoke,)) + self.method.encode() + block

    @classmethod
    def read(cls, reader: Reader) -> ActionFirstBlock:
        return cls(reader.u8(), Method.read(reader), *blocks.read_block(reader))


@dataclass(frozen=True, slots=True)
class ActionListFirstBlock:
    HEAD: ClassVar = b"\xc3\x05"
    invoke: int
    methods: tuple[Method, ...]
    last: bool
    number: int
    raw: bytes

    def encode(self) -> bytes:
        block = blocks.encode_block(self.last, self.number, self.raw)
        return self.HEAD + bytes((self.invoke,)) + _encode_methods(self.methods) + block

    @classmethod
    def read(cls, reader: Reader) -> ActionListFirstBlock:
        return cls(reader.u8(), _read_methods(reader), *blocks.read_block(reader))


@dataclass(frozen=True, slots=True)
class ActionBlock:
    HEAD: ClassVar = b"\xc3\x06"
    invoke: int
    last: bool
    number: int
    raw: bytes

    def encode(self) -> bytes:
        block = blocks.encode_block(self.last, self.number, self.raw)
        return self.HEAD + bytes((self.invoke,)) + block

    @classmethod
    def read(cls, reader: Reader) -> ActionBlock:
        return cls(reader.u8(), *blocks.read_block(reader))


@dataclass(frozen=True, slots=True)
class ActionResponse:
    HEAD: ClassVar = b"\xc7\x01"
    invoke: int
    result: ActionResult
    returned: Result | None = None

    def encode(self) -> bytes:
        return self.HEAD + bytes((self.invoke,)) + encode_outcome((self.result, self.returned))

    @classmethod
    def read(cls, reader: Reader) -> ActionResponse:
        return cls(reader.u8(), *read_outcome(reader))


@dataclass(frozen=True, slots=True)
class ActionResponseBlock:
    HEAD: ClassVar = b"\xc7\x02"
    invoke: int
    last: bool
    number: int
    raw: bytes

    def encode(self) -> bytes:
        block = blocks.encode_block(self.last, self.number, self.raw)
        return self.HEAD + bytes((self.invoke,)) + block

    @classmethod
    def read(cls, reader: Reader) -> ActionResponseBlock:
        return cls(reader.u8(), *blocks.read_block(reader))


@dataclass(frozen=True, slots=True)
class ActionListResponse:
    HEAD: ClassVar = b"\xc7\x03"
    invoke: int
    outcomes: tuple[Outcome, ...]

    def encode(self) -> bytes:
        tail = b"".join([encode_outcome(outcome) for outcome in self.outcomes])
        return self.HEAD + bytes((self.invoke,)) + length(len(self.outcomes)) + tail

    @classmethod
    def read(cls, reader: Reader) -> ActionListResponse:
        invoke = reader.u8()
        return cls(invoke, tuple([read_outcome(reader) for _ in range(reader.count())]))


@dataclass(frozen=True, slots=True)
class ActionBlockTaken:
    """The meter has taken block `number` of the parameter, and waits for the next."""

    HEAD: ClassVar = b"\xc7\x04"
    invoke: int
    number: int

    def encode(self) -> bytes:
        return self.HEAD + bytes((self.invoke,)) + self.number.to_bytes(4, "big")

    @classmethod
    def read(cls, reader: Reader) -> ActionBlockTaken:
        return cls(reader.u8(), reader.u32())
