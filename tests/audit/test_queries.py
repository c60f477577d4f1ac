from datetime import timedelta

import pytest

from faza.audit import queries, services
from faza.audit.queries import Filters
from tests.accounts.factories import NOW, make_user

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def people():
    return make_user(full_name="Анна"), make_user(full_name="Борис")


def told(**asked: object) -> list[str]:
    return [entry.action for entry in queries.trail(Filters(**asked)) if entry.action[1] == "."]


@pytest.fixture
def trail(people):
    anna, boris = people
    services.note("a.meter.added", of=anna, by=anna, at=NOW)
    services.note("a.meter.changed", of=boris, by=boris, at=NOW + DAY)
    services.note("b.grid.made", of=boris, by=None, at=NOW + 2 * DAY)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, ["b.grid.made", "a.meter.changed", "a.meter.added"]),
        ({"action": "a."}, ["a.meter.changed", "a.meter.added"]),
        ({"action": "a.meter.added"}, ["a.meter.added"]),
        ({"since": NOW + DAY}, ["b.grid.made", "a.meter.changed"]),
        ({"until": NOW + DAY}, ["a.meter.added"]),
        ({"by_system": True, "action": "b."}, ["b.grid.made"]),
        ({"actions": frozenset({"a.meter.added", "c.d.e"})}, ["a.meter.added"]),
        ({"kind": "metering.meter"}, []),
    ],
)  # fmt: skip
def test_filters_narrow_the_trail(trail, asked, found):
    assert told(**asked) == found


def test_deeds_of_a_person_and_of_an_object(trail, people):
    anna, boris = people
    assert told(user=anna.pk) == ["a.meter.added"]
    assert told(object_id=str(boris.pk), kind="accounts.user") == ["b.grid.made", "a.meter.changed"]


def test_the_history_of_an_object_takes_two_questions(trail, people, django_assert_num_queries):
    anna, boris = people
    services.note("a.b.c", of=boris, by=None, at=NOW - DAY, after={"phone": "+7"})
    with django_assert_num_queries(2):
        deeds = queries.history_of(boris, anna)

    assert [(deed.action, deed.who) for deed in deeds][:3] == [
        ("b.grid.made", ""),
        ("a.meter.changed", "Борис"),
        ("a.meter.added", "Анна"),
    ]


def test_a_deed_says_of_each_field_what_it_was_and_is(people):
    anna, _ = people
    services.note(
        "x.y.done", of=anna, by=anna, at=NOW, before={"a": 1, "b": 2}, after={"b": 3, "c": 4}
    )

    deed = next(deed for deed in queries.history_of(anna) if deed.action == "x.y.done")
    assert deed.changes == [("a", 1, None), ("b", 2, 3), ("c", None, 4)]
