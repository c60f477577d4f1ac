"""How pages leave, and what no page is to be asked with."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import unquote_to_bytes

from django.http import HttpRequest, HttpResponseBadRequest, HttpResponseBase
from django.middleware.gzip import GZipMiddleware


class NoNul:
    """Answers 400 to a NUL in an address: PostgreSQL keeps none, so nothing is named by one.

    Forms refuse it by themselves, and say so beside the field.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        query = unquote_to_bytes(request.META.get("QUERY_STRING", ""))
        if "\0" in request.path_info or b"\0" in query:
            return HttpResponseBadRequest("An address has no NUL.", content_type="text/plain")
        return self.get_response(request)


class PackedPages(GZipMiddleware):
    """Compresses pages: a fifth of the bytes to wait for. Files are packed already, or large.

    Django adds a random number of bytes against guessing by length (BREACH), and the tokens of
    forms are masked anew in each page.
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if response.streaming or not response.get("Content-Type", "").startswith("text/html"):
            return response
        return super().process_response(request, response)
