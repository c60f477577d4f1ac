"""An installation of its own for tests that start and kill processes, on the suite's engine."""

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest


@contextmanager
def installed() -> Iterator[dict[str, str]]:
    """The environment of a fresh, migrated installation; removed at the end.

    Its database is a new file, or a new database of the server that DATABASE_URL names: a copy of
    one that is migrated once in a process, for that takes longer than most tests.
    """
    url = os.environ.get("DATABASE_URL", "sqlite:///")
    model = _model(url)
    home = Path(tempfile.mkdtemp(prefix="faza-installation-"))
    environment = _environment(url, home, f"faza_{uuid.uuid4().hex[:12]}")
    try:
        shutil.copytree(model["FAZA_HOME"], home, dirs_exist_ok=True)
        if not url.startswith("sqlite"):
            _on_server(url, f'CREATE DATABASE "{_name(environment)}" TEMPLATE "{_name(model)}"')
        yield environment
    finally:
        _remove(url, environment)


@cache
def _model(url: str) -> dict[str, str]:
    """The environment of a migrated installation that nobody uses; removed with the process."""
    home = Path(tempfile.mkdtemp(prefix="faza-model-"))
    environment = _environment(url, home, f"faza_model_{uuid.uuid4().hex[:12]}")
    atexit.register(_remove, url, environment)
    if not url.startswith("sqlite"):
        _on_server(url, f'CREATE DATABASE "{_name(environment)}"')
    run(environment, "manage.py", "migrate", "--verbosity", "0")
    return environment


def _environment(url: str, home: Path, name: str) -> dict[str, str]:
    own = "sqlite:///" if url.startswith("sqlite") else urlsplit(url)._replace(path=f"/{name}")
    found = own if isinstance(own, str) else urlunsplit(own)
    return os.environ | {"FAZA_HOME": str(home), "DATABASE_URL": found}


def _name(environment: dict[str, str]) -> str:
    return urlsplit(environment["DATABASE_URL"]).path.removeprefix("/")


def _on_server(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(statement)


def _remove(url: str, environment: dict[str, str]) -> None:
    if not url.startswith("sqlite"):
        with suppress(psycopg.OperationalError):  # the server has gone
            _on_server(url, f'DROP DATABASE IF EXISTS "{_name(environment)}" WITH (FORCE)')
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
