"""Tokens for tests, and a program that asks with one."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from faza.accounts.models import User
from faza.contracts.rules.tokens import Resolution, Scope
from faza.contracts.services import counting, sharing, tokens
from faza.contracts.services.oauth import clients
from faza.contracts.services.sharing import Terms
from faza.metering.models import UsagePoint

OPERATIONS: dict[str, tuple[Scope | None, str]] = {
    "me": (None, ""),
    "customers": (Scope.POINTS, ""),
    "agreements": (Scope.POINTS, ""),
    "usage_points": (Scope.POINTS, ""),
    "usage_point": (Scope.POINTS, ""),
    "meters": (Scope.POINTS, "usage_point={point}"),
    "complexes": (Scope.POINTS, "usage_point={point}"),
    "profile": (Scope.READINGS, "from={first}&to={end}"),
    "consumption": (Scope.READINGS, "from={first}&to={end}"),
    "comparison": (Scope.READINGS, "from={first}&to={end}"),
    "registers": (Scope.READINGS, "from={first}&to={end}"),
    "network": (Scope.READINGS, ""),
    "green_button": (Scope.READINGS, "from={first}&to={end}"),
    "events": (Scope.EVENTS, "from={first}&to={end}&usage_point={point}"),
    "charges": (Scope.CHARGES, "from=2026-01&to=2027-01"),
    "forecast": (Scope.READINGS, ""),
    "notices": (Scope.NOTICES, ""),
    "entry": (Scope.ENTRY, ""),
    "sent_entries": (Scope.ENTRY, "usage_point={point}"),
    "report_kinds": (Scope.REPORTS, ""),
    "report": (Scope.REPORTS, "kind=readings&format=json&points={point}&from={first}&to={end}"),
    "reports": (Scope.REPORTS, ""),
}
"""Of each GET its scope and an address's query."""
NUMBERED: dict[str, Scope] = {
    "sent_entry": Scope.ENTRY,
    "run": Scope.REPORTS,
    "run_file": Scope.REPORTS,
}
"""GETs of what somebody has sent or started, by its number."""
OF_POINT = frozenset(
    {
        *("usage_point", "profile", "consumption", "comparison", "registers", "network"),
        *("charges", "forecast", "green_button"),
    }
)
"""Operations with the point in their path."""
LISTS = frozenset(
    {"me", "customers", "agreements", "usage_points", "notices", "entry", "report_kinds", "reports"}
)
"""Operations that name no point."""
OF_DEVICES: dict[str, tuple[Scope, str]] = {
    "push": (Scope.NOTICES, "get"),
    "start_push": (Scope.NOTICES, "put"),
    "stop_push": (Scope.NOTICES, "delete"),
}
"""Operations at `push`, which are for devices only: of each its scope and method."""
WRITES: dict[str, tuple[Scope, str, str]] = {
    "read_notices": (Scope.NOTICES, "put", "read_notices"),
    "send_entry": (Scope.ENTRY, "post", "send_entry"),
    "send_photo": (Scope.ENTRY, "post", "send_photo"),
    "answer_entry": (Scope.ENTRY, "post", "answer_entry"),
    "start_report": (Scope.REPORTS, "post", "reports"),
    "cancel_run": (Scope.REPORTS, "delete", "run"),
    "start_push": (Scope.NOTICES, "put", "push"),
    "stop_push": (Scope.NOTICES, "delete", "push"),
}
"""Of each write its scope, its method and the name of its address."""


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


def write(
    token: str | None, name: str, *args: str, body: Any = None, key: str | None = "",
    form: Mapping[str, Any] | None = None, **headers: str,
) -> HttpResponse:  # fmt: skip
    """The answer to a write of WRITES. key: a fresh one where it is empty, none where None."""
    _scope, method, address = WRITES[name]
    if token is not None:
        headers["authorization"] = f"Bearer {token}"
    if key is not None:
        headers["idempotency-key"] = key or str(uuid4())
    client = Client(raise_request_exception=False, enforce_csrf_checks=True)
    where = reverse(f"api:v1:{address}", args=args)
    if form is not None:
        return client.post(where, dict(form), headers=headers)
    data = body if isinstance(body, str) else json.dumps(body)
    answer: HttpResponse = getattr(client, method)(
        where, data=data, content_type="application/json", headers=headers
    )
    return answer


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
    counting.note(token.pk, "profile", at=at, address="203.0.113.7")
    return {f"{prefix}token": str(token.pk)} | (_given(point, user, at) if not prefix else {})


def _given(point: UsagePoint, user: User, at: datetime) -> dict[str, str]:
    """A link of a user to a point, and an application that may be given something."""
    terms = Terms([point.code], 7, "Согласие", Resolution.DAY)
    _token, secret = sharing.share(user=user, name="Аудитору", terms=terms, at=at)
    about = clients.About(
        "Домовой", "ООО «Пример»", "https://app.example", "", ["https://app.example/back"],
        [Scope.READINGS],
    )  # fmt: skip
    client, _secret = clients.register(about=about, is_confidential=True, by=user, at=at)
    return {"link": secret, "client": str(client.pk), "client_id": client.client_id}


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
