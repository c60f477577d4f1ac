"""What a meter says unasked: DataNotification and EventNotification.

Source: Green Book 8, 9.3.10, 9.3.11, 9.5; IEC 62056-53, 7.3.5.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from faza.protocols.dlms import axdr
from faza.protocols.dlms.problems import Malformed
from faza.protocols.dlms.reading import Reader, octets
from faza.protocols.dlms.references import Attribute


@dataclass(frozen=True, slots=True)
class DataNotification:
    """A push. `stamp` is empty or 12 bytes (see `clock.DateTime`), `data` the body in bytes."""

    HEAD: ClassVar = b"\x0f"
    invoke: int
    stamp: bytes
    data: bytes

    def encode(self) -> bytes:
        return self.HEAD + self.invoke.to_bytes(4, "big") + octets(self.stamp) + self.data

    @classmethod
    def read(cls, reader: Reader) -> DataNotification:
        invoke = reader.u32()
        size = reader.length()
        if size == axdr.Tag.OCTET_STRING and reader.data[reader.at : reader.at + 1] == b"\x0c":
            size = reader.length()  # some meters tag the octet string: 09 0C instead of 0C
        if size not in (0, 12):
            raise Malformed(f"A date and time of {size} bytes.", code="clock")
        stamp = reader.take(size)
        return cls(invoke, stamp, axdr.skip(reader))


@dataclass(frozen=True, slots=True)
class EventNotification:
    """An attribute told on an event. `stamp` is empty if absent."""

    HEAD: ClassVar = b"\xc2"
    stamp: bytes
    attribute: Attribute
    data: bytes

    def encode(self) -> bytes:
        stamp = b"\x01" + octets(self.stamp) if self.stamp else b"\x00"
        return self.HEAD + stamp + self.attribute.encode() + self.data

    @classmethod
    def read(cls, reader: Reader) -> EventNotification:
        stamp = reader.octets() if reader.flag() else b""
        if len(stamp) not in (0, 12):
            raise Malformed(f"A date and time of {len(stamp)} bytes.", code="clock")
        return cls(stamp, Attribute.read(reader), axdr.skip(reader))
