"""What can go wrong in a dialogue with a meter, divided by what the caller does next.

    Exception
    ├── Malformed (faza.protocols)    the bytes make no sense: drop the line, ask again
    │   ├── TooLarge (faza.protocols) a declared or collected size passes its bound
    │   ├── Damaged                   HDLC only: a frame with a wrong check sequence; the link
    │   │                             stands, `Connection.repeat()` asks for the frame again
    │   └── Unproven                  a tag or a proof does not fit the keys: a flipped bit, or
    │       │                         not our meter
    │       └── Replayed              an invocation counter that does not grow
    ├── TryLater                      the meter is there, but not now: disconnected mode, busy,
    │                                 frame rejected, rejected for the moment, line closed
    ├── GiveUp                        the same question would be refused again
    │   ├── Rejected                  the association is refused for good: password, key, context
    │   ├── CounterTooLow             the meter expects a greater invocation counter
    │   └── CounterSpent              no invocation counter is left under this key
    └── WrongStep                     the caller's mistake: not allowed in this state

A refused attribute or method is none of these, but a value: see `names.DataAccessResult`.
"""

from __future__ import annotations

from faza.protocols.problems import Malformed, TooLarge

__all__ = [
    "CounterSpent",
    "CounterTooLow",
    "Damaged",
    "GiveUp",
    "Malformed",
    "Rejected",
    "Replayed",
    "TooLarge",
    "TryLater",
    "Unproven",
    "WrongStep",
]


class Damaged(Malformed):
    """A frame's check sequence is wrong; nothing of the frame was used."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, code="check-sequence")


class Unproven(Malformed):
    """Protected bytes do not fit the keys."""

    def __init__(self, reason: str, *, code: str = "unproven") -> None:
        super().__init__(reason, code=code)


class Replayed(Unproven):
    """An invocation counter is not greater than the last one accepted."""

    def __init__(self, found: int, last: int) -> None:
        super().__init__(f"Invocation counter {found} is not above {last}.", code="replayed")
        self.found = found
        self.last = last


class TryLater(Exception):
    """The meter does not serve now; the same question may be answered later."""


class GiveUp(Exception):
    """The meter refuses, and would refuse the same question again."""


class Rejected(GiveUp):
    """An association is refused. `diagnostic` is the meter's reason, by name."""

    def __init__(self, reason: str, *, diagnostic: str = "") -> None:
        super().__init__(reason)
        self.diagnostic = diagnostic


class CounterTooLow(GiveUp):
    """The meter refuses our invocation counter; `expected` is the least it will take."""

    def __init__(self, expected: int) -> None:
        super().__init__(f"The meter expects an invocation counter of {expected} or more.")
        self.expected = expected


class CounterSpent(GiveUp):
    """The invocation counter has reached its end; the key must be replaced."""


class WrongStep(Exception):
    """What was asked for is not allowed in the present state."""
