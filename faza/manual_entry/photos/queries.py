"""Photos found again; whose entries one sees is asked of `manual_entry.queries` before."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from faza.accounts.models import User
from faza.manual_entry.models import Entry, Photo
from faza.manual_entry.photos import files


class NoPhoto(Exception):
    """There is none, or its file is kept no longer."""


def of_entry(entries: QuerySet[Entry], pk: int) -> Photo:
    """The photo of one of the entries that a person may see. Raises NoPhoto."""
    found = Photo.objects.filter(entry__in=entries.filter(pk=pk).values("pk"), removed_at=None)
    return _one(found)


def of_entries(entries: QuerySet[Entry]) -> QuerySet[Photo]:
    """All that are kept of those, in their order of making."""
    return Photo.objects.filter(entry__in=entries.values("pk"), removed_at=None).order_by("pk")


def held(user: User, name: str) -> Photo:
    """A photo of the person's own that waits for its reading to be sent. Raises NoPhoto."""
    return _one(Photo.objects.filter(name=name, kept_by=user, entry=None, removed_at=None))


def held_of(user: User) -> QuerySet[Photo]:
    """All of those, the newest first."""
    return Photo.objects.filter(kept_by=user, entry=None).order_by("-kept_at", "-pk")


def _one(found: QuerySet[Photo]) -> Photo:
    photo = found.first()
    if photo is None:
        raise NoPhoto
    return photo


def data_of(photo: Photo) -> bytes:
    """The file. Raises NoPhoto where retention was quicker."""
    if photo.removed_at is not None:
        raise NoPhoto
    try:
        return files.place_of(photo.name).read_bytes()
    except FileNotFoundError as gone:
        raise NoPhoto from gone


def same_before(photo: Photo) -> QuerySet[Entry]:
    """Other readings that came with the very same photo, the newest first."""
    return (
        Entry.objects.filter(photo__digest=photo.digest)
        .exclude(photo=photo)
        .order_by("-sent_at", "-pk")
    )


def unsent(before: datetime) -> QuerySet[Photo]:
    """Photos that waited for their reading since before a moment."""
    return Photo.objects.filter(entry=None, kept_at__lt=before)


def kept(before: datetime) -> QuerySet[Photo]:
    """Photos of readings that were sent before a moment and whose files are still here."""
    return Photo.objects.filter(entry__sent_at__lt=before, removed_at=None)
