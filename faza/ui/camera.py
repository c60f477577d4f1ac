"""What a browser lets pages use of the machine: nothing, and a camera where a page is for it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse, HttpResponseBase

HEADER = "Permissions-Policy"
CLOSED = "camera=(), microphone=(), geolocation=(), payment=(), usb=()"
CAMERA = CLOSED.replace("camera=()", "camera=(self)")
More = ParamSpec("More")


def with_camera(
    view: Callable[Concatenate[HttpRequest, More], HttpResponse],
) -> Callable[Concatenate[HttpRequest, More], HttpResponse]:
    """Let the scripts of a page ask the person for the camera."""

    @wraps(view)
    def shown(request: HttpRequest, *args: More.args, **kwargs: More.kwargs) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response[HEADER] = CAMERA
        return response

    return shown


class Permissions:
    """Says so with every answer that a page does not say otherwise of."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault(HEADER, CLOSED)
        return response
