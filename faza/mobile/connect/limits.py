"""How often a code may be guessed: from one address, and by all the world together.

Of 31^8 codes some hundreds are shown at a time; with these limits a guess that hits anything is
awaited for thousands of years, and what it gets is a question to the owner. What fits is not
counted. The counters are in the cache that all processes share. Figures are choices of ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from allauth.core.internal import ratelimit
from django.http import HttpRequest

APP, WHOLE = "faza.mobile", "all"
RATES = {"code": "10/5m/ip,600/m/key", "scan": "30/m/ip"}
"""code: short codes that were typed wrong. scan: secrets, which nobody guesses, against floods."""


class TooOften(Exception):
    """There were too many wrong codes."""


@contextmanager
def counting(request: HttpRequest, action: str) -> Iterator[None]:
    """Count an attempt unless the block ends well. Raises TooOften before it.

    Counted first and taken back later, so that many attempts at once do not slip through.
    """
    usage = ratelimit.consume(request, app=APP, action=action, config=RATES, key=WHOLE)
    if usage is None:
        raise TooOften
    yield
    usage.rollback()
