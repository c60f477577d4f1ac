"""The database itself keeps the trail: no change, no deletion, by whatever way."""

from collections.abc import Iterator

import pytest
from django.db import DatabaseError, connection, transaction

from faza.audit import services
from faza.audit.models import Entry
from tests.accounts.factories import NOW, make_user


@pytest.fixture
def entry() -> Entry:
    return services.note("x.y.done", of=make_user(), by=None, at=NOW)


STATEMENTS = [
    "UPDATE audit_entry SET action = 'nothing'",
    "UPDATE audit_entry SET address_id = NULL WHERE id = {id}",
    "DELETE FROM audit_entry WHERE id = {id}",
    "DELETE FROM audit_entry",
]
ANOTHER = "INTO audit_entry (id, action, object_kind, object_id, at) VALUES"
BY_ENGINE = {
    "sqlite": [
        f"INSERT OR REPLACE {ANOTHER} ({{id}}, 'nothing', '', '', '2026-01-01')",
        f"REPLACE {ANOTHER} ({{id}}, 'nothing', '', '', '2026-01-01')",
        f"INSERT {ANOTHER} ({{id}}, 'nothing', '', '', '2026-01-01')"
        " ON CONFLICT (id) DO UPDATE SET action = 'nothing'",
    ],
    "postgresql": [
        "TRUNCATE audit_entry",
        "TRUNCATE audit_personref CASCADE",
        f"INSERT {ANOTHER} ({{id}}, 'nothing', '', '', '2026-01-01')"
        " ON CONFLICT (id) DO UPDATE SET action = 'nothing'",
    ],
}


def statements() -> Iterator[str]:
    yield from STATEMENTS
    yield from BY_ENGINE[connection.vendor]


@pytest.mark.django_db
class TestTrail:
    def test_no_statement_changes_an_entry(self, entry):
        connection.check_constraints()  # those that wait would refuse TRUNCATE themselves
        for statement in statements():
            with (
                pytest.raises(DatabaseError, match="can only be added to"),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(statement.format(id=entry.pk))
        assert Entry.objects.get(action="x.y.done").pk == entry.pk

    def test_nor_does_django(self, entry):
        with pytest.raises(DatabaseError), transaction.atomic():
            entry.delete()
        with pytest.raises(DatabaseError), transaction.atomic():
            Entry.objects.filter(pk=entry.pk).update(action="nothing")
        entry.action = "nothing"
        with pytest.raises(DatabaseError), transaction.atomic():
            entry.save()
        assert Entry.objects.get(pk=entry.pk).action == "x.y.done"


@pytest.mark.django_db(transaction=True)
class TestBetweenTests:
    """Django empties all tables after a test that commits; the guard has to be back then."""

    @pytest.mark.parametrize("turn", [1, 2])
    def test_tables_are_empty_and_guarded(self, turn):
        assert not Entry.objects.exists()
        entry = services.note("x.y.done", of=make_user(), by=None, at=NOW)
        with pytest.raises(DatabaseError):
            entry.delete()
