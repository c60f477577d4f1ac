"""The map of a counterparty's codes as a table: a code and a usage point in each row. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from faza.protocols.tabular.words import guarded

HEAD = ("code", "usage_point", "name")
MOST = 100_000
"""Rows of a table."""
LONGEST = 50
"""Characters of a code."""


@dataclass(slots=True)
class Read:
    """What a table says: {their code: code of the usage point}, and problems by line."""

    codes: dict[str, str] = field(default_factory=dict)
    problems: list[tuple[int, str]] = field(default_factory=list)


def read(data: bytes) -> Read:
    """Read a table of two columns or more, parted by semicolons, commas or tabs.

    A first row without a digit is a heading. Empty rows are passed over.
    """
    found = Read()
    points: dict[str, int] = {}
    for line, row in _rows(data):
        if line > MOST:
            found.problems.append((line, f"there are more than {MOST:,} rows"))
            break
        cells = [cell.strip().removeprefix("'") for cell in row]
        if not any(cells) or (line == 1 and not any(map(_has_digit, cells[:2]))):
            continue
        if len(cells) < 2 or not (cells[0] and cells[1]):
            found.problems.append((line, "expected a code and a usage point"))
            continue
        code, point = cells[0], cells[1]
        if len(code) > LONGEST:
            found.problems.append((line, f"the code has more than {LONGEST} characters"))
        elif code in found.codes:
            found.problems.append((line, f"the code {code} stands above already"))
        elif point in points:
            found.problems.append(
                (line, f"the usage point {point} has the code of line {points[point]}")
            )
        else:
            found.codes[code] = point
            points[point] = line
    return found


def write(rows: Iterable[tuple[str, str, str]]) -> bytes:
    """A table of (code, usage point, its name) that a Russian spreadsheet opens."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(HEAD)
    for row in rows:
        writer.writerow([guarded(cell) for cell in row])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _rows(data: bytes) -> Iterator[tuple[int, list[str]]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1251", "replace")
    lines = text.replace("\0", "").splitlines()
    head = lines[0] if lines else ""
    delimiter = max(";,\t", key=head.count)
    for line, text in enumerate(lines, 1):
        yield line, next(csv.reader([text], delimiter=delimiter), [])


def _has_digit(text: str) -> bool:
    return any(letter.isdigit() for letter in text)
