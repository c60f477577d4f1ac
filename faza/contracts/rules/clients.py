"""Applications of others: the addresses to which people are led back.

Source: RFC 6749, section 3.1.2; RFC 8252, sections 7 and 8 (programs on a machine of their own).
"""

from __future__ import annotations

import re
import secrets
from urllib.parse import urlsplit

MOST_ADDRESSES = 10
LONGEST_ADDRESS = 500
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
SCHEME = re.compile(r"[a-z][a-z0-9-]*(\.[a-z0-9-]+)+")
"""An own scheme of a program is a domain turned round, so that no two have the same."""
PRINTED = re.compile(r"[!-~]+")


def is_redirect_address(text: str) -> bool:
    """Whether people may be led back to an address.

    https; http to the machine itself only; or an own scheme such as ru.example.app. No fragment,
    no wildcard, no user or password in it.
    """
    if len(text) > LONGEST_ADDRESS or not PRINTED.fullmatch(text) or "#" in text or "*" in text:
        return False
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return False
    if "@" in parts.netloc or "\\" in text:
        return False
    if parts.scheme == "https":
        return bool(host)
    if parts.scheme == "http":
        return host in LOOPBACK
    return bool(SCHEME.fullmatch(parts.scheme))


def source_of(address: str) -> str:
    """What a policy of forms (CSP form-action) has to name for an address to be led to."""
    parts = urlsplit(address)
    if parts.scheme in ("http", "https"):
        return f"{parts.scheme}://{parts.netloc}"
    return f"{parts.scheme}:"


def fresh_id() -> str:
    """A public name of an application."""
    return "fz-" + secrets.token_hex(8)


def fresh_secret() -> str:
    """The secret of a confidential application: 256 bits of chance."""
    return "fzk_" + secrets.token_urlsafe(32)
