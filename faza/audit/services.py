from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any, Protocol

from django.conf import settings
from django.db import models, transaction

from faza.audit import context, rules
from faza.audit.models import Entry, PersonalValue, PersonRef

LISTED_POINTS = 100
"""So many codes of points an entry names; it always counts them all."""
NETWORK_ADDRESS = "network_address"
BATCH = 1_000
"""Rows of one statement where many deeds are noted at once."""

Told = Mapping[str, object]


class Person(Protocol):
    """A user, as far as the trail needs to know one."""

    pk: Any  # Django types every primary key so
    full_name: Any  # a model's field, typed by its descriptor


@dataclass(frozen=True, slots=True)
class Done:
    """One of many deeds: to which object, from what to what."""

    of: models.Model
    before: Told | None = None
    after: Told | None = None


@transaction.atomic
def note(
    action: str,
    *,
    of: models.Model,
    by: Person | None,
    at: datetime,
    before: Told | None = None,
    after: Told | None = None,
    address: str | None = None,
    personal: Collection[str] = (),
    about: models.Model | None = None,
) -> Entry:
    """Write a deed into the trail; call it inside the deed's own transaction.

    `action` is a dotted code: room, noun, past verb (`contracts.agreement.signed`).
    `by` is None where the system acts by itself; `address` is the request's where none is given.
    `personal` are keys of before and after with personal values: they go to the erasable store,
    as values about `about` (the object itself, unless told otherwise). The keys in
    `rules.PERSONAL` go there in any case.
    """
    done = [Done(of, before, after)]
    return _note(action, done, by, at, address=address, personal=personal, about=about)[0]


@transaction.atomic
def note_many(
    action: str,
    done: Iterable[Done],
    *,
    by: Person | None,
    at: datetime,
    personal: Collection[str] = (),
) -> int:
    """Write many deeds of one kind, as `note` does one; how many.

    In batches: ten thousand deeds take some twenty statements.
    """
    count, rest = 0, iter(done)
    while batch := list(islice(rest, BATCH)):
        count += len(_note(action, batch, by, at, personal=personal))
    return count


def _note(
    action: str,
    done: Sequence[Done],
    by: Person | None,
    at: datetime,
    *,
    personal: Collection[str],
    address: str | None = None,
    about: models.Model | None = None,
) -> list[Entry]:
    store = _Store(rules.PERSONAL | set(personal), at)
    person = _reference(by) if by else None
    owner = (settings.AUTH_USER_MODEL.lower(), str(by.pk)) if by else _owner(about or done[0].of)
    came_from = address or context.address()
    origin = store.keep(owner, NETWORK_ADDRESS, came_from) if came_from else None
    entries = [
        Entry(
            person=person,
            action=action,
            object_kind=one.of._meta.label_lower,
            object_id=str(one.of.pk),
            before=store.referring(one.before, about or one.of),
            after=store.referring(one.after, about or one.of),
            at=at,
            address=origin,
        )
        for one in done
    ]
    store.save()
    return Entry.objects.bulk_create(entries, batch_size=BATCH)


class _Store:
    """Personal values of some deeds, stored together before the entries that refer to them."""

    def __init__(self, personal: Collection[str], at: datetime) -> None:
        self.personal, self.at = personal, at
        self.values: list[PersonalValue] = []
        self.places: list[tuple[dict[str, object], str, PersonalValue]] = []

    def keep(self, owner: tuple[str, str], name: str, value: object) -> PersonalValue:
        kind, key = owner
        kept = PersonalValue(about_kind=kind, about_id=key, name=name, value=value, at=self.at)
        self.values.append(kept)
        return kept

    def referring(self, told: Told | None, about: models.Model) -> dict[str, object] | None:
        """What is told with places for references, which `save` fills in."""
        if told is None:
            return None
        copied = dict(told)
        for name in rules.keys_to_keep_apart(told, self.personal):
            self.places.append((copied, name, self.keep(_owner(about), name, told[name])))
        return copied

    def save(self) -> None:
        PersonalValue.objects.bulk_create(self.values, batch_size=BATCH)
        for told, name, kept in self.places:
            told[name] = rules.reference(kept.pk)


def _owner(thing: models.Model) -> tuple[str, str]:
    return thing._meta.label_lower, str(thing.pk)


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


def changed(
    before: models.Model | Told, after: models.Model | Told
) -> tuple[dict[str, object], dict[str, object]]:
    """Of two states of a thing only the fields that differ: what they were, what they are.

    A model's fields are its columns; a row that was changed in place is told by `state` of it,
    taken before.
    """
    old, new = _as_told(before), _as_told(after)
    differing = [name for name in new if old.get(name) != new[name]]
    return {name: old.get(name) for name in differing}, {name: new[name] for name in differing}


def state(thing: models.Model) -> dict[str, object]:
    """The columns of a row as they are now, by their names; relations are ids."""
    return dict(_columns(thing))


def _as_told(told: models.Model | Told) -> Told:
    return state(told) if isinstance(told, models.Model) else told


def _columns(thing: models.Model) -> Iterator[tuple[str, object]]:
    for field in thing._meta.concrete_fields:
        yield field.name, getattr(thing, field.attname)


def _reference(person: Person) -> PersonRef:
    found, _ = PersonRef.objects.get_or_create(user=person.pk, defaults={"name": person.full_name})
    return found


@transaction.atomic
def forget(
    *, at: datetime, user: int | None = None, kind: str | None = None, id: object = None
) -> int:
    """Erase what the trail tells of a user, or of an object by its kind and id; how many values.

    The deeds stay, of a user under a bare number. Doing it twice changes nothing.
    """
    if user is not None:
        PersonRef.objects.filter(user=user, erased_at=None).update(name="", erased_at=at)
        kind, id = settings.AUTH_USER_MODEL.lower(), user
    if kind is None:
        raise ValueError("Whom to forget: a user, or an object by its kind and id.")
    values = PersonalValue.objects.filter(about_kind=kind.lower(), about_id=str(id))
    return _erase(values, at)


@transaction.atomic
def forget_older(*, name: str, than: datetime, at: datetime) -> int:
    """Erase values of one name (`network_address`) noted before a moment; how many."""
    return _erase(PersonalValue.objects.filter(name=name, at__lt=than), at)


def _erase(values: models.QuerySet[PersonalValue], at: datetime) -> int:
    return values.filter(erased_at=None).update(value=None, erased_at=at)
