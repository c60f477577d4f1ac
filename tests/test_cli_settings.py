"""Wrong settings and installations that are not there yet, each in a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import OperationalError

from faza.cli.common import Refused, database_in_reach
from faza.cli.environment import SETTINGS, wrong

SHOWN = {setting.name: setting.shown for setting in SETTINGS}


def faza(*arguments: object, **variables: str) -> subprocess.CompletedProcess[str]:
    kept = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"}
    return subprocess.run(
        [sys.executable, "-m", "tests.support.faza", *map(str, arguments)],
        env=kept | variables, text=True, capture_output=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FAZA_PROXIES", "many"),
        ("FAZA_LOG", "LOUD"),
        ("FAZA_HOME", "/etc/passwd"),
        ("FAZA_HOME", "/proc/faza"),
        ("DATABASE_URL", "nonsense"),
        ("DATABASE_URL", "postgres://db:port/faza"),
        ("FAZA_DEBUG", "yes"),
        ("FAZA_URL", "faza.example"),
    ],
)
def test_what_is_wrong_is_named_with_value_and_expectation(name, value):
    told = wrong({name: value})

    assert list(told) == [name]
    assert told[name].startswith(f"{name}={value}: expected ")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgres://a:secret@db/faza", "postgres://a:…@db/faza"),
        ("postgres://db/faza?password=secret", "postgres://db/faza"),
        ("a:secret@db", "a:…@db"),
        ("secret@db", ":…@db"),
        ("nonsense", "nonsense"),
    ],
)
def test_only_passwords_are_hidden(url, shown):
    assert SHOWN["DATABASE_URL"](url) == shown
    assert SHOWN["FAZA_SECRET_KEY"](url) == "(hidden)"


def test_a_read_only_file_is_no_matter_of_a_server(monkeypatch):
    monkeypatch.setattr("faza.cli.common.database_file", lambda: Path("/data/faza.sqlite3"))
    with pytest.raises(Refused) as caught, database_in_reach():
        raise OperationalError("attempt to write a readonly database")

    assert "/data/faza.sqlite3" in str(caught.value)
    assert "writable" in str(caught.value)


@pytest.mark.kill
class TestProcess:
    @pytest.mark.parametrize(
        "wrong",
        [{"FAZA_PROXIES": "many"}, {"FAZA_HOME": "/etc/passwd"}, {"DATABASE_URL": "nonsense"}],
    )
    def test_every_command_refuses_in_one_line(self, wrong):
        done = faza("export", "csv", "--points", "A", "--from", "2026-01-01", "--to", "2026-01-01",
                    **wrong)  # fmt: skip

        (name, value) = next(iter(wrong.items()))
        assert done.returncode == 2
        assert done.stderr.startswith(f"faza export: wrong settings: {name}={value}: expected")
        assert len(done.stderr.splitlines()) == 1

    def test_doctor_makes_nothing(self, tmp_path):
        home = tmp_path / "home"
        done = faza("doctor", "--json", FAZA_HOME=str(home))

        told = {c["name"]: c for c in json.loads(done.stdout)["checks"]}
        assert not home.exists()
        assert "will be made at the first start" in told["folder"]["value"]
        assert "will be made at the first start" in told["database"]["value"]

    def test_one_wrong_variable_does_not_hide_other_checks(self, tmp_path):
        done = faza("doctor", "--json", FAZA_HOME=str(tmp_path), FAZA_PROXIES="many",
                    FAZA_SECRET_KEY="short")  # fmt: skip

        told = {c["name"]: c["state"] for c in json.loads(done.stdout)["checks"]}
        assert done.returncode == 1
        assert told["secret key"] == "wrong"
        assert {"database", "folder", "disk", "mail", "versions"} <= told.keys()

    def test_a_dry_run_without_a_database_is_refused_and_makes_nothing(self, tmp_path):
        home = tmp_path / "home"
        done = faza("import", "--dry-run", tmp_path, FAZA_HOME=str(home))

        assert done.returncode == 2
        assert "there is no database yet" in done.stderr
        assert "faza migrate" in done.stderr
        assert not home.exists()
