"""What each role's token finds behind each operation; foreign points are as absent ones."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from faza.accounts.models import User
from faza.api.v1.router import api
from faza.notifications.models import Notice
from tests.api.v1.asking import (
    LISTS,
    NUMBERED,
    OF_DEVICES,
    OF_POINT,
    OPERATIONS,
    WRITES,
    ask,
    ask_of,
    token_of,
    write,
)
from tests.doors.walk import text_of
from tests.doors.world import CODE, MARKS, SOLD, make_world

pytestmark = pytest.mark.django_db
READS = {"former", "owner", "supplier"}
ROLES = (*READS, "stranger", "house_manager", "unverified")
PUSH = {"endpoint": "https://push.example/1", "keys": {"p256dh": "x", "auth": "y"}}
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
    assert told == {*OPERATIONS, *NUMBERED, *WRITES, *OF_DEVICES}


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
            text = text_of(answer)
            wrong += [
                f"{name} tells {role} of {mark}"
                for mark, readers in MARKS.items()
                if role not in readers and mark in text
            ]
            if expected == 404:
                absent = ask_of(token, name, "500000000000009", **span)
                assert (absent.status_code, absent.content) == (404, answer.content)
        wrong += numbered(token, role)
        wrong += written(token, role, user)

    assert not wrong, "\n".join(wrong)


def numbered(token, role):
    """What nobody of these has sent or started is there for nobody."""
    absent = str(2**40)
    answers = {name: ask(token, name, absent).status_code for name in NUMBERED}
    answers["cancel_run"] = write(token, "cancel_run", absent).status_code
    answered = write(token, "answer_entry", absent, body={"text": "Верно"})
    answers["answer_entry"] = answered.status_code
    return [f"{name} for {role}: {told}" for name, told in answers.items() if told != 404]


def written(token, role, user):
    """Who does not read the meter as its subscriber now, sends nothing of it."""
    shown = {"registers": [{"channel": "A+", "tariff": 0, "value": 1}]}
    asked = {"kind": "readings", "format": "csv"}
    expected = {
        "send_entry": (write(token, "send_entry", CODE, body=shown), role == "owner"),
        "of_a_point": (
            write(token, "start_report", body=asked | {"points": [CODE]}),
            role in READS,
        ),
    }
    wrong = []
    for name, (answer, may) in expected.items():
        if (answer.status_code != 404) != may:
            wrong.append(f"{name} for {role}: {answer.status_code}")
    others = Notice.objects.exclude(user=user).values_list("pk", flat=True)
    if write(token, "read_notices", body={"ids": [*others, 2**62]}).json() != {"read": 0}:
        wrong.append(f"read_notices for {role}")
    wrong += [
        f"{name} for {role}"
        for name, told in (
            ("push", ask(token, "push")),
            ("start_push", write(token, "start_push", body=PUSH)),
            ("stop_push", write(token, "stop_push")),
        )
        if told.json()["code"] != "devices-only"
    ]
    return wrong


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
    told = {
        operation["operationId"]
        for path, one in paths.items()
        if "{point}" in path
        for operation in one.values()
    }
    assert told == OF_POINT | {"send_entry"}
