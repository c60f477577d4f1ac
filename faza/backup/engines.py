"""A consistent copy of a database while others write to it, and back: SQLite and PostgreSQL."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection
from psycopg.conninfo import make_conninfo

from faza.backup import counting
from faza.backup.counting import Counted

PARTS = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}
"""How the part of a backup is called that holds the database."""
APPLIED = "SELECT app, name FROM django_migrations ORDER BY app, name"
DEBIAN = Path("/usr/lib/postgresql")


class Unable(Exception):
    """A database cannot be copied or brought back; the message says why, and what to do."""


def dump(out: Path) -> tuple[Counted, list[str]]:
    """Copy the database into a file, as it is at one moment; its numbers and migrations."""
    return (_dump_sqlite if connection.vendor == "sqlite" else _dump_postgres)(out)


def is_empty() -> bool:
    """Whether the database has no tables yet."""
    if connection.vendor == "sqlite":
        file = Path(str(connection.settings_dict["NAME"]))
        if not file.exists():
            return True
    tables = connection.introspection.table_names()
    connection.close()
    return not tables


def restore(file: Path) -> None:
    """Bring the copy into an empty database: as a whole, or not at all. Raises Unable."""
    if connection.vendor == "sqlite":
        _restore_sqlite(file)
    else:
        _run("pg_restore", ["--single-transaction", "--exit-on-error", "--no-owner",
             "--no-privileges", "--no-tablespaces", "--dbname", _where(), str(file)])  # fmt: skip


def count_copy(file: Path) -> Counted | None:
    """The numbers of a copy that is not brought back yet; None where only a server can tell."""
    if connection.vendor != "sqlite":
        return None
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as copy:
        return counting.count_sqlite(copy)


def count() -> Counted:
    """The numbers of the database as it is at one moment."""
    if connection.vendor == "sqlite":
        with closing(_sqlite()) as source:
            source.execute("BEGIN")  # a reader sees one moment, and holds nobody up
            return counting.count_sqlite(source)
    with _snapshot() as server, server.cursor() as cursor:
        return counting.count_postgres(cursor)


def _dump_sqlite(out: Path) -> tuple[Counted, list[str]]:
    # In one step: with WAL it holds no writer up, in several it would begin anew at each write.
    with closing(_sqlite()) as source, closing(sqlite3.connect(out)) as copy:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")
        return counting.count_sqlite(copy), _named(copy.execute(APPLIED).fetchall())


def _restore_sqlite(file: Path) -> None:
    place = Path(str(connection.settings_dict["NAME"]))
    connection.close()
    beside = place.with_name(f"{place.name}.restored")
    shutil.copyfile(file, beside)
    beside.chmod(0o600)
    for rest in ("-wal", "-shm"):  # of an empty database that was there
        place.with_name(place.name + rest).unlink(missing_ok=True)
    os.replace(beside, place)


def _sqlite() -> sqlite3.Connection:
    place = Path(str(connection.settings_dict["NAME"]))
    if not place.exists():
        raise Unable(f"there is no database: {place}")
    return sqlite3.connect(f"file:{place}?mode=ro", uri=True, timeout=30, isolation_level=None)


def _dump_postgres(out: Path) -> tuple[Counted, list[str]]:
    with _snapshot() as server, server.cursor() as cursor:
        cursor.execute("SELECT pg_export_snapshot()")
        (snapshot,) = cursor.fetchone() or ("",)
        # Faza uses no extension, but one that is there (Citus) would be wanted at the restore.
        _run("pg_dump", ["--format=custom", "--no-owner", "--no-privileges",
             "--extension=plpgsql", f"--snapshot={snapshot}", f"--file={out}",
             "--dbname", _where()])  # fmt: skip
        counted = counting.count_postgres(cursor)
        cursor.execute(APPLIED)
        return counted, _named(cursor.fetchall())


def _snapshot() -> psycopg.Connection[Any]:
    """A connection whose questions all see one moment."""
    server = psycopg.connect(**_parameters())
    with server.transaction():  # a large database takes longer than pages may
        server.execute("SET statement_timeout TO 0")
        server.execute("SET idle_in_transaction_session_timeout TO 0")
    server.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    server.read_only = True
    return server


def _parameters() -> dict[str, Any]:
    told = connection.get_connection_params()
    ours = {"cursor_factory", "context", "prepare_threshold", "client_encoding"}
    return {name: value for name, value in told.items() if name not in ours}


def _where() -> str:
    """The database for programs of PostgreSQL; its password goes by the environment."""
    return make_conninfo(**{k: v for k, v in _parameters().items() if k != "password"})


def _run(name: str, arguments: list[str]) -> None:
    password = _parameters().get("password")
    environment: Mapping[str, str] = os.environ | ({"PGPASSWORD": password} if password else {})
    done = subprocess.run(
        [_program(name), *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Unable(f"{name}: {' '.join(done.stderr.split())[-600:]}")


def _program(name: str) -> str:
    """pg_dump or pg_restore of the server's own version, else the next newer one that is here.

    Newer ones write settings that older servers do not know.
    """
    with closing(psycopg.connect(**_parameters())) as asked:
        server = asked.info.server_version // 10_000
    found = {int(p.parts[-3]): p for p in DEBIAN.glob(f"*/bin/{name}") if p.parts[-3].isdecimal()}
    if able := [version for version in found if version >= server]:
        return str(found[min(able)])
    if at := shutil.which(name):
        told = subprocess.run([at, "--version"], capture_output=True, text=True, check=False)
        if int(told.stdout.split()[2].partition(".")[0]) >= server:
            return at
    raise Unable(
        f"{name} {server} or newer is not on this machine: apt-get install"
        f" postgresql-client-{server}"
    )


def _named(rows: list[tuple[Any, ...]]) -> list[str]:
    return [f"{app}.{name}" for app, name in rows]
