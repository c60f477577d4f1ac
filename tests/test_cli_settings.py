"""Wrong settings and installations that are not there yet, each in a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import OperationalError

from faza.cli.common import Refused, database_in_reach
from faza.cli.environment import SETTINGS, Unread, told, wrong

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


class TestFiles:
    """Secrets that stand in files: NAME_FILE, and credentials of systemd."""

    def test_a_file_takes_the_place_of_a_value(self, tmp_path):
        (tmp_path / "key").write_text("secret\n")
        found = told({"FAZA_SECRET_KEY_FILE": str(tmp_path / "key"), "FAZA_LOG": "INFO"})
        assert (found["FAZA_SECRET_KEY"], found["FAZA_LOG"]) == ("secret", "INFO")

    def test_a_credential_is_read_by_its_name_unless_a_value_is_named(self, tmp_path):
        (tmp_path / "DATABASE_URL").write_text("postgres://a:b@c/d")
        (tmp_path / "FAZA_LOG").write_text("DEBUG")  # no secret: its place is the environment
        there = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
        assert told(there)["DATABASE_URL"] == "postgres://a:b@c/d"
        assert "FAZA_LOG" not in told(there)
        named = there | {"DATABASE_URL": "sqlite:///"}
        assert told(named)["DATABASE_URL"] == "sqlite:///"

    def test_what_is_no_secret_has_no_file(self, tmp_path):
        (tmp_path / "x").write_text("DEBUG")
        assert "FAZA_LOG" not in told({"FAZA_LOG_FILE": str(tmp_path / "x")})

    @pytest.mark.parametrize("case", ["both", "absent", "empty", "bytes"])
    def test_what_cannot_be_taken_is_refused_without_the_secret(self, case, tmp_path):
        file = tmp_path / "key"
        content = {"empty": b"\n", "bytes": b"\xff\xfe", "both": b"secret"}.get(case)
        if content is not None:
            file.write_bytes(content)
        there = {"FAZA_METER_KEY_FILE": str(file)}
        if case == "both":
            there["FAZA_METER_KEY"] = "other-secret"
        with pytest.raises(Unread) as caught:
            told(there)
        found = wrong(there)
        assert list(found) == ["FAZA_METER_KEY_FILE"]
        assert "FAZA_METER_KEY_FILE" in str(caught.value)
        assert "secret" not in str(caught.value).replace("FAZA_SECRET", "")
        assert "\n" not in found["FAZA_METER_KEY_FILE"]

    def test_a_wrong_value_from_a_file_is_judged_and_not_shown(self, tmp_path):
        (tmp_path / "url").write_text("mysql://a:secret@db/faza")
        found = wrong({"DATABASE_URL_FILE": str(tmp_path / "url")})
        assert found["DATABASE_URL"].startswith("DATABASE_URL=mysql://a:…@db/faza: expected ")


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

    def test_secrets_in_files_are_used_and_doctor_says_where_they_are(self, tmp_path):
        (tmp_path / "url").write_text(f"sqlite:///{tmp_path}/other.sqlite3\n")
        (tmp_path / "key").write_text("k" * 60)
        (tmp_path / "key").chmod(0o644)
        done = faza("doctor", "--json", FAZA_HOME=str(tmp_path / "home"),
                    DATABASE_URL_FILE=str(tmp_path / "url"),
                    FAZA_SECRET_KEY_FILE=str(tmp_path / "key"))  # fmt: skip

        found = json.loads(done.stdout)
        checks = {one["name"]: one for one in found["checks"]}
        settings = {one["name"]: one for one in found["settings"]}
        assert f"{tmp_path}/other.sqlite3 does not exist" in checks["database"]["value"]
        assert settings["FAZA_SECRET_KEY"]["value"] == f"in {tmp_path}/key"
        assert checks["secret key"]["advice"].startswith("others may read it")
        assert "kkkk" not in done.stdout

    def test_a_dry_run_without_a_database_is_refused_and_makes_nothing(self, tmp_path):
        home = tmp_path / "home"
        done = faza("import", "--dry-run", tmp_path, FAZA_HOME=str(home))

        assert done.returncode == 2
        assert "there is no database yet" in done.stderr
        assert "faza migrate" in done.stderr
        assert not home.exists()
