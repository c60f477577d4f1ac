"""What is made of records of the log before they are written: ids, one form, nothing personal.

A record says in which request, job or session with a meter it was made, as far as in one. Of
people it tells nothing: e-mail addresses, tokens in addresses of pages, and the values that a
database quotes are taken out of whatever is written, traces of faults too.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_ids: ContextVar[dict[str, str]] = ContextVar("ids", default={})  # noqa: B039  never changed
_SECRETS = (
    # What stands before the @ of a URL is a name and a password; else it is an e-mail address.
    (re.compile(r"(?<=://)[^\s/@'\"]+@"), "…@"),
    (re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+"), "(e-mail)"),
    # PostgreSQL quotes rows and keys: "Key (email)=(…) already exists."
    (re.compile(r"(?<=\)=)\(.*?\)"), "(…)"),
    (re.compile(r"(Failing row contains ).*"), r"\1(…)"),
    (re.compile(r"(?i)\b((?:bearer|token|key|secret|password|code)['\"]?\s*[:=]\s*)\S+"), r"\1…"),
    (re.compile(r"(?i)(\bbearer )\S+"), r"\1…"),
)
_LONG = re.compile(r"(?<=[/=])(?<!//)[\w:.~-]{16,}")
"""A part of an address that may be a token: of a link, a reset, a confirmation."""


@contextmanager
def within(**ids: object) -> Iterator[None]:
    """Let records made inside the block carry ids: `request`, `job`, `session`."""
    mark = _ids.set(_ids.get() | {name: str(told) for name, told in ids.items()})
    try:
        yield
    finally:
        _ids.reset(mark)


def begin(**ids: object) -> None:
    """From now on records of this thread carry these ids and no others, until the next call.

    Where the end of what is done cannot be seen from inside: a server tells of a request when
    all that answers it has returned.
    """
    _ids.set({name: str(told) for name, told in ids.items()})


def ids() -> dict[str, str]:
    """The ids that records made now carry."""
    return _ids.get()


def cleaned(text: str) -> str:
    """A text without what tells of a person or lets somebody in."""
    for pattern, instead in _SECRETS:
        text = pattern.sub(instead, text)
    return _LONG.sub(_shortened, text)


def _shortened(found: re.Match[str]) -> str:
    """Tokens have both letters and digits; names of files and modules, and codes do not."""
    told = found.group()
    is_file = re.search(r"\.[a-z]\w{1,7}$", told)
    mixed = re.search(r"\d", told) and re.search(r"[A-Za-z]", told)
    return "…" if mixed and not is_file else told


class Line(logging.Formatter):
    """A record as a line (and the lines of its trace): 'time LEVEL logger [request=…]: words'."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s%(ids)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        told = " ".join(f"{name}={value}" for name, value in ids().items())
        record.ids = "\0"  # what looks like a token is taken out, and ids do
        return cleaned(super().format(record)).replace("\0", f" [{told}]" if told else "", 1)


class Json(logging.Formatter):
    """A record as one JSON object in one line; `trace` where it tells of a fault."""

    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": cleaned(record.getMessage()),
            "process": record.process,
            **ids(),
        }
        if record.exc_info and record.exc_info[0] is not None:
            told["trace"] = cleaned(self.formatException(record.exc_info))
        return json.dumps(told, ensure_ascii=False)


def without_trace(record: logging.LogRecord) -> bool:
    """Make a warning of one line of a forged Host: anybody can send one, as often as wanted."""
    record.levelno, record.levelname = logging.WARNING, "WARNING"
    record.exc_info = record.exc_text = None
    text = record.getMessage().replace("ALLOWED_HOSTS", "FAZA_HOSTS")
    record.msg, record.args = " ".join(text.split())[:300], ()
    return True


def without_outage(record: logging.LogRecord) -> bool:
    """Make one line of a page that could not be shown because the database is away or full.

    Each page says so then: a trace of each would fill the disk, which may be what is full.
    """
    problem = (record.exc_info or sys.exc_info())[1]
    is_new = "is_outage" not in record.__dict__  # settings that are set up twice filter twice
    if getattr(record, "status_code", 0) == 503 and problem is not None and is_new:
        record.is_outage = True
        record.exc_info = record.exc_text = None
        record.msg, record.args = f"{record.getMessage()}: {type(problem).__name__}", ()
    return True
