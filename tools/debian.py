"""Install Debian packages that tests need and that are not there; without the right to, name them.

Usage: debian.py PACKAGE…
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

# Administrators' programs are not on everybody's PATH, and dpkg wants them there.
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
PRESENT = {
    "postgresql": lambda: (
        any(Path("/usr/lib/postgresql").glob("*/bin/initdb")) or shutil.which("initdb")
    ),
    "mosquitto": lambda: shutil.which("mosquitto", path=PATH),
    "nginx-light": lambda: shutil.which("nginx", path=PATH),
    "chromium": lambda: shutil.which("chromium", path=PATH),
    # As wide as Arial, which is on the machines of most people: what stands in until Inter comes.
    "fonts-liberation": lambda: any(Path("/usr/share/fonts/truetype").glob("liberation*")),
}


def install(packages: list[str]) -> None:
    """Install packages with apt; end the program with one clear line where that cannot be."""
    command = f"apt-get install {' '.join(packages)}"
    if os.geteuid() != 0 or not shutil.which("apt-get", path=PATH):
        sys.exit(f"Missing: {', '.join(packages)}. As root on Debian: {command}")
    print(f"Installing from Debian: {', '.join(packages)}", flush=True)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive", "PATH": PATH}
    options = ["-qq", "-y", "--no-install-recommends"]
    for call in (["update", "-qq"], ["install", *options, *packages]):
        done = subprocess.run(
            ["/usr/bin/env", "apt-get", *call],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            sys.exit(f"{done.stdout[-2000:]}{done.stderr[-2000:]}\nIt failed: {command}")


if __name__ == "__main__":
    if missing := [name for name in sys.argv[1:] if not PRESENT[name]()]:
        install(missing)
