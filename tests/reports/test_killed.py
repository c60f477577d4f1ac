"""Reports whose workers are killed: each is made, kept, told and mailed as if none had been."""

import json
import re
from datetime import date
from email.message import EmailMessage
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from faza.demo import mailbox as local
from faza.reports import files
from tests.reports.renderers.reading import pdf_pages
from tests.support.installation import installed, run
from tests.support.mailbox import Mailbox

pytestmark = pytest.mark.kill
HALF_HOURS = 31 * 48

# Somebody with a month of half-hours at two points, and a saved report of them.
MAKE = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "faza.settings"
import django
django.setup()
from datetime import UTC, date, datetime
from faza.reports import services
from faza.reports.models import PersonalReport
from faza.reports.shaping import Layout
from tests.cabinet.factories import fill, make_agreement, make_meter, make_point, make_user
user = make_user("owner@example.org", name="Ковалёва Мария Сергеевна")
points = make_point("HOUSE", "Дом"), make_point("GARAGE", "Гараж")
make_agreement("Д-1", [user], points)
for point in points:
    make_meter(point, f"M-{point.code}")
    fill(point, date(2026, 10, 1), date(2026, 11, 1))
services.keep(
    user, title="Для бухгалтерии", query="kind=load-profile&period=month&on=2026-10-01",
    layout=Layout(), at=datetime(2026, 11, 21, 11, tzinfo=UTC),
)
"""


@pytest.fixture(scope="module")
def made():
    """An installation with somebody who saved a report."""
    with installed() as environment:
        run(environment, "-c", MAKE)
        yield environment


@pytest.fixture
def place(made, tmp_path):
    """A copy of it with a mail server and a folder for temporary files, and what was mailed."""
    folder, fleeting = tmp_path / "mailbox", tmp_path / "fleeting"
    fleeting.mkdir()
    with installed(like=made) as environment, local.receiving(folder) as port:
        own = {"FAZA_EMAIL_URL": f"smtp://127.0.0.1:{port}", "TMPDIR": str(fleeting)}
        yield environment | own, Mailbox(folder)


def go(environment, how: str, *places: str) -> list[dict]:
    """What is there after each worker: those killed at places, the last not."""
    told = run(environment, "-m", "tests.reports.killing", how, *places)
    states = [json.loads(line) for line in told.splitlines()]
    for state in states:
        for one in state["runs"]:
            # What belongs together was written together, and nobody is told of what is not there.
            is_made = one["state"] == "made"
            assert (state["files"].get(one["file"]) == one["size"]) == is_made
            assert bool(state["messages"]) == (one["state"] != "waiting")
        assert len(state["runs"]) == len(state["jobs"]) <= 1
        assert len(state["notices"]) <= len(state["messages"]) <= 1
    return states


def enclosed(mail: EmailMessage) -> list[tuple[str, bytes]]:
    """Names and contents of a mail's files."""
    parts = mail.iter_attachments()
    return [(str(part.get_filename()), part.get_payload(decode=True)) for part in parts]


def assert_made_once(last: dict, kind: str) -> None:
    """One file and nothing beside it, one run, one job, one message and one notice."""
    (one,) = last["runs"]
    assert one["state"] == "made"
    assert last["files"] == {one["file"]: one["size"]}
    assert last["jobs"] == ["done"]
    assert last["messages"] == [[kind, "delivered"]]
    assert last["notices"] == [kind]


def n_rows(kept: Path, format: str) -> int:
    """The half-hours of October that are in a file."""
    if format == "csv":
        return len(re.findall(r"^;\d\d\.10\.2026 ", kept.read_text("utf-8-sig"), re.MULTILINE))
    if format == "json":
        blocks = json.loads(kept.read_bytes())["blocks"]
        return sum(len(block["rows"]) for block in blocks if block["role"] == "rows")
    if format == "pdf":
        lines = "\n".join(pdf_pages(kept.read_bytes()))
        return len(re.findall(r"^\d\d\.10\.2026\W\d\d:\d\d", lines, re.MULTILINE))
    rows = CalamineWorkbook.from_path(str(kept)).get_sheet_by_index(0).to_python()
    moments = [cell for row in rows for cell in row[:2] if isinstance(cell, date)]
    return sum((moment.year, moment.month) == (2026, 10) for moment in moments)


class TestScheduled:
    @pytest.mark.parametrize(
        ("places", "states"),
        [
            ((), []),
            (
                ("begin:1", "write:2", "kept:1", "placed:1"),
                [None, "waiting", "waiting", "made"],
            ),
            (
                ("begun:1", "told:1", "made:1", "composed:1"),
                ["waiting", "waiting", "made", "made"],
            ),
        ],
    )
    def test_it_arrives_once_with_its_file_wherever_workers_are_killed(self, place, places, states):
        environment, mailbox = place
        *killed, last = go(environment, "daily", *places)

        assert [left["runs"][0]["state"] if left["runs"] else None for left in killed] == states
        assert_made_once(last, "reports.run.sent")
        (mail,) = mailbox.all()
        ((name, content),) = enclosed(mail)
        assert (mail["To"], name) == ("owner@example.org", last["runs"][0]["name"])
        assert "Для бухгалтерии" in mail["Subject"]
        kept = Path(environment["FAZA_HOME"], "files", "reports", last["runs"][0]["file"])
        assert content == kept.read_bytes()
        assert n_rows(kept, "csv") == HALF_HOURS

    def test_killed_when_the_server_has_taken_it_the_same_mail_comes_again(self, place):
        """Whether it was taken is not to be known then: the second has the same Message-ID."""
        environment, mailbox = place
        *_killed, last = go(environment, "daily", "mailed:1")

        assert_made_once(last, "reports.run.sent")
        first, second = mailbox.all()
        assert first["Message-ID"] == second["Message-ID"]
        assert enclosed(first) == enclosed(second)


class TestMade:
    @pytest.mark.parametrize(
        ("format", "places"),
        [
            ("csv", ("write:2", "kept:1")),
            ("xlsx", ("block:2", "write:2")),
            ("xls", ("block:2", "write:1")),
            ("json", ("write:2", "kept:1")),
            ("pdf", ("set:1", "write:1")),
            ("csv", ("made:1",)),
        ],
    )
    def test_killed_amid_it_the_next_makes_one_file_and_one_notice(self, place, format, places):
        environment, _mailbox = place
        *killed, last = go(environment, format, *places)

        for left, where in zip(killed, places, strict=True):
            assert bool(left["messages"]) == (where == "made:1")
            assert left["files"]  # it was amid the work
        assert_made_once(last, "reports.run.made")
        kept = Path(environment["FAZA_HOME"], "files", "reports", last["runs"][0]["file"])
        assert kept.stat().st_mode & 0o777 == 0o600
        assert n_rows(kept, format) == HALF_HOURS
        assert not list(kept.parent.glob(".*"))
        assert not list(Path(environment["TMPDIR"]).iterdir())

    def test_whose_workers_all_are_killed_fails_with_words_and_leaves_nothing(self, place):
        environment, _mailbox = place
        *_killed, last = go(environment, "xlsx", "block:2", "write:2", "kept:1", "begun:1")

        assert [one["state"] for one in last["runs"]] == ["failed"]
        assert last["jobs"] == ["failed"]
        assert last["messages"] == [["reports.run.failed", "delivered"]]
        assert last["notices"] == ["reports.run.failed"]
        assert last["files"] == {}
        assert not list(Path(environment["TMPDIR"]).iterdir())


@pytest.mark.either_engine
def test_a_worker_that_was_only_slow_spoils_nothing_of_the_next_ones(settings, tmp_path):
    settings.HOME = tmp_path
    with pytest.raises(FileNotFoundError), files.fresh("1") as slow:  # noqa: PT012
        slow.file.write(b"first")
        with files.fresh("1") as later:
            later.file.write(b"second")
            assert later.closed() == 6
            later.place()
        files.tidy("1")
        slow.place()
    place = files.place_of("1")
    assert place.read_bytes() == b"second"
    assert list(place.parent.iterdir()) == [place]
