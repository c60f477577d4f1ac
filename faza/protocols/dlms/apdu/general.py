"""APDUs around others: exceptions, blocks of any service, and ciphered APDUs.

Source: Green Book 8, 9.3.5 and 9.4.6.13 (general block transfer), 9.2.7.2 (ciphering), 9.5.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from faza.protocols.dlms.names import ServiceError, StateError, named
from faza.protocols.dlms.problems import Malformed
from faza.protocols.dlms.reading import Reader, octets


@dataclass(frozen=True, slots=True)
class ExceptionResponse:
    """A whole service refused. `counter` is the least invocation counter the meter will take."""

    HEAD: ClassVar = b"\xd8"
    state: StateError
    service: ServiceError
    counter: int | None = None

    def encode(self) -> bytes:
        tail = b"" if self.counter is None else self.counter.to_bytes(4, "big")
        return self.HEAD + bytes((self.state, self.service)) + tail

    @classmethod
    def read(cls, reader: Reader) -> ExceptionResponse:
        state = named(StateError, reader.u8())
        service = named(ServiceError, reader.u8())
        counter = None
        if service is ServiceError.INVOCATION_COUNTER_ERROR and reader.left():
            counter = reader.u32()
        return cls(state, service, counter)


@dataclass(frozen=True, slots=True)
class GeneralBlock:
    """A block of an APDU. `acknowledged` is the last block received without a gap before it."""

    HEAD: ClassVar = b"\xe0"
    last: bool
    streaming: bool
    window: int
    number: int
    acknowledged: int
    raw: bytes

    def encode(self) -> bytes:
        control = self.last << 7 | self.streaming << 6 | self.window
        numbers = self.number.to_bytes(2, "big") + self.acknowledged.to_bytes(2, "big")
        return self.HEAD + bytes((control,)) + numbers + octets(self.raw)

    @classmethod
    def read(cls, reader: Reader) -> GeneralBlock:
        control = reader.u8()
        last, streaming = bool(control & 0x80), bool(control & 0x40)
        return cls(last, streaming, control & 0x3F, reader.u16(), reader.u16(), reader.octets())


@dataclass(frozen=True, slots=True)
class Ciphered:
    """An APDU under protection: `tag` says which service, `title` whose (b"" if not told).

    `content` is the ciphertext or text, with its authentication tag if there is one.
    """

    tag: int
    title: bytes
    control: int
    counter: int
    content: bytes

    def encode(self) -> bytes:
        inner = bytes((self.control,)) + self.counter.to_bytes(4, "big") + self.content
        title = octets(self.title) if self.tag == GENERAL_GLO else b""
        return bytes((self.tag,)) + title + octets(inner)

    @classmethod
    def read(cls, tag: int, reader: Reader) -> Ciphered:
        title = reader.octets() if tag == GENERAL_GLO else b""
        if len(title) not in (0, 8):
            raise Malformed(f"A system title of {len(title)} bytes.", code="title")
        size = reader.length()
        if size != reader.left():
            raise Malformed(f"{reader.left()} ciphered bytes instead of {size}.", code="length")
        return cls(tag, title, reader.u8(), reader.u32(), reader.rest())


GENERAL_GLO = 0xDB
GLOBAL: dict[int, int] = {
    0x01: 0x21,  # initiate request
    0x08: 0x28,  # initiate response
    0x0E: 0x2E,  # confirmed service error
    0xC0: 0xC8,  # get request
    0xC1: 0xC9,  # set request
    0xC2: 0xCA,  # event notification
    0xC3: 0xCB,  # action request
    0xC4: 0xCC,  # get response
    0xC5: 0xCD,  # set response
    0xC7: 0xCF,  # action response
}
"""The glo- tag of each service's plain tag. Source: Green Book 8, 9.5."""
PLAIN: dict[int, int] = {ciphered: plain for plain, ciphered in GLOBAL.items()}
