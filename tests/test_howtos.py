"""The how-to pages do what they say: their scripts are run as they stand."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from faza.accounts.models import User
from faza.accounts.services import EmailTaken
from faza.collection.models import Device, ExchangeProfile
from faza.collection.polling import adding
from faza.contracts.access import windows_of
from faza.contracts.models import Customer
from faza.core.periods import start_of_day
from faza.metering.models import MeteringComplex, UsagePoint
from tests.metering.factories import make_meter, make_point
from tests.test_docs import ROOT, text

PAGE = "docs/how-to/give-a-subscriber-access.md"
SIGNED = date(2026, 1, 1)


@pytest.fixture
def script(monkeypatch):
    """The script of the page, as Python; the points that it names are there."""
    found = re.search(r"(?ms)^```python\n(.*?)^```", text(PAGE))
    assert found
    for code in re.findall(r'"(\d{15})":', found[1]):
        make_point(code=code)
    monkeypatch.setenv("NEW_PASSWORD", "Obvodny-kanal-7")
    return compile(found[1], PAGE, "exec")


def run(script) -> None:
    exec(script, {})


@pytest.mark.django_db
class TestAccessOfASubscriber:
    def test_the_subscriber_sees_the_points_since_the_agreement(self, script):
        run(script)
        user = User.objects.get()
        windows = windows_of(user, at=datetime.now(UTC))
        assert user.check_password("Obvodny-kanal-7")
        assert set(windows.points) == set(UsagePoint.objects.values_list("id", flat=True))
        assert {window.period.start for window in windows} == {
            start_of_day(SIGNED, "Europe/Moscow")
        }

    def test_each_point_has_its_meter_and_the_sender_a_profile(self, script):
        run(script)
        assert MeteringComplex.objects.count() == UsagePoint.objects.count() == 2
        assert {installed.ratio for installed in MeteringComplex.objects.all()} == {2000}
        assert ExchangeProfile.objects.get().sender_inn in text(PAGE)

    def test_a_second_run_changes_nothing(self, script):
        run(script)
        with pytest.raises(EmailTaken):
            run(script)
        assert Customer.objects.count() == 1


READ, COLLECT = "docs/how-to/read-a-meter.md", "docs/how-to/collect-from-meters.md"
SHELL = f'faza() {{ "{sys.executable}" -m tests.support.faza "$@"; }}\n'
# What «Импорт сетки» does when its buttons are pressed: a trial, new types, the rows.
IMPORT_GRID = """
import sys
from datetime import UTC, datetime
from faza.cli.common import start
start()
from faza.accounts.models import User
from faza.collection.grid import services
from faza.jobs import worker
at = datetime.now(UTC)
asked = {"by": User.objects.get(), "at": at}
one = services.begin("grid.csv", sys.stdin.buffer.read(), **asked)
keys = {int(n): key for n, key in one.columns.items()}
one = services.choose(one, keys=keys, base=one.base, since=one.since, **asked)
worker.run_waiting()
one.refresh_from_db()
services.decide(one, code=one.groups[0]["code"], **asked)
worker.run_waiting()
services.begin_applying(one, skip_errors=False, **asked)
worker.run_waiting()
"""


def section(page: str, title: str) -> str:
    found = re.search(rf"(?ms)^## {re.escape(title)}\n(.*?)(?=^## |\Z)", text(page))
    assert found, f"{page} has no section {title!r}"
    return found[1]


def commands(told: str, name: str = "faza ") -> list[str]:
    """Its commands of a terminal that begin so."""
    return re.findall(rf"(?m)^    ({name}.*)$", told)


def shell(environment: dict[str, str], folder: Path, script: str) -> tuple[int, str]:
    """Exit code and output of lines as somebody types them, who has named no settings of Django."""
    told = environment | {"PYTHONPATH": str(ROOT)}
    told.pop("DJANGO_SETTINGS_MODULE", None)
    done = subprocess.run(
        ["bash", "-c", SHELL + script], cwd=folder, env=told, text=True, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    return done.returncode, done.stdout


@contextmanager
def simulating(folder: Path) -> Iterator[list[str]]:
    """The first terminal of the tour, on free ports; the commands that it proposes."""
    command, *_ = commands(section(READ, "Try it with simulated meters"), "faza simulate")
    words = [sys.executable, "-m", "tests.support.faza", *command.split()[1:], "--port", "0"]
    told = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        words, cwd=folder, env=told, text=True, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        try:
            lines = []
            for line in process.stdout:
                lines.append(line.strip())
                if line.startswith("All of them"):
                    break
            yield [line for line in lines if line.startswith("faza read")]
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


@contextmanager
def deaf_port() -> Iterator[str]:
    """A port on which nobody listens, and nobody can meanwhile."""
    with socket.socket() as some:
        some.bind(("127.0.0.1", 0))
        yield str(some.getsockname()[1])


@pytest.mark.kill
@pytest.mark.either_engine
class TestTourOfMeters:
    def test_a_meter_is_read_as_the_page_says(self, tmp_path):
        told = section(READ, "Try it with simulated meters")
        asked = commands(told, "faza read")
        with simulating(tmp_path) as printed, deaf_port() as deaf:
            found = re.search(r"--port (\d+)", printed[0])
            assert found
            ports = {"--port 4059": found[0], "--port 4058": f"--port {deaf}"}
            for name, port in ports.items():
                asked = [command.replace(name, port) for command in asked]
            assert asked[0] == printed[0]
            # Waiting for nobody is cut short; other words are as they stand.
            hasty = [c + " --timeout 1" if "--address 2" in c else c for c in asked]
            said = [shell(dict(os.environ), tmp_path, one) for one in hasty]
        codes = [code for code, _ in said]
        assert codes == [0, 0, 0, 1, 1, 1], said
        assert "→ asks for an association as client 32 with a password" in said[0][1]
        assert "all 48 are there" in said[0][1]
        (reason,) = re.findall(r'name the reason, "(.*?)"', told)
        assert reason in said[3][1]
        assert sorted(path.name for path in tmp_path.iterdir()) == ["grid.csv", "meters.json"]

    def test_all_are_collected_as_the_page_says(self, installation, tmp_path):
        told = section(COLLECT, "Try it with simulated meters")
        make, known, once = (
            *commands(told, "faza createadmin"), *commands(told, "faza collect --"),
        )  # fmt: skip
        look = "\n".join(commands(told, "day=") + commands(told, "faza export"))
        message = re.search(r"(?ms)^```json\n(.*?)^```", text(COLLECT))
        assert message
        (tmp_path / "day.json").write_text(message[1])
        with simulating(tmp_path):
            password = "echo 'Obvodny-kanal-7' | "
            assert shell(installation, tmp_path, f"{password}{make} --password-stdin")[0] == 0
            with (tmp_path / "grid.csv").open() as sheet:
                subprocess.run(
                    [sys.executable, "-c", IMPORT_GRID], stdin=sheet, env=installation, check=True
                )
            for command in (known, once):
                code, said = shell(installation, tmp_path, command)
                assert code == 0, said
                assert f'says "{said.strip().split(", 0 changed")[0]}"' in told
            code, said = shell(installation, tmp_path, look)
            assert (code, said.count(",valid")) == (0, 3), said
            code, said = shell(installation, tmp_path, "faza import day.json --json")
            assert (code, json.loads(said)["new_events"]) == (0, 1), said

    @pytest.mark.django_db
    def test_the_connection_on_the_page_is_understood(self):
        found = re.search(r'(?ms)^ {7}(\{"number".*?\}\})$', text(COLLECT))
        assert found
        told = json.loads(found[1].replace('key": "…"', f'key": "{bytes(16).hex()}"'))
        make_meter(number=told["number"])
        added = adding.add([told], at=datetime.now(UTC))
        assert (added.problems, added.made) == ([], 1)
        device = Device.objects.get()
        keys = (device.credentials, device.control)
        assert [one and one.mechanism for one in keys] == ["lls", "hls5"]
