"""Where uploaded files are kept: under FAZA_HOME, outside of everything that is served."""

from __future__ import annotations

import os
from pathlib import Path

from django.conf import settings


def _folder() -> Path:
    folder = Path(settings.HOME) / "files" / "grid"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def keep(name: str, data: bytes) -> None:
    """Write a file that only the owner reads, wholly or not at all."""
    place = _folder() / name
    fresh = place.with_suffix(".part")
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        out.write(data)
    fresh.replace(place)


def load(name: str) -> bytes:
    """The bytes of a kept file. Raises FileNotFoundError."""
    return (_folder() / name).read_bytes()


def remove(name: str) -> None:
    """Twice is once."""
    (_folder() / name).unlink(missing_ok=True)
