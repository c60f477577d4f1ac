"""faza migrate --plan: what the migrations that are due would do, and who would wait."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from faza.cli.common import OK, counted
from faza.cli.locks import WORDS, Step, Wait, step_of

HOT = frozenset(
    (
        *("readings_block", "readings_delivered", "readings_version", "readings_provenance"),
        *("readings_finding", "readings_mark", "readings_moment"),
        *("readings_register", "readings_register_version"),
        *("events_event", "events_fresh", "collection_line", "collection_devicetask"),
        *("collection_session", "collection_delivery", "jobs_job", "outbox_message"),
        *("audit_entry", "django_session", "charges_zone_month", "charges_charge_month"),
    )
)
"""Tables that are written all the time, or by each request: whoever locks them stops Faza."""
LONGEST = 100
"""Characters of a statement that are shown."""
NO_SQL = "-- THIS OPERATION CANNOT BE WRITTEN AS SQL"
OF_CODE = Step("code, not SQL", (), Wait.NOBODY)
NOTHING = "no statement"
OF_WORDS = Step("only Python's own words change: nobody waits", (), Wait.NOBODY)


@dataclass(frozen=True, slots=True)
class Planned:
    """A statement of a migration; `words` as the database gets it, `new` where its table is."""

    migration: str
    words: str
    step: Step
    new: bool

    @property
    def hot(self) -> tuple[str, ...]:
        """The tables on which somebody is held up for longer than a moment."""
        if self.new or self.step.wait <= Wait.MOMENT:
            return ()
        return tuple(table for table in self.step.tables if table in HOT)


def show() -> int:
    """Print the plan and change nothing; 1 if Faza has to be stopped for it, else 0."""
    from django.db import connection

    planned = list(plan())
    if not planned:
        print("nothing to do")
        return OK
    rows = _rows({table for one in planned for table in one.step.tables})
    last = ""
    for one in planned:
        if one.migration != last:
            last = one.migration
            print(last)
        print(f"  {_cut(one.words)}")
        print(f"      {_told(one, rows)}")
    hot = [one for one in planned if one.hot]
    number = len({one.migration for one in planned})
    print(f"\n{counted(number, 'migration')}, {counted(len(planned), 'step')}; nothing was changed")
    if connection.vendor == "sqlite":
        print("SQLite: whoever wants to write waits until a migration is done; readers go on.")
        return OK
    stumbling = [one for one in planned if one.step.stumbles and not one.new]
    if hot:
        print(f"Held up for longer than a moment: {_tables(hot)}.")
    if stumbling:
        print(f"The version before cannot use afterwards: {_tables(stumbling)}.")
    if hot or stumbling:
        print("Stop pages, workers and collectors first.")
        return 1
    print("Nothing that is written all the time is held up for longer than a moment.")
    return OK


def _tables(planned: list[Planned]) -> str:
    names = (one.hot[0] if one.hot else one.step.tables[0] for one in planned if one.step.tables)
    return ", ".join(dict.fromkeys(names))


def plan() -> Iterator[Planned]:
    """The statements of all migrations that are not applied, in their order.

    On SQLite what each operation says of itself: there a table is often written anew, which
    cannot be told without doing it.
    """
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    todo = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if not todo:
        return
    state = _state_of_applied(executor)
    made: set[str] = set()
    for migration, _backwards in todo:
        name = f"{migration.app_label}.{migration.name}"
        if connection.vendor == "sqlite":
            for operation in migration.operations:
                step = Step(operation.formatted_description()[2:], (), Wait.NOBODY)
                yield Planned(name, operation.describe(), step, new=False)
            continue
        with only_looking(connection), _collecting(connection) as editor:
            state = migration.apply(state, editor, collect_sql=True)
        statements = list(_statements(editor.collected_sql))
        if not statements:
            yield Planned(name, NOTHING, OF_WORDS, new=False)
        for words in statements:
            step = OF_CODE if words == NO_SQL else step_of(words)
            if step.kind == "new table":
                made |= set(step.tables[:1])
            yield Planned(name, words, step, new=bool(step.tables) and step.tables[0] in made)


def _state_of_applied(executor: Any) -> Any:
    """The models as the migrations that are applied have made them."""
    from django.db.migrations.state import ProjectState

    loader = executor.loader
    state = ProjectState(real_apps=loader.unmigrated_apps)
    for migration, _ in executor.migration_plan(loader.graph.leaf_nodes(), clean_start=True):
        if (migration.app_label, migration.name) in loader.applied_migrations:
            migration.mutate_state(state, preserve=False)
    return state


@contextmanager
def only_looking(connection: Any) -> Iterator[None]:
    """No operation can write, whatever it does: code of a migration might.

    Not one transaction, for an index that is made concurrently refuses to be in one.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = on")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET default_transaction_read_only")


def _collecting(connection: Any) -> Any:
    return connection.schema_editor(collect_sql=True, atomic=False)


def _statements(collected: list[str]) -> Iterator[str]:
    """The statements alone: of the comments only the one that says that code is run."""
    for text in collected:
        if text.startswith(NO_SQL):
            yield NO_SQL
        elif not text.startswith("--"):
            yield " ".join(text.split())


def _rows(tables: set[str]) -> dict[str, int]:
    """About how many rows tables have, as PostgreSQL's statistics say, with their partitions."""
    from django.db import connection

    if connection.vendor != "postgresql" or not tables:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.name, sum(greatest(c.reltuples, 0))::bigint FROM unnest(%s::text[]) r(name)"
            " JOIN pg_class p ON p.oid = to_regclass(r.name)"
            " LEFT JOIN pg_inherits i ON i.inhparent = p.oid"
            " JOIN pg_class c ON c.oid = coalesce(i.inhrelid, p.oid) GROUP BY 1",
            [sorted(tables)],
        )
        return dict(cursor.fetchall())


def _told(one: Planned, rows: dict[str, int]) -> str:
    if one.new:
        return "of a new table: nobody waits"
    if one.step is OF_CODE:
        return "rows are changed by code: read the migration's own words"
    if not one.step.tables:
        return one.step.kind if one.step.wait is Wait.NOBODY else WORDS[one.step.wait]
    size = rows.get(one.step.tables[0], 0)
    mark = " – a table that is written all the time" if one.hot else ""
    return f"{one.step.kind}: {WORDS[one.step.wait]}, about {counted(size, 'row')}{mark}"


def _cut(words: str) -> str:
    if words == NO_SQL:
        return "code of Python"
    return words if len(words) <= LONGEST else words[: LONGEST - 1] + "…"
