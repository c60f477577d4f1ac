"""What each role's token finds behind each operation; foreign points are as absent ones."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from faza.accounts.models import User
from faza.api.v1.router import api
from tests.api.v1.asking import LISTS, OF_POINT, OPERATIONS, ask, ask_of, token_of
from tests.doors.world import CODE, MARKS, SOLD, make_world

pytestmark = pytest.mark.django_db
READS = {"former", "owner", "supplier"}
ROLES = (*READS, "stranger", "house_manager", "unverified")
SPAN = {"first": "2026-10-01", "end": "2026-11-01"}


@pytest.fixture
def world():
    return make_world()


def days_of(now):
    return {
        "first": (now - timedelta(days=30)).date().isoformat(),
        "end": (now - timedelta(days=1)).date().isoformat(),
    }


def test_the_table_knows_every_operation():
    told = {
        operation["operationId"]
        for address in api.get_openapi_schema(path_prefix="/api/v1/")["paths"].values()
        for operation in address.values()
    }
    assert told == set(OPERATIONS)


def test_each_role_finds_its_own_and_nothing_else(world):
    span, wrong = days_of(timezone.now()), []
    for role in ROLES:
        user = world.people[role]
        assert user is not None
        token = token_of(user)
        for name in OPERATIONS:
            answer = ask_of(token, name, CODE, **span)
            expected = 200 if name in LISTS or role in READS else 404
            if answer.status_code != expected:
                wrong.append(f"{name} for {role}: {answer.status_code} instead of {expected}")
            text = answer.content.decode()
            wrong += [
                f"{name} tells {role} of {mark}"
                for mark, readers in MARKS.items()
                if role not in readers and mark in text
            ]
            if expected == 404:
                absent = ask_of(token, name, "500000000000009", **span)
                assert (absent.status_code, absent.content) == (404, answer.content)

    assert not wrong, "\n".join(wrong)


def test_staff_have_no_tokens_and_lose_them_with_the_role(world):
    for role in ("operator", "auditor", "administrator"):
        user = world.people[role]
        assert user is not None
        with pytest.raises(ValidationError):
            token_of(user)
    owner = world.people["owner"]
    token = token_of(owner)
    User.objects.filter(pk=owner.pk).update(role=User.Role.ADMINISTRATOR)

    assert ask(token, "usage_points").status_code == 401


def test_two_owners_see_the_own_time_only(world):
    now = timezone.now()
    sold = now - SOLD
    seen = {}
    for role in ("former", "owner"):
        token = token_of(world.people[role])
        got = ask_of(token, "profile", CODE, **days_of(now)).json()["channels"][0]
        seen[role] = got
        (window,) = ask(token, "usage_points").json()["items"][0]["windows"]
        assert (window["to"] is None) == (role == "owner")
    before, after = (sum(len(run["values"]) for run in seen[r]["runs"]) for r in seen)

    assert before + after in (29 * 48, 29 * 48 - 1)  # the half-hour that the sale cuts
    assert seen["former"]["runs"][-1]["start"] < sold.isoformat()
    for name in ("consumption", "registers", "charges", "forecast", "network", "events"):
        former, owner = (
            ask_of(token_of(world.people[role]), name, CODE, **days_of(now)).json()
            for role in ("former", "owner")
        )
        if name == "consumption":
            total = sum(filter(None, former["channels"][0]["values"]))
            assert total == pytest.approx(0.1 * before)
            assert owner["channels"][0]["expected"] == after


def test_of_two_owners_only_the_present_one_stands_in_the_meters(world):
    """Both see the meter, each for the own time."""
    spans = [
        ask_of(token_of(world.people[role]), "meters", CODE).json()["items"][0]
        for role in ("former", "owner")
    ]
    assert spans[0]["to"] == spans[1]["from"]


def test_operations_of_a_point_are_those_with_it_in_the_path():
    paths = api.get_openapi_schema(path_prefix="/api/v1/")["paths"]
    told = {one["get"]["operationId"] for path, one in paths.items() if "{point}" in path}
    assert told == OF_POINT
