"""Reading of tables: the sheets of a file one by one into one document."""

from __future__ import annotations

from faza.protocols.problems import Document, Malformed, Note, Problems
from faza.protocols.tabular import header
from faza.protocols.tabular.cells import Reader
from faza.protocols.tabular.series import Builder
from faza.protocols.tabular.sheets import open_sheets
from faza.protocols.tabular.values import Layout, Options, Profiles
from faza.protocols.tabular.values import Stamps as Stamped

LIMIT = 512 * 2**20
"""Bytes of a file; of a workbook, unpacked."""
AUTOMATIC = Options()


def read_profiles(
    data: bytes, *, file: str = "", options: Options = AUTOMATIC, limit: int = LIMIT
) -> Document[Profiles]:
    """The interval series in a CSV, TXT or XLSX file.

    A sheet without a header of values is a problem where others have one.

    Raises Malformed if it is no table of values: no text, no known header, no rows; TooLarge
    if it has more than `limit` bytes, unpacked.
    """
    problems, notes = Problems(file), list[Note]()
    builder = Builder(options, problems, notes)
    stamped: Stamped | None = None
    failed: Malformed | None = None
    read = 0
    for sheet in open_sheets(data, options=options, limit=limit, problems=problems, notes=notes):
        try:
            plan = header.plan(sheet, options)
        except Malformed as error:
            failed = error
            problems.add(error.code, error.reason, file=f"{file}:{sheet.name}")
            continue
        read += 1
        notes.append(Note("layout", plan.layout, f"Layout {plan.layout} from line {plan.line}."))
        # Columns of the day are put at their starts while they are read.
        stamped = stamped or ("start" if plan.layout is Layout.WIDE_DAY else plan.stamped)
        reader = Reader(plan, builder, options, problems, notes, sheet.name)
        for chunk in sheet.chunks(plan.line, plan.width):
            reader.read(chunk)
    if failed is not None and not read:
        raise failed
    series = builder.series(stamped)
    if not series:
        problems.add("no-series", "The file has no value of a known point and moment.")
    return Document(Profiles(series), problems.in_order(), dict(problems.counts), tuple(notes))
