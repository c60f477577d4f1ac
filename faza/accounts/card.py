"""The organisation card as everybody reads it: who runs this installation."""

from __future__ import annotations

from django.core.cache import cache as shared

from faza.accounts.models import OrganisationCard

KEPT = 300.0
_KEY = "accounts.card.current"


def current() -> OrganisationCard | None:
    """The card without its logo's bytes, or None before there is one. Kept in the shared cache."""
    found = shared.get(_KEY, "")
    if found == "":
        found = OrganisationCard.objects.defer("logo").first()
        shared.set(_KEY, found, KEPT)
    return found


def forget_current() -> None:
    """Let all processes ask the database again."""
    shared.delete(_KEY)


def logo() -> tuple[bytes, str] | None:
    """The logo's bytes and their type."""
    row = OrganisationCard.objects.values_list("logo", "logo_type").first()
    return (bytes(row[0]), row[1]) if row and row[0] else None
