"""Which push services are spoken to, what keys of devices look like, when a device is given up."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from datetime import timedelta
from fnmatch import fnmatchcase
from urllib.parse import urlsplit

LONGEST = 1000
POINT, SECRET = 65, 16
"""Bytes of a device's public key (uncompressed P-256) and of its secret. RFC 8291, 3.1, 3.2."""
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 720, 1440, 1440))
"""After the first failure, the second…: after four days a device is given up."""
YOUNG = timedelta(days=1)
"""Older notices are not pushed: who was away for long finds them on the page."""
LEASE = timedelta(minutes=2)


def is_service(endpoint: str, services: Iterable[str]) -> bool:
    """Whether an address is that of a known push service, over TLS and on its usual port.

    A browser says where it is to be told; without this list anybody could have us send to any
    address inside our own network. A name with `http://` before it is spoken to in the open, for
    tests.
    """
    parts = urlsplit(endpoint)
    if len(endpoint) > LONGEST or parts.username is not None or not parts.hostname:
        return False
    origin = f"{parts.scheme}://{parts.netloc}"
    return any(
        origin == one
        if "://" in one
        else parts.scheme == "https"
        and parts.netloc == parts.hostname
        and fnmatchcase(parts.hostname, one)
        for one in services
    )


def is_key(text: str, length: int) -> bool:
    """Whether a text is so many bytes in base64url, with or without padding."""
    try:
        return len(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))) == length
    except (binascii.Error, ValueError):
        return False


def pause_after(failures: int) -> timedelta | None:
    """How long to wait after so many failures in a row; None: the device is given up."""
    return PAUSES[failures - 1] if failures <= len(PAUSES) else None
