"""faza distribute."""

from __future__ import annotations

import argparse
from typing import Any

from faza.cli import cluster
from faza.cli.common import OK, Refused, command, counted, database_in_reach, start_with_tables

TEACH = """\
Spreads the tables of points over the nodes of a cluster: PostgreSQL with the Citus extension, on
whose coordinator DATABASE_URL has to be. Places, meters and agreements are copied to every node,
accounts and sessions stay on the coordinator. What is spread already is left alone. While a table
with rows is spread, nobody writes it: stop pages, workers and collectors first.

On SQLite, and on PostgreSQL without Citus, nothing is done, and nothing has to be.

examples:
  faza distribute --plan
  faza distribute --shards 32
"""


def add_to(commands: Any) -> None:
    parser = command(
        commands, "distribute", help="spread the tables over a cluster with Citus", teach=TEACH
    )
    parser.add_argument("--plan", action="store_true", help="only tell the statements")
    parser.add_argument(
        "--shards", type=int, default=cluster.SHARDS, metavar="N",
        help="parts of each table: 32 for up to eight workers (default: %(default)s)",
    )  # fmt: skip
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    if not 1 <= options.shards <= 1024:
        raise Refused("--shards is 1 to 1024")
    start_with_tables()
    from django.db import connection

    with database_in_reach():
        why_not = _why_not()
        if why_not and not options.plan:
            print(f"nothing was done: {why_not}")
            return OK
        if why_not:
            print(f"nothing to do here: {why_not}; on a cluster it would be:")
        done, nodes = (set(), 1) if why_not else (_done(), _nodes())
        told = list(
            cluster.statements(
                database=str(connection.settings_dict["NAME"]), shards=options.shards,
                nodes=nodes, done=done,
            )
        )  # fmt: skip
        for one in told:
            print(f"{one.sql};  -- {one.why}", flush=True)
            if not options.plan:
                _do(one)
    print(_told(told, options.plan))
    return OK


def _why_not() -> str:
    """Why there is nothing to spread here; empty where there is."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return "the database is SQLite, one file on one machine; PostgreSQL comes first"
    if not _has_citus():
        return (
            "this PostgreSQL has no extension citus; one server carries what docs/scaling.md says,"
            " and needs nothing of this"
        )
    return ""


def _asked(sql: str) -> list[tuple[Any, ...]]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


def _has_citus() -> bool:
    return bool(_asked("SELECT 1 FROM pg_extension WHERE extname = 'citus'"))


def _done() -> set[str]:
    """The tables that Citus has taken in charge, but those that it keeps as local ones."""
    found = _asked(
        "SELECT c.relname FROM pg_dist_partition p JOIN pg_class c ON c.oid = p.logicalrelid"
        " WHERE p.partmethod = 'h' OR p.repmodel = 't'"
    )
    return {name for (name,) in found}


def _nodes() -> int:
    return int(
        _asked("SELECT count(*) FROM pg_dist_node WHERE isactive AND shouldhaveshards")[0][0]
    )


def _do(statement: cluster.Statement) -> None:
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        if statement.table:
            cursor.execute(cluster.SEQUENTIAL)
        cursor.execute(statement.sql)


def _told(told: list[cluster.Statement], only_planned: bool) -> str:
    tables = sum(one.table is not None for one in told)
    begins = "would be spread" if only_planned else "spread"
    server = "; ".join(f"{name} = {value}" for name, value in cluster.SERVER.items())
    return (
        f"{counted(tables, 'table')} {begins}.\n"
        f"For the administrator of every node, in postgresql.conf: {server}; then"
        " a restart, and one of Faza, which takes up the settings of its role"
    )
