"""What all commands share: the parser, the start of Django, one-line refusals, progress."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from faza.cli import environment

OK, PROBLEMS, BAD = 0, 1, 2

TEACH = """\
A first try, on data of its own:
  faza demo                                  the demo grid on http://127.0.0.1:8000

Your own data:
  faza migrate                               make or update the tables
  faza import --create-points 80020/         read a folder of files, make unknown points
  faza export csv --points 132070043214102 --from 2026-01-01 --to 2026-01-31
  faza serve                                 the cabinet on http://127.0.0.1:8000

What is set, and whether it is right:
  faza doctor

Each command explains itself: faza import --help
"""
CODES = """\
exit codes: 0 done; 1 problems, and nothing of use came of it; 2 an unusable file, wrong
arguments or settings. Settings come from the environment: faza doctor lists them.
"""


class Refused(Exception):
    """A command cannot go on; its message is one line for the person who typed it."""

    def __init__(self, reason: str, code: int = BAD) -> None:
        super().__init__(reason)
        self.code = code


def parser_of() -> argparse.ArgumentParser:
    """The parser of all commands; each sets `run`."""
    from faza.cli import (
        backing,
        collecting,
        database,
        distributing,
        doctor,
        exporting,
        importing,
        later,
        people,
        pricing,
        reading,
        serving,
        simulating,
        tokens,
        validating,
        working,
    )

    parser = argparse.ArgumentParser(
        prog="faza",
        description="Faza: an open intelligent electricity metering system.",
        epilog=TEACH + "\n" + CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"faza {_version()}")
    commands = parser.add_subparsers(
        dest="command", metavar="COMMAND", required=True, title="commands"
    )
    for room in (
        importing, pricing, exporting, collecting, reading, validating, database, backing,
        distributing, serving, working, later, people, simulating, tokens, doctor,
    ):  # fmt: skip
        room.add_to(commands)
    return parser


def command(commands: Any, name: str, *, help: str, teach: str) -> argparse.ArgumentParser:
    """A sub-command's parser. `commands` is argparse's own, which has no public type."""
    made: argparse.ArgumentParser = commands.add_parser(
        name,
        help=help,
        description=help[0].upper() + help[1:] + ".",
        epilog=teach + "\n" + CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    return made


def _version() -> str:
    from faza import __version__

    return __version__


def start() -> None:
    """Read the settings and start Django. Raises Refused in one line if they are wrong."""
    import django
    from django.core.exceptions import ImproperlyConfigured

    for told in environment.wrong(os.environ).values():
        raise Refused(f"wrong settings: {told}")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "faza.settings")
    try:
        django.setup()
    except (ImproperlyConfigured, ValueError, OSError) as problem:
        raise Refused(f"wrong settings: {_line(problem)} (faza doctor tells more)") from problem


def start_with_tables() -> None:
    """As `start`, with the tables there; those of a new embedded database are made.

    Raises Refused if the database is out of reach or its tables are not those of this version.
    """
    start()
    from django.db import connection

    with database_in_reach():
        pending = pending_migrations()
        if not pending:
            return
        if connection.vendor == "sqlite" and not connection.introspection.table_names():
            from django.core.management import call_command

            print("faza: making the tables of a new database", file=sys.stderr)
            call_command("migrate", verbosity=0)
            return
    raise Refused(f"migrations not applied: {len(pending)}; run `faza migrate`")


def start_to_look() -> None:
    """As `start_with_tables`, but nothing is made: no folder, no key, no database."""
    with environment.looking():
        start()
    file = database_file()
    if file is not None and not file.exists():
        raise Refused(f"there is no database yet ({file}): run `faza migrate` before a dry run")
    with database_in_reach():
        pending = pending_migrations()
    if pending:
        raise Refused(f"migrations not applied: {len(pending)}; run `faza migrate`")


def database_file() -> Path | None:
    """Where the embedded database lies; None for a server, or one in memory."""
    from django.db import connection

    name = str(connection.settings_dict["NAME"])
    in_file = connection.vendor == "sqlite" and ":memory:" not in name and "mode=" not in name
    return Path(name) if in_file else None


def pending_migrations() -> list[str]:
    """Migrations that the database has not seen, "room.name" each."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


@contextmanager
def database_in_reach() -> Iterator[None]:
    """Turns what the database says when it cannot go on into one line."""
    from django.db import DatabaseError, InterfaceError

    try:
        yield
    except (DatabaseError, InterfaceError) as problem:
        file, told = database_file(), _line(problem)
        if file is None:
            raise Refused(f"the database: {told}") from problem
        advice = ""
        if "readonly" in told or "unable to open" in told:
            advice = "; make the file and its folder writable, or set DATABASE_URL to another"
        raise Refused(f"the database {file}: {told}{advice}") from problem


def _line(problem: BaseException) -> str:
    return " ".join(str(problem).split()) or type(problem).__name__


def counted(number: int, thing: str) -> str:
    """A number and its thing: "1 file", "2 files"."""
    return f"{number:,} {thing}" + ("" if number == 1 else "s")


def now() -> datetime:
    return datetime.now(UTC)


def day(text: str) -> date:
    """A day as YYYY-MM-DD; for argparse."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day; expected YYYY-MM-DD") from None
    if not 1970 <= found.year < 2200:
        raise argparse.ArgumentTypeError(f"{text!r}: expected a day of 1970 to 2199")
    return found


def zone(text: str) -> str:
    """A time zone of the IANA database; for argparse."""
    from faza.metering.rules import is_zone

    if not is_zone(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no time zone; expected e.g. Asia/Omsk")
    return text


def moment(text: str) -> datetime:
    """An ISO moment with its offset; for argparse."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None or not 1970 <= found.year < 2200:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no moment; expected e.g. 2026-01-31T08:00+03:00"
        )
    return found
