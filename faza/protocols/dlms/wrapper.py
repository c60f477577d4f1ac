"""The TCP and UDP wrapper: version, ports and length before each APDU.

Source: IEC 62056-47, 4; Green Book 8, 7.3.3.
"""

from __future__ import annotations

from dataclasses import dataclass

from faza.protocols.dlms.problems import Malformed, TooLarge

HEADER = 8
VERSION = b"\x00\x01"
MOST_GARBAGE = 1024
"""So many bytes may stand between frames: modems put their own words into the line."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Wrapper ports. Clients of СПОДЭС: 16 public, 32 reader, 48 configurator."""

    client: int
    server: int = 1


class Wrapper:
    """APDUs to bytes and back, of one side.

    `limit` bounds a received APDU. Bytes before a frame are skipped, at most MOST_GARBAGE in a
    row; then Malformed is raised.
    """

    def __init__(self, *, source: int, destination: int, limit: int) -> None:
        self.limit = limit
        self._out = VERSION + source.to_bytes(2, "big") + destination.to_bytes(2, "big")
        self._in = VERSION + destination.to_bytes(2, "big") + source.to_bytes(2, "big")
        self._buffer = bytearray()
        self._skipped = 0

    def wrap(self, apdu: bytes) -> bytes:
        """A frame with the APDU. Raises ValueError if it is too long for one."""
        if len(apdu) > 0xFFFF:
            raise ValueError(f"An APDU of {len(apdu)} bytes.")
        return self._out + len(apdu).to_bytes(2, "big") + apdu

    def receive(self, data: bytes) -> None:
        self._buffer += data

    @property
    def has_part(self) -> bool:
        """Whether bytes of an unfinished frame are here."""
        return bool(self._buffer)

    def find_apdu(self) -> bytes | None:
        """The next APDU, or None until more bytes come."""
        buffer = self._buffer
        if not buffer.startswith(self._in) and not self._synchronised():
            return None
        if len(buffer) < HEADER:
            return None
        size = int.from_bytes(buffer[6:8], "big")
        if size > self.limit:
            raise TooLarge(f"A frame of {size} bytes; agreed on {self.limit}.")
        if not size:
            raise Malformed("A frame without an APDU.", code="empty")
        if len(buffer) < HEADER + size:
            return None
        apdu = bytes(buffer[HEADER : HEADER + size])
        del buffer[: HEADER + size]
        self._skipped = 0
        return apdu

    def _synchronised(self) -> bool:
        """Whether the buffer begins with a frame, or its start, after skipping garbage."""
        buffer, start = self._buffer, self._in
        at = buffer.find(start)
        if at < 0:
            keep = next(n for n in range(min(len(start), len(buffer)), -1, -1)
                        if buffer.endswith(start[:n]))  # fmt: skip
            at = len(buffer) - keep
        self._skipped += at
        del buffer[:at]
        if self._skipped > MOST_GARBAGE:
            raise Malformed(f"{self._skipped} bytes without a frame.", code="garbage")
        return buffer.startswith(start)
