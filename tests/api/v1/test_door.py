"""Who is let in: a program's header, a device's cookie beside its own header, and nobody else."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from faza.accounts.models import User
from faza.api.v1.comparison import before, year_before
from faza.contracts.models import Token, TokenUse
from faza.contracts.rules import tokens as rules
from faza.contracts.rules.tokens import Kind, Scope
from faza.notifications.models import Notice
from tests.api.v1.asking import ask, token_of, write
from tests.cabinet.factories import fill, make_agreement, make_point, make_user

pytestmark = pytest.mark.django_db
CODE = "500000000000001"


@pytest.fixture
def owner() -> User:
    user = make_user("owner@example.org", name="Иванова Анна")
    point = make_point(CODE, "Дом")
    make_agreement("Д-1", [user], [point])
    fill(point, date(2026, 2, 1), date(2026, 3, 4))
    return user


def made(user: User, kind: Kind = Kind.DEVICE, **more) -> str:
    """The text of a token of a kind."""
    at, text = timezone.now(), rules.fresh(kind)
    Token.objects.create(
        user=user, kind=kind.value, name="Телефон", digest=rules.digest(text), hint=text[:10],
        scopes=[scope.value for scope in Scope], made_at=at, expires_at=at + timedelta(days=30),
        **more,
    )  # fmt: skip
    return text


def with_cookie(text: str, **headers: str):
    client = Client(enforce_csrf_checks=True)
    client.cookies["faza_device"] = text
    return client.get(reverse("api:v1:me"), headers=headers)


def test_a_device_comes_by_its_cookie_beside_the_header(owner):
    text = made(owner)
    answer = with_cookie(text, **{"x-faza-app": "1"})

    assert (answer.status_code, answer.json()["kind"]) == (200, "device")
    assert "Cookie" in answer["Vary"]
    for headers in ({}, {"x-faza-app": ""}, {"x-faza-app": "0"}, {"X-Requested-With": "x"}):
        assert with_cookie(text, **headers).status_code == 401


def test_the_cookie_is_for_devices_only(owner):
    for kind in set(Kind) - {Kind.DEVICE}:
        assert with_cookie(made(owner, kind), **{"x-faza-app": "1"}).status_code == 401
    assert with_cookie(token_of(owner), **{"x-faza-app": "1"}).status_code == 401


def test_a_header_that_fails_is_not_helped_by_the_cookie(owner):
    headers = {"x-faza-app": "1", "authorization": "Bearer fzp_guess"}
    assert with_cookie(made(owner), **headers).status_code == 401


def test_a_device_writes_by_its_cookie_and_a_foreign_page_cannot(owner):
    client = Client(enforce_csrf_checks=True)
    client.cookies["faza_device"] = made(owner)
    at = timezone.now()
    notice = Notice.objects.create(
        user=owner, key="n", kind="x", topic="events", happened_at=at, created_at=at
    )
    address, body = reverse("api:v1:read_notices"), f'{{"ids": [{notice.pk}]}}'
    foreign = client.put(address, body, content_type="text/plain")
    assert foreign.status_code == 401
    answer = client.put(address, body, content_type="application/json", headers={"x-faza-app": "1"})
    assert answer.json() == {"read": 1}


def test_no_other_site_is_let_read_answers(owner):
    """No CORS: a preflight is answered by no Access-Control-Allow-Origin."""
    client = Client()
    headers = {"origin": "https://evil.example", "access-control-request-headers": "x-faza-app"}
    for method in (client.options, client.get):
        answer = method(reverse("api:v1:me"), headers=headers)
        assert not [name for name in answer.headers if name.lower().startswith("access-control")]


def test_me_tells_the_own_programs_who_and_others_what(owner):
    told = ask(token_of(owner, scopes=[Scope.POINTS]), "me").json()
    assert (told["name"], told["token"]) == ("Иванова Анна", "Домашний сервер")
    assert (told["scopes"], told["usage_points"], told["unread"]) == (["points"], 1, None)
    for kind in (Kind.SHARE, Kind.APPLICATION):
        told = ask(made(owner, kind), "me").json()
        assert (told["name"], told["token"], told["kind"]) == (None, None, kind.value)


def test_what_was_asked_is_noted_by_the_name_of_the_operation(owner):
    token = token_of(owner)
    asked = {"kind": "readings", "format": "csv"}
    write(token, "start_report", body=asked)
    write(token, "cancel_run", "1")
    ask(token, "reports")
    assert set(TokenUse.objects.values_list("operation", flat=True)) == {
        *("start_report", "cancel_run", "reports"),
    }


def test_methods_that_an_address_does_not_take_are_told_those_that_it_takes(client, owner):
    for name, args, allowed in (
        ("usage_points", (), {"GET"}),
        ("reports", (), {"GET", "POST"}),
        ("run", (1,), {"GET", "DELETE"}),
        ("read_notices", (), {"PUT"}),
        ("send_photo", (), {"POST"}),
    ):
        answer = client.patch(reverse(f"api:v1:{name}", args=args))
        assert answer.status_code == 405
        assert set(answer["Allow"].split(", ")) == allowed


def test_a_coarse_token_learns_nothing_finer(owner):
    day, month = (made(owner, Kind.SHARE, resolution=one) for one in ("day", "month"))
    span = "from=2026-02-01&to=2026-03-01"
    for token in (day, month):
        for name in ("profile", "registers", "network", "forecast", "comparison"):
            query = span if name in ("profile", "registers", "comparison") else ""
            answer = ask(token, name, CODE, query=query)
            assert (answer.status_code, answer.json()["code"]) == (403, "resolution-finer"), name
    for token, query, status in (
        (day, f"{span}&by=day", 200),
        (day, f"{span}&by=month", 200),
        (day, f"{span}&by=hour", 403),
        (month, f"{span}&by=month", 200),
        (month, f"{span}&by=day", 403),
        (month, "from=2026-02-02&to=2026-03-01&by=month", 403),
        (month, "from=2026-02-01&to=2026-02-28&by=month", 403),
        (month, f"{span}&by=month&as_of=2026-02-05T00:00:00%2B03:00", 403),
    ):
        assert ask(token, "consumption", CODE, query=query).status_code == status, query


class TestComparison:
    @pytest.mark.parametrize(
        ("first", "end", "expected"),
        [
            ("2026-10-01", "2026-10-20", ("2026-09-01", "2026-09-20")),
            ("2026-10-01", "2026-11-01", ("2026-09-01", "2026-10-01")),
            ("2026-03-01", "2026-04-01", ("2026-02-01", "2026-03-01")),
            ("2026-03-30", "2026-04-01", ("2026-02-28", "2026-03-01")),
            ("2026-01-05", "2026-01-06", ("2025-12-05", "2025-12-06")),
            ("2026-09-20", "2026-10-10", ("2026-08-31", "2026-09-20")),
        ],
    )
    def test_the_days_alike_before(self, first, end, expected):
        told = before(date.fromisoformat(first), date.fromisoformat(end))
        assert told == tuple(date.fromisoformat(one) for one in expected)

    def test_a_leap_day_has_one_a_year_ago(self):
        assert year_before(date(2024, 2, 29)) == date(2023, 2, 28)

    def test_sums_stand_beside_each_other_with_how_complete_they_are(self, owner):
        query = "from=2026-03-01&to=2026-03-05"
        told = ask(token_of(owner), "comparison", CODE, query=query).json()
        (channel,) = told["channels"]
        asked, earlier, year = channel["sums"]

        assert [one["name"] for one in told["stretches"]] == ["asked", "before", "year_before"]
        assert (asked["total"], asked["completeness"]) == (pytest.approx(14.4), 0.75)
        assert (earlier["total"], earlier["completeness"]) == (pytest.approx(19.2), 1.0)
        assert (year["total"], year["present"]) == (None, 0)

    def test_without_days_it_is_the_month_so_far(self, owner):
        told = ask(token_of(owner), "comparison", CODE).json()["stretches"][0]
        today = datetime.now(ZoneInfo("Europe/Moscow")).date()
        last = today - timedelta(days=1)
        assert told["to"] in (today.isoformat(), last.isoformat())  # midnight may pass meanwhile
        assert told["from"].endswith("-01")
