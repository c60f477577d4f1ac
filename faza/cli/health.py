"""The checks of faza doctor: each looks at one thing that may be wrong in an installation."""

from __future__ import annotations

import os
import platform
import shutil
import smtplib
import stat
from collections.abc import Collection, Iterator
from datetime import timedelta
from pathlib import Path

from faza.cli import environment
from faza.cli.common import database_file
from faza.cli.doctor import TO_COME, Finding
from faza.cli.health_database import database

SCARCE, LITTLE = 100 * 2**20, 2**30
"""Free bytes under which a disk is about to be full, and under which it should be looked at."""
OLD = timedelta(hours=36)
TIMEOUT = 5
"""Seconds that a mail server has to answer."""


def checks(*, without: Collection[str] = ()) -> Iterator[Finding]:
    """All findings, the database's first, but those that lean on some wrong settings."""
    left = {name.removesuffix("_FILE") for name in without}
    told = environment.told(os.environ)
    in_home = told.get("DATABASE_URL", "sqlite:///") == "sqlite:///"
    if not ({"DATABASE_URL", "FAZA_HOME"} if in_home else {"DATABASE_URL"}) & left:
        yield from database()
    if "FAZA_HOME" not in left:
        yield from _home()
        yield from _keys(told)
        yield from _disks()
    if not {"FAZA_URL", "FAZA_DEBUG"} & left:
        yield from _web()
    if "FAZA_EMAIL_URL" not in left:
        yield from _mail()
    if "FAZA_HOME" not in left:
        yield _backup()
    yield from _figures()
    yield from _versions()


def _home() -> Iterator[Finding]:
    from django.conf import settings

    home: Path = settings.HOME
    if not home.exists():
        yield Finding("folder", f"{home} {TO_COME}", "unusual")
    elif os.access(home, os.W_OK | os.X_OK):
        yield Finding("folder", f"{home}, writable")
    else:
        yield Finding("folder", f"{home}, not writable", "wrong", "chown it, or set FAZA_HOME")


def _keys(told: dict[str, str]) -> Iterator[Finding]:
    """Whether the keys are long enough, and nobody else reads them."""
    from django.conf import settings

    for variable, name, shortest in (
        ("FAZA_SECRET_KEY", "secret key", 50),
        ("FAZA_METER_KEY", "meter key", 20),
    ):
        file = settings.HOME / name.replace(" ", "-")
        kept = environment.file_of(environment.named(variable), os.environ)
        if variable in told:
            is_short = any(len(one) < shortest for one in told[variable].split(","))
            advice = f"expected: {shortest} random characters or more" if is_short else ""
            origin = f"from {kept}" if kept else "from the environment"
            state = "wrong" if is_short else "ok"
            if kept and not is_short and _is_open(kept, 0o027):
                state, advice = "wrong", f"others may read it: chmod 640 {kept}"
            yield Finding(name, origin, state, advice)
        elif not file.exists():
            yield Finding(name, "made at the first start")
        elif _is_open(file):
            yield Finding(name, str(file), "wrong", f"others may read it: chmod 600 {file}")
        else:
            yield Finding(name, f"{file}, for its owner only; keep a copy elsewhere")


def _is_open(file: Path, forbidden: int = 0o077) -> bool:
    """Whether others than the owner may read or write a file."""
    return bool(stat.S_IMODE(file.stat().st_mode) & forbidden)


def _disks() -> Iterator[Finding]:
    """Room where the files lie, and where the embedded database does if that is elsewhere."""
    from django.conf import settings

    places = {"disk": settings.HOME}
    file = database_file()
    if file is not None and file.parent != settings.HOME:
        places["disk of database"] = file.parent
    for name, place in places.items():
        there = next(folder for folder in (place, *place.parents) if folder.is_dir())
        free = shutil.disk_usage(there).free
        state = "wrong" if free < SCARCE else "unusual" if free < LITTLE else "ok"
        advice = "" if state == "ok" else "make room: a full disk stops every import"
        yield Finding(name, f"{free / 2**30:.1f} GB free", state, advice)


def _web() -> Iterator[Finding]:
    from django.conf import settings

    local = any(name in settings.URL for name in ("127.0.0.1", "localhost", "[::1]"))
    if settings.DEBUG and not local:
        yield Finding("debug", "on", "wrong", "unset FAZA_DEBUG: errors would show the insides")
    if settings.HTTPS or local:
        yield Finding("address", settings.URL)
    else:
        advice = "without https passwords travel open: FAZA_URL=https://…"
        yield Finding("address", settings.URL, "unusual", advice)
    if Path(str(settings.DJANGO_VITE["default"]["manifest_path"])).exists():
        yield Finding("front end", "built")
    else:
        yield Finding("front end", "not built", "wrong", "run make setup in the source tree")


def _backup() -> Finding:
    """When the last one was made; how old one may be is a day and a half, as the alert has it."""
    from faza.backup import making
    from faza.cli.common import now

    last = making.last()
    if last is None:
        return Finding("backup", "none is known of here", "unusual", "run faza backup each day")
    told = f"{last:%Y-%m-%d %H:%M} UTC"
    is_old = now() - last > OLD
    return Finding(
        "backup", told, "unusual" if is_old else "ok", "run faza backup" if is_old else ""
    )


def _figures() -> Iterator[Finding]:
    """Who may ask for /metrics; behind a proxy that is a question."""
    from django.conf import settings

    if settings.METRICS_TOKEN:
        yield Finding("metrics", "told to whoever has FAZA_METRICS_TOKEN")
    else:
        yield Finding("metrics", "told on this machine only")


def _mail() -> Iterator[Finding]:
    from django.conf import settings

    kind = settings.EMAIL_BACKEND.rsplit(".", 2)[-2]
    if kind != "smtp":
        advice = "letters only go to the log: FAZA_EMAIL_URL=smtp://user:password@host:587"
        yield Finding("mail", kind, "unusual", advice)
        return
    place = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    kind_of = smtplib.SMTP_SSL if settings.EMAIL_USE_SSL else smtplib.SMTP
    try:
        with kind_of(settings.EMAIL_HOST, settings.EMAIL_PORT, timeout=TIMEOUT) as server:
            server.noop()
    except (OSError, smtplib.SMTPException) as problem:
        yield Finding("mail", f"{place}: {problem}", "wrong", "correct FAZA_EMAIL_URL")
    else:
        yield Finding("mail", f"{place}, answers")


def _versions() -> Iterator[Finding]:
    import django
    import numpy
    import psycopg

    from faza import __version__

    yield Finding(
        "versions",
        f"faza {__version__}, Python {platform.python_version()}, Django {django.__version__},"
        f" NumPy {numpy.__version__}, psycopg {psycopg.__version__}",
    )
