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


class Fresh:
    """A file that is being made; `file` is written, and read by its owner only."""

    def __init__(self, place: Path, file: BinaryIO) -> None:
        self.file, self._place = file, place

    def closed(self) -> int:
        """Have all of it on the disk; its size."""
        self.file.flush()
        os.fsync(self.file.fileno())
        return os.fstat(self.file.fileno()).st_size

    def place(self) -> None:
        """Give it its name, wholly; one that was there goes."""
        (self._folder / "file").replace(self._place)

    @property
    def _folder(self) -> Path:
        return Path(self.file.name).parent


@contextmanager
def fresh(name: str) -> Iterator[Fresh]:
    """A file that gets its name by `Fresh.place`; without that nothing of it stays.

    Its folder, `Path(file.name).parent`, is for what writing needs meanwhile, and goes with it.
    """
    place = place_of(name)
    # One for each try: a worker that was slow, not dead, spoils nothing of the next one's.
    folder = place.with_name(f".{name}.{uuid4().hex}")
    folder.mkdir(mode=0o700)
    try:
        with open(folder / "file", "w+b", opener=_own) as out:
            yield Fresh(place, out)
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
