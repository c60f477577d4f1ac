"""Frames of HDLC type 3 as values, and finding them in a stream of bytes.

Source: IEC 62056-46, 6.4.1 (frame format), 6.4.2.2 (addresses), annex A (FCS);
ISO/IEC 13239, 4.9 (type 3).

A frame is 7E, format and length (2 bytes), destination, source, control, HCS, information, FCS,
7E; without information there is no HCS. Type 3 has no stuffing: the length tells the end.
"""

from __future__ import annotations

from binascii import crc_hqx
from dataclasses import dataclass, field
from enum import IntEnum
from functools import lru_cache

from faza.protocols.dlms.problems import Damaged, Malformed

FLAG = 0x7E
MOST_GARBAGE = 4096
"""So many bytes may be skipped between two frames."""
_TYPE, _SEGMENT = 0xA000, 0x0800
_POLL = 0x10
_LEAST = 7
_REVERSED = bytes(int(f"{n:08b}"[::-1], 2) for n in range(256))


def check_sequence(data: bytes) -> bytes:
    """FCS or HCS, the two bytes as on the line: CRC-16/X-25.

    It works from the lowest bit on; `crc_hqx` does the same from the highest, in C.
    """
    crc = crc_hqx(data.translate(_REVERSED), 0xFFFF) ^ 0xFFFF
    return bytes((_REVERSED[crc >> 8], _REVERSED[crc & 0xFF]))


class Kind(IntEnum):
    """Control bytes without sequence numbers and the poll bit."""

    I = 0x00  # noqa: E741 - the standard's name
    RR = 0x01
    RNR = 0x05
    UI = 0x03
    DM = 0x0F
    DISC = 0x43
    UA = 0x63
    SNRM = 0x83
    FRMR = 0x87


_SUPERVISORY = {int(kind): kind for kind in (Kind.RR, Kind.RNR)}
_UNNUMBERED = {
    int(kind): kind for kind in (Kind.UI, Kind.DM, Kind.DISC, Kind.UA, Kind.SNRM, Kind.FRMR)
}


@dataclass(frozen=True, slots=True)
class Address:
    """A client's address, or a meter's: logical device `upper`, physical device `lower`.

    `size` is in bytes: 1 (no lower), 2 or 4; 0 chooses the least.
    """

    upper: int
    lower: int | None = None
    size: int = field(default=0, compare=False)

    def encode(self) -> bytes:
        """Raises ValueError if the numbers do not fit the size."""
        return _address(self.upper, self.lower, self.size)

    @staticmethod
    @lru_cache(maxsize=1024)
    def decode(data: bytes) -> Address:
        """From its bytes, of which only the last is odd."""
        parts = [byte >> 1 for byte in data]
        if len(parts) == 1:
            return Address(parts[0], None, 1)
        if len(parts) == 2:
            return Address(parts[0], parts[1], 2)
        return Address(parts[0] << 7 | parts[1], parts[2] << 7 | parts[3], 4)


@lru_cache(maxsize=1024)
def _address(upper: int, lower: int | None, size: int) -> bytes:
    misfit = ValueError(f"Address {upper}/{lower} does not fit {size or 4} bytes.")
    if lower is None:
        if upper > 0x7F or size > 1:
            raise misfit
        return bytes((upper << 1 | 1,))
    small = upper <= 0x7F and lower <= 0x7F
    if size == 4 or (not small and not size):
        if upper > 0x3FFF or lower > 0x3FFF:
            raise misfit
        high = (upper >> 7 << 1, (upper & 0x7F) << 1)
        return bytes((*high, lower >> 7 << 1, (lower & 0x7F) << 1 | 1))
    if not small or size not in (0, 2):
        raise misfit
    return bytes((upper << 1, lower << 1 | 1))


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame. `sent` is N(S) and `received` is N(R), 0 where the kind has none."""

    destination: Address
    source: Address
    kind: Kind
    info: bytes = b""
    poll: bool = True
    segmented: bool = False
    sent: int = 0
    received: int = 0

    def encode(self) -> bytes:
        control = self.kind.value | (_POLL if self.poll else 0)
        if self.kind is Kind.I or self.kind is Kind.RR or self.kind is Kind.RNR:
            control |= self.received << 5 | (self.sent << 1 if self.kind is Kind.I else 0)
        head = self.destination.encode() + self.source.encode() + bytes((control,))
        size = 2 + len(head) + 2 + (len(self.info) + 2 if self.info else 0)
        if size > 0x7FF:
            raise ValueError(f"A frame of {size} bytes.")
        body = (_TYPE | (_SEGMENT if self.segmented else 0) | size).to_bytes(2, "big") + head
        if self.info:
            body += check_sequence(body) + self.info
        return b"\x7e" + body + check_sequence(body) + b"\x7e"


class Frames:
    """Finds frames in a stream.

    `limit` bounds the information field. Bytes that are no frame are skipped, at most
    MOST_GARBAGE in a row; then Malformed is raised. A frame with a wrong check sequence raises
    Damaged, unless a whole one follows it; the next call goes on behind it.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._buffer = bytearray()
        self._skipped = 0
        self._shared = False
        """Whether the flag in front has ended a frame, and may begin another or nothing."""

    def receive(self, data: bytes) -> None:
        self._buffer += data

    @property
    def has_part(self) -> bool:
        """Whether bytes of an unfinished frame are here."""
        return len(self._buffer) > 1

    def find_frame(self) -> Frame | None:
        """The next frame, or None until more bytes come."""
        buffer, damage = self._buffer, ""
        while True:
            at = buffer.find(FLAG)
            noise = len(buffer) if at < 0 else at
            if noise:
                self._skip(noise)
                if buffer == b"\x7e" and not damage:
                    damage = "Bytes before a flag."
            while buffer[:2] == b"\x7e\x7e":
                del buffer[0]
                self._shared = False
            if len(buffer) < 2:
                break
            try:
                frame = self._frame()
            except Damaged as found:
                damage = damage or ("" if self._shared else str(found))
                self._shared = False
                self._skip(1)
                continue
            if frame is None and not damage:
                return None
            if frame is None:
                break
            self._skipped = 0
            return frame
        if damage:
            raise Damaged(damage)
        return None

    def _skip(self, count: int) -> None:
        del self._buffer[:count]
        self._skipped += count
        if self._skipped > MOST_GARBAGE:
            self._buffer.clear()
            raise Malformed(f"{self._skipped} bytes without a frame.", code="garbage")

    def _frame(self) -> Frame | None:
        """The frame that begins at the flag in front, None if it is not whole yet."""
        buffer = self._buffer
        if buffer[1] & 0xF0 != _TYPE >> 8:
            raise Damaged(f"Frame type {buffer[1]:#04x}.")
        self._shared = False
        if len(buffer) < 3:
            return None
        form = buffer[1] << 8 | buffer[2]
        size = form & 0x7FF
        if not _LEAST <= size <= self.limit + 15:
            raise Damaged(f"A frame of {size} bytes; agreed on {self.limit}.")
        destination = self._address(3, size)
        source = self._address(3 + len(destination), size) if destination else b""
        control = 3 + len(destination) + len(source)
        if not source or len(buffer) < control + 3:
            return None
        # The head is checked before its length is believed.
        head = bytes(buffer[1 : control + 1])
        if check_sequence(head) != buffer[control + 1 : control + 3]:
            raise Damaged("The check sequence of a head is wrong.")
        info_at = control + 3
        if info_at != size + 1 and info_at + 3 > size + 1:
            raise Damaged(f"A frame of {size} bytes has no room for its parts.")
        if len(buffer) < size + 2:
            return None
        if check_sequence(bytes(buffer[1 : size - 1])) != buffer[size - 1 : size + 1]:
            raise Damaged("The check sequence of a frame is wrong.")
        if buffer[size + 1] != FLAG:
            raise Damaged("A frame without its last flag.")
        info = bytes(buffer[info_at : size - 1])
        frame = _made(destination, source, buffer[control], info, bool(form & _SEGMENT))
        del buffer[: size + 1]
        self._shared = True
        return frame

    def _address(self, at: int, size: int) -> bytes:
        """The address there, empty if it is not whole yet."""
        for count in (1, 2, 3, 4):
            if at + count > size - 1:
                break
            if at + count > len(self._buffer):
                return b""
            if self._buffer[at + count - 1] & 1:
                if count == 3:
                    break
                return bytes(self._buffer[at : at + count])
        raise Damaged("An address of another length than 1, 2 or 4 bytes.")


def _made(destination: bytes, source: bytes, control: int, info: bytes, segmented: bool) -> Frame:
    ends = Address.decode(destination), Address.decode(source)
    poll = bool(control & _POLL)
    received = control >> 5
    if not control & 1:
        return Frame(*ends, Kind.I, info, poll, segmented, control >> 1 & 7, received)
    kind = _SUPERVISORY.get(control & 0x0F)
    if kind is not None:
        return Frame(*ends, kind, info, poll, segmented, 0, received)
    kind = _UNNUMBERED.get(control & ~_POLL)
    if kind is None:
        raise Damaged(f"A frame with the control byte {control:#04x}.")
    return Frame(*ends, kind, info, poll, segmented)
