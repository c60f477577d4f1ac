"""A kept picture as an answer."""

from __future__ import annotations

from django.http import HttpResponse


def shown(data: bytes, *, name: str) -> HttpResponse:
    """A JPEG of our own making, for the one who asked; name: what it is called when it is saved.

    Nothing in it is ever a page: its type is told and not guessed, and were it opened as one, it
    could neither run nor load anything. No store on the way keeps it, and no other site embeds it.
    """
    response = HttpResponse(data, content_type="image/jpeg")
    response["Content-Disposition"] = f'inline; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    response["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'; sandbox"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["X-Content-Type-Options"] = "nosniff"
    return response
