"""Processes that run beside the demo's pages, and end with them however they end."""

from __future__ import annotations

import ctypes
import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from faza.core.bell import Bell

PR_SET_PDEATHSIG = 1
PATIENCE = 25.0
"""Seconds for what is at work to be finished or handed back."""


@contextmanager
def child(module: str, *arguments: str, reads: bool = False) -> Iterator[subprocess.Popen[str]]:
    """Run a module of Faza as long as the block lasts; reads: its standard output is piped."""
    call = [sys.executable, "-m", module, *arguments]
    # A Ctrl-C of the terminal reaches the pages only; they end first, and this process then.
    out = subprocess.PIPE if reads else None
    with subprocess.Popen(call, stdin=subprocess.PIPE, stdout=out, text=True) as process:
        assert process.stdin
        try:
            yield process
        finally:
            process.stdin.close()
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()


def forks_end_with_us() -> None:
    """From now on processes that are forked from this one get SIGTERM when it ends, even killed.

    Where the system is no Linux they stay, as they did.
    """
    os.register_at_fork(after_in_child=_end_with_parent)


def _end_with_parent() -> None:
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is not None:
        prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def stopped_with_parent() -> Bell:
    """In the child: what is set at the end of standard input or of the parent, or by SIGTERM."""
    stop = Bell()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda number, frame: stop.set())
    ends = (os.getppid(), stop)
    threading.Thread(target=_wait_for_end, args=ends, daemon=True).start()
    return stop


def _wait_for_end(parent: int, stop: Bell) -> None:
    """Wait for the end of standard input, or of the parent.

    Where the parent is killed, its other children still hold their end of the pipe.
    """
    while os.getppid() == parent and not select.select([sys.stdin], [], [], 0.5)[0]:
        pass
    stop.set()
