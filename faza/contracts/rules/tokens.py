"""Tokens: what they may be asked for, how long they last, what they look like."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from faza.core.periods import start_of_day

HINT = 10
"""So many characters of a token are kept, to tell tokens apart."""
LONGEST = 200
DAYS = (30, 90, 365)
"""For how long a token may be made; none lasts for ever. A choice of ours."""
LINK_DAYS = (1, 7, 30, 90, 365)
"""For how long a link may be made. A choice of ours."""
CODE_LIFE = timedelta(minutes=5)
"""For how long a code of an application may be exchanged; RFC 6749 recommends ten at most."""
ACCESS_LIFE = timedelta(hours=1)
"""For how long the text of an application's token works before it takes the next one."""
CODE_PREFIX, REFRESH_PREFIX = "fzc_", "fzr_"
MOST = 50
"""Tokens of a person that work at a time."""
LIMIT = 300
"""Questions of a token in a minute. A choice of ours."""
NAME = 100


class Scope(StrEnum):
    """What a token may be asked for; one without a scope sees nothing of it."""

    POINTS = "points"
    READINGS = "readings"
    EVENTS = "events"
    CHARGES = "charges"
    NOTICES = "notices"
    ENTRY = "entry"
    REPORTS = "reports"


class Kind(StrEnum):
    """Who holds a token."""

    PERSONAL = "personal"
    DEVICE = "device"
    SHARE = "share"
    APPLICATION = "application"


class Resolution(StrEnum):
    """The finest that a token reads, where that is not the intervals as they are metered."""

    HOUR = "hour"
    DAY = "day"
    MONTH = "month"


_COARSENESS = {None: 0, Resolution.HOUR: 1, Resolution.DAY: 2, Resolution.MONTH: 3}


def is_read(finest: Resolution | None, step: Resolution | None) -> bool:
    """Whether a token of a finest resolution reads sums of a step; None: as it is metered."""
    return _COARSENESS[step] >= _COARSENESS[finest]


def finished(resolution: Resolution, zone: str, at: datetime) -> datetime:
    """The start of the hour, day or month of a zone that a moment is in: what ended by then."""
    local = at.astimezone(ZoneInfo(zone))
    if resolution is Resolution.HOUR:
        return at - timedelta(
            minutes=local.minute, seconds=local.second, microseconds=local.microsecond
        )
    day = local.date().replace(day=1) if resolution is Resolution.MONTH else local.date()
    return start_of_day(day, zone)


SHARED = frozenset({Scope.READINGS})
"""What a link may hold: no name, address or number of an agreement is in it."""
FOREIGN = frozenset({Scope.POINTS, Scope.READINGS, Scope.EVENTS, Scope.CHARGES, Scope.NOTICES})
"""What applications of others may ask for: they read, and change nothing."""
_OF_MOMENTS = frozenset({Scope.EVENTS, Scope.NOTICES, Scope.ENTRY, Scope.REPORTS})


def holdable(kind: Kind, resolution: Resolution | None, *, is_cut: bool) -> frozenset[Scope]:
    """What a token of a kind may be asked for at most.

    Events and reports tell what happened within a day, and notices of what was before: a token
    that reads coarser, or a period only (`is_cut`), has none of them.
    """
    most = {Kind.SHARE: SHARED, Kind.APPLICATION: FOREIGN}.get(kind, frozenset(Scope))
    return most - _OF_MOMENTS if resolution is not None or is_cut else most


PREFIXES = {
    Kind.PERSONAL: "fzp_",
    Kind.DEVICE: "fzd_",
    Kind.SHARE: "fzs_",
    Kind.APPLICATION: "fza_",
}
"""By them a token is told from one that pushes telemetry, also by scanners of secrets."""


def fresh(kind: Kind = Kind.PERSONAL) -> str:
    """The text of a new token: 256 bits of chance."""
    return PREFIXES[kind] + secrets.token_urlsafe(32)


def digest(text: str) -> str:
    """What is kept of a token. So much chance needs no salt and no slow hash."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def is_plausible(text: str) -> bool:
    """Whether a text may be a token at all."""
    return text.startswith(tuple(PREFIXES.values())) and len(text) <= LONGEST
