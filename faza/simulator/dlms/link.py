"""The meter's end of HDLC, and a line with many meters on it.

    line = Line({17: device, 18: other})     # by physical address
    line.receive(data)
    for frame in line.frames(): line.answer(frame, at) -> Answer

Source: IEC 62056-46, 6.4.3 and 6.4.4 (normal response mode), 6.4.4.4.3.6 (segments), 6.2 (LLC).
A meter speaks only when it is polled. What comes again is answered with the same frames, what
is damaged with silence: the client asks once more.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from faza.protocols.dlms.hdlc import Address, Frame, Frames, Kind, Parameters
from faza.protocols.dlms.hdlc.parameters import MOST_INFO
from faza.protocols.dlms.problems import Damaged, Malformed
from faza.simulator.dlms.device import Device
from faza.simulator.dlms.dialogue import Dialogue

TO_METER, FROM_METER = b"\xe6\xe6\x00", b"\xe6\xe7\x00"
MANAGEMENT = 1
"""The logical device that a meter has."""


class Station:
    """One meter's end of a link with one client at a time."""

    def __init__(self, device: Device) -> None:
        self.device = device
        self._dialogue: Dialogue | None = None
        self._ends = Address(0), Address(0)
        self._reset(Parameters())

    def _reset(self, theirs: Parameters) -> None:
        self._size = min(self.device.info, theirs.receive)
        self._window = min(self.device.window, theirs.receive_window)
        self._sent = self._received = 0  # V(S) and V(R)
        self._waiting: deque[tuple[bytes, bool]] = deque()
        self._open: deque[tuple[int, bytes, bool]] = deque()
        self._parts = bytearray()

    def take(self, frame: Frame, at: datetime) -> bytes:
        """What a frame is answered with; b"" if with nothing."""
        if frame.kind is Kind.SNRM:
            return self._linked(frame)
        if self._dialogue is None or (frame.destination, frame.source) != self._ends:
            return self._unlinked(frame)
        if frame.kind is Kind.DISC:
            self._dialogue = None
            return self._say(Kind.UA)
        if frame.kind is Kind.I:
            return self._information(frame, at)
        if frame.kind is Kind.RR:
            self._acknowledge(frame.received)
            return self._burst()
        return b""

    def _linked(self, frame: Frame) -> bytes:
        try:
            theirs = Parameters.decode(frame.info)
        except Malformed:
            return b""
        self._ends = frame.destination, frame.source
        self._dialogue = Dialogue(self.device, frame.source.upper)
        self._reset(theirs)
        device = self.device
        ours = Parameters(self._size, device.info, self._window, device.window)
        return self._say(Kind.UA, ours.encode())

    def _unlinked(self, frame: Frame) -> bytes:
        """Disconnected mode, for whoever is not linked."""
        if not frame.poll or frame.kind is Kind.UI:
            return b""
        return Frame(frame.source, frame.destination, Kind.DM).encode()

    def _information(self, frame: Frame, at: datetime) -> bytes:
        if frame.sent != self._received:  # it comes again, or one before it was lost
            self._acknowledge(frame.received)
            return self._burst() if frame.poll else b""
        self._acknowledge(frame.received)
        self._received = (self._received + 1) % 8
        self._parts += frame.info
        if len(self._parts) > self.device.max_pdu + MOST_INFO:
            self._parts.clear()
            return self._say(Kind.FRMR)
        if frame.segmented:
            return self._say(Kind.RR) if frame.poll else b""
        whole, self._parts = bytes(self._parts), bytearray()
        if whole[:3] != TO_METER or len(whole) == 3:
            return self._say(Kind.FRMR)
        assert self._dialogue is not None  # it is linked
        data = FROM_METER + self._dialogue.answer(whole[3:], at)
        self._open.clear()
        starts = range(0, len(data), self._size)
        self._waiting = deque((data[n : n + self._size], n != starts[-1]) for n in starts)
        return self._burst()

    def _acknowledge(self, received: int) -> None:
        """Let go of what the client has, as its N(R) tells; an impossible one tells nothing."""
        if received not in [number for number, _, _ in self._open] + [self._sent]:
            return
        while self._open and self._open[0][0] != received:
            self._open.popleft()

    def _burst(self) -> bytes:
        """What is not acknowledged and what follows, within the window; else receiver-ready."""
        while self._waiting and len(self._open) < self._window:
            self._open.append((self._sent, *self._waiting.popleft()))
            self._sent = (self._sent + 1) % 8
        if not self._open:
            return self._say(Kind.RR)
        last = self._open[-1][0]
        return b"".join(
            [
                self._frame(Kind.I, part, poll=number == last, segmented=more, sent=number)
                for number, part, more in self._open
            ]
        )

    def _say(self, kind: Kind, info: bytes = b"") -> bytes:
        return self._frame(kind, info)

    def _frame(
        self,
        kind: Kind,
        info: bytes = b"",
        *,
        poll: bool = True,
        segmented: bool = False,
        sent: int = 0,
    ) -> bytes:
        ours, theirs = self._ends
        received = self._received if kind is Kind.I or kind is Kind.RR else 0
        return Frame(theirs, ours, kind, info, poll, segmented, sent, received).encode()


class Answer(NamedTuple):
    """What a meter says to a frame; `address` is its physical one."""

    address: int
    data: bytes


class Line:
    """Meters on one line, by their physical addresses; each hears only what is for it."""

    def __init__(self, devices: Mapping[int, Device]) -> None:
        self._stations = {address: Station(device) for address, device in devices.items()}
        self._frames = Frames(MOST_INFO)

    def receive(self, data: bytes) -> None:
        self._frames.receive(data)

    def frames(self) -> Iterator[Frame]:
        """Whole frames that have come. Raises Malformed if there is too much of no frame."""
        while True:
            try:
                frame = self._frames.find_frame()
            except Damaged:
                continue
            if frame is None:
                return
            yield frame

    def answer(self, frame: Frame, at: datetime) -> Answer | None:
        """What the meter says for whom the frame is; None for nobody's."""
        address = self._physical(frame.destination)
        if address is None:
            return None
        return Answer(address, self._stations[address].take(frame, at))

    def _physical(self, to: Address) -> int | None:
        """Whose frame it is. An address without a physical part is for a meter that is alone."""
        if to.upper != MANAGEMENT:
            return None
        if to.lower is None:
            return next(iter(self._stations)) if len(self._stations) == 1 else None
        return to.lower if to.lower in self._stations else None
