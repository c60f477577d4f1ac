"""faza import."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from faza.cli.common import (
    BAD,
    OK,
    PROBLEMS,
    Refused,
    command,
    counted,
    database_in_reach,
    moment,
    now,
    start_to_look,
    start_with_tables,
    zone,
)

if TYPE_CHECKING:
    from faza.collection.summary import ImportSummary, ProgressCallback

TEACH = """\
Formats are found out by themselves: messages 80020 and 80040 (XML, alone or several in a zip),
interval profiles (CSV, TXT, XLSX: a row per value, a column per point, or a row per day),
register readings (CSV, TXT, XLSX), telemetry (JSON), Green Button (ESPI, XML). Folders are walked
in the order of names.

Importing the same file again changes nothing. Of two messages of one sender, area and day the
greater number stands, of two tables the one that is newer (--as-of, else the file's time).
A bad row is a problem that is told with its line; the good rest is stored. Of a file that is no
such file nothing is stored, and the exit code is 2; other files are imported all the same.

examples:
  faza import 80020_7703311228_20260114_12373.xml
  faza import --create-points january.zip archive/
  faza import --format profiles --zone Asia/Yekaterinburg --stamped end boiler.xlsx
  faza import --dry-run --json january.zip | jq .problems
"""
SHOWN = 20


def add_to(commands: Any) -> None:
    parser = command(
        commands, "import", help="read files of measured data into the database", teach=TEACH
    )
    parser.add_argument("paths", nargs="+", metavar="FILE|DIR")
    parser.add_argument(
        "--format",
        choices=("80020", "80040", "profiles", "registers", "telemetry", "espi"),
        help="take every file for this (default: found out of each)",
    )
    parser.add_argument(
        "--create-points", action="store_true", help="make usage points that are not known yet"
    )
    parser.add_argument("--dry-run", action="store_true", help="tell what would be done, no more")
    parser.add_argument(
        "--json", action="store_true", help="the summary as one JSON object on the output"
    )
    parser.add_argument(
        "--zone",
        type=zone,
        metavar="ZONE",
        help="time zone of days in messages and of naive times in tables"
        " (default: Europe/Moscow, or what is agreed with the sender)",
    )
    parser.add_argument(
        "--stamped",
        choices=("start", "end"),
        help="a table's times are the starts or the ends of intervals (default: found out)",
    )
    parser.add_argument(
        "--as-of",
        type=moment,
        metavar="MOMENT",
        help="when the content of tables was so; of two tables the later one stands"
        " (default: when the file was changed)",
    )
    parser.add_argument("--channel", help="channel of tables that name none, e.g. A+")
    parser.add_argument("--unit", help="unit of tables that name none, e.g. kWh")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    if options.dry_run:
        start_to_look()
    else:
        start_with_tables()
    from faza.collection import services
    from faza.core.reading_types import BY_CHANNEL
    from faza.protocols.tabular.words import UNITS, unit_of

    if options.channel is not None and options.channel not in BY_CHANNEL:
        raise Refused(f"--channel {options.channel}: expected one of {', '.join(BY_CHANNEL)}")
    if options.unit is not None and unit_of(options.unit) is None:
        units = dict.fromkeys(unit.name for unit in UNITS.values())
        raise Refused(f"--unit {options.unit}: expected one of {', '.join(units)}")
    wanted = services.ImportOptions(
        format=options.format,
        create_points=options.create_points,
        dry_run=options.dry_run,
        zone=options.zone,
        stamped=options.stamped,
        as_of=options.as_of,
        channel=options.channel,
        unit=options.unit,
    )
    with database_in_reach(), _bar(shown=not options.json) as progress:
        try:
            summary = services.import_files(
                options.paths, at=now(), options=wanted, progress=progress
            )
        except OSError as problem:
            where = problem.filename or ""
            raise Refused(f"{where}: {problem.strerror or problem}".lstrip(": ")) from problem
    if options.json:
        print(json.dumps(summary.as_dict(), ensure_ascii=False))
    else:
        _tell(summary)
    if summary.refused:
        return BAD
    if not summary.files and not summary.n_problems:
        where = ", ".join(options.paths)
        print(f"faza import: there is no file to import in {where}", file=sys.stderr)
        return PROBLEMS
    useful = summary.values or summary.unassigned or not summary.n_problems
    return OK if useful else PROBLEMS


@contextmanager
def _bar(*, shown: bool) -> Iterator[ProgressCallback | None]:
    """A progress bar where a person looks at the error output; nothing elsewhere."""
    if not shown or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    from faza.collection.services import Progress

    columns = (
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[values]:,} values"),
        TimeElapsedColumn(),
        TextColumn("{task.description}", markup=False),
    )
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None, values=0)

        def tell(now: Progress) -> None:
            bar.update(
                task, completed=now.done, total=now.total, values=now.values,
                description=now.name[-40:],
            )  # fmt: skip

        yield tell


def _tell(summary: ImportSummary) -> None:
    for problem in summary.problems[:SHOWN]:
        line = f":{problem.line}" if problem.line else ""
        print(f"{problem.file}{line}: {problem.reason}", file=sys.stderr)
    if summary.n_problems > SHOWN:
        more = counted(summary.n_problems - SHOWN, "problem")
        print(f"… and {more} more (--json has them)", file=sys.stderr)
    for note, files in sorted(summary.notes.items()):
        print(f"note: {note}" + (f" ({files:,} files)" if files > 1 else ""), file=sys.stderr)
    would = "would be " if summary.dry_run else ""
    whole = ((summary.files, "file"), (len(summary.points), "point"), (summary.values, "value"))
    print(", ".join(counted(number, thing) for number, thing in whole))
    print(
        f"{would}changed {summary.changed:,}, unchanged {summary.unchanged:,},"
        f" superseded {summary.superseded:,}, taken back {summary.cleared:,}"
    )
    extras = (
        (summary.registers, "register reading", " among them"),
        (summary.unassigned, "reading", " waiting for a meter"),
        (summary.events, "event", f" ({summary.new_events:,} new)"),
        (summary.created, "point", f" {would}made"),
        (summary.rounded, "value", f" {would}rounded to the quantum"),
        (summary.n_problems, "problem", ""),
        (summary.refused, "file", " refused"),
    )
    beside = [counted(number, thing) + words for number, thing, words in extras if number]
    if beside:
        print(", ".join(beside))
    if summary.zones:
        print(f"time zone: {', '.join(sorted(summary.zones))}")
