"""What a program with a person's token reads: the person's own windows, clipped to its points.

Nothing is granted that the person does not read at the time of the question: who lost a point has
lost it for the programs too. Source: design/rules.md, Access.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from faza.accounts.models import User
from faza.contracts.access.windows import (
    NoSuchPoint,
    Points,
    point_of,
    points_visible,
    readable_agreements_of,
    windows_of,
)
from faza.contracts.models import AgreementPoint, Customer, CustomerAgreement, Token, TokenPoint
from faza.contracts.rules import tokens as rules
from faza.contracts.rules.tokens import Scope
from faza.core.windows import Windows
from faza.metering.models import UsagePoint
from faza.metering.querysets import UsagePointQuerySet

READERS = frozenset({User.Role.SUBSCRIBER, User.Role.SUPPLIER, User.Role.HOUSE_MANAGER})
"""Who may have tokens. The staff's reach is too wide for a key that lies in a file."""
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token lets a program do for its person.

    points: ids of the points it is limited to, None for all that the person reads. counted: how
    often it was asked in the minute `counted_since` before this question.
    """

    token: int
    user: User
    scopes: frozenset[Scope]
    points: frozenset[int] | None
    counted: int
    counted_since: datetime | None

    def asked(self, *, at: datetime) -> int:
        """How often it was asked in this minute before."""
        same = self.counted_since is not None and at - self.counted_since < MINUTE
        return self.counted if same else 0


def open_tokens(at: datetime) -> QuerySet[Token]:
    """Tokens that work at a moment."""
    return Token.objects.filter(revoked_at=None, expires_at__gt=at)


def grant_of(text: str, *, at: datetime) -> Grant | None:
    """What the token of that text grants; None where it works no longer or is none.

    One query; another one of a token with points of its own.
    """
    if not rules.is_plausible(text):
        return None
    found = open_tokens(at).filter(digest=rules.digest(text), user__is_active=True)
    token = found.filter(user__role__in=READERS).select_related("user").first()
    if token is None:
        return None
    points = None
    if token.is_limited:
        rows = TokenPoint.objects.filter(token=token)
        points = frozenset(rows.values_list("usage_point_id", flat=True))
    known = {scope.value: scope for scope in Scope}
    scopes = frozenset(known[one] for one in token.scopes if one in known)
    return Grant(token.pk, token.user, scopes, points, token.counted, token.counted_since)


def granted_windows(grant: Grant, *, at: datetime, points: Points | None = None) -> Windows:
    """The windows of a grant, up to `at`; of some points only where they are given."""
    if grant.points is None:
        return windows_of(grant.user, at=at, points=points)
    wanted = grant.points
    if points is not None:
        wanted &= frozenset(points if not isinstance(points, QuerySet) else list(points))
    return windows_of(grant.user, at=at, points=wanted) if wanted else Windows(())


def granted_point(grant: Grant, code: str, *, at: datetime) -> tuple[UsagePoint, Windows]:
    """A usage point by its code, and the grant's windows of it. Raises NoSuchPoint."""
    point, windows = point_of(grant.user, code, at=at)
    if grant.points is not None and point.pk not in grant.points:
        raise NoSuchPoint(code)
    return point, windows


def granted_points(grant: Grant, *, at: datetime) -> UsagePointQuerySet:
    """The points of which a grant has any window."""
    visible = points_visible(grant.user, at=at)
    return visible if grant.points is None else visible.filter(id__in=grant.points)


def granted_agreements(grant: Grant, *, at: datetime) -> QuerySet[CustomerAgreement]:
    """The agreements of a grant; of a limited one those that its points are bound by."""
    readable = readable_agreements_of(grant.user, at=at)
    if grant.points is None:
        return readable
    bound = AgreementPoint.objects.filter(usage_point__in=grant.points)
    return readable.filter(id__in=bound.values("agreement"))


def granted_customers(grant: Grant, *, at: datetime) -> QuerySet[Customer]:
    """The customers of a grant's agreements."""
    return Customer.objects.filter(id__in=granted_agreements(grant, at=at).values("customer"))
