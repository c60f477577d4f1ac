"""What lies about in folders of files: it is told and harms nothing else."""

import os

import pytest

from faza.collection import services
from faza.collection.models import ImportRun
from tests.collection.factories import days_of, imported, make_point, message, written

pytestmark = pytest.mark.django_db
RAMP = list(range(1, 49))


@pytest.fixture
def point(tmp_path):
    written(tmp_path, message(RAMP))
    return make_point()


def broken(path):
    path.symlink_to("nowhere")


@pytest.mark.parametrize("odd", [broken, os.mkfifo])
def test_what_cannot_be_read_in_a_folder_is_told_and_the_rest_imported(tmp_path, point, odd):
    odd(tmp_path / "00.xml")
    done = imported(tmp_path)

    assert days_of(point)["2026-01-14"] == RAMP
    assert (done.files, done.refused) == (1, 1)
    assert [problem.code for problem in done.problems] == ["unreadable"]
    assert ImportRun.objects.get().state == "refused"


def test_a_folder_that_is_closed_to_us_is_told(tmp_path, point, monkeypatch):
    closed = tmp_path / "closed"
    closed.mkdir()
    scandir = os.scandir

    def refusing(path):
        if os.fspath(path) == str(closed):
            raise PermissionError(13, "Permission denied", str(closed))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    done = imported(tmp_path)

    assert (done.files, done.refused) == (1, 1)
    assert done.problems[0].file == str(closed)


def test_a_loop_of_links_is_walked_once(tmp_path, point):
    (tmp_path / "loop").symlink_to(tmp_path)
    assert imported(tmp_path).files == 1


@pytest.mark.parametrize("odd", [broken, os.mkfifo])
def test_what_was_asked_for_by_name_must_be_readable(tmp_path, point, odd):
    odd(tmp_path / "00.xml")
    with pytest.raises(OSError, match="00.xml"):
        services.import_files([tmp_path / "00.xml", tmp_path], at=message(RAMP).created)
    assert not ImportRun.objects.exists()


def test_foreign_files_of_a_folder_are_passed_over_with_a_note(tmp_path, point):
    for name in ("README.md", "notes.pdf", "LICENSE"):
        (tmp_path / name).write_text("nothing of ours")
    done = imported(tmp_path)

    assert (done.files, done.refused, done.problems) == (1, 0, [])
    assert {note.split()[1] for note in done.notes} >= {"*.md", "*.pdf", "without"}


def test_a_file_given_by_name_is_tried_whatever_its_extension(tmp_path, point):
    (file,) = tmp_path.iterdir()
    other = file.rename(tmp_path / "message.dat")

    assert imported(other).files == 1
