"""Making a backup, and telling when the last one was made."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.db import connection

from faza import __version__
from faza.backup import archive, engines
from faza.backup.archive import Writing

FILES = "files"
"""The folder of FAZA_HOME that is kept: photos, papers, kept reports, what came in."""
KEYS = ("secret-key", "meter-key", "push-key")
"""Files of FAZA_HOME that open what is in the database: only in a sealed backup."""
ENDS = (".tar", ".tar.sealed")
NAMED = re.compile(r"faza-\d{8}T\d{6}Z\.tar(?:\.sealed)?")
"""How a backup is called that went into a folder: no other file there is ever ours."""
COPY = ".backup-"
"""Begins the folder of FAZA_HOME in which the database is copied; it goes with the backup."""
ABANDONED = 2 * 86_400
"""Seconds after which a copy is taken for that of a killed backup."""
LAST = "last-backup"
"""File of FAZA_HOME that tells of the last one."""


@dataclass(frozen=True, slots=True)
class Made:
    """A backup: its file and size in bytes, rows, files, keys in it, and backups taken away."""

    file: Path
    size: int
    rows: int
    files: int
    keys: int
    is_sealed: bool
    removed: list[Path]


def make(target: Path, *, at: datetime, key: str | None = None, keep: int | None = None) -> Made:
    """Write a backup to a file, or under a name of its own into a folder; see the module's room.

    The database is copied first, so that every file its rows tell of is there still. keep: so
    many of a folder stay, the youngest and this one. The copy of the database is made in
    FAZA_HOME, which is nobody else's, and what a killed backup left there goes. Raises
    FileExistsError, Unable, Damaged, OSError.
    """
    is_folder = target.is_dir()
    file = target / f"faza-{at:%Y%m%dT%H%M%SZ}{ENDS[bool(key)]}" if is_folder else target
    if file.exists():
        raise FileExistsError(f"{file} is there already")
    part = engines.PARTS[connection.vendor]
    _sweep()
    with (
        tempfile.TemporaryDirectory(dir=settings.HOME, prefix=COPY) as folder,
        archive.writing(file, key) as out,
    ):
        copy = Path(folder) / part
        copy.touch(mode=0o600)
        counts, migrations = engines.dump(copy)
        out.add(part, copy)
        files = _add_files(out)
        keys = _add_keys(out) if key else 0
        out.end(
            {
                "faza": __version__, "engine": connection.vendor, "at": at.isoformat(),
                "migrations": migrations, "counts": counts.told(),
            }
        )  # fmt: skip
    rows = sum(rows for rows, _ in counts.tables.values())
    size = file.stat().st_size
    removed = _rotated(target, keep, file) if is_folder and keep else []
    made = Made(file, size, rows, files, keys, bool(key), removed)
    _note(made, at)
    return made


def last() -> datetime | None:
    """When the last backup was made that is known of here."""
    try:
        return datetime.fromisoformat(json.loads((settings.HOME / LAST).read_text())["at"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _add_files(out: Writing) -> int:
    """Add what people and programs have sent, as it stands; what goes meanwhile is left out."""
    count, home = 0, settings.HOME
    for place, folders, names in os.walk(home / FILES, onerror=_unreadable):
        folders.sort()
        for name in sorted(names):
            file = Path(place) / name
            if file.is_symlink() or not file.is_file():
                continue
            try:
                out.add(file.relative_to(home).as_posix(), file)
            except FileNotFoundError:
                continue
            count += 1
    return count


def _unreadable(problem: OSError) -> None:
    """A folder that cannot be read is no empty folder."""
    if not isinstance(problem, FileNotFoundError):
        raise problem


def _add_keys(out: Writing) -> int:
    found = [settings.HOME / name for name in KEYS if (settings.HOME / name).exists()]
    for file in found:
        out.add(f"keys/{file.name}", file)
    return len(found)


def _sweep() -> None:
    """Remove copies that killed backups left: nobody has made one for so long."""
    before = time.time() - ABANDONED
    for folder in settings.HOME.glob(f"{COPY}*"):
        if folder.is_dir() and folder.stat().st_mtime < before:
            shutil.rmtree(folder, ignore_errors=True)


def _rotated(folder: Path, keep: int, made: Path) -> list[Path]:
    """Remove all but the youngest and the one made now; their names sort by time."""
    ours = sorted(p for p in folder.iterdir() if NAMED.fullmatch(p.name) and p.is_file())
    gone = [file for file in ours[:-keep] if file != made]
    for file in gone:
        file.unlink()
    return gone


def _note(made: Made, at: datetime) -> None:
    told = {"at": at.astimezone(UTC).isoformat(), "file": str(made.file), "size": made.size}
    part = settings.HOME / f"{LAST}.part"
    part.write_text(json.dumps(told))
    os.replace(part, settings.HOME / LAST)
