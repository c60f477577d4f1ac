"""Run a command with DATABASE_URL of a private PostgreSQL server; stop the server afterwards.

Usage: with_postgres.py [--durable] COMMAND…

--durable keeps fsync on and gives the server memory, as for measurements.
The command's exit code is ours. Where we are killed, the kernel ends the command and the server.
"""

import os
import signal
import subprocess
import sys

from tests.support import postgres


def main() -> int:
    durable = sys.argv[1:2] == ["--durable"]
    command = sys.argv[2:] if durable else sys.argv[1:]
    if not command:
        sys.exit(__doc__)
    # A signal while the server starts must not leave it running: it becomes an exception.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, frame: sys.exit(128 + number))
    try:
        with postgres.server(durable=durable) as url:
            return run(command, os.environ | {"DATABASE_URL": url})
    except postgres.NoServer as why:
        sys.exit(str(why))
    except KeyboardInterrupt:
        return 130


def run(command: list[str], environment: dict[str, str]) -> int:
    """Run the command to its end, handing on the signals that we get."""
    child = subprocess.Popen(
        command, env=environment, preexec_fn=postgres.die_with_parent(signal.SIGTERM)
    )
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, frame: child.send_signal(number))
    # A terminal sends Ctrl-C to the command as well; we only have to outlive it.
    typed = sys.stdin is not None and sys.stdin.isatty()
    signal.signal(signal.SIGINT, lambda number, frame: None if typed else child.send_signal(number))
    code = child.wait()
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main())
