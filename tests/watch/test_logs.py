"""The log: ids of requests, one form or another, and nothing of people."""

import json
import logging
import re
import sys

import pytest
from django.contrib.auth.tokens import default_token_generator
from django.db import OperationalError
from django.utils import translation

from faza.core.logs import Json, Line, begin, cleaned, ids, within
from tests.doors.walk import DOORS, Walk, drain
from tests.doors.world import MARKS, make_world

ID = "0123456789abcdef"


@pytest.fixture
def lines():
    """What a handler with our form writes while the test runs: all of it, at the level DEBUG."""
    found: list[str] = []

    class Keeper(logging.Handler):
        def emit(self, record):
            found.append(self.format(record))

    keeper = Keeper()
    keeper.setFormatter(Line())
    root = logging.getLogger()
    level = root.level
    root.addHandler(keeper)
    root.setLevel(logging.INFO)
    yield found
    root.removeHandler(keeper)
    root.setLevel(level)


class TestIds:
    def test_each_answer_has_one_and_records_carry_it(self, client, db, lines):
        one, two = client.get("/no/such"), client.get("/no/such")
        told = [answer.headers["X-Request-ID"] for answer in (one, two)]
        assert len(set(told)) == 2
        assert all(re.fullmatch("[0-9a-f]{32}", each) for each in told)
        found = [line for line in lines if "Not Found: /no/such" in line]
        assert [f"[request={each}]" in line for each, line in zip(told, found, strict=True)] == [
            True,
            True,
        ]
        assert ids() == {}

    def test_a_stranger_s_is_not_taken(self, client):
        answer = client.get("/health/live", headers={"X-Request-ID": ID})
        assert answer.headers["X-Request-ID"] != ID

    def test_a_trusted_proxy_s_is_taken_if_it_has_the_form(self, client, settings):
        settings.PROXIES = 1
        assert client.get("/health/live", headers={"X-Request-ID": ID}).headers[
            "X-Request-ID"
        ] == ID  # fmt: skip
        for forged in ("short", "a" * 65, "id\u00e9abcdefgh", "one two three", 'a"b{c}defgh'):
            answer = client.get("/health/live", headers={"X-Request-ID": forged})
            assert answer.headers["X-Request-ID"] != forged

    def test_of_a_job_inside_of_a_request(self):
        begin(request="r")
        with within(job=7):
            assert ids() == {"request": "r", "job": "7"}
        assert ids() == {"request": "r"}
        begin()
        assert ids() == {}


def record(words: str, *, fault: bool = False) -> logging.LogRecord:
    info = None
    if fault:
        try:
            raise ValueError("ivanov@example.org")
        except ValueError:
            info = sys.exc_info()
    return logging.LogRecord("faza.x", logging.ERROR, "f.py", 1, words, (), info)


class TestForm:
    def test_a_line(self):
        with within(session="5-a"):
            told = Line().format(record("it fell"))
        assert re.fullmatch(r"\S+ \S+ ERROR faza\.x \[session=5-a\]: it fell", told)

    def test_json_is_one_line_with_its_trace(self):
        with within(request="abc"):
            told = Json().format(record("упал\nдважды", fault=True))
        assert "\n" not in told
        found = json.loads(told)
        assert found["message"] == "упал\nдважды"
        assert found["request"] == "abc"
        assert "ValueError: (e-mail)" in found["trace"]
        assert found.keys() == {
            "time", "level", "logger", "message", "process", "request", "trace",
        }  # fmt: skip

    @pytest.mark.parametrize(
        ("words", "shown"),
        [
            ("mail to ivanov.p@example.org failed", "mail to (e-mail) failed"),
            ("Not Found: /s/Zk3abcDEF0123456789xyz/", "Not Found: /s/…/"),
            ("/accounts/password/reset/key/2-cq1x3o-5e3f7a0b1c2d3e/", None),
            ('DETAIL:  Key (full_name)=(Иванов Пётр) already exists.',
             'DETAIL:  Key (full_name)=(…) already exists.'),
            ("Failing row contains (1, Иванов).", "Failing row contains (…)"),
            ("Authorization: Bearer abc.def", "Authorization: Bearer …"),
            ("mqtt://user:pass@broker.example:1883", "mqtt://…@broker.example:1883"),
            ("line modem-7 of 10.1.2.3:4059", "line modem-7 of 10.1.2.3:4059"),
            ("/opt/faza/faza/collection/polling/calendars2.py", None),
        ],
    )  # fmt: skip
    def test_what_tells_of_people_is_taken_out(self, words, shown):
        told = cleaned(words)
        if shown is not None:
            assert told == shown
        elif words.startswith("/opt"):
            assert told == words
        else:
            assert "5e3f7a0b" not in told

    def test_an_outage_is_one_line_a_page(self, client, db, lines, monkeypatch):
        def refuse(*args, **kwargs):
            raise OperationalError("server at 10.1.2.3 is away")

        client.raise_request_exception = False
        with monkeypatch.context() as patch:
            patch.setattr("allauth.account.views.LoginView.dispatch", refuse)
            for language, words in (("ru", "Данные сейчас недоступны"), ("en", "cannot be reach")):
                answer = client.get("/accounts/login/", headers={"accept-language": language})
                assert answer.status_code == 503
                assert answer.headers["Retry-After"] == "10"
                assert words in answer.content.decode()
                assert "10.1.2.3" not in answer.content.decode()
        translation.deactivate()
        told = [line for line in lines if "Service Unavailable" in line]
        assert len(told) == 2
        assert all("OperationalError" in line and "\n" not in line for line in told)


@pytest.mark.either_engine
@pytest.mark.django_db
def test_nothing_of_people_is_in_the_log(lines, settings):
    """Some pages of each part of the site for the two who get furthest, and addresses with tokens.

    The whole table with a log would take as long as the table itself.
    """
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 24 * 3600
    walk = Walk(make_world())
    people = [user for user in walk.world.people.values() if user is not None]
    for role, doors in (("owner", DOORS[::25]), ("operator", DOORS[7::25])):
        for door in doors:
            drain(walk.visit(role, door, walk.world.names))
    owner = walk.world.people["owner"]
    token = default_token_generator.make_token(owner)
    for address in (f"/s/{token}/", f"/accounts/password/reset/key/{owner.pk}-{token}/"):
        walk.clients["anonymous"].get(address, {"email": owner.email})
    told = "\n".join(lines)
    assert lines  # refusals of the doors
    secrets = {user.email for user in people} | {
        user.full_name for user in people if user.full_name
    }
    secrets |= {token, *(walk.clients["owner"].cookies["sessionid"].value,)}
    assert [secret for secret in sorted(secrets) if secret in told] == []
    names = [mark for mark in MARKS if mark in told and not mark.isdecimal()]
    assert names == []
