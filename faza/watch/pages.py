"""Pages that were answered, by address: how many, how long they took, with which status.

Several processes serve pages, and any of them is asked for the figures. So each keeps its
numbers in a file of its own in FAZA_HOME/pages, mapped into memory, and whoever is asked adds
all files up. A file outlives its process and is continued by the next one: the sums only grow.
A lock on the file says that somebody has it.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import mmap
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver

F64 = npt.NDArray[np.float64]
BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper ends of the classes of duration in seconds; a last class has none."""
STATUSES = ("1xx", "2xx", "3xx", "4xx", "5xx")
STATIC, NOWHERE = "(static)", "(none)"
"""Static files; addresses that are none."""
VALUES = len(STATUSES) + len(BOUNDS) + 1
"""Column of the sum of seconds: statuses, classes of duration, sum."""
SLOTS = 256
"""More processes than that do not serve one folder."""
HEAD = 32


@dataclass(frozen=True, slots=True, eq=False)
class Counts:
    """Numbers of r addresses: statuses (r, 5), durations (r, 12) by class, seconds (r,)."""

    names: tuple[str, ...]
    statuses: F64
    durations: F64
    seconds: F64


@cache
def names() -> tuple[str, ...]:
    """Names of all addresses, sorted, with those of what is no page."""
    found = sorted(set(_names(get_resolver(), "")))
    return (STATIC, NOWHERE, *found)


def _names(resolver: URLResolver, space: str) -> Iterator[str]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{space}{entry.namespace}:" if entry.namespace else space
            yield from _names(entry, inner)
        elif isinstance(entry, URLPattern) and entry.name:
            yield space + entry.name


@cache
def _rows() -> dict[str, int]:
    return {name: row for row, name in enumerate(names())}


@cache
def _digest() -> bytes:
    """What a file's numbers are of: another version has other addresses, and begins anew."""
    told = "\n".join([*names(), *map(str, BOUNDS), *STATUSES])
    return hashlib.sha256(told.encode()).digest()


def _shape() -> tuple[int, int]:
    return len(names()), VALUES + 1


class Book:
    """The numbers of this process. Counting never fails: without a file they are kept in memory."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.Lock()
        self._pid = 0
        self._numbers: F64 = np.zeros((0, 0))
        self._is_kept = False

    def count(self, name: str, status: int, seconds: float) -> None:
        """Note that a page was answered."""
        row = _rows().get(name, 1)
        kind = min(max(status // 100, 1), len(STATUSES)) - 1
        place = len(STATUSES) + int(np.searchsorted(BOUNDS, seconds))
        with self._lock:
            numbers = self._mine()
            numbers[row, kind] += 1
            numbers[row, place] += 1
            numbers[row, VALUES] += seconds

    def counts(self) -> Counts:
        """The numbers of all processes of this folder, as they are now."""
        total = np.zeros(_shape())
        for file in sorted(self.folder.glob("*.pages")):
            with contextlib.suppress(OSError):
                total += _read(file)
        with self._lock:
            if self._pid == os.getpid() and not self._is_kept:
                total += self._numbers
        first = len(STATUSES)
        return Counts(names(), total[:, :first], total[:, first:VALUES], total[:, VALUES])

    def _mine(self) -> F64:
        """This process's numbers; a child of a fork takes a file of its own."""
        if self._pid != os.getpid():
            self._pid = os.getpid()
            try:
                self._numbers, self._is_kept = self._taken(), True
            except OSError:  # no room, no right: it is counted in memory
                self._numbers, self._is_kept = np.zeros(_shape()), False
        return self._numbers

    def _taken(self) -> F64:
        """Numbers of a file that nobody has. Raises OSError if there is none to be had."""
        self.folder.mkdir(mode=0o700, exist_ok=True)
        for slot in range(SLOTS):
            handle = os.open(self.folder / f"{slot:03}.pages", os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                os.close(handle)
                continue
            try:
                return _mapped(handle)
            except OSError:
                os.close(handle)
                raise
        raise OSError("all files of pages are taken")


def _size() -> int:
    return HEAD + 8 * _shape()[0] * _shape()[1]


def _mapped(handle: int) -> F64:
    """The numbers of a file that is ours; its handle stays open as long as the process lives."""
    if os.pread(handle, HEAD, 0) != _digest() or os.fstat(handle).st_size != _size():
        os.ftruncate(handle, 0)
        # A hole would be filled later, when the disk may be full, which kills whoever writes.
        os.posix_fallocate(handle, 0, _size())
        os.pwrite(handle, _digest(), 0)
    found = mmap.mmap(handle, _size())
    return np.frombuffer(found, np.float64, offset=HEAD).reshape(_shape())


def _read(file: Path) -> F64:
    """The numbers of a file; nothing of another version's."""
    data = file.read_bytes()
    if data[:HEAD] != _digest() or len(data) != _size():
        return np.zeros(_shape())
    return np.frombuffer(data, np.float64, offset=HEAD).reshape(_shape())


@cache
def book() -> Book:
    """The numbers of this installation's pages."""
    return Book(Path(settings.HOME) / "pages")
