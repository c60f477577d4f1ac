import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tests.audit.test_services import NOW


@pytest.fixture
def at_first():
    """The models as the first migration left them; everything is migrated again afterwards."""
    executor = MigrationExecutor(connection)
    executor.migrate([("audit", "0001_initial")])
    yield executor.loader.project_state([("audit", "0001_initial")]).apps
    MigrationExecutor(connection).migrate(executor.loader.graph.leaf_nodes())


@pytest.mark.django_db(transaction=True)
def test_addresses_that_were_noted_before_go_to_the_erasable_store(at_first):
    person = at_first.get_model("audit", "PersonRef").objects.create(user=7, name="Анна")
    told = {"action": "x.y.done", "object_kind": "metering.meter", "object_id": "3", "at": NOW}
    old = at_first.get_model("audit", "Entry").objects
    for entry in ({"person": person, "address": "192.0.2.7"}, {"address": "192.0.2.8"}, {}):
        old.create(**(told | entry))

    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes("audit"))

    from faza.audit.models import Entry

    assert [
        (entry.address.about_kind, entry.address.about_id, entry.address.value)
        if entry.address
        else None
        for entry in Entry.objects.order_by("id")
    ] == [
        ("accounts.user", "7", "192.0.2.7"),
        ("metering.meter", "3", "192.0.2.8"),
        None,
    ]
