"""faza migrate --plan: which statements, who waits, and that nothing is changed."""

import re
from pathlib import Path

import pytest
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import DatabaseError, connection
from django.db.migrations import Migration, RunPython, RunSQL
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Index

from faza.cli import main, planning
from faza.cli.common import pending_migrations
from faza.cli.locks import Wait, step_of
from faza.cli.planning import HOT

ROOT = Path(__file__).resolve().parents[2]


class TestLocks:
    @pytest.mark.parametrize(
        ("statement", "tables", "wait"),
        [
            ('CREATE TABLE "a" ("id" bigint REFERENCES "b" ("id"))', ("a", "b"), Wait.NOBODY),
            ('CREATE INDEX "i" ON "a" ("x")', ("a",), Wait.WRITERS),
            ('CREATE UNIQUE INDEX "i" ON "a" ("x") WHERE "y"', ("a",), Wait.WRITERS),
            ('CREATE INDEX CONCURRENTLY "i" ON "a" ("x")', ("a",), Wait.NOBODY),
            ('ALTER TABLE "a" ADD COLUMN "x" bigint NULL', ("a",), Wait.MOMENT),
            ('ALTER TABLE "a" ADD COLUMN "x" smallint DEFAULT 0 NOT NULL', ("a",), Wait.MOMENT),
            ('ALTER TABLE "a" ADD COLUMN "x" integer CHECK ("x" > 0)', ("a",), Wait.EVERYBODY),
            ('ALTER TABLE "a" ALTER COLUMN "x" DROP DEFAULT', ("a",), Wait.MOMENT),
            ('ALTER TABLE "a" ALTER COLUMN "x" SET NOT NULL', ("a",), Wait.EVERYBODY),
            ('ALTER TABLE "a" ALTER COLUMN "x" TYPE bigint', ("a",), Wait.EVERYBODY),
            ('ALTER TABLE "a" ADD CONSTRAINT "c" CHECK ("x" > 0)', ("a",), Wait.EVERYBODY),
            ('ALTER TABLE "a" ADD CONSTRAINT "c" CHECK ("x" > 0) NOT VALID', ("a",), Wait.MOMENT),
            ('ALTER TABLE "a" ADD CONSTRAINT "c" FOREIGN KEY ("x") REFERENCES "b" ("id")',
             ("a", "b"), Wait.WRITERS),
            ('ALTER TABLE "a" VALIDATE CONSTRAINT "c"', ("a",), Wait.NOBODY),
            ('ALTER TABLE "a" DROP COLUMN "x" CASCADE', ("a",), Wait.MOMENT),
            ("ALTER TABLE a ATTACH PARTITION b FOR VALUES FROM (1) TO (2)", ("a",), Wait.NOBODY),
            ("ALTER TABLE a CLUSTER ON i", ("a",), Wait.EVERYBODY),
            ("UPDATE a SET x = 1", ("a",), Wait.WRITERS),
            ("VACUUM FULL a", (), Wait.EVERYBODY),
        ],
    )  # fmt: skip
    def test_who_waits_for_a_statement(self, statement, tables, wait):
        step = step_of(statement)
        assert (step.tables, step.wait) == (tables, wait)

    @pytest.mark.parametrize(
        ("statement", "stumbles"),
        [
            ('ALTER TABLE "a" ADD COLUMN "x" bigint NULL', False),
            ('ALTER TABLE "a" ALTER COLUMN "x" DROP DEFAULT', True),
            ('ALTER TABLE "a" DROP COLUMN "x" CASCADE', True),
            ('ALTER TABLE "a" RENAME COLUMN "x" TO "y"', True),
            ('DROP TABLE "a" CASCADE', True),
            ('CREATE INDEX "i" ON "a" ("x")', False),
        ],
    )
    def test_whether_the_version_before_stumbles(self, statement, stumbles):
        assert step_of(statement).stumbles == stumbles


@pytest.fixture
def undone(transactional_db):
    """Forget that migrations were applied; their tables stay."""
    recorder = MigrationRecorder(connection)
    gone = []

    def forget(*names: str) -> None:
        for name in names:
            recorder.record_unapplied(*name.split("."))
            gone.append(name)

    yield forget
    for name in gone:
        recorder.record_applied(*name.split("."))


class TestPlan:
    def test_where_all_is_applied_there_is_nothing_to_do(self, db, capsys):
        assert main(["migrate", "--plan"]) == 0
        assert capsys.readouterr().out == "nothing to do\n"

    def test_new_tables_hold_up_nobody(self, undone, capsys):
        undone("events.0002_fresh")
        before = connection.introspection.table_names()
        assert main(["migrate", "--plan"]) == 0
        told = capsys.readouterr().out
        assert "events.0002_fresh" in told
        assert "nothing was changed" in told
        if connection.vendor == "postgresql":
            assert 'CREATE TABLE "events_fresh"' in told
            assert "nobody waits" in told
        else:
            assert "Create model FreshEvents" in told
            assert "whoever wants to write waits" in told
        assert pending_migrations() == ["events.0002_fresh"]
        assert connection.introspection.table_names() == before

    def test_a_migration_of_words_alone_is_named_too(self, undone, capsys):
        undone("notifications.0004_security", "notifications.0005_push")
        assert main(["migrate", "--plan"]) == 0
        told = capsys.readouterr().out
        assert "notifications.0004_security" in told
        assert "\n2 migrations, " in told

    @pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one lock for all")
    def test_an_index_of_a_hot_table_is_named_with_its_size(self, undone, capsys):
        undone("audit.0004_by_action")
        assert main(["migrate", "--plan"]) == 1
        told = capsys.readouterr().out
        assert 'CREATE INDEX "audit_by_action" ON "audit_entry"' in told
        assert re.search(r"index: writers wait .* about [\d,]+ rows? – a table that is", told)
        assert "Held up for longer than a moment: audit_entry." in told
        assert pending_migrations() == ["audit.0004_by_action"]

    @pytest.mark.skipif(connection.vendor == "sqlite", reason="nothing of SQL is told there")
    def test_a_column_that_the_version_before_does_not_fill_is_named(self, undone, capsys):
        undone("readings.0003_mark_purpose", "readings.0004_moment")
        code = main(["migrate", "--plan"])
        told = capsys.readouterr().out
        assert code == 1, told
        assert "column: everybody waits for a moment" in told
        assert "Held up" not in told
        assert "The version before cannot use afterwards: readings_mark." in told

    @pytest.mark.skipif(connection.vendor == "sqlite", reason="nothing of SQL is told there")
    def test_an_index_that_is_made_concurrently_holds_up_nobody(
        self, transactional_db, monkeypatch, capsys
    ):
        migration = Migration("0099_quicker", "events")
        index = Index(fields=["recorded_at"], name="event_recorded")
        migration.operations = [AddIndexConcurrently("enddeviceevent", index)]
        migration.atomic = False
        real = MigrationExecutor.migration_plan
        monkeypatch.setattr(
            MigrationExecutor, "migration_plan",
            lambda self, targets, clean_start=False: (
                real(self, targets, clean_start) if clean_start else [(migration, False)]
            ),
        )  # fmt: skip
        assert main(["migrate", "--plan"]) == 0
        told = capsys.readouterr().out
        assert 'CREATE INDEX CONCURRENTLY "event_recorded" ON "events_event"' in told
        assert "index, concurrently: nobody waits" in told

    @pytest.mark.skipif(connection.vendor == "sqlite", reason="nothing is asked of it there")
    def test_code_of_a_migration_could_not_write(self, transactional_db):
        with (
            pytest.raises(DatabaseError, match="read-only transaction"),
            planning.only_looking(connection),
            connection.cursor() as cursor,
        ):
            cursor.execute("CREATE TABLE written (id int)")


class TestHotTables:
    def test_they_are_tables(self, db):
        assert set(connection.introspection.table_names()) >= HOT

    def test_what_changes_them_is_written_down_with_its_time(self):
        """docs/how-to/upgrade.md has a row of each migration that touches a table that is hot.

        A model's first migration, which makes its table, holds up nobody.
        """
        page = (ROOT / "docs/how-to/upgrade.md").read_text()
        missing = [name for name in changing() if f"`{name}`" not in page]
        assert missing == []


def changing() -> list[str]:
    """The migrations of our rooms that change a hot table that an earlier one has made."""
    loader = MigrationLoader(None)
    found = []
    for key, migration in sorted(loader.disk_migrations.items()):
        apps = loader.project_state(key).models if key[1] != "0001_initial" else {}
        ours = migration.__module__.startswith("faza.")
        if ours and any(_changes(one, key[0], apps, migration) for one in migration.operations):
            found.append(".".join(key))
    return found


def _changes(operation, app: str, models, migration) -> bool:
    parts = getattr(operation, "database_operations", None) or [operation]
    if parts != [operation]:
        return any(_changes(one, app, models, migration) for one in parts)
    made = {one.name.lower() for one in migration.operations if _makes(one)}
    names = {name for room, name in models if room == app}
    hot = {name for name in names if _table(models[app, name], app) in HOT} - made
    if isinstance(operation, RunPython | RunSQL):
        return bool(hot)
    if _makes(operation):
        return False
    about = getattr(operation, "model_name", None) or getattr(operation, "name", "")
    return about.lower() in hot


def _makes(operation) -> bool:
    return type(operation).__name__ == "CreateModel"


def _table(state, app: str) -> str:
    return state.options.get("db_table") or f"{app}_{state.name.lower()}"
