"""What `faza demo` runs beside its pages: the worker, and the mailbox where its mails arrive.

A process of its own (`python -m faza.demo.beside`), which ends when the demo does, however that
ends.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from faza.demo import ending, mailbox, mailpage

PAGE_AFTER = 25
"""The mailbox's page is so many ports after the demo's: 8025 beside 8000."""


@contextmanager
def running(folder: Path, *, port: int) -> Iterator[str]:
    """Run the worker and the mailbox as long as the block lasts; the mailbox's address.

    Raises RuntimeError if they do not start.
    """
    with ending.child("faza.demo.beside", str(folder), str(port), reads=True) as process:
        assert process.stdout
        address = process.stdout.readline().strip()
        if not address:
            raise RuntimeError("the worker did not start")
        yield address


def main() -> int:
    """Serve until the end of standard input or SIGTERM."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("port", type=int)
    options = parser.parse_args()
    stop = ending.stopped_with_parent()
    with ExitStack() as stack:
        smtp = stack.enter_context(mailbox.receiving(options.folder))
        address = stack.enter_context(mailpage.showing(options.folder, port=options.port))
        os.environ["FAZA_EMAIL_URL"] = f"smtp://{mailbox.HOST}:{smtp}"
        from faza.cli.common import start_with_tables
        from faza.cli.working import work

        start_with_tables()
        print(address, flush=True)
        return 0 if work(stop) else 1


if __name__ == "__main__":
    sys.exit(main())
