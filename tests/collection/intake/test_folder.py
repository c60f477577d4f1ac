"""The watched folder: read once, at rest only, put away with the reason; kills lose nothing."""

import json
import os
import signal
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import DataError, OperationalError

from faza.collection.intake import folder as folders
from faza.collection.intake.folder import Folder
from faza.collection.models import ImportRun, Pickup
from tests.collection.factories import days_of
from tests.collection.intake.factories import AT, CODE, day, make_point
from tests.support.installation import run, start

pytestmark = pytest.mark.django_db


@pytest.fixture
def inbox(tmp_path) -> Path:
    make_point(CODE)
    return tmp_path / "inbox"


def drop(inbox: Path, name: str, text: str | None = None) -> Path:
    inbox.mkdir(exist_ok=True)
    file = inbox / name
    file.write_text(json.dumps(day()) if text is None else text)
    return file


def looked(inbox: Path, times: int = 2) -> int:
    with Folder(inbox, lambda: AT) as folder:
        return sum(folder.look() for _ in range(times))


def lying(inbox: Path) -> list[str]:
    """Files by where they lie, without the lock."""
    found = (file.relative_to(inbox) for file in inbox.rglob("*") if file.is_file())
    return sorted(str(file) for file in found if file.name != ".lock")


def test_a_file_is_read_and_put_away(inbox):
    drop(inbox, "a.json")

    assert looked(inbox) == 1

    assert lying(inbox) == ["done/2026-03-10/a.json"]
    assert days_of(_point())["2026-03-01"] == [1500] * 48
    pickup = Pickup.objects.get()
    assert (pickup.name, pickup.state, pickup.tries) == ("a.json", "done", 1)
    assert pickup.run == ImportRun.objects.get(by="inbox")


def _point() -> int:
    from faza.metering.models import UsagePoint

    return UsagePoint.objects.get(code=CODE).pk


def test_a_file_that_is_still_written_waits(inbox):
    file = drop(inbox, "a.json", '{"interv')
    with Folder(inbox, lambda: AT) as folder:
        assert folder.look() == 0
        file.write_text(json.dumps(day()))
        assert folder.look() == 0
        assert folder.look() == 1


def test_what_is_nobodys_delivery_stays(inbox):
    for name in (".hidden", "a.json.part", "b.TMP", "~$c.xlsx"):
        drop(inbox, name)
    (inbox / "folder").mkdir()
    os.symlink("/etc/hostname", inbox / "link.json")

    assert looked(inbox) == 0
    assert "link.json" in lying(inbox)


def test_a_bad_file_is_put_aside_with_the_reason(inbox):
    drop(inbox, "a.json", "{")
    drop(inbox, "b.json", json.dumps(day({"point": "?"})))

    assert looked(inbox) == 2

    assert lying(inbox) == [
        f"failed/2026-03-10/{name}" for name in ("a.json", "a.json.txt", "b.json", "b.json.txt")
    ]
    told = (inbox / "failed/2026-03-10/b.json.txt").read_text()
    assert told == "b.json: intervals[0]: Usage point ? is unknown.\n"


def test_what_is_good_in_part_is_done_and_told_of(inbox):
    drop(inbox, "a.json", json.dumps([day(), day({"point": "?"})]))

    looked(inbox)

    assert lying(inbox) == ["done/2026-03-10/a.json", "done/2026-03-10/a.json.txt"]


def test_the_same_name_again_is_another_file(inbox):
    for _ in range(3):
        drop(inbox, "a.json")
        looked(inbox)

    assert lying(inbox) == [
        f"done/2026-03-10/{name}" for name in ("a-2.json", "a-3.json", "a.json")
    ]
    assert days_of(_point())["2026-03-01"] == [1500] * 48


def test_two_that_watch_one_folder_do_not_meet(inbox):
    drop(inbox, "a.json")
    with Folder(inbox, lambda: AT) as first:
        assert first.is_held
        with Folder(inbox, lambda: AT) as second:
            assert not second.is_held
            assert (second.look(), second.look()) == (0, 0)
        assert (first.look(), first.look()) == (0, 1)


def test_a_database_out_of_reach_costs_no_try(inbox, monkeypatch):
    drop(inbox, "a.json")
    read = folders.import_files
    with Folder(inbox, lambda: AT) as folder:
        folder.look()
        for _ in range(4):
            monkeypatch.setattr(folders, "import_files", _gone)
            with pytest.raises(OperationalError):
                folder.look()
        monkeypatch.setattr(folders, "import_files", read)
        assert folder.look() == 1
    assert lying(inbox) == ["done/2026-03-10/a.json"]


def _gone(*args, **options):
    raise OperationalError("gone")


def test_a_reader_that_fails_puts_the_file_aside(inbox, monkeypatch):
    def failing(*args, **options):
        raise KeyError("x")

    drop(inbox, "a.json")
    monkeypatch.setattr(folders, "import_files", failing)
    looked(inbox)

    assert (inbox / "failed/2026-03-10/a.json.txt").read_text() == "Internal fault: KeyError.\n"


class TestLeftAtWork:
    """What a killed process has left, at each place where it may have died."""

    def left(self, inbox: Path, **about) -> Pickup:
        (inbox / "work").mkdir(parents=True)
        (inbox / "work" / "k1.json").write_text(json.dumps(day()))
        fields = {"name": "a.json", "kept_as": "k1.json", "size": 1, "taken_at": AT, "tries": 1}
        return Pickup.objects.create(**(fields | about))

    def test_cut_short_once_it_is_read_again(self, inbox):
        self.left(inbox)

        assert looked(inbox, 1) == 1
        assert lying(inbox) == ["done/2026-03-10/a.json"]
        assert days_of(_point())

    def test_cut_short_twice_it_is_put_aside(self, inbox):
        self.left(inbox, tries=2)

        assert looked(inbox, 1) == 0
        assert lying(inbox) == ["failed/2026-03-10/a.json", "failed/2026-03-10/a.json.txt"]
        assert not days_of(_point())

    def test_finished_but_not_put_away_it_is_not_read_again(self, inbox):
        self.left(inbox, state="done", ended_at=AT - timedelta(days=1))

        assert looked(inbox, 1) == 0
        assert lying(inbox) == ["done/2026-03-09/a.json"]
        assert not days_of(_point())

    def test_written_down_but_not_taken_it_is_taken_anew(self, inbox):
        self.left(inbox)
        (inbox / "work" / "k1.json").rename(inbox / "a.json")

        assert looked(inbox) == 1
        assert Pickup.objects.get().state == "done"

    def test_known_to_nobody_it_is_read(self, inbox):
        self.left(inbox)
        Pickup.objects.all().delete()

        assert looked(inbox, 1) == 1


WATCH = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "faza.settings"
import django
django.setup()
from datetime import UTC, datetime
from pathlib import Path
from faza.collection.intake import folder as folders
import time
read = folders.import_files
def telling(*args, **more):
    print("begun", flush=True)
    done = read(*args, **more)
    print("read", flush=True)
    time.sleep(float(sys.argv[2]))
    return done
folders.import_files = telling
with folders.Folder(Path(sys.argv[1]), lambda: datetime(2026, 3, 10, 9, tzinfo=UTC)) as folder:
    folder.look()
    folder.look()
print("ended", flush=True)
"""
PREPARE = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "faza.settings"
import django
django.setup()
from tests.collection.intake.factories import CODE, make_point
make_point(CODE)
"""


@pytest.mark.kill
@pytest.mark.parametrize("step", ["begun", "read"])
def test_a_killed_process_loses_no_file_and_reads_none_thrice(installation, tmp_path, step):
    run(installation, "-c", PREPARE)
    inbox = tmp_path / "inbox"
    for name in ("a.json", "b.json"):
        drop(inbox, name)
    process = start(
        installation, "-c", WATCH, str(inbox), "5", stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    while process.stdout.readline().strip() != step:
        assert process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.communicate()

    said = run(installation, "-c", WATCH, str(inbox), "0").split()

    assert said == ["begun", "read"] * 2 + ["ended"]
    assert lying(inbox) == ["done/2026-03-10/a.json", "done/2026-03-10/b.json"]


def test_a_file_that_the_database_does_not_take_does_not_stop_the_others(inbox, monkeypatch):
    def reading(files, **more):
        ((name, _),) = files
        if name == "a.json":
            raise DataError("out of range")
        return import_files(files, **more)

    import_files = folders.import_files
    monkeypatch.setattr(folders, "import_files", reading)
    drop(inbox, "a.json")
    drop(inbox, "b.json")

    looked(inbox)

    assert [name for name in lying(inbox) if name.endswith(".json")] == [
        "done/2026-03-10/b.json", "failed/2026-03-10/a.json",
    ]  # fmt: skip
