"""faza distribute: which table goes where, in which order, and that elsewhere nothing happens.

Citus itself is not here: on PostgreSQL its functions are played by some of our own.
"""

import pytest
from django.apps import apps
from django.db import connection, models

from faza.cli import cluster, distributing, main
from faza.cli.cluster import DISTRIBUTED, LOCAL_OF_POINTS, REFERENCE

TABLES = {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}
POINT = "usage_point_id"


def columns(table):
    return {field.column: field for field in TABLES[table]._meta.concrete_fields}


def held(table):
    """The tables that a table refers to, as far as the database holds it to that."""
    fields = columns(table).values()
    return [f.related_model._meta.db_table for f in fields if f.is_relation and f.db_constraint]


class TestLists:
    def test_every_table_of_points_is_on_exactly_one_list(self):
        listed = [*REFERENCE, *DISTRIBUTED, *LOCAL_OF_POINTS]
        assert len(listed) == len(set(listed))
        assert set(listed) <= TABLES.keys()
        of_points = {table for table in TABLES if POINT in columns(table)}
        assert of_points <= set(listed)
        assert of_points >= {*DISTRIBUTED, *LOCAL_OF_POINTS}

    def test_tables_with_a_key_that_begins_with_the_point_are_spread(self):
        """As they were made for it; one is asked of each event, and is on every node."""
        made_for_it = {
            table for table, model in TABLES.items()
            if isinstance(model._meta.pk, models.CompositePrimaryKey)
            and model._meta.pk_fields[0].column == POINT
        }  # fmt: skip
        assert made_for_it == {*DISTRIBUTED, "collection_alarmseen"}

    @pytest.mark.parametrize("table", DISTRIBUTED)
    def test_nothing_that_is_spread_would_be_refused(self, table):
        meta = TABLES[table]._meta
        assert columns(table)[POINT].db_type(connection) == columns("readings_block")[
            POINT
        ].db_type(connection)
        keys = [
            [meta.get_field(name).column for name in one.fields]
            for one in meta.constraints
            if isinstance(one, models.UniqueConstraint)
        ]
        keys += [[field.column] for field in meta.concrete_fields if field.unique]
        assert all(POINT in key for key in keys), keys
        assert set(held(table)) <= set(REFERENCE)

    def test_nobody_refers_to_what_is_spread(self):
        told = {
            (table, field.related_model._meta.db_table)
            for table in TABLES
            for field in columns(table).values()
            if field.is_relation
        }
        assert {pair for pair in told if pair[1] in DISTRIBUTED} == set()

    def test_what_is_everywhere_refers_only_to_what_is_there_before_it(self):
        """Or to accounts: of a table that stays on the coordinator Citus allows it."""
        for place, table in enumerate(REFERENCE):
            assert set(held(table)) <= {*REFERENCE[: place + 1], "accounts_user"}, table

    @pytest.mark.skipif(connection.vendor == "sqlite", reason="Citus reads PostgreSQL's catalogue")
    def test_the_database_has_no_other_unique_keys(self, db):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT c.relname, array_agg(a.attname::text) FROM pg_index i"
                " JOIN pg_class c ON c.oid = i.indrelid JOIN pg_attribute a"
                " ON a.attrelid = c.oid AND a.attnum = ANY(i.indkey::smallint[])"
                " WHERE i.indisunique AND c.relname = ANY(%s) GROUP BY i.indexrelid, c.relname",
                [list(DISTRIBUTED)],
            )
            found = cursor.fetchall()
            cursor.execute(
                "SELECT conrelid::regclass::text, confrelid::regclass::text FROM pg_constraint"
                " WHERE contype = 'f' AND confrelid::regclass::text = ANY(%s)",
                [list(DISTRIBUTED)],
            )
            assert cursor.fetchall() == []
        assert {table for table, _ in found} == set(DISTRIBUTED)
        assert [one for one in found if POINT not in one[1]] == []


class TestStatements:
    def test_what_others_lean_on_comes_first(self):
        told = [one.sql for one in cluster.statements(database="faza")]
        assert told[0] == "SELECT create_reference_table('metering_networknode')"
        first = told.index(
            "SELECT create_distributed_table('readings_block', 'usage_point_id', shard_count := 32)"
        )
        assert first == len(REFERENCE)
        assert all("colocate_with := 'readings_block'" in sql for sql in told[first + 1 : -2])
        assert told[-2:] == [
            'ALTER ROLE CURRENT_USER IN DATABASE "faza" SET'
            " citus.multi_shard_modify_mode = 'sequential'",
            'ALTER ROLE CURRENT_USER IN DATABASE "faza" SET citus.max_cached_conns_per_worker = 32',
        ]

    def test_connections_are_kept_for_the_shards_of_a_node(self):
        *_, last = cluster.statements(database='a"b', shards=32, nodes=3)
        assert last.sql.endswith("max_cached_conns_per_worker = 11")
        assert 'DATABASE "a""b"' in last.sql

    def test_what_is_done_is_left_out(self):
        done = {*REFERENCE, *DISTRIBUTED[:3]}
        told = list(cluster.statements(database="faza", done=done))
        assert [one.table for one in told] == [*DISTRIBUTED[3:], None, None]


@pytest.mark.django_db
class TestElsewhere:
    def test_nothing_is_done_and_it_is_said_why(self, capsys):
        assert main(["distribute"]) == 0
        told = capsys.readouterr().out
        assert told.startswith("nothing was done: ")
        assert ("SQLite" if connection.vendor == "sqlite" else "no extension citus") in told

    def test_the_plan_can_be_read_all_the_same(self, capsys):
        assert main(["distribute", "--plan", "--shards", "8"]) == 0
        told = capsys.readouterr().out
        assert told.startswith("nothing to do here: ")
        assert "shard_count := 8" in told
        assert "35 tables would be spread" in told

    def test_too_many_shards_are_refused(self, capsys):
        assert main(["distribute", "--shards", "5000"]) == 2
        assert "--shards is 1 to 1024" in capsys.readouterr().err


PLAYED = """
    CREATE TABLE pg_dist_partition (logicalrelid regclass, partmethod text, repmodel text);
    CREATE TABLE pg_dist_node (isactive boolean, shouldhaveshards boolean);
    INSERT INTO pg_dist_node VALUES (true, true), (true, true), (true, false);
    CREATE FUNCTION create_reference_table(name text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN
        ASSERT current_setting('citus.multi_shard_modify_mode') = 'sequential';
        INSERT INTO pg_dist_partition VALUES (name::regclass, 'n', 't');
    END $$;
    CREATE FUNCTION create_distributed_table(
        name text, spread_by text, shard_count int DEFAULT NULL, colocate_with text DEFAULT NULL)
    RETURNS void LANGUAGE plpgsql AS $$ BEGIN
        ASSERT current_setting('citus.multi_shard_modify_mode') = 'sequential';
        IF name = current_setting('faza.torn', true) THEN RAISE 'a node went away'; END IF;
        INSERT INTO pg_dist_partition VALUES (name::regclass, 'h', 's');
    END $$;
"""


@pytest.mark.skipif(connection.vendor == "sqlite", reason="PostgreSQL's own functions are played")
@pytest.mark.django_db
class TestOnACluster:
    @pytest.fixture(autouse=True)
    def _played(self, monkeypatch):
        monkeypatch.setattr(distributing, "_has_citus", lambda: True)
        with connection.cursor() as cursor:
            cursor.execute(PLAYED)

    def spread(self):
        with connection.cursor() as cursor:
            cursor.execute("SELECT logicalrelid::text, partmethod FROM pg_dist_partition")
            return dict(cursor.fetchall())

    def test_everything_is_spread_once(self, capsys):
        assert main(["distribute"]) == 0
        told = capsys.readouterr().out
        assert "35 tables spread." in told
        assert "max_cached_conns_per_worker = 16" in told  # two nodes have shards
        assert "wal_level = logical" in told
        assert self.spread() == dict.fromkeys(REFERENCE, "n") | dict.fromkeys(DISTRIBUTED, "h")
        assert main(["distribute"]) == 0
        assert "0 tables spread." in capsys.readouterr().out

    def test_a_plan_spreads_nothing(self, capsys):
        assert main(["distribute", "--plan"]) == 0
        assert "35 tables would be spread." in capsys.readouterr().out
        assert self.spread() == {}

    def test_what_was_interrupted_goes_on(self, capsys):
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL faza.torn = 'events_event'")
            assert main(["distribute"]) == 2
            assert "a node went away" in capsys.readouterr().err
            assert len(self.spread()) == len(REFERENCE) + DISTRIBUTED.index("events_event")
            cursor.execute("SET LOCAL faza.torn = ''")
        assert main(["distribute"]) == 0
        assert len(self.spread()) == len(REFERENCE) + len(DISTRIBUTED)

    def test_the_role_is_given_its_settings(self):
        main(["distribute", "--shards", "4"])
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT setconfig FROM pg_db_role_setting s JOIN pg_database d"
                " ON d.oid = s.setdatabase WHERE datname = current_database()"
            )
            assert cursor.fetchall() == [
                (
                    [
                        "citus.multi_shard_modify_mode=sequential",
                        "citus.max_cached_conns_per_worker=2",
                    ],
                )
            ]
