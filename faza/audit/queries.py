from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import models
from django.db.models import Q, QuerySet

from faza.audit import rules
from faza.audit.models import Entry, PersonalValue


class Erased:
    """Stands where a personal value was before it was erased."""

    def __repr__(self) -> str:
        return "ERASED"

    def __bool__(self) -> bool:
        return False


ERASED = Erased()
MOST = 200
"""So many deeds the history of an object shows."""


@dataclass(frozen=True, slots=True)
class Deed:
    """An entry as it is shown, personal values in their places, ERASED where they are gone.

    `who` is empty where the system acted, and `#12` where the person's name was erased; `user`
    is that number. `address` is None where none is known, ERASED where it was.
    """

    id: int
    at: datetime
    action: str
    kind: str
    object_id: str
    who: str
    user: int | None
    address: str | Erased | None
    before: Mapping[str, object] | None
    after: Mapping[str, object] | None

    @property
    def changes(self) -> list[tuple[str, object, object]]:
        """(field, what it was, what it is) of each field that is told; None where nothing was."""
        before, after = self.before or {}, self.after or {}
        return [(name, before.get(name), after.get(name)) for name in {**before, **after}]


@dataclass(frozen=True, slots=True)
class Filters:
    """Which deeds are asked for; an empty field asks for all. Moments are [since, until).

    `action` is a code, or its beginning up to a dot (`metering.meter.changed`, `metering.`).
    """

    since: datetime | None = None
    until: datetime | None = None
    user: int | None = None
    by_system: bool = False
    action: str = ""
    kind: str = ""
    object_id: str = ""
    actions: frozenset[str] = field(default=frozenset())


def trail(filters: Filters = Filters()) -> QuerySet[Entry]:
    """The entries that are asked for, newest first; `deeds` makes a page of them readable."""
    asked = Q()
    if filters.since is not None:
        asked &= Q(at__gte=filters.since)
    if filters.until is not None:
        asked &= Q(at__lt=filters.until)
    if filters.user is not None:
        asked &= Q(person__user=filters.user)
    if filters.by_system:
        asked &= Q(person=None)
    if filters.action.endswith("."):
        asked &= Q(action__startswith=filters.action)
    elif filters.action:
        asked &= Q(action=filters.action)
    if filters.actions:
        asked &= Q(action__in=filters.actions)
    if filters.kind:
        asked &= Q(object_kind=filters.kind)
    if filters.object_id:
        asked &= Q(object_id=filters.object_id)
    return Entry.objects.filter(asked).select_related("person", "address").order_by("-at", "-id")


def deeds(entries: Iterable[Entry]) -> list[Deed]:
    """Entries as they are shown. One query for all their personal values."""
    rows = list(entries)
    wanted = {
        number
        for row in rows
        for told in (row.before, row.after)
        for value in (told or {}).values()
        if (number := rules.find_reference(value)) is not None
    }
    found = dict(PersonalValue.objects.filter(id__in=wanted).values_list("id", "value"))
    return [_deed(row, found) for row in rows]


def history_of(thing: models.Model, *others: models.Model, most: int = MOST) -> list[Deed]:
    """What was done to an object, and to others that belong to it; newest first.

    Two queries at most.
    """
    of = Q()
    for one in (thing, *others):
        of |= Q(object_kind=one._meta.label_lower, object_id=str(one.pk))
    return deeds(trail().filter(of)[:most])


def _deed(row: Entry, found: Mapping[int, object]) -> Deed:
    return Deed(
        id=row.pk,
        at=row.at,
        action=row.action,
        kind=row.object_kind,
        object_id=row.object_id,
        who=str(row.person) if row.person else "",
        user=row.person.user if row.person else None,
        address=None if row.address is None else row.address.value or ERASED,
        before=_resolved(row.before, found),
        after=_resolved(row.after, found),
    )


def _resolved(
    told: Mapping[str, object] | None, found: Mapping[int, object]
) -> dict[str, object] | None:
    if told is None:
        return None
    return {name: _value(value, found) for name, value in told.items()}


def _value(value: object, found: Mapping[int, object]) -> object:
    number = rules.find_reference(value)
    if number is None:
        return value
    kept = found.get(number)
    return ERASED if kept is None else kept
