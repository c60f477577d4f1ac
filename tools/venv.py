"""Make the virtual environment; on Debian install python3-venv for it where that is missing."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import debian


def works(folder: Path) -> bool:
    """Whether the environment is whole: an interrupted start leaves one without pip."""
    python = folder / "bin/python"
    call = [python, "-c", "import pip"]
    return python.exists() and subprocess.run(call, capture_output=True).returncode == 0


def main() -> None:
    folder = Path(sys.argv[1])
    if sys.version_info < (3, 11):  # noqa: UP036  this is where it is found out
        sys.exit(
            f"Faza needs Python 3.11 or newer, this is {sys.version.split()[0]}: make PYTHON=…"
        )
    if works(folder):
        return
    if not importlib.util.find_spec("ensurepip"):
        debian.install([f"python3.{sys.version_info.minor}-venv"])
    # From within another environment venv would build on that one.
    python = getattr(sys, "_base_executable", sys.executable)
    environment = {k: v for k, v in os.environ.items() if k != "VIRTUAL_ENV"}
    subprocess.run([python, "-m", "venv", "--clear", folder], check=True, env=environment)


if __name__ == "__main__":
    main()
