"""Reports of programs: at once, started, polled, fetched, stopped; clipped to the token."""

from __future__ import annotations

from datetime import date

import pytest

from faza.accounts.models import User
from faza.contracts.models import CustomerMember
from faza.contracts.rules.tokens import Scope
from faza.jobs import worker
from faza.reports.models import Run
from faza.reports.services import MOST_WAITING
from tests.api.v1.asking import ask, token_of, write
from tests.cabinet.factories import fill, make_agreement, make_point, make_user

pytestmark = pytest.mark.django_db
CODE, OTHER, FOREIGN = "500000000000001", "500000000000002", "500000000000003"
MONTH = {"from": "2026-03-01", "to": "2026-04-01"}
ASKED = {"kind": "load-profile", "format": "json"} | MONTH
QUERY = "kind=load-profile&format=json&from=2026-03-01&to=2026-04-01"


@pytest.fixture
def owner() -> User:
    user = make_user("owner@example.org")
    for number, code in enumerate((CODE, OTHER)):
        point = make_point(code, f"Точка {code[-1]}")
        make_agreement(f"Д-{number}", [user], [point])
        fill(point, date(2026, 3, 1), date(2026, 3, 3))
    make_agreement("Д-9", [make_user("other@example.org")], [make_point(FOREIGN, "Чужая")])
    return user


@pytest.fixture
def token(owner) -> str:
    return token_of(owner, scopes=[Scope.REPORTS])


def body_of(answer) -> str:
    return b"".join(answer.streaming_content).decode()


def test_kinds_say_what_they_take(token):
    kinds = {one["kind"]: one for one in ask(token, "report_kinds").json()["items"]}
    assert "csv" in kinds["load-profile"]["formats"]
    assert "80020" not in kinds["load-profile"]["formats"]
    assert "channel" in kinds["load-profile"]["parameters"]


def test_a_short_one_comes_at_once(token):
    answer = ask(token, "report", query=f"{QUERY}&points={CODE}")
    text = body_of(answer)

    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
    assert "attachment" in answer["Content-Disposition"]
    assert answer["RateLimit-Remaining"]
    assert "Точка 1" in text
    assert "Точка 2" not in text


def test_a_long_one_is_to_be_started(token, monkeypatch):
    monkeypatch.setattr("faza.api.v1.reports.MOST_ROWS", 10)
    answer = ask(token, "report", query=QUERY)
    assert (answer.status_code, answer.json()["code"]) == (422, "too-long")


def test_it_is_started_polled_and_fetched(owner, token):
    started = write(token, "start_report", body=ASKED | {"points": [CODE]})
    told = started.json()
    number = str(told["id"])

    assert (started.status_code, started["Retry-After"]) == (202, "2")
    assert started["Location"] == f"/api/v1/reports/{number}"
    assert (told["kind"], told["state"], told["file"]) == ("load-profile", "waiting", None)
    assert ask(token, "run_file", number).status_code == 404
    worker.run_waiting()
    made = ask(token, "run", number).json()
    assert (made["state"], made["file"]) == ("made", f"/api/v1/reports/{number}/file")
    answer = ask(token, "run_file", number)
    text = body_of(answer)
    assert len(text.encode()) == made["size"]
    assert "Точка 1" in text
    assert "Точка 2" not in text
    assert [one["id"] for one in ask(token, "reports").json()["items"]] == [told["id"]]


def test_the_last_day_is_left_out_as_everywhere(token):
    answer = ask(token, "report", query=f"{QUERY}&points={CODE}")
    assert "2026-04-01T00:30" not in body_of(answer)
    write(token, "start_report", body=ASKED)
    assert "to=2026-03-31" in Run.objects.get().query


def test_a_limited_token_has_reports_of_its_points_only(owner):
    limited = token_of(owner, points=[OTHER])
    text = body_of(ask(limited, "report", query=QUERY))
    assert "Точка 2" in text
    assert "Точка 1" not in text
    assert ask(limited, "report", query=f"{QUERY}&points={CODE}").status_code == 404
    number = str(write(limited, "start_report", body=ASKED).json()["id"])
    worker.run_waiting()
    text = body_of(ask(limited, "run_file", number))
    assert "Точка 2" in text
    assert "Точка 1" not in text


@pytest.mark.parametrize("code", [FOREIGN, "500000000000009", "\0"])
def test_points_of_others_are_not_there(token, code):
    assert write(token, "start_report", body=ASKED | {"points": [code]}).status_code == 404
    assert not Run.objects.exists()


def test_a_token_finds_what_it_started_and_nothing_else(owner, token):
    number = str(write(token, "start_report", body=ASKED).json()["id"])
    for other in (token_of(owner), token_of(User.objects.get(email="other@example.org"))):
        assert ask(other, "reports").json()["items"] == []
        for name in ("run", "run_file"):
            assert ask(other, name, number).status_code == 404
        assert write(other, "cancel_run", number).status_code == 404
    assert Run.objects.get().state == Run.State.WAITING


def test_a_file_of_points_that_are_lost_is_lost(owner, token):
    number = str(write(token, "start_report", body=ASKED).json()["id"])
    worker.run_waiting()
    CustomerMember.objects.filter(user=owner).delete()
    assert ask(token, "run_file", number).status_code == 404


def test_it_is_stopped_once_and_what_has_ended_stays(token):
    number = str(write(token, "start_report", body=ASKED).json()["id"])
    for _ in range(2):
        answer = write(token, "cancel_run", number, key=None)
        assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
    worker.run_waiting()
    assert ask(token, "run", number).json()["state"] == "cancelled"


def test_only_so_many_are_made_at_a_time(token):
    for _ in range(MOST_WAITING):
        assert write(token, "start_report", body=ASKED).status_code == 202
    answer = write(token, "start_report", body=ASKED)
    assert (answer.status_code, answer.json()["code"]) == (409, "too-many")
    assert Run.objects.count() == MOST_WAITING


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"kind": "nothing"}, "kind"),
        ({"kind": None}, "kind"),
        ({"format": "80020"}, "format"),
        ({"format": "exe"}, "format"),
        ({"from": "2026-04-01"}, "to"),
        ({"to": None}, "to"),
        ({"from": "1980-01-01"}, "from"),
        ({"channel": "ZZ"}, "channel"),
        ({"resolution": "second"}, "resolution"),
        ({"digits": 7}, "digits"),
        ({"interval": 17}, "interval"),
        ({"points": "x"}, "points"),
        ({"unknown": 1}, "unknown"),
    ],
)
def test_what_does_not_fit_is_named(token, changed, field):
    answer = write(token, "start_report", body=ASKED | changed)
    assert answer.status_code == 422
    assert field in [one["field"] for one in answer.json()["errors"]]
    assert not Run.objects.exists()
