"""faza serve."""

from __future__ import annotations

import argparse
import errno
from pathlib import Path
from typing import Any

from faza.cli.common import OK, Refused, command, start_with_tables

TEACH = """\
Serves the cabinet until Ctrl-C or SIGTERM; requests at work are finished first, 20 seconds at
most. Each worker is a process that answers four requests at once: as many as there are
processors is a good number. Behind a reverse proxy set FAZA_URL to the address that people use,
and FAZA_PROXIES to the number of proxies.

examples:
  faza serve
  faza serve --host 0.0.0.0 --port 8080 --workers 4
"""


def add_to(commands: Any) -> None:
    parser = command(commands, "serve", help="serve the web pages", teach=TEACH)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=8000, help="port to listen on")
    parser.add_argument("--workers", type=int, default=1, help="processes (default: 1)")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    if not (0 < options.port < 65536 and 0 < options.workers <= 64):
        raise Refused("--port is 1 to 65535, --workers 1 to 64")
    start_with_tables()
    refuse_uncollected()
    refuse_taken(options.host, options.port)
    shown = f"[{options.host}]" if ":" in options.host else options.host
    print(f"serving on http://{shown}:{options.port}; Ctrl-C ends", flush=True)
    serve(options.host, options.port, workers=options.workers)
    return OK


def refuse_uncollected() -> None:
    """Raises Refused where static files are to be collected and are not: no page would open."""
    from django.conf import settings

    if settings.STATIC_ROOT and not (Path(settings.STATIC_ROOT) / "staticfiles.json").is_file():
        raise Refused(
            f"FAZA_STATIC_ROOT={settings.STATIC_ROOT}: nothing is collected there; run"
            " `django-admin collectstatic --settings faza.settings --noinput`"
        )


def refuse_taken(host: str, port: int) -> None:
    """Raises Refused if the address is not to be had."""
    import socket

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as problem:
            told = f"{host}:{port}: {problem.strerror or problem}"
            if problem.errno == errno.EADDRINUSE:
                told += "; does faza demo or another faza serve run? --port names another one"
            raise Refused(told) from problem


def serve(host: str, port: int, *, workers: int = 1) -> None:
    """Serve until a signal. Raises Refused if the address is not to be had."""
    from django.db import connections

    from faza.cli.server import Pages

    refuse_taken(host, port)
    # A worker must not inherit an open connection.
    connections.close_all()
    Pages(host, port, workers=workers).run()
