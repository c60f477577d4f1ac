"""The fingerprint of the significant part is the one that `sha256sum` gives."""

import shutil
import subprocess
from pathlib import Path

import pytest

from faza.core import software
from faza.core.software import Part

PART = Part("some.part", "")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    folder = tmp_path / "some/part"
    (folder / "migrations").mkdir(parents=True)
    (folder / "b.py").write_text("b = 1\n")
    (folder / "a.py").write_text("a = 1\n")
    (folder / "migrations/0001.py").write_text("")
    (folder / "page.html").write_text("<p>")
    return tmp_path


def test_every_part_is_here():
    assert software.present() == software.PARTS


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="no sha256sum here")
@pytest.mark.parametrize("parts", [software.PARTS, software.PARTS[:1]])
def test_is_the_one_of_the_command_that_the_page_shows(parts):
    whole, _each = software.fingerprints(parts)

    done = subprocess.run(
        ["sh", "-c", software.command(parts)],
        cwd=software.ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert done.stdout.split()[0] == whole.sha256


def test_counts_sources_alone(tree):
    whole, each = software.fingerprints([PART], root=tree)

    assert (whole.files, each[PART]) == (2, whole)


def test_a_changed_letter_changes_it_and_a_page_does_not(tree):
    before, _each = software.fingerprints([PART], root=tree)
    (tree / "some/part/page.html").write_text("<b>")
    same, _each = software.fingerprints([PART], root=tree)
    (tree / "some/part/b.py").write_text("b = 2\n")
    other, _each = software.fingerprints([PART], root=tree)

    assert same == before
    assert other != before


def test_a_file_that_moves_changes_it(tree):
    before, _each = software.fingerprints([PART], root=tree)
    (tree / "some/part/b.py").rename(tree / "some/part/c.py")

    assert software.fingerprints([PART], root=tree)[0] != before


def test_a_part_that_is_not_here_has_no_files(tree):
    _whole, each = software.fingerprints([PART, Part("some.other", "")], root=tree)

    assert each[Part("some.other", "")].files == 0
