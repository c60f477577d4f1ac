"""That staff looked at what names a person, into the trail. Source: design/rules.md, Access."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models

from faza.accounts.models import User
from faza.audit import queries
from faza.audit import services as audit

ONE_LOOK = timedelta(minutes=30)
"""A page that is opened again within this time is still the same look."""


def note(action: str, thing: models.Model, *, by: User, at: datetime) -> None:
    """Write down that somebody looked; turning back and forth between pages is one look."""
    looked = queries.Filters(
        since=at - ONE_LOOK,
        user=by.pk,
        action=action,
        kind=thing._meta.label_lower,
        object_id=str(thing.pk),
    )
    if not queries.trail(looked).exists():
        audit.note(action, of=thing, by=by, at=at)
