"""What a database holds, in numbers: rows and a hash of each table, and of the days of some.

The hash of a table is the sum of hashes of its rows modulo 2**60, so it does not depend on their
order; that of a row is the first 60 bits of an MD5 of it: against accidents, not against forgers.
Numbers of the two engines cannot be compared with each other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

MODULUS = 2**60
DAYS = ("readings_block", "readings_delivered", "readings_version", "readings_provenance")
"""Tables with a `day`, of which each day is counted by itself."""
SUMMED = ("readings_block", "readings_delivered", "readings_version")
"""Those whose days have a `total`."""
FLEETING = frozenset({"django_session", "jobs_process"})
"""Tables that change by themselves all the time and are worth nothing later: not compared."""
STEADY = (
    "SET LOCAL timezone TO 'UTC'", "SET LOCAL bytea_output TO 'hex'",
    "SET LOCAL datestyle TO 'ISO, MDY'", "SET LOCAL extra_float_digits TO 1",
    "SET LOCAL intervalstyle TO 'postgres'",
)  # fmt: skip
"""How PostgreSQL writes rows as text, wherever it is asked."""


@dataclass(slots=True)
class Counted:
    """tables: name to rows and hash. days: table to day to rows, sum of totals and hash."""

    tables: dict[str, tuple[int, str]] = field(default_factory=dict)
    days: dict[str, dict[str, tuple[int, int, str]]] = field(default_factory=dict)

    def told(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)

    @staticmethod
    def of(told: Mapping[str, Any]) -> Counted:
        """What `told` gave. Raises KeyError, TypeError, ValueError."""
        days = {
            table: {day: _day(*one) for day, one in of_day.items()}
            for table, of_day in told["days"].items()
        }
        tables = {table: (int(rows), str(mark)) for table, (rows, mark) in told["tables"].items()}
        return Counted(tables, days)


def _day(rows: int, total: int, mark: str) -> tuple[int, int, str]:
    return int(rows), int(total), str(mark)


def differences(before: Counted, now: Counted) -> list[str]:
    """What is not the same, in words: days where there are days, else tables."""
    found = []
    for table in sorted(before.tables | now.tables):
        then, there = before.tables.get(table), now.tables.get(table)
        if then == there or table in FLEETING:
            continue
        if then is None or there is None:
            found.append(f"{table}: {'not in the backup' if then is None else 'is missing'}")
        elif table in before.days and table in now.days:
            found += _days(table, before.days[table], now.days[table])
        elif then[0] != there[0]:
            found.append(f"{table}: {then[0]:,} rows in the backup, {there[0]:,} here")
        else:
            found.append(f"{table}: {then[0]:,} rows, with other contents")
    return found


def _days(
    table: str, then: dict[str, tuple[int, int, str]], there: dict[str, tuple[int, int, str]]
) -> list[str]:
    found = []
    for day in sorted(then | there):
        (rows, total, mark), (rows_now, total_now, mark_now) = (
            one.get(day, (0, 0, "")) for one in (then, there)
        )
        if (rows, total) != (rows_now, total_now):
            found.append(
                f"{table}, {day}: {rows:,} rows with a sum of {total:,} in the backup,"
                f" {rows_now:,} with {total_now:,} here"
            )
        elif mark != mark_now:
            found.append(f"{table}, {day}: {rows:,} rows, with other contents")
    return found


def count_postgres(cursor: Any) -> Counted:
    """Of the schema that a connection of psycopg is in; in one transaction, which goes on."""
    for statement in STEADY:
        cursor.execute(statement)
    cursor.execute(
        "SELECT c.relname FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace"
        " AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1"
    )
    counted = Counted()
    mark = "('x' || substr(md5(t::text), 1, 15))::bit(60)::bigint"
    for (table,) in cursor.fetchall():
        if table in DAYS:
            total = "sum(t.total)" if table in SUMMED else "0"
            cursor.execute(
                f"SELECT t.day::text, count(*), {total}, mod(sum({mark}), {MODULUS})"
                f' FROM "{table}" t GROUP BY 1'
            )
            rows = [(day, int(n), int(s), int(m)) for day, n, s, m in cursor.fetchall()]
            _add_days(counted, table, rows)
        else:
            cursor.execute(f'SELECT count(*), mod(sum({mark}), {MODULUS}) FROM "{table}" t')
            number, summed = cursor.fetchone()
            counted.tables[table] = number, _shown(int(summed or 0))
    return counted


def count_sqlite(database: Any) -> Counted:
    """Of a connection of sqlite3; the caller sees to it that nobody writes meanwhile."""
    database.create_aggregate("faza_mark", -1, _Mark)
    tables = database.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        " ORDER BY 1"
    ).fetchall()
    counted = Counted()
    for (table,) in tables:
        columns = [row[1] for row in database.execute(f'PRAGMA table_info("{table}")')]
        named = ", ".join(f'"{name}"' for name in columns)
        if table in DAYS:
            total = "sum(total)" if table in SUMMED else "0"
            rows = database.execute(
                f'SELECT day, count(*), {total}, faza_mark({named}) FROM "{table}" GROUP BY 1'
            ).fetchall()
            _add_days(counted, table, rows)
        else:
            number, mark = database.execute(
                f'SELECT count(*), faza_mark({named}) FROM "{table}"'
            ).fetchone()
            counted.tables[table] = number, _shown(mark or 0)
    return counted


def _add_days(counted: Counted, table: str, rows: list[tuple[str, int, int, int]]) -> None:
    counted.days[table] = {day: (n, total, _shown(mark)) for day, n, total, mark in rows}
    marks = sum(mark for *_, mark in rows) % MODULUS
    counted.tables[table] = sum(row[1] for row in rows), _shown(marks)


def _shown(mark: int) -> str:
    return f"{mark:015x}"


class _Mark:
    """The aggregate for SQLite, which has no hashes: a small database is walked row by row."""

    def __init__(self) -> None:
        self.sum = 0

    def step(self, *row: Any) -> None:
        told = hashlib.md5(repr(row).encode(), usedforsecurity=False)
        self.sum += int.from_bytes(told.digest()[:8]) >> 4

    def finalize(self) -> int:
        return self.sum % MODULUS
