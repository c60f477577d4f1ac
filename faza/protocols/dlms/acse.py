"""Associations: AARQ, AARE, RLRQ and RLRE in BER, as values.

Source: Green Book 8, 9.4.2 and 9.5 (ACSE-APDU), 11 (encoding examples); IEC 62056-53, 8.1;
X.690. `user_information` is an xDLMS APDU in bytes, ciphered or plain: see `apdu`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from faza.protocols.dlms.names import (
    AssociationResult,
    Context,
    Mechanism,
    ProviderDiagnostic,
    UserDiagnostic,
    named,
)
from faza.protocols.dlms.problems import Malformed
from faza.protocols.dlms.reading import Reader, octets

AARQ, AARE, RLRQ, RLRE = 0x60, 0x61, 0x62, 0x63
TAGS = frozenset({AARQ, AARE, RLRQ, RLRE})
CONTEXT_NAME = b"\x60\x85\x74\x05\x08\x01"
"""2.16.756.5.8.1, the branch of context names."""
MECHANISM_NAME = b"\x60\x85\x74\x05\x08\x02"
_OCTETS, _OBJECT, _INTEGER = 0x04, 0x06, 0x02
# With their lengths before them.
_CONTEXT = b"\xa1\x09\x06\x07" + CONTEXT_NAME
_MECHANISM = b"\x07" + MECHANISM_NAME
_AUTHENTICATION = b"\x02\x07\x80"  # a bit string of one bit, set: the unit is required

Diagnostic: TypeAlias = UserDiagnostic | ProviderDiagnostic


@dataclass(frozen=True, slots=True)
class Aarq:
    """A request to associate. `title` is the client's system title, b"" if it has none.

    `value` is the password of LLS, or the challenge CtoS of HLS.
    """

    context: Context = Context.LOGICAL_NAMES
    mechanism: Mechanism = Mechanism.NONE
    value: bytes = b""
    title: bytes = b""
    user_information: bytes = b""

    def encode(self) -> bytes:
        inner = _CONTEXT + bytes((self.context,))
        if self.title:
            inner += _tlv(0xA6, _tlv(_OCTETS, self.title))
        if self.mechanism is not Mechanism.NONE:
            inner += b"\x8a" + _AUTHENTICATION
            inner += b"\x8b" + _MECHANISM + bytes((self.mechanism,))
            inner += _tlv(0xAC, _tlv(0x80, self.value))
        if self.user_information:
            inner += _tlv(0xBE, _tlv(_OCTETS, self.user_information))
        return _tlv(AARQ, inner)


@dataclass(frozen=True, slots=True)
class Aare:
    """The answer. `title` is the meter's system title, `value` its challenge StoC."""

    context: Context = Context.LOGICAL_NAMES
    result: AssociationResult = AssociationResult.ACCEPTED
    diagnostic: Diagnostic = UserDiagnostic.NULL
    mechanism: Mechanism = Mechanism.NONE
    value: bytes = b""
    title: bytes = b""
    user_information: bytes = b""

    def encode(self) -> bytes:
        inner = _CONTEXT + bytes((self.context,))
        inner += _tlv(0xA2, _tlv(_INTEGER, bytes((self.result,))))
        side = 0xA1 if isinstance(self.diagnostic, UserDiagnostic) else 0xA2
        inner += _tlv(0xA3, _tlv(side, _tlv(_INTEGER, bytes((self.diagnostic,)))))
        if self.title:
            inner += _tlv(0xA4, _tlv(_OCTETS, self.title))
        if self.mechanism is not Mechanism.NONE:
            inner += b"\x88" + _AUTHENTICATION
            inner += b"\x89" + _MECHANISM + bytes((self.mechanism,))
            inner += _tlv(0xAA, _tlv(0x80, self.value))
        if self.user_information:
            inner += _tlv(0xBE, _tlv(_OCTETS, self.user_information))
        return _tlv(AARE, inner)


@dataclass(frozen=True, slots=True)
class Rlrq:
    """A request to release; `reason` 0 is normal, None is not told."""

    reason: int | None = 0
    user_information: bytes = b""

    def encode(self) -> bytes:
        return _tlv(RLRQ, _release(self.reason, self.user_information))


@dataclass(frozen=True, slots=True)
class Rlre:
    """The answer to a release; `reason` 0 is normal."""

    reason: int | None = 0
    user_information: bytes = b""

    def encode(self) -> bytes:
        return _tlv(RLRE, _release(self.reason, self.user_information))


def read(reader: Reader) -> Aarq | Aare | Rlrq | Rlre:
    """The APDU of ACSE at the cursor. Raises Malformed if it is none."""
    tag = reader.u8()
    if tag not in TAGS:
        raise Malformed(f"No APDU of ACSE has the tag {tag:#04x}.", code="apdu")
    fields = _fields(reader.octets())
    if tag == AARQ:
        return _aarq(fields)
    if tag == AARE:
        return _aare(fields)
    reason = fields.get(0x80)
    number = None if reason is None else _number(reason)
    information = _information(fields)
    return Rlrq(number, information) if tag == RLRQ else Rlre(number, information)


def _aarq(fields: dict[int, bytes]) -> Aarq:
    return Aarq(
        _read_context(fields),
        _mechanism(fields.get(0x8B)),
        _value(fields.get(0xAC)),
        _inside(fields[0xA6], _OCTETS) if 0xA6 in fields else b"",
        _information(fields),
    )


def _aare(fields: dict[int, bytes]) -> Aare:
    if 0xA2 not in fields or 0xA3 not in fields:
        raise Malformed("An AARE without its result.", code="ber")
    side, inside = _single(fields[0xA3])
    if side not in (0xA1, 0xA2):
        raise Malformed(f"A diagnostic with the tag {side:#04x}.", code="ber")
    number = _number(_inside(inside, _INTEGER))
    return Aare(
        _read_context(fields),
        named(AssociationResult, _number(_inside(fields[0xA2], _INTEGER))),
        named(UserDiagnostic, number) if side == 0xA1 else named(ProviderDiagnostic, number),
        _mechanism(fields.get(0x89)),
        _value(fields.get(0xAA)),
        _inside(fields[0xA4], _OCTETS) if 0xA4 in fields else b"",
        _information(fields),
    )


def _fields(data: bytes) -> dict[int, bytes]:
    """Fields by their tags; others than ours are kept and not looked at."""
    found: dict[int, bytes] = {}
    reader = Reader(data)
    while reader.at < reader.end:
        tag, value = reader.u8(), reader.octets()
        if tag in found:
            raise Malformed(f"The field {tag:#04x} comes twice.", code="ber")
        found[tag] = value
    return found


def _single(data: bytes) -> tuple[int, bytes]:
    """The one field inside an explicit tag."""
    if 2 <= len(data) == data[1] + 2 < 0x82:  # a short one, as nearly all are, without a detour
        return data[0], data[2:]
    reader = Reader(data)
    found = reader.u8(), reader.octets()
    reader.done()
    return found


def _inside(data: bytes, tag: int) -> bytes:
    found, value = _single(data)
    if found != tag:
        raise Malformed(f"A field {found:#04x} instead of {tag:#04x}.", code="ber")
    return value


def _number(data: bytes) -> int:
    if len(data) != 1:
        raise Malformed(f"A number of {len(data)} bytes.", code="ber")
    return data[0]


def _read_context(fields: dict[int, bytes]) -> Context:
    name = _inside(fields.get(0xA1, b""), _OBJECT)
    if name[:-1] != CONTEXT_NAME:
        raise Malformed(f"A context name {name.hex()}.", code="ber")
    return named(Context, name[-1])


def _mechanism(name: bytes | None) -> Mechanism:
    if name is None:
        return Mechanism.NONE
    if name[:-1] != MECHANISM_NAME:
        raise Malformed(f"A mechanism name {name.hex()}.", code="ber")
    return named(Mechanism, name[-1])


def _value(field: bytes | None) -> bytes:
    """An authentication value: a character string (80) or a bit string (81) of whole bytes."""
    if field is None:
        return b""
    tag, value = _single(field)
    if tag == 0x81 and value[:1] == b"\x00":
        return value[1:]
    if tag != 0x80:
        raise Malformed(f"An authentication value {tag:#04x}.", code="ber")
    return value


def _information(fields: dict[int, bytes]) -> bytes:
    return _inside(fields[0xBE], _OCTETS) if 0xBE in fields else b""


def _release(reason: int | None, information: bytes) -> bytes:
    head = b"" if reason is None else _tlv(0x80, bytes((reason,)))
    return head + (_tlv(0xBE, _tlv(_OCTETS, information)) if information else b"")


def _tlv(tag: int, value: bytes) -> bytes:
    size = len(value)
    return bytes((tag, size)) + value if size < 0x80 else bytes((tag,)) + octets(value)
