"""Whether pages can be served: the database answers, its tables are ours, the disk has room."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

SCARCE, LITTLE = 100 * 2**20, 2**30
"""Free bytes under which a disk is about to be full, and under which it should be looked at."""


@dataclass(frozen=True, slots=True)
class Check:
    """One condition: whether it holds, in words for an administrator. Tells no secret."""

    name: str
    is_met: bool
    words: str


def checks() -> list[Check]:
    """All conditions; two queries. What the database itself says is left to the log."""
    return [*_database(), _disk()]


def _database() -> list[Check]:
    try:
        pending = len(_ours() - set(MigrationRecorder(connection).applied_migrations()))
    except (DatabaseError, InterfaceError):
        connection.close()
        return [Check("database", False, "out of reach")]
    words = f"{pending} not applied: run faza migrate" if pending else "applied"
    return [Check("database", True, "in reach"), Check("migrations", not pending, words)]


@cache
def _ours() -> frozenset[tuple[str, str]]:
    """Migrations of this version, (app, name) each."""
    return frozenset(MigrationLoader(None).disk_migrations or ())


def free() -> int | None:
    """Free bytes where FAZA_HOME lies; None where that cannot be told."""
    try:
        return shutil.disk_usage(Path(settings.HOME)).free
    except OSError:
        return None


def _disk() -> Check:
    room = free()
    if room is None:
        return Check("disk", False, "FAZA_HOME is out of reach")
    if room < SCARCE:
        return Check("disk", False, f"less than {SCARCE >> 20} MB free")
    return Check("disk", True, "has room")
