"""faza validate."""

from __future__ import annotations

import argparse
from typing import Any

from faza.cli.common import (
    OK,
    PROBLEMS,
    Refused,
    command,
    counted,
    database_in_reach,
    day,
    now,
    start_with_tables,
)

TEACH = """\
Applies the rules of validation to what has changed, and estimates gaps; the worker does it every
minute. With --all or --point days are looked at again that have not changed, as after rules were
set otherwise. Doing it twice does it once.

examples:
  faza validate
  faza validate --point 503000000001 --from 2026-01-01 --to 2026-01-31
  faza validate --all --from 2026-01-01
"""


def add_to(commands: Any) -> None:
    parser = command(commands, "validate", help="apply rules, estimate gaps", teach=TEACH)
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--all", action="store_true", help="all points, changed or not")
    which.add_argument(
        "--point", action="append", default=[], metavar="CODE", help="this point, changed or not"
    )
    parser.add_argument("--from", dest="first", type=day, metavar="DAY", help="from this day on")
    parser.add_argument("--to", dest="last", type=day, metavar="DAY", help="to this day, included")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    if (options.first or options.last) and not (options.all or options.point):
        raise Refused("--from and --to go with --all or --point")
    if options.first and options.last and options.first > options.last:
        raise Refused("--from is after --to")
    start_with_tables()
    from faza.readings.vee import running

    at = now()
    with database_in_reach():
        _mark(options)
        done = running.validate(at=at)
    print(
        f"{counted(done.points, 'point')}: {counted(done.channel_days, 'day')} of channels judged,"
        f" {counted(done.found, 'finding')} new or changed, {done.gone} gone,"
        f" {counted(done.intervals, 'interval')} written"
    )
    if done.failed:
        print(f"{counted(done.failed, 'point')} could not be worked; see the log")
    return PROBLEMS if done.failed and not done.points else OK


def _mark(options: argparse.Namespace) -> None:
    """Mark what is asked for."""
    if not (options.all or options.point):
        return
    from faza.metering.models import UsagePoint
    from faza.readings.vee import marking

    points = UsagePoint.objects.all()
    if options.point:
        points = points.filter(code__in=options.point)
        known = set(points.values_list("code", flat=True))
        for code in options.point:
            if code not in known:
                raise Refused(f"--point {code}: there is no such point")
    ids = points.values_list("id", flat=True)
    marking.mark_points(ids, options.first, options.last, at=now())
