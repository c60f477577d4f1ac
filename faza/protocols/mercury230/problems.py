"""What can go wrong with a Mercury, divided by what the caller does next.

Malformed (faza.protocols)    an answer of the right size makes no sense
└── Damaged                   more bytes than an answer has, and none fits: ask again
Refusal                       the meter says no, with a status; the channel stands
NotTaken                      after a command the meter says something else than was written
"""

from __future__ import annotations

from enum import IntEnum

from faza.protocols.problems import Malformed


class Status(IntEnum):
    """The low half of a status byte (table 1.3)."""

    DONE = 0
    ILLEGAL = 1
    """No such command or parameter: this meter has no such part."""
    INTERNAL = 2
    LEVEL = 3
    """The channel was opened with too low a level of access."""
    CLOCK = 4
    """The clock was corrected today already."""
    CLOSED = 5
    """The channel is not open: never opened, or silent for 240 s."""


WORDS = {
    Status.DONE: "done",
    Status.ILLEGAL: "no such command or parameter",
    Status.INTERNAL: "an internal error of the meter",
    Status.LEVEL: "the level of access is too low",
    Status.CLOCK: "the clock was corrected today already",
    Status.CLOSED: "the channel is not open",
}


class Damaged(Malformed):
    """What came is no answer; nothing of it was used."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, code="check-sequence")


class Refusal(Exception):
    """The meter refused one question; `told` says which."""

    def __init__(self, status: Status, told: str) -> None:
        super().__init__(f"The meter refuses ({told}): {WORDS[status]}.")
        self.status = status


class NotTaken(Exception):
    """A command was accepted, and reading back shows something else."""
