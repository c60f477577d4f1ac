"""Where made reports are kept: under FAZA_HOME, outside everything that is served."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from django.conf import settings

from faza.reports.models import Run


def name_of(run: Run) -> str:
    """What a run's file is called, whoever makes it and however often."""
    return f"{run.pk}-{run.created_at:%Y%m%d%H%M%S}"


def place_of(name: str) -> Path:
    """The path of a kept file; names are ours, never a reader's."""
    folder = Path(settings.HOME) / "files" / "reports"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder / name


@contextmanager
def kept(name: str) -> Iterator[BinaryIO]:
    """A file to write, that only the owner reads; it is there wholly, or not at all.

    Its folder, `Path(file.name).parent`, is for what writing needs meanwhile, and goes with it.
    """
    place = place_of(name)
    # One for each try: a worker that was slow, not dead, spoils nothing of the next one's.
    folder = place.with_name(f".{name}.{uuid4().hex}")
    folder.mkdir(mode=0o700)
    fresh = folder / "file"
    try:
        with open(fresh, "w+b", opener=_own) as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        fresh.replace(place)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _own(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def tidy(name: str) -> None:
    """Delete what killed workers left of a file; call it as long as its run waits."""
    for left in place_of(name).parent.glob(f".{name}.*"):
        shutil.rmtree(left, ignore_errors=True)


def remove(name: str) -> None:
    """Twice is once."""
    if name:
        tidy(name)
        place_of(name).unlink(missing_ok=True)
