"""Whatever is done, entries themselves hold nothing that names a person or a home."""

from __future__ import annotations

import json

import pytest

from faza.accounts import services as accounts
from faza.audit import queries, rules, services
from faza.audit.models import Entry
from faza.contracts import services as contracts
from faza.contracts.models import Customer
from faza.desk import exports
from faza.metering import services as metering
from tests.accounts.factories import NOW, make_user
from tests.metering.factories import make_node, make_point

MARK = "Приметный"


def told() -> str:
    rows = Entry.objects.values_list("before", "after")
    return json.dumps(list(rows), ensure_ascii=False)


@pytest.mark.django_db
def test_no_deed_writes_personal_values_into_its_entry():
    clerk = make_user(full_name=f"{MARK} А.")
    accounts.create_user(
        email="primetny@example.org", full_name=f"{MARK} Б.", phone="+79001234567", at=NOW, by=clerk
    )
    contracts.add_customer(
        Customer(
            kind=Customer.Kind.PERSON,
            name=f"{MARK} В.",
            legal_address=f"ул. {MARK}",
            actual_address=f"ул. {MARK}",
        ),
        at=NOW,
        by=clerk,
    )
    point = make_point(make_node(), address=f"ул. {MARK}, 8")
    point.address = f"ул. {MARK}, 10"
    metering.change_usage_point(point, at=NOW, by=clerk)
    exports.note(clerk, "points", f"q={MARK}", "csv", 1, NOW)

    assert Entry.objects.count() >= 6
    for secret in (MARK, "primetny", "79001234567"):
        assert secret not in told()
    changed = queries.history_of(point)[0]
    assert changed.after == {"address": f"ул. {MARK}, 10"}


@pytest.mark.django_db
@pytest.mark.parametrize("key", sorted(rules.PERSONAL))
def test_a_key_that_names_people_is_kept_apart_even_where_the_caller_forgot(key):
    user = make_user()
    services.note("x.y.done", of=user, by=None, at=NOW, before={key: MARK}, after={key: MARK + "2"})

    assert MARK not in told()
    deed = next(deed for deed in queries.history_of(user) if deed.action == "x.y.done")
    assert (deed.before, deed.after) == ({key: MARK}, {key: MARK + "2"})


def test_nothing_is_kept_apart_of_nothing():
    assert rules.keys_to_keep_apart({"email": "", "phone": None, "name": "x"}, rules.PERSONAL) == []


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ({"$personal": 7}, 7),
        ({"$personal": "7"}, None),
        ({"$personal": 7, "more": 1}, None),
        ("text", None),
        (None, None),
    ],
)
def test_a_reference_is_recognised(value, number):
    assert rules.find_reference(value) == number
