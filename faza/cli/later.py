"""faza demo, faza mailbox and faza bench: their rooms stand above the command's own parts."""

from __future__ import annotations

import argparse
import importlib
import os
from typing import Any

from faza.cli.common import Refused, command, start

DEMO = """\
An invented organisation with 66 usage points and 14 months of half-hours, made once in FAZA_HOME
(or DATABASE_URL); then served. The address and the logins are printed. Beside the pages simulated
meters run, which go on where the made readings end, and a collector reads them.

examples:
  faza demo
  faza demo --port 8001
  faza demo --prepare      make the grid and exit
  faza demo --still        show the grid without reading meters

For trials of size there is another one: a utility of N points with half-hours of D days up to
today, in an empty database; interrupted, it goes on where it was. It is made, and nothing served.

  faza demo --points 100000 --days 400
"""
MAILBOX = """\
A mail server on this machine only, which keeps mails and sends nothing on, and a page that shows
them. `faza demo` has its own. It asks for no password: it is for development.

examples:
  faza mailbox
  FAZA_EMAIL_URL=smtp://127.0.0.1:1025 faza worker
"""
BENCH = """\
Measures storing and reading against a plain table with a row for each value, in the same run.

examples:
  faza bench
  faza bench ingest
  faza bench --json
"""


def add_to(commands: Any) -> None:
    demo = command(commands, "demo", help="make the demo grid and serve it", teach=DEMO)
    demo.add_argument("--prepare", action="store_true", help="make the grid and exit")
    demo.add_argument("--still", action="store_true", help="read no meters, only show the grid")
    demo.add_argument("--points", type=int, metavar="N", help="make a utility of N points and exit")
    demo.add_argument("--days", type=int, default=400, metavar="D", help="its days (default: 400)")
    demo.add_argument(
        "--step", type=int, default=31, metavar="K",
        help="its days stored at once, 1 to 31; with 1 rows lie as daily reading lays them",
    )  # fmt: skip
    demo.add_argument("--host", default="127.0.0.1", help="address to listen on")
    demo.add_argument("--port", type=int, default=8000, help="port to listen on")
    demo.set_defaults(run=run, room="faza.demo.run")
    mailbox = command(
        commands, "mailbox", help="receive mails locally and show them", teach=MAILBOX
    )
    mailbox.add_argument("--port", type=int, default=8025, help="port of the page")
    mailbox.add_argument("--smtp", type=int, default=1025, help="port of the mail server")
    mailbox.set_defaults(run=run, room="faza.demo.mailing")
    bench = command(commands, "bench", help="measure this machine", teach=BENCH)
    bench.add_argument("name", nargs="*", metavar="NAME", help="only these measurements")
    bench.add_argument("--only", action="append", default=[], metavar="NAME", help="the same")
    bench.add_argument("--json", action="store_true", help="the measurements as a JSON list")
    bench.add_argument("--page", metavar="FILE", help="write the table into this Markdown page")
    bench.set_defaults(run=run, room="faza.bench.run")


def run(options: argparse.Namespace) -> int:
    """Hand the options to the room's `run`; it makes the tables it needs."""
    if "port" in options:
        # Links lead to where this demo is: in its pages, in its mails, in those of its worker.
        here = "127.0.0.1" if options.host in ("0.0.0.0", "::") else options.host  # noqa: S104
        os.environ.setdefault("FAZA_URL", f"http://{here}:{options.port}")
    start()
    try:
        room = importlib.import_module(options.room)
    except ModuleNotFoundError as problem:
        raise Refused(f"not in this installation: {problem.name}") from problem
    code: int = room.run(options)
    return code
