"""Health and figures: what programs are told, who is, and that it is nothing of a person."""

import re
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from django.db import OperationalError

from faza.jobs import presence
from faza.jobs.models import Job, Process
from faza.watch import figures, pages, ready
from faza.watch.text import Figure, Sample, written

LINE = re.compile(
    r'(?:# (?:HELP|TYPE) faza_\w+ .+|faza_\w+(?:{\w+="[^"\n]*"(?:,\w+="[^"]*")*})? \S+)'
)


AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _fresh():
    figures.forget()
    yield
    figures.forget()


def told(client, **headers) -> str:
    answer = client.get("/metrics", headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


@contextmanager
def gone():
    """A database that is away, as long as the block lasts."""

    def refuse(*args, **kwargs):
        raise OperationalError("connection to server at 10.1.2.3 failed, password of faza")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.db.backends.utils.CursorWrapper.execute", refuse)
        yield


class TestHealth:
    def test_alive_asks_nothing(self, client):  # without the mark the database is out of reach
        assert client.get("/health/live").content == b"alive\n"

    def test_a_host_of_no_name_is_answered_and_not_led_to_https(self, client, settings):
        settings.ALLOWED_HOSTS, settings.SECURE_SSL_REDIRECT = ["faza.example"], True
        assert client.get("/health/live", headers={"host": "10.2.3.4:8000"}).status_code == 200

    def test_ready(self, client, db):
        answer = client.get("/health/ready")
        assert (answer.status_code, answer.content.split(b"\n")[0]) == (200, b"ready")

    def test_a_database_that_is_away_is_no_secret_told(self, client, db):
        with gone():
            answer = client.get("/health/ready")
        assert answer.status_code == 503
        assert b"database: out of reach" in answer.content
        assert b"10.1.2.3" not in answer.content

    def test_tables_of_an_older_version(self, client, db, monkeypatch):
        ours = ready._ours() | {("jobs", "9999_later")}
        monkeypatch.setattr(ready, "_ours", lambda: ours)
        answer = client.get("/health/ready")
        assert answer.status_code == 503
        assert b"1 not applied: run faza migrate" in answer.content

    def test_a_full_disk(self, client, db, monkeypatch):
        monkeypatch.setattr(ready, "free", lambda: 5 * 2**20)
        answer = client.get("/health/ready")
        assert answer.status_code == 503
        assert b"less than 100 MB free" in answer.content

    @pytest.mark.parametrize("address", ["/health/live", "/health/ready", "/metrics"])
    def test_only_looking_is_allowed(self, client, db, address):
        assert client.post(address).status_code == 405
        assert client.head(address).status_code == 200


class TestWhoIsTold:
    def test_only_this_machine_without_a_token(self, client, db):
        assert client.get("/metrics").status_code == 200
        assert client.get("/metrics", REMOTE_ADDR="10.2.3.4").status_code == 403
        assert client.get("/metrics", REMOTE_ADDR="").status_code == 403

    @pytest.mark.parametrize("name", ["X-Forwarded-For", "X-Real-IP", "Forwarded", "Via"])
    def test_not_whom_a_proxy_of_this_machine_speaks_for(self, client, db, name):
        assert client.get("/metrics", headers={name: "127.0.0.1"}).status_code == 403

    def test_who_has_the_token_from_anywhere(self, client, db, settings):
        settings.METRICS_TOKEN = "t" * 24
        from_afar = {"REMOTE_ADDR": "10.2.3.4"}
        refused = client.get("/metrics")
        assert (refused.status_code, refused["WWW-Authenticate"]) == (401, "Bearer")
        for wrong in ("Bearer " + "u" * 24, "Bearer ", "Basic " + "t" * 24, "Bearer тттт"):
            headers = {"authorization": wrong}
            assert client.get("/metrics", headers=headers, **from_afar).status_code == 401
        right = {"authorization": "Bearer " + "t" * 24}
        assert client.get("/metrics", headers=right, **from_afar).status_code == 200


class TestFigures:
    def test_every_line_is_of_the_format(self, client, db):
        client.get("/accounts/login/")
        for line in told(client).splitlines():
            assert LINE.fullmatch(line), line

    def test_pages_are_counted_by_name_status_and_time(self, client, db):
        before = pages.book().counts()
        client.get("/accounts/login/")
        client.get("/no/such/page/of/Иванов/")
        after = pages.book().counts()
        grown = {
            name: (after.statuses - before.statuses)[row].tolist()
            for row, name in enumerate(after.names)
            if (after.statuses - before.statuses)[row].any()
        }
        assert grown == {"account_login": [0, 1, 0, 0, 0], pages.NOWHERE: [0, 0, 0, 1, 0]}
        assert (after.durations - before.durations).sum() == 2
        assert (after.seconds - before.seconds).sum() > 0
        assert "Иванов" not in told(client)

    def test_the_database_away_leaves_the_pages(self, client, db):
        with gone():
            text = told(client)
        assert "faza_database_up 0" in text
        assert "faza_requests_total" in text
        assert "faza_jobs" not in text

    def test_work_and_processes(self, client, db):
        from django.utils import timezone

        at = timezone.now()
        Job.objects.create(kind="x", created_at=at - presence.LIFE, state="waiting")
        presence.Presence(Process.Kind.WORKER).tell(at=at)
        presence.Presence(Process.Kind.COLLECTOR).tell(at=at - 2 * presence.LIFE)
        text = told(client)
        assert 'faza_jobs{state="waiting"} 1' in text
        assert re.search(r"faza_job_oldest_seconds 6\d", text)
        assert 'faza_processes{kind="worker"} 1' in text
        assert 'faza_processes{kind="collect"} 0' in text

    def test_they_are_asked_for_once_in_a_while(self, client, db, django_assert_num_queries):
        told(client)
        with django_assert_num_queries(0):
            told(client)

    def test_the_number_of_queries_is_fixed(self, db, django_assert_max_num_queries):
        from faza.watch.gauges import gauges

        with django_assert_max_num_queries(25):
            gauges(at=AT)

    def test_words_and_numbers(self):
        figure = Figure("faza_x", "gauge", "X.", [Sample(1.5, {"of": 'a"b\\c\nd'}), Sample(2.0)])
        assert written([figure, Figure("faza_y", "gauge", "Y.", [])]) == (
            '# HELP faza_x X.\n# TYPE faza_x gauge\nfaza_x{of="a\\"b\\\\c\\nd"} 1.5\nfaza_x 2\n'
        )


class TestBook:
    def test_processes_add_up_and_a_file_is_continued(self, tmp_path):
        one, two = pages.Book(tmp_path), pages.Book(tmp_path)
        one.count("metrics", 200, 0.02)
        two.count("metrics", 503, 20.0)
        assert len(list(tmp_path.iterdir())) == 2
        found = one.counts()
        row = found.names.index("metrics")
        assert found.statuses[row].tolist() == [0, 1, 0, 0, 1]
        assert found.durations[row].tolist() == [0, 0, 1, *[0] * 8, 1]
        assert found.seconds[row] == pytest.approx(20.02)

    def test_without_room_it_is_counted_in_memory(self, tmp_path, monkeypatch):
        def full(*args):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("os.posix_fallocate", full)
        book = pages.Book(tmp_path)
        book.count("metrics", 200, 0.02)
        assert book.counts().statuses.sum() == 1

    def test_another_versions_file_begins_anew(self, tmp_path):
        (tmp_path / "000.pages").write_bytes(b"old" * 1000)
        book = pages.Book(tmp_path)
        assert book.counts().statuses.sum() == 0
        book.count("metrics", 200, 0.02)
        assert [file.name for file in tmp_path.iterdir()] == ["000.pages"]
        assert book.counts().statuses.sum() == 1
