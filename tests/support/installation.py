"""An installation of its own for tests that start and kill processes, on the suite's engine."""

import os
import shutil
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest


@contextmanager
def installed() -> Iterator[dict[str, str]]:
    """The environment of a fresh, migrated installation; removed at the end.

    Its database is a new file, or a new database of the server that DATABASE_URL names.
    """
    home = Path(tempfile.mkdtemp(prefix="faza-installation-"))
    environment = os.environ | {"FAZA_HOME": str(home)}
    url = os.environ.get("DATABASE_URL", "sqlite:///")
    name = f"faza_{uuid.uuid4().hex[:12]}"
    on_server = not url.startswith("sqlite")
    try:
        if on_server:
            with psycopg.connect(url, autocommit=True) as server:
                server.execute(f'CREATE DATABASE "{name}"')
            environment["DATABASE_URL"] = urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
        else:
            environment["DATABASE_URL"] = "sqlite:///"
        run(environment, "manage.py", "migrate", "--verbosity", "0")
        yield environment
    finally:
        if on_server:
            with psycopg.connect(url, autocommit=True) as server:
                server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        shutil.rmtree(home, ignore_errors=True)


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
