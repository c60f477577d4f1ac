"""How many questions an operation asks the database, and how long a month of half-hours takes."""

from __future__ import annotations

import statistics
import time
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from faza.accounts.models import User
from faza.contracts import services as contracts
from faza.contracts.models import CustomerAgreement
from tests.api.v1.asking import OPERATIONS, ask, ask_of, token_of
from tests.cabinet.factories import SINCE, fill, make_agreement, make_meter, make_point, make_user
from tests.cabinet.test_query_counts import counted
from tests.doors.walk import drain

pytestmark = pytest.mark.django_db
CODE = "500000000000001"
SPAN = {"first": "2026-03-01", "end": "2026-04-01"}
LISTED = {"meters": "", "complexes": "", "events": "from=2026-03-01&to=2026-04-01"}
"""Of all points, not of one."""
# One finds the token, one counts the question, one notes it; the rest is the operation's.
COUNTS = {
    "me": 5,
    "customers": 4,
    "agreements": 5,
    "usage_points": 5,
    "usage_point": 4,
    "meters": 7,
    "complexes": 7,
    "profile": 5,
    "consumption": 5,
    "comparison": 9,
    "registers": 6,
    "network": 6,
    "green_button": 6,
    "events": 5,
    "charges": 6,
    "forecast": 5,
    "notices": 4,
    "entry": 27,
    "sent_entries": 8,
    "report_kinds": 3,
    "report": 13,
    "reports": 4,
}
SLOWEST, BUSY = 0.015, 2
"""Seconds of the processor for a month of half-hours, the middle of many (issue 9); on a machine
that does much else its seconds are worth less."""


@pytest.fixture
def owner() -> User:
    user = make_user("owner@example.org")
    point = make_point(CODE, "Дом")
    make_agreement("Д-1", [user], [point])
    make_meter(point, "M-1")
    fill(point, date(2026, 3, 1), date(2026, 4, 1))
    return user


def test_as_many_questions_of_many_points_as_of_one(owner):
    token = token_of(owner)
    found = counts(token)
    agreement = CustomerAgreement.objects.get()
    for number in range(40):
        point = make_point(f"6000000000000{number:02}")
        make_meter(point, f"M-6{number}")
        contracts.bind_point(agreement=agreement, usage_point=point, at=SINCE)

    assert counts(token) == found == COUNTS


def counts(token: str) -> dict[str, int]:
    """Questions of each operation, not those of its first one of the day, nor marks within the
    test's own transaction.
    """
    told = {}
    for name in OPERATIONS:
        for _ in range(2):
            with counted() as asked:
                if name in LISTED:
                    answer = ask(token, name, query=LISTED[name])
                else:
                    answer = ask_of(token, name, CODE, **SPAN)
                    drain(answer)
        assert answer.status_code == 200
        told[name] = sum("SAVEPOINT" not in one for one in asked)
    return told


def test_a_month_of_half_hours_is_quick(owner):
    """The whole of a question, from the request's bytes to the answer's; one client asks them."""
    client, taken = Client(), []
    headers = {"authorization": f"Bearer {token_of(owner)}"}
    address = reverse("api:v1:profile", args=[CODE]) + "?from=2026-03-01&to=2026-04-01"
    for _ in range(60):
        start = time.process_time()
        answer = client.get(address, headers=headers)
        taken.append(time.process_time() - start)
    middle = statistics.median(taken[5:])
    print(f"p50 {middle * 1000:.1f} ms of the processor, {len(answer.content)} bytes")

    assert len(answer.json()["channels"][0]["runs"][0]["values"]) == 31 * 48
    assert middle < BUSY * SLOWEST
