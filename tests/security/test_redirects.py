"""Open redirect: no answer leads to another site, whatever `next`, `back` or the Referer says.

That a `next` of our own is followed is in cabinet/test_signing_in.py.
"""

import pytest
from django.test import Client
from django.urls import reverse

from tests.cabinet.factories import PASSWORD, make_user
from tests.doors.table import Door
from tests.doors.walk import DOORS, Walk, drain
from tests.doors.world import make_world

pytestmark = [pytest.mark.django_db, pytest.mark.either_engine]
FIELDS = ("next", "back", "url", "following", "redirect_to")
EVIL = ("https://evil.example/", "//evil.example/", "/\\evil.example/", "javascript:alert(1)")
HARDEST = EVIL[1:3]
"""What a guard that looks at the first letters lets through; an absent one lets all."""


def is_inside(address: str) -> bool:
    return address.startswith(("/", "?")) and not address.startswith(("//", "/\\"))


def test_no_address_leads_outside(settings):
    """All rows of the table, with the evil address in query, body and Referer.

    The second one is tried where the first was answered by leading somewhere, and with all deeds.
    """
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 24 * 3600
    walk = Walk(make_world())
    wrong, led = [], 0
    leading = [(door, role) for door in DOORS for role in ("administrator", "anonymous")]
    for evil in HARDEST:
        asked, leading = leading, []
        for client in walk.clients.values():
            client.defaults["HTTP_REFERER"] = evil
        for door, role in asked:
            answer = walk.visit(role, with_evil(door, evil), walk.world.names)
            told = answer.get("Location") or answer.get("HX-Redirect") or ""
            if told or door.is_post:
                leading.append((door, role))
            led += bool(told)
            if told and not is_inside(told):
                wrong.append(f"{door.name} {door.args} {evil} for {role}: {told}")
            drain(answer)

    assert not wrong, "\n".join(wrong)
    assert led > 100


def with_evil(door: Door, evil: str) -> Door:
    """The row with the address in each field that might lead somewhere."""
    query = door.query + ("&" if door.query else "?")
    query += "&".join(f"{field}={evil}" for field in FIELDS)
    body = dict.fromkeys(FIELDS, evil) | dict(door.body) if door.is_post else {}
    return Door(door.name, {}, door.args, query, body, door.post, door.is_limited)


@pytest.mark.parametrize("evil", EVIL)
@pytest.mark.parametrize("place", ["query", "body"])
def test_signing_in_and_proving_oneself_lead_inside(evil, place):
    """What follows a right password."""
    make_user("owner@example.org")
    client = Client()
    query = f"?next={evil}" if place == "query" else ""
    told = {"next": evil} if place == "body" else {}
    steps = {
        "account_login": {"login": "owner@example.org", "password": PASSWORD},
        "account_reauthenticate": {"password": PASSWORD},
        "account_logout": {},
    }
    for name, typed in steps.items():
        answer = client.post(reverse(name) + query, typed | told)
        assert answer.status_code == 302, name
        assert is_inside(answer.url), name
