"""What was said in a session, as it is kept: entries in words of any language, with bytes. Pure.

Words are kept as message ids with their values, nested, so that a reader gets them in the own
language: `Id(id) % values` makes such words, `told(words, gettext)` reads them. Bytes of what
proves who we are (passwords) are counted and never kept.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import overload

OPEN, CLOSE, VALUE, IS = "\x02", "\x03", "\x1f", "\x1e"
"""Around words with an id, before each of its values, between the name of a value and itself."""
INNERMOST = re.compile(f"{OPEN}([^{OPEN}{CLOSE}]*){CLOSE}")
MARKS = re.compile(f"[{OPEN}{CLOSE}{VALUE}{IS}]")
PLAIN = re.compile(r" *([\d.]+) ([→←·]) (.*)", re.DOTALL)
DEEPEST = 8
LONGEST = 200
"""Characters of a line: a question for 16 registers names the first ones."""
SAY, HEAR, NOTE = "→", "←", "·"


class Id(str):
    """A message id whose words are chosen by the reader: `Id("rows: %(number)s") % {...}`."""

    def __new__(cls, id: str) -> Id:
        return super().__new__(cls, f"{OPEN}{id}{CLOSE}")

    def __mod__(self, values: object) -> str:
        assert isinstance(values, Mapping)  # ids name their values
        return with_values(self[1:-1], values)


def with_values(id: str, values: Mapping[str, object]) -> str:
    """Words of an id with its values, which may be such words themselves."""
    if not values:
        return f"{OPEN}{id}{CLOSE}"
    named = "".join([f"{VALUE}{name}{IS}{value}" for name, value in values.items()])
    return f"{OPEN}{id}{named}{CLOSE}"


def told(words: str, gettext: Callable[[str], str] = str) -> str:
    """Words as sentences of a language; words that were cut are told as far as they go."""
    for _ in range(DEEPEST):
        words, found = INNERMOST.subn(lambda match: _one(match[1], gettext), words)
        if not found:
            break
    return MARKS.sub(" ", words)


def _one(inner: str, gettext: Callable[[str], str]) -> str:
    id, *named = inner.split(VALUE)
    values = dict(one.partition(IS)[::2] for one in named)
    try:
        if not id:
            return ""
        return gettext(id) % values if named else gettext(id)
    except (KeyError, ValueError, TypeError):
        return " ".join([id, *values.values()])


@dataclass(slots=True)
class Entry:
    """A line of a dialogue; only who writes it changes it.

    seconds since the session began; sign: SAY, HEAR or NOTE; message: of the language of the
    meter (GET, DATA), "!timeout" where the session ended by a problem; words: see above. size:
    how many bytes were sent or received; ms: how long the answer took; data: the first of them.
    parts: of an answer in blocks, how many further ones; is_secret: the bytes are not kept.
    """

    seconds: float
    sign: str
    words: str
    message: str = ""
    size: int = 0
    ms: int | None = None
    data: bytes = b""
    parts: int = 0
    is_secret: bool = False

    def grow(self, data: bytes, most: int) -> None:
        """Further bytes, of which the first `most` of all are kept."""
        if not self.is_secret and len(self.data) < most:
            self.data = (self.data + data)[:most]
        self.size += len(data)

    @property
    def problem(self) -> str:
        """The code of the problem that ended the session here, if one did."""
        return self.message[1:] if self.message.startswith("!") else ""

    def line(self) -> str:
        """As the command line shows it, in English."""
        return f"{self.seconds:7.2f} {self.sign} {cut(told(self.words))}"


class Lines(Sequence[str]):
    """Entries as lines for people, in English; they are made where somebody reads them."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries = tuple(entries)
        self._shown = [one for one in self.entries if not one.parts]

    def __len__(self) -> int:
        return len(self._shown)

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> list[str]: ...
    def __getitem__(self, place: int | slice) -> str | list[str]:
        if isinstance(place, slice):
            return [one.line() for one in self._shown[place]]
        return self._shown[place].line()


def cut(text: str) -> str:
    """A text as long as a line may be."""
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def kept(dialogue: Sequence[str]) -> bytes:
    """A dialogue as a session keeps it: entries, or plain lines."""
    if isinstance(dialogue, Lines):
        return packed(dialogue.entries)
    return zlib.compress("\n".join(dialogue).encode()) if dialogue else b""


def lines_of(kept: bytes) -> list[str]:
    """A kept dialogue line by line, in English."""
    if not kept:
        return []
    text = zlib.decompress(kept).decode().split("\n")
    return [_entry(line).line() if line.startswith("[") else line for line in text]


def packed(entries: Iterable[Entry]) -> bytes:
    """Entries as a session keeps them."""
    rows = [
        [
            round(one.seconds, 3), one.sign, one.words, one.message, one.size, one.ms,
            one.data.hex(), one.parts, int(one.is_secret),
        ]
        for one in entries
    ]  # fmt: skip
    text = "\n".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in rows)
    return zlib.compress(text.encode()) if rows else b""


def unpacked(kept: bytes) -> list[Entry]:
    """The entries of a session; also of one that was kept as plain lines."""
    if not kept:
        return []
    return [_entry(line) for line in zlib.decompress(kept).decode().split("\n")]


def _entry(line: str) -> Entry:
    if line.startswith("["):
        seconds, sign, words, message, count, ms, data, parts, secret = json.loads(line)
        return Entry(
            seconds, sign, words, message, count, ms, bytes.fromhex(data), parts, bool(secret)
        )
    plain = PLAIN.fullmatch(line)
    return Entry(float(plain[1]), plain[2], plain[3]) if plain else Entry(0, NOTE, line)
