"""How many questions the desk's pages of typed readings, rounds and windows ask the database.

A number here changes only on purpose. As many of many readings, points and rules as of few; two of
each are the session's and the person's.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from faza.accounts.models import User
from faza.manual_entry import windows
from faza.manual_entry.models import Entry, EntryRule
from faza.metering.models import MeteringComplex
from tests.cabinet.factories import give_area, make_node, make_point, make_user
from tests.cabinet.test_query_counts import counted
from tests.desk.requests.factories import signed_in
from tests.manual_entry.fleets import NOW, make_fleet

pytestmark = pytest.mark.django_db
# (address, query) -> questions
COUNTS = {
    ("desk:readings", ""): 24,
    ("desk:readings", "?reading={entry}"): 24,
    ("desk:readings", "?tab=asked"): 24,
    ("desk:readings-table", ""): 14,
    ("desk:rounds", "?why=all"): 35,
    ("desk:rounds-paper", "?why=all"): 40,
    ("desk:rounds-type", "?why=all"): 35,
    ("desk:windows", ""): 16,
    ("desk:window-rule", ""): 18,
    ("desk:window-exceptions", ""): 16,
    ("desk:window-exception", ""): 16,
}

ON_POSTGRESQL = {("desk:rounds-paper", "?why=all"): 39}
"""The paper writes into the trail, which is a statement more on SQLite."""


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def world(count: int) -> tuple[Client, dict[str, str]]:
    """An operator with so many points, a reading of each that waits, a rule and an exception."""
    operator = make_user(f"desk-{count}@example.org", User.Role.OPERATOR)
    give_area(operator, make_node("FLEET", "Посёлок"))
    owner = make_user(f"own-{count}@example.org", name="Абонентова А. А.")
    points = make_fleet(count, owner)
    meters = dict(MeteringComplex.objects.values_list("usage_point", "meter"))
    Entry.objects.bulk_create(
        Entry(
            usage_point=point, meter_id=meters[point.pk], of_at=NOW, shown={"1": 3_900_000},
            way="cabinet", token="t", sent_by=owner, sent_at=NOW - timedelta(minutes=n),
        )
        for n, point in enumerate(points)
    )  # fmt: skip
    made: dict[str, str] = {"entry": str(Entry.objects.latest("pk").pk)}
    for n, point in enumerate(points):
        make_point(f"X{n}", node=point.node)
        place = windows.Place(usage_point=point)
        rule = windows.keep_rule(
            place=place, terms=windows.Terms(first_day=15), by=operator, at=NOW
        )
        opened = windows.except_for(
            place=place, starts_at=NOW, ends_at=NOW + timedelta(days=7), is_open=True,
            reason="опрос сорвался", by=operator, at=NOW,
        )  # fmt: skip
        made |= {"desk:window-rule": str(rule.pk), "desk:window-exception": str(opened.pk)}
    return signed_in(operator), made


def asked(count: int) -> dict[tuple[str, str], int]:
    client, made = world(count)
    found = {}
    for name, query in COUNTS:
        args = (made[name],) if name in made else ()
        address = reverse(name, args=args) + query.format(**made)
        client.get(address)
        with counted() as questions:
            answer = client.get(address)
        assert answer.status_code == 200, address
        found[name, query] = len(questions)
    return found


@pytest.mark.parametrize("count", [3, 30])
def test_as_many_questions_of_many_as_of_few(count):
    assert asked(count) == COUNTS | (ON_POSTGRESQL if connection.vendor == "postgresql" else {})
    assert EntryRule.objects.count() == count + 1
