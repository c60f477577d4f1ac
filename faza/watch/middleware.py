"""Around every answer: its id, its time, and addresses that need nothing of what lies inside."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable

from django.conf import settings
from django.core.signals import request_finished
from django.http import HttpRequest, HttpResponseBase
from django.urls import resolve

from faza.core import logs
from faza.watch import pages

HEADER = "X-Request-ID"
_FORM = re.compile(r"[A-Za-z0-9._-]{8,64}")
PLAIN = frozenset({"/health/live", "/health/ready", "/metrics"})
"""Answered without session, language, redirect to https and look at the host's name: whoever asks
is a program on a private address."""


class Watched:
    """Gives each request an id, which its records carry and its answer tells, and counts it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        began, told = time.perf_counter(), request_id(request)
        logs.begin(request=told)
        if request.path_info in PLAIN:
            request.resolver_match = resolve(request.path_info)
            response: HttpResponseBase = request.resolver_match.func(request)
        else:
            response = self.get_response(request)
        response.headers[HEADER] = told
        pages.book().count(name_of(request), response.status_code, time.perf_counter() - began)
        return response


def _end(**told: object) -> None:
    logs.begin()


request_finished.connect(_end, dispatch_uid="faza.watch")


def request_id(request: HttpRequest) -> str:
    """The id that the nearest trusted proxy gave (`FAZA_PROXIES`), else a new one."""
    told = request.headers.get(HEADER, "")
    if settings.PROXIES and _FORM.fullmatch(told):
        return told
    return uuid.uuid4().hex


def name_of(request: HttpRequest) -> str:
    """The name of the address that was asked for, never the address itself."""
    if request.resolver_match is not None:
        return request.resolver_match.view_name or pages.NOWHERE
    is_static = request.path_info.startswith(settings.STATIC_URL)
    return pages.STATIC if is_static else pages.NOWHERE
