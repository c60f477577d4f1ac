"""Where files that came are kept until they are read, and some time longer: under FAZA_HOME."""

from __future__ import annotations

import os
from pathlib import Path

from django.conf import settings


def place_of(name: str) -> Path:
    """The path of a kept file; names are ours, never a sender's."""
    folder = Path(settings.HOME) / "files" / "exchange"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder / name


def keep(name: str, data: bytes) -> None:
    """Write a file that only the owner reads, wholly or not at all, and on the disk."""
    place = place_of(name)
    fresh = place.with_name(f".{name}.{os.getpid()}")
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(place)


def remove(name: str) -> None:
    """Twice is once."""
    if name:
        place_of(name).unlink(missing_ok=True)
