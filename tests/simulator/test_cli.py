"""faza simulate: a fleet that is read by another process, and ends as it was told to."""

from __future__ import annotations

import json
import os
import shlex
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from faza.cli import main
from faza.simulator import truth

FAZA = (sys.executable, "-m", "tests.support.faza")
NOW = "2026-05-04T12:10:00+00:00"


@contextmanager
def simulating(folder: Path, *arguments: str) -> Iterator[tuple[list[dict[str, Any]], list[str]]]:
    """The connections of a running fleet, and the commands that it proposes."""
    (folder / "now").write_text(NOW)
    command = [*FAZA, "simulate", "--port", "0", "--clock-file", "now",
               "--write-connections", "meters.json", *arguments]  # fmt: skip
    with subprocess.Popen(
        command, cwd=folder, text=True, stdout=subprocess.PIPE, env=_environment()
    ) as process:
        assert process.stdout is not None
        try:
            lines = []
            for line in process.stdout:
                lines.append(line.strip())
                if line.startswith("All of them"):
                    break
            told = json.loads((folder / "meters.json").read_text())["meters"]
            yield told, [line for line in lines if line.startswith("faza read")]
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0


def _environment() -> dict[str, str]:
    root = Path(__file__).resolve().parents[2]
    # As in a shell: the command itself finds its settings, where it needs any.
    there = {k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"}
    return there | {"PYTHONPATH": str(root)}


def until(condition: Any) -> None:
    for _ in range(200):
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("it did not come about")


@pytest.mark.kill
@pytest.mark.either_engine
def test_a_meter_is_read_by_the_command_that_is_printed(tmp_path: Path) -> None:
    arguments = ("--meters", "12", "--hdlc", "0.5", "--truth", "truth.npz", "--write-grid", "g.csv")
    with simulating(tmp_path, *arguments) as (told, commands):
        assert len(told) == 12
        drivers = {words[words.index("--driver") + 1] for words in map(shlex.split, commands)}
        assert drivers == {"dlms-wrapper", "dlms-hdlc"}
        assert stat.S_IMODE((tmp_path / "meters.json").stat().st_mode) == 0o600
        for command in commands:
            words = shlex.split(command)[1:]
            done = subprocess.run(
                [*FAZA, *words, "--clock-file", str(tmp_path / "now")],
                env=_environment(), text=True, capture_output=True, check=False,
            )  # fmt: skip
            assert done.returncode == 0, done.stderr
            assert "all 48 are there" in done.stdout
    until((tmp_path / "truth.npz").exists)
    facts = truth.read(tmp_path / "truth.npz")
    assert [one.number for one in facts] == [entry["number"] for entry in told]
    assert all(one.at.isoformat() == NOW for one in facts)
    assert len((tmp_path / "g.csv").read_text().splitlines()) == 13


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--meters", "0"], "--meters is 1 to 20000"),
        (["--hdlc", "0.8", "--mercury", "0.5"], "not more than 1 together"),
        (["--port", "65530", "--meters", "200"], "more than there are"),
        (["--clock-file", "/nowhere/now"], "--clock-file"),
        (["--fleet", "/nowhere/fleet.json"], "fleet.json"),
        (["--since", "2190-01-01T00:00+00:00"], "future"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(
    arguments: list[str], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["simulate", *arguments]) == 2
    told = capsys.readouterr().err
    assert reason in told
    assert told.count("\n") == 1
