"""What a parser has to say about a file besides its values.

    Exception
    └── Malformed        the file is no such file, or is broken beyond its rows: nothing is kept
        └── TooLarge     a limit on size, number or ratio was passed; the limit is named

A bad row, value or member of an archive is not an exception but a `Problem`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T_co = TypeVar("T_co", covariant=True)

KEPT = 200
"""How many problems of one code are kept with their places; the others are only counted."""


class Malformed(Exception):
    """The bytes make no sense as the format asked for.

    `code` is stable, for faces that translate. The message names what was found and expected.
    """

    def __init__(self, reason: str, *, code: str = "malformed", line: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code
        self.line = line


class TooLarge(Malformed):
    """A limit was passed; its name and value are in the message."""

    def __init__(self, reason: str, *, code: str = "too-large") -> None:
        super().__init__(reason, code=code)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something bad in a file whose rest is good.

    `line` is counted from 1 (the row of a sheet); None where there is no place. `column` is a
    name or number of the column, "" where there is none. `reason` is a sentence with what was
    found and what was expected. `code` is stable; `found` is the offending text, cut short.
    """

    file: str
    line: int | None
    reason: str
    code: str
    column: str = ""
    found: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """What a parser decided by itself: `code` is stable, `value` is the decision."""

    code: str
    value: str
    text: str


@dataclass(frozen=True, slots=True)
class Document(Generic[T_co]):
    """What came out of a file.

    `problems` are in order of appearance, at most KEPT of each code; `counts` has the true
    number of each code. `notes` say what was sniffed or chosen.
    """

    values: T_co
    problems: tuple[Problem, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()


class Problems:
    """Collects the problems of one file; keeps the first KEPT of each code, counts all."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.items: list[Problem] = []
        self.counts: Counter[str] = Counter()

    def wants(self, code: str) -> bool:
        """Whether one more problem of this code would be kept; finding its line may be dear."""
        return self.counts[code] < KEPT

    def add(
        self,
        code: str,
        reason: str,
        *,
        line: int | None = None,
        column: str = "",
        found: str = "",
        file: str | None = None,
    ) -> None:
        """Note a problem."""
        if self.wants(code):
            place = self.file if file is None else file
            self.items.append(Problem(place, line, reason, code, column, found[:80]))
        self.counts[code] += 1

    def in_order(self) -> tuple[Problem, ...]:
        """Those kept, by line; those without one first."""
        return tuple(sorted(self.items, key=lambda problem: problem.line or 0))

    def count(self, code: str, number: int) -> None:
        """Note problems whose places are not kept."""
        self.counts[code] += number
