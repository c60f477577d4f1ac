"""faza migrate."""

from __future__ import annotations

import argparse
from typing import Any

from faza.cli.common import OK, command, counted, database_in_reach, pending_migrations, start

TEACH = """\
Makes the tables of a new database, or brings those of an older version up to this one. Doing it
twice does it once. The database is that of DATABASE_URL, without it SQLite in FAZA_HOME.

examples:
  faza migrate
  faza migrate --check && faza serve
  DATABASE_URL=postgres://faza@db.example/faza faza migrate
"""


def add_to(commands: Any) -> None:
    parser = command(
        commands, "migrate", help="make or update the tables of the database", teach=TEACH
    )
    parser.add_argument(
        "--check", action="store_true", help="only tell what is to be done; exit code 1 if anything"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    start()
    from django.core.management import call_command

    with database_in_reach():
        pending = pending_migrations()
        if options.check:
            for name in pending:
                print(name)
            return 1 if pending else OK
        call_command("migrate", verbosity=0, interactive=False)
    print(f"{counted(len(pending), 'migration')} applied" if pending else "nothing to do")
    return OK
