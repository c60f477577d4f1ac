"""The variables of the environment: what each may be, and which are wrong.

What is secret may stand in a file instead, so that no list of processes and no unit tells it:
`NAME_FILE=/path`, or a credential of systemd of the variable's name (`LoadCredential=NAME:…`).
"""

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

    @property
    def may_be_in_file(self) -> bool:
        """Whether NAME_FILE is read: of what is secret, or has a password in it."""
        return self.secret or self.url

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


class Unread(ValueError):
    """A file that a variable names cannot be taken; the message is one line."""


def told(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment, with the contents of the files that NAME_FILE and systemd name.

    A line's end at the end of a file does not belong to the value. Raises Unread.
    """
    found = dict(environment)
    for setting in SETTINGS:
        if (file := file_of(setting, environment)) is not None:
            found[setting.name] = _content(f"{setting.name}_FILE", file)
    return found


def file_of(setting: Setting, environment: Mapping[str, str]) -> Path | None:
    """The file that a variable's value stands in; None where it is in none.

    Raises Unread where a value and a file are both named: nobody knows which one is meant.
    """
    if not setting.may_be_in_file:
        return None
    if name := environment.get(f"{setting.name}_FILE"):
        if setting.name in environment:
            raise Unread(f"{setting.name} and {setting.name}_FILE: expected one of the two")
        return Path(name)
    credentials = environment.get("CREDENTIALS_DIRECTORY")
    if credentials and setting.name not in environment:
        file = Path(credentials, setting.name)
        return file if file.is_file() else None
    return None


def _content(name: str, file: Path) -> str:
    try:
        text = file.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as problem:
        reason = getattr(problem, "strerror", None) or "no text"
        raise Unread(f"{name}={file}: {reason}") from problem
    if not text:
        raise Unread(f"{name}={file}: the file is empty")
    return text


def named(name: str) -> Setting:
    """The setting of a name. Raises StopIteration if there is none."""
    return next(setting for setting in SETTINGS if setting.name == name)


def wrong(environment: Mapping[str, str]) -> dict[str, str]:
    """The wrong variables, with what is wrong: value and expectation in one line.

    A value from a file is judged too; a file that cannot be read stands under its own name.
    """
    found = {}
    for setting in SETTINGS:
        name = setting.name
        try:
            file = file_of(setting, environment)
            value = environment.get(name) if file is None else _content(f"{name}_FILE", file)
        except Unread as problem:
            found[f"{name}_FILE"] = str(problem)
            continue
        if value is not None and not setting.is_right(value):
            found[name] = f"{name}={setting.shown(value)}: expected {setting.about}"
    return found


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
    left = {name for told in names for name in (told, f"{told}_FILE")} & os.environ.keys()
    saved = {name: os.environ.pop(name) for name in left}
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


def _may_be_folder(value: str) -> bool:
    """Whether it is a folder, or nothing yet; from wherever the process is started."""
    path = Path(value)
    return path.is_absolute() and (path.is_dir() or not path.exists())


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
    Setting(
        "FAZA_BACKUP_KEY",
        "unset",
        "32 random characters or more",
        lambda value: len(value) >= 32,
        secret=True,
    ),
    Setting("FAZA_PUSH_KEY", "made in FAZA_HOME", "secret of the key of push", secret=True),
    Setting(
        "FAZA_METRICS_TOKEN",
        "none: /metrics answers this machine only",
        "20 characters or more, without which /metrics is not told",
        lambda value: len(value) >= 20,
        secret=True,
    ),
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
        "absolute path of the folder that static files are collected in",
        _may_be_folder,
    ),
    Setting(
        "FAZA_LOG",
        "INFO",
        "least level of messages in the log: DEBUG, INFO, WARNING or ERROR",
        lambda value: value in ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"),
    ),
    Setting(
        "FAZA_LOG_FORMAT",
        "text",
        "text or json: how a message of the log is written",
        lambda value: value in ("text", "json"),
    ),
    Setting(
        "FAZA_DEBUG",
        "0",
        "0 or 1; 1 shows errors in pages: never in production",
        lambda value: value in ("", "0", "1"),
    ),
)
