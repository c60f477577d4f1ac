"""A folder that is watched: files put into it are read once, and lie in done/ or failed/ then.

    inbox/            files are dropped here
    inbox/work/       those at work, under names of their own; a lock says who watches
    inbox/done/DAY/   read; beside a file with problems a .txt lists them
    inbox/failed/DAY/ not stored, or nothing of it; the .txt says why

A file is taken when two looks find it of the same size and age: who writes slowly, or renames
into place, is safe. It is taken by renaming, which only one process can. What a killed process
left at work is read once more; what it had finished is put away.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from django.db import DatabaseError, DataError, IntegrityError, InterfaceError
from django.db.models import F

from faza.collection import rules
from faza.collection.intake.aside import write_safely
from faza.collection.models import ImportRun, Pickup
from faza.collection.services import ImportOptions, import_files
from faza.collection.summary import ImportSummary
from faza.core.clock import Now

TRIES = 2
"""So often a file is begun before it is put aside: the first time, and once after a kill."""
LOCK = ".lock"
PARTIAL = (".part", ".tmp", ".partial", ".filepart", ".crdownload")
"""Endings of files that somebody still writes."""
TOLD = 1000
"""Problems that are written beside a file."""
BY = "inbox"
log = logging.getLogger(__name__)


class Folder:
    """The watched folder, held by one process at a time. Use it as a context."""

    def __init__(self, path: Path, now: Now) -> None:
        self.path = path
        self.now = now
        self.is_held = False
        self._seen: dict[str, tuple[int, int]] = {}
        self._spared: set[int] = set()
        self._lock: IO[str] | None = None

    def __enter__(self) -> Self:
        """Make the folders and try to hold them; `is_held` tells whether somebody else does."""
        for name in ("work", "done", "failed"):
            (self.path / name).mkdir(parents=True, exist_ok=True)
        self._lock = (self.path / "work" / LOCK).open("w")
        self._hold()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        if self._lock is not None:
            self._lock.close()
        self.is_held = False

    def _hold(self) -> None:
        assert self._lock is not None
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.is_held = True

    def look(self) -> int:
        """Read what a killed process left and what has come to rest; how many files were read.

        Raises DatabaseError where it is out of reach; nothing is lost, look again.
        """
        if not self.is_held:
            self._hold()
        if not self.is_held:
            return 0
        return sum(1 for _ in self._recover()) + sum(1 for _ in self._fresh())

    def _fresh(self) -> Iterator[None]:
        seen: dict[str, tuple[int, int]] = {}
        for entry in sorted(self._dropped(), key=lambda entry: entry.name):
            with contextlib.suppress(FileNotFoundError):  # its sender has taken it away
                about = entry.stat(follow_symlinks=False)
                signature = about.st_size, about.st_mtime_ns
                if self._seen.get(entry.name) != signature:
                    seen[entry.name] = signature
                    continue
                pickup = self._take(Path(entry.path), about.st_size)
                self._read(pickup)
                yield
        self._seen = seen

    def _dropped(self) -> Iterator[os.DirEntry[str]]:
        with os.scandir(self.path) as entries:
            for entry in entries:
                if not entry.is_file(follow_symlinks=False) or rules.is_hidden(entry.name):
                    continue
                if not entry.name.lower().endswith(PARTIAL):
                    yield entry

    def _take(self, file: Path, size: int) -> Pickup:
        """Write down that a file is taken, then take it."""
        at = self.now()
        name = os.fsencode(file.name).decode("utf-8", "replace")
        last = Pickup.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        pickup = Pickup.objects.create(
            name=name[-300:], kept_as=f"{at:%Y%m%dT%H%M%S}-{last + 1}{file.suffix[:20]}",
            size=size, taken_at=at,
        )  # fmt: skip
        try:
            file.rename(self._at_work(pickup))
        except OSError:
            pickup.delete()
            raise
        return pickup

    def _at_work(self, pickup: Pickup) -> Path:
        return self.path / "work" / pickup.kept_as

    def _recover(self) -> Iterator[None]:
        """What lies at work and is nobody's: the lock is ours, so its process has died."""
        there = sorted(entry.name for entry in os.scandir(self.path / "work"))
        names = [name for name in there if name != LOCK and not name.startswith(".")]
        known = Pickup.objects.in_bulk(names, field_name="kept_as")
        # It was written down, but the process died before it took the file: it is still there.
        waiting = Pickup.objects.filter(state=Pickup.State.TAKEN)
        waiting.exclude(kept_as__in=names).delete()
        for name in names:
            pickup = known.get(name)
            if pickup is None:
                size = (self.path / "work" / name).stat().st_size
                pickup = Pickup.objects.create(
                    name=name, kept_as=name, size=size, taken_at=self.now()
                )
            if pickup.state != Pickup.State.TAKEN:
                self._put_away(pickup, None)
            elif pickup.tries >= TRIES and pickup.pk not in self._spared:
                reason = f"Reading it was begun {pickup.tries} times and never came to an end."
                self._fail(pickup, reason)
            else:
                log.warning("%s is read again: its reading was cut short", pickup.name)
                self._read(pickup)
                yield

    def _read(self, pickup: Pickup) -> None:
        if pickup.pk not in self._spared:
            Pickup.objects.filter(pk=pickup.pk).update(tries=F("tries") + 1)
            pickup.tries += 1
        self._spared.discard(pickup.pk)
        file = self._at_work(pickup)
        try:
            with file.open("rb") as stream:
                changed = datetime.fromtimestamp(os.fstat(stream.fileno()).st_mtime, UTC)
                options = ImportOptions(as_of=changed, by=BY)
                summary = import_files([(pickup.name, stream)], at=self.now(), options=options)
        except (DataError, IntegrityError):
            log.exception("%s: it cannot be stored", pickup.name)
            self._fail(pickup, "Internal fault: it cannot be stored; the log has more.")
        except (DatabaseError, InterfaceError):
            self._spared.add(pickup.pk)  # no fault of the file
            raise
        except OSError as problem:
            self._fail(pickup, f"It cannot be read: {problem.strerror or problem}.")
        except Exception as problem:  # a reader's own fault; the folder goes on
            log.exception("%s: the reader failed", pickup.name)
            self._fail(pickup, f"Internal fault: {type(problem).__name__}.")
        else:
            self._finish(pickup, summary)

    def _finish(self, pickup: Pickup, summary: ImportSummary) -> None:
        useless = not (summary.values or summary.unassigned or summary.events)
        failed = bool(summary.n_problems) and useless
        state = Pickup.State.FAILED if failed else Pickup.State.DONE
        reason = summary.problems[0].reason if failed else ""
        run = ImportRun.objects.filter(by=BY).order_by("-pk").first()
        self._end(pickup, state, reason, run)
        self._put_away(pickup, summary)

    def _fail(self, pickup: Pickup, reason: str) -> None:
        log.warning("%s: %s", pickup.name, reason)
        self._end(pickup, Pickup.State.FAILED, reason, None)
        self._put_away(pickup, None)

    def _end(self, pickup: Pickup, state: Pickup.State, reason: str, run: ImportRun | None) -> None:
        pickup.state, pickup.reason, pickup.run = state, reason[:500], run
        pickup.ended_at = self.now()
        pickup.save(update_fields=["state", "reason", "run", "ended_at"])

    def _put_away(self, pickup: Pickup, summary: ImportSummary | None) -> None:
        """Move a file that is done with; what there is to say of it lies beside it."""
        assert pickup.ended_at is not None
        day = self.path / str(pickup.state) / pickup.ended_at.date().isoformat()
        day.mkdir(exist_ok=True)
        place = _free(day, Path(pickup.name).name)
        lines = [] if summary is None else _lines(summary)
        lines = lines or ([pickup.reason] if pickup.reason else [])
        if lines:
            note = place.with_name(f"{place.name}.txt")
            write_safely(note, ("\n".join(lines) + "\n").encode())
        self._at_work(pickup).rename(place)


def _free(day: Path, name: str) -> Path:
    """A name in a folder that no other file has."""
    place, number = day / name, 2
    while place.exists():
        place = day / f"{Path(name).stem}-{number}{Path(name).suffix}"
        number += 1
    return place


def _lines(summary: ImportSummary) -> list[str]:
    lines = []
    for problem in summary.problems[:TOLD]:
        line = f":{problem.line}" if problem.line else ""
        lines.append(f"{problem.file}{line}: {problem.reason}")
    if summary.n_problems > len(lines):
        lines.append(f"… and {summary.n_problems - len(lines)} more")
    return lines
