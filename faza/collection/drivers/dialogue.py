"""What was said between us and a meter: words, bytes and how long an answer took, line by line.

Bytes belong to the line that was said before they were sent, and to the line that is heard after
they have come. Words are message ids with values (`polling.dialogues`), so that a desk tells them
in its own language; who listens gets them in English.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from faza.collection.polling.dialogues import (
    HEAR,
    NOTE,
    SAY,
    Entry,
    Lines,
    cut,
    told,
    with_values,
)
from faza.core.words import gettext_noop

MOST_LINES = 400
"""Lines that are kept of a session: its beginning; then only how many more there were, and the
last ones. A session of a week's gap with small PDUs has some 60 requests."""
LAST = 40
MOST_WORDS = 2000
"""Characters of words with their ids; longer ones are kept in English, cut."""
MOST_BYTES = 128
"""Bytes of a message that are kept: its head says what it is. A day of a profile is 2 kB, and a
hundred thousand meters have a million sessions a day."""
PARTS = gettext_noop("further blocks: %(number)s")
LEFT_OUT = gettext_noop("… %(number)s lines left out")
Listener: TypeAlias = Callable[[str], None]
Tracer: TypeAlias = Callable[[str, bytes], None]


class Dialogue:
    """Lines as they come, for people; `lines()` and `entries()` are what is kept of them.

    `listener` hears each line at once; `tracer` the bytes of each direction, "→" or "←".
    """

    def __init__(
        self,
        clock: Callable[[], float],
        *,
        listener: Listener | None = None,
        tracer: Tracer | None = None,
    ) -> None:
        self._clock, self._begun = clock, clock()
        self._listener, self._tracer = listener, tracer
        self._first: list[Entry] = []
        self._last: list[Entry] = []
        self._left_out = 0
        self._asked_at: float | None = None
        """When bytes were sent last."""
        self._coming = Entry(0, HEAR, "")
        """Bytes that have come and belong to what is heard next."""

    # Words

    def say(
        self, words: str, message: str = "", *, is_secret: bool = False, **values: object
    ) -> None:
        """What we say; the bytes of a secret one are not kept."""
        self._add(Entry(0, SAY, _kept(words, values), message, is_secret=is_secret))

    def hear(self, words: str, message: str = "", **values: object) -> None:
        came, self._coming = self._coming, Entry(0, HEAR, "")
        came.words, came.message, came.ms = _kept(words, values), message, self._waited()
        self._add(came)
        self._asked_at = None

    def note(
        self, words: str, message: str = "", *, ms: int | None = None, **values: object
    ) -> None:
        self._add(Entry(0, NOTE, _kept(words, values), message, ms=ms))

    def pause(self, words: str, **values: object) -> None:
        """That nothing, or nothing good, came, and how long it was waited for."""
        self.note(words, "PAUSE", ms=self._waited(), **values)

    def part(self) -> None:
        """A block of an answer has come, and the next one is asked for: one line for all."""
        came, self._coming = self._coming, Entry(0, HEAR, "")
        ms, lines = self._waited() or 0, self._last or self._first
        before = lines[-1] if lines and lines[-1].parts else None
        if before is None:
            came.seconds, came.message, came.ms, came.parts = self._now(), "BLOCK", ms, 1
            self._keep(came)
        else:
            before.parts += 1
            before.ms, before.size = (before.ms or 0) + ms, before.size + came.size

    # Bytes

    def wrote(self, data: bytes) -> None:
        if self._tracer is not None:
            self._tracer(SAY, data)
        self._asked_at = self._clock()
        lines = self._last or self._first
        if lines and (lines[-1].sign == SAY or lines[-1].parts):
            lines[-1].grow(data, MOST_BYTES)

    def read(self, data: bytes) -> None:
        if self._tracer is not None:
            self._tracer(HEAR, data)
        self._coming.grow(data, MOST_BYTES)

    # What is kept

    def entries(self) -> tuple[Entry, ...]:
        gap = []
        if self._left_out:
            words = with_values(LEFT_OUT, {"number": self._left_out})
            gap = [Entry(self._last[0].seconds, NOTE, words)]
        found = (*self._first, *gap, *self._last)
        for entry in found:
            if entry.parts:
                entry.words = with_values(PARTS, {"number": entry.parts})
        return found

    def lines(self) -> Lines:
        return Lines(self.entries())

    def _now(self) -> float:
        return self._clock() - self._begun

    def _waited(self) -> int | None:
        return None if self._asked_at is None else round(1000 * (self._clock() - self._asked_at))

    def _add(self, entry: Entry) -> None:
        entry.seconds = self._now()
        if self._listener is not None:
            self._listener(entry.line())
        self._keep(entry)

    def _keep(self, entry: Entry) -> None:
        if len(self._first) < MOST_LINES - LAST:
            self._first.append(entry)
            return
        self._last.append(entry)
        if len(self._last) > LAST:
            del self._last[0]
            self._left_out += 1


def _kept(words: str, values: dict[str, object]) -> str:
    """Words of a line with an id where they have values; what is too long is cut, in English."""
    kept = with_values(words, values)
    return kept if len(kept) <= MOST_WORDS else cut(told(kept))
