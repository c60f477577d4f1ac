"""Frames of the line: address, data, CRC-16 of MODBUS with its low byte first."""

from __future__ import annotations

POLYNOMIAL = 0xA001
START = 0xFFFF
ANY = 0
"""The address that every meter answers to; only where there is one on the line."""
LEAST = 4
"""Bytes of the shortest frame: address, a status, check sequence."""


def _table() -> tuple[int, ...]:
    found = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (POLYNOMIAL if value & 1 else 0)
        found.append(value)
    return tuple(found)


_TABLE = _table()


def crc16(data: bytes) -> int:
    """CRC-16 of MODBUS; 0 of bytes that end with their own check sequence."""
    value = START
    for byte in data:
        value = value >> 8 ^ _TABLE[(value ^ byte) & 0xFF]
    return value


def wrap(address: int, data: bytes) -> bytes:
    """A frame. Raises ValueError for an address that no byte holds."""
    framed = bytes((address,)) + data
    return framed + crc16(framed).to_bytes(2, "little")


def unwrap(frame: bytes) -> tuple[int, bytes] | None:
    """Address and data of a frame, None if its check sequence does not fit."""
    if len(frame) < LEAST - 1 or crc16(frame):
        return None
    return frame[0], frame[1:-2]
