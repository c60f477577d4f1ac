"""Tells the trail from which network address a deed is done."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from faza.audit.context import coming_from


class Actor:
    """Keeps the network address of the request for the deeds done while it is answered."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with coming_from(network_address(request)):
            return self.get_response(request)


def network_address(request: HttpRequest) -> str | None:
    """Where a request came from; of what proxies say only the trusted ones are believed.

    Each proxy adds the address it was asked from at the end of X-Forwarded-For, so the one told
    by the farthest trusted proxy counts from there (`FAZA_PROXIES`); all before it is hearsay.
    None where there is no address, as on a Unix socket.
    """
    told = request.META.get("REMOTE_ADDR", "")
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    if settings.PROXIES and len(forwarded) >= settings.PROXIES:
        told = forwarded[-settings.PROXIES]
    try:
        return str(ip_address(told.strip()))
    except ValueError:
        return None
