"""Which parts there are, where each runs, and how the result is told."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from faza.bench.report import as_table, write_page

BOTH, EMBEDDED = ("postgresql", "sqlite"), ("sqlite",)
PARTS = {
    "ingest": BOTH,
    "read": BOTH,
    "parse": EMBEDDED,
    "import": EMBEDDED,
    "pages": BOTH,
    "cabinet": BOTH,
    "grid": BOTH,
    "entry": BOTH,
    "dlms": EMBEDDED,
    "sessions": BOTH,
    "results": BOTH,
    "mqtt": BOTH,
    "rules": EMBEDDED,
    "estimation": EMBEDDED,
    "rounds": BOTH,
    "reports": BOTH,
}
"""What can be measured by name, and on which engines each is."""

MISSED, WRONG = 1, 2


def run(options: argparse.Namespace) -> int:
    """Measure the named parts, or all; print the table or a JSON list.

    Options: name and only (lists of names), json (bool), page (a Markdown file whose table is
    written anew when all was measured, or None). Returns 1 where a target is missed or a part
    failed, 2 for a name that there is not.
    """
    names = [*options.name, *options.only]
    for name in names:
        if name not in PARTS:
            print(f"faza bench: {name} is none of {', '.join(PARTS)}", file=sys.stderr)
            return WRONG
    found: list[dict[str, Any]] = []
    failed = False
    for part in names or PARTS:
        for engine in PARTS[part]:
            if engine == "postgresql" and not _server():
                print(
                    f"{part} on PostgreSQL is left out: DATABASE_URL names no server",
                    file=sys.stderr,
                )
                continue
            print(f"measuring {part} on {engine} …", file=sys.stderr, flush=True)
            with _database(engine) as environment:
                done = subprocess.run(
                    [sys.executable, "-m", "faza.bench.part", part],
                    env=environment,
                    stdout=subprocess.PIPE,
                    text=True,
                    check=False,
                )
            failed |= done.returncode != 0
            found += json.loads(done.stdout) if done.returncode == 0 else []
    print(json.dumps(found, ensure_ascii=False, indent=1) if options.json else as_table(found))
    if options.page and not names and not failed:
        write_page(Path(options.page), found)
    return MISSED if failed or any(one["ok"] is False for one in found) else 0


def _server() -> str:
    """The URL of a PostgreSQL server, or nothing."""
    url = os.environ.get("DATABASE_URL", "")
    return url if url.startswith("postgres") else ""


@contextmanager
def _database(engine: str) -> Iterator[dict[str, str]]:
    """The environment of a fresh database of an engine; dropped at the end."""
    home = tempfile.mkdtemp(prefix="faza-bench-")
    environment = os.environ | {"FAZA_HOME": home, "DATABASE_URL": "sqlite:///"}
    name = f"faza_bench_{uuid.uuid4().hex[:8]}"
    try:
        if engine == "postgresql":
            _maintain(f'CREATE DATABASE "{name}"')
            url = urlunsplit(urlsplit(_server())._replace(path=f"/{name}"))
            environment["DATABASE_URL"] = url
        yield environment
    finally:
        if engine == "postgresql":
            _maintain(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        shutil.rmtree(home, ignore_errors=True)


def _maintain(statement: str) -> None:
    import psycopg

    with psycopg.connect(_server(), autocommit=True) as server:
        server.execute(statement)
