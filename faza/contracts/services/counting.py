"""Counts and notes what tokens ask, on the way of every question: two statements, one commit.

They are written out: to have Django put them together took longer than to have them answered.
"""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import connection, transaction

from faza.contracts.models import Token, TokenUse
from faza.contracts.rules import tokens as rules

_COUNT = f"""
UPDATE {Token._meta.db_table}
SET counted = CASE WHEN counted_since = %s THEN counted + 1 ELSE 1 END,
    counted_since = %s, used_at = %s
WHERE id = %s AND (counted_since IS NULL OR counted_since <> %s OR counted < %s)
"""  # noqa: S608 - the table is a constant
_NOTE = f"""
INSERT INTO {TokenUse._meta.db_table} AS known (token_id, day, operation, count, last_at, address)
VALUES (%s, %s, %s, 1, %s, %s)
ON CONFLICT (token_id, day, operation)
DO UPDATE SET count = known.count + 1, last_at = excluded.last_at, address = excluded.address
"""  # noqa: S608


def asked(token: int, operation: str, *, at: datetime, address: str | None = None) -> bool:
    """Count a question of a token and note it in its log; False if it has asked too often.

    Whatever it asks for is noted, also what is refused. Two queries in one transaction.
    """
    with transaction.atomic():
        may = _counted(token, at)
        note(token, operation, at=at, address=address)
    return may


def _counted(token: int, at: datetime) -> bool:
    adapt = connection.ops.adapt_datetimefield_value
    minute, now = adapt(at.replace(second=0, microsecond=0)), adapt(at)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [minute, minute, now, token, minute, rules.LIMIT])
        return bool(cursor.rowcount)


def note(token: int, operation: str, *, at: datetime, address: str | None = None) -> None:
    """Note in the log that a token asked for something. One query."""
    ops = connection.ops
    told = [
        token, ops.adapt_datefield_value(at.astimezone(UTC).date()), operation,
        ops.adapt_datetimefield_value(at), ops.adapt_ipaddressfield_value(address),
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, told)
