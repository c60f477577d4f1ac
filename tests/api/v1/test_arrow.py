"""Profiles as Arrow streams, read back by a library that is not the one that wrote them."""

from __future__ import annotations

import io
import json
import tracemalloc
from datetime import date, datetime, timedelta

import numpy as np
import pytest
from arro3.io import read_ipc_stream

from faza.api.v1 import arrow
from faza.core.quality import Quality
from faza.core.reading_types import A_PLUS, R_PLUS
from faza.readings.queries import Profile
from tests.api.v1.asking import ask, token_of
from tests.cabinet.factories import fill, make_agreement, make_point, make_user

pytestmark = pytest.mark.django_db
CODE = "500000000000001"
HEADERS = {"accept": f"{arrow.MEDIA}, application/json;q=0.5"}


@pytest.fixture
def token() -> str:
    user = make_user("owner@example.org")
    point = make_point(CODE)
    make_agreement("Д-1", [user], [point])
    fill(point, date(2026, 1, 1), date(2026, 3, 5))
    fill(point, date(2026, 1, 1), date(2026, 1, 2), kind=R_PLUS)
    return token_of(user)


def table_of(body: bytes):
    table = read_ipc_stream(io.BytesIO(body)).read_all()
    columns = {name: table[name].to_pylist() for name in table.schema.names}
    return columns, table.schema.metadata_str


def test_the_stream_says_what_the_json_does(token):
    query = "from=2026-01-01&to=2026-03-10&channels=A%2B,R%2B"
    answer = ask(token, "profile", CODE, query=query, **HEADERS)
    columns, metadata = table_of(b"".join(answer.streaming_content))
    told = ask(token, "profile", CODE, query=f"{query}&days=100").json()

    assert answer["Content-Type"] == arrow.MEDIA
    assert answer["RateLimit-Remaining"]
    assert "ETag" not in answer
    assert metadata["zone"] == "Europe/Moscow"
    assert json.loads(metadata["units"]) == {"A+": "kWh", "R+": "kvarh"}
    for channel in told["channels"]:
        rows = [n for n, name in enumerate(columns["channel"]) if name == channel["channel"]]
        runs = channel["runs"]
        assert [columns["value"][n] for n in rows] == [v for run in runs for v in run["values"]]
        assert [columns["quality"][n] for n in rows] == [v for run in runs for v in run["quality"]]
        starts = [columns["start"][n] for n in rows]
        assert starts[0] == datetime.fromisoformat(runs[0]["start"])
        assert {b - a for a, b in zip(starts, starts[1:], strict=False)} == {timedelta(minutes=30)}


def test_without_a_window_there_are_no_rows(token):
    answer = ask(token, "profile", CODE, query="from=2001-01-01&to=2001-01-02", **HEADERS)
    columns, _ = table_of(b"".join(answer.streaming_content))
    assert columns["value"] == []


@pytest.mark.parametrize("query", ["from=2005-01-01&to=2026-01-01", "from=2026-01-02&to=2026-01-01",
                                   "from=2026-01-01&to=2026-01-02&cursor=WzEsMV0"])  # fmt: skip
def test_what_does_not_fit_is_a_problem_in_json(token, query):
    answer = ask(token, "profile", CODE, query=query, **HEADERS)
    assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")


@pytest.mark.parametrize("accept", ["*/*", "application/json", "application/*", ""])
def test_who_does_not_name_it_gets_json(token, accept):
    query = "from=2026-01-01&to=2026-01-02"
    answer = ask(token, "profile", CODE, query=query, accept=accept)
    assert answer["Content-Type"] == "application/json"


def test_years_take_the_memory_of_a_month():
    def fetch(first: date, end: date) -> list[Profile]:
        n = (end - first).days * 48
        starts = np.arange(n, dtype=np.int64) * 1800
        quality = np.full(n, Quality.VALID, np.uint8)
        return [
            Profile(1, A_PLUS.code, "Europe/Moscow", starts, np.full(n, 30, np.int16), starts,
                    quality)
        ]  # fmt: skip

    def peak(years: int) -> tuple[int, int]:
        first = date(2010, 1, 1)
        answer = arrow.response(
            fetch, first, first + timedelta(days=365 * years), zone="Europe/Moscow", kinds=[A_PLUS]
        )
        tracemalloc.start()
        size = sum(len(part) for part in answer.streaming_content)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most, size

    peak(1)
    (one, size), (ten, whole) = peak(1), peak(10)
    print(f"a year: {size} bytes, {one} at most in memory; ten: {whole}, {ten}")
    assert ten < 1.5 * one < 2_000_000
    assert whole > 9 * size
