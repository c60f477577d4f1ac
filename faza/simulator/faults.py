"""Faults on purpose: when a meter loses power, rows, its clock or its line, told or by a seed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    """What may befall a meter; see `Fault` for what each uses."""

    POWER = "power"  # no supply [at, until): nothing flows, its intervals have no rows
    CATCH_UP = "catch_up"  # counts but keeps no rows [at, until): the next row has the sum
    MISSING = "missing"  # rows of [at, until) are lost, and their energy from the profile
    DUPLICATE = "duplicate"  # the first row after `at` is kept twice
    CLOCK_JUMP = "clock_jump"  # the clock goes on or back by `seconds`
    RESET = "reset"  # both load profiles are emptied
    REPLACED = "replaced"  # another meter stands there: `number`, registers from zero
    MODEM_OFF = "modem_off"  # out of reach [at, until)
    MODEM_REBOOT = "modem_reboot"  # out of reach [at, until), a minute or two
    MAGNET = "magnet"  # magnetic field [at, until)
    COVER = "cover"  # terminal cover opened
    CASE = "case"  # case opened
    FAILURE = "failure"  # the measuring unit says that it fails [at, until)


@dataclass(frozen=True, slots=True)
class Fault:
    """A thing that happens at a true moment, [at, until) if it lasts."""

    kind: Kind
    at: datetime
    until: datetime | None = None
    seconds: int = 0
    number: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """How bad the way to a meter is.

    delay: seconds before each answer. drop, garbage, slow: shares of sessions, 0 to 1, in which
    the connection ends in the middle of an answer, bytes that belong to nobody come before one,
    answers come in small pieces.
    """

    delay: float = 0.0
    drop: float = 0.0
    garbage: float = 0.0
    slow: float = 0.0


@dataclass(frozen=True, slots=True)
class Session:
    """What goes wrong in one session. drop_after: bytes sent before the connection ends."""

    drop_after: int | None = None
    garbage: bytes = b""
    piece: int | None = None


@dataclass(frozen=True, slots=True)
class Faults:
    """drift: parts per million by which the clock is fast (negative: slow)."""

    scheduled: tuple[Fault, ...] = ()
    line: Line = Line()
    drift: float = 0.0
