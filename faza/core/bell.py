"""What a process sleeps on until it is told to end; a signal handler may ring it.

`threading.Event` must not be set by a handler: the handler runs in the main thread, between any
two steps of it. Where those are the steps of `wait` or `set`, which hold the lock of the event,
the handler waits for that lock, and the process for its handler, for ever. A second SIGTERM while
the first is heard is enough. `queue.SimpleQueue.put` may be called from anywhere by its contract
(https://docs.python.org/3/library/queue.html#queue.SimpleQueue.put).
"""

from __future__ import annotations

import time
from queue import Empty, SimpleQueue
from typing import Protocol


class Stop(Protocol):
    """A bell or a `threading.Event`: for whoever ends when it is set."""

    def is_set(self) -> bool: ...

    def set(self) -> None: ...

    def wait(self, timeout: float | None = None, /) -> bool: ...


class Bell:
    """As `threading.Event`, for signal handlers, too. Any number of threads may wait."""

    def __init__(self) -> None:
        self._rings = False
        self._calls: SimpleQueue[None] = SimpleQueue()

    def is_set(self) -> bool:
        return self._rings

    def set(self) -> None:
        self._rings = True
        self._calls.put(None)

    def clear(self) -> None:
        """Of the thread that waits, where it is one alone. A call in between is not lost."""
        self._rings = False
        while not self._calls.empty():
            try:
                self._calls.get_nowait()
            except Empty:  # another thread has heard it
                return

    def wait(self, seconds: float | None = None) -> bool:
        """Return when it rings, or after that long; whether it rings."""
        until = None if seconds is None else time.monotonic() + seconds
        while not self._rings:
            left = None if until is None else max(until - time.monotonic(), 0.0)
            try:
                self._calls.get(timeout=left)
            except Empty:
                return self._rings
            if self._rings:
                self._calls.put(None)  # for the next one who waits
        return True
