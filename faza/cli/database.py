"""faza migrate."""

from __future__ import annotations

import argparse
from typing import Any

from faza.cli import planning
from faza.cli.common import (
    OK,
    command,
    counted,
    database_in_reach,
    now,
    pending_migrations,
    start,
)

TEACH = """\
Makes the tables of a new database, or brings those of an older version up to this one. Doing it
twice does it once. The database is that of DATABASE_URL, without it SQLite in FAZA_HOME.

On PostgreSQL the partitions of the months to come are made too.

--plan tells the statements, on which tables, who waits for them and how large the tables are. It
changes nothing. Its exit code is 1 if something that is written all the time would be held up for
longer than a moment, or if the version before could not go on beside the new tables: then stop
pages, workers and collectors first.

examples:
  faza migrate
  faza migrate --check && faza serve
  faza migrate --plan
  DATABASE_URL=postgres://faza@db.example/faza faza migrate
"""


def add_to(commands: Any) -> None:
    parser = command(
        commands, "migrate", help="make or update the tables of the database", teach=TEACH
    )
    only = parser.add_mutually_exclusive_group()
    only.add_argument(
        "--check", action="store_true", help="only tell what is to be done; exit code 1 if anything"
    )
    only.add_argument(
        "--plan", action="store_true", help="only tell which statements, and who waits for them"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    start()
    from django.core.management import call_command

    from faza.readings import months

    with database_in_reach():
        if options.plan:
            return planning.show()
        pending = pending_migrations()
        if options.check:
            for name in pending:
                print(name)
            return 1 if pending else OK
        call_command("migrate", verbosity=0, interactive=False)
        months.make_ahead(at=now())
    print(f"{counted(len(pending), 'migration')} applied" if pending else "nothing to do")
    return OK
