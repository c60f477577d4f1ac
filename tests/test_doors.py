"""Every address of the product, and what each role finds behind it.

An address that is not in the table fails the test: nobody adds a page without saying who may see
it. Pages of a point answer a stranger's code as they answer one that does not exist.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from faza.accounts.models import User
from tests.cabinet.factories import (
    fill,
    give_area,
    make_agreement,
    make_node,
    make_point,
    make_user,
)

ROLES = ("anonymous", "stranger", "former", "owner", "elsewhere", "operator", "administrator")
OPEN = (200,) * 7
"""Everybody."""
OWN = (302, 200, 200, 200, 200, 200, 200)
"""Everybody who has signed in; what is inside is the person's own."""
POINT = (302, 404, 200, 200, 404, 200, 200)
"""Whoever has ever had a window of the point."""
NOWHERE = (302, 404, 404, 404, 404, 404, 404)
"""A code that does not exist: for everybody as a foreign one is for a stranger."""
GUEST = (200, 302, 302, 302, 302, 302, 302)
"""Who has not signed in yet."""

CODE = "500000000000001"
ABSENT = "500000000000009"
SOLD = timedelta(days=20)

# (address, its arguments, its query) -> status for each of ROLES
DOORS: dict[tuple[str, tuple[str, ...], str], tuple[int, ...]] = {
    ("cabinet:home", (), ""): OWN,
    ("cabinet:home", (), f"?point={CODE}"): POINT,
    ("cabinet:home", (), f"?point={ABSENT}"): NOWHERE,
    ("cabinet:explorer", (), ""): OWN,
    ("cabinet:explorer", (), "?points=all"): OWN,
    ("cabinet:explorer", (), f"?point={CODE}"): POINT,
    ("cabinet:explorer", (), f"?point={ABSENT}"): NOWHERE,
    ("cabinet:explorer", (), f"?points=all&point={CODE}"): POINT,
    ("cabinet:why", (), ""): OWN,
    ("cabinet:why", (), f"?point={CODE}&period=day&on={{day}}"): POINT,
    ("cabinet:why", (), f"?point={ABSENT}&period=day&on={{day}}"): NOWHERE,
    ("cabinet:meters", (), ""): OWN,
    ("cabinet:export", ("csv",), f"?point={CODE}&from={{day}}&to={{day}}"): POINT,
    ("cabinet:export", ("xlsx",), f"?point={CODE}&from={{day}}&to={{day}}"): POINT,
    ("cabinet:export", ("80020",), f"?point={CODE}&from={{day}}&to={{day}}"): POINT,
    ("cabinet:export", ("csv",), f"?point={ABSENT}&from={{day}}&to={{day}}"): NOWHERE,
    ("cabinet:export", ("exe",), f"?point={CODE}&from={{day}}&to={{day}}"): NOWHERE,
    ("account_login", (), ""): GUEST,
    ("account_logout", (), ""): OWN,
    ("account_inactive", (), ""): OPEN,
    ("account_signup", (), ""): GUEST,
    ("account_reauthenticate", (), ""): OWN,
    ("account_change_password", (), ""): OWN,
    ("account_reset_password", (), ""): OPEN,
    ("account_reset_password_done", (), ""): OPEN,
    ("account_reset_password_from_key", ("abc", "def-ghi"), ""): OPEN,
    ("account_reset_password_from_key_done", (), ""): OPEN,
    ("usersessions_list", (), ""): OWN,
    ("set_language", (), ""): (302,) * 7,
}

pytestmark = pytest.mark.django_db


def names(resolver: URLResolver, space: str = "") -> Iterator[str]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{space}{entry.namespace}:" if entry.namespace else space
            yield from names(entry, inner)
        else:
            assert isinstance(entry, URLPattern)
            assert entry.name, f"{entry.pattern} has no name"
            yield space + entry.name


def test_every_address_is_in_the_table():
    assert {name for name, _, _ in DOORS} == set(names(get_resolver()))


@pytest.fixture
def people() -> dict[str, User | None]:
    """A flat that was sold twenty days ago, its owners, and who else there is."""
    now = timezone.now()
    here, there = make_node(), make_node("OTHER", "Другие сети")
    point, other = make_point(CODE, "Квартира 7", node=here), make_point("P2", node=there)
    former, owner = make_user("former@example.org"), make_user("owner@example.org")
    stranger = make_user("stranger@example.org")
    sold = now - SOLD
    make_agreement("Д-1", [former], [point], end=sold)
    make_agreement("Д-2", [owner], [point], start=sold)
    make_agreement("Д-3", [stranger], [other])
    operator = make_user("operator@example.org", User.Role.OPERATOR)
    elsewhere = make_user("elsewhere@example.org", User.Role.OPERATOR)
    give_area(operator, here)
    give_area(elsewhere, there)
    fill(point, (now - timedelta(days=40)).date(), (now - timedelta(days=1)).date())
    return {
        "anonymous": None,
        "stranger": stranger,
        "former": former,
        "owner": owner,
        "elsewhere": elsewhere,
        "operator": operator,
        "administrator": make_user("admin@example.org", User.Role.ADMINISTRATOR),
    }


def visit(user: User | None, address: str, arguments: tuple[str, ...], query: str, day: datetime):
    client = Client()
    if user is not None:
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client.get(reverse(address, args=arguments) + query.format(day=day.date().isoformat()))


def test_each_role_finds_what_the_table_says(people):
    day = timezone.now() - timedelta(days=3)
    wrong = []
    for door, statuses in DOORS.items():
        for role, status in zip(ROLES, statuses, strict=True):
            found = visit(people[role], *door, day).status_code
            if found != status:
                wrong.append(f"{door} for {role}: {found} instead of {status}")

    assert not wrong


def test_a_foreign_point_is_not_there_in_the_very_same_words(people):
    day = timezone.now() - timedelta(days=3)

    foreign = visit(people["stranger"], "cabinet:explorer", (), f"?point={CODE}", day)
    absent = visit(people["stranger"], "cabinet:explorer", (), f"?point={ABSENT}", day)

    assert without_token(foreign.content, CODE) == without_token(absent.content, ABSENT)


def without_token(page: bytes, code: str) -> str:
    """A page without the code that was asked for and the token that differs each time."""
    return re.sub(
        r'("X-CSRFToken": |name="csrfmiddlewaretoken" value=)"\w+"', "", page.decode()
    ).replace(code, "")


def test_an_inactive_person_is_signed_out(people):
    owner = people["owner"]
    assert owner is not None
    client = Client()
    client.force_login(owner, backend="allauth.account.auth_backends.AuthenticationBackend")
    User.objects.filter(pk=owner.pk).update(is_active=False)

    response = client.get(reverse("cabinet:home"))

    assert response.status_code == 302
