"""Host header: no mail and no page leads to the host that a request has named."""

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.urls import reverse

from faza.outbox.models import Message
from tests.accounts.texts import publish_both, typed
from tests.doors.walk import DOORS, Walk, address_of
from tests.doors.world import make_world

pytestmark = [pytest.mark.django_db, pytest.mark.either_engine]
EVIL = {"host": "evil.example", "x-forwarded-host": "evil.example", "origin": settings.URL}


def test_a_host_that_is_not_ours_is_refused(client):
    for header in ("evil.example", f"evil.example@{settings.ALLOWED_HOSTS[0]}", "localhost.evil"):
        answer = client.get(reverse("account_login"), headers={"host": header})
        assert answer.status_code == 400, header


def test_no_mail_brings_the_host_of_a_request(settings):
    """Even where a proxy lets every host through: all deeds of the table, asked by that host."""
    settings.ALLOWED_HOSTS = ["*"]
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 24 * 3600
    walk = Walk(make_world())
    told = []
    for door in DOORS:
        if not door.is_post:
            continue
        for role in ("administrator", "unverified", "anonymous"):
            cache.clear()
            client, body = walk.clients[role], {}
            for key, value in door.body.items():
                body[key] = value.format(**walk.world.names)
            kept = client.cookies.copy()
            with transaction.atomic():
                before = set(Message.objects.values_list("pk", flat=True))
                client.post(address_of(door, walk.world.names), body, headers=EVIL)
                fresh = Message.objects.exclude(pk__in=before)
                told += [(door.name, one.kind, str(one.payload)) for one in fresh]
                transaction.set_rollback(True)
            client.cookies = kept

    assert [one for one in told if "evil.example" in one[2]] == []
    assert len({kind for _, kind, _ in told}) >= 6, {kind for _, kind, _ in told}


def test_links_of_an_account_are_under_our_own_address(client, settings):
    settings.ALLOWED_HOSTS = ["*"]
    texts = publish_both()
    client.post(reverse("account_signup"), typed(texts), headers=EVIL)
    client.post(reverse("account_send_again"), {"email": "new@example.org"}, headers=EVIL)
    client.post(reverse("account_reset_password"), {"email": "new@example.org"}, headers=EVIL)

    links = [one.payload["url"] for one in Message.objects.all() if "url" in one.payload]
    assert len(links) >= 2
    assert all(link.startswith(f"{settings.URL}/") for link in links)
