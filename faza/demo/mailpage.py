"""The local mailbox as a page to read: a list, a mail's text, and its HTML behind a fence.

A server of its own on this machine only. It asks for no password, so it must not be reachable
from elsewhere: it answers only to the names of this machine, that no page of another site can ask
it through somebody's browser; and it shows a mail's HTML with scripts, forms and pictures off.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from functools import partial
from html import escape
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from faza.demo import mailbox

NAMES = {"127.0.0.1", "localhost"}
PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'"  # noqa: E501
MAIL_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"  # noqa: E501
HEAD = """<!doctype html><html lang="ru"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>{title}</title><style>
:root {{ color-scheme: light dark; --ink: #131c2b; --soft: #606b7b; --line: #e5e8ed; --bg: #f7f8fa;
  --sheet: #fff; --link: #1e4cb8; --hover: #f0f2f6 }}
@media (prefers-color-scheme: dark) {{ :root {{ --ink: #e8ecf3; --soft: #a4b0c0; --line: #2a3444;
  --bg: #0f141d; --sheet: #171e2a; --link: #8db0fb; --hover: #202938 }} }}
* {{ box-sizing: border-box }}
body {{ margin: 0; background: var(--bg); color: var(--ink); font: 15px/1.5 system-ui, sans-serif }}
main {{ max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem 3rem }}
h1 {{ margin: 0 0 .25rem; font-size: 1.4rem; line-height: 1.3 }}
p, dl {{ margin: 0 0 1rem }} a {{ color: var(--link) }} .soft, dt {{ color: var(--soft) }}
ol {{ list-style: none; margin: 0; padding: 0; border: 1px solid var(--line); border-radius: 10px;
  background: var(--sheet); overflow: hidden }}
li + li {{ border-top: 1px solid var(--line) }}
li a {{ display: grid; grid-template-columns: 1fr auto; gap: 0 1rem; padding: .7rem 1rem;
  color: inherit; text-decoration: none }}
li a:hover, li a:focus-visible {{ background: var(--hover) }} li small {{ color: var(--soft) }}
dl {{ display: grid; grid-template-columns: auto 1fr; gap: .1rem 1rem }} dd {{ margin: 0 }}
h2 {{ margin: 1.5rem 0 .5rem; font-size: 1rem }}
iframe {{ display: block; width: 100%; height: 46rem; border: 1px solid var(--line);
  border-radius: 10px; background: #fff }}
pre {{ margin: 0; padding: 1rem; border: 1px solid var(--line); border-radius: 10px;
  background: var(--sheet); font: 14px/1.5 ui-monospace, monospace; white-space: pre-wrap;
  overflow-wrap: anywhere }}
</style></head><body><main>"""


@contextmanager
def showing(folder: Path, *, port: int) -> Iterator[str]:
    """Show the mails of a folder as long as the block lasts; the page's address.

    Another port is taken if this one is not to be had.
    """
    handler = partial(_Handler, folder)
    try:
        server = ThreadingHTTPServer((mailbox.HOST, port), handler)
    except OSError:
        server = ThreadingHTTPServer((mailbox.HOST, 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://{mailbox.HOST}:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    server_version, sys_version = "mailbox", ""

    def __init__(self, folder: Path, *arguments: object) -> None:
        self.folder = folder
        super().__init__(*arguments)  # type: ignore[arg-type]  # what socketserver hands on

    def do_GET(self) -> None:
        """`/`, `/<mail>` and `/<mail>/html`."""
        if self.headers.get("Host", "").rpartition(":")[0] not in NAMES:
            self.send_error(HTTPStatus.MISDIRECTED_REQUEST)
            return
        found = re.fullmatch(r"/(?:(\d+-\d+)(/html)?)?", urlsplit(self.path).path)
        file = self.folder / f"{found[1]}.eml" if found and found[1] else None
        if found is None or (file is not None and not file.is_file()):
            self.send_error(HTTPStatus.NOT_FOUND)
        elif file is None:
            self._answer(list_page(self.folder), PAGE_POLICY)
        elif found[2]:
            # Links open beside: the fence lets nothing open in the frame's place.
            page = mailbox.text_of(mailbox.read(file), "html")
            self._answer(f'<base target="_blank">{page}', MAIL_POLICY)
        else:
            self._answer(mail_page(file), PAGE_POLICY)

    def _answer(self, page: str, policy: str) -> None:
        body = page.encode()
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", policy)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        """Nobody reads this log."""


def list_page(folder: Path) -> str:
    """All mails, newest first."""
    rows = "".join(_row(file) for file in reversed(mailbox.files(folder)))
    hint = "Письма появляются через секунду после отправки; обновите страницу."
    empty = "<p>Писем пока нет. | No mails yet.</p>"
    return (
        HEAD.format(title="Почтовый ящик демо")
        + "<h1>Почтовый ящик демо</h1>"
        + f'<p class="soft">Сюда приходит всё, что Фаза отправляет в демо. {hint}</p>'
        + (f"<ol>{rows}</ol>" if rows else empty)
    )


def _row(file: Path) -> str:
    mail = mailbox.read(file)
    return (
        f'<li><a href="/{file.stem}"><span>{_head(mail, "Subject")}</span>'
        f"<small>{_sent(mail)}</small><small>{_head(mail, 'To')}</small></a></li>"
    )


def mail_page(file: Path) -> str:
    """One mail: who, when, its HTML in a frame, its text."""
    mail = mailbox.read(file)
    subject, text = _head(mail, "Subject"), _linked(mailbox.text_of(mail))
    page = ""
    if mailbox.text_of(mail, "html"):
        fence = "allow-popups allow-popups-to-escape-sandbox"
        page = (
            f'<h2>Как видно в почте</h2><iframe sandbox="{fence}" src="/{file.stem}/html"'
            ' title="HTML"></iframe>'
        )
    return (
        HEAD.format(title=subject)
        + f'<p><a href="/">← Все письма</a></p><h1>{subject}</h1><dl>'
        + f"<dt>Кому</dt><dd>{_head(mail, 'To')}</dd><dt>От</dt><dd>{_head(mail, 'From')}</dd>"
        + f"<dt>Когда</dt><dd>{_sent(mail)}</dd></dl>"
        + f"{page}<h2>Текст</h2><pre>{text}</pre>"
    )


def _head(mail: EmailMessage, name: str) -> str:
    return escape(str(mail.get(name, "")))


def _sent(mail: EmailMessage) -> str:
    try:
        return f"{parsedate_to_datetime(str(mail['Date'])).astimezone():%d.%m.%Y %H:%M:%S}"
    except (TypeError, ValueError):
        return ""


def _linked(text: str) -> str:
    """A text with its addresses as links."""
    return re.sub(
        r"https?://[^\s<>\"']+",
        lambda found: f'<a href="{found[0]}" target="_blank" rel="noopener">{found[0]}</a>',
        escape(text, quote=True),
    )
