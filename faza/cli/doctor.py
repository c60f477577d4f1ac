"""faza doctor: what is set, whether it is right, and what to do where it is not."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from faza.cli import environment
from faza.cli.common import OK, PROBLEMS, Refused, command, start
from faza.cli.environment import SETTINGS

TEACH = """\
Reads everything and changes nothing. The exit code is 1 if anything is wrong; what is only
unusual is marked with an exclamation mark. Secrets are not shown.

examples:
  faza doctor
  faza doctor --json
"""


TO_COME = "does not exist; it will be made at the first start"


@dataclass(frozen=True, slots=True)
class Finding:
    """A fact and its judgement: `state` is ok, unusual or wrong; `advice` says what to do.

    `about` is what a setting is for.
    """

    name: str
    value: str
    state: str = "ok"
    advice: str = ""
    about: str = ""


def add_to(commands: Any) -> None:
    parser = command(
        commands, "doctor", help="tell what is set and whether it is right", teach=TEACH
    )
    parser.add_argument("--json", action="store_true", help="as one JSON object")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    settings = list(_settings())
    checks: list[Finding] = []
    bad = environment.wrong(os.environ)
    # What is wrong is taken out, so that the rest is examined; its own checks are left out.
    with environment.without(bad):
        try:
            with environment.looking():
                start()
        except Refused as refused:
            checks.append(Finding("settings", str(refused), "wrong", "correct the one named above"))
        else:
            from faza.cli.health import checks as examine

            checks += examine(without=bad)
    found = settings + checks
    wrong = any(finding.state == "wrong" for finding in found)
    if options.json:
        told = {
            "ok": not wrong,
            "settings": [asdict(finding) for finding in settings],
            "checks": [asdict(finding) for finding in checks],
        }
        print(json.dumps(told, ensure_ascii=False))
    else:
        _tell("settings", settings)
        _tell("checks", checks)
        print("something is wrong" if wrong else "nothing is wrong")
    return PROBLEMS if wrong else OK


def _settings() -> Iterator[Finding]:
    bad = environment.wrong(os.environ)
    known = {setting.name for setting in SETTINGS}
    known |= {f"{setting.name}_FILE" for setting in SETTINGS if setting.may_be_in_file}
    for setting in SETTINGS:
        name, value, about = setting.name, os.environ.get(setting.name), setting.about
        if f"{name}_FILE" in bad:
            yield Finding(name, bad[f"{name}_FILE"], "wrong", f"expected: {about}", about)
        elif name in bad and value is None:
            yield Finding(name, "in a file", "wrong", f"expected: {about}", about)
        elif file := environment.file_of(setting, os.environ):
            yield Finding(name, f"in {file}", about=about)
        elif value is None:
            yield Finding(name, f"(default: {setting.default})", about=about)
        elif setting.is_right(value):
            yield Finding(name, setting.shown(value), about=about)
        else:
            yield Finding(name, setting.shown(value), "wrong", f"expected: {about}", about)
    for name in sorted(os.environ):
        if name.startswith("FAZA_") and name not in known:
            yield Finding(name, "(set)", "unusual", "unknown: nothing reads it; a misprint?")


def _tell(title: str, findings: list[Finding]) -> None:
    marks = {"ok": " ", "unusual": "!", "wrong": "✗"}
    print(title)
    for finding in findings:
        print(f"{marks[finding.state]} {finding.name:<18} {finding.value}")
        if told := finding.advice or finding.about:
            print(f"  {'':<18} {told}")
    print()
