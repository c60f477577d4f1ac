"""Connecting a phone: how long a code lives, what it looks like, which phone is asking.

Source: design/rules.md, QR sign-in. Figures without another source are choices of ours.
"""

from __future__ import annotations

import re
from datetime import timedelta
from enum import StrEnum

LIFE = timedelta(minutes=2)
"""For how long a code is shown; so long the owner may then take to answer, and so long after the
answer may the phone fetch its key."""
DEVICE_DAYS = 365
"""For how long a phone stays connected."""
MOST_DEVICES = 20
"""Connected phones of a person at a time."""
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""What a short code is made of: no 0 and O, no 1, I and L."""
CODE = 8
"""Letters of a short code: 31^8 are 8.5e11."""
SECRET_BYTES = 16
SECRET = 22
"""Letters of the secret in a QR: 128 bits in base64url."""
MODEL, BROWSER = 40, 60
"""So much of a phone's name is kept; a stranger may have written it."""
LOOKALIKES = str.maketrans("АВЕКМНРСТУХ", "ABEKMHPCTYX")
"""Cyrillic letters that are drawn as Latin ones: a keyboard may be left in Russian."""


class State(StrEnum):
    """What has become of a code."""

    OPEN = "open"  # shown, no phone yet
    ASKED = "asked"  # a phone waits for the owner's answer
    CONFIRMED = "confirmed"  # the phone may fetch its key
    DONE = "done"
    REFUSED = "refused"


STANDING = frozenset({State.OPEN, State.ASKED, State.CONFIRMED})


def code_of(chance: bytes) -> str:
    """A short code of at least 16 bytes of chance."""
    number, letters = int.from_bytes(chance, "big"), []
    for _ in range(CODE):
        number, rest = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[rest])
    return "".join(letters)


def shown(code: str) -> str:
    """A short code in halves, as it is read out: `K7MP-2XQ9`."""
    return f"{code[: CODE // 2]}-{code[CODE // 2 :]}"


def typed(text: str) -> str | None:
    """The short code that somebody typed: any case, blanks, dashes, Cyrillic look-alikes.

    None for what is none.
    """
    code = re.sub(r"[\s\-‐-―−]", "", text[:100]).upper().translate(LOOKALIKES)
    return code if len(code) == CODE and set(code) <= set(ALPHABET) else None


def is_secret(text: str) -> bool:
    """Whether a text may be the secret of a QR."""
    return len(text) == SECRET and re.fullmatch(r"[A-Za-z0-9_-]+", text) is not None


def check_number(digest: str) -> str:
    """Two digits that the phone and the page both show, of the digest of the phone's secret.

    Who sees other digits on the page than on the own phone sees that another phone asks.
    """
    return str(10 + int(digest[:12], 16) % 90)


def phone_name(model: str, browser: str) -> str:
    """What a phone is called: what it says of itself, and its browser as the header has it.

    Control characters and those that turn the direction of writing are left out.
    """
    parts = [_plain(model)[:MODEL].strip(), _plain(browser)[:BROWSER].strip()]
    return " · ".join(part for part in parts if part)


def _plain(text: str) -> str:
    return " ".join("".join(one for one in text[:400] if one.isprintable()).split())
