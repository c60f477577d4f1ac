"""A bounded cursor over bytes, and the lengths of A-XDR and BER.

Nothing here reads past the end: whatever is short raises Malformed, never «need more».
"""

from __future__ import annotations

from struct import Struct

from faza.protocols.dlms.problems import Malformed


class Reader:
    """A cursor over `data` from `at` up to `end`."""

    __slots__ = ("at", "data", "end")

    def __init__(self, data: bytes, at: int = 0, end: int | None = None) -> None:
        self.data = data
        self.at = at
        self.end = len(data) if end is None else end

    def u8(self) -> int:
        at = self.at
        if at >= self.end:
            raise self.short(1)
        self.at = at + 1
        return self.data[at]

    def u16(self) -> int:
        return int.from_bytes(self.take(2), "big")

    def u32(self) -> int:
        return int.from_bytes(self.take(4), "big")

    def unpack(self, form: Struct) -> tuple[int, ...]:
        """The numbers of a form."""
        at = self.at
        if form.size > self.end - at:
            raise self.short(form.size)
        self.at = at + form.size
        return form.unpack_from(self.data, at)

    def take(self, count: int) -> bytes:
        """The next `count` bytes."""
        at = self.at
        if count > self.end - at:
            raise self.short(count)
        self.at = at + count
        return self.data[at : at + count]

    def rest(self) -> bytes:
        """Everything up to the end."""
        at, self.at = self.at, self.end
        return self.data[at : self.end]

    def left(self) -> int:
        return self.end - self.at

    def length(self) -> int:
        """A length or number of elements: below 0x80 itself, else 0x81 to 0x84 and its bytes.

        Source: IEC 61334-6, 6.10 (A-XDR); X.690, 8.1.3 (BER, definite form).
        """
        first = self.u8()
        if first < 0x80:
            return first
        if not 0x81 <= first <= 0x84:
            raise Malformed(f"Length byte {first:#04x} at {self.at - 1}.", code="length")
        return int.from_bytes(self.take(first & 0x7F), "big")

    def count(self) -> int:
        """A number of elements, of which each takes a byte at least."""
        count = self.length()
        if count > self.end - self.at:
            raise Malformed(
                f"{count} elements announced at {self.at}, {self.left()} bytes left.",
                code="short",
            )
        return count

    def octets(self) -> bytes:
        """An octet string without its tag: a length and so many bytes."""
        at = self.at
        if at < self.end and (size := self.data[at]) < 0x80 and size < self.end - at:
            self.at = at + 1 + size  # a short one, as nearly all are, without a detour
            return self.data[at + 1 : self.at]
        return self.take(self.length())

    def flag(self) -> bool:
        """The presence of an OPTIONAL, or a BOOLEAN: zero is no, anything else yes."""
        return self.u8() != 0

    def choice(self) -> int:
        """The tag of a CHOICE of two, 0 or 1."""
        tag = self.u8()
        if tag > 1:
            raise Malformed(f"Choice {tag} at {self.at - 1}; expected 0 or 1.", code="choice")
        return tag

    def done(self) -> None:
        """Check that nothing is left over."""
        if self.at != self.end:
            raise Malformed(f"{self.left()} bytes too many at {self.at}.", code="long")

    def short(self, count: int) -> Malformed:
        return Malformed(f"{count} bytes wanted at {self.at}, {self.left()} left.", code="short")


def length(count: int) -> bytes:
    """A length in its shortest form; see Reader.length."""
    if count < 0x80:
        return bytes((count,))
    if count < 0x100:
        return bytes((0x81, count))
    if count < 0x10000:
        return b"\x82" + count.to_bytes(2, "big")
    return b"\x84" + count.to_bytes(4, "big")


def octets(data: bytes) -> bytes:
    """An octet string without a tag."""
    return length(len(data)) + data
