"""Fuzz targets one after another: python -m tests.fuzz [TARGET | laws …]; all without arguments.

FUZZ_SECONDS (60) is how long each takes. An input may take INPUT_SECONDS, a process RSS_MB. What
was interesting is kept in .make/fuzz/TARGET and begun from the next time; an input that was bad
is left in .make/fuzz/bad/TARGET, to be put into tests/fuzz/found/TARGET with its mending.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

from tests.fuzz import laws
from tests.fuzz.targets import FOUND, MOST, TARGETS

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / ".make/fuzz"
SECONDS = int(os.environ.get("FUZZ_SECONDS", "60"))
INPUT_SECONDS = 10
RSS_MB = 1024
ROUND = 60
"""Seconds of a process: the fuzzer's own memory grows by some megabytes each."""
SLACK = 120
"""Seconds for starting, for reading what was kept, and for a busy machine."""


def fuzz(name: str) -> bool:
    """Whether the target withstood its time, in processes of ROUND seconds at most."""
    left = SECONDS
    while left > 0:
        if not _round(name, min(left, ROUND)):
            return False
        left -= ROUND
    return True


def _round(name: str, seconds: int) -> bool:
    bad = KEPT / "bad" / name
    command = [sys.executable, "-m", "tests.fuzz.fuzzer", name, *_flags(name, seconds)]
    started = time.monotonic()
    try:
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, errors="replace",
            timeout=seconds + SLACK, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        print(f"{name:10} hangs: not ended {SLACK} s after its time")
        return False
    told = done.stderr
    runs, peak = _told("number_of_executed_units", told), _told("peak_rss_mb", told)
    print(
        f"{name:10} {runs:>9} inputs, {peak:>5} MB, {time.monotonic() - started:.0f} s", flush=True
    )
    if done.returncode:
        print("\n".join(line[:500] for line in done.stdout.splitlines()[-60:]))
        print("\n".join(line[:200] for line in told.splitlines() if "ERROR" in line))
        print(f"{name} failed: the input is in {bad}")
    return not done.returncode


def _flags(name: str, seconds: int) -> list[str]:
    """Of libFuzzer: its bounds, and where its inputs are and go."""
    target = TARGETS[name]
    kept, seeds, bad = KEPT / name, KEPT / "seeds" / name, KEPT / "bad" / name
    for folder in (kept, seeds, bad):
        folder.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(target.seeds()):
        (seeds / f"{number:03}").write_bytes(seed)
    words = KEPT / f"{name}.dict"
    words.write_text("".join(f'"{_escaped(word)}"\n' for word in target.words))
    return [
        f"-max_total_time={seconds}",
        f"-timeout={INPUT_SECONDS}",
        f"-rss_limit_mb={RSS_MB}",
        f"-max_len={MOST}",
        f"-artifact_prefix={bad}/",
        "-print_final_stats=1",
        *([f"-dict={words}"] if target.words else []),
        *(str(folder) for folder in (kept, seeds, FOUND / name) if folder.is_dir()),
    ]


def _escaped(word: bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in word)


def _told(what: str, text: str) -> str:
    found = re.search(rf"stat::{what}:\s*(\d+)", text)
    return found[1] if found else "?"


def main(names: list[str]) -> int:
    unknown = set(names) - set(TARGETS) - {"laws"}
    if unknown:
        print(
            f"No such target: {', '.join(sorted(unknown))}. There are {', '.join(TARGETS)}, laws."
        )
        return 2
    good = True
    for name in names or [*TARGETS, "laws"]:
        if name == "laws":
            laws.hold(SECONDS)
        else:
            good &= fuzz(name)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
