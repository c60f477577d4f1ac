"""Rows of months into the database: model instances would cost ten times as much."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from django.db import connection, transaction

from faza.charges.models import ChargeMonth, SubstitutedMonth, ZoneMonth
from faza.readings.store import sqlite


class ZoneRow(NamedTuple):
    """A row of ZoneMonth."""

    usage_point_id: int
    month: date
    reading_type: int
    agreement_id: int
    zone: int
    starts_at: datetime
    ends_at: datetime
    total: int
    n_expected: int
    n_present: int
    n_estimated: int
    power: int | None
    as_of: datetime


class ChargeRow(NamedTuple):
    """A row of ChargeMonth; `lines` as JSON values."""

    usage_point_id: int
    month: date
    agreement_id: int
    starts_at: datetime
    ends_at: datetime
    n_expected: int
    n_present: int
    n_estimated: int
    tariff_id: int | None
    kopecks: int | None
    volume: int
    exported: int
    basis: int
    is_example: bool
    problem: str
    digest: str
    lines: dict[str, Any]
    as_of: datetime


class SubstitutedRow(NamedTuple):
    """A row of SubstitutedMonth; `inputs` as JSON values."""

    usage_point_id: int
    month: date
    agreement_id: int
    starts_at: datetime
    ends_at: datetime
    n_expected: int
    n_present: int
    n_estimated: int
    number: int
    method: str
    clause: str
    volume: int
    inputs: dict[str, Any]
    as_of: datetime


@transaction.atomic
def put(
    points: Collection[int],
    month: date,
    zones: Sequence[ZoneRow],
    charges: Sequence[ChargeRow],
    substituted: Sequence[SubstitutedRow] = (),
) -> None:
    """Replace the rows of a month of points."""
    for model in (ZoneMonth, ChargeMonth, SubstitutedMonth):
        model.objects.filter(month=month, usage_point__in=points).delete()
    _insert("charges_zone_month", ZoneRow._fields, zones)
    _insert("charges_charge_month", ChargeRow._fields, charges)
    _insert("charges_substituted_month", SubstitutedRow._fields, substituted)


def _insert(table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    if not rows:
        return
    names = ", ".join(columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row([_json(value) for value in row])
            return
        marks = ", ".join("?" * len(columns))
        sqlite.many(
            cursor,
            f"INSERT INTO {table} ({names}) VALUES ({marks})",  # noqa: S608 (names of this file)
            (tuple(map(_text, row)) for row in rows),
        )


def _json(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, dict) else value


def _text(value: Any) -> Any:
    """A value as SQLite's driver takes it."""
    if isinstance(value, datetime):
        return _moment(value)
    return value.isoformat() if isinstance(value, date) else _json(value)


@lru_cache(maxsize=1024)
def _moment(at: datetime) -> str:
    return sqlite.moment(at)
