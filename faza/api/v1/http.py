"""What all answers have in common: one shape of problems, ETag, limits, nothing kept by others."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import URLPattern
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags
from django.views.decorators.csrf import csrf_exempt

from faza.api.v1 import limits
from faza.api.v1.errors import Problem, answer

JSON = "application/json"
View = Callable[..., HttpResponseBase]


def told(data: Any, status: int = 200) -> HttpResponse:
    """Data as JSON; missing is null, and no number is NaN."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return HttpResponse(text, status=status, content_type=JSON)


def finished(view: View) -> View:
    """A view whose answers have what all have."""

    @csrf_exempt  # no other site can have a browser send a token, or the header beside its cookie
    @functools.wraps(view, updated=())
    def inner(request: HttpRequest, *args: Any, **named: Any) -> HttpResponseBase:
        response = view(request, *args, **named)
        if response.status_code == 405:
            allowed = response.headers.get("Allow", "GET")
            response = answer(Problem("method-not-allowed", headers={"Allow": allowed}))
        if isinstance(response, HttpResponse) and request.method == "GET":
            response = _tagged(request, response)
        limits.told_in(request, response)
        # Kept by the one who asked, and only if it is asked again whether it still holds.
        response["Cache-Control"] = "private, no-cache"
        patch_vary_headers(response, ("Accept", "Accept-Language", "Authorization", "Cookie"))
        return response

    return inner


def finish(patterns: list[Any]) -> list[URLPattern]:
    """Patterns of ninja, each with its view finished."""
    for pattern in patterns:
        pattern.callback = finished(pattern.callback)
    return patterns


def _tagged(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """An answer with its ETag, or 304 where the one who asked has it already."""
    if response.status_code != 200:
        return response
    tag = f'"{hashlib.blake2b(response.content, digest_size=16).hexdigest()}"'
    known = parse_etags(request.headers.get("If-None-Match", ""))
    if "*" in known or tag in [one.removeprefix("W/") for one in known]:
        response = HttpResponse(status=304)
        del response["Content-Type"]
    response["ETag"] = tag
    return response
