"""The two cookies of a phone: with one it waits, with the other it is connected.

Neither is read by scripts, sent from other sites, or sent without encryption where there is one.
"""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from faza.contracts.rules.pairing import LIFE

DEVICE, WAITING = "faza_device", "faza_waiting"
DEVICE_PATH = "/"
LONGEST = 200


def device_of(request: HttpRequest) -> str:
    """The text of the phone's token; "" without one."""
    return request.COOKIES.get(DEVICE, "")[:LONGEST]


def waiting_of(request: HttpRequest) -> str:
    """The secret that the phone waits with; "" without one."""
    return request.COOKIES.get(WAITING, "")[:LONGEST]


def keep_device(response: HttpResponse, text: str, *, until: datetime) -> None:
    """Give the phone its key, until the token ends."""
    _set(response, DEVICE, text, path=DEVICE_PATH, expires=until)


def keep_waiting(response: HttpResponse, secret: str) -> None:
    """Let the phone ask what has become of its question: as long as one may be answered."""
    seconds = int(2 * LIFE.total_seconds())
    _set(response, WAITING, secret, path=reverse("mobile:connect"), max_age=seconds)


def drop_device(response: HttpResponse) -> None:
    response.delete_cookie(DEVICE, path=DEVICE_PATH, samesite="Strict")


def drop_waiting(response: HttpResponse) -> None:
    response.delete_cookie(WAITING, path=reverse("mobile:connect"), samesite="Strict")


def _set(
    response: HttpResponse,
    name: str,
    value: str,
    *,
    path: str,
    expires: datetime | None = None,
    max_age: int | None = None,
) -> None:
    response.set_cookie(
        name, value, path=path, expires=expires, max_age=max_age, secure=settings.HTTPS,
        httponly=True, samesite="Strict",
    )  # fmt: skip
