"""What allauth changes by itself and tells of by signals only: passwords and second factors.

Its signals of second factors come right after the deed's transaction, not in it.
"""

from __future__ import annotations

from typing import Any

from allauth.account.signals import password_changed, password_reset, password_set
from allauth.mfa.signals import (
    authenticator_added,
    authenticator_removed,
    authenticator_reset,
)
from django.dispatch import Signal
from django.utils import timezone

from faza.accounts import signals
from faza.accounts.models import User
from faza.audit import services as audit

PASSWORD = "accounts.password.changed"  # noqa: S105  # the code of a deed
DEEDS: dict[str, tuple[Signal, str]] = {
    "password_changed": (password_changed, PASSWORD),
    "password_set": (password_set, PASSWORD),
    "password_reset": (password_reset, PASSWORD),
    "factor_added": (authenticator_added, "accounts.second_factor.added"),
    "factor_removed": (authenticator_removed, "accounts.second_factor.removed"),
    "factor_reset": (authenticator_reset, "accounts.second_factor.renewed"),
}


def listen() -> None:
    """Have each of them written into the trail."""
    for name, (signal, action) in DEEDS.items():
        signal.connect(_noting(action), weak=False, dispatch_uid=f"accounts.{name}")


def _noting(action: str) -> Any:  # Any: a receiver, which takes whatever its signal tells
    def noted(sender: object, **told: Any) -> None:
        factor = told.get("authenticator")
        after = {"factor": str(factor.type)} if factor is not None else None
        # Who resets a password has proven to read the person's mail.
        at = timezone.now()
        audit.note(action, of=told["user"], by=told["user"], at=at, after=after)
        if action == PASSWORD:
            signals.signed_out.send(sender=User, user=told["user"], at=at)

    return noted
