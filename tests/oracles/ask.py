"""Asking an oracle, in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


def ask(oracle: str, folder: Path, **asked: Any) -> tuple[dict[str, Any], list[tuple[str, bytes]]]:
    """What `tests.oracles.{oracle}` tells, and who said what on the line."""
    result, frames = folder / "told.json", folder / "frames.hex"
    words = json.dumps({**asked, "result": str(result), "frames": str(frames)})
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", f"tests.oracles.{oracle}"],
        input=words,
        capture_output=True,
        text=True,
        timeout=120,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    lines = frames.read_text().splitlines()
    told: dict[str, Any] = json.loads(result.read_text())
    return told, [(line[0], bytes.fromhex(line[2:])) for line in lines]
