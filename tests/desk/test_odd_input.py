"""Whatever is sent, no address fails: every form of the product with odd values in its fields.

The forms are those that stand on the pages of the walk's table, and the bodies of its rows; a new
address has to be in the table, and so it is tried here too.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import cycle
from urllib.parse import parse_qsl, quote, urlencode, urljoin, urlsplit
from zlib import crc32

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.signals import got_request_exception
from django.db import transaction
from django.http import HttpResponseBase
from django.urls import Resolver404, resolve

from tests.doors.table import Door
from tests.doors.world import make_world
from tests.test_doors import DOORS, Walk, address_of

pytestmark = pytest.mark.django_db

LONG = "9" * 5_000  # Python refuses to make a number of it
ODD = {
    "date": ("9999-12-31", "0001-01-01", "2026-02-30", LONG),
    "datetime-local": ("9999-12-31T23:59", "0001-01-01T00:00", "1e400", "24:61"),
    "number": (LONG, "NaN", "-1", "9" * 30, "1e400"),
    "choice": ("9" * 30, "²", "-1", "\0", LONG, "٣"),
    "text": ("\0", "😀" * 400, "x" * 20_000, "²", "\u202e<b>'\"%s\\", "9" * 19, "[1]", "\r\nX: y"),
    "file": ("text", "\0"),
}
"""What people, programs and attackers put into a field, by its type."""
KINDS = {"date", "datetime-local", "number"}
FILES = (b"", b"\0" * 9, b"PK\x03\x04broken", "код;узел\n\0;😀".encode(), b"\xff\xfe;\xd8")
# A parser of the passkeys' library reads numbers that Python refuses; nothing comes of it.
NOT_OURS = ("/accounts/second-factor/webauthn/",)


@dataclass
class Form:
    """Where it goes, what stands in its fields, and of which kind they are."""

    address: str
    is_post: bool
    fields: dict[str, str] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)


class Reader(HTMLParser):
    """The forms of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.page = page
        self.forms: list[Form] = []
        self.named: dict[str, Form] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        name = told.get("name", "")
        if tag == "form":
            address = urljoin(self.page, told.get("action") or self.page)
            self.forms.append(Form(address, told.get("method", "").lower() == "post"))
            self.named[told.get("id", "")] = self.forms[-1]
        elif tag in ("input", "select", "textarea", "button") and name != "csrfmiddlewaretoken":
            form = self.named.get(told.get("form", "")) or (self.forms[-1] if self.forms else None)
            if form is not None and name:
                form.fields.setdefault(name, told.get("value", ""))
                form.kinds.setdefault(name, kind_of(tag, told.get("type", "text")))


def kind_of(tag: str, typed: str) -> str:
    if typed in KINDS or typed == "file":
        return typed
    return "choice" if tag == "select" or typed in ("radio", "checkbox", "hidden") else "text"


@pytest.fixture
def walk(settings) -> Walk:
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 24 * 3600
    settings.ACCOUNT_RATE_LIMITS = False
    return Walk(make_world())


@pytest.fixture
def failures() -> Iterator[list[str]]:
    """Where in the product something went wrong."""
    found: list[str] = []

    def keep(request: object, **told: object) -> None:
        found.append(traceback.format_exc(limit=-3))

    got_request_exception.connect(keep)
    yield found
    got_request_exception.disconnect(keep)


def forms_of(walk: Walk, role: str) -> dict[tuple[str, bool], Form]:
    """The forms that a person meets, by where they go."""
    found: dict[tuple[str, bool], Form] = {}

    def add(form: Form) -> None:
        path = urlsplit(form.address).path
        if urlsplit(form.address).netloc or not is_ours(path) or path.startswith(NOT_OURS):
            return
        standing = found.setdefault((path, form.is_post), form)
        standing.fields = form.fields | standing.fields
        standing.kinds = form.kinds | standing.kinds

    seen = set()
    for door in DOORS:
        address = address_of(door, walk.world.names)
        if door.statuses[role] in (403, 404) or not is_asked(role, address):
            continue
        parts = urlsplit(address)
        if door.is_post:
            body = {name: value.format(**walk.world.names) for name, value in door.body.items()}
            add(Form(address, True, body))
        elif parts.query:
            add(Form(parts.path, False, dict(parse_qsl(parts.query))))
        if door.is_post or door.name in seen:
            continue
        seen.add(door.name)
        answer = walk.clients[role].get(address)
        if answer.status_code == 200 and "text/html" in answer.headers["Content-Type"]:
            reader = Reader(address)
            page = b"".join(answer) if answer.streaming else answer.content
            reader.feed(page.decode())
            for form in reader.forms:
                add(form)
        read(answer)
    return found


def read(answer: HttpResponseBase) -> None:
    """To its end, which closes files behind it; the connection to the database stays open."""
    if answer.streaming:
        b"".join(answer)


def is_asked(role: str, address: str) -> bool:
    """The desk's are the staff's, and an operator tries a part of what the administrator does."""
    if not address.startswith("/desk"):
        return role == "owner"
    return role == "administrator" or (role == "operator" and crc32(address.encode()) % 4 == 0)


def is_ours(path: str) -> bool:
    try:
        resolve(path)
    except Resolver404:
        return False
    return True


def bodies(form: Form) -> Iterator[Mapping[str, object]]:
    """Nothing; odd values in all fields; NUL in all texts; odd ones in the fields of one kind.

    Fields that are not named stand as they are on the page.

    Which odd values: each form goes on where the one before it stopped.
    """
    if form.is_post:
        yield {}
    kinds = {name: form.kinds.get(name, "text") for name in form.fields}
    yield {name: next(NEXT[kind]) for name, kind in kinds.items()}
    if texts := [name for name, kind in kinds.items() if kind == "text"]:
        yield {
            name: value for name, value in form.fields.items() if kinds[name] != "file"
        } | dict.fromkeys(texts, "A\0B")
    for kind in sorted(set(kinds.values()) - {"file"}):
        for _ in range(2 if kind in KINDS else 1):
            odd = {name: next(NEXT[kind]) for name, one in kinds.items() if one == kind}
            yield {
                name: value for name, value in form.fields.items() if kinds[name] != "file"
            } | odd
    for name in [name for name, kind in kinds.items() if kind == "file"]:
        for told in FILES:
            yield form.fields | {name: SimpleUploadedFile("файл\0.csv", told, "text/csv")}


NEXT: dict[str, Iterator[object]] = {}


def send(walk: Walk, role: str, form: Form, body: Mapping[str, object]) -> int:
    """The status; what was done is taken back."""
    client = walk.clients[role]
    kept = client.cookies.copy()
    cache.clear()
    with transaction.atomic():
        if form.is_post:
            answer = client.post(form.address, body)
        else:
            answer = client.get(f"{urlsplit(form.address).path}?{urlencode(body, doseq=True)}")
        read(answer)
        transaction.set_rollback(True)
    client.cookies = kept
    return answer.status_code


MOST = pytest.param("administrator", marks=pytest.mark.either_engine)
"""Of the administrator's forms the operator tries a quarter on the other engine as well."""


@pytest.mark.parametrize("role", ["operator", MOST, "owner"])
def test_no_form_fails_whatever_is_sent(role, walk, failures):
    NEXT.update({kind: cycle(values) for kind, values in ODD.items()})
    wrong: list[str] = []
    forms = forms_of(walk, role)
    for form in forms.values():
        for body in bodies(form):
            status = send(walk, role, form, body)
            if status >= 500:
                told = {name: str(value)[:40] for name, value in body.items()}
                wrong.append(f"{form.address} {told}: {status}\n{failures[-1] if failures else ''}")

    assert len(forms) > 10
    assert not wrong, f"{len(wrong)} of them:\n" + "\n".join(wrong[:20])


@pytest.mark.parametrize("role", ["administrator", "owner"])
def test_no_address_fails_whatever_it_names(role, walk, failures):
    """Numbers and codes in the path: too great, nothing, not text."""
    wrong: list[str] = []
    odd = cycle(("9" * 30, "\0", LONG, "😀"))
    for address in sorted({one for door in DOORS for one in odd_addresses(door, walk, odd, role)}):
        answer = walk.clients[role].get(address)
        read(answer)
        if (status := answer.status_code) >= 500:
            wrong.append(f"{address[:60]}: {status}\n{failures[-1] if failures else ''}")

    assert not wrong, f"{len(wrong)} of them:\n" + "\n".join(wrong[:20])


def odd_addresses(door: Door, walk: Walk, odd: Iterator[str], role: str) -> Iterator[str]:
    """The addresses of a door with each of its arguments in turn made odd in two ways."""
    address = address_of(door, walk.world.names).partition("?")[0]
    if address.startswith("/desk") != (role == "administrator"):
        return
    for arg in door.args:
        part = f"/{quote(arg.format(**walk.world.names))}/"
        for _ in range(2):
            changed = address.replace(part, f"/{quote(next(odd))}/")
            if changed != address and is_ours(changed):
                yield changed
