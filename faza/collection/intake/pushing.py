"""Telemetry that a program pushes over HTTP: stored by the time it is answered."""

from __future__ import annotations

from datetime import datetime

from faza.collection.intake import journal
from faza.collection.intake.taking import Packet, Taken, take
from faza.collection.models import AccessToken


def push(data: bytes, *, token: AccessToken, at: datetime) -> Taken:
    """Store a packet of a token's holder, within the token's area, and list it.

    Raises DatabaseError where it is out of reach: the sender repeats it.
    """
    packet = Packet(f"push {token.sender} {at:%Y-%m-%d %H:%M:%S}", data)
    by = f"push:{token.sender}"[:64]
    taken = take([packet], sender=token.sender, at=at, within=token.node, by=by)
    journal.write([packet], taken, channel=by, at=at)
    return taken
