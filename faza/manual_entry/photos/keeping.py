"""Photos kept: the file first, then the row, so that no row names a file that is not there.

A file without a row is what a lost transaction or a killed process left: `sweep_litter` takes it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import DatabaseError, transaction

from faza.accounts.models import User
from faza.audit import services as audit
from faza.manual_entry.models import Entry, Photo
from faza.manual_entry.photos import files, queries
from faza.manual_entry.photos.picture import Picture

MOST_HELD = 40
"""Photos of one person that wait for their readings; the oldest goes."""
UNSENT_HOURS = 24
LITTER_HOURS = 1
"""No transaction lasts as long."""
DAYS = 1095
"""Three years: the general limitation period. Source: Civil Code of Russia, article 196 [?]."""
BATCH = 500


class NotHeld(Exception):
    """A photo that is another's, or was sent with another reading already."""


@contextmanager
def written(picture: Picture | None) -> Iterator[str]:
    """The name of the file of a picture, which goes again where what is done inside fails."""
    name = "" if picture is None else files.keep(picture.data)
    try:
        yield name
    except BaseException:
        _undo(name)
        raise


def _undo(name: str) -> None:
    """Remove a file, unless its row was committed before what failed."""
    try:
        is_named = Photo.objects.filter(name=name).exists()
    except DatabaseError:
        return  # a transaction outside is lost: the sweep takes the file
    if not is_named:
        files.remove(name)


def hold(picture: Picture, *, by: User, at: datetime) -> Photo:
    """Keep a photo until its reading is sent: `name` is what a form carries meanwhile."""
    with written(picture) as name, transaction.atomic():
        mine = queries.held_of(by)
        for old in mine[MOST_HELD - 1 :]:
            _drop(old)
        return _row(picture, name, entry=None, by=by, at=at)


def let_go(photo: Photo) -> None:
    """Its sender does not want a held photo any more. Raises NotHeld."""
    with transaction.atomic():
        found = Photo.objects.select_for_update().filter(pk=photo.pk, entry=None).first()
        if found is None:
            raise NotHeld
        _drop(found)


def attach(entry: Entry, photo: Picture | Photo, name: str, *, by: User, at: datetime) -> Photo:
    """Make a photo that of a reading; call it in the transaction that makes the reading.

    name: of the file that `written` wrote for a Picture. Raises NotHeld.
    """
    if isinstance(photo, Picture):
        found = _row(photo, name, entry=entry, by=by, at=at)
    else:
        held = Photo.objects.filter(pk=photo.pk, kept_by=by, entry=None, removed_at=None)
        if not held.update(entry=entry):
            raise NotHeld
        found = Photo.objects.get(pk=photo.pk)
    return found


def _row(picture: Picture, name: str, *, entry: Entry | None, by: User, at: datetime) -> Photo:
    return Photo.objects.create(
        entry=entry, name=name, digest=hashlib.sha256(picture.data).hexdigest(),
        size=len(picture.data), width=picture.width, height=picture.height,
        kept_by=by, kept_at=at,
    )  # fmt: skip


def _drop(photo: Photo) -> None:
    name = photo.name
    photo.delete()
    transaction.on_commit(lambda: files.remove(name))


def sweep_unsent(at: datetime) -> int:
    """Delete photos whose readings were not sent for a day; how many."""
    late = queries.unsent(at - timedelta(hours=UNSENT_HOURS))
    return sum(_dropped(pk) for pk in list(late.values_list("pk", flat=True)))


def _dropped(pk: int) -> int:
    with transaction.atomic():
        found = Photo.objects.select_for_update().filter(pk=pk, entry=None).first()
        if found is not None:
            _drop(found)
    return int(found is not None)


def sweep_litter(at: datetime) -> int:
    """Delete files that no row names, which no transaction under way will name; how many."""
    count = 0
    for names in files.older_than(at - timedelta(hours=LITTER_HOURS)):
        known = set(
            Photo.objects.filter(name__in=names, removed_at=None).values_list("name", flat=True)
        )
        for name in names:
            if name not in known:
                files.remove(name)
                count += 1
    return count


def sweep_old(before: datetime, at: datetime) -> int:
    """Delete the files of readings sent before a moment, and say so in the trail; how many."""
    count = 0
    while batch := list(queries.kept(before).order_by("pk")[:BATCH]):
        with transaction.atomic():
            for photo in batch:
                Photo.objects.filter(pk=photo.pk).update(removed_at=at)
                audit.note("manual_entry.photo.expired", of=photo, by=None, at=at)
        for photo in batch:
            files.remove(photo.name)
        count += len(batch)
    return count
