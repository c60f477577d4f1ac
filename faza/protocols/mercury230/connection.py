"""A client's end of a line with one Mercury: bytes in, bytes and answers out; no clock, no socket.

`send` starts a question and forgets whatever was left of the one before. `receive` takes bytes in
any pieces. `next_event` is the answer, or NEED_DATA; it raises Damaged once more has come than an
answer has and none of it fits. The caller decides how long silence may last, and asks again.
"""

from __future__ import annotations

from enum import Enum
from typing import Literal

from faza.protocols.mercury230.frames import ANY, LEAST, unwrap, wrap
from faza.protocols.mercury230.problems import Damaged, Status
from faza.protocols.mercury230.values import Answer, Ask, Got, Refused

NOISE = 64
"""Bytes that may come before an answer and belong to nobody."""


class Need(Enum):
    DATA = "data"


NEED_DATA = Need.DATA
"""Nothing to tell until more bytes come."""


class Connection:
    """See the module. `address` 0 takes whoever answers. Raises ValueError if it is no address."""

    def __init__(self, address: int) -> None:
        if not 0 <= address <= 240:
            raise ValueError(f"Address {address} is not in 0 to 240.")
        self.address = address
        self._ask: Ask | None = None
        self._buffer = b""

    @property
    def has_part(self) -> bool:
        """Whether something has come that is no answer yet."""
        return bool(self._buffer)

    def send(self, ask: Ask) -> bytes:
        """Start a question; the bytes to write. Asking again is sending again."""
        self._ask, self._buffer = ask, b""
        return wrap(self.address, ask.payload)

    def receive(self, data: bytes) -> None:
        """Take bytes that have come."""
        self._buffer += data

    def next_event(self) -> Answer | Literal[Need.DATA]:
        """The answer: what ends the bytes so far and fits. Raises Damaged."""
        if self._ask is None:
            self._buffer = b""
            return NEED_DATA
        sizes = self._ask.sizes
        for size in sizes:
            data = self._tail(size)
            if data is not None:
                return self._ended(Got(data))
        status = self._tail(1)
        if status is not None and status[0] & 15 in Status._value2member_map_:
            found = Status(status[0] & 15)
            is_done = found is Status.DONE and not sizes
            return self._ended(Got(b"") if is_done else Refused(self._told(found)))
        most = max(sizes, default=1) + LEAST - 1 + NOISE
        if len(self._buffer) > most:
            count = len(self._buffer)
            self._ask, self._buffer = None, b""
            raise Damaged(f"No answer among {count} bytes.")
        return NEED_DATA

    def _told(self, status: Status) -> Status:
        """A meter that says "done" where data were asked for does not have them."""
        return Status.ILLEGAL if status is Status.DONE else status

    def _ended(self, answer: Answer) -> Answer:
        self._ask, self._buffer = None, b""
        return answer

    def _tail(self, size: int) -> bytes | None:
        """The data of a frame of that size which ends the buffer."""
        whole = size + LEAST - 1
        if len(self._buffer) < whole:
            return None
        found = unwrap(self._buffer[-whole:])
        if found is None or self.address not in (ANY, found[0]):
            return None
        return found[1]
