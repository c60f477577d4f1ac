"""faza export."""

from __future__ import annotations

import argparse
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from faza.cli.common import (
    OK,
    Refused,
    command,
    database_in_reach,
    day,
    now,
    start_with_tables,
)

TEACH = """\
Both days are included: --from 2026-01-01 --to 2026-01-31 is the whole of January. Days of CSV, of
XLSX and of Green Button (espi) are those of the point's own time zone; days of 80020 are Moscow's,
or those agreed with the sender of --sender. Several days of 80020 are files of one zip.

An absent value is empty in CSV and XLSX, empty with status 1 in 80020, and left out of Green
Button. Several channels:
--channel A+,A-,R+,R-. Without --output CSV and a single message go to the standard output, a
workbook or zip to a file whose name is told.

examples:
  faza export csv --points 132070043214102 --from 2026-01-01 --to 2026-01-31 > january.csv
  faza export xlsx --points A-1,A-2 --channel A+,R+ --from 2026-01-01 --to 2026-01-31
  faza export 80020 --points A-1 --sender 7700000001 --from 2026-01-14 --to 2026-01-14
"""


def add_to(commands: Any) -> None:
    parser = command(
        commands,
        "export",
        help="write stored values as 80020, Green Button, CSV or XLSX",
        teach=TEACH,
    )
    parser.add_argument("format", choices=("80020", "csv", "xlsx", "espi"))
    parser.add_argument(
        "--points", required=True, metavar="CODE[,CODE…]", help="codes of usage points"
    )
    parser.add_argument(
        "--channel", default="A+", metavar="A+[,A-…]", help="channels (default: A+)"
    )
    parser.add_argument(
        "--from", dest="first", type=day, required=True, metavar="DAY", help="first day"
    )
    parser.add_argument(
        "--to", dest="last", type=day, required=True, metavar="DAY", help="last day, included"
    )
    parser.add_argument("--output", metavar="FILE", help="file to write; - is standard output")
    parser.add_argument(
        "--sender", metavar="INN", help="80020: whose exchange profile numbers the messages"
    )
    parser.add_argument("--area", default="", metavar="INN", help="80020: area of the profile")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    if options.last < options.first:
        raise Refused(f"--to {options.last} is before --from {options.first}")
    start_with_tables()
    from faza.collection import queries

    with database_in_reach():
        try:
            exported = _exported(options)
        except queries.NotInFormat as problem:
            raise Refused(str(problem)) from problem
        _write(exported, options)
    return OK


def _exported(options: argparse.Namespace) -> Any:
    from faza.collection import queries
    from faza.core.reading_types import BY_CHANNEL

    names = [name.strip() for name in options.channel.split(",") if name.strip()]
    unknown = [name for name in names if name not in BY_CHANNEL]
    if unknown or not names:
        raise Refused(
            f"--channel {options.channel}: expected {', '.join(BY_CHANNEL)}, between commas"
        )
    kinds = [BY_CHANNEL[name] for name in dict.fromkeys(names)]
    windows = _windows(options.points)
    first, end = options.first, options.last + timedelta(days=1)
    if options.format == "csv":
        return queries.export_csv(windows, kinds, first=first, end=end)
    if options.format == "xlsx":
        return queries.export_xlsx(windows, kinds, first=first, end=end)
    if options.format == "espi":
        return queries.export_espi(windows, kinds, first=first, end=end, at=now())
    return queries.export_80020(
        windows, kinds, first=first, end=end, letter=_letter(options, (end - first).days)
    )


def _windows(codes: str) -> Any:
    """All time of the named points. Raises Refused, naming those that are not there."""
    from faza.core.periods import ALWAYS, FOREVER, Period
    from faza.core.windows import Window, Windows
    from faza.metering.models import UsagePoint

    wanted = list(dict.fromkeys(code.strip() for code in codes.split(",") if code.strip()))
    found = {
        code: Window(point, zone, Period(ALWAYS, FOREVER))
        for code, point, zone in UsagePoint.objects.filter(code__in=wanted).values_list(
            "code", "id", "zone"
        )
    }
    missing = [code for code in wanted if code not in found]
    if missing or not wanted:
        raise Refused(f"no such usage point: {', '.join(missing) or '(none named)'}")
    return Windows.merged(found.values())


def _letter(options: argparse.Namespace, days: int) -> Any:
    from faza.collection import queries, services
    from faza.collection.models import ExchangeProfile

    at = now()
    if not options.sender:
        return queries.private_letter(at=at)
    profile = ExchangeProfile.objects.filter(
        sender_inn=options.sender, area_inn=options.area
    ).first()
    if profile is None:
        whose = f"{options.sender} {options.area}".strip()
        raise Refused(f"there is no exchange profile of {whose}")
    first_number = services.take_numbers(profile, days)
    return queries.letter_of(profile, first_number=first_number, at=at)


def _write(exported: Any, options: argparse.Namespace) -> None:
    to_output = options.output in (None, "-")
    if to_output and options.output is None and not exported.name.endswith((".csv", ".xml")):
        options.output, to_output = exported.name, False
    if to_output:
        for chunk in exported.chunks:
            sys.stdout.buffer.write(chunk)
        sys.stdout.buffer.flush()
        return
    try:
        with Path(options.output).open("wb") as out:
            for chunk in exported.chunks:
                out.write(chunk)
    except OSError as problem:
        raise Refused(f"{options.output}: {problem.strerror}") from problem
    print(f"written: {options.output}", file=sys.stderr)
