from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from django.db import models


class NoSuchField(Exception):
    """A field may not be changed in this way, or there is none of the name."""


@dataclass(frozen=True, slots=True)
class Changed:
    """What differs: from what, to what. False where nothing does."""

    before: dict[str, object] = field(default_factory=dict)
    after: dict[str, object] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.after)


def apply(held: models.Model, fields: Mapping[str, object], *, allowed: Collection[str]) -> Changed:
    """Set fields of a locked row, check the row and store it, if anything differs.

    Raises NoSuchField, or ValidationError if a field says what cannot be.
    """
    strange = set(fields) - set(allowed)
    if strange:
        raise NoSuchField(f"{held._meta.label}: {', '.join(sorted(strange))}")
    before = {name: getattr(held, name) for name in fields}
    for name, value in fields.items():
        setattr(held, name, value)
    differ = [name for name in fields if getattr(held, name) != before[name]]
    if not differ:
        return Changed()
    held.full_clean()
    held.save()
    return Changed(
        before={name: told(before[name]) for name in differ},
        after={name: told(getattr(held, name)) for name in differ},
    )


def told(value: object) -> object:
    """A value as the trail tells it: rows by their number."""
    return value.pk if isinstance(value, models.Model) else value
