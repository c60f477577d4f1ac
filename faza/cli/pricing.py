"""faza prices."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from faza.cli.common import (
    BAD,
    OK,
    PROBLEMS,
    Refused,
    command,
    counted,
    database_in_reach,
    now,
    start_with_tables,
)

if TYPE_CHECKING:
    from faza.tariffs.trial import Trial

TEACH = """\
Reads tables of prices (CSV, TXT, XLSX, XLS) into the database: tariffs, zones of the day, prices,
consumption ranges, coefficients of the season, the value added tax, hourly prices, peak hours, the
production calendar. What a table is, is found out by the titles of its columns.

A table (of a tariff and a date, of a market and a day) is taken as a whole or not at all; a bad row
is told with its line, and the other tables are stored. Reading a file again changes nothing.

examples:
  faza prices --dry-run tariffs-2026.xlsx
  faza prices tariffs-2026.xlsx hours-2026-10.csv
  faza prices --shipped
"""
SHOWN = 50


def add_to(commands: Any) -> None:
    parser = command(commands, "prices", help="read tables of prices and tariffs", teach=TEACH)
    parser.add_argument("paths", nargs="*", metavar="FILE")
    parser.add_argument("--dry-run", action="store_true", help="tell what would be done, no more")
    parser.add_argument(
        "--shipped",
        action="store_true",
        help="take what comes with the program: calendars, zones of households, rates of the tax",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    if not options.paths and not options.shipped:
        raise Refused("name a file, or say --shipped")
    if options.shipped and options.dry_run:
        raise Refused("--shipped goes without --dry-run")
    start_with_tables()
    codes = [OK]
    with database_in_reach():
        if options.shipped:
            from faza.tariffs.services import import_shipped

            import_shipped()
            print("calendars, zones of households and rates of the tax are there")
        for path in options.paths:
            codes.append(_one(Path(path), dry_run=options.dry_run))
    return max(codes)


def _one(path: Path, *, dry_run: bool) -> int:
    from faza.charges import services as charges
    from faza.protocols.problems import Malformed
    from faza.tariffs import files
    from faza.tariffs.services import prices
    from faza.tariffs.trial import tried

    try:
        content = path.read_bytes()
    except OSError as problem:
        raise Refused(f"{path}: {problem.strerror or problem}") from problem
    try:
        trial = tried(files.read(path.name, content))
    except Malformed as problem:
        print(f"{path}: {problem.reason}", file=sys.stderr)
        return BAD
    _tell(path, trial, dry_run=dry_run)
    if not dry_run and trial.writes:
        at = now()
        one = prices.upload(name=path.name, content=content, by=None, at=at)
        done = prices.apply(one=one, at=at, by=None)
        for tariff, since in done.since.items():
            charges.mark_tariff(tariff_id=tariff, since=since, at=at)
        if done.normatives_since is not None:
            charges.mark_normatives(since=done.normatives_since, at=at)
    useful = trial.writes or trial.counts["same"] or not trial.problems
    return OK if useful else PROBLEMS


def _tell(path: Path, trial: Trial, *, dry_run: bool) -> None:
    from django.utils import translation

    from faza.tariffs import words

    with translation.override("en"):
        for problem in trial.problems[:SHOWN]:
            where = ", ".join(part for part in (str(path), words.place(problem)) if part)
            print(f"{where}: {words.reason(problem)}", file=sys.stderr)
    if len(trial.problems) > SHOWN:
        more = counted(len(trial.problems) - SHOWN, "problem")
        print(f"… and {more} more", file=sys.stderr)
    would = "would be " if dry_run else ""
    counts = trial.counts
    print(
        f"{path}: {counted(len(trial.changes), 'table')}: {would}new {counts['new']:,}, {would}"
        f"changed {counts['changed']:,}, as before {counts['same']:,}, left out"
        f" {counts['refused']:,}"
    )
