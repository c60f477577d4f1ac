"""CSRF: no address does anything for a form that another site has sent."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.doors.table import Door
from tests.doors.walk import DOORS, address_of
from tests.doors.world import make_world

pytestmark = [pytest.mark.django_db, pytest.mark.either_engine]
# They look at no cookie: they take a token of a program's own (tests/api), or are only read.
NO_COOKIES = ("api:intake", "api:v1:", "oauth:token", "oauth:revoke", "health-", "metrics")
# It takes a cookie that other sites cannot have sent, beside a header that they cannot send.
OWN_HEADER = "mobile:out"
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def test_every_address_refuses_a_post_without_a_token():
    """All of the resolver: the table of doors holds each (test_doors). Some know no POST at all."""
    world = make_world()
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.force_login(world.people["administrator"], backend=BACKEND)
    first: dict[str, Door] = {}
    for door in DOORS:
        if door.name.startswith(NO_COOKIES):
            continue
        first.setdefault(door.name, door)
    refused = {}
    for name, door in first.items():
        answer = client.post(address_of(door, world.names))
        templates = {one.name for one in answer.templates}
        is_told = "403_csrf.html" in templates or name == OWN_HEADER
        refused[name] = answer.status_code == 403 and is_told

    assert [name for name, is_refused in refused.items() if not is_refused] == []
    assert len(refused) > 150


def test_a_token_of_ones_own_is_taken():
    """So the test above is about the token and nothing else."""
    world = make_world()
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.people["operator"], backend=BACKEND)
    client.get(reverse("desk:customer-add"))
    told = {
        "kind": "person",
        "name": "Новый",
        "csrfmiddlewaretoken": client.cookies["csrftoken"].value,
    }

    assert client.post(reverse("desk:customer-add"), told).status_code == 302
    foreign = client.post(
        reverse("desk:customer-add"), told, headers={"origin": "https://evil.example"}
    )
    assert foreign.status_code == 403
