"""A process that validates what is marked: `round.py`, for test_killed. Prints a line a batch."""

import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "faza.settings")
import django

django.setup()

from faza.readings.vee import running  # noqa: E402
from tests.readings.vee.world import AT  # noqa: E402


def main() -> None:
    # Small batches, so that there is something between them.
    running.ROWS = dict.fromkeys(running.ROWS, 3000)
    print("ready", flush=True)
    sys.stdin.readline()
    running.validate(at=AT, progress=lambda done, total: print(done, flush=True))
    print("done", flush=True)


if __name__ == "__main__":
    main()
