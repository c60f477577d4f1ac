"""What a face keeps for a person's own comfort; no deed of the business, so no trail."""

from __future__ import annotations

from faza.accounts.models import User
from faza.desk.models import KeptFilter

MOST_KEPT = 30


class TooMany(Exception):
    """The person keeps as many filters for this list as there may be."""


def keep_filter(*, user: User, listing: str, name: str, query: str) -> KeptFilter:
    """Keep the filters of a list under a name; the same name takes the new ones.

    Raises TooMany.
    """
    standing = KeptFilter.objects.filter(user=user, listing=listing)
    if standing.exclude(name=name).count() >= MOST_KEPT:
        raise TooMany(listing)
    kept, _ = KeptFilter.objects.update_or_create(
        user=user, listing=listing, name=name, defaults={"query": query}
    )
    return kept


def drop_filter(*, user: User, pk: int) -> str | None:
    """Forget a filter of the person's; the list it belonged to, None if there was none."""
    kept = KeptFilter.objects.filter(user=user, pk=pk).first()
    if kept is None:
        return None
    kept.delete()
    return kept.listing
