"""A local mail server for the demo, developers and tests: keeps what it gets as .eml files.

It listens on this machine only, sends nothing on, and is no part of `faza serve`.
"""

from __future__ import annotations

import itertools
import logging
import os
import time
from asyncio import Server
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

HOST = "127.0.0.1"
KEPT = 500
"""Mails in the folder; older ones go."""


class Keeper:
    """Puts each mail into a file of its own, named so that they sort by arrival."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._count = itertools.count(1)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Answer only when the mail is in its file: what is accepted is kept."""
        name = f"{time.time_ns():020d}-{next(self._count):06d}"
        fresh = self.folder / f".{name}"
        recipients = "".join(f"X-Envelope-To: {to}\r\n" for to in envelope.rcpt_tos)
        content = envelope.content or b""
        raw = content if isinstance(content, bytes) else content.encode()
        fresh.write_bytes(recipients.encode() + raw)
        os.replace(fresh, self.folder / f"{name}.eml")
        for old in files(self.folder)[:-KEPT]:
            old.unlink(missing_ok=True)
        return "250 Kept"


@contextmanager
def receiving(folder: Path, *, port: int = 0) -> Iterator[int]:
    """Receive mails into a folder as long as the block lasts; the port, a free one for 0.

    Raises OSError if the port is not to be had.
    """
    logging.getLogger("mail.log").setLevel(logging.WARNING)  # it tells every line of a session
    controller = _Server(Keeper(folder), hostname=HOST, port=port, ready_timeout=10)
    controller.start()
    try:
        yield controller.bound
    finally:
        controller.stop()


class _Server(Controller):
    """Finds out on which free port it listens."""

    @property
    def bound(self) -> int:
        assert isinstance(self.server, Server)
        number: int = self.server.sockets[0].getsockname()[1]
        return number

    def _trigger_server(self) -> None:
        self.port = self.bound  # where the base class knocks, to see it answer
        super()._trigger_server()


def files(folder: Path) -> list[Path]:
    """The kept mails, oldest first."""
    return sorted(folder.glob("[0-9]*.eml"))


def read(file: Path) -> EmailMessage:
    mail = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert isinstance(mail, EmailMessage)
    return mail


def text_of(mail: EmailMessage, kind: str = "plain") -> str:
    """The text of a mail, or its page for "html"; empty if it has none."""
    part = mail.get_body((kind,))
    return str(part.get_content()) if part else ""
