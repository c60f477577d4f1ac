"""How long applications are kept that came to nothing, and what is left of closed accounts."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from faza.accounts import retention
from faza.audit import services as audit
from faza.contracts.models import Application, OneTimeSecret, Pairing, Token, TokenUse
from faza.contracts.rules.applications import State

UNCONFIRMED_DAYS = 7
REFUSED_DAYS = 90
CLOSED_DAYS = 30
USES_DAYS = 365
PAIRING_DAYS = 1
SECRET_DAYS = 1
GRANT_DAYS = 1095
"""Whether somebody had agreed is asked for within the general term of claims: three years."""
BATCH = 500


def register() -> None:
    """Have the daily job sweep them."""
    retention.register(
        "contracts.unconfirmed_applications",
        UNCONFIRMED_DAYS,
        sweep_unconfirmed,
        count=lambda before: _unconfirmed(before).count(),
        label=_("applications whose address nobody has proven"),
    )
    retention.register(
        "contracts.refused_applications",
        REFUSED_DAYS,
        sweep_refused,
        count=lambda before: _refused(before).count(),
        label=_("refused applications with what was written about them"),
    )
    retention.register(
        "contracts.closed_applications",
        CLOSED_DAYS,
        sweep_closed,
        count=lambda before: _closed(before).count(),
        label=_("applications of closed accounts"),
    )
    retention.register(
        "contracts.closed_tokens",
        CLOSED_DAYS,
        sweep_tokens,
        count=lambda before: _tokens(before).count(),
        label=_("tokens of closed accounts"),
    )
    retention.register(
        "contracts.token_uses",
        USES_DAYS,
        sweep_uses,
        count=lambda before: _uses(before).count(),
        label=_("what programs with tokens asked for"),
    )
    retention.register(
        "contracts.oauth_secrets",
        SECRET_DAYS,
        sweep_secrets,
        count=lambda before: _secrets(before).count(),
        label=_("codes and refresh tokens of applications that have ended"),
    )
    retention.register(
        "contracts.ended_grants",
        GRANT_DAYS,
        sweep_grants,
        count=lambda before: _grants(before).count(),
        label=_("ended links and accesses of applications, with their consents"),
    )
    retention.register(
        "contracts.pairings",
        PAIRING_DAYS,
        sweep_pairings,
        count=lambda before: _pairings(before).count(),
        label=_("codes that phones were connected by, with who asked"),
    )


def sweep_unconfirmed(before: datetime, at: datetime) -> int:
    """Delete applications sent before a moment whose address was not proven; how many."""
    return _delete(_unconfirmed(before), at)


def sweep_refused(before: datetime, at: datetime) -> int:
    """Delete applications refused before a moment; how many."""
    return _delete(_refused(before), at)


def sweep_closed(before: datetime, at: datetime) -> int:
    """Delete the applications of accounts that were closed before a moment; how many."""
    return _delete(_closed(before), at)


def sweep_tokens(before: datetime, at: datetime) -> int:
    """Delete the tokens of accounts that were closed before a moment, with their logs; how many."""
    stale = _tokens(before)
    count = stale.count()
    stale.delete()
    return count


def _tokens(before: datetime) -> QuerySet[Token]:
    return Token.objects.filter(user__closed_at__lt=before)


def sweep_pairings(before: datetime, at: datetime) -> int:
    """Delete pairings begun before a moment; how many. The connected phones stay."""
    count, _told = _pairings(before).delete()
    return count


def _pairings(before: datetime) -> QuerySet[Pairing]:
    return Pairing.objects.filter(made_at__lt=before)


def sweep_secrets(before: datetime, at: datetime) -> int:
    """Delete codes and refresh tokens that ended before a moment; how many.

    One that was taken is kept until its term, so that it is known when it comes again.
    """
    count, _told = _secrets(before).delete()
    return count


def _secrets(before: datetime) -> QuerySet[OneTimeSecret]:
    return OneTimeSecret.objects.filter(expires_at__lt=before)


def sweep_grants(before: datetime, at: datetime) -> int:
    """Delete links and accesses that ended before a moment, with their consents; how many."""
    stale = _grants(before)
    count = stale.count()
    stale.delete()
    return count


def _grants(before: datetime) -> QuerySet[Token]:
    given = Token.objects.filter(kind__in=[Token.Kind.SHARE, Token.Kind.APPLICATION])
    return given.filter(Q(expires_at__lt=before) | Q(revoked_at__lt=before))


def sweep_uses(before: datetime, at: datetime) -> int:
    """Delete what tokens asked for on days before that of a moment; how many rows."""
    count, _told = _uses(before).delete()
    return count


def _uses(before: datetime) -> QuerySet[TokenUse]:
    return TokenUse.objects.filter(day__lt=before.astimezone(UTC).date())


def _unconfirmed(before: datetime) -> QuerySet[Application]:
    return Application.objects.filter(state=State.UNCONFIRMED, submitted_at__lt=before)


def _refused(before: datetime) -> QuerySet[Application]:
    return Application.objects.filter(state=State.REFUSED, decided_at__lt=before)


def _closed(before: datetime) -> QuerySet[Application]:
    return Application.objects.filter(user__closed_at__lt=before)


def _delete(stale: QuerySet[Application], at: datetime) -> int:
    count = 0
    while batch := list(stale.order_by("pk")[:BATCH]):
        with transaction.atomic():
            for application in batch:
                audit.note("contracts.application.expired", of=application, by=None, at=at)
                audit.forget(kind=application._meta.label_lower, id=application.pk, at=at)
                application.delete()
        count += len(batch)
    return count
