"""How often a message is tried, and when it is given up."""

from __future__ import annotations

from datetime import timedelta

LEASE = timedelta(minutes=5)
"""Longer than a mail server may take over one mail: 9 answers of at most 20 s each."""
PAUSES = tuple(
    timedelta(minutes=minutes)
    for minutes in (0.25, 1, 3, 10, 30, 60, *((120,) * 4), *((360,) * 10))
)
"""After the first failure, the second…: quick for a hiccup, and patient over a weekend.

RFC 5321, 4.5.4.1 wants a sender to try for four to five days; these make three, as an invitation
or a code is of no use later.
"""
OVERDUE = timedelta(minutes=10)
"""So long after it was due a message stands still: no worker, or a mail server that is away."""


def pause_after(attempts: int) -> timedelta | None:
    """How long to wait after so many failed attempts; None: no more."""
    return PAUSES[attempts - 1] if attempts <= len(PAUSES) else None
