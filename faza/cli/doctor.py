"""faza doctor: what is set, whether it is right, and what to do where it is not."""

from __future__ import annotations

import argparse
import json
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from faza.cli.common import OK, PROBLEMS, Refused, command, start

TEACH = """\
Reads everything and changes nothing. The exit code is 1 if anything is wrong; what is only
unusual is marked with an exclamation mark. Secrets are not shown.

examples:
  faza doctor
  faza doctor --json
"""


@dataclass(frozen=True, slots=True)
class Setting:
    """A variable of the environment.

    `default` in words; `about` says what it is and what it may be; `is_right` judges a value
    that is set; `secret` values are not shown.
    """

    name: str
    default: str
    about: str
    is_right: Callable[[str], bool] = bool
    secret: bool = False


def _is_web(value: str) -> bool:
    return bool(re.fullmatch(r"https?://[^/\s]+/?", value))


def _has_scheme(*schemes: str) -> Callable[[str], bool]:
    return lambda value: value.partition(":")[0] in schemes and ":" in value


def _is_folder(value: str) -> bool:
    path = Path(value).resolve()
    return path.is_dir() or (not path.exists() and os.access(path.parent, os.W_OK))


SETTINGS = (
    Setting("FAZA_HOME", "./var", "folder of the embedded database, keys and files", _is_folder),
    Setting(
        "DATABASE_URL",
        "SQLite in FAZA_HOME",
        "sqlite:///path or postgres://user:password@host:port/name",
        _has_scheme("sqlite", "postgres", "postgresql"),
        secret=True,
    ),
    Setting("FAZA_URL", "http://127.0.0.1:8000", "http(s)://host that people use", _is_web),
    Setting(
        "FAZA_HOSTS",
        "localhost,127.0.0.1,[::1]",
        "host names that are answered, between commas; * answers forged ones too",
        lambda value: bool(value) and "*" not in value.split(",") and "/" not in value,
    ),
    Setting("FAZA_PROXIES", "0", "number of trusted reverse proxies in front", str.isdecimal),
    Setting("FAZA_SECRET_KEY", "made in FAZA_HOME", "key of sessions and links", secret=True),
    Setting(
        "FAZA_EMAIL_URL",
        "console:",
        "console:, smtp://user:password@host:port or smtps://…",
        _has_scheme("console", "smtp", "smtps"),
        secret=True,
    ),
    Setting(
        "FAZA_EMAIL_FROM",
        "faza@localhost",
        "address that letters are from",
        lambda value: "@" in value,
    ),
    Setting(
        "FAZA_STATIC_ROOT",
        "served from the package",
        "folder of collected static files",
        lambda value: Path(value).is_dir(),
    ),
    Setting(
        "FAZA_LOG",
        "INFO",
        "least level of messages in the log: DEBUG, INFO, WARNING or ERROR",
        lambda value: value in ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"),
    ),
    Setting(
        "FAZA_DEBUG",
        "0",
        "0 or 1; 1 shows errors in pages: never in production",
        lambda value: value in ("", "0", "1"),
    ),
)


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
    try:
        start()
    except Refused as refused:
        checks.append(Finding("settings", str(refused), "wrong", "correct the one named above"))
    else:
        from faza.cli.health import checks as examine

        checks += examine()
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
    known = {setting.name for setting in SETTINGS}
    for setting in SETTINGS:
        name, value, about = setting.name, os.environ.get(setting.name), setting.about
        if value is None:
            yield Finding(name, f"(default: {setting.default})", about=about)
        elif setting.is_right(value):
            yield Finding(name, _shown(setting, value), about=about)
        else:
            yield Finding(name, _shown(setting, value), "wrong", f"expected: {about}", about)
    for name in sorted(os.environ):
        if name.startswith("FAZA_") and name not in known:
            yield Finding(name, "(set)", "unusual", "unknown: nothing reads it; a misprint?")


def _shown(setting: Setting, value: str) -> str:
    """A setting's value without its secrets."""
    if not setting.secret:
        return value
    if "://" not in value:
        return value if value.endswith(":") else "(hidden)"
    scheme, rest = value.split("://", 1)
    signs, at, place = rest.rpartition("@")
    user = signs.partition(":")[0]
    place = place.partition("?")[0]
    return f"{scheme}://{user}:…@{place}" if ":" in signs else f"{scheme}://{user}{at}{place}"


def _tell(title: str, findings: list[Finding]) -> None:
    marks = {"ok": " ", "unusual": "!", "wrong": "✗"}
    print(title)
    for finding in findings:
        print(f"{marks[finding.state]} {finding.name:<18} {finding.value}")
        if told := finding.advice or finding.about:
            print(f"  {'':<18} {told}")
    print()
