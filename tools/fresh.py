"""Prove that a clone of HEAD needs nothing but coreutils, git, python3 and make.

The PATH of the run has only those; what else there is on the machine is not found.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Coreutils, and the shell that make and npm run commands by.
PROGRAMS = """
    sh git make basename cat chmod chown comm cp cut date dd df dirname du echo env expr false fold
    head id install join ln ls md5sum mkdir mkfifo mktemp mv nl nproc od paste pr printf pwd
    readlink realpath rm rmdir seq sha256sum sleep sort split stat stty sync tail tee test timeout
    touch tr true tsort uname uniq unlink wc whoami yes
"""
STEPS = (["demo", "ARGS=--prepare"], ["test"])
LEAKS = ("FAZA_", "PYTHON", "VIRTUAL_ENV", "NODE_PATH", "DATABASE_URL", "MAKE", "MFLAGS", "PYTEST_")


def make_path(folder: Path) -> None:
    """Fill a folder with links to the programs that may be used."""
    folder.mkdir()
    for name in PROGRAMS.split():
        if found := shutil.which(name, path="/usr/bin:/bin"):
            (folder / name).symlink_to(found)
    # Debian's own Python if there is one; no link, as Python looks for its library beside it.
    python = shutil.which("python3", path="/usr/bin:/bin") or sys.executable
    (folder / "python3").write_text(f'#!/bin/sh\nexec "{python}" "$@"\n')
    (folder / "python3").chmod(0o755)


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="faza-fresh-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        make_path(folder / "bin")
        environment = {k: v for k, v in os.environ.items() if not k.startswith(LEAKS)}
        environment["PATH"] = str(folder / "bin")
        clone = folder / "a clone"  # paths with spaces have to do
        subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True)
        for step in STEPS:
            began = time.monotonic()
            print(f"== make {' '.join(step)}", flush=True)
            call = [folder / "bin/make", "-C", clone, *step]
            code = subprocess.run(call, env=environment, stdin=subprocess.DEVNULL).returncode
            print(f"== {code} after {time.monotonic() - began:.0f} s", flush=True)
            if code:
                return code
    return 0


if __name__ == "__main__":
    sys.exit(main())
