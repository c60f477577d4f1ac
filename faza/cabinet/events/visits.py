"""When a reader looked at the journal last: what has come since is marked as new.

A cookie of the browser remembers it, with whose it is; nothing is written into the database, and
nobody else sees it. Pages within half an hour are one visit.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.http import HttpRequest, HttpResponse

COOKIE = "faza_events"
A_VISIT = timedelta(minutes=30)
KEPT = timedelta(days=365)


def read(request: HttpRequest, user: int, *, at: datetime) -> tuple[datetime, datetime] | None:
    """The end of the visit before this one, and the last look; None on the first visit."""
    parts = request.COOKIES.get(COOKIE, "").split(".")
    if len(parts) != 3 or not all(part.isdecimal() and len(part) < 12 for part in parts):
        return None
    whose, before, last = (int(part) for part in parts)
    latest = int(at.timestamp())
    if whose != user or not before <= last <= latest:
        return None
    if latest - last > A_VISIT.total_seconds():
        before = last
    return datetime.fromtimestamp(before, UTC), datetime.fromtimestamp(last, UTC)


def remember(
    response: HttpResponse, request: HttpRequest, user: int, *, at: datetime
) -> HttpResponse:
    """Keep this look with the end of the visit before."""
    known = read(request, user, at=at)
    now = int(at.timestamp())
    before = int(known[0].timestamp()) if known else now
    response.set_cookie(
        COOKIE, f"{user}.{before}.{now}", max_age=KEPT, httponly=True, samesite="Lax",
        secure=request.is_secure(),
    )  # fmt: skip
    return response
