"""Questions about thousands of ids: one parameter to ask by, one row to answer with."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from django.db import connection
from django.db.models import Aggregate, JSONField
from django.db.models.expressions import RawSQL

FEW = 100
"""So many ids are parameters of their own; of more, writing the question would be half of it."""


def many(ids: Any) -> Any:
    """Ids for an `__in` lookup, however many they are; querysets stay as they are."""
    if not isinstance(ids, Collection) or len(ids) <= FEW:
        return ids
    told = [int(one) for one in ids]
    if connection.vendor == "postgresql":
        return RawSQL("SELECT unnest(%s::bigint[])", (told,))
    return RawSQL("SELECT value FROM json_each(%s)", (json.dumps(told),))


class Together(Aggregate):
    """The ids of a group as one list, in no order."""

    function = "JSONB_AGG"
    output_field = JSONField()
    allow_distinct = True

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, function="JSON_GROUP_ARRAY", **context)
