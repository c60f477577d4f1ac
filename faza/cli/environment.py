"""The variables of the environment: what each may be, and which are wrong."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

LOOKING = "ONLY_LOOK_AT_FAZA"
"""Set to 1 before the settings are loaded: nothing is made then, no folder and no key."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A variable of the environment.

    `default` in words; `about` says what it is and what it may be; `is_right` judges a value
    that is set. Of a `secret` nothing is shown, of a `url` all but its password.
    """

    name: str
    default: str
    about: str
    is_right: Callable[[str], bool] = bool
    secret: bool = False
    url: bool = False

    def shown(self, value: str) -> str:
        """A value without its secrets."""
        if self.secret:
            return "(hidden)"
        if not self.url:
            return value
        scheme, mark, rest = value.rpartition("://")
        signs, at, place = rest.rpartition("@")
        user, colon, _ = signs.partition(":")
        if at and not mark and not colon:
            user, colon = "", ":"  # no address at all: what stands before the @ may be secret
        shown = f"{user}:…@{place}" if colon else f"{user}{at}{place}"
        return f"{scheme}{mark}{shown.partition('?')[0]}"


def wrong(environment: Mapping[str, str]) -> dict[str, str]:
    """The wrong variables, with what is wrong: value and expectation in one line."""
    return {
        s.name: f"{s.name}={s.shown(environment[s.name])}: expected {s.about}"
        for s in SETTINGS
        if s.name in environment and not s.is_right(environment[s.name])
    }


@contextmanager
def looking() -> Iterator[None]:
    """While settings are loaded in it they make nothing."""
    os.environ[LOOKING] = "1"
    try:
        yield
    finally:
        del os.environ[LOOKING]


@contextmanager
def without(names: Mapping[str, str]) -> Iterator[None]:
    """The environment without some variables, so that the others can be looked at."""
    saved = {name: os.environ.pop(name) for name in names}
    try:
        yield
    finally:
        os.environ.update(saved)


def _is_web(value: str) -> bool:
    return bool(re.fullmatch(r"https?://[^/\s]+/?", value))


def _has_scheme(*schemes: str) -> Callable[[str], bool]:
    def is_right(value: str) -> bool:
        try:
            parts = urlsplit(value)
            return ":" in value and parts.scheme in schemes and (parts.port or 1) > 0
        except ValueError:
            return False

    return is_right


def _is_folder(value: str) -> bool:
    """Whether it is a folder to write in, or can be made."""
    path = Path(value).resolve()
    if path.parts[1:2] in (("proc",), ("sys",)):  # writable by their modes, but not in truth
        return False
    folder = path if path.exists() else path.parent
    return folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)


SETTINGS = (
    Setting(
        "FAZA_HOME",
        "./var",
        "a folder that can be written or made, of the embedded database, keys and files",
        _is_folder,
    ),
    Setting(
        "DATABASE_URL",
        "SQLite in FAZA_HOME",
        "sqlite:///path or postgres://user:password@host:port/name",
        _has_scheme("sqlite", "postgres", "postgresql"),
        url=True,
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
    Setting("FAZA_METER_KEY", "made in FAZA_HOME", "key of meters' passwords", secret=True),
    Setting(
        "FAZA_INBOX",
        "none",
        "a folder that can be written or made, whose files are read in; empty for none",
        lambda value: not value or _is_folder(value),
    ),
    Setting(
        "FAZA_MQTT",
        "none",
        "mqtt://user:password@host:port/prefix or mqtts://…; empty for none",
        lambda value: not value or _has_scheme("mqtt", "mqtts")(value),
        url=True,
    ),
    Setting(
        "FAZA_IMAP_URL",
        "none",
        "imaps://user:password@host/folder of a mailbox whose files are read in; empty for none",
        lambda value: not value or _has_scheme("imap", "imaps")(value),
        url=True,
    ),
    Setting(
        "FAZA_PUSH_CONTACT",
        "none",
        "mailto: or https: of whoever push services may write to; empty switches push off",
        lambda value: not value or _has_scheme("mailto", "https")(value),
    ),
    Setting("FAZA_PUSH_KEY", "made in FAZA_HOME", "secret of the key of push", secret=True),
    Setting(
        "FAZA_PUSH_SERVICES",
        "those of the usual browsers",
        "hosts with commas between, *.name for all below one",
        bool,
    ),
    Setting(
        "FAZA_EMAIL_URL",
        "console:",
        "console:, smtp://user:password@host:port or smtps://…",
        _has_scheme("console", "smtp", "smtps"),
        url=True,
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
