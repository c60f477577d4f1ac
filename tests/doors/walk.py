"""Walking the table: its rows, and a browser for each person of a world."""

from __future__ import annotations

import importlib
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from django.core.cache import cache
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, reverse

from faza.accounts.models import User
from tests.cabinet.factories import PASSWORD
from tests.doors.table import ROLES, Door
from tests.doors.world import World

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
AREAS = sorted(
    file.stem
    for file in Path(__file__).parent.glob("*.py")
    if file.stem not in {"__init__", "filling", "table", "walk", "world"}
)


def doors_of(area: str) -> list[Door]:
    """The rows of a module."""
    found: list[Door] = importlib.import_module(f"tests.doors.{area}").DOORS
    return found


DOORS = [door for area in AREAS for door in doors_of(area)]


def names(resolver: URLResolver, space: str = "") -> Iterator[str]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{space}{entry.namespace}:" if entry.namespace else space
            yield from names(entry, inner)
        else:
            assert isinstance(entry, URLPattern)
            assert entry.name, f"{entry.pattern} has no name"
            yield space + entry.name


class Walk:
    """A world and a browser for each person in it, which stays signed in."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.clients = {role: self._client(world.people[role]) for role in ROLES}

    @staticmethod
    def _client(user: User | None) -> Client:
        client = Client(raise_request_exception=False)
        if user is not None:
            client.force_login(user, backend=BACKEND)
            # As one who has just typed the password: else pages about security ask for it.
            client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
        return client

    def visit(self, role: str, door: Door, known: dict[str, str]) -> HttpResponse:
        """Ask for an address as a person; what a POST has done is taken back."""
        client, address = self.clients[role], address_of(door, known)
        if not door.is_post:
            return client.get(address)
        if door.is_limited:
            cache.clear()
        kept = client.cookies.copy()
        with transaction.atomic():
            body = {key: value.format(**known) for key, value in door.body.items()}
            answer = client.post(address, body)
            if answer.streaming:
                answer.content = b"".join(answer)
            transaction.set_rollback(True)
        client.cookies = kept
        return answer


def address_of(door: Door, known: dict[str, str]) -> str:
    address = reverse(door.name, args=[arg.format(**known) for arg in door.args])
    return address + door.query.format(**{name: quote(told) for name, told in known.items()})


def drain(answer: HttpResponse) -> None:
    """Read what nobody looks at to its end, as a server does: so its file is closed."""
    if answer.streaming:
        b"".join(answer)


def text_of(answer: HttpResponse) -> str:
    """What an answer says; of a workbook the words of its cells."""
    body = b"".join(answer) if answer.streaming else answer.content
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            body = b"".join(packed.read(name) for name in packed.namelist())
    return body.decode("utf-8", "replace")
