"""Enumeration: a page tells nobody whose address has an account, neither in words nor in time.

Of signing up it is in cabinet/test_registration.py (TestKnownAddress).
"""

import re
import statistics
import time
from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.accounts.texts import publish_both, register
from tests.cabinet.factories import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.either_engine]
ROUNDS = 15
KNOWN, UNPROVEN, UNKNOWN = "known{}@example.org", "fresh{}@example.org", "nobody{}@example.org"
ASKED = {
    "account_login": lambda email: {"login": email, "password": "not-this-password-1"},
    "account_reset_password": lambda email: {"email": email},
    "account_send_again": lambda email: {"email": email},
}


@pytest.fixture
def make_people(monkeypatch, settings):
    """People of each kind by their numbers, with the slow hash that ships.

    Counters of attempts are another test's.
    """

    def make(*numbers: int) -> None:
        for number in numbers:
            make_user(KNOWN.format(number))
        texts = publish_both()
        monkeypatch.setattr("allauth.core.ratelimit.consume", lambda *_args, **_options: True)
        for number in numbers:
            register(Client(), texts, email=UNPROVEN.format(number))
        # By pytest-django's fixture: Django keeps the hashers until it is told of a change.
        settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
        for number in numbers:
            _hash_anew(KNOWN.format(number))
            _hash_anew(UNPROVEN.format(number))

    return make


def _hash_anew(email: str) -> None:
    from faza.accounts.models import User

    user = User.objects.get(email=email)
    user.set_password("a-Rather-long-secret-7")
    user.save()


@pytest.mark.parametrize("name", list(ASKED))
def test_every_address_is_answered_alike(name, make_people):
    make_people(1)
    pages = {}
    for kind in (KNOWN, UNPROVEN, UNKNOWN):
        email = kind.format(1)
        client = Client()
        sent = client.post(reverse(name), ASKED[name](email))
        then = client.get(sent.url) if sent.status_code == 302 else sent
        page = re.sub(r'(csrfmiddlewaretoken" value|X-CSRFToken": )"?[=:"]*\w+', "",
                      then.content.decode())  # fmt: skip
        pages[kind] = (sent.status_code, sent.get("Location"), page.replace(email, ""))

    assert pages[KNOWN] == pages[UNKNOWN]
    assert pages[UNPROVEN] == pages[UNKNOWN]


@pytest.mark.parametrize("name", list(ASKED))
def test_a_row_is_written_for_every_address(name, make_people):
    """Of what takes milliseconds the statements tell more than the clock."""
    make_people(2)
    for kind in (KNOWN, UNPROVEN, UNKNOWN):
        with CaptureQueriesContext(connection) as asked:
            Client().post(reverse(name), ASKED[name](kind.format(2)))
        assert any(one["sql"].startswith("INSERT") for one in asked), kind


def test_every_address_takes_as_long(make_people):
    """Medians of the processor's time: less than a quarter apart, or than three milliseconds.

    In one of three rounds: a machine that is busy otherwise parts two rounds of the same, a missing
    hash parts all.
    """
    make_people(*range(ROUNDS))
    told = {name: rounds for name in ASKED if not is_alike(rounds := list(rounds_of(name)))}
    assert not told


def rounds_of(name: str) -> Iterator[dict[str, float]]:
    """Three rounds at most, up to the first that tells nothing apart."""
    Client().post(reverse(name), ASKED[name]("first@example.org"))
    for _ in range(3):
        yield (found := medians_of(name))
        if is_alike([found]):
            return


def is_alike(rounds: list[dict[str, float]]) -> bool:
    apart = max(abs(rounds[-1][kind] - rounds[-1][UNKNOWN]) for kind in (KNOWN, UNPROVEN))
    return apart < max(0.25 * max(rounds[-1].values()), 0.003)


def medians_of(name: str) -> dict[str, float]:
    """Of each kind of address the median time of an answer."""
    spent: dict[str, list[float]] = {KNOWN: [], UNPROVEN: [], UNKNOWN: []}
    for number in range(ROUNDS):
        for kind, times in spent.items():
            client, typed = Client(), ASKED[name](kind.format(number))
            began = time.process_time()
            client.post(reverse(name), typed)
            times.append(time.process_time() - began)
    return {kind: statistics.median(times) for kind, times in spent.items()}
