"""What all edits have in common: only what differs is written, and the trail tells it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TypeVar

from django.db import models

from faza.accounts.models import User
from faza.audit import services as audit

M = TypeVar("M", bound=models.Model)


def add(row: M, action: str, *, at: datetime, by: User | None, told: Collection[str]) -> M:
    """Store a new row and tell some of its columns to the trail.

    Raises ValidationError if a field says what cannot be.
    """
    row.full_clean()
    row.save(force_insert=True)
    state = audit.state(row)
    audit.note(action, of=row, by=by, at=at, after={name: state[name] for name in told})
    return row


def locked(row: M) -> M:
    """The row as it stands in the database, locked until the transaction ends."""
    return type(row)._default_manager.select_for_update().get(pk=row.pk)


def change(
    held: M, edited: M, action: str, *, fields: Collection[str], at: datetime, by: User | None
) -> M:
    """Bring the named fields of a locked row to what they are in an edited copy of it.

    Nothing is written, and nothing noted, where nothing differs. Raises ValidationError if a
    field says what cannot be; nothing is changed then.
    """
    before = audit.state(held)
    for name in fields:
        setattr(held, name, getattr(edited, name))
    old, new = audit.changed(before, held)
    if not new:
        return held
    others = {field.name for field in held._meta.concrete_fields} - set(fields)
    held.full_clean(exclude=others)
    held.save(update_fields=list(new))
    audit.note(action, of=held, by=by, at=at, before=old, after=new)
    return held
