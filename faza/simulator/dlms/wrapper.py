"""The meter's end of the TCP wrapper: one connection, one or many meters by server port.

Source: IEC 62056-47, 4; Green Book 8, 7.3.3.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from faza.protocols.dlms.problems import Malformed
from faza.simulator.dlms.device import Device
from faza.simulator.dlms.dialogue import Dialogue

VERSION = b"\x00\x01"
HEADER = 8


class Heard(NamedTuple):
    """An APDU of a client: `source` is its port, `destination` the meter's."""

    source: int
    destination: int
    apdu: bytes


class Wrapped:
    """A TCP connection's meters, by their server ports."""

    def __init__(self, devices: Mapping[int, Device]) -> None:
        self._devices = devices
        self._dialogues: dict[tuple[int, int], Dialogue] = {}
        self._buffer = bytearray()

    def receive(self, data: bytes) -> None:
        self._buffer += data

    def frames(self) -> Iterator[Heard]:
        """What has come whole. Raises Malformed for what is no wrapper."""
        buffer = self._buffer
        while len(buffer) >= HEADER:
            if not buffer.startswith(VERSION):
                raise Malformed(f"A wrapper begins with {buffer[:2].hex()}.", code="wrapper")
            size = int.from_bytes(buffer[6:8], "big")
            if len(buffer) < HEADER + size:
                return
            heard = Heard(
                int.from_bytes(buffer[2:4], "big"),
                int.from_bytes(buffer[4:6], "big"),
                bytes(buffer[HEADER : HEADER + size]),
            )
            del buffer[: HEADER + size]
            yield heard

    def answer(self, heard: Heard, at: datetime) -> tuple[int, bytes] | None:
        """The meter's port and its words; None if there is no such meter."""
        source, destination, apdu = heard
        device = self._devices.get(destination)
        if device is None:
            return None
        key = source, destination
        dialogue = self._dialogues.get(key)
        if dialogue is None:
            dialogue = self._dialogues[key] = Dialogue(device, source)
        answer = dialogue.answer(apdu, at)
        head = destination.to_bytes(2, "big") + source.to_bytes(2, "big")
        return destination, VERSION + head + len(answer).to_bytes(2, "big") + answer
