"""The command `faza`: arguments, exit codes, and what it prints where."""

import io
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from datetime import timedelta
from pathlib import Path

import pytest
from django.db.migrations.recorder import MigrationRecorder

from faza.accounts.models import User
from faza.cli import main
from faza.cli.common import now, parser_of
from faza.cli.doctor import SETTINGS
from faza.collection.models import ExchangeProfile
from faza.metering.models import UsagePoint
from faza.outbox import services as outbox
from faza.outbox.models import Message
from faza.protocols import xml80020
from tests.collection.factories import (
    CODE,
    DAY,
    days_of,
    imported,
    make_point,
    message,
    written,
)
from tests.support.installation import run, start
from tests.support.postgres import free_port

RAMP = [250 * n for n in range(48)]
EXPORT = ["--points", CODE, "--from", "2026-01-14", "--to", "2026-01-14"]


def faza(*arguments: object) -> int:
    return main([str(argument) for argument in arguments])


class TestHelp:
    @pytest.mark.parametrize(
        "command",
        ["import", "export", "migrate", "serve", "demo", "bench", "doctor", "createadmin"],
    )
    def test_every_command_teaches_by_examples(self, command, capsys):
        with pytest.raises(SystemExit) as left:
            faza(command, "--help")
        assert left.value.code == 0
        out = capsys.readouterr().out
        assert f"faza {command}" in out
        assert "exit codes" in out

    def test_a_wrong_argument_is_two(self, capsys):
        with pytest.raises(SystemExit) as left:
            faza("import")
        assert left.value.code == 2

    @pytest.mark.parametrize(
        "arguments",
        [
            ["import", "x", "--zone", "Mars/Base"],
            ["import", "x", "--as-of", "2026-01-01T00:00"],
            ["import", "x", "--as-of", "9999-12-31T23:59-14:00"],
            ["export", "csv", "--points", "A", "--from", "1.1.2026", "--to", "2026-01-01"],
        ],
    )
    def test_a_value_that_cannot_be_is_told_with_what_is_expected(self, arguments, capsys):
        with pytest.raises(SystemExit) as left:
            faza(*arguments)
        assert left.value.code == 2
        assert "expected" in capsys.readouterr().err


@pytest.mark.django_db
class TestImport:
    def test_json_is_one_object_and_nothing_else(self, tmp_path, capsys):
        written(tmp_path, message(RAMP, codes=(CODE, "B")))
        assert faza("import", "--create-points", "--json", tmp_path) == 0
        captured = capsys.readouterr()
        told = json.loads(captured.out)
        assert {
            key: told[key]
            for key in ("files", "points", "values", "changed", "unchanged", "superseded")
        } == {
            "files": 1, "points": 2, "values": 96, "changed": 96, "unchanged": 0, "superseded": 0,
        }  # fmt: skip
        assert told["problems"] == []
        assert captured.err == ""

    def test_problems_have_file_line_and_reason(self, tmp_path, capsys):
        make_point()
        (file,) = written(tmp_path, message(RAMP, codes=(CODE, "B")))
        assert faza("import", "--json", file) == 0
        (problem,) = json.loads(capsys.readouterr().out)["problems"]
        assert set(problem) == {"file", "line", "reason"}
        assert problem["file"] == str(file)

    def test_nothing_of_use_is_one(self, tmp_path, capsys):
        (file,) = written(tmp_path, message(RAMP))
        assert faza("import", file) == 1
        assert f"{file}:" in capsys.readouterr().err

    def test_no_such_file_as_expected_is_two_and_nothing_is_stored(self, tmp_path, capsys):
        file = tmp_path / "x.bin"
        file.write_bytes(bytes(range(256)) * 20)
        assert faza("import", "--create-points", file) == 2
        assert len(capsys.readouterr().err.splitlines()) == 1
        assert not UsagePoint.objects.exists()

    def test_a_path_that_is_not_there_is_two(self, tmp_path, capsys):
        assert faza("import", tmp_path / "nowhere.xml") == 2
        assert "nowhere.xml: No such file" in capsys.readouterr().err

    def test_a_good_file_is_stored_beside_an_unusable_one(self, tmp_path, capsys):
        point = make_point()
        written(tmp_path, message(RAMP))
        (tmp_path / "a.xml").write_text("<nonsense/>")
        assert faza("import", tmp_path) == 2
        assert days_of(point)["2026-01-14"] == RAMP
        assert "1 file refused" in capsys.readouterr().out

    def test_a_dry_run_stores_nothing(self, tmp_path, capsys):
        point = make_point()
        written(tmp_path, message(RAMP))
        assert faza("import", "--dry-run", tmp_path) == 0
        out = capsys.readouterr().out
        assert "would be changed 48" in out
        assert out.startswith("1 file, 1 point, 48 values\n")
        assert days_of(point) == {}

    def test_a_folder_without_files_is_one_and_told(self, tmp_path, capsys):
        (tmp_path / "README.md").write_text("x")
        assert faza("import", "--json", tmp_path) == 1
        captured = capsys.readouterr()
        assert json.loads(captured.out)["files"] == 0
        assert captured.err == f"faza import: there is no file to import in {tmp_path}\n"

    def test_a_unit_that_is_none(self, tmp_path, capsys):
        assert faza("import", "--unit", "parsec", tmp_path / "nowhere") == 2
        assert "--unit parsec: expected one of Wh, varh" in capsys.readouterr().err

    def test_a_dry_run_says_what_would_be_made(self, tmp_path, capsys):
        written(tmp_path, message(RAMP))
        assert faza("import", "--dry-run", "--create-points", tmp_path) == 0
        assert "1 point would be made" in capsys.readouterr().out

    def test_a_channel_that_is_none(self, tmp_path, capsys):
        assert faza("import", "--channel", "Z9", tmp_path) == 2
        assert "A+" in capsys.readouterr().err


@pytest.mark.django_db
class TestExport:
    @pytest.fixture(autouse=True)
    def _filled(self, tmp_path):
        make_point()
        written(tmp_path, message(RAMP), message(RAMP, number=2, day=DAY + timedelta(days=1)))
        imported(tmp_path)

    def test_csv_goes_to_the_output(self, capfdbinary):
        assert faza("export", "csv", *EXPORT) == 0
        lines = capfdbinary.readouterr().out.decode().splitlines()
        assert lines[0] == "usage_point,channel,start,end,value,unit,quality"
        assert len(lines) == 49
        assert lines[-1].startswith(f"{CODE},A+,2026-01-14T23:30:00+03:00,2026-01-15T00:00:00+03")

    def test_the_last_day_is_included(self, capfdbinary):
        arguments = [*EXPORT[:-1], "2026-01-15"]
        assert faza("export", "csv", *arguments) == 0
        assert len(capfdbinary.readouterr().out.decode().splitlines()) == 97

    @pytest.mark.parametrize("format_", ["csv", "xlsx", "80020"])
    def test_a_file(self, format_, tmp_path, capsys):
        file = tmp_path / "out"
        assert faza("export", format_, *EXPORT, "--output", file) == 0
        assert file.stat().st_size > 1000
        assert capsys.readouterr().out == ""

    def test_a_profile_numbers_messages(self, tmp_path, capsys):
        ExchangeProfile.objects.create(sender_inn="77", last_number=9)
        for number in (10, 11):
            file = tmp_path / "m.xml"
            assert faza("export", "80020", *EXPORT, "--sender", "77", "--output", file) == 0
            assert xml80020.read(file.read_bytes()).values.number == number
        assert faza("export", "80020", *EXPORT, "--sender", "78") == 2

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            (["--points", "NO,WAY", *EXPORT[2:]], "no such usage point: NO, WAY"),
            ([*EXPORT, "--channel", "X"], "expected A+"),
            ([*EXPORT[:-1], "2026-01-13"], "before"),
            ([*EXPORT, "--output", "/nowhere/x"], "No such file"),
        ],
    )
    def test_what_cannot_be_is_one_line(self, arguments, words, capsys):
        assert faza("export", "csv", *arguments) == 2
        told = capsys.readouterr().err.splitlines()
        assert len(told) == 1
        assert words in told[0]


@pytest.mark.django_db
class TestDoctor:
    def test_all_is_well(self, capsys):
        assert faza("migrate") == 0  # makes the months to come
        capsys.readouterr()
        assert faza("doctor", "--json") == 0
        told = json.loads(capsys.readouterr().out)
        assert told["ok"] is True
        assert {s["name"] for s in told["settings"]} >= {s.name for s in SETTINGS}
        assert {"database", "migrations", "folder", "secret key", "disk", "mail", "versions"} <= {
            c["name"] for c in told["checks"]
        }

    def test_a_migration_that_is_missing_is_wrong(self, capsys):
        MigrationRecorder.Migration.objects.filter(app="collection").delete()
        assert faza("doctor") == 1
        assert "run faza migrate" in capsys.readouterr().out
        assert faza("import", "x.xml") == 2
        assert "faza migrate" in capsys.readouterr().err
        assert faza("migrate", "--check") == 1
        assert "collection.0001_initial\n" in capsys.readouterr().out

    def test_work_that_nobody_does_is_wrong(self, capsys):
        outbox.tell("account.exists", key="1", address="a@example.ru", payload={}, at=now())
        faza("doctor")
        assert "nothing waits for over 10 minutes" in capsys.readouterr().out
        Message.objects.update(due_at=now() - timedelta(minutes=11))

        assert faza("doctor") == 1
        out = capsys.readouterr().out
        assert "1 message and 0 jobs wait for over 10 minutes" in out
        assert "start faza worker" in out

    def test_secrets_are_not_shown(self, capsys, monkeypatch):
        monkeypatch.setenv("DATABASE_URL", "postgres://faza:hush@db.example/faza?password=hush")
        monkeypatch.setenv("FAZA_SECRET_KEY", "hush" * 20)
        monkeypatch.setenv("FAZA_EMAIL_URL", "smtp://hush:hush2@mail.example")
        monkeypatch.setenv("FAZA_DATABSE", "x")
        faza("doctor")
        out = capsys.readouterr().out
        assert "hush" not in out.replace("smtp://hush:…", "")
        assert "db.example" in out
        assert "! FAZA_DATABSE" in out

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("FAZA_URL", "faza.example"),
            ("FAZA_HOSTS", "*"),
            ("FAZA_PROXIES", "one"),
            ("FAZA_EMAIL_URL", "pop3://x"),
            ("FAZA_LOG", "loud"),
            ("FAZA_DEBUG", "yes"),
            ("FAZA_STATIC_ROOT", "static"),
            ("FAZA_HOME", "/nowhere/at/all"),
            ("FAZA_EMAIL_FROM", "me"),
        ],
    )
    def test_a_wrong_value_is_told_with_what_is_expected(self, name, value, monkeypatch, capsys):
        monkeypatch.setenv(name, value)
        assert faza("doctor", "--json") == 1
        told = json.loads(capsys.readouterr().out)["settings"]
        (wrong,) = [setting for setting in told if setting["state"] == "wrong"]
        assert (wrong["name"], wrong["value"]) == (name, value)
        assert wrong["advice"].startswith("expected")

    def test_it_knows_every_setting(self):
        text = Path(sys.modules["faza.settings"].__file__).read_text()
        for setting in SETTINGS:
            assert setting.name in text


@pytest.mark.django_db
class TestPeople:
    def test_an_administrator(self, monkeypatch, capsys):
        monkeypatch.setattr("sys.stdin", io.StringIO("a long passphrase\n"))
        arguments = ["--email", "A@setel.example", "--name", "Анна", "--password-stdin"]
        assert faza("createadmin", *arguments) == 0
        user = User.objects.get()
        assert (user.email, user.role) == ("a@setel.example", "administrator")
        assert user.check_password("a long passphrase")
        monkeypatch.setattr("sys.stdin", io.StringIO("a long passphrase\n"))
        assert faza("createadmin", *arguments) == 2

    @pytest.mark.parametrize(
        ("extra", "words"),
        [
            (["--area", "NO"], "NO"),
            (["--area", "N"], "password: This password is too short"),
            ([], "--area is wanted"),
        ],
    )
    def test_what_cannot_be_is_one_line(self, monkeypatch, capsys, extra, words):
        make_point()
        monkeypatch.setattr("sys.stdin", io.StringIO("123\n"))
        arguments = ["--email", "a@setel.example", "--name", "А", "--password-stdin", *extra]
        assert faza("createoperator", *arguments) == 2
        assert words in capsys.readouterr().err
        assert not User.objects.exists()

    def test_the_first_nodes_are_named_where_no_area_is_given(self, capsys):
        make_point()
        assert faza("createoperator", "--email", "a@setel.example", "--name", "А") == 2
        assert "there are N (Сети)" in capsys.readouterr().err

    def test_help_has_an_example_with_an_area(self, capsys):
        with pytest.raises(SystemExit):
            faza("createoperator", "--help")
        assert "--area RES-1" in capsys.readouterr().out


@pytest.mark.kill
class TestProcess:
    def test_wrong_settings_are_one_line_and_two(self):
        for name, value in (("DATABASE_URL", "mysql://x"), ("FAZA_PROXIES", "many")):
            done = subprocess.run(
                [sys.executable, "-m", "tests.support.faza", "migrate"],
                env=os.environ | {name: value}, text=True, capture_output=True, check=False,
            )  # fmt: skip
            assert done.returncode == 2
            assert len(done.stderr.splitlines()) == 1
            assert "wrong settings" in done.stderr

    def test_doctor_tells_wrong_settings_too(self):
        done = subprocess.run(
            [sys.executable, "-m", "tests.support.faza", "doctor", "--json"],
            env=os.environ | {"DATABASE_URL": "mysql://x"},
            text=True, capture_output=True, check=False,
        )  # fmt: skip
        assert done.returncode == 1
        assert json.loads(done.stdout)["ok"] is False

    def test_migrate_twice(self, installation):
        assert run(installation, "-m", "tests.support.faza", "migrate") == "nothing to do\n"

    def test_serve_answers_and_stops_cleanly(self, installation):
        port = free_port()
        server = start(
            installation, "-m", "tests.support.faza", "serve", "--port", str(port),
            stderr=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        try:
            assert status(port, server) == 200
        finally:
            server.send_signal(signal.SIGTERM)
            out, errors = server.communicate(timeout=30)
        assert server.returncode == 0, errors
        assert "Traceback" not in out + errors


def status(port: int, server: subprocess.Popen) -> int:
    """What the sign-in page answers once the server is up."""
    until = time.monotonic() + 60
    while time.monotonic() < until and server.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/accounts/login/") as answer:
                return answer.status
        except urllib.error.HTTPError as answer:
            return answer.code
        except OSError:
            time.sleep(0.2)
    raise AssertionError("the server did not come up")


def test_commands_are_all_there():
    actions = parser_of()._subparsers._group_actions
    assert set(actions[0].choices) == {
        "import", "export", "migrate", "serve", "demo", "bench", "createadmin", "createoperator",
        "doctor", "worker", "mailbox", "collect", "read", "simulate", "token", "validate", "prices",
        "backup", "restore", "verify", "distribute",
    }  # fmt: skip
