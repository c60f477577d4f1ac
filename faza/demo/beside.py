"""What `faza demo` runs beside its pages: the worker, and the mailbox where its mails arrive.

A process of its own (`python -m faza.demo.beside`), which ends when the demo does, however that
ends.
"""

from __future__ import annotations

import argparse
import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from faza.demo import mailbox, mailpage

PAGE_AFTER = 25
"""The mailbox's page is so many ports after the demo's: 8025 beside 8000."""
PATIENCE = 25.0
"""Seconds for the running job to be finished or handed back."""


@contextmanager
def running(folder: Path, *, port: int) -> Iterator[str]:
    """Run the worker and the mailbox as long as the block lasts; the mailbox's address.

    Raises RuntimeError if they do not start.
    """
    call = [sys.executable, "-m", "faza.demo.beside", str(folder), str(port)]
    # A Ctrl-C of the terminal reaches the pages only; they end first, and this process then.
    with subprocess.Popen(
        call, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin
        assert process.stdout
        address = process.stdout.readline().strip()
        if not address:
            raise RuntimeError("the worker did not start")
        try:
            yield address
        finally:
            process.stdin.close()
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()


def main() -> int:
    """Serve until the end of standard input or SIGTERM."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("port", type=int)
    options = parser.parse_args()
    stop = threading.Event()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda number, frame: stop.set())
    with ExitStack() as stack:
        smtp = stack.enter_context(mailbox.receiving(options.folder))
        address = stack.enter_context(mailpage.showing(options.folder, port=options.port))
        os.environ["FAZA_EMAIL_URL"] = f"smtp://{mailbox.HOST}:{smtp}"
        from faza.cli.common import start_with_tables
        from faza.cli.working import work

        start_with_tables()
        ends = (os.getppid(), stop)
        threading.Thread(target=_wait_for_end, args=ends, daemon=True).start()
        print(address, flush=True)
        return 0 if work(stop) else 1


def _wait_for_end(parent: int, stop: threading.Event) -> None:
    """Wait for the end of standard input, or of the parent.

    Where the parent is killed, its other children still hold their end of the pipe.
    """
    while os.getppid() == parent and not select.select([sys.stdin], [], [], 0.5)[0]:
        pass
    stop.set()


if __name__ == "__main__":
    sys.exit(main())
