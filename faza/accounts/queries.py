from __future__ import annotations

from django.db.models import QuerySet

from faza.accounts import retention
from faza.accounts.models import Acceptance, SignIn, User, Withdrawal


def sign_ins_of(user: User) -> QuerySet[SignIn]:
    """Attempts to sign in as a user, newest first."""
    return SignIn.objects.filter(user=user).order_by("-at", "-id")


def acceptances_of(user: User) -> QuerySet[Acceptance]:
    """What a user accepted and took back, newest first."""
    return Acceptance.objects.filter(user=user).select_related("text").order_by("-at", "-id")


def withdrawals_of(user: User) -> QuerySet[Withdrawal]:
    """Consents that a user took back, newest first."""
    return Withdrawal.objects.filter(user=user).order_by("-at", "-id")


def withdrawals_waiting() -> QuerySet[Withdrawal]:
    """The desk's queue of withdrawals, the most urgent first."""
    return Withdrawal.objects.filter(handled_at=None).select_related("user").order_by("due_at")


def days_kept(kind: str) -> int | None:
    """So many days values of a kind are kept; None: for ever."""
    return {known.name: days for known, days in retention.kinds()}[kind]
