"""A file as rows of text under titles; nothing is understood yet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from faza.collection.grid import columns
from faza.protocols.problems import Malformed, Note, Problems, TooLarge
from faza.protocols.tabular.sheets import Row, Sheet, open_sheets
from faza.protocols.tabular.values import Options

FILE_LIMIT = 64 * 2**20
"""Bytes of a file, and of what a workbook unpacks to: 50,000 rows have some 40 MB."""
ROW_LIMIT = 50_000
COLUMN_LIMIT = 200
SAMPLES = 3

Corrections = Mapping[int, Mapping[str, str]]
"""By line and column's key: what stands there instead of the file's text."""


@dataclass(frozen=True, slots=True)
class Found:
    """What is seen of a file before its columns are agreed on."""

    sheets: tuple[str, ...]
    sheet: str
    line: int
    titles: tuple[str, ...]
    samples: tuple[tuple[str, ...], ...]
    recognised: Mapping[int, str]

    @property
    def unknown(self) -> list[int]:
        """The columns with a title that nobody knows."""
        return [n for n, title in enumerate(self.titles) if title and n not in self.recognised]

    @property
    def missing(self) -> list[str]:
        """The keys of needed columns that the file has not."""
        there = set(self.recognised.values())
        return [c.key for c in columns.COLUMNS if c.needed and c.key not in there]


@dataclass(slots=True)
class Table:
    """Rows with their lines; `keys` says which column is what."""

    sheet: str
    titles: tuple[str, ...]
    keys: Mapping[int, str]
    rows: list[tuple[int, list[str]]] = field(default_factory=list)
    problems: Problems = field(default_factory=lambda: Problems(""))

    @property
    def places(self) -> dict[str, int]:
        """Where a column stands, by its key."""
        return {key: index for index, key in self.keys.items()}

    def correct(self, corrections: Corrections) -> None:
        """Put in what people wrote instead of the file's text."""
        if not corrections:
            return
        places = self.places
        for line, cells in self.rows:
            for key, text in corrections.get(line, {}).items():
                if key in places:
                    cells[places[key]] = text


def look(name: str, data: bytes, *, sheet: str | None = None) -> Found:
    """The titles of a file and what they are. Raises Malformed, TooLarge."""
    notes: list[Note] = []
    best: tuple[int, Sheet, int, Row] | None = None
    names: list[str] = []
    for one in _sheets(name, data, Problems(name), notes):
        names.append(one.name)
        if sheet not in (None, one.name):
            continue
        line, titles = _header(one)
        score = len(columns.recognise(titles))
        if titles and (best is None or score > best[0]):
            best = (score, one, line, titles)
    if best is None:
        raise Malformed("The file has no row with titles of columns.", code="no-header")
    _, chosen, line, row = best
    titles = tuple(title.strip() for title in row)
    samples = [tuple(row) for at, row in chosen.head if at > line and any(row)][:SAMPLES]
    recognised = columns.recognise(titles)
    return Found(tuple(names), chosen.name, line, titles, tuple(samples), recognised)


def read(name: str, data: bytes, *, sheet: str, line: int, keys: Mapping[int, str]) -> Table:
    """The rows under the titles at a line of a sheet. Raises Malformed, TooLarge."""
    problems = Problems(name)
    for one in _sheets(name, data, problems, []):
        if one.name != sheet:
            continue
        titles = next((tuple(row) for at, row in one.head if at == line), ())
        table = Table(sheet, tuple(title.strip() for title in titles), keys, problems=problems)
        for chunk in one.chunks(line, max(len(titles), 1)):
            for at, *cells in zip(chunk.lines.tolist(), *chunk.columns, strict=True):
                table.rows.append((at, cells[: len(titles)]))
            if len(table.rows) > ROW_LIMIT:
                raise TooLarge(f"It has more than {ROW_LIMIT} rows.", code="rows")
        return table
    raise Malformed(f"The file has no sheet {sheet!r}.", code="sheet")


def _sheets(name: str, data: bytes, problems: Problems, notes: list[Note]) -> Iterator[Sheet]:
    return open_sheets(
        data, options=Options(), limit=FILE_LIMIT, problems=problems, notes=notes, old=True
    )


def _header(sheet: Sheet) -> tuple[int, Row]:
    """The row of the head with the most known titles; the first that has any text else."""
    best: tuple[int, int, Row] = (0, 0, ())
    for line, row in sheet.head:
        if len(row) > COLUMN_LIMIT:
            row = row[:COLUMN_LIMIT]
        score = len(columns.recognise(row))
        if score > best[0] or (best[1] == 0 and any(cell.strip() for cell in row)):
            best = (score, line, row)
    return best[1], best[2]


def titles_agree(titles: Sequence[str], keys: Mapping[int, str]) -> bool:
    """Whether a choice of columns fits a file: places that are there, each key once."""
    good = all(0 <= n < len(titles) and key in columns.BY_KEY for n, key in keys.items())
    return good and len(set(keys.values())) == len(keys)
