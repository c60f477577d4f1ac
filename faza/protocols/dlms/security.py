"""Protection of APDUs by AES-GCM, and the proofs of HLS mechanism 5 (GMAC).

Source: Green Book 8, 9.2.3.3 and 9.2.7.2 (security control, AAD, tag of 12 bytes), 9.2.7.4
(mechanism 5), tables 38–43; NIST SP 800-38D. Suites 0 and 1 have keys of 16 bytes, suite 2 of 32.

A pair of key and invocation counter is never used twice: `Security.counter` only grows, and must
be kept by the caller between connections; so does `meter_counter`, which refuses replays.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from enum import IntFlag

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from faza.protocols.dlms.apdu.general import GENERAL_GLO, GLOBAL, PLAIN, Ciphered
from faza.protocols.dlms.problems import CounterSpent, Malformed, Replayed, Unproven

TAG = 12
"""Bytes of an authentication tag."""
HEADER = 5
"""Bytes of the security control and the invocation counter."""
MOST_COUNTER = 0xFFFFFFFF
INITIATES = frozenset({0x01, 0x08, 0x0E})
"""APDUs inside ACSE, which keep their own glo- tag: meters know no other there."""
KEY_SIZES = {0: 16, 1: 16, 2: 32}


class Protection(IntFlag):
    """Bits of the security control byte; the suite is in the lowest four."""

    AUTHENTICATED = 0x10
    ENCRYPTED = 0x20
    BROADCAST = 0x40
    COMPRESSED = 0x80


BOTH = Protection.AUTHENTICATED | Protection.ENCRYPTED
# Plain integers for every APDU: an IntFlag's operators take ten times as long.
_AUTHENTICATED, _ENCRYPTED = int(Protection.AUTHENTICATED), int(Protection.ENCRYPTED)


@dataclass(frozen=True, slots=True)
class Keys:
    """Global unicast keys. Raises ValueError if a key's length is not the suite's."""

    encryption: bytes = field(repr=False)
    authentication: bytes = field(repr=False)
    suite: int = 0

    def __post_init__(self) -> None:
        size = KEY_SIZES.get(self.suite)
        if size is None:
            raise ValueError(f"No security suite {self.suite}.")
        for key in (self.encryption, self.authentication):
            if len(key) != size:
                raise ValueError(f"A key of {len(key)} bytes instead of {size}.")


@dataclass(slots=True)
class Security:
    """Keys, titles and counters of one side.

    `counter` is the next invocation counter to use; `peer_counter` the last one accepted from
    the other side, -1 if none was. `peer` is its system title, b"" until it tells.
    """

    keys: Keys
    title: bytes
    counter: int
    peer_counter: int = -1
    peer: bytes = b""
    protection: Protection = BOTH
    general: bool = False
    """Whether requests go as general-glo instead of the glo- of their service."""
    _gcm: AESGCM = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if len(self.title) != 8:
            raise ValueError(f"A system title of {len(self.title)} bytes instead of 8.")
        if not self.protection & BOTH:
            raise ValueError("Protection that neither authenticates nor encrypts.")
        self._gcm = AESGCM(self.keys.encryption)

    @property
    def overhead(self) -> int:
        """Bytes that protection may add to an APDU."""
        return 1 + 3 + HEADER + TAG + (9 if self.general else 0)

    def protect(self, apdu: bytes) -> bytes:
        """An APDU under protection. Uses an invocation counter; may not be repeated."""
        general = self.general and apdu[0] not in INITIATES
        tag = GENERAL_GLO if general else GLOBAL.get(apdu[0], GENERAL_GLO)
        counter = self._next()
        control = int(self.protection) | self.keys.suite
        content = seal(self._gcm, self.keys, self.title, control, counter, apdu)
        return Ciphered(tag, self.title, control, counter, content).encode()

    def unprotect(self, found: Ciphered) -> bytes:
        """The APDU inside.

        Raises Replayed if its counter does not grow, Unproven if its tag is wrong, Malformed if
        it is protected otherwise than agreed; the counter moves only when the tag was right.
        """
        if found.control & 0x0F != self.keys.suite:
            raise Malformed(f"Security suite {found.control & 0x0F}.", code="suite")
        wanted = int(self.protection)
        if found.control & wanted != wanted or found.control & 0xC0:
            raise Malformed(f"Security control {found.control:#04x}.", code="protection")
        peer = found.title or self.peer
        if len(peer) != 8 or (self.peer and peer != self.peer):
            raise Malformed(f"System title {peer.hex()!r}.", code="title")
        if found.counter <= self.peer_counter:
            raise Replayed(found.counter, self.peer_counter)
        plain = unseal(self._gcm, self.keys, peer, found.control, found.counter, found.content)
        if not plain or (found.tag != GENERAL_GLO and plain[0] != PLAIN.get(found.tag)):
            raise Malformed(f"{plain[:1].hex()} inside {found.tag:#04x}.", code="protection")
        if found.control & _AUTHENTICATED:
            self.peer_counter = found.counter
        return plain

    def prove(self, challenge: bytes) -> bytes:
        """f(challenge) = SC || IC || GMAC(SC || AK || challenge), for the other's challenge."""
        counter = self._next()
        control = _AUTHENTICATED | self.keys.suite
        found = _mac(self._gcm, self.keys, self.title, control, counter, challenge)
        return bytes((control,)) + counter.to_bytes(4, "big") + found

    def check(self, proof: bytes, challenge: bytes) -> None:
        """Check the other side's proof for our challenge. Raises Unproven if it is none.

        Its counter is not compared: a challenge is never repeated, so no proof can be.
        """
        if len(proof) != HEADER + TAG or len(self.peer) != 8:
            raise Unproven(f"A proof of {len(proof)} bytes.", code="proof")
        control, counter = proof[0], int.from_bytes(proof[1:5], "big")
        if control != _AUTHENTICATED | self.keys.suite:
            raise Unproven(f"A proof with security control {control:#04x}.", code="proof")
        right = _mac(self._gcm, self.keys, self.peer, control, counter, challenge)
        if not hmac.compare_digest(right, proof[HEADER:]):
            raise Unproven("The meter's proof does not fit the keys.", code="proof")

    def _next(self) -> int:
        if not 0 <= self.counter <= MOST_COUNTER:
            raise CounterSpent(f"Invocation counter {self.counter}.")
        self.counter += 1
        return self.counter - 1


def seal(gcm: AESGCM, keys: Keys, title: bytes, control: int, counter: int, plain: bytes) -> bytes:
    """The content of a protected APDU."""
    if not control & _ENCRYPTED:
        return plain + _mac(gcm, keys, title, control, counter, plain)
    if not control & _AUTHENTICATED:
        return _stream(gcm, title, counter, plain)
    aad = bytes((control,)) + keys.authentication
    return gcm.encrypt(title + counter.to_bytes(4, "big"), plain, aad)[: TAG - 16]


def unseal(
    gcm: AESGCM, keys: Keys, title: bytes, control: int, counter: int, content: bytes
) -> bytes:
    """What was sealed. Raises Unproven if the tag is wrong."""
    if not control & _AUTHENTICATED:
        return _stream(gcm, title, counter, content)
    if len(content) < TAG:
        raise Malformed(f"{len(content)} protected bytes.", code="short")
    body, tag = content[:-TAG], content[-TAG:]
    plain = _stream(gcm, title, counter, body) if control & _ENCRYPTED else body
    right = seal(gcm, keys, title, control, counter, plain)[-TAG:]
    if not hmac.compare_digest(right, tag):
        raise Unproven("The authentication tag does not fit the keys.", code="tag")
    return plain


def _mac(gcm: AESGCM, keys: Keys, title: bytes, control: int, counter: int, text: bytes) -> bytes:
    aad = bytes((control,)) + keys.authentication + text
    return gcm.encrypt(title + counter.to_bytes(4, "big"), b"", aad)[:TAG]


def _stream(gcm: AESGCM, title: bytes, counter: int, text: bytes) -> bytes:
    """GCM's cipher alone, which is the same both ways (SP 800-38D, 7.1: CTR from block 2).

    `AESGCM.decrypt` wants a tag of 16 bytes and DLMS has 12, so the tag is compared by `unseal`,
    and nothing is given out before it is.
    """
    return gcm.encrypt(title + counter.to_bytes(4, "big"), text, None)[:-16]
