"""The wheel of `make dist`: what is in it, and that it runs without Node and without source."""

import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import time
import urllib.error
import urllib.parse
import urllib.request
import zipfile
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

from tests.support.postgres import free_port

ROOT = Path(__file__).resolve().parent.parent
DIST = ROOT / "faza/ui/static/ui/dist"
pytestmark = pytest.mark.either_engine


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    """The folder that `make dist` fills."""
    folder: Path = tmp_path_factory.mktemp("dist")
    call = [sys.executable, ROOT / "tools/dist.py", folder]
    done = subprocess.run(call, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="module")
def wheel(built) -> Path:
    (found,) = built.glob("faza-*-py3-none-any.whl")
    return Path(found)


def in_tree() -> set[str]:
    """What an installation needs of the source tree: all of the package but what runs leave."""
    files = (file for file in (ROOT / "faza").rglob("*") if file.is_file())
    return {
        file.relative_to(ROOT).as_posix()
        for file in files
        if "__pycache__" not in file.parts and file.suffix not in {".pyc", ".map"}
    }


def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as file:
        return {name for name in file.namelist() if not name.endswith("/")}


class TestContents:
    def test_the_wheel_has_the_whole_package_and_nothing_else(self, wheel):
        here = names(wheel)
        ours = {name for name in here if name.startswith("faza/")}
        assert ours == in_tree()
        assert {name.split("/")[0].partition("-")[0] for name in here} == {"faza"}
        odd = re.compile(r"\.map$|\.pyc$|node_modules|(^|/)tests?/|\.sqlite3|-key$")
        assert [name for name in here if odd.search(name)] == []

    def test_it_has_what_the_front_end_is_built_to(self, wheel):
        manifest = json.loads((DIST / ".vite/manifest.json").read_text())
        files = {f"faza/ui/static/ui/dist/{chunk['file']}" for chunk in manifest.values()}
        words = {"faza/locale/ru/LC_MESSAGES/django.mo", "faza/locale/en/LC_MESSAGES/django.mo"}
        assert files | words < names(wheel)

    def test_it_has_the_licence_of_all_that_is_built_into_it(self, wheel):
        with zipfile.ZipFile(wheel) as file:
            texts = {
                Path(name).name: file.read(name).decode()
                for name in file.namelist()
                if ".dist-info/licenses/" in name
            }
        assert {"LICENSE", "NOTICE"} < texts.keys()
        for package in json.loads((ROOT / "faza/cabinet/about/frontend.json").read_text()):
            kept = texts[package["name"].replace("/", "-").removeprefix("@") + ".txt"]
            assert kept.startswith(f"{package['name']} {package['version']}: {package['licence']}")
            assert len(kept) > 500  # a text, not a name

    def test_the_same_sources_give_the_same_moments(self, wheel):
        with zipfile.ZipFile(wheel) as file:
            assert {entry.date_time[0] for entry in file.infolist()} == {2020}

    def test_the_archive_has_no_tests_and_no_packages_of_node(self, built):
        (archive,) = built.glob("faza-*.tar.gz")
        with tarfile.open(archive) as file:
            inside = {name.partition("/")[2] for name in file.getnames()}
        assert in_tree() | {"pyproject.toml", "docs/README.md", "requirements/base.txt"} < inside
        assert not [name for name in inside if name.startswith(("tests", "frontend", "var"))]

    def test_the_exact_versions_stand_beside_it(self, built):
        told = (built / "requirements.txt").read_text()
        assert told == (ROOT / "requirements/base.txt").read_text()

    def test_it_asks_for_what_is_tried(self, wheel):
        with zipfile.ZipFile(wheel) as file:
            (name,) = (one for one in file.namelist() if one.endswith(".dist-info/METADATA"))
            lines = file.read(name).decode().splitlines()
        asked = [
            Requirement(line.partition(": ")[2]) for line in lines if line[:14] == "Requires-Dist:"
        ]
        assert len(asked) > 30
        for one in asked:
            assert importlib.metadata.version(one.name) in one.specifier, one


@pytest.fixture(scope="module")
def clean(wheel, tmp_path_factory) -> dict[str, str]:
    """The environment of a machine with nothing but the wheel and the packages that it asks for.

    They are those of the environment of the tests, by their folder: a `.pth` that is found there
    leads to the source tree and is not followed from here.
    """
    folder: Path = tmp_path_factory.mktemp("clean")
    venv = folder / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
    pip = [sys.executable, "-m", "pip", "--python", venv / "bin/python"]
    call = [*pip, "install", "--no-deps", "--no-index", "--quiet", "--no-compile", wheel]
    subprocess.run(call, check=True, env=os.environ | {"PIP_DISABLE_PIP_VERSION_CHECK": "1"})
    (site,) = venv.glob("lib/python*/site-packages")
    (site / "packages.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    home = folder / "home"
    home.mkdir()
    # The venv alone on the PATH: neither Node, npm nor git.
    assert not any(shutil.which(name, path=str(venv / "bin")) for name in ("node", "npm", "git"))
    return {"PATH": str(venv / "bin"), "FAZA_HOME": str(home), "LC_ALL": "C.UTF-8"}


def faza(clean: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    call = [Path(clean["PATH"]) / "faza", *arguments]
    return subprocess.run(call, env=clean, cwd=clean["FAZA_HOME"], text=True, capture_output=True)


@pytest.fixture(scope="module")
def migrated(clean) -> dict[str, str]:
    """The same with the tables made, by its own command."""
    made = faza(clean, "migrate")
    assert made.returncode == 0, made.stderr
    assert "applied" in made.stdout
    return clean


class TestInstalled:
    def test_it_is_not_the_source_tree_that_runs(self, clean):
        call = [Path(clean["PATH"]) / "python", "-c", "import faza; print(faza.__file__)"]
        done = subprocess.run(
            call, env=clean, cwd=clean["FAZA_HOME"], text=True, capture_output=True
        )
        assert done.stdout.startswith(str(Path(clean["PATH"]).parent))

    def test_the_tables_are_made_and_the_doctor_finds_nothing_wrong(self, migrated):
        told = faza(migrated, "doctor", "--json")
        wrong = [one for one in json.loads(told.stdout)["checks"] if one["state"] == "wrong"]
        assert wrong == [], told.stderr

    def test_pages_are_served_with_their_styles_scripts_and_letters(self, migrated):
        port = free_port()
        call = [Path(migrated["PATH"]) / "faza", "serve", "--port", str(port)]
        served = subprocess.Popen(call, env=migrated, cwd=migrated["FAZA_HOME"], text=True)
        try:
            page = fetched(f"http://127.0.0.1:{port}/accounts/login/")
            text = page.decode()
            assert "Войти" in text  # compiled messages
            links = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', text))
            hashed = [link for link in links if re.search(r"-[\w-]{8}\.(css|js)$", link)]
            assert {link.rsplit(".", 1)[1] for link in hashed} == {"css", "js"}, links
            got = {link: fetched(f"http://127.0.0.1:{port}{link}") for link in links}
            assert all(got.values())
            (letters,) = {
                urllib.parse.urljoin(link, name)
                for link in hashed
                for name in re.findall(rb"url\(([^)]*inter-cyrillic-wght[^)]*)\)", got[link])
                for name in [name.decode().strip("\"'")]
            }
            assert fetched(f"http://127.0.0.1:{port}{letters}")[:4] == b"wOF2"
        finally:
            served.terminate()
            assert served.wait(20) == 0


def fetched(address: str, *, patience: float = 30) -> Any:
    """What a page answers, as soon as somebody answers."""
    until = time.monotonic() + patience
    while True:
        try:
            with urllib.request.urlopen(address, timeout=10) as answer:
                return answer.read()
        except urllib.error.HTTPError:
            raise
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
