"""A stream of bytes sealed with a key: AES-256-GCM by chunks.

    "FAZA SEALED 1\n", 16 bytes of salt, then chunks of 1 MiB with 16 bytes of tag each, the last
    one shorter (it may be empty).

The key is derived from the given text and the salt by HKDF-SHA256. The nonce of a chunk is its
number (11 bytes, big-endian) and whether it is the last (1 byte), as in the STREAM construction
of Hoang, Reyhanitabar, Rogaway and Vizár (2015): chunks that are cut off, swapped, repeated or
changed are found before any of their bytes is given out.
"""

from __future__ import annotations

import os
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MAGIC = b"FAZA SEALED 1\n"
CHUNK, TAG, SALT = 2**20, 16, 16
SHORTEST = 32
"""Characters that a key has at least: HKDF does not slow down whoever guesses."""


class WrongSeal(Exception):
    """A sealed file cannot be read: another key, or its bytes are not what was written."""


def is_sealed(begin: bytes) -> bool:
    """Whether a file that begins so is sealed."""
    return begin.startswith(MAGIC)


class Sealer:
    """Something to write to; `close` writes the end, without which the file cannot be read."""

    def __init__(self, out: BinaryIO, key: str) -> None:
        salt = os.urandom(SALT)
        self._out, self._head, self._cipher = out, MAGIC + salt, _cipher(key, salt)
        self._waiting, self._number = bytearray(), 0
        out.write(self._head)

    def write(self, data: bytes) -> int:
        self._waiting += data
        while len(self._waiting) > CHUNK:  # the last chunk is known by the end alone
            self._put(bytes(self._waiting[:CHUNK]), is_last=False)
            del self._waiting[:CHUNK]
        return len(data)

    def close(self) -> None:
        self._put(bytes(self._waiting), is_last=True)
        self._waiting.clear()

    def _put(self, data: bytes, *, is_last: bool) -> None:
        nonce = _nonce(self._number, is_last=is_last)
        self._out.write(self._cipher.encrypt(nonce, data, self._head))
        self._number += 1


class Opened:
    """Something to read from. Raises WrongSeal where the bytes are not those of this key."""

    def __init__(self, file: BinaryIO, key: str) -> None:
        self._file = file
        self._head = file.read(len(MAGIC) + SALT)
        if not is_sealed(self._head) or len(self._head) < len(MAGIC) + SALT:
            raise WrongSeal("it is not sealed, or its beginning is missing")
        self._cipher = _cipher(key, self._head[len(MAGIC) :])
        self._next, self._number = file.read(CHUNK + TAG), 0
        self._ready, self._ended = b"", False

    def read(self, size: int) -> bytes:
        """At most so many bytes; fewer only at the end."""
        while len(self._ready) < size and not self._ended:
            self._ready += self._chunk()
        given, self._ready = self._ready[:size], self._ready[size:]
        return given

    def _chunk(self) -> bytes:
        data, self._next = self._next, self._file.read(CHUNK + TAG)
        self._ended = not self._next
        nonce = _nonce(self._number, is_last=self._ended)
        self._number += 1
        try:
            return self._cipher.decrypt(nonce, data, self._head)
        except InvalidTag:
            raise WrongSeal(
                "the key is another one" if self._number == 1
                else f"it was cut or changed, from {(self._number - 1) * CHUNK:,} bytes on"
            ) from None  # fmt: skip


def _cipher(key: str, salt: bytes) -> AESGCM:
    derived = HKDF(SHA256(), length=32, salt=salt, info=b"faza backup").derive(key.encode())
    return AESGCM(derived)


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([is_last])
