"""The checks of faza doctor that ask the database: tables, clock, who works, what waits."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from faza.cli.common import (
    Refused,
    counted,
    database_file,
    database_in_reach,
    now,
    pending_migrations,
)
from faza.cli.doctor import TO_COME, Finding

APART, FAR_APART = 2.0, 20.0
"""Seconds between our clock and the database's: to be looked at; more, and leases (30 s) of a job
seem to be over while its worker lives."""
MONTH = 28
"""Days: partitions that end earlier should have been made already."""
NEEDED = 140000
"""PostgreSQL 14, the oldest that its makers keep: https://www.postgresql.org/support/versioning."""


def database() -> Iterator[Finding]:
    """Whether it is in reach, its tables are ours, and what they tell."""
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
            is_old = getattr(connection, "pg_version", NEEDED) < NEEDED
            apart = _apart(cursor) if connection.vendor == "postgresql" else 0.0
            pending = pending_migrations()
    except Refused as refused:
        advice = "start the server, or correct DATABASE_URL"
        if file is not None:
            advice = "make the file and its folder writable for you, or correct DATABASE_URL"
        yield Finding("database", str(refused), "wrong", advice)
        return
    if is_old:
        yield Finding("database", name, "wrong", "expected: PostgreSQL 14 or newer")
    else:
        yield Finding("database", f"{name}, in reach")
    yield _clock(apart, is_own=file is not None)
    if pending:
        yield Finding("migrations", f"{len(pending)} not applied", "wrong", "run faza migrate")
    else:
        yield Finding("migrations", "applied")
        yield from _partitions()
        yield from _processes()
        yield from _work()
        yield from _registration()


def _apart(cursor: Any) -> float:
    """Seconds by which our clock is before the database's; below 0 it is behind."""
    before = now()
    cursor.execute("select clock_timestamp()")
    theirs: datetime = cursor.fetchone()[0]
    after = now()
    return (before + (after - before) / 2 - theirs).total_seconds()


def _clock(apart: float, *, is_own: bool) -> Finding:
    told = f"{now():%Y-%m-%d %H:%M:%S} UTC"
    if is_own:
        return Finding("clock", f"{told}; compare it with a watch")
    told += f", {abs(apart):.1f} s {'before' if apart > 0 else 'behind'} the database's"
    if abs(apart) < APART:
        return Finding("clock", told)
    advice = "have both machines' clocks set by NTP (timedatectl set-ntp true)"
    return Finding("clock", told, "wrong" if abs(apart) >= FAR_APART else "unusual", advice)


def _partitions() -> Iterator[Finding]:
    """Whether the months to come have their place; SQLite has none."""
    from faza.readings import months

    today = now().date()
    until = months.are_until(at=now())
    if until is None:
        return
    told, advice = f"there until {until}", "start faza worker, which makes them, or faza migrate"
    if until <= today:
        yield Finding("partitions", told, "wrong", advice)
    elif (until - today).days < MONTH:
        yield Finding("partitions", told, "unusual", advice)
    else:
        yield Finding("partitions", told)


def _processes() -> Iterator[Finding]:
    """Who said within a minute that it lives. A collector is needed only where there are lines."""
    from faza.collection.models import Line
    from faza.jobs import presence
    from faza.jobs.models import Process

    found = list(presence.alive(at=now()))
    for kind in Process.Kind:
        names = [one.name.rpartition(":")[0] for one in found if one.kind == kind]
        versions = {one.version for one in found if one.kind == kind}
        is_idle = kind == Process.Kind.COLLECTOR and not Line.objects.exists()
        if not names:
            advice = "" if is_idle else f"start {kind.label}"
            told = "none, and no line to read" if is_idle else "none lives"
            yield Finding(f"{kind.label}", told, "ok" if is_idle else "unusual", advice)
        elif versions != {_version()}:
            told = f"{', '.join(names)}: {', '.join(sorted(versions))}"
            yield Finding(
                f"{kind.label}", told, "unusual", f"start them anew: this is {_version()}"
            )
        else:
            yield Finding(f"{kind.label}", ", ".join(names))


def _version() -> str:
    from faza import __version__

    return __version__


def _work() -> Iterator[Finding]:
    """Whether a worker runs: what is due for ten minutes nobody has done."""
    from faza.jobs import queries as jobs
    from faza.outbox import queries as outbox

    letters, work = outbox.overdue(at=now()).count(), jobs.overdue(at=now()).count()
    if letters or work:
        told = f"{counted(letters, 'message')} and {counted(work, 'job')} wait for over 10 minutes"
        yield Finding("waiting work", told, "wrong", "start faza worker, or look into its log")
    else:
        yield Finding("waiting work", "nothing waits for over 10 minutes")
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
