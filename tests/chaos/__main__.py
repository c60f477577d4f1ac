"""`make chaos`: twenty rounds of `kill -9` for web, worker, collector and database, under load."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ENGINES = ("postgresql", "sqlite")


def run(folder: Path, engine: str, rounds: int, seed: int = 7) -> Any:
    """The report of a run. Raises AssertionError with its last words."""
    told = json.dumps({"engine": engine, "rounds": rounds, "seed": seed})
    done = subprocess.run(
        [sys.executable, "-m", "tests.chaos.run", str(folder), told],
        text=True, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-12_000:]
    return json.loads(done.stdout)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("engines", nargs="*", default=["postgresql"], help=" or ".join(ENGINES))
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    if set(options.engines) - set(ENGINES):
        parser.error(f"engines are {' and '.join(ENGINES)}")
    is_good = True
    for engine in options.engines:
        with tempfile.TemporaryDirectory(prefix="faza-chaos-") as folder:
            Path(folder).chmod(0o755)  # PostgreSQL runs as a user of its own
            report = run(Path(folder), engine, options.rounds, options.seed)
        _tell(engine, report)
        is_good &= not report["problems"]
    return 0 if is_good else 1


def _tell(engine: str, report: Any) -> None:
    print(f"\n{engine}: {report['scale']['rounds']} rounds in {report['seconds']} s")
    for name, value in report["figures"].items():
        print(f"  {name:35} {value:>10,}")
    for name, took in report["back"].items():
        took = sorted(took)
        print(f"  {name + ': back after':35} median {took[len(took) // 2]} s, most {took[-1]} s")
    for problem in report["problems"]:
        print(f"  WRONG {problem}")


if __name__ == "__main__":
    sys.exit(main())
