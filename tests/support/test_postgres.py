import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.support import postgres

ROOT = Path(__file__).resolve().parent.parent.parent
WRAPPER = [sys.executable, str(ROOT / "tools/with_postgres.py")]


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder for temporary files that the server's user can reach, which tmp_path is not."""
    with tempfile.TemporaryDirectory(prefix="faza-place-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def start(place: Path) -> tuple[subprocess.Popen[str], int]:
    """A wrapper whose command runs, and its server's port."""
    command = ["sh", "-c", 'echo "$DATABASE_URL"; exec sleep 60']
    environment = os.environ | {"TMPDIR": str(place)}
    # A shell has what it starts in the background ignore the terminal's signal; not this one.
    process = subprocess.Popen(
        [*WRAPPER, *command],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    with process.stdout as said:
        found = re.search(r":(\d+)/", said.readline())
    return process, int(found[1])


def is_gone(port: int) -> bool:
    """Whether nobody listens any more within ten seconds."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        try:
            psycopg.connect(f"postgres://faza@127.0.0.1:{port}/faza", connect_timeout=2).close()
        except psycopg.OperationalError:
            return True
        time.sleep(0.1)
    return False


@pytest.mark.kill
class TestWrapper:
    def test_the_commands_exit_code_is_its_own(self):
        assert subprocess.run([*WRAPPER, "sh", "-c", "exit 7"]).returncode == 7

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
    def test_a_signal_ends_command_and_server_and_leaves_no_folder(self, place, number):
        process, port = start(place)

        process.send_signal(number)

        assert process.wait(20) == 128 + number
        assert is_gone(port)
        assert list(place.iterdir()) == []

    def test_a_killed_wrapper_leaves_no_server_and_the_next_one_tidies_up(self, place):
        process, port = start(place)

        process.kill()

        assert process.wait(10) == -signal.SIGKILL
        assert is_gone(port)
        environment = os.environ | {"TMPDIR": str(place)}
        subprocess.run([*WRAPPER, "true"], env=environment, check=True)
        assert list(place.iterdir()) == []


def test_sweeping_spares_a_server_that_is_in_use():
    with postgres.server() as url:
        postgres.sweep()
        with psycopg.connect(url) as connection:
            assert connection.execute("SHOW fsync").fetchone() == ("off",)


def test_a_durable_server_writes_to_the_disk():
    with postgres.server(durable=True) as url, psycopg.connect(url) as connection:
        assert connection.execute("SHOW fsync").fetchone() == ("on",)


def test_a_missing_server_is_said_in_one_line(monkeypatch, tmp_path):
    monkeypatch.setattr(postgres.Path, "glob", lambda self, pattern: iter(()))
    monkeypatch.setitem(os.environ, "PATH", str(tmp_path))

    with pytest.raises(postgres.NoServer, match="apt-get install postgresql"):
        postgres.programs()
