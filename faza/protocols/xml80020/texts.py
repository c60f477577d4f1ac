"""From bytes to pieces an XML parser can be fed: encodings, and channels cut out whole.

Nearly all of a message is channels of plain periods. Such a channel's content is recognised by
a regular expression and replaced by a processing instruction before the XML parser (expat) sees
it. That is safe: what was cut out is well-formed in itself, and where the instruction turns
out to stand in no channel (in a comment, say) it is ignored with what it stands for. Measured on
one core, million values/s: lxml pull parser 0.46, expat with callbacks 0.43, this way 1.2.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from faza.protocols.encodings import is_utf8
from faza.protocols.problems import Malformed

ESCAPED = "backslashreplace"
"""How the text of a value becomes ASCII: what is no number can be shown as it was."""
_ESCAPE = re.compile(r"\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8}))")


def shown(text: bytes) -> str:
    """A value's text as the file has it, cut short."""
    plain = text.decode("ascii", "replace")
    return _ESCAPE.sub(lambda m: chr(int(m[1] or m[2] or m[3], 16)), plain)[:40]


MARK = "faza-channel"
_PIECE = 1 << 18

_REASONS = rb"""(?:\s+(?:extendedstatus|param\d)="[^"<>&\x80-\xff]{0,80}")*+"""
_PERIOD = (
    rb'\s*<period\s+start="(\d{4})"\s+end="(\d{4})"\s*>'
    rb'\s*<value(?:\s+status="(\d{0,9})")?' + _REASONS + rb"\s*"
    rb"(?:>\s*([-+0-9.,]{0,24})\s*</value>|/>)\s*</period>"
)
PERIODS = re.compile(_PERIOD)
"""Finds (start, end, status or b"", text or b"") of each period of a plain channel."""
_CHANNEL = re.compile(
    rb"<measuringchannel [^<>]{0,400}(?<!/)>((?:" + re.sub(rb"\((?!\?)", b"(?:", _PERIOD) + rb")++)"
    rb"\s*</measuringchannel>"
)
_DECLARATION = re.compile(
    rb"""\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']"""
)


@dataclass(slots=True)
class Source:
    """A message's bytes in an encoding that contains ASCII.

    `plain`: start and end of each plain channel's content, in the order of their marks.
    """

    data: bytes
    encoding: str
    declared: str = ""
    plain: list[tuple[int, int]] = field(default_factory=list)

    def pieces(self) -> Iterator[bytes]:
        """The message as UTF-8 with marks instead of plain channels; lines keep their numbers."""
        data, at = self.data, 0
        parts: list[bytes] = []
        size = 0
        # A file that brings our mark along gets no shortcut.
        found = () if MARK.encode() in data else _CHANNEL.finditer(data)
        for match in found:
            first, end = match.span(1)
            mark = b"<?%s %d?>" % (MARK.encode(), len(self.plain))
            parts += (data[at:first], mark, b"\n" * data.count(b"\n", first, end))
            self.plain.append((first, end))
            size += first - at
            at = end
            if size > _PIECE:
                yield b"".join(parts)
                parts, size = [], 0
        yield b"".join(parts)
        for start in range(at, len(data), _PIECE):
            yield data[start : min(start + _PIECE, len(data))]

    def utf8(self) -> Iterator[bytes]:
        """The pieces in UTF-8, whatever they are written in."""
        if self.encoding == "utf-8":
            yield from self.pieces()
            return
        decoder = codecs.getincrementaldecoder(self.encoding)(errors="replace")
        for piece in self.pieces():
            yield decoder.decode(piece).encode("utf-8")

    def line(self, at: int, *, since: int = 0) -> int:
        """How many line ends lie between two places of the data."""
        return self.data.count(b"\n", since, at)


def source_of(data: bytes) -> Source:
    """The bytes with the encoding they are really in.

    Raises Malformed if no encoding can be made of it.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return Source(_decoded(data, "utf-16"), "utf-8", "utf-16")
    if data.startswith(codecs.BOM_UTF8):
        data = data[len(codecs.BOM_UTF8) :]
    match = _DECLARATION.match(data[:400])
    declared = match[1].decode("ascii").lower() if match else ""
    try:
        name = codecs.lookup(declared or "utf-8").name
    except LookupError:
        name = "utf-8"
    if is_utf8(data):
        # Russian text in windows-1251 is never valid UTF-8 by chance: its letters are
        # 0xC0–0xFF, which cannot continue a character.
        return Source(data, "utf-8", declared)
    if name in ("utf-8", "ascii") or not _has_ascii(name):
        name = "cp1251"
    return Source(data, name, declared)


def _has_ascii(name: str) -> bool:
    ascii_bytes = bytes(range(128))
    try:
        return ascii_bytes.decode(name) == ascii_bytes.decode("ascii")
    except (UnicodeDecodeError, LookupError):
        return False


def _decoded(data: bytes, encoding: str) -> bytes:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise Malformed(
            f"The file begins as {encoding} but is not: {error.reason} at byte {error.start}.",
            code="encoding",
        ) from error
    return text.encode("utf-8")
