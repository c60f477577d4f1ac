"""Every address of the product, and what each role finds behind it (tests/doors has the table).

An address that is not in the table fails the test, and so does one that takes a POST without a
row for it, or a deed on a thing that nobody tried with a foreign one: nobody adds a page without
saying who may see it. Pages of a thing answer a stranger's as they answer one that does not exist.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from typing import Any
from urllib.parse import quote

import pytest
from django.db import transaction
from django.urls import get_resolver, reverse

from faza.accounts.models import User
from tests.doors.table import ROLES, Door
from tests.doors.walk import AREAS, DOORS, Walk, address_of, doors_of, names, text_of
from tests.doors.world import MARKS, SEES_ALL, make_world, together

# A name of something that is, and of nothing.
ABSENT = {"point": "absent", "there_point": "absent", "next_door": "absent", "house": "absent"}
FURTHEST = ("anonymous", "owner", "operator", "administrator")

pytestmark = pytest.mark.django_db


def test_every_address_is_in_the_table():
    assert {door.name for door in DOORS} == set(names(get_resolver()))


def test_two_areas_do_not_name_their_things_alike():
    assert together({"run": "1"}, {"arrival": "2"}) == {"run": "1", "arrival": "2"}
    with pytest.raises(ValueError, match="run"):
        together({"run": "1"}, {"run": "2"})


@pytest.fixture(scope="module")
def shared(django_db_setup: None, django_db_blocker: Any) -> Iterator[Walk]:
    """A walk for the whole file; what each test changes is taken back after it."""
    outer = transaction.atomic()
    outer._from_testcase = True
    with django_db_blocker.unblock(), outer:
        yield Walk(make_world())
        transaction.set_rollback(True)


@pytest.fixture
def walk(shared: Walk, db: None, settings) -> Iterator[Walk]:
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 24 * 3600
    cookies = {role: client.cookies.copy() for role, client in shared.clients.items()}
    yield shared
    for role, kept in cookies.items():
        shared.clients[role].cookies = kept


@pytest.mark.parametrize("area", AREAS)
def test_each_role_finds_what_the_table_says(area, walk, request):
    """The status; no answer tells of what is not the person's; a foreign thing is as an absent.

    Wherever a role gets a 404, it gets the very same page for something that is not there. On a
    second engine those ask who get furthest into the database; who is turned away, is so on any.
    """
    is_second = request.config.getoption("--only-database")
    wrong, known = [], walk.world.names
    absent = known | dict.fromkeys(numbered(known), known["nobody"])
    absent |= dict.fromkeys(ABSENT, known["absent"])
    for door in doors_of(area):
        shown = f"{door.name} {door.args} {door.query} {dict(door.body) or ''}"
        for role in FURTHEST if is_second else ROLES:
            answer = walk.visit(role, door, known)
            text = text_of(answer)
            if answer.status_code != door.statuses[role]:
                told = f"{answer.status_code} instead of {door.statuses[role]}"
                wrong.append(f"{shown} for {role}: {told}")
            wrong += [f"{shown} tells {role} of {mark}" for mark in too_much(text, role, door)]
            if door.statuses[role] == 404 and told_of(door) and not is_second:
                other = walk.visit(role, door, absent)
                foreign = scrubbed(text, address_of(door, known))
                if (other.status_code, scrubbed(text_of(other), address_of(door, absent))) != (
                    404,
                    foreign,
                ):
                    wrong.append(f"{shown} for {role}: a foreign thing is not as an absent one")

    assert not wrong, "\n".join(wrong)


def too_much(text: str, role: str, door: Door) -> list[str]:
    """Marks in an answer that the role may not read; what it asked for itself is no news to it."""
    if role in SEES_ALL:
        return []
    asked = door.query + "".join(door.body.values())
    return [
        mark
        for mark, readers in MARKS.items()
        if role not in readers and mark in text and mark not in asked
    ]


def numbered(known: dict[str, str]) -> list[str]:
    return [
        name
        for name, value in known.items()
        if value.isdecimal() and name not in ABSENT and name not in {"absent", "nobody"}
    ]


def told_of(door: Door) -> set[str]:
    """Names of things in the address and body of a door."""
    told = "".join([*door.args, door.query, *door.body.values()])
    return set(re.findall(r"{(\w+)}", told)) - {"day", "absent", "nobody"}


def scrubbed(text: str, address: str) -> str:
    """A page without its own address, and without the token and the clock, which differ."""
    text = re.sub(r'("X-CSRFToken": |name="csrfmiddlewaretoken" value=)"\w+"', "", text)
    for written in (address, escape(address), quote(address), quote(address, safe="")):
        text = text.replace(written, "")
    return re.sub(r"\b\d\d:\d\d\b", "", text)


def test_an_address_without_a_post_in_the_table_takes_none(walk):
    """A view says by its decorator which methods it knows; a deed needs a row that tries it."""
    posted = {door.name for door in DOORS if door.is_post}
    taking = []
    for door in {door.name: door for door in reversed(DOORS)}.values():
        if door.name not in posted:
            asked = Door(door.name, door.statuses, args=door.args, query=door.query, post=True)
            status = walk.visit("administrator", asked, walk.world.names).status_code
            if status != 405:
                taking.append(f"{door.name}: {status}")

    assert not taking, "\n".join(taking)


def test_each_deed_is_tried_with_a_foreign_thing_in_path_query_and_body(walk):
    """Where a row's POST names a thing, some row of that address names it to whom it is foreign.

    In a body a thing is foreign to the operator when it stands in the other part («there_…»).
    """
    missing = []
    for name in sorted({door.name for door in DOORS if door.is_post} - ALIKE):
        rows = [door for door in DOORS if door.name == name and door.is_post]
        for field in fields_of(rows):
            if not any(is_foreign(row, field) for row in rows):
                missing.append(f"{name}: {field}")

    assert not missing, "\n".join(missing)


def fields_of(rows: list[Door]) -> set[str]:
    """Where rows name things: "path", "query", or a field of the body."""
    return {
        place
        for row in rows
        for place, told in {"path": "".join(row.args), "query": row.query, **row.body}.items()
        if set(re.findall(r"{(\w+)}", told)) - {"day", "absent", "nobody"} - SHARED
    }


# Things that belong to no part of the network: types of meters, staff, texts, mails, work, groups
# of meters and access to them.
SHARED = frozenset(
    {"model", "there_model", "text", "mail", "auditor", "collection_plan", "credentials"}
)


# Answers the same whosever the thing is: that nothing is done is in cabinet/test_signing_in.py, and
# what tokens of each role may send of a foreign point in api/v1/test_table.py, test_answering.py.
ALIKE = {"usersessions_end", "api:v1:send_entry", "api:v1:answer_entry"}


def is_foreign(row: Door, place: str) -> bool:
    refused = [role for role in ("stranger", "elsewhere", "operator", "administrator")
               if row.statuses[role] in (403, 404, 422)]  # fmt: skip
    if place in ("path", "query"):
        return bool(refused)
    return "{there_" in row.body.get(place, "") or "{next_door}" in row.body.get(place, "")


def test_an_inactive_person_is_signed_out(walk):
    owner = walk.world.people["owner"]
    assert owner is not None
    User.objects.filter(pk=owner.pk).update(is_active=False)

    response = walk.clients["owner"].get(reverse("cabinet:home"))

    assert response.status_code == 302
