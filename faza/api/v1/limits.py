"""How often a token may ask, and what is told of it in headers (RateLimit-*)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponseBase

from faza.api.v1.errors import Problem
from faza.contracts.access import Grant
from faza.contracts.rules.tokens import LIMIT
from faza.contracts.services import counting

MINUTE = 60
"""Seconds of a window."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How many questions are left in this minute, and in how many seconds it ends."""

    remaining: int
    reset: int

    def headers(self) -> dict[str, str]:
        return {
            "RateLimit-Limit": str(LIMIT),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset),
        }


def count(
    request: HttpRequest, grant: Grant, operation: str, *, at: datetime, address: str | None
) -> None:
    """Count and note a question. Raises Problem where there were too many. Two queries."""
    reset = MINUTE - at.second
    if not counting.asked(grant.token, operation, at=at, address=address):
        told = Standing(0, reset).headers() | {"Retry-After": str(reset)}
        raise Problem("too-often", headers=told)
    remaining = max(0, LIMIT - 1 - grant.asked(at=at))
    request.api_limits = Standing(remaining, reset)  # type: ignore[attr-defined]  # for `told_in`


def told_in(request: HttpRequest, response: HttpResponseBase) -> None:
    """Put what is left into the headers of an answer."""
    standing = getattr(request, "api_limits", None)
    for name, value in standing.headers().items() if standing else ():
        response.headers.setdefault(name, value)
