"""A real mail server on a free port; fixture `mailbox`: what was delivered can be waited for.

outbox.tell(…); deliver(at=…)
mail = mailbox.wait_for(to="a@example.ru", kind="account.confirm")
page.goto(link_in(mail))
"""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

import pytest

from faza.demo import mailbox as local

KIND = "X-Faza-Kind"


@dataclass(frozen=True)
class Mailbox:
    """A folder of mails; `port` is its server's, 0 where another process runs it."""

    folder: Path
    port: int = 0

    def all(self) -> list[EmailMessage]:
        """All mails, oldest first."""
        return [local.read(file) for file in local.files(self.folder)]

    def find(self, *, to: str = "", subject: str = "", kind: str = "") -> list[EmailMessage]:
        """Mails to an address, with words in the subject, or of a kind of message."""
        return [
            mail
            for mail in self.all()
            if (not to or to.lower() in str(mail["To"]).lower())
            and subject.lower() in str(mail["Subject"]).lower()
            and (not kind or mail[KIND] == kind)
        ]

    def wait_for(
        self,
        *,
        to: str = "",
        subject: str = "",
        kind: str = "",
        count: int = 1,
        seconds: float = 15,
    ) -> EmailMessage:
        """The newest such mail, as soon as there are `count`; fails if there are not in time."""
        until = time.monotonic() + seconds
        while True:
            found = self.find(to=to, subject=subject, kind=kind)
            if len(found) >= count:
                return found[-1]
            if time.monotonic() > until:
                there = [f"{mail['To']}: {mail['Subject']} ({mail[KIND]})" for mail in self.all()]
                raise AssertionError(f"no mail to={to} subject={subject} kind={kind}: {there}")
            time.sleep(0.1)


def text_in(mail: EmailMessage, kind: str = "plain") -> str:
    """The mail's text, or its page for "html"."""
    return local.text_of(mail, kind)


def link_in(mail: EmailMessage) -> str:
    """The address that the reader is to open: the first of the text."""
    found = re.search(r"https?://\S+", text_in(mail))
    assert found, text_in(mail)
    return found[0]


@pytest.fixture
def mailbox(tmp_path: Path, settings) -> Iterator[Mailbox]:
    """A mail server of the test's own, to which Django sends as in production."""
    folder = tmp_path / "mailbox"
    with local.receiving(folder) as port:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = local.HOST, port
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        yield Mailbox(folder, port)
