"""Readings sent by a program: what is due, doubts, lateness, photos, what became of them."""

from __future__ import annotations

import io
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from faza.accounts.models import User
from faza.contracts.models import AgreementPoint
from faza.contracts.rules.tokens import Scope
from faza.manual_entry import programs
from faza.manual_entry.models import Entry, EntryRule, Photo
from faza.manual_entry.rules.moves import State
from faza.metering.models import UsagePoint
from tests.api.v1.asking import ask, token_of, write
from tests.cabinet.factories import make_agreement, make_point, make_user
from tests.manual_entry.pictures import face, packed
from tests.readings.meters import make_meter, put_in, read

pytestmark = pytest.mark.django_db
CODE, OTHER = "500000000000001", "500000000000002"
KEY = "0123456789abcdef0123"
MONTH = timedelta(days=30)
LAST = 3_000_000
"""Wh of the register three months after it began, a thousand kWh each."""


@pytest.fixture
def owner() -> User:
    """Has a flat whose meter was read each month up to an hour ago; entry is open all month."""
    user = make_user("owner@example.org")
    point = make_point(CODE, "Дом")
    make_agreement("Д-1", [user], [point])
    meter = make_meter("100")
    put_in(point, meter)
    at = timezone.now().replace(microsecond=0)
    for number in range(6):
        read(point, meter, at - (6 - number) * MONTH, LAST - (6 - number) * 500_000)
    EntryRule.objects.create(made_at=at, first_day=1, last_day=31, silent_days=None)
    return user


@pytest.fixture
def token(owner) -> str:
    return token_of(owner, scopes=[Scope.ENTRY])


def body(value: float, **more) -> dict:
    return {"registers": [{"channel": "A+", "tariff": 0, "value": value}]} | more


def send(token: str, value: float, code: str = CODE, key: str = "", **more):
    return write(token, "send_entry", code, body=body(value, **more), key=key)


class TestDue:
    def test_what_is_to_be_read_and_how_it_stood(self, token):
        (told,) = ask(token, "entry").json()["items"]
        (dial,) = told["registers"]

        assert (told["usage_point"], told["meter"], told["is_open"]) == (CODE, "100", True)
        assert (told["why"], told["is_wanted"], told["waiting"]) == ("window", True, None)
        assert (dial["channel"], dial["tariff"], dial["unit"]) == ("A+", 0, "kWh")
        assert dial["last"] == 2500.0
        assert dial["usual"]["low"] < 500 < dial["usual"]["high"]

    def test_where_it_is_closed_it_is_told_why(self, token):
        EntryRule.objects.update(is_allowed=False)
        (told,) = ask(token, "entry").json()["items"]
        assert (told["is_open"], told["why"]) == (False, "not_allowed")
        answer = send(token, 3000)
        assert (answer.status_code, answer.json()["code"]) == (422, "closed")
        assert answer.json()["why"] == "not_allowed"

    def test_points_of_others_and_former_ones_are_not_there(self, owner, token):
        make_agreement("Д-2", [make_user("other@example.org")], [make_point(OTHER)])
        for code in (OTHER, "500000000000009"):
            assert ask(token, "entry", query=f"usage_point={code}").status_code == 404
            assert send(token, 3000, code).status_code == 404
        AgreementPoint.objects.filter(usage_point__code=CODE).update(
            valid_to=timezone.now() - timedelta(days=1)
        )
        assert ask(token, "entry").json()["items"] == []
        assert send(token, 3000).status_code == 404

    def test_a_limited_token_types_at_its_points_only(self, owner):
        make_agreement("Д-2", [owner], [make_point(OTHER)])
        limited = token_of(owner, points=[OTHER])
        assert [one["usage_point"] for one in ask(limited, "entry").json()["items"]] == [OTHER]
        assert send(limited, 3000).status_code == 404


class TestSending:
    def test_a_usual_reading_waits_for_the_desk(self, owner, token):
        answer = send(token, 3000.25)
        told = answer.json()
        entry = Entry.objects.get()

        assert answer.status_code == 201
        assert answer["Location"] == f"/api/v1/entry/sent/{entry.pk}"
        assert (entry.shown, entry.way, entry.sent_by) == ({"0": 3_000_250}, "program", owner)
        assert (told["id"], told["state"], told["registers"][0]["value"]) == (
            entry.pk,
            "sent",
            3000.25,
        )
        assert ask(token, "sent_entry", str(entry.pk)).json() == told
        assert ask(token, "sent_entries").json()["items"] == [told]
        assert ask(token, "entry").json()["items"][0]["waiting"] == entry.pk

    def test_twice_by_a_key_is_once_also_after_the_answer_was_lost(self, token):
        from faza.api.models import KeptAnswer

        first = send(token, 3000, key=KEY)
        KeptAnswer.objects.all().delete()
        again = send(token, 3000, key=KEY)

        assert first.json()["id"] == again.json()["id"]
        assert Entry.objects.count() == 1

    def test_what_is_doubtful_is_asked_about_and_confirmed_by_its_mark(self, token):
        asked = send(token, 9000, key=KEY)
        told = asked.json()
        (doubt,) = told["doubts"]

        assert (asked.status_code, told["code"]) == (422, "doubtful")
        assert (doubt["doubts"], doubt["counted"]) == (["much"], 6500.0)
        assert not Entry.objects.exists()
        other = send(token, 9001, confirm=told["confirm"])
        assert other.json()["code"] == "doubtful"  # other values than those that were asked about
        sure = send(token, 9000, key=KEY, confirm=told["confirm"])
        assert sure.status_code == 201
        assert sure.json()["registers"][0]["doubts"] == ["much"]

    @pytest.mark.parametrize(
        ("sent", "field"),
        [
            ([{"channel": "A+", "tariff": 0, "value": 1.2345}], "registers.A+.0"),
            ([{"channel": "A+", "tariff": 0, "value": 10_000_000}], "registers.A+.0"),
            ([{"channel": "R+", "tariff": 0, "value": 1}], "registers.R+.0"),
            ([{"channel": "UA", "tariff": 0, "value": 1}], "registers.UA.0"),
            ([{"channel": "A+", "tariff": 0, "value": 3000}] * 2, "registers.A+.0"),
            ([{"channel": "A+", "tariff": 0, "value": -1}], "value"),
            ([{"channel": "A+", "tariff": 0, "value": "NaN"}], "value"),
            ([{"channel": "A+", "tariff": 99, "value": 1}], "tariff"),
            ([{"channel": "A+", "value": "three"}], "value"),
            ([{"channel": "A+"}], "value"),
            ([], "registers"),
            (None, "registers"),
        ],
    )
    def test_what_the_meter_cannot_show_is_named(self, token, sent, field):
        answer = write(token, "send_entry", CODE, body={"registers": sent})
        assert answer.status_code == 422
        assert field in [one["field"] for one in answer.json()["errors"]]
        assert not Entry.objects.exists()

    @pytest.mark.parametrize("text", ["", "{", "[1, 2]", '"x"', "\xff", "null"])
    def test_what_is_no_question_is_a_problem(self, token, text):
        answer = write(token, "send_entry", CODE, body=text)
        assert answer.status_code in (400, 422)
        assert answer["Content-Type"] == "application/problem+json"

    def test_a_photo_is_wanted_where_the_rule_says_so(self, owner, token):
        EntryRule.objects.update(wants_photo=True)
        assert send(token, 3000).json()["code"] == "photo-wanted"
        name = photo(token).json()["photo"]
        answer = send(token, 3000, photo=name)

        assert answer.status_code == 201
        assert answer.json()["has_photo"] is True
        assert Photo.objects.get().entry_id == answer.json()["id"]
        assert send(token, 3001, photo=name).json()["errors"][0]["field"] == "photo"


class TestLate:
    def test_what_was_read_out_of_reach_counts_for_its_moment(self, token):
        read_at = (timezone.now() - timedelta(hours=20)).replace(microsecond=0)
        answer = send(token, 3000, read_at=read_at.isoformat())

        assert answer.status_code == 201
        assert Entry.objects.get().of_at == read_at

    @pytest.mark.parametrize("ago", [programs.LATE + timedelta(hours=1), timedelta(minutes=-30)])
    def test_not_of_any_moment(self, token, ago):
        answer = send(token, 3000, read_at=(timezone.now() - ago).isoformat())
        assert answer.json()["errors"][0]["field"] == "read_at"

    def test_nor_of_the_time_of_somebody_before(self, token):
        AgreementPoint.objects.update(valid_from=timezone.now() - timedelta(hours=5))
        late = (timezone.now() - timedelta(hours=20)).isoformat()
        assert send(token, 3000, read_at=late).json()["errors"][0]["field"] == "read_at"

    def test_a_clock_that_is_fast_is_now(self, token):
        before = timezone.now().replace(microsecond=0)
        answer = send(token, 3000, read_at=(before + timedelta(minutes=2)).isoformat())
        assert answer.status_code == 201
        assert before <= Entry.objects.get().of_at <= timezone.now()

    def test_an_earlier_one_does_not_replace_a_later_one(self, token):
        send(token, 3000)
        late = (timezone.now() - timedelta(hours=20)).isoformat()
        answer = send(token, 2990, read_at=late)

        assert (answer.status_code, answer.json()["code"]) == (409, "superseded")
        assert Entry.objects.get().state == State.SENT


def photo(token: str, data: bytes | None = None, key: str = ""):
    file = io.BytesIO(packed(face(64, 48)) if data is None else data)
    file.name = "face.jpg"
    return write(token, "send_photo", form={"photo": file}, key=key)


class TestPhotos:
    def test_it_is_kept_until_its_reading_comes(self, owner, token):
        answer = photo(token)
        told = answer.json()
        held = Photo.objects.get()

        assert answer.status_code == 201
        assert (told["photo"], told["size"], held.kept_by) == (held.name, held.size, owner)
        assert datetime.fromisoformat(told["kept_until"]) > timezone.now()

    def test_the_same_file_by_the_same_key_is_one_whatever_its_boundary(self, token):
        data = packed(face(64, 48))
        first, again = photo(token, data, KEY), photo(token, data, KEY)
        assert first.json() == again.json()
        assert Photo.objects.count() == 1
        assert photo(token, packed(face(32, 48)), KEY).json()["code"] == "key-used"

    @pytest.mark.parametrize("data", [b"", b"GIF89a", b"\x89PNG\r\n\x1a\n", b"%PDF-1.7"])
    def test_what_is_no_photo_is_told(self, token, data):
        answer = photo(token, data)
        assert (answer.status_code, answer.json()["code"]) == (422, "bad-photo")
        assert answer.json()["detail"]

    def test_anothers_photo_is_none(self, token):
        other = make_user("other@example.org")
        make_agreement("Д-2", [other], [make_point(OTHER)])
        name = photo(token_of(other)).json()["photo"]
        assert send(token, 3000, photo=name).json()["errors"][0]["field"] == "photo"

    def test_a_form_without_one_is_named(self, token):
        answer = write(token, "send_photo", form={"other": "x"})
        assert answer.json()["errors"][0]["field"] == "photo"


def test_what_others_sent_is_not_there(owner, token):
    send(token, 3000)
    entry = Entry.objects.get()
    other = token_of(make_user("other@example.org"))
    assert ask(other, "sent_entry", str(entry.pk)).status_code == 404
    assert ask(other, "sent_entries").json()["items"] == []
    for number in ("0", "-1", str(2**63), "99999999"):
        assert ask(token, "sent_entry", number).status_code == 404


def test_sent_ones_are_paged(owner, token):
    for number in range(3):
        send(token, 3000 + number)
    first = ask(token, "sent_entries", query="limit=2").json()
    rest = ask(token, "sent_entries", query=f"limit=2&cursor={first['next']}").json()
    assert [len(first["items"]), len(rest["items"]), rest["next"]] == [2, 1, None]
    assert UsagePoint.objects.get().code == first["items"][0]["usage_point"]
