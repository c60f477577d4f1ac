"""Columns that are made of others, so that likeness is looked up by an index."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Any

from django.db import models


class KeyField(models.CharField):
    """The key of another field of the row, made whenever the row is written.

    By `bulk_create` too, but not by `update()` of a queryset, nor by `bulk_update`, which name
    their columns themselves: see `remade_keys`.
    """

    def __init__(self, *args: Any, of: str, by: Callable[[str], str], **kwargs: Any) -> None:
        self.of, self.by = of, by
        kwargs |= {"max_length": 300, "editable": False, "default": "", "db_index": True}
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        """As migrations keep it."""
        name, path, args, kwargs = super().deconstruct()
        for told in ("max_length", "editable", "default", "db_index"):
            kwargs.pop(told, None)
        return name, path, args, kwargs | {"of": self.of, "by": self.by}

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        key = self.by(getattr(model_instance, self.of))[: self.max_length]
        setattr(model_instance, self.attname, key)
        return key


def remade_keys(
    model: type[models.Model], columns: Collection[str], rows: Iterable[models.Model]
) -> list[str]:
    """Make the keys of changed columns of rows anew; the keys' columns, for a `bulk_update`."""
    keys = [
        column
        for column in model._meta.concrete_fields
        if isinstance(column, KeyField) and column.of in columns
    ]
    for row in rows:
        for column in keys:
            column.pre_save(row, add=False)
    return [column.name for column in keys]
