"""An account and its application, each of which is made in a room of its own, done as one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction

from faza.accounts import services as accounts
from faza.accounts.models import LegalText, User
from faza.contracts.models import Application
from faza.contracts.services import applications


def register(
    *,
    email: str,
    password: str,
    fields: Mapping[str, str],
    texts: Iterable[LegalText],
    language: str,
    address: str | None,
    at: datetime,
) -> None:
    """Make an account with its application; nobody is told whether the address was known."""
    accounts.sign_up(
        email=email,
        full_name=fields["full_name"],
        phone=fields["phone"],
        password=password,
        texts=texts,
        language=language,
        address=address,
        at=at,
        then=lambda user: applications.submit(user=user, fields=fields, at=at),
    )


@transaction.atomic
def confirm(*, key: str, at: datetime, session: str = "") -> accounts.Confirmed:
    """Prove an address; the application of a new account goes to the desk.

    Raises LinkExpired, LinkSpent, WrongLink.
    """
    confirmed = accounts.confirm(key=key, at=at, but=session)
    if not confirmed.is_change:
        applications.confirm(user=confirmed.user, at=at)
    return confirmed


@transaction.atomic
def apply(
    *, user: User, application: Application | None, fields: Mapping[str, str], at: datetime
) -> None:
    """Send an application of somebody whose address is proven: corrected if asked to, else anew.

    Raises AlreadyApplied, WrongMove, ValidationError.
    """
    if application is not None and application.state == Application.State.CORRECTION:
        applications.correct(application=application, fields=fields, by=user, at=at)
        return
    applications.submit(user=user, fields=fields, at=at)
    applications.confirm(user=user, at=at)
