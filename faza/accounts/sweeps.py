"""What accounts themselves keep of people, and how long: the kinds of this room."""

from __future__ import annotations

from datetime import datetime

from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from faza.accounts import retention
from faza.accounts.models import Acceptance, SignIn, User
from faza.accounts.services.users import erase_user
from faza.audit import services as audit
from faza.audit.models import PersonalValue

UNCONFIRMED_DAYS = 7
SIGN_IN_DAYS = 180
CLOSED_DAYS = 30
BATCH = 500


def register() -> None:
    """Have the daily job sweep them."""
    retention.register(
        "accounts.unconfirmed",
        UNCONFIRMED_DAYS,
        sweep_unconfirmed,
        label=_("accounts whose address nobody has proven"),
        count=lambda before: _unconfirmed(before).count(),
    )
    retention.register(
        "accounts.sign_in_addresses",
        SIGN_IN_DAYS,
        sweep_addresses,
        label=_("network addresses and browsers of sign-ins and acceptances"),
        count=lambda before: sum(rows.count() for rows in _with_addresses(before)),
    )
    retention.register(
        "accounts.closed",
        CLOSED_DAYS,
        sweep_closed,
        label=_("names, phones and addresses of closed accounts"),
        count=lambda before: _closed(before).count(),
    )
    retention.register(
        "audit.network_addresses",
        SIGN_IN_DAYS,
        sweep_trail_addresses,
        label=_("network addresses in the trail of deeds"),
        count=lambda before: _trail_addresses(before).count(),
    )


def sweep_unconfirmed(before: datetime, at: datetime) -> int:
    """Delete accounts made before a moment whose address was never proven; how many."""
    count = 0
    while batch := list(_unconfirmed(before)[:BATCH]):
        for user in batch:
            with transaction.atomic():
                audit.note("accounts.user.expired", of=user, by=None, at=at)
                audit.forget(user=user.pk, at=at)
                user.delete()
        count += len(batch)
    return count


def sweep_addresses(before: datetime, at: datetime) -> int:
    """Erase where sign-ins and acceptances of before a moment came from; how many."""
    known, accepted = _with_addresses(before)
    return known.update(address=None, browser="") + accepted.update(address=None)


def sweep_trail_addresses(before: datetime, at: datetime) -> int:
    """Erase where deeds of before a moment were done from; the deeds stay. How many."""
    return audit.forget_older(name=audit.NETWORK_ADDRESS, than=before, at=at)


def sweep_closed(before: datetime, at: datetime) -> int:
    """Erase what names people who closed their account before a moment; how many."""
    count = 0
    while batch := list(_closed(before)[:BATCH]):
        for user in batch:
            erase_user(user=user, at=at)
        count += len(batch)
    return count


def _unconfirmed(before: datetime) -> QuerySet[User]:
    proven = EmailAddress.objects.filter(user=OuterRef("pk"), verified=True)
    return User.objects.filter(
        ~Exists(proven), created_at__lt=before, role=User.Role.SUBSCRIBER, last_login=None,
        closed_at=None, erased_at=None,
    )  # fmt: skip


def _with_addresses(before: datetime) -> tuple[QuerySet[SignIn], QuerySet[Acceptance]]:
    known = SignIn.objects.filter(at__lt=before).exclude(address=None, browser="")
    return known, Acceptance.objects.filter(at__lt=before).exclude(address=None)


def _closed(before: datetime) -> QuerySet[User]:
    return User.objects.filter(closed_at__lt=before, erased_at=None, is_active=False)


def _trail_addresses(before: datetime) -> QuerySet[PersonalValue]:
    values = PersonalValue.objects.filter(name=audit.NETWORK_ADDRESS, at__lt=before)
    return values.filter(erased_at=None)
