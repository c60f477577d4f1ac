"""Personal tokens: what they may be asked for, how long they last, what they look like."""

from __future__ import annotations

import hashlib
import secrets
from enum import StrEnum

PREFIX = "fzp_"
"""By it a token of a person is told from one that pushes telemetry, also by scanners of secrets."""
HINT = 10
"""So many characters of a token are kept, to tell tokens apart."""
LONGEST = 200
DAYS = (30, 90, 365)
"""For how long a token may be made; none lasts for ever. A choice of ours."""
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


def fresh() -> str:
    """The text of a new token: 256 bits of chance."""
    return PREFIX + secrets.token_urlsafe(32)


def digest(text: str) -> str:
    """What is kept of a token. So much chance needs no salt and no slow hash."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def is_plausible(text: str) -> bool:
    """Whether a text may be a token at all."""
    return text.startswith(PREFIX) and len(text) <= LONGEST
