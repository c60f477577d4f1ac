"""The mailbox to which counterparties send files: FAZA_IMAP_URL, imaps://user:password@host/folder.

Mails are read in the order of their numbers and stay where they are, marked as seen. A file is
known by its mail's Message-ID, its name and its bytes, so that a mailbox that was moved or
restored is read anew without taking anything twice.

Files are taken from addresses that a profile names. Of others they are held back until a person
lets them in. Who sends is what the mail says: the mail server has to prove that (SPF, DKIM).
"""

from __future__ import annotations

import email
import imaplib
import logging
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import default
from email.utils import parseaddr
from ipaddress import ip_address
from typing import Any
from urllib.parse import unquote, urlsplit

from faza.collection.exchange import arrivals
from faza.collection.models import Arrival, ExchangeProfile, MailboxMark
from faza.collection.services import SUFFIXES

TIMEOUT = 20.0
"""Seconds for connecting and for one answer."""
LIMIT = 128 * 2**20
"""Bytes of a mail; a larger one is only listed."""
MOST = 500
"""Mails of one look; the next look goes on."""
BROKEN = (ValueError, LookupError, AttributeError, TypeError)
"""What the library raises for mails that make no sense."""
log = logging.getLogger(__name__)


class Trouble(Exception):
    """The mailbox cannot be read now; the text says why, and no secret."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where the mailbox is. `shown` is its address without the password."""

    host: str
    port: int
    user: str
    password: str
    folder: str
    is_sealed: bool

    @property
    def shown(self) -> str:
        scheme = "imaps" if self.is_sealed else "imap"
        return f"{scheme}://{self.user}@{self.host}:{self.port}/{self.folder}"


def address_of(url: str) -> Address:
    """The parts of imap[s]://user:password@host:port/folder. Raises ValueError."""
    parts = urlsplit(url)
    if parts.scheme not in ("imap", "imaps") or not parts.hostname:
        raise ValueError("FAZA_IMAP_URL is imaps://user:password@host/folder")
    sealed = parts.scheme == "imaps"
    return Address(
        parts.hostname, parts.port or (993 if sealed else 143), unquote(parts.username or ""),
        unquote(parts.password or ""), unquote(parts.path.strip("/")) or "INBOX", sealed,
    )  # fmt: skip


def look(url: str, *, at: datetime) -> Iterator[int]:
    """Take the files of new mails, mail by mail; how many. They are read by `arrivals.read`.

    Raises Trouble; what was taken until then stays.
    """
    address = address_of(url)
    mark, _ = MailboxMark.objects.get_or_create(mailbox=address.shown[:300])
    agreed = _agreed()
    with _connected(address) as server:
        validity = _opened(server, address.folder)
        if validity != mark.validity:
            mark.validity, mark.uid = validity, 0
        for uid in _fresh(server, mark.uid):
            taken = _take(server, uid, validity, agreed, at)
            mark.uid = uid
            mark.save(update_fields=["validity", "uid"])
            yield taken


def _agreed() -> dict[str, list[str]]:
    """INNs whose messages may come from an address."""
    found: dict[str, list[str]] = {}
    for inn, senders in ExchangeProfile.objects.values_list("sender_inn", "senders"):
        for sender in senders:
            found.setdefault(sender.lower(), []).append(inn)
    return found


@contextmanager
def _connected(address: Address) -> Iterator[imaplib.IMAP4]:
    """A signed-in connection; without a seal only to this machine. Raises Trouble."""
    server: imaplib.IMAP4 | None = None
    try:
        if address.is_sealed:
            context = ssl.create_default_context()
            server = imaplib.IMAP4_SSL(
                address.host, address.port, ssl_context=context, timeout=TIMEOUT
            )
        else:
            server = imaplib.IMAP4(address.host, address.port, timeout=TIMEOUT)
            if "STARTTLS" in server.capabilities:
                server.starttls(ssl.create_default_context())
            elif not _is_here(address.host):
                raise Trouble("the server offers no seal (STARTTLS): use imaps://")
        _sign_in(server, address)
        yield server
    except imaplib.IMAP4.error as problem:
        raise Trouble(_words(problem)) from problem
    except (OSError, EOFError) as problem:
        raise Trouble(str(getattr(problem, "strerror", None) or problem)) from problem
    finally:
        if server is not None:
            with suppress(imaplib.IMAP4.error, OSError):
                server.logout()
            with suppress(OSError):
                server.shutdown()


def _sign_in(server: imaplib.IMAP4, address: Address) -> None:
    """LOGIN takes ASCII alone; what has other letters goes by PLAIN."""
    if (address.user + address.password).isascii():
        server.login(address.user, address.password)
        return
    told = f"\0{address.user}\0{address.password}".encode()
    server.authenticate("PLAIN", lambda _: told)


def _is_here(host: str) -> bool:
    with suppress(ValueError):
        return ip_address(host).is_loopback
    return host == "localhost"


def _words(problem: Exception) -> str:
    """The server's own words, without what was sent to it."""
    told = problem.args[0] if problem.args else problem
    return told.decode("utf-8", "replace") if isinstance(told, bytes) else str(told)


def _opened(server: imaplib.IMAP4, folder: str) -> int:
    """Open a folder; its UIDVALIDITY."""
    quoted = '"' + folder.replace("\\", "\\\\").replace('"', '\\"') + '"'
    _done(server.select(quoted))
    told = server.response("UIDVALIDITY")[1]
    first = told[0] if told else None
    return int(first) if isinstance(first, bytes) and first.isdigit() else 0


def _fresh(server: imaplib.IMAP4, last: int) -> list[int]:
    """Numbers of mails after the last one, smallest first."""
    # "n:*" names the greatest mail even where it is below n.
    told = _done(server.uid("SEARCH", "UID", f"{last + 1}:*"))
    words = b" ".join(part for part in told if isinstance(part, bytes)).split()
    found = sorted({int(word) for word in words if word.isdigit()})
    return [uid for uid in found if uid > last][:MOST]


def _take(
    server: imaplib.IMAP4, uid: int, validity: int, agreed: dict[str, list[str]], at: datetime
) -> int:
    """Take the files of a mail and mark it as seen; how many."""
    size = _size(server, uid)
    if size > LIMIT:
        name = f"mail {uid}"
        key = arrivals.key_of("mail", str(validity), str(uid))
        reason = f"The mail has {size:,} bytes; at most {LIMIT:,} are taken."
        _listed(name, key, reason, at)
        return 0
    raw = _fetched(server, uid)
    taken = 0
    try:
        mail = email.message_from_bytes(raw, policy=default)
        taken = sum(_keep(mail, part, agreed, at) for part in _files(mail))
    except BROKEN as problem:
        log.warning("mail %s of the mailbox: %s", uid, problem)
        key = arrivals.key_of("mail", str(validity), str(uid))
        _listed(f"mail {uid}", key, f"The mail cannot be read: {type(problem).__name__}.", at)
    _done(server.uid("STORE", str(uid), "+FLAGS", r"(\Seen)"))
    return taken


def _listed(name: str, key: str, reason: str, at: datetime) -> None:
    arrivals.keep(
        name, b"", channel=Arrival.Channel.MAIL, key=key, at=at, state=Arrival.State.FAILED,
        reason=reason,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Part:
    name: str
    data: bytes


def _files(mail: EmailMessage) -> list[_Part]:
    """The files that a mail carries, of kinds that can be imported."""
    found = []
    for part in mail.walk():
        name = part.get_filename()
        if not name or not name.lower().endswith(tuple(SUFFIXES)):
            continue
        data = part.get_payload(decode=True)
        if isinstance(data, bytes):
            found.append(_Part(name, data))
    return found


def _keep(mail: EmailMessage, part: _Part, agreed: dict[str, list[str]], at: datetime) -> bool:
    sender = parseaddr(str(mail["From"] or ""))[1].lower()
    key = arrivals.key_of("mail", str(mail["Message-ID"] or ""), part.name, part.data)
    known = agreed.get(sender)
    told: dict[str, Any] = {}
    if known is None:
        reason = f"No profile takes mails from {sender or 'nobody'}."
        told = {"state": Arrival.State.HELD, "reason": reason}
    made = arrivals.keep(
        part.name, part.data, channel=Arrival.Channel.MAIL, key=key, at=at, origin=sender,
        senders=known, **told,
    )  # fmt: skip
    return made is not None


def _size(server: imaplib.IMAP4, uid: int) -> int:
    told = _done(server.uid("FETCH", str(uid), "(RFC822.SIZE)"))
    for part in told:
        text = part[0] if isinstance(part, tuple) else part
        found = re.search(rb"RFC822\.SIZE (\d{1,18})", text or b"")
        if found:
            return int(found[1])
    return 0


def _fetched(server: imaplib.IMAP4, uid: int) -> bytes:
    """The bytes of a mail; empty if it was taken away meanwhile."""
    for part in _done(server.uid("FETCH", str(uid), "(BODY.PEEK[])")):
        if isinstance(part, tuple) and isinstance(part[1], bytes):
            return part[1]
    return b""


def _done(answer: tuple[str, list[Any]]) -> list[Any]:
    """What a command gave. Raises Trouble if the server refused it."""
    state, told = answer
    if state != "OK":
        words = told[0].decode("utf-8", "replace") if told and told[0] else state
        raise Trouble(words)
    return told
