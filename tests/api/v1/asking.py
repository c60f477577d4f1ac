"""Tokens for tests, and a program that asks with one."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime

from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from faza.accounts.models import User
from faza.contracts.rules.tokens import Scope
from faza.contracts.services import tokens
from faza.metering.models import UsagePoint

OPERATIONS: dict[str, tuple[Scope, str]] = {
    "customers": (Scope.POINTS, ""),
    "agreements": (Scope.POINTS, ""),
    "usage_points": (Scope.POINTS, ""),
    "usage_point": (Scope.POINTS, ""),
    "meters": (Scope.POINTS, "usage_point={point}"),
    "complexes": (Scope.POINTS, "usage_point={point}"),
    "profile": (Scope.READINGS, "from={first}&to={end}"),
    "consumption": (Scope.READINGS, "from={first}&to={end}"),
    "registers": (Scope.READINGS, "from={first}&to={end}"),
    "network": (Scope.READINGS, ""),
    "events": (Scope.EVENTS, "from={first}&to={end}&usage_point={point}"),
    "charges": (Scope.CHARGES, "from=2026-01&to=2027-01"),
    "forecast": (Scope.READINGS, ""),
    "notices": (Scope.NOTICES, ""),
}
"""Of each operation its scope and an address's query."""
OF_POINT = frozenset(
    {"usage_point", "profile", "consumption", "registers", "network", "charges", "forecast"}
)
"""Operations with the point in their path."""
LISTS = frozenset({"customers", "agreements", "usage_points", "notices"})
"""Operations that name no point."""


def token_of(
    user: User,
    *,
    scopes: Collection[Scope] = tuple(Scope),
    points: Collection[str] | None = None,
    at: datetime | None = None,
    days: int = 30,
) -> str:
    """The text of a new token."""
    at = at or timezone.now()
    return tokens.make(
        user=user, name="Домашний сервер", scopes=scopes, days=days, points=points, at=at
    )[1]


def ask(token: str | None, name: str, *args: str, query: str = "", **headers: str) -> HttpResponse:
    """The answer to a program that has a token, or none."""
    if token is not None:
        headers["authorization"] = f"Bearer {token}"
    address = reverse(f"api:v1:{name}", args=args)
    client = Client(raise_request_exception=False, enforce_csrf_checks=True)
    return client.get(f"{address}?{query}" if query else address, headers=headers)


def ask_of(token: str | None, name: str, point: str, **told: str) -> HttpResponse:
    """The answer to an operation of OPERATIONS about a point."""
    args = (point,) if name in OF_POINT else ()
    return ask(token, name, *args, query=OPERATIONS[name][1].format(point=point, **told))


def things(prefix: str, point: UsagePoint, user: User) -> dict[str, str]:
    """A token of a user, limited to a point, that has been used."""
    at = timezone.now()
    token, _ = tokens.make(
        user=user,
        name=f"Программа {prefix}",
        scopes=tuple(Scope),
        days=30,
        points=[point.code],
        at=at,
    )
    tokens.note_use(token.pk, "profile", at=at, address="203.0.113.7")
    return {f"{prefix}token": str(token.pk)}


@contextmanager
def in_process() -> Iterator[None]:
    """Asked without Django's client, the application leaves the test's connection open."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in signals:
            signal.connect(close_old_connections)
