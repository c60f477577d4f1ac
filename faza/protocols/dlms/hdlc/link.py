"""The client's end of a link: what to send, and what the meter's frames mean.

Source: IEC 62056-46, 6.4.3 and 6.4.4 (normal response mode), 6.4.4.4.3.6 (segmentation), 6.2
(LLC: E6 E6 00 from the client, E6 E7 00 from the meter). The client polls, the meter answers: a
frame with the poll bit gives the line to the other end.

    link.connect() -> bytes;  link.send(apdu) -> bytes;  link.disconnect() -> bytes
    link.receive(data);  link.next_event() -> Linked | Unlinked | bytes (an APDU) | Transmit | None
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from faza.protocols.dlms.events import Transmit
from faza.protocols.dlms.hdlc.frames import Address, Frame, Frames, Kind
from faza.protocols.dlms.hdlc.parameters import MOST_INFO, Parameters
from faza.protocols.dlms.problems import Malformed, TooLarge, TryLater, WrongStep

TO_METER, FROM_METER = b"\xe6\xe6\x00", b"\xe6\xe7\x00"
MOST_REPEATS = 16
"""So many frames in a row may bring nothing, before the meter is taken for busy."""


class State(StrEnum):
    DOWN = "down"
    CONNECTING = "connecting"
    UP = "up"
    WAITING = "waiting"
    DISCONNECTING = "disconnecting"


ALLOWED: dict[State, frozenset[Kind]] = {
    State.DOWN: frozenset({Kind.UI}),
    State.CONNECTING: frozenset({Kind.UA, Kind.DM, Kind.UI}),
    State.UP: frozenset({Kind.UI, Kind.I, Kind.RR, Kind.DM, Kind.FRMR}),
    State.WAITING: frozenset({Kind.UI, Kind.I, Kind.RR, Kind.RNR, Kind.DM, Kind.FRMR}),
    State.DISCONNECTING: frozenset({Kind.UA, Kind.DM, Kind.UI, Kind.I, Kind.RR}),
}
"""What the meter may send in which state."""


@dataclass(frozen=True, slots=True)
class Linked:
    """The link is up; `parameters` are the meter's words."""

    parameters: Parameters


@dataclass(frozen=True, slots=True)
class Unlinked:
    """The link is down, as was asked for."""


LinkEvent: TypeAlias = Linked | Unlinked | bytes | Transmit


class Link:
    """The client's end of a link with one meter. `limit` bounds a received APDU."""

    def __init__(
        self, *, client: Address, server: Address, limit: int, wanted: Parameters | None = None
    ) -> None:
        self.client = client
        self.server = server
        self.limit = limit
        self.wanted = wanted or Parameters()
        self.state = State.DOWN
        self._frames = Frames(MOST_INFO)
        self._reset()
        self._last = b""

    def _reset(self) -> None:
        self._size, self._window = 128, 1
        self._sent = self._received = 0  # V(S) and V(R)
        self._waiting: deque[tuple[bytes, bool]] = deque()  # not sent yet, and whether more follow
        self._open: deque[tuple[int, bytes, bool]] = deque()  # sent, not acknowledged
        self._parts = bytearray()
        self._idle = 0

    # What we say

    def connect(self) -> bytes:
        """SNRM. Repeatable: a meter answers it in every state."""
        self._reset()
        self.state = State.CONNECTING
        return self._remember(self._frame(Kind.SNRM, self.wanted.encode()))

    def disconnect(self) -> bytes:
        """DISC."""
        self.state = State.DISCONNECTING
        return self._remember(self._frame(Kind.DISC))

    def send(self, apdu: bytes) -> bytes:
        """The frames of an APDU that fit the window. Raises WrongStep if the link is not up."""
        if self.state is not State.UP:
            raise WrongStep(f"The link is {self.state}.")
        data = TO_METER + apdu
        starts = range(0, len(data), self._size)
        last = starts[-1]
        self._waiting.extend((data[at : at + self._size], at != last) for at in starts)
        self._parts.clear()
        self._idle = 0
        self.state = State.WAITING
        return self._burst()

    def repeat(self) -> bytes:
        """What was sent last, once more: for a damaged or lost frame.

        A meter that has it already knows so by the number, and only answers again.
        """
        if not self._last:
            raise WrongStep("Nothing was sent yet.")
        return self._last

    def _burst(self) -> bytes:
        """The next frames within the window; the last one gives the line to the meter."""
        out = b""
        while self._waiting and len(self._open) < self._window:
            part, more = self._waiting.popleft()
            self._open.append((self._sent, part, more))
            poll = not self._waiting or len(self._open) == self._window
            out += self._information(self._sent, part, more, poll)
            self._sent = (self._sent + 1) % 8
        return self._remember(out)

    def _information(self, number: int, part: bytes, more: bool, poll: bool) -> bytes:
        return Frame(
            self.server, self.client, Kind.I, part, poll, more, number, self._received
        ).encode()

    def _frame(self, kind: Kind, info: bytes = b"") -> bytes:
        received = self._received if kind is Kind.RR else 0
        return Frame(self.server, self.client, kind, info, received=received).encode()

    def _remember(self, out: bytes) -> bytes:
        self._last = out
        return out

    # What the meter says

    def receive(self, data: bytes) -> None:
        self._frames.receive(data)

    @property
    def has_part(self) -> bool:
        """Whether an answer has begun to come and is not whole."""
        return self._frames.has_part or bool(self._parts)

    def next_event(self) -> LinkEvent | None:
        """What comes next, None until more bytes come.

        Raises Damaged (see `repeat`), Malformed, or TryLater if the meter is not ready.
        """
        while (frame := self._frames.find_frame()) is not None:
            if frame.destination != self.client or frame.source != self.server:
                continue  # a line is shared: that was somebody else's, or our own echo
            event = self._take(frame)
            if event is not None:
                return event
        return None

    def _take(self, frame: Frame) -> LinkEvent | None:
        kind = frame.kind
        if kind not in ALLOWED[self.state]:
            if kind is Kind.UA:
                return None  # the answer to a SNRM that was repeated
            raise Malformed(f"{kind.name} while {self.state}.", code="unexpected")
        if kind is Kind.UI:
            return _bare(frame.info)
        if self.state is State.DISCONNECTING:
            if kind in (Kind.UA, Kind.DM):
                self.state = State.DOWN
                return Unlinked()
            return None  # late frames of what was cut off
        if kind is Kind.UA:
            return self._linked(Parameters.decode(frame.info))
        if kind is Kind.I:
            return self._segment(frame)
        if kind is Kind.RR:
            return self._ready(frame)
        if kind is Kind.RNR:
            raise TryLater("The meter is not ready to receive.")
        self.state = State.DOWN
        told = "is in disconnected mode" if kind is Kind.DM else "rejects our frame"
        raise TryLater(f"The meter {told} ({kind.name} {frame.info.hex()}).")

    def _linked(self, told: Parameters) -> Linked:
        self.state = State.UP
        self._size = min(self.wanted.transmit, told.receive)
        self._window = min(self.wanted.transmit_window, told.receive_window)
        # A meter may send what it said, or what we said, or the default: no more.
        self._frames.limit = max(told.transmit, self.wanted.receive, Parameters().receive)
        return Linked(told)

    def _acknowledge(self, received: int) -> None:
        """Take off what the meter has, as N(R) tells."""
        numbers = [number for number, _, _ in self._open] + [self._sent]
        if received not in numbers:
            raise Malformed(f"N(R) is {received}, not one of {numbers}.", code="sequence")
        while self._open and self._open[0][0] != received:
            self._open.popleft()

    def _segment(self, frame: Frame) -> LinkEvent | None:
        if self.state is not State.WAITING:
            return None  # an answer to what was asked twice
        if frame.sent != self._received:
            return self._poll() if frame.poll else None
        self._acknowledge(frame.received)
        if self._open or self._waiting:
            raise Malformed("An answer before the whole question.", code="sequence")
        self._received = (self._received + 1) % 8
        if not frame.info:
            raise Malformed("A segment without information.", code="empty")
        self._parts += frame.info
        self._idle = 0
        if len(self._parts) > self.limit + len(FROM_METER):
            raise TooLarge(f"More than {self.limit} bytes in one APDU.")
        if frame.segmented:
            if not frame.poll:
                return None
            return Transmit(self._remember(self._frame(Kind.RR)))
        apdu = _bare(bytes(self._parts))
        self._parts.clear()
        self.state = State.UP
        return apdu

    def _ready(self, frame: Frame) -> LinkEvent | None:
        if self.state is not State.WAITING:
            return None
        self._acknowledge(frame.received)
        if self._open:  # some were lost: once more from the first of them
            lost = [*self._open]
            for number, part, more in reversed(lost):
                self._waiting.appendleft((part, more))
                self._sent = number
            self._open.clear()
            self._count()
        if self._waiting:
            return Transmit(self._burst())
        return self._poll()

    def _poll(self) -> Transmit:
        """Give the line to the meter again. Raises TryLater if it brings nothing for too long."""
        self._count()
        return Transmit(self._remember(self._frame(Kind.RR)))

    def _count(self) -> None:
        self._idle += 1
        if self._idle > MOST_REPEATS:
            self._idle = 0
            raise TryLater(f"{MOST_REPEATS} frames in a row without an answer.")


def _bare(data: bytes) -> bytes:
    """An APDU without its LLC."""
    if data[:3] not in (FROM_METER, TO_METER):
        raise Malformed(f"{data[:3].hex()} instead of an LLC header.", code="llc")
    if len(data) == len(FROM_METER):
        raise Malformed("A frame without an APDU.", code="empty")
    return data[3:]
