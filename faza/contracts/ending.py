"""Who is signed out everywhere is so on phones too."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from faza.accounts.models import User
from faza.accounts.signals import signed_out
from faza.contracts.services import pairing


def listen() -> None:
    """Have the phones of a person end with the sessions."""
    signed_out.connect(_end, dispatch_uid="contracts.devices")


def _end(sender: object, *, user: User, at: datetime, **told: Any) -> None:
    pairing.end_devices(user=user, at=at)
