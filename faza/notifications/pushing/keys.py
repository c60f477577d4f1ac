"""The key by which push services know this installation (VAPID, RFC 8292)."""

from __future__ import annotations

import base64
from functools import lru_cache

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from py_vapid import Vapid

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of P-256; private keys are 1 to ORDER - 1. Source: FIPS 186-5."""


def is_on() -> bool:
    """Whether the administrator has switched push on."""
    return bool(settings.PUSH_CONTACT)


def signer() -> Vapid:
    """Signs what is sent; the same as long as the secret (FAZA_PUSH_KEY) is."""
    return _signer(settings.PUSH_KEY)


@lru_cache(maxsize=2)
def _signer(secret: str) -> Vapid:
    # 16 bytes more than the order has: the remainder is as good as even. FIPS 186-5, A.2.1.
    stretched = HKDF(hashes.SHA256(), 48, salt=None, info=b"faza push").derive(secret.encode())
    number = int.from_bytes(stretched) % (ORDER - 1) + 1
    return Vapid(ec.derive_private_key(number, ec.SECP256R1()))


def public() -> str:
    """What a browser asks for before it subscribes (applicationServerKey): base64url."""
    key = signer().public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return base64.urlsafe_b64encode(key).decode().rstrip("=")
