"""POST /api/intake: only a token counts, and only for its own area."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import DataError, OperationalError
from django.test import Client
from django.urls import reverse

from faza.api import intake
from faza.audit.models import Entry
from faza.collection.intake import tokens
from faza.collection.models import AccessToken, ImportFile, ImportRun
from faza.metering import services as metering
from faza.readings.models import RegisterReading, Source
from tests.cabinet.factories import make_user
from tests.collection.factories import days_of
from tests.collection.intake.factories import CODE, day, make_meter, make_node, make_point

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def point():
    return make_point(CODE)


@pytest.fixture
def token(point) -> str:
    return made(node=point.node)


def made(*, node=None, sender="house-7", at=AT, **more) -> str:
    return tokens.make(name="Дом 7", sender=sender, node=node, at=at, **more)[1]


def pushed(item, token: str | None, *, client: Client | None = None, **more):
    client = client or Client(enforce_csrf_checks=True)
    data = item if isinstance(item, bytes) else json.dumps(item).encode()
    headers = {"authorization": f"Bearer {token}"} if token else {}
    more = {"content_type": "application/json"} | more
    return client.post(reverse("api:intake"), data, headers=headers, **more)


def test_what_is_pushed_is_stored_by_the_time_of_the_answer(point, token):
    answer = pushed([day(), day({"point": "?"})], token)

    assert answer.status_code == 200
    said = answer.json()
    assert (said["changed"], said["problem_count"]) == (48, 1)
    assert said["problems"] == [
        {"place": "[1].intervals[0]", "code": "point-unknown",
         "reason": "Usage point ? is unknown."}
    ]  # fmt: skip
    assert days_of(point)["2026-03-01"] == [1500] * 48
    assert Source.objects.get(sender="house-7").kind == "meter"
    run = ImportRun.objects.get()
    assert (run.by, run.files, run.changed, run.problems) == ("push:house-7", 1, 48, 1)
    assert ImportFile.objects.get().n_problems == 1


def test_pushed_again_nothing_changes_and_an_hour_is_one_run(point, token):
    pushed(day(), token)

    said = pushed(day(), token).json()

    assert (said["changed"], said["unchanged"]) == (0, 48)
    assert ImportRun.objects.count() in (1, 2)  # the hour may end between the two


def test_lines_are_taken_too(point, token):
    data = b"\n".join(json.dumps(day(channel=c)).encode() for c in ("A+", "A-"))

    answer = pushed(data, token, content_type="application/x-ndjson")

    assert answer.json()["changed"] == 96


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer x", "Basic {token}", "Bearer {token}x", "{token}", "Bearer \xe9"],
)
def test_without_a_good_token_nothing_is_read(point, token, header):
    answer = Client().post(
        reverse("api:intake"), json.dumps(day()), content_type="application/json",
        headers={"authorization": header.format(token=token)},
    )  # fmt: skip

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Bearer"
    assert days_of(point) == {}


def test_a_session_is_no_token(point):
    """No other site can have a person's browser send readings: cookies are not looked at."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(
        make_user("admin@example.org", "administrator"),
        backend="allauth.account.auth_backends.AuthenticationBackend",
    )

    assert pushed(day(), None, client=client).status_code == 401


def test_a_token_writes_in_its_own_area_only(point, token):
    there = make_point("THERE", node=make_node("THERE", "Там"))

    foreign = pushed(day({"point": "THERE"}), token)
    absent = pushed(day({"point": "NOBODY"}), token)

    assert foreign.status_code == absent.status_code == 422
    assert foreign.json() == json.loads(absent.content.decode().replace("NOBODY", "THERE"))
    assert days_of(there) == {}
    assert pushed(day({"point": "THERE"}), made(sender="all")).status_code == 200


def test_a_token_ends(point):
    lasting = made(expires_at=datetime(2100, 1, 1, tzinfo=UTC))
    ended = made(expires_at=AT + timedelta(days=1))

    assert pushed(day(), lasting).status_code == 200
    assert pushed(day(), ended).status_code == 401
    (first, _) = AccessToken.objects.order_by("pk")
    assert tokens.revoke(first, at=AT)
    assert not tokens.revoke(first, at=AT)
    assert pushed(day(), lasting).status_code == 401


def test_of_a_token_only_the_digest_is_kept(token):
    row = AccessToken.objects.get()
    kept = " ".join(str(value) for value in vars(row).values())
    trail = " ".join(str(entry.after) for entry in Entry.objects.all())

    assert token not in kept + trail
    assert row.hint == token[:10]
    assert Entry.objects.filter(action="collection.token.made").count() == 1


@pytest.mark.parametrize(("name", "sender"), [("", "a"), ("a", ""), ("a", "Ab"), ("a", "a b")])
def test_a_token_wants_a_name_and_a_sender(name, sender):
    with pytest.raises(ValidationError):
        tokens.make(name=name, sender=sender, node=None, at=AT)


@pytest.mark.parametrize("data", [b" ", b"{", b"[]", b"\x00", b"[" * 100_000])
def test_what_is_no_telemetry(token, data):
    answer = pushed(data, token)

    assert answer.status_code == 400
    assert set(answer.json()["error"]) == {"code", "reason"}


def test_other_kinds_of_content(token):
    assert pushed(b"<message/>", token, content_type="application/xml").status_code == 415


def test_too_much_at_once(token, monkeypatch):
    monkeypatch.setattr(intake, "LARGEST", 100)

    assert pushed(b" " * 101, token).status_code == 413
    assert pushed(b" " * 100, token).status_code == 400


def test_larger_than_a_form_may_be(point, token, settings):
    """Django's own limit of a body is for forms."""
    padding = " " * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)

    assert pushed(json.dumps(day()).encode() + padding.encode(), token).status_code == 200


def test_a_database_out_of_reach_asks_to_come_again(token, monkeypatch):
    def failing(*args, **more):
        raise OperationalError("gone")

    monkeypatch.setattr(intake, "store", failing)
    answer = pushed(day(), token)

    assert (answer.status_code, answer["Retry-After"]) == (503, "30")


@pytest.mark.parametrize("told", ['"\\u0000"', '"\\ud800"', "1e999"])
def test_details_that_no_database_takes_are_a_problem_of_theirs_alone(point, token, told):
    """Else the sender would be asked to send them again, for ever."""
    about = '"at": "2026-02-28T12:00:00+03:00", "journal": 2, "code": 1'
    event = f'{{{about}, "details": {{"a": {told}}}}}'
    data = f'{{"point": "{CODE}", "events": [{event}]}}'.encode()

    answer = pushed(data, token)

    assert answer.status_code == 422
    assert answer.json()["problems"][0]["place"] == "events[0].details"


def test_what_breaks_the_rules_of_the_database_is_not_asked_for_again(point, token, monkeypatch):
    def broken(*args, **more):
        raise DataError("out of range")

    monkeypatch.setattr(intake, "store", broken)

    answer = pushed(day(), token)

    assert answer.status_code == 422
    assert "out of range" not in answer.content.decode()


def test_what_moved_out_of_the_area_is_written_to_inside_only(point, token):
    """At the moment of the move the meter stands in both places, and its number in two more."""
    there = make_point("THERE", node=make_node("THERE", "Там"))
    moved = datetime(2026, 2, 1, tzinfo=UTC)
    meter = make_meter(point, "77")
    metering.remove(installed=meter.complexes.get(), valid_to=moved, at=moved)
    metering.install(usage_point=there, meter=meter, valid_from=moved, at=moved)
    reading = {"at": moved.isoformat(), "values": {"A+": 5}}

    said = pushed({"meter": "77", "registers": [reading]}, token).json()

    assert (said["registers"], said["unassigned"]) == (1, 0)
    assert set(RegisterReading.objects.values_list("usage_point", flat=True)) == {point.pk}
