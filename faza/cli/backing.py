"""faza backup, faza restore, faza verify."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from faza.cli import environment
from faza.cli.common import OK, PROBLEMS, Refused, command, counted, database_in_reach, now, start

BACKUP = """\
Writes database, files and a manifest that counts and hashes them into one file, while Faza works.
Into a folder it goes under a name with its time, and --keep removes all but the youngest there.

With a key (FAZA_BACKUP_KEY, or --key-file) the file is sealed and holds the keys of FAZA_HOME too.
Without one it is open to whoever reads it and holds no keys: keep copies of secret-key and
meter-key elsewhere.

examples:
  faza backup /srv/backups --keep 14
  faza backup --key-file /etc/faza/backup-key /srv/backups
"""
RESTORE = """\
Brings a backup back into an empty database and an empty FAZA_HOME, after all of it was read and
compared with its manifest; nothing is changed where it is damaged, or where the place is not empty.

examples:
  FAZA_HOME=/srv/faza-new faza restore /srv/backups/faza-20260301T020000Z.tar
"""
VERIFY = """\
With a file: tells which tables and days are other now than when that backup was made.
Without one: compares the counters of each stored day with its values, and tells which differ.

examples:
  faza verify
  faza verify /srv/backups/faza-20260301T020000Z.tar
"""
MOST = 50
"""Differences that are told one by one."""


def add_to(commands: Any) -> None:
    backup = command(commands, "backup", help="copy database and files into one file", teach=BACKUP)
    backup.add_argument("target", type=Path, metavar="FILE|FOLDER")
    backup.add_argument("--keep", type=int, metavar="N", help="so many stay in the folder")
    backup.set_defaults(run=_backup)
    restore = command(commands, "restore", help="bring a backup back", teach=RESTORE)
    restore.add_argument("file", type=Path)
    restore.set_defaults(run=_restore)
    verify = command(commands, "verify", help="prove what is stored", teach=VERIFY)
    verify.add_argument("file", type=Path, nargs="?")
    verify.set_defaults(run=_verify)
    for one in (backup, restore, verify):
        one.add_argument("--key-file", type=Path, metavar="FILE", help="file with the key")


def _backup(options: argparse.Namespace) -> int:
    if options.keep is not None and not (options.keep > 0 and options.target.is_dir()):
        raise Refused("--keep is 1 or more, and wants a folder that is there")
    start()
    key = _key(options)
    from faza.backup import making

    begun = time.monotonic()
    with _one_line():
        made = making.make(options.target, at=now(), key=key, keep=options.keep)
    print(
        f"{made.file}: {made.size / 1e6:,.1f} MB, {counted(made.rows, 'row')},"
        f" {counted(made.files, 'file')}, in {time.monotonic() - begun:.1f} s"
    )
    if made.is_sealed:
        print(f"sealed; with {counted(made.keys, 'key')} of FAZA_HOME")
    else:
        print("not sealed: whoever reads it reads everything; secret-key and meter-key are not in")
    for gone in made.removed:
        print(f"removed {gone}")
    if _is_cluster():
        print("of a cluster, whose nodes were read one after the other: what was recorded meanwhile"
              " may be there by half; stop Faza for one of a single moment")  # fmt: skip
    return OK


def _is_cluster() -> bool:
    from django.db import connection

    from faza.readings.store import postgres

    return connection.vendor == "postgresql" and postgres.is_cluster()


def _restore(options: argparse.Namespace) -> int:
    with environment.looking():  # no key is made in a place that is to get one
        start()
    key = _key(options)
    from faza.backup import restoring

    with _one_line():
        done = restoring.restore(options.file, key)
    print(
        f"as of {done.at:%Y-%m-%d %H:%M} UTC: {counted(done.rows, 'row')},"
        f" {counted(done.files, 'file')}"
    )
    if done.keys:
        print(f"keys: {', '.join(done.keys)}")
    else:
        print("no keys were in it: put secret-key and meter-key of the old FAZA_HOME here, or name"
              " them in the environment as before; with others people sign in anew, and passwords"
              " of meters are to be entered anew")  # fmt: skip
    print("now: faza migrate")
    return _told(done.differences)


def _verify(options: argparse.Namespace) -> int:
    start()
    key = _key(options)
    with _one_line():
        if options.file is not None:
            from faza.backup import restoring

            at, differences = restoring.compare(options.file, key)
            print(f"backup of {at:%Y-%m-%d %H:%M} UTC: ", end="")
            return _told(differences)
        from faza.readings import checking

        checked = checking.check()
    print(f"{counted(checked.days, 'day')} read: ", end="")
    return _told(checked.wrong)


def _told(differences: list[str]) -> int:
    if not differences:
        print("all is the same")
        return OK
    print(counted(len(differences), "difference"))
    for one in differences[:MOST]:
        print(f"  {one}")
    if len(differences) > MOST:
        print(f"  and {len(differences) - MOST:,} more")
    return PROBLEMS


def _key(options: argparse.Namespace) -> str | None:
    from django.conf import settings

    from faza.backup.sealing import SHORTEST

    try:
        if options.key_file is not None:
            key = options.key_file.read_text(encoding="utf-8").strip()
        elif not (key := settings.BACKUP_KEY):
            return None
    except (OSError, ValueError) as problem:
        raise Refused(f"--key-file: {problem}") from problem
    if len(key) < SHORTEST:
        raise Refused(f"the key of backups has {SHORTEST} random characters or more")
    return str(key)


@contextmanager
def _one_line() -> Iterator[None]:
    from faza.backup.archive import Damaged
    from faza.backup.engines import Unable
    from faza.backup.restoring import Occupied
    from faza.backup.sealing import WrongSeal

    try:
        with database_in_reach():
            yield
    except (Damaged, Unable, Occupied) as problem:
        raise Refused(str(problem)) from problem
    except WrongSeal as problem:
        raise Refused(f"the backup cannot be opened: {problem}") from problem
    except OSError as problem:
        raise Refused(f"{problem.filename or ''}: {problem.strerror or problem}") from problem
