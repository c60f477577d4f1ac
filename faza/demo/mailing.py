"""`faza mailbox`: the local mailbox alone, for who develops with `faza serve` and `faza worker`."""

from __future__ import annotations

import argparse
import signal
from pathlib import Path

from django.conf import settings

from faza.core.bell import Bell
from faza.demo import mailbox, mailpage


def run(options: argparse.Namespace) -> int:
    """Receive and show mails until a signal; the exit code. options: `port`, `smtp`."""
    stop = Bell()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, frame: stop.set())
    folder = Path(settings.HOME) / "mailbox"
    try:
        with (
            mailbox.receiving(folder, port=options.smtp) as smtp,
            mailpage.showing(folder, port=options.port) as page,
        ):
            print(f"{page} shows what comes to FAZA_EMAIL_URL=smtp://{mailbox.HOST}:{smtp}")
            print(f"kept in {folder}; stop: Ctrl-C", flush=True)
            stop.wait()
    except OSError as problem:
        print(f"faza mailbox: port {options.smtp}: {problem.strerror or problem}")
        return 2
    return 0
