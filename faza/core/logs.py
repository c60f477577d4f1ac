"""What is made of records of the log before they are written."""

from __future__ import annotations

import logging


def without_trace(record: logging.LogRecord) -> bool:
    """Make a warning of one line of a forged Host: anybody can send one, as often as wanted."""
    record.levelno, record.levelname = logging.WARNING, "WARNING"
    record.exc_info = record.exc_text = None
    text = record.getMessage().replace("ALLOWED_HOSTS", "FAZA_HOSTS")
    record.msg, record.args = " ".join(text.split())[:300], ()
    return True
