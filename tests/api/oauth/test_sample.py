"""The client of docs/how-to/share-data.md reads a month from a live server, both ways."""

import os
import re
import socket
import subprocess
import sys
from datetime import date
from urllib.parse import urlsplit

import httpx
import pytest
from django.core.cache import cache
from django.urls import reverse

from faza.contracts.models import TokenUse
from tests.api.oauth.asking import browser_of, make_client
from tests.api.v1.asking import ask
from tests.cabinet.factories import fill, make_agreement, make_point, make_user
from tests.cabinet.test_sharing import link_to
from tests.test_docs import text

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "docs/how-to/share-data.md"
CODE = "500000000000001"
MONTH = "A+ 148.8 kWh complete: 1.0"


@pytest.fixture
def program() -> str:
    found = re.search(r"(?ms)^```python\n(.*?)^```", text(PAGE))
    assert found
    assert len(found[1].splitlines()) <= 40
    return found[1]


@pytest.fixture
def owner():
    cache.clear()
    user = make_user("owner@example.org")
    point = make_point(CODE)
    make_agreement("Д-1", [user], [point])
    fill(point, date(2026, 10, 1), date(2026, 11, 1))
    return user


def begun(program: str, site: str, **told: str) -> subprocess.Popen[str]:
    told = {"SITE": site, "POINT": CODE, "PYTHONUTF8": "1"} | told
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.Popen(
        [sys.executable, "-c", program],
        env=kept | told,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_month_by_a_link(program, owner, live_server):
    link = live_server.url + reverse("share:page", args=[link_to(owner)])
    assert httpx.get(link).status_code == 200
    out, wrong = begun(program, live_server.url, LINK=link).communicate(timeout=60)
    assert out.strip() == MONTH, wrong
    assert set(TokenUse.objects.values_list("operation", flat=True)) == {
        "share_page",
        "consumption",
    }


def test_a_month_by_oauth(program, owner, live_server):
    with socket.create_server(("127.0.0.1", 0)) as free:
        back = f"http://127.0.0.1:{free.getsockname()[1]}/"
    app, _secret = make_client(back=back)
    process = begun(program, live_server.url, CLIENT=app.client_id, BACK=back)
    assert process.stdout is not None
    question = urlsplit(process.stdout.readline().removeprefix("Open ").strip())
    allowed = {"scopes": ["readings"], "reach": "all", "days": "90"}
    answer = browser_of(owner).post(f"{question.path}?{question.query}", allowed)
    assert httpx.get(answer["Location"]).status_code == 200
    out, wrong = process.communicate(timeout=60)
    assert out.strip() == MONTH, wrong
    assert ask(None, "usage_points").status_code == 401
