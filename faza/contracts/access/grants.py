"""What a program with a person's token reads: the person's own windows, clipped to the token's.

Nothing is granted that the person does not read at the time of the question: who lost a point has
lost it for the programs too. Source: design/rules.md, Access.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from faza.accounts.models import User
from faza.contracts.access.windows import (
    NoSuchPoint,
    Points,
    bound_point_of,
    point_of,
    points_visible,
    readable_agreements_of,
    windows_of,
)
from faza.contracts.models import AgreementPoint, Customer, CustomerAgreement, Token, TokenPoint
from faza.contracts.rules import tokens as rules
from faza.contracts.rules.tokens import Kind, Resolution, Scope
from faza.core.periods import ALWAYS, Period
from faza.core.windows import Window, Windows
from faza.metering.models import UsagePoint
from faza.metering.querysets import UsagePointQuerySet

READERS = frozenset({User.Role.SUBSCRIBER, User.Role.SUPPLIER, User.Role.HOUSE_MANAGER})
"""Who may have tokens. The staff's reach is too wide for a key that lies in a file."""
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token lets a program do for its person.

    points: ids of the points it is limited to, None for all that the person reads. counted: how
    often it was asked in the minute `counted_since` before this question. expires_at: when the
    token's text ends. resolution: the finest that it reads, None for intervals as they are
    metered. period: outside of which nothing of it is read, None for all times.
    """

    token: int
    user: User
    scopes: frozenset[Scope]
    points: frozenset[int] | None
    counted: int
    counted_since: datetime | None
    kind: Kind
    name: str
    expires_at: datetime
    resolution: Resolution | None = None
    period: Period | None = None

    def asked(self, *, at: datetime) -> int:
        """How often it was asked in this minute before."""
        same = self.counted_since is not None and at - self.counted_since < MINUTE
        return self.counted if same else 0

    def reads_by(self, step: Resolution | str | None) -> bool:
        """Whether it reads sums by hours, days or months; None: single intervals and moments."""
        return rules.is_read(self.resolution, None if step is None else Resolution(step))


def open_tokens(at: datetime) -> QuerySet[Token]:
    """Tokens that work at a moment."""
    return Token.objects.filter(revoked_at=None, expires_at__gt=at)


def grant_of(text: str, *, at: datetime, kind: Kind | None = None) -> Grant | None:
    """What the token of that text grants; None where it works no longer or is none.

    One query; another one of a token with points of its own. kind: of tokens of that kind only.
    """
    if not rules.is_plausible(text):
        return None
    out = Q(digest_until=None) | Q(digest_until__gt=at)
    found = open_tokens(at).filter(out, digest=rules.digest(text), user__is_active=True)
    if kind is not None:
        found = found.filter(kind=kind)
    token = found.filter(user__role__in=READERS).select_related("user").first()
    return None if token is None else _grant(token)


def _grant(token: Token) -> Grant:
    points = None
    if token.is_limited:
        rows = TokenPoint.objects.filter(token=token)
        points = frozenset(rows.values_list("usage_point_id", flat=True))
    kind = Kind(token.kind)
    resolution = Resolution(token.resolution) if token.resolution else None
    is_cut = bool(token.period_from or token.period_to)
    known = {scope.value: scope for scope in Scope}
    scopes = {known[one] for one in token.scopes if one in known}
    return Grant(
        token.pk,
        token.user,
        frozenset(scopes & rules.holdable(kind, resolution, is_cut=is_cut)),
        points,
        token.counted,
        token.counted_since,
        kind,
        token.name,
        token.digest_until or token.expires_at,
        resolution,
        Period.open(token.period_from, token.period_to) if is_cut else None,
    )


def granted_windows(grant: Grant, *, at: datetime, points: Points | None = None) -> Windows:
    """The windows of a grant, up to `at`; of some points only where they are given."""
    if grant.points is None:
        return _cut(windows_of(grant.user, at=at, points=points), grant, at)
    wanted = grant.points
    if points is not None:
        wanted &= frozenset(points if not isinstance(points, QuerySet) else list(points))
    if not wanted:
        return Windows(())
    return _cut(windows_of(grant.user, at=at, points=wanted), grant, at)


def _cut(windows: Windows, grant: Grant, at: datetime) -> Windows:
    """What of windows is in the period, and in whole days or months where only those are read.

    A sum that still grows would tell by its growth what it is made of.
    """
    if grant.period is not None:
        windows = windows.within(grant.period)
    if grant.resolution is None:
        return windows
    zones = {window.zone for window in windows}
    ends = {zone: rules.finished(grant.resolution, zone, at) for zone in zones}
    cut = ((w, w.period.intersect(Period(ALWAYS, ends[w.zone]))) for w in windows)
    return Windows(tuple(Window(w.usage_point, w.zone, p) for w, p in cut if p))


def granted_point(grant: Grant, code: str, *, at: datetime) -> tuple[UsagePoint, Windows]:
    """A usage point by its code, and the grant's windows of it. Raises NoSuchPoint."""
    by_agreement = grant.user.role in (User.Role.SUBSCRIBER, User.Role.SUPPLIER)
    find = bound_point_of if by_agreement else point_of
    point, windows = find(grant.user, code, at=at)
    windows = _cut(windows, grant, at)
    if not windows or (grant.points is not None and point.pk not in grant.points):
        raise NoSuchPoint(code)
    return point, windows


def granted_points(grant: Grant, *, at: datetime) -> UsagePointQuerySet:
    """The points of which a grant has any window."""
    visible = points_visible(grant.user, at=at)
    if grant.points is not None:
        visible = visible.filter(id__in=grant.points)
    if grant.period is not None or grant.resolution is not None:
        visible = visible.filter(id__in=granted_windows(grant, at=at).points)
    return visible


def granted_agreements(grant: Grant, *, at: datetime) -> QuerySet[CustomerAgreement]:
    """The agreements of a grant; of a limited one those that bind its points in its period."""
    readable = readable_agreements_of(grant.user, at=at)
    if grant.points is None and grant.period is None:
        return readable
    bound = AgreementPoint.objects.all()
    if grant.points is not None:
        bound = bound.filter(usage_point__in=grant.points)
    if grant.period is not None:
        bound = bound.within(grant.period)
    return readable.filter(id__in=bound.values("agreement"))


def granted_customers(grant: Grant, *, at: datetime) -> QuerySet[Customer]:
    """The customers of a grant's agreements."""
    return Customer.objects.filter(id__in=granted_agreements(grant, at=at).values("customer"))
