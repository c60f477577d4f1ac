"""Secrets of second factors as the database keeps them: unreadable without the installation's key.

Whoever gets a copy of the database alone cannot make codes from it. The key comes from SECRET_KEY;
those of SECRET_KEY_FALLBACKS still open what they closed.
"""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.encoding import force_bytes

PURPOSE = b"faza second factor"


def closed(text: str) -> str:
    """A secret as it is stored."""
    return _box().encrypt(text.encode()).decode()


def opened(text: str) -> str:
    """The secret of what is stored. Raises InvalidToken if another key closed it."""
    return _box().decrypt(text.encode()).decode()


def _box() -> MultiFernet:
    return MultiFernet([_key(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _key(secret: str | bytes) -> Fernet:
    made = HKDF(SHA256(), length=32, salt=None, info=PURPOSE).derive(force_bytes(secret))
    return Fernet(base64.urlsafe_b64encode(made))
