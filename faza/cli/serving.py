"""faza serve."""

from __future__ import annotations

import argparse
import errno
from typing import Any

from faza.cli.common import OK, Refused, command, start_with_tables

TEACH = """\
Serves the cabinet until Ctrl-C or SIGTERM; requests at work are finished first. Behind a reverse
proxy set FAZA_URL to the address that people use, and FAZA_PROXIES to the number of proxies.

examples:
  faza serve
  faza serve --host 0.0.0.0 --port 8080 --workers 4
"""
THREADS = 4
"""Requests at once in a worker: they wait for the database, not for each other."""


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
    serve(options.host, options.port, workers=options.workers)
    return OK


def serve(host: str, port: int, *, workers: int = 1) -> None:
    """Serve until a signal. Raises Refused if the address is not to be had."""
    import socket

    from django.db import connections
    from granian.constants import Interfaces
    from granian.server import Server

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
    # A worker must not inherit an open connection.
    connections.close_all()
    Server(
        "faza.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=THREADS,
        log_access=False,
        websockets=False,
        workers_kill_timeout=10,
        respawn_failed_workers=True,
    ).serve()
