"""Entries can only be added from now on: the database itself refuses all else."""

from django.db import migrations

# Also used by the tests, which have to empty tables between them.
GUARD = {
    "postgresql": [
        """
        CREATE FUNCTION audit_entry_stands() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'audit_entry can only be added to';
        END $$
        """,
        """
        CREATE TRIGGER audit_entry_stands BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry
        FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_stands()
        """,
    ],
    "sqlite": [
        """
        CREATE TRIGGER audit_entry_not_changed BEFORE UPDATE ON audit_entry
        BEGIN SELECT RAISE(ABORT, 'audit_entry can only be added to'); END
        """,
        """
        CREATE TRIGGER audit_entry_not_deleted BEFORE DELETE ON audit_entry
        BEGIN SELECT RAISE(ABORT, 'audit_entry can only be added to'); END
        """,
        # INSERT OR REPLACE deletes without asking the trigger above.
        """
        CREATE TRIGGER audit_entry_not_replaced BEFORE INSERT ON audit_entry
        WHEN EXISTS (SELECT 1 FROM audit_entry WHERE id = NEW.id)
        BEGIN SELECT RAISE(ABORT, 'audit_entry can only be added to'); END
        """,
    ],
}
LIFT = {
    "postgresql": [
        "DROP TRIGGER audit_entry_stands ON audit_entry",
        "DROP FUNCTION audit_entry_stands()",
    ],
    "sqlite": [
        "DROP TRIGGER audit_entry_not_changed",
        "DROP TRIGGER audit_entry_not_deleted",
        "DROP TRIGGER audit_entry_not_replaced",
    ],
}


def _run(statements):
    def run(apps, schema_editor):
        for statement in statements[schema_editor.connection.vendor]:
            schema_editor.execute(statement)

    return run


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_personal_values")]

    operations = [
        migrations.RemoveField("entry", "old_address"),
        migrations.RunPython(_run(GUARD), _run(LIFT)),
    ]
