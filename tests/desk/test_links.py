"""Links of lists: pages, orders and exports are parts of an address, and lead where they say."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from faza.accounts.models import User
from faza.contracts import services
from faza.contracts.models import Customer
from tests.cabinet.factories import make_user

TEMPLATES = Path(__file__).parents[2] / "faza"
TAG = re.compile(r"{% querystring_replace (?P<told>.*?) %}")


def test_names_in_addresses_are_quoted():
    """The tag takes a bare name for a variable, finds none and leaves the part out."""
    bare = [
        f"{page.name}: {tag.group()}"
        for page in TEMPLATES.rglob("*.html")
        for tag in TAG.finditer(page.read_text())
        if re.search(r"(?:^| )\w+=|=None", tag["told"])
    ]

    assert bare == []


@pytest.fixture
def pages(db) -> Client:
    """Somebody who has more customers than a page shows."""
    admin = make_user("admin@example.org", User.Role.ADMINISTRATOR)

    for number in range(60):
        made = Customer(kind=Customer.Kind.PERSON, name=f"Абонент {number:02}")
        services.add_customer(made, at=datetime(2026, 11, 1, tzinfo=UTC), by=admin)
    client = Client()
    client.force_login(admin)
    return client


def links(client: Client, address: str) -> list[str]:
    page = client.get(address).content.decode()
    return [unescape(told) for told in re.findall(r'href="(\?[^"]*)"', page)]


def test_the_next_page_is_another_one(pages):
    address = reverse("desk:customers")

    further = [link for link in links(pages, address) if "page=" in link]

    assert further == ["?page=2"]
    assert "Абонент 59" not in pages.get(address).content.decode()
    assert "Абонент 59" in pages.get(address + further[0]).content.decode()


def test_an_export_is_of_what_is_shown(pages):
    address = reverse("desk:customers")

    exports = [link for link in links(pages, f"{address}?page=2&q=абонент") if "export" in link]

    assert len(exports) == 2
    for link, kind in zip(exports, ("xlsx", "csv"), strict=True):
        assert "page=" not in link
        answer = pages.get(address + link)
        assert kind in answer["Content-Disposition"]
        # Closing an answer ends the request, and with it the connection of the test.
        assert b"".join(answer)
        if file := getattr(answer, "file_to_stream", None):
            file.close()


def test_small_letters_find_a_name_and_a_number(pages):
    for address in (reverse("desk:customers"), reverse("desk:search")):
        assert "Абонент 07" in pages.get(address, {"q": "абонент 07"}).content.decode()
