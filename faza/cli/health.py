"""The checks of faza doctor: each looks at one thing that may be wrong in an installation."""

from __future__ import annotations

import os
import platform
import shutil
import smtplib
import stat
from collections.abc import Collection, Iterator
from pathlib import Path

from faza.cli.common import Refused, counted, database_file, database_in_reach, pending_migrations
from faza.cli.doctor import Finding

SCARCE, LITTLE = 100 * 2**20, 2**30
"""Free bytes under which a disk is about to be full, and under which it should be looked at."""
TO_COME = "does not exist; it will be made at the first start"
TIMEOUT = 5
"""Seconds that a mail server has to answer."""


def checks(*, without: Collection[str] = ()) -> Iterator[Finding]:
    """All findings, the database's first, but those that lean on some wrong settings."""
    in_home = os.environ.get("DATABASE_URL", "sqlite:///") == "sqlite:///"
    if not ({"DATABASE_URL", "FAZA_HOME"} if in_home else {"DATABASE_URL"}) & set(without):
        yield from _database()
    if "FAZA_HOME" not in without:
        yield from _home()
    if not {"FAZA_URL", "FAZA_DEBUG"} & set(without):
        yield from _web()
    if "FAZA_EMAIL_URL" not in without:
        yield from _mail()
    yield from _versions()


def _database() -> Iterator[Finding]:
    from django.db import connection

    file = database_file()
    if file is not None and not file.exists():
        yield Finding("database", f"{file} {TO_COME}", "unusual")
        return
    try:
        with database_in_reach(), connection.cursor() as cursor:
            version = (
                "select sqlite_version()"
                if connection.vendor == "sqlite"
                else "show server_version"
            )
            cursor.execute(version)
            name = f"{connection.vendor} {cursor.fetchone()[0]}"
            pending = pending_migrations()
    except Refused as refused:
        advice = "start the server, or correct DATABASE_URL"
        if file is not None:
            advice = "make the file and its folder writable for you, or correct DATABASE_URL"
        yield Finding("database", str(refused), "wrong", advice)
        return
    yield Finding("database", f"{name}, in reach")
    if pending:
        yield Finding("migrations", f"{len(pending)} not applied", "wrong", "run faza migrate")
    else:
        yield Finding("migrations", "applied")
        yield from _work()
        yield from _registration()


def _work() -> Iterator[Finding]:
    """Whether a worker runs: what is due for ten minutes nobody has done."""
    from faza.cli.common import now
    from faza.jobs import queries as jobs
    from faza.outbox import queries as outbox

    letters, work = outbox.overdue(at=now()).count(), jobs.overdue(at=now()).count()
    if letters or work:
        told = f"{counted(letters, 'message')} and {counted(work, 'job')} wait for over 10 minutes"
        yield Finding("worker", told, "wrong", "start faza worker, or look into its log")
    else:
        yield Finding("worker", "nothing waits for over 10 minutes")
    given_up = outbox.given_up().count()
    if given_up:
        told = f"{counted(given_up, 'message')} given up"
        yield Finding(
            "messages", told, "unusual", "the mail server refused them; the desk says why"
        )


def _registration() -> Iterator[Finding]:
    """Whether people can register: licence and consent have to be published first."""
    from faza.accounts import texts

    missing = ", ".join(texts.missing())
    if missing:
        advice = "an administrator publishes the texts at the desk, under legal texts"
        yield Finding("registration", f"closed: not published: {missing}", "unusual", advice)
    else:
        yield Finding("registration", "open")


def _home() -> Iterator[Finding]:
    from django.conf import settings

    home: Path = settings.HOME
    if not home.exists():
        yield Finding("folder", f"{home} {TO_COME}", "unusual")
    elif os.access(home, os.W_OK | os.X_OK):
        yield Finding("folder", f"{home}, writable")
    else:
        yield Finding("folder", f"{home}, not writable", "wrong", "chown it, or set FAZA_HOME")
    key = home / "secret-key"
    if "FAZA_SECRET_KEY" in os.environ:
        short = len(os.environ["FAZA_SECRET_KEY"]) < 50
        advice = "expected: 50 random characters or more" if short else ""
        yield Finding("secret key", "from the environment", "wrong" if short else "ok", advice)
    elif not key.exists():
        yield Finding("secret key", "made at the first start")
    elif stat.S_IMODE(key.stat().st_mode) & 0o077:
        advice = f"others may read it: chmod 600 {key}"
        yield Finding("secret key", str(key), "wrong", advice)
    else:
        yield Finding("secret key", f"{key}, for its owner only")
    there = next(folder for folder in (home, *home.parents) if folder.is_dir())
    free = shutil.disk_usage(there).free
    state = "wrong" if free < SCARCE else "unusual" if free < LITTLE else "ok"
    advice = "" if state == "ok" else "make room: a full disk stops every import"
    yield Finding("disk", f"{free / 2**30:.1f} GB free", state, advice)


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

    from faza import __version__

    yield Finding(
        "versions",
        f"faza {__version__}, Python {platform.python_version()}, Django {django.__version__},"
        f" NumPy {numpy.__version__}",
    )
