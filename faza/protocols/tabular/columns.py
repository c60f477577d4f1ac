"""Columns of text cells to moments, offsets and numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from faza.core.quality import U8
from faza.protocols import numbers
from faza.protocols.numbers import I32, Parsed, State
from faza.protocols.problems import Problems
from faza.protocols.tabular import moments
from faza.protocols.tabular.moments import Stamps
from faza.protocols.tabular.sheets import Chunk
from faza.protocols.tabular.words import NO_VALUE, TOTALS, Role, unguarded

Columns = list[Sequence[str]]


def whole_rows(
    chunk: Chunk, roles: dict[Role, int], values: Sequence[tuple[int, str]], problems: Problems
) -> Chunk:
    """Without the rows that are cut off before their first value; a problem for each cut row.

    `values`: index and title of the columns of values. Cells that are there but empty say "no
    value"; a row that ends before they begin says that the file is damaged.
    """
    if chunk.widths is None:
        return chunk
    named = {Role.POINT, Role.METER, Role.DATE, Role.TIME, Role.MOMENT, Role.START, Role.END}
    least = 1 + max([values[0][0], *(at for role, at in roles.items() if role in named)])
    # A day on which clocks go forward has fewer columns than others.
    full, title = values[-1] if len(values) < 23 else values[len(values) * 23 // 24 - 1]
    short = chunk.widths < max(least, full + 1)
    for n in np.flatnonzero(short).tolist():
        if not is_total(chunk.columns, n):
            problems.add(
                "row-short",
                f"The row ends after {chunk.widths[n]} cells; expected {max(least, full + 1)}, "
                f"up to column {title or full + 1}.",
                line=int(chunk.lines[n]),
            )
    kept = np.flatnonzero(chunk.widths >= least).tolist()
    columns: Columns = [[column[n] for n in kept] for column in chunk.columns]
    return Chunk(columns, chunk.lines[kept])


def with_offsets(
    stamps: Stamps, roles: dict[Role, int], columns: Columns, lines: I32, problems: Problems
) -> Stamps:
    """Moments with the offset that a column of its own tells, where they have none themselves.

    A cell that is no offset is a problem, and its row has no moment then.
    """
    if Role.OFFSET not in roles:
        return stamps
    texts = columns[roles[Role.OFFSET]]
    known = {text: moments.offset_of(unguarded(text.strip())) for text in set(texts)}
    told = np.array([known[text] for text in texts], np.int64)
    naive = (stamps.offset == moments.NAIVE) & stamps.good
    bad = naive & (told == moments.ABSENT)
    for n in np.flatnonzero(bad).tolist():
        problems.add(
            "offset-junk",
            f"The offset from UTC is {texts[n][:40]!r}; expected e.g. +03:00.",
            line=int(lines[n]),
            found=texts[n],
        )
    offset = np.where(naive & ~bad, told, stamps.offset).astype(np.int32)
    return replace(stamps, offset=offset, good=stamps.good & ~bad)


def moment_texts(
    roles: dict[Role, int], columns: Columns
) -> tuple[Sequence[str], Sequence[str] | None]:
    """The text of each row's moment, and of its end where there is a start too."""
    ends = columns[roles[Role.END]] if Role.END in roles else None
    for role in (Role.START, Role.MOMENT, Role.TIME):
        if role in roles:
            starts = columns[roles[role]]
            break
    else:
        if Role.DATE in roles and ends is None:
            return columns[roles[Role.DATE]], None
        assert ends is not None, "a plan has a column of moments"
        starts, ends = ends, None
    if Role.DATE in roles:
        days = [_day(text) for text in columns[roles[Role.DATE]]]
        if ends is None and any("-" in text[1:] or "–" in text for text in starts[:1]):
            parts = [text.replace("–", "-").partition("-") for text in starts]
            starts, ends = [p[0].strip() for p in parts], [p[2].strip() for p in parts]
        starts = [f"{day} {_clock(text)}" for day, text in zip(days, starts, strict=True)]
        if ends is not None:
            ends = [f"{day} {_clock(text)}" for day, text in zip(days, ends, strict=True)]
    return starts, ends


def _day(text: str) -> str:
    """The date of a cell that a workbook gave a time."""
    return text.strip().partition(" ")[0]


def _clock(text: str) -> str:
    """The time of a cell that a workbook gave a date."""
    text = text.strip().rpartition(" ")[2]
    return f"0{text}" if text[1:2] == ":" else text


def numbers_of(
    texts: Sequence[str], lines: I32, column: str, problems: Problems, good: U8
) -> Parsed:
    """The numbers of a column; words for "no value" are EMPTY, and so is junk, a problem."""
    parsed = numbers.parse(_ascii(texts), exponents=True)
    for n in np.flatnonzero(parsed.state == State.JUNK).tolist():
        text = texts[n].strip().lower()
        if text not in NO_VALUE and good[n]:
            problems.add(
                "value-junk",
                f"The value is {texts[n][:40]!r}; expected a decimal number.",
                line=int(lines[n]),
                column=column,
                found=texts[n],
            )
        parsed.state[n] = State.EMPTY
    return parsed


def _ascii(texts: Sequence[str]) -> Sequence[bytes]:
    joined = "\n".join(texts)
    if not joined.isascii():
        joined = joined.replace("\xa0", " ").replace("\u202f", " ").replace("−", "-")
    cells = joined.encode("ascii", "replace").split(b"\n")
    if len(cells) != len(texts):  # a cell of several lines
        return [text.encode("ascii", "replace").replace(b"\n", b"?") for text in texts]
    return cells


def is_total(columns: Columns, n: int) -> bool:
    """Whether a row sums up others: its first words say so."""
    for column in columns:
        if text := column[n].strip().lower():
            return text.startswith(TOTALS)
    return False
