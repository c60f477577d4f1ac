"""A small IMAP server of the tests' own: one user, one folder, what a reader of mails asks for."""

from __future__ import annotations

import re
import socketserver
import threading
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage

USER, PASSWORD = "mail@example.org", "пароль"


@dataclass
class Folder:
    """Mails by their numbers. `refuses`: what the server says no to; `silent`: it hangs up."""

    port: int = 0
    validity: int = 7
    mails: dict[int, bytes] = field(default_factory=dict)
    seen: set[int] = field(default_factory=set)
    fetched: list[int] = field(default_factory=list)
    signed_in: int = 0
    hangs_up_at: int = 0

    @property
    def url(self) -> str:
        secret = "%D0%BF%D0%B0%D1%80%D0%BE%D0%BB%D1%8C"
        return f"imap://mail%40example.org:{secret}@127.0.0.1:{self.port}/INBOX"

    def add(self, mail: EmailMessage | bytes) -> int:
        uid = max(self.mails, default=0) + 1
        self.mails[uid] = mail if isinstance(mail, bytes) else mail.as_bytes()
        return uid


class _Talk(socketserver.StreamRequestHandler):
    folder: Folder

    def say(self, text: str | bytes) -> None:
        self.wfile.write((text if isinstance(text, bytes) else text.encode()) + b"\r\n")

    def line(self) -> str:
        """A command; a literal in it is asked for and put in its place."""
        text = self.rfile.readline().decode().rstrip("\r\n")
        while found := re.search(r"\{(\d+)\}$", text):
            self.say("+ go on")
            told = self.rfile.read(int(found[1])).decode()
            text = text[: found.start()] + f'"{told}"' + self.rfile.readline().decode().rstrip()
        return text

    def handle(self) -> None:
        self.say("* OK here")
        while line := self.line():
            tag, _, rest = line.partition(" ")
            command, _, told = rest.partition(" ")
            if command.upper() == "LOGOUT":
                self.say("* BYE now")
                self.say(f"{tag} OK bye")
                return
            if not getattr(self, f"do_{command.lower()}", self.do_no)(told):
                return
            self.say(f"{tag} {self.state}")

    state = "OK done"

    def do_no(self, told: str) -> bool:
        self.state = "BAD what"
        return True

    def do_capability(self, told: str) -> bool:
        self.say("* CAPABILITY IMAP4rev1")
        return True

    def do_login(self, told: str) -> bool:
        right = USER in told and PASSWORD in told
        self.folder.signed_in += right
        self.state = "OK done" if right else "NO wrong password"
        return True

    def do_authenticate(self, told: str) -> bool:
        self.say("+ ")
        return self.do_login(b64decode(self.rfile.readline()).decode())

    def do_select(self, told: str) -> bool:
        self.state = "OK done" if told == '"INBOX"' else "NO there is no such folder"
        self.say(f"* {len(self.folder.mails)} EXISTS")
        self.say(f"* OK [UIDVALIDITY {self.folder.validity}] valid")
        return True

    def do_uid(self, told: str) -> bool:
        self.state = "OK done"
        words = told.split(" ", 2)
        if words[0] == "SEARCH":
            first = int(told.rpartition(" ")[2].split(":")[0])
            found = [uid for uid in sorted(self.folder.mails) if uid >= first]
            found = found or [max(self.folder.mails, default=0)]
            self.say("* SEARCH " + " ".join(map(str, found)))
            return True
        uid = int(words[1])
        if words[0] == "STORE":
            self.folder.seen.add(uid)
        elif "SIZE" in words[2]:
            self.say(f"* 1 FETCH (RFC822.SIZE {len(self.folder.mails.get(uid, b''))} UID {uid})")
        elif uid == self.folder.hangs_up_at:
            return False
        else:
            raw = self.folder.mails[uid]
            self.folder.fetched.append(uid)
            self.say(f"* 1 FETCH (UID {uid} BODY[] {{{len(raw)}}}")
            self.wfile.write(raw)
            self.say(")")
        return True


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False


@contextmanager
def serving() -> Iterator[Folder]:
    """A server on a free port, and its folder."""
    folder = Folder()
    talk = type("Talk", (_Talk,), {"folder": folder})
    with _Server(("127.0.0.1", 0), talk) as server:
        folder.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield folder
        finally:
            server.shutdown()
            thread.join()
