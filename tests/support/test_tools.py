import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import debian  # noqa: E402  a script, not a package


class TestMissingPackages:
    def test_without_the_right_they_are_named_in_one_line(self, monkeypatch):
        monkeypatch.setattr(debian.os, "geteuid", lambda: 1000)

        with pytest.raises(SystemExit, match="^Missing: chromium. As root on Debian: apt-get inst"):
            debian.install(["chromium"])

    def test_a_failed_installation_shows_what_apt_said(self, monkeypatch):
        failed = subprocess.CompletedProcess([], 100, "", "E: no such package")
        monkeypatch.setattr(debian.os, "geteuid", lambda: 0)
        monkeypatch.setattr(debian.shutil, "which", lambda *args, **options: "/usr/bin/apt-get")
        monkeypatch.setattr(debian.subprocess, "run", lambda *args, **options: failed)

        with pytest.raises(SystemExit, match="E: no such package"):
            debian.install(["chromium"])

    def test_what_is_there_is_left_alone(self):
        call = [sys.executable, ROOT / "tools/debian.py"]
        assert subprocess.run(call, capture_output=True).returncode == 0
