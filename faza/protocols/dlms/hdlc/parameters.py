"""What the two ends of a link agree on with SNRM and UA.

Source: IEC 62056-46, 6.4.4.4.3.2; Green Book 8, 8.4.5.3.2. Absent parameters have defaults.
"""

from __future__ import annotations

from dataclasses import dataclass

from faza.protocols.dlms.problems import Malformed
from faza.protocols.dlms.reading import Reader

FORMAT, GROUP = 0x81, 0x80
LEAST_INFO, MOST_INFO = 8, 2030
MOST_WINDOW = 7
_TRANSMIT, _RECEIVE, _TRANSMIT_WINDOW, _RECEIVE_WINDOW = 5, 6, 7, 8


@dataclass(frozen=True, slots=True)
class Parameters:
    """Sizes of information fields in bytes, and windows in frames, as one end says them."""

    transmit: int = 128
    receive: int = 128
    transmit_window: int = 1
    receive_window: int = 1

    def encode(self) -> bytes:
        """The information field; empty if everything is the default."""
        if self == Parameters():
            return b""
        body = _sized(_TRANSMIT, self.transmit) + _sized(_RECEIVE, self.receive)
        body += bytes((_TRANSMIT_WINDOW, 4)) + self.transmit_window.to_bytes(4, "big")
        body += bytes((_RECEIVE_WINDOW, 4)) + self.receive_window.to_bytes(4, "big")
        return bytes((FORMAT, GROUP, len(body))) + body

    @classmethod
    def decode(cls, info: bytes) -> Parameters:
        """From an information field. Raises Malformed if it is none or out of bounds."""
        if not info:
            return cls()
        reader = Reader(info)
        if reader.u8() != FORMAT or reader.u8() != GROUP:
            raise Malformed(f"Parameters begin with {info[:2].hex()}.", code="parameters")
        group = Reader(reader.take(reader.u8()))
        found: dict[int, int] = {}
        while group.left():
            number = group.u8()
            found[number] = int.from_bytes(group.take(group.u8()), "big")
        parameters = cls(
            found.get(_TRANSMIT, 128),
            found.get(_RECEIVE, 128),
            found.get(_TRANSMIT_WINDOW, 1),
            found.get(_RECEIVE_WINDOW, 1),
        )
        sizes = (parameters.transmit, parameters.receive)
        windows = (parameters.transmit_window, parameters.receive_window)
        if not all(LEAST_INFO <= size <= MOST_INFO for size in sizes) or not all(
            1 <= window <= MOST_WINDOW for window in windows
        ):
            raise Malformed(f"{parameters} is out of bounds.", code="parameters")
        return parameters


def _sized(number: int, size: int) -> bytes:
    width = 1 if size < 0x100 else 2
    return bytes((number, width)) + size.to_bytes(width, "big")
