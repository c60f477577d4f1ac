"""What the operations answer: values, completeness, pages, moments, problems, ETag."""

import base64
import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest
from django.utils import timezone

from faza.accounts.models import User
from faza.core.quality import Quality
from faza.core.reading_types import R_PLUS
from faza.notifications.models import Notice
from faza.readings.models import RegisterReading
from tests.api.v1.asking import ask, token_of
from tests.cabinet.factories import (
    deliver,
    fill,
    make_agreement,
    make_meter,
    make_point,
    make_user,
)

pytestmark = pytest.mark.django_db
CODE = "500000000000001"
DAY = "from=2026-03-01&to=2026-03-02"


@pytest.fixture
def owner() -> User:
    user = make_user("owner@example.org")
    make_agreement("Д-1", [user], [make_point(CODE, "Дом")])
    return user


@pytest.fixture
def point(owner):
    from faza.metering.models import UsagePoint

    return UsagePoint.objects.get(code=CODE)


@pytest.fixture
def token(owner) -> str:
    return token_of(owner)


def profile(token, query):
    return ask(token, "profile", CODE, query=query).json()


class TestProfile:
    def test_values_are_exact_and_missing_is_null(self, point, token):
        start = datetime(2026, 2, 28, 21, tzinfo=UTC)
        quality = np.zeros(48, np.uint8)
        quality[2], quality[3] = Quality.MISSING, Quality.ESTIMATED_BY_DAY
        deliver(point, start, np.arange(48) * 1001 + 7, quality=quality)
        answer = ask(token, "profile", CODE, query=DAY)
        (channel,) = json.loads(answer.content, parse_float=Decimal)["channels"]
        (run,) = channel["runs"]

        assert (run["start"], run["minutes"]) == ("2026-03-01T00:00:00+03:00", 30)
        assert run["values"][:4] == [Decimal("0.007"), Decimal("1.008"), None, Decimal("3.01")]
        assert run["quality"][:4] == [0, 0, None, Quality.ESTIMATED_BY_DAY]
        assert (channel["expected"], channel["present"], channel["estimated"]) == (48, 47, 1)
        assert channel["completeness"] == Decimal("0.9791")
        assert channel["total"] == Decimal(sum(i * 1001 + 7 for i in range(48) if i != 2)) / 1000

    def test_what_is_not_there_is_null_in_full_length(self, point, token):
        (channel,) = profile(token, DAY)["channels"]
        assert channel["runs"][0]["values"] == [None] * 48
        assert (channel["total"], channel["completeness"], channel["estimated_share"]) == (
            None,
            0.0,
            None,
        )

    def test_pages_follow_each_other_without_a_gap(self, point, token):
        fill(point, date(2026, 1, 1), date(2026, 4, 1))
        query, starts, values = "from=2026-01-01&to=2026-04-01&days=31", [], []
        page = profile(token, query)
        while True:
            starts.append(page["from"])
            values += page["channels"][0]["runs"][0]["values"]
            if page["next"] is None:
                break
            page = profile(token, f"{query}&cursor={page['next']}")

        assert starts == ["2026-01-01", "2026-02-01", "2026-03-04"]
        assert values == [0.1] * 90 * 48

    def test_channels_are_chosen_and_a_plus_need_not_be_escaped(self, point, token):
        fill(point, date(2026, 3, 1), date(2026, 3, 2), kind=R_PLUS)
        told = profile(token, f"{DAY}&channels=R%2B,A+")["channels"]
        assert [(one["channel"], one["unit"], one["present"]) for one in told] == [
            ("A+", "kWh", 0),
            ("R+", "kvarh", 48),
        ]

    def test_as_of_tells_what_was_known_then(self, point, token):
        fill(point, date(2026, 3, 1), date(2026, 3, 2))  # arrives when the day is over
        told = [
            profile(token, f"{DAY}&as_of={moment}T00:00:00%2B03:00")
            for moment in ("2026-03-01", "2026-03-03")
        ]

        assert [one["channels"][0]["present"] for one in told] == [0, 48]
        assert told[0]["as_of"] == "2026-03-01T00:00:00+03:00"
        assert profile(token, DAY)["as_of"] is None

    def test_the_day_of_changing_clocks_has_its_own_hours(self, owner):
        berlin = make_point("500000000000009", zone="Europe/Berlin")
        make_agreement("Д-9", [owner], [berlin])
        fill(berlin, date(2026, 3, 29), date(2026, 3, 30))
        query = "from=2026-03-29&to=2026-03-30"
        token = token_of(owner)
        (channel,) = ask(token, "profile", berlin.code, query=query).json()["channels"]
        by_hour = ask(token, "consumption", berlin.code, query=f"{query}&by=hour").json()

        assert len(channel["runs"][0]["values"]) == 46
        assert len(by_hour["starts"]) == 23
        assert by_hour["starts"][1:3] == ["2026-03-29T01:00:00+01:00", "2026-03-29T03:00:00+02:00"]


class TestConsumption:
    @pytest.mark.parametrize(
        ("by", "values"), [("hour", [0.2] * 48), ("day", [4.8, 4.8]), ("month", [9.6])]
    )
    def test_sums(self, point, token, by, values):
        fill(point, date(2026, 3, 1), date(2026, 3, 3))
        query = f"from=2026-03-01&to=2026-03-03&by={by}"
        told = ask(token, "consumption", CODE, query=query).json()
        (channel,) = told["channels"]

        assert channel["values"] == values
        assert len(told["starts"]) == len(values)
        assert (channel["expected"], channel["completeness"]) == (96, 1.0)
        assert set(channel["peak"]) == {0.1}

    def test_a_day_without_values_is_null(self, point, token):
        fill(point, date(2026, 3, 1), date(2026, 3, 2))
        query = "from=2026-03-01&to=2026-03-03"
        (channel,) = ask(token, "consumption", CODE, query=query).json()["channels"]
        assert (channel["values"], channel["peak"]) == ([4.8, None], [0.1, None])
        assert channel["present_each"] == [48, 0]

    def test_outside_of_the_windows_there_are_no_columns_to_fill(self, owner):
        late = make_point("500000000000008")
        start = datetime(2026, 6, 1, tzinfo=UTC)
        make_agreement("Д-8", [owner], [late], start=start)
        told = ask(token_of(owner), "consumption", late.code, query=DAY).json()
        assert told["starts"] == []
        assert told["channels"][0]["expected"] == 0


def test_registers_are_told_in_columns(point, token):
    from tests.readings.meters import read

    meter = make_meter(point, "M-1")
    month = datetime(2026, 2, 28, 21, tzinfo=UTC)
    for moment, shown in ((month, 1_000_500), (month + timedelta(days=31), 1_100_000)):
        read(point, meter, moment, {0: shown}, kind=RegisterReading.Kind.MONTH)
    told = ask(token, "registers", CODE, query="from=2026-03-01&to=2026-04-01").json()
    (register,) = told["registers"]

    assert (register["meter"], register["channel"], register["tariff"]) == ("M-1", "A+", 0)
    assert register["values"] == [1000.5, 1100.0]
    assert register["at"] == ["2026-03-01T00:00:00+03:00", "2026-04-01T00:00:00+03:00"]
    assert register["kind"] == ["month", "month"]


def test_lists_are_paged_by_a_cursor(owner, token):
    for number in range(4):
        make_agreement(f"Д-2{number}", [owner], [make_point(f"60000000000000{number}")])
    found, query = [], "limit=2"
    for _ in range(5):
        page = ask(token, "usage_points", query=query).json()
        found += [one["code"] for one in page["items"]]
        if page["next"] is None:
            break
        query = f"limit=2&cursor={page['next']}"

    assert found == [CODE, *(f"60000000000000{number}" for number in range(4))]


def test_notices_are_paged_and_filtered(owner, token):
    at = timezone.now()
    for number in range(3):
        Notice.objects.create(
            user=owner, key=f"k{number}", kind="x", topic="events", happened_at=at,
            created_at=at + timedelta(seconds=number), read_at=at if number else None,
        )  # fmt: skip
    first = ask(token, "notices", query="limit=2").json()
    rest = ask(token, "notices", query=f"limit=2&cursor={first['next']}").json()
    unread = ask(token, "notices", query="unread=true").json()["items"]

    assert [len(first["items"]), len(rest["items"]), rest["next"]] == [2, 1, None]
    assert [one["is_read"] for one in unread] == [False]


class TestProblems:
    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ("", "from"),
            ("from=2026-03-01", "to"),
            ("from=2026-03-01&to=2026-03-01", "to"),
            ("from=2026-03-02&to=2026-03-01", "to"),
            ("from=1999-12-31&to=2026-03-01", "from"),
            ("from=2026-03-01&to=9999-12-31", "to"),
            ("from=0&to=2026-03-01", "from"),
            ("from=2026-02-30&to=2026-03-01", "from"),
            ("from=٢٠٢٦-03-01&to=2026-03-01", "from"),
            (f"{DAY}&days=0", "days"),
            (f"{DAY}&days=101", "days"),
            (f"{DAY}&days=x", "days"),
            (f"{DAY}&channels=B%2B", "channels"),
            (f"{DAY}&channels=%27", "channels"),
            (f"{DAY}&as_of=2026-03-01T00:00:00", "as_of"),
            (f"{DAY}&as_of=0001-01-01T00:00:00%2B14:00", "as_of"),
            (f"{DAY}&as_of=9999-12-31T23:59:59-14:00", "as_of"),
            (f"{DAY}&cursor=x", "cursor"),
            (f"{DAY}&chanels=A%2B", "chanels"),
            (f"{DAY}&cursor=WzEsMV0", "cursor"),
            (f"{DAY}&cursor=é", "cursor"),
        ],
    )
    def test_a_question_that_does_not_fit_is_named(self, token, query, field):
        answer = ask(token, "profile", CODE, query=query)
        told = answer.json()

        assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")
        assert (told["code"], told["status"]) == ("invalid", 422)
        assert told["type"] == "urn:faza:problem:invalid"
        assert field in [one["field"] for one in told["errors"]]
        assert all(one["reason"] for one in told["errors"])

    @pytest.mark.parametrize("place", [-1, 2**60, 1.5, True, "1", None, [[]] * 9])
    def test_a_forged_cursor_is_refused(self, token, place):
        cursor = base64.urlsafe_b64encode(json.dumps([1, place]).encode()).decode().rstrip("=")
        assert ask(token, "usage_points", query=f"cursor={cursor}").status_code == 422

    def test_words_are_in_the_language_that_is_asked_for(self, token):
        for language, title in (("ru", "Такого здесь нет"), ("en", "There is no such thing")):
            headers = {"accept-language": language}
            answer = ask(token, "usage_point", "nothing", **headers)
            assert answer.json()["title"] == title
            assert answer["Content-Language"] == language

    def test_an_address_that_is_none_and_a_method_that_is_none(self, client, token):
        nothing = client.get("/api/v1/nothing/at/all")
        assert (nothing.status_code, nothing.json()["code"]) == (404, "not-found")
        for method in ("post", "put", "delete", "patch"):
            answer = getattr(client, method)("/api/v1/usage-points")
            assert (answer.status_code, answer["Allow"]) == (405, "GET")
            assert answer.json()["code"] == "method-not-allowed"

    def test_what_is_broken_is_told_without_its_insides(self, token, monkeypatch):
        def broken(*args, **named):
            raise RuntimeError("secret")

        monkeypatch.setattr("faza.api.v1.profiles.queries.profiles", broken)
        answer = ask(token, "profile", CODE, query=DAY)
        assert (answer.status_code, answer.json()["code"]) == (500, "broken")
        assert "secret" not in answer.content.decode()


class TestTags:
    def test_what_is_kept_is_not_sent_again(self, point, token):
        fill(point, date(2026, 3, 1), date(2026, 3, 2))
        first = ask(token, "profile", CODE, query=DAY)
        for known in (first["ETag"], f'"x", W/{first["ETag"]}', "*"):
            again = ask(token, "profile", CODE, query=DAY, **{"if-none-match": known})
            assert (again.status_code, again.content) == (304, b"")
            assert again["ETag"] == first["ETag"]
            assert again["RateLimit-Remaining"]

        deliver(point, datetime(2026, 2, 28, 21, tzinfo=UTC), np.full(48, 200), number=2)
        other = ask(token, "profile", CODE, query=DAY, **{"if-none-match": first["ETag"]})
        assert other.status_code == 200
        assert other["ETag"] != first["ETag"]

    def test_nobody_else_keeps_an_answer(self, token):
        answer = ask(token, "usage_points")
        assert answer["Cache-Control"] == "private, no-cache"
        assert "Authorization" in answer["Vary"]
