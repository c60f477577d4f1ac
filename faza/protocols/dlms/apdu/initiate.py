"""What the two sides agree on: InitiateRequest, InitiateResponse, ConfirmedServiceError.

Source: Green Book 8, 9.4.4 (conformance), 9.5; IEC 62056-53, 8.2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from faza.protocols.dlms.names import OFFERED, Conformance
from faza.protocols.dlms.problems import Malformed
from faza.protocols.dlms.reading import Reader, octets

VERSION = 6
"""The version of DLMS that everybody speaks."""
LOGICAL_NAMES = 0x0007
"""The name of the virtual application where objects have logical names."""
_CONFORMANCE = b"\x5f\x1f\x04\x00"
MOST = 0xFFFFFF


def _encode_conformance(found: Conformance) -> bytes:
    return _CONFORMANCE + int(found).to_bytes(3, "big")


def _read_conformance(reader: Reader) -> Conformance:
    """[APPLICATION 31] BIT STRING of 24; some meters leave 1F out."""
    if reader.data.startswith(_CONFORMANCE, reader.at):
        head = reader.take(4)
    elif (head := reader.take(2)) == b"\x5f\x1f":
        head += reader.take(2)
    elif head == b"\x5f\x04":
        head = b"\x5f\x1f\x04" + reader.take(1)
    if head != _CONFORMANCE:
        raise Malformed(f"Conformance begins with {head.hex()}.", code="conformance")
    return Conformance(int.from_bytes(reader.take(3), "big") & MOST)


@dataclass(frozen=True, slots=True)
class InitiateRequest:
    """`max_pdu` is the greatest APDU that the client takes; 0 for any."""

    HEAD: ClassVar = b"\x01"
    conformance: Conformance = OFFERED
    max_pdu: int = 0xFFFF
    dedicated_key: bytes | None = None
    response_allowed: bool = True
    quality: int | None = None
    version: int = VERSION

    def encode(self) -> bytes:
        key = b"\x00" if self.dedicated_key is None else b"\x01" + octets(self.dedicated_key)
        allowed = b"\x00" if self.response_allowed else b"\x01\x00"
        quality = b"\x00" if self.quality is None else bytes((1, self.quality))
        head = self.HEAD + key + allowed + quality + bytes((self.version,))
        return head + _encode_conformance(self.conformance) + self.max_pdu.to_bytes(2, "big")

    @classmethod
    def read(cls, reader: Reader) -> InitiateRequest:
        key = reader.octets() if reader.flag() else None
        allowed = reader.flag() if reader.flag() else True
        quality = reader.u8() if reader.flag() else None
        version = reader.u8()
        conformance = _read_conformance(reader)
        return cls(conformance, reader.u16(), key, allowed, quality, version)


@dataclass(frozen=True, slots=True)
class InitiateResponse:
    """`max_pdu` is the greatest APDU that the meter takes; 0 for any."""

    HEAD: ClassVar = b"\x08"
    conformance: Conformance
    max_pdu: int
    quality: int | None = None
    version: int = VERSION
    name: int = LOGICAL_NAMES

    def encode(self) -> bytes:
        quality = b"\x00" if self.quality is None else bytes((1, self.quality))
        head = self.HEAD + quality + bytes((self.version,))
        sizes = self.max_pdu.to_bytes(2, "big") + self.name.to_bytes(2, "big")
        return head + _encode_conformance(self.conformance) + sizes

    @classmethod
    def read(cls, reader: Reader) -> InitiateResponse:
        quality = reader.u8() if reader.flag() else None
        version = reader.u8()
        conformance = _read_conformance(reader)
        return cls(conformance, reader.u16(), quality, version, reader.u16())


@dataclass(frozen=True, slots=True)
class ConfirmedServiceError:
    """`service` is the one that failed (1: initiate), `kind` and `error` tell how.

    For an initiate error, kind 6: 1 the version is too low, 2 incompatible conformance,
    3 the PDU is too short, 4 refused by the handler.
    """

    HEAD: ClassVar = b"\x0e"
    service: int
    kind: int
    error: int

    def encode(self) -> bytes:
        return self.HEAD + bytes((self.service, self.kind, self.error))

    @classmethod
    def read(cls, reader: Reader) -> ConfirmedServiceError:
        return cls(reader.u8(), reader.u8(), reader.u8())
