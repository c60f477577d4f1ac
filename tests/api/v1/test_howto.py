"""The program of docs/how-to/read-by-api.md does what it says."""

import functools
import re
from datetime import date

import httpx
import pytest
from django.core.wsgi import get_wsgi_application

from tests.api.v1.asking import in_process, token_of
from tests.cabinet.factories import fill, make_agreement, make_point, make_user
from tests.test_docs import text

pytestmark = pytest.mark.django_db
PAGE = "docs/how-to/read-by-api.md"


@pytest.fixture
def program(monkeypatch):
    """The program of the page; its client asks this process."""
    found = re.search(r"(?ms)^```python\n(.*?)^```", text(PAGE))
    assert found
    transport = httpx.WSGITransport(app=get_wsgi_application())
    client = functools.partial(httpx.Client, transport=transport)
    monkeypatch.setattr(httpx, "Client", client)
    monkeypatch.setenv("ADDRESS", "http://localhost/api/v1/")
    return compile(found[1], PAGE, "exec")


def test_a_month_is_written(program, monkeypatch, capsys):
    user = make_user("owner@example.org")
    point = make_point("500000000000001")
    make_agreement("Д-1", [user], [point])
    fill(point, date(2026, 10, 1), date(2026, 10, 31))
    monkeypatch.setenv("TOKEN", token_of(user))

    with in_process():
        exec(program, {})
    head, *rest = capsys.readouterr().out.splitlines()

    assert head == "500000000000001 A+ 144.0 kWh complete: 0.9677"
    assert rest[0] == "2026-10-01 00:00:00+03:00 0.1"
    assert len(rest) == 30 * 48


def test_a_token_that_is_none_is_told(program, monkeypatch):
    monkeypatch.setenv("TOKEN", "fzp_nothing")
    with in_process(), pytest.raises(SystemExit, match="A valid token is wanted"):
        exec(program, {})
