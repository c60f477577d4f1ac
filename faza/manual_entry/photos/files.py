"""Where photos are kept: under FAZA_HOME, outside everything that is served."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from django.conf import settings

_UNFINISHED = ".part"


def _root() -> Path:
    return Path(settings.HOME) / "files" / "entries"


def place_of(name: str) -> Path:
    """The path of a kept photo; names are ours (`keep`), never a sender's."""
    return _root() / name[:2] / name


def keep(data: bytes) -> str:
    """Keep a file that only the owner reads, and give its name; it is there wholly or not at all.

    It is on the disk before this returns: a row that names it may be committed.
    """
    name = f"{uuid4().hex}.jpg"
    place = place_of(name)
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = place.with_suffix(_UNFINISHED)
    try:
        with open(fresh, "xb", opener=_own) as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        fresh.replace(place)
    finally:
        fresh.unlink(missing_ok=True)
    _settle(place.parent)
    return name


def _own(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _settle(folder: Path) -> None:
    """Names of files are on the disk too once their folder is."""
    found = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(found)
    finally:
        os.close(found)


def remove(name: str) -> None:
    """Twice is once."""
    if name:
        place_of(name).unlink(missing_ok=True)


def older_than(before: datetime) -> Iterator[list[str]]:
    """Names of the files written before a moment, folder by folder: 256 at most."""
    for folder in sorted(_root().glob("??")):
        yield [
            file.name
            for file in sorted(folder.iterdir())
            if file.stat().st_mtime < before.timestamp()
        ]
