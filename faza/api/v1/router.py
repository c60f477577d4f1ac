"""The API put together: its operations, problems and addresses."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path, re_path
from ninja import NinjaAPI

from faza.api.v1 import (
    asking,
    charges,
    comparison,
    devices,
    document,
    entry,
    errors,
    events,
    green_button,
    me,
    network,
    notices,
    points,
    profiles,
    push,
    registers,
    reports,
)
from faza.api.v1.errors import Problem
from faza.api.v1.http import finish, finished, told

api = NinjaAPI(
    title="Faza",
    version="1",
    description=document.ABOUT,
    docs_url=None,
    openapi_url=None,
    urls_namespace="v1",
)
errors.register(api)
for module in (
    *(me, points, devices, profiles, comparison, registers, network, events, charges, notices),
    *(green_button, entry, reports, push),
):
    api.add_router("", module.router)
asking.learn(document.parameters(api), document.names(api))


def openapi(request: HttpRequest) -> HttpResponse:
    """The OpenAPI document, for everybody: it tells of nobody."""
    if request.method != "GET":
        return HttpResponse(status=405)
    return told(document.of(api))


def nothing(request: HttpRequest, rest: str) -> HttpResponse:
    """An address that is none."""
    if request.method != "GET":
        return HttpResponse(status=405)
    return errors.answer(Problem("not-found"))


def urls() -> tuple[list[Any], str]:
    """Addresses below /api/v1/ and the name of their space."""
    operations, _app, space = api.urls
    own = [one for one in operations if getattr(one, "name", "") != "api-root"]
    return [
        path("openapi.json", finished(openapi), name="openapi"),
        *finish(own),
        re_path(r"^(?P<rest>.*)$", finished(nothing), name="nothing"),
    ], space
