"""Reports whose workers are killed: each is made, kept, told and mailed as if none had been."""

import json
import signal
from email.message import EmailMessage

import pytest

from faza.demo import mailbox as local
from faza.reports import files
from tests.support.installation import installed, run, start
from tests.support.mailbox import Mailbox

pytestmark = pytest.mark.kill

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
services.save(
    user, title="Для бухгалтерии", query="kind=load-profile&period=month&on=2026-10-01",
    layout=Layout(), at=datetime(2026, 11, 21, 11, tzinfo=UTC),
)
"""
ASK = """
from datetime import UTC, datetime
from faza.cli.common import start
start()
from faza.reports import services
from faza.reports.models import PersonalReport
report = PersonalReport.objects.get()
at = datetime(2026, 11, 21, 11, tzinfo=UTC)
"""
SCHEDULE = (
    ASK
    + """
services.schedule(
    report, user=report.owner, every="day", on_day=0, hour=8, zone="Europe/Moscow",
    format="csv", at=at,
)
"""
)
BEGIN = (
    ASK
    + """
services.begin(report.owner, title="Профиль", query=report.query, format="{format}", at=at)
"""
)


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


def assert_nothing_is_half_said(left):
    for one in left["runs"]:
        told = one["state"] == "made"
        assert len(left["messages"]) == told
        assert (one["file"] in left["files"]) == told


def go(environment, *places: str) -> list[dict]:
    """What is there after each worker: those killed at places, the last not."""
    told = run(environment, "-m", "tests.reports.killing", *places)
    return [json.loads(line) for line in told.splitlines()]


def enclosed(mail: EmailMessage) -> list[tuple[str, bytes]]:
    return [
        (str(part.get_filename()), part.get_payload(decode=True))
        for part in mail.iter_attachments()
    ]


class TestScheduled:
    @pytest.mark.parametrize(
        "places",
        [
            (),
            ("begin:1", "write:2", "kept:1", "placed:1"),
            ("begun:1", "told:1", "made:1", "composed:1"),
        ],
    )
    def test_it_arrives_once_with_its_file_wherever_workers_are_killed(self, place, places):
        environment, mailbox = place
        run(environment, "-c", SCHEDULE)
        *killed, last = go(environment, *places)

        for left in killed:
            assert_nothing_is_half_said(left)
        (mail,) = mailbox.all()
        ((name, content),) = enclosed(mail)
        (kept,) = last["files"].items()
        assert mail["To"] == "owner@example.org"
        assert "Для бухгалтерии" in mail["Subject"]
        assert kept == (last["runs"][0]["file"], len(content))
        assert name == last["runs"][0]["name"]
        lines = content.decode("utf-8-sig").split("\r\n")
        assert sum(";HOUSE;" in line or line.startswith("HOUSE") for line in lines) >= 1
        assert last["messages"] == [["reports.run.sent", "delivered"]]
        assert last["notices"] == ["reports.run.sent"]
        assert [one["state"] for one in last["runs"]] == ["made"]
