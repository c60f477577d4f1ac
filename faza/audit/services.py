from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Protocol

from django.db import models, transaction

from faza.audit.models import Entry, PersonRef

LISTED_POINTS = 100
"""So many codes of points an entry names; it always counts them all."""


class Person(Protocol):
    """A user, as far as the trail needs to know one."""

    pk: Any  # Django types every primary key so
    full_name: Any  # a model's field, typed by its descriptor


def note(
    action: str,
    *,
    of: models.Model,
    by: Person | None,
    at: datetime,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
    address: str | None = None,
) -> Entry:
    """Write a deed into the trail; call it inside the deed's own transaction.

    `action` is a dotted code: room, noun, past verb (`contracts.agreement.signed`).
    `by` is None where the system acts by itself. Keep personal values out of before and after:
    the object's own row has them, and can be erased.
    """
    return Entry.objects.create(
        person=_reference(by) if by else None,
        action=action,
        object_kind=of._meta.label_lower,
        object_id=str(of.pk),
        before=dict(before) if before is not None else None,
        after=dict(after) if after is not None else None,
        at=at,
        address=address,
    )


@transaction.atomic
def note_export(
    *,
    of: models.Model,
    by: Person,
    at: datetime,
    points: Sequence[str],
    first: date,
    last: date,
    channels: Sequence[str],
    format: str,
    address: str | None = None,
) -> Entry:
    """Write into the trail that a person of the staff took readings away as a file.

    `points` are codes, `first` and `last` the file's days. A file has many points, so the entry
    is `of` the person's own account. Each call writes an entry: each file is a deed.
    Source: design/rules.md, Access.
    """
    told = {
        "points": list(points[:LISTED_POINTS]),
        "points_count": len(points),
        "first": first,
        "last": last,
        "channels": list(channels),
        "format": format,
    }
    return note("readings.export.taken", of=of, by=by, at=at, after=told, address=address)


def _reference(person: Person) -> PersonRef:
    found, _ = PersonRef.objects.get_or_create(user=person.pk, defaults={"name": person.full_name})
    return found


@transaction.atomic
def forget(*, user: int, at: datetime) -> None:
    """Erase what names a person in the trail; the deeds stay, under a bare number.

    Doing it twice changes nothing.
    """
    PersonRef.objects.filter(user=user, erased_at=None).update(name="", erased_at=at)
    Entry.objects.filter(person__user=user).update(address=None)
