"""What an order about supply may not be. Source: design/rules.md, Warnings (F8) and commands.

Verdicts from plain values. That a notice, and which term, is needed for which ground, that a
restoration may do without a paper, and the limits of number and time are choices of ours.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any


class Deed(StrEnum):
    """off: no supply; limit: up to a power; restore: after off; lift: after limit."""

    OFF = "off"
    LIMIT = "limit"
    RESTORE = "restore"
    LIFT = "lift"


class Initiator(StrEnum):
    SUPPLIER = "supplier"
    OWNER = "owner"


class Ground(StrEnum):
    DEBT = "debt"
    UNMETERED = "unmetered"
    ENDED = "ended"
    BREACH = "breach"
    OWN = "own"
    SAFETY = "safety"
    CURED = "cured"
    MISTAKE = "mistake"


class State(StrEnum):
    ASKED = "asked"
    WAITING = "waiting"
    SENT = "sent"
    DONE = "done"
    FAILED = "failed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


OPEN = frozenset({State.ASKED, State.WAITING, State.SENT})
LIMITING = frozenset({Deed.OFF, Deed.LIMIT})
TO_LIMIT = frozenset(
    {Ground.DEBT, Ground.UNMETERED, Ground.ENDED, Ground.BREACH, Ground.OWN, Ground.SAFETY}
)
TO_RESTORE = frozenset({Ground.CURED, Ground.MISTAKE, Ground.OWN, Ground.SAFETY})
AT_ONCE = frozenset({Ground.OWN, Ground.SAFETY})
"""Grounds of limiting for which no notice is waited for."""
TOLD_AHEAD = timedelta(days=1)
"""So long before a limitation the subscriber is told by mail, beside the notices on paper."""
LIMIT_LASTS, RESTORE_LASTS = timedelta(days=1), timedelta(days=7)
"""So long the meter is tried: a limitation is not to come days after everybody forgot it."""
MOST_AN_HOUR = 5
"""Limitations that one person lets go within an hour: orders are singular, no bulk."""


class Fault(StrEnum):
    """Why an order may not be, or may not go."""

    GROUND = "ground"
    NO_WORDS = "no-words"
    NO_NOTICE = "no-notice"
    NOTICE_AHEAD = "notice-ahead"
    TOO_SOON = "too-soon"
    NO_PAPER = "no-paper"
    PROTECTED = "protected"
    LIFE_SUPPORT = "life-support"
    COMMON = "common"
    NO_SUPPLIER = "no-supplier"
    NO_DEVICE = "no-device"
    NO_RELAY = "no-relay"
    NO_PRESENCE = "no-presence"
    NO_THRESHOLD = "no-threshold"
    SAME_PERSON = "same-person"
    TOO_MANY = "too-many"


@dataclass(frozen=True, slots=True)
class Asked:
    """What an order says. day: the local day of its earliest moment; threshold: W."""

    deed: Deed
    initiator: Initiator
    ground: Ground
    words: str
    day: date
    noticed_on: date | None = None
    reminded_on: date | None = None
    to_on: bool = False
    presence: str = ""
    threshold: int | None = None
    papers: int = 0


@dataclass(frozen=True, slots=True)
class Situation:
    """How things stand at the point. today: its local day; term: days from the first notice."""

    today: date
    term: int
    is_protected: bool = False
    has_life_support: bool = False
    is_common: bool = False
    has_supplier: bool = False
    has_device: bool = True
    has_relay: bool = True


def faults(asked: Asked, here: Situation) -> list[Fault]:
    """All that stands against an order; nothing: it may be."""
    found = list(_of_both(asked, here))
    return found + list(_of_limiting(asked, here) if asked.deed in LIMITING else _of_other(asked))


def _of_both(asked: Asked, here: Situation) -> Iterator[Fault]:
    allowed = TO_LIMIT if asked.deed in LIMITING else TO_RESTORE
    if asked.ground not in allowed:
        yield Fault.GROUND
    if not asked.words.strip():
        yield Fault.NO_WORDS
    if asked.initiator is Initiator.SUPPLIER and not here.has_supplier:
        yield Fault.NO_SUPPLIER
    if not here.has_device:
        yield Fault.NO_DEVICE
    elif asked.deed in {Deed.OFF, Deed.RESTORE} and not here.has_relay:
        yield Fault.NO_RELAY


def _of_limiting(asked: Asked, here: Situation) -> Iterator[Fault]:
    if here.is_protected:
        yield Fault.PROTECTED
    if here.has_life_support:
        yield Fault.LIFE_SUPPORT
    if here.is_common:
        yield Fault.COMMON
    if not asked.papers:
        yield Fault.NO_PAPER
    if asked.deed is Deed.LIMIT and not asked.threshold:
        yield Fault.NO_THRESHOLD
    yield from _of_notices(asked, here)


def _of_notices(asked: Asked, here: Situation) -> Iterator[Fault]:
    told = [day for day in (asked.noticed_on, asked.reminded_on) if day is not None]
    if any(day > here.today for day in told):
        yield Fault.NOTICE_AHEAD
    if asked.ground in AT_ONCE:
        return
    if asked.noticed_on is None:
        yield Fault.NO_NOTICE
    elif asked.day < asked.noticed_on + timedelta(days=here.term):
        yield Fault.TOO_SOON


def _of_other(asked: Asked) -> Iterator[Fault]:
    if asked.to_on and not asked.presence.strip():
        yield Fault.NO_PRESENCE


def begins_at(
    deed: Deed, ground: Ground, not_before: datetime, *, confirmed_at: datetime
) -> datetime:
    """When a confirmed order goes to the meter: a limitation only after the subscriber was told."""
    if deed not in LIMITING or ground in AT_ONCE:
        return max(not_before, confirmed_at)
    return max(not_before, confirmed_at + TOLD_AHEAD)


def is_done(arguments: Mapping[str, Any], said: Mapping[str, Any]) -> bool:
    """Whether what a meter said when it was read back is what it was told: relay or limiter."""
    match arguments.get("to"):
        case "off":
            return said.get("is_on") is False and said.get("control") != "on"
        case "on":
            return said.get("is_on") is True
        case "permit":
            return said.get("is_on") is True or said.get("control") == "ready"
    if not arguments.get("is_on"):
        return said.get("is_on") is False
    return said.get("is_on") is True and said.get("threshold") == arguments.get("threshold")
