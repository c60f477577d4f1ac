"""Several phones and several questions of one phone at the same moment."""

import threading

import pytest
from django.db import connection
from django.utils import timezone

from faza.contracts.models import Token
from faza.contracts.services import pairing
from tests.cabinet.factories import make_user

HERE = "session-of-the-owner"
PHONE = {"model": "Pixel 8", "browser": "Chrome Mobile 130, Android", "address": "203.0.113.7"}


@pytest.mark.django_db(transaction=True)
def test_two_phones_at_once_and_two_fetches_at_once():
    """In threads with connections of their own: one claim wins, one fetch gets the key."""
    if connection.vendor == "sqlite" and connection.is_in_memory_db():
        pytest.skip("one connection cannot meet itself")
    owner, at = make_user("owner@example.org"), timezone.now()
    held = pairing.begin(user=owner, session=HERE, at=at)
    secret = pairing.invitation(held).secret
    claims = at_once(lambda: pairing.claim(text=secret, at=at, **PHONE)[1])
    won = [one for one in claims if isinstance(one, str)]
    assert len(won) == 1
    assert sum(isinstance(one, pairing.AlreadyClaimed) for one in claims) == 3

    pairing.confirm(pairing=held.pk, user=owner, session=HERE, at=at)
    got = at_once(lambda: pairing.collect(waiting=won[0], at=at))
    assert sorted(one.outcome for one in got) == ["connected", "over", "over", "over"]
    assert Token.objects.count() == 1


def at_once(deed, times=4):
    """What a deed gives, or raises, in several threads that begin together."""
    found, gate = [], threading.Barrier(times)

    def run():
        gate.wait()
        try:
            found.append(deed())
        except Exception as problem:  # noqa: BLE001  # what it raises is looked at
            found.append(problem)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(times)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return found
