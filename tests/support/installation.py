"""An installation of its own for tests that start and kill processes, on the suite's engine."""

import atexit
import fcntl
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from django.db.backends.signals import connection_created


@contextmanager
def installed(like: dict[str, str] | None = None) -> Iterator[dict[str, str]]:
    """The environment of a fresh, migrated installation; removed at the end.

    Its database is a new file, or a new database of the server that DATABASE_URL names: a copy of
    `like`, which nothing may have open, or of one that is migrated once in a run, for that takes
    longer than most tests.
    """
    url = os.environ.get("DATABASE_URL", "sqlite:///")
    source = like or model()
    home = Path(tempfile.mkdtemp(prefix="faza-installation-"))
    environment = _environment(url, home, f"faza_{uuid.uuid4().hex[:12]}")
    try:
        shutil.copytree(source["FAZA_HOME"], home, dirs_exist_ok=True)
        if not url.startswith("sqlite"):
            leave_alone(url, name_of(source))
            _on_server(
                url, f'CREATE DATABASE "{name_of(environment)}" TEMPLATE "{name_of(source)}"'
            )
        yield environment
    finally:
        _remove(url, environment)


@contextmanager
def blank() -> Iterator[dict[str, str]]:
    """The environment of a place where nothing is yet: an empty folder, an empty database."""
    url = os.environ.get("DATABASE_URL", "sqlite:///")
    home = Path(tempfile.mkdtemp(prefix="faza-blank-"))
    environment = _environment(url, home, f"faza_{uuid.uuid4().hex[:12]}")
    try:
        if not url.startswith("sqlite"):
            _on_server(url, f'CREATE DATABASE "{name_of(environment)}"')
        yield environment
    finally:
        _remove(url, environment)


@cache
def model() -> dict[str, str]:
    """The environment of a migrated installation that nobody uses, made once in a run of tests.

    It goes with the run: see `remove_model`.
    """
    url = os.environ.get("DATABASE_URL", "sqlite:///")
    shared = _shared()
    home, told = shared / "model", shared / "model.json"
    with (shared / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if told.exists():
            return os.environ | json.loads(told.read_text())
        shutil.rmtree(home, ignore_errors=True)  # of one that failed
        home.mkdir()
        environment = _environment(url, home, f"faza_model_{uuid.uuid4().hex[:12]}")
        own = {name: environment[name] for name in ("FAZA_HOME", "DATABASE_URL")}
        if not url.startswith("sqlite"):
            _on_server(url, f'CREATE DATABASE "{name_of(environment)}"')
        run(environment, "manage.py", "migrate", "--verbosity", "0")
        if url.startswith("sqlite"):
            with closing(sqlite3.connect(file_of(environment))) as made:
                made.execute("PRAGMA journal_mode=DELETE")  # one file; the next user has WAL again
        else:
            # Nothing, but on a server whose template1 has Citus: docs/scaling.md tells how.
            run(environment, "-m", "tests.support.faza", "distribute", "--shards", "4")
            leave_alone(url, name_of(environment))
        told.write_text(json.dumps(own))
    return environment


@cache
def _shared() -> Path:
    """The folder of the run of tests, or of this process where there is none."""
    if "TESTS_SHARED" in os.environ:
        return Path(os.environ["TESTS_SHARED"])
    folder = Path(tempfile.mkdtemp(prefix="faza-tests-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    atexit.register(remove_model)
    return folder


def remove_model() -> None:
    """For the process that began the run, when all others are done."""
    told = _shared() / "model.json"
    if told.exists():
        _remove(os.environ.get("DATABASE_URL", "sqlite:///"), json.loads(told.read_text()))
        told.unlink()


def file_of(environment: dict[str, str]) -> Path:
    """The file of an installation's SQLite database."""
    return Path(environment["FAZA_HOME"]) / "faza.sqlite3"


def fill_memory_from(file: Path) -> None:
    """Have Django's next database in memory begin as a copy of a file."""

    def fill(connection: Any, **told: object) -> None:
        if "memory" in str(connection.settings_dict["NAME"]):
            connection_created.disconnect(fill)
            with closing(sqlite3.connect(file)) as source:
                source.backup(connection.connection)

    connection_created.connect(fill, weak=False)


def _environment(url: str, home: Path, name: str) -> dict[str, str]:
    own = "sqlite:///" if url.startswith("sqlite") else urlsplit(url)._replace(path=f"/{name}")
    found = own if isinstance(own, str) else urlunsplit(own)
    return os.environ | {"FAZA_HOME": str(home), "DATABASE_URL": found}


def name_of(environment: dict[str, str]) -> str:
    """An installation's database on the server."""
    return urlsplit(environment["DATABASE_URL"]).path.removeprefix("/")


def leave_alone(url: str, name: str) -> None:
    """End what the server itself holds a database with: one that is held is not copied."""
    _on_server(
        url,
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE"
        f" datname = '{name}' AND backend_type LIKE 'Citus%'",
    )


def _on_server(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(statement)


def _remove(url: str, environment: dict[str, str]) -> None:
    if not url.startswith("sqlite"):
        with suppress(psycopg.OperationalError):  # the server has gone
            _on_server(url, f'DROP DATABASE IF EXISTS "{name_of(environment)}" WITH (FORCE)')
    shutil.rmtree(environment["FAZA_HOME"], ignore_errors=True)


def start(environment: dict[str, str], *command: str, **kwargs) -> subprocess.Popen:
    """A Python process of the installation."""
    return subprocess.Popen([sys.executable, *command], env=environment, text=True, **kwargs)


def run(environment: dict[str, str], *command: str) -> str:
    """What a Python process of the installation prints; raises with its errors if it fails."""
    done = subprocess.run(
        [sys.executable, *command], env=environment, text=True, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def installation() -> Iterator[dict[str, str]]:
    """A fresh installation as an environment for `start` and `run`."""
    with installed() as environment:
        yield environment
