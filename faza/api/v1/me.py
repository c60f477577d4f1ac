"""What a program needs to show itself: for whom it asks, what it may ask, until when."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router

from faza.api.v1 import numbers, schemas
from faza.api.v1.auth import Door, grant_in
from faza.api.v1.http import told
from faza.contracts import access
from faza.contracts.rules.tokens import Kind, Scope
from faza.notifications import queries

router = Router(auth=Door(None), tags=["me"], by_alias=True)
OWN = frozenset({Kind.PERSONAL, Kind.DEVICE})
"""Others are not told who the person is: what was agreed to is scopes and points."""


@router.get("/me", response=schemas.Me, url_name="me", operation_id="me",
            summary="The token itself")  # fmt: skip
def me(request: HttpRequest) -> HttpResponse:
    """For any token, whatever its scopes. `name` and `token` are told to the person's own only."""
    grant, at = grant_in(request), timezone.now()
    zone = ZoneInfo(settings.TIME_ZONE)
    is_own = grant.kind in OWN
    unread = None
    if Scope.NOTICES in grant.scopes and grant.points is None:
        unread = queries.unread(grant.user, at=at)
    period = grant.period
    return told(
        {
            "name": grant.user.full_name if is_own else None,
            "token": grant.name if is_own else None,
            "kind": grant.kind.value,
            "scopes": sorted(scope.value for scope in grant.scopes),
            "usage_points": access.granted_points(grant, at=at).count(),
            "is_limited": grant.points is not None,
            "resolution": grant.resolution.value if grant.resolution else None,
            "period": numbers.edges(period, zone, at=period.end) if period else None,
            "expires_at": numbers.iso(grant.expires_at, zone),
            "unread": unread,
        }
    )
