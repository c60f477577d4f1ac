"""`make soak`: the fleet of 200 meters over 30 days, with a table of figures; slow on purpose."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.soak.run import Scale
from tests.support import postgres
from tests.support.installation import installed

ENGINES = ("sqlite", "postgresql")


def soaked(
    environment: dict[str, str], scale: Scale, folder: Path, *, is_quiet: bool = True
) -> Any:
    """The report of a soak in an installation; where it is not quiet, it tells how far it is.

    Raises AssertionError with its errors.
    """
    told = json.dumps(asdict(scale))
    done = subprocess.run(
        [sys.executable, "-m", "tests.soak.run", str(folder), told],
        env=environment, text=True, stdout=subprocess.PIPE, check=False,
        stderr=subprocess.PIPE if is_quiet else None,
    )  # fmt: skip
    assert done.returncode == 0, (done.stderr or "")[-8000:]
    return json.loads(done.stdout)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("engines", nargs="*", default=["postgresql"], help="sqlite, postgresql")
    usual = Scale(200, 30)
    for name, value in asdict(usual).items():
        parser.add_argument(f"--{name}", type=type(value), default=value)
    parser.add_argument("--json", type=Path, help="write the report there")
    options = parser.parse_args()
    if set(options.engines) - set(ENGINES):
        parser.error(f"engines are {' and '.join(ENGINES)}")
    scale = Scale(**{name: getattr(options, name) for name in asdict(usual)})
    is_good = True
    for engine in options.engines:
        report = _on(engine, scale)
        if options.json:
            options.json.write_text(json.dumps({engine: report}, indent=1))
        is_good &= not report["problems"]
        _tell(engine, report)
    return 0 if is_good else 1


def _on(engine: str, scale: Scale) -> Any:
    with tempfile.TemporaryDirectory(prefix="faza-soak-") as folder:
        if engine == "sqlite":
            os.environ["DATABASE_URL"] = "sqlite:///"
            with installed() as environment:
                return soaked(environment, scale, Path(folder), is_quiet=False)
        with postgres.server() as url:
            os.environ["DATABASE_URL"] = url
            with installed() as environment:
                return soaked(environment, scale, Path(folder), is_quiet=False)


def _tell(engine: str, report: Any) -> None:
    rows = {
        "seconds": report["seconds"], "steps": report["steps"], "kills": report["kills"],
        "kills that left leases behind": report["kills_amid"],
        "hours until all had come": report["drained_hours"], **report["figures"],
    }  # fmt: skip
    print(f"\n{engine}: {report['scale']}")
    for name, value in rows.items():
        print(f"  {name:45} {value:>12,}")
    for kind, words in report["problems"].items():
        print(f"  {kind}:", *words, sep="\n    ")


if __name__ == "__main__":
    sys.exit(main())
