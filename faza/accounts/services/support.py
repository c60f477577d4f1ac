"""What the desk does for a person about signing in; each deed is in the trail with its reason."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from faza.accounts import mails
from faza.accounts.models import User
from faza.accounts.services.registration import send_confirmation
from faza.accounts.services.users import deactivate, end_sessions, second_factors
from faza.audit import services as audit


class NoSecondFactor(Exception):
    """The person signs in with a password alone: there is nothing to take off."""


class NoReason(Exception):
    """Why it is done was not said."""


@transaction.atomic
def sign_out(*, user: User, at: datetime, by: User) -> int:
    """End all sessions of a person; how many there were. Nobody signed in: nothing is done."""
    ended = end_sessions(user=user, at=at)
    if ended:
        audit.note("accounts.sessions.ended", of=user, by=by, at=at, after={"sessions": ended})
    return ended


@transaction.atomic
def remind_to_confirm(*, user: User, at: datetime, by: User) -> bool:
    """Send the mail that proves a new address once more; False where it is proven already."""
    sent = send_confirmation(user=user, at=at)
    if sent:
        audit.note("accounts.confirmation.sent", of=user, by=by, at=at)
    return sent


@transaction.atomic
def reset_second_factor(*, user: User, reason: str, at: datetime, by: User) -> int:
    """Take off codes, keys and recovery codes of a person whose identity was checked; how many.

    All sessions end, and the person is told by mail. Raises NoReason, NoSecondFactor.
    """
    if not reason.strip():
        raise NoReason(user.pk)
    held = User.objects.select_for_update().get(pk=user.pk)
    standing = second_factors(held)
    kinds = sorted(standing.values_list("type", flat=True))
    if not kinds:
        raise NoSecondFactor(held.pk)
    standing.delete()
    end_sessions(user=held, at=at)
    told = {"reason": reason.strip()}
    audit.note(
        "accounts.second_factor.reset",
        of=held,
        by=by,
        at=at,
        before={"kinds": kinds},
        after=told,
        personal=("reason",),
    )
    mails.tell_security_changed("second_factor_reset", user=held, at=at)
    return len(kinds)


@transaction.atomic
def deactivate_many(*, users: Iterable[User], reason: str, at: datetime, by: User) -> list[User]:
    """Close the access of some people at once; those whose access was closed now.

    Raises LastAdministrator; nothing is done then.
    """
    return [deactivate(user=user, at=at, by=by, reason=reason) for user in users if user.is_active]
