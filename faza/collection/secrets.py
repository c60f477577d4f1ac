"""Passwords and keys of meters as the database keeps them: unreadable without the key of meters.

Whoever gets a copy of the database alone enters no meter. The key is FAZA_METER_KEY, or is made
in FAZA_HOME, readable for its owner only; it is not SECRET_KEY, so that the web need not have it.
Of several keys, parted by commas, the first one closes and all of them open.
"""

from __future__ import annotations

import base64
import hmac
import json
from dataclasses import dataclass, field

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

PURPOSE = b"faza meter access"
MARK = b"faza meter fingerprint"


class WrongKey(Exception):
    """FAZA_METER_KEY is another one than that which closed these secrets."""


@dataclass(frozen=True, slots=True)
class Secrets:
    """What opens a meter: never shown by repr. Keys are 16 or 32 bytes, empty where none."""

    password: bytes = field(default=b"", repr=False)
    encryption_key: bytes = field(default=b"", repr=False)
    authentication_key: bytes = field(default=b"", repr=False)

    def __bool__(self) -> bool:
        return bool(self.password or self.encryption_key or self.authentication_key)


def closed(secrets: Secrets) -> str:
    """Secrets as they are stored; nothing where there are none."""
    return _box().encrypt(_plain(secrets)).decode() if secrets else ""


def opened(text: str) -> Secrets:
    """The secrets of what is stored. Raises WrongKey if another key closed them."""
    if not text:
        return Secrets()
    try:
        told = json.loads(_box().decrypt(text.encode()))
    except InvalidToken as problem:
        raise WrongKey("FAZA_METER_KEY does not open the secrets of meters") from problem
    return Secrets(**{name: bytes.fromhex(value) for name, value in told.items()})


def fingerprint(secrets: Secrets) -> str:
    """16 hexadecimal digits by which two sets of secrets are told apart, and counters are kept.

    They are made with the key of meters: passwords are short and could be guessed otherwise.
    """
    if not secrets:
        return ""
    made = hmac.digest(_derived(_keys()[0], MARK), _plain(secrets), "sha256")
    return made.hex()[:16]


def _plain(secrets: Secrets) -> bytes:
    told = {name: getattr(secrets, name).hex() for name in Secrets.__slots__}
    return json.dumps(told).encode()


def _keys() -> list[str]:
    return [key.strip() for key in settings.METER_KEY.split(",") if key.strip()]


def _box() -> MultiFernet:
    return MultiFernet(
        [Fernet(base64.urlsafe_b64encode(_derived(key, PURPOSE))) for key in _keys()]
    )


def _derived(secret: str, purpose: bytes) -> bytes:
    return HKDF(SHA256(), length=32, salt=None, info=purpose).derive(secret.encode())
