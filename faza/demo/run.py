"""`faza demo`: the grid made, the web server started, the address and the logins told."""

from __future__ import annotations

import argparse
import os
import socket
import sys
import threading
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management import call_command

from faza.demo import beside, ending, live, making, organisation, people
from faza.demo.making import AnotherGrid, Prepared
from faza.demo.plan import MOSCOW

PATIENCE = 60.0
"""Seconds for the server to open its port."""
STAGES = {
    "grid": "сеть, договоры, пользователи | network, agreements, users",
    "profiles": "профили нагрузки | load profiles",
    "readings": "показания по получасам | half-hour readings",
    "registers": "показания счётчиков | register readings",
    "validation": "проверка и расчёт пропусков | validation and estimates",
}


def run(options: argparse.Namespace) -> int:
    """Make what is missing of the demo, then serve it until a signal; the exit code.

    options: `prepare` (make it and end), `still` (no meters are read), `host`, `port`; with
    `points`, `days` and `step` a utility of many points is made instead (`crowd`).
    """
    if options.points is not None:
        from faza.demo.crowd import run as crowd

        return crowd.run(options.points, options.days, options.step, at=datetime.now(UTC))
    call_command("migrate", verbosity=0)
    began = time.monotonic()
    try:
        is_live = not (options.prepare or options.still)
        made = making.prepare(at=datetime.now(UTC), progress=_Stages(), is_live=is_live)
    except AnotherGrid as refusal:
        print(f"Демо не создано | No demo was made: {refusal}", file=sys.stderr)
        print("FAZA_HOME=./demo faza demo", file=sys.stderr)
        return 2
    _tell_made(made, time.monotonic() - began)
    if options.prepare:
        print(logins())
        return 0
    # Here and not above: the command line stands above every room.
    from faza.cli.serving import serve

    here = "127.0.0.1" if options.host in ("0.0.0.0", "::") else options.host  # noqa: S104
    page = min(options.port + beside.PAGE_AFTER, 65535)
    with ExitStack() as stack:
        if is_live:
            stack.enter_context(live.running(_inbox()))
        mailbox = stack.enter_context(beside.running(Path(settings.HOME) / "mailbox", port=page))
        if not _answers(here, options.port):  # else it is somebody else's, and `serve` says so
            told = (here, options.port, mailbox)
            threading.Thread(target=_tell_when_open, args=told, daemon=True).start()
        ending.forks_end_with_us()
        serve(options.host, options.port)
    return 0


def _inbox() -> Path:
    """The watched folder, which the pages know of, too."""
    settings.INBOX = os.environ.setdefault("FAZA_INBOX", str(Path(settings.HOME) / "inbox"))
    return Path(settings.INBOX)


class _Stages:
    """Tells each stage once."""

    def __init__(self) -> None:
        self._last = ""

    def __call__(self, stage: str, share: float) -> None:
        if stage != self._last and stage in STAGES:
            print(f"  … {STAGES[stage]}", file=sys.stderr)
        self._last = stage


def _tell_made(made: Prepared, seconds: float) -> None:
    until = made.until.astimezone(ZoneInfo(MOSCOW))
    if made.added:
        added = f"{made.added:,}".replace(",", " ")
        print(
            f"Демо: {made.points} точек учёта, добавлено {added} значений за {seconds:.0f} с\n"
            f"Demo: {made.points} usage points, {added} values added in {seconds:.0f} s"
        )
    print(f"  {made.since:%d.%m.%Y} – {until:%d.%m.%Y %H:%M} (МСК | Moscow)")
    files = Path(settings.HOME) / "demo"
    if any(files.glob("*.xml")):
        print(f"  макеты 80020 для пробы | messages 80020 to try: faza import {files}")


def logins() -> str:
    """Who can sign in, with the one password of the demo."""
    known = (*people.LOGINS, *organisation.APPLICANTS)
    width = max(len(login.email) for login in known)
    lines = [
        "",
        "  Вход | Sign in",
        f"    пароль для всех | password of all: {people.PASSWORD}",
        *(f"    {login.email:{width}}  {login.note[0]} | {login.note[1]}" for login in known),
        "",
    ]
    return "\n".join(lines)


def _tell_when_open(host: str, port: int, mailbox: str) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if _answers(host, port):
            print(f"\n  Фаза открыта | Faza is open: http://{host}:{port}")
            print(f"  Письма | Mails: {mailbox}\n{logins()}")
            print("  Остановить | Stop: Ctrl-C", flush=True)
            return
        time.sleep(0.1)


def _answers(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True
