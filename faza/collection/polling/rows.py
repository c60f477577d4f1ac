"""Many changed rows in one statement: an upsert is several times faster than Django's CASE WHEN."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TypeVar

from django.db import models

M = TypeVar("M", bound=models.Model)


def put(rows: Collection[M], fields: Sequence[str]) -> None:
    """Write some fields of rows that are locked by this transaction (or they might be gone)."""
    if rows:
        ordered = sorted(rows, key=lambda row: row.pk)
        type(ordered[0])._default_manager.bulk_create(
            ordered, batch_size=500, update_conflicts=True, unique_fields=["id"],
            update_fields=list(fields),
        )  # fmt: skip
