"""Bringing a backup back into an empty place, and comparing one with what is there."""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from faza.backup import archive, counting, engines
from faza.backup.archive import Damaged
from faza.backup.counting import Counted
from faza.backup.making import FILES, KEYS


class Occupied(Exception):
    """The place is not empty, or is for another kind of backup; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What was brought back: made when, how many rows and files, which keys; what differs."""

    at: datetime
    rows: int
    files: int
    keys: list[str]
    differences: list[str]


def restore(file: Path, key: str | None = None) -> Restored:
    """Bring a backup back into an empty database and an empty FAZA_HOME.

    Everything is read and compared with the manifest before anything has its place. Raises
    Occupied, Damaged, WrongSeal, Unable.
    """
    settings.HOME.mkdir(mode=0o700, parents=True, exist_ok=True)
    _refuse_occupied()
    with tempfile.TemporaryDirectory(dir=settings.HOME, prefix=".restore-") as place:
        folder = Path(place)
        manifest = archive.read(file, key, lambda name, data: _put(folder / name, data))
        counts, at = _judged(file, manifest)
        part = folder / engines.PARTS[manifest["engine"]]
        copied = engines.count_copy(part)
        if copied is not None and (wrong := counting.differences(counts, copied)):
            raise Damaged(f"{file}: {wrong[0]}")
        _refuse_other_keys(folder)
        engines.restore(part)
        number = _put_files(folder)
        keys = _put_keys(folder)
    rows = sum(rows for rows, _ in counts.tables.values())
    return Restored(at, rows, number, keys, counting.differences(counts, engines.count()))


def compare(file: Path, key: str | None = None) -> tuple[datetime, list[str]]:
    """When a backup was made, and what is other now.

    Raises Damaged, WrongSeal, Unable, Occupied.
    """
    manifest = archive.read(file, key)
    if manifest.get("engine") != connection.vendor:
        raise Occupied(_other_engine(file, manifest))
    counts, at = _told(file, manifest)
    return at, counting.differences(counts, engines.count()) + _other_files(manifest["parts"])


def _other_files(parts: dict[str, tuple[int, str]]) -> list[str]:
    """Files that are gone or changed since a backup; what has come since is not told."""
    found = []
    for name, (_, mark) in sorted(parts.items()):
        if not name.startswith(f"{FILES}/"):
            continue
        file = settings.HOME / name
        if not file.is_file():
            found.append(f"{name}: in the backup, not here")
        elif archive.mark_of(file) != mark:
            found.append(f"{name}: with other contents")
    return found


def _refuse_occupied() -> None:
    if not engines.is_empty():
        raise Occupied(
            "the database has tables already: restore into an empty one (another DATABASE_URL or"
            " FAZA_HOME), or put this one aside"
        )
    files = settings.HOME / FILES
    if files.is_symlink() or os.path.ismount(files):
        raise Occupied(
            f"{files} leads elsewhere: take the link or mount away, and put it back after"
        )
    if files.exists() and (not files.is_dir() or any(files.iterdir())):
        raise Occupied(f"{files} is not empty: put it aside")


def _judged(file: Path, manifest: dict[str, Any]) -> tuple[Counted, datetime]:
    """Numbers and moment of a manifest that fits this installation."""
    if manifest.get("engine") != connection.vendor:
        raise Occupied(_other_engine(file, manifest))
    counts, at = _told(file, manifest)
    known = MigrationLoader(None).disk_migrations
    names = {f"{app}.{name}" for app, name in known}
    newer = [name for name in manifest.get("migrations", []) if name not in names]
    if newer:
        raise Occupied(
            f"{file} was made by Faza {manifest.get('faza')}, which is newer ({newer[0]}):"
            " restore it with that version"
        )
    return counts, at


def _told(file: Path, manifest: dict[str, Any]) -> tuple[Counted, datetime]:
    try:
        return Counted.of(manifest["counts"]), datetime.fromisoformat(manifest["at"])
    except (KeyError, TypeError, ValueError) as problem:
        raise Damaged(f"{file}: its manifest cannot be read ({problem})") from problem


def _other_engine(file: Path, manifest: dict[str, Any]) -> str:
    return (
        f"{file} is of {manifest.get('engine')}, the database here is {connection.vendor}:"
        " set DATABASE_URL to an empty database of that kind"
    )


def _put(place: Path, data: Any) -> None:
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        shutil.copyfileobj(data, out, archive.BLOCK)


def _refuse_other_keys(folder: Path) -> None:
    """A key that is here already is somebody's: it is never replaced."""
    for name in KEYS:
        kept, here = folder / "keys" / name, settings.HOME / name
        if kept.exists() and here.exists() and here.read_bytes() != kept.read_bytes():
            raise Occupied(f"{here} is another key than that of the backup: put it aside")


def _put_keys(folder: Path) -> list[str]:
    """Keys that were made in the old FAZA_HOME take the places of those made here just now."""
    put = []
    for name in KEYS:
        kept = folder / "keys" / name
        if kept.exists():
            os.replace(kept, settings.HOME / name)
            put.append(name)
    return put


def _put_files(folder: Path) -> int:
    kept, place = folder / FILES, settings.HOME / FILES
    if not kept.exists():
        return 0
    if place.exists():
        place.rmdir()  # it is empty
    os.rename(kept, place)
    return sum(len(names) for _, _, names in os.walk(place))
