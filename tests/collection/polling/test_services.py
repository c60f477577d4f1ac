"""Lines, credentials, plans and lists of connections; what the trail tells of them."""

import json

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from faza.audit.models import Entry
from faza.collection import secrets
from faza.collection.models import CollectionPlan, CredentialSet, Device, DeviceTask, Line
from faza.collection.polling import adding, services
from faza.collection.polling.work import Kind, Order
from faza.collection.secrets import Secrets
from tests.collection.polling.factories import (
    AT,
    claim,
    install,
    make_device,
    make_meter,
    make_plan,
    make_point,
    only,
)

pytestmark = pytest.mark.django_db
PASSWORD = "horse-battery-42"
KEYS = Secrets(encryption_key=bytes(range(16)), authentication_key=bytes(range(16, 32)))


def one(number="1001", **fields):
    return {
        "number": number, "driver": "dlms-wrapper", "host": "meters.example", "port": 4059,
        "address": {"server": 1},
        "credentials": {"client": 32, "mechanism": "lls", "password": PASSWORD},
    } | fields  # fmt: skip


class TestSecrets:
    def test_they_come_back_and_are_never_shown(self):
        closed = secrets.closed(Secrets(PASSWORD.encode()))
        assert secrets.opened(closed) == Secrets(PASSWORD.encode())
        assert PASSWORD not in closed
        assert PASSWORD not in repr(Secrets(PASSWORD.encode()))
        assert secrets.closed(Secrets()) == ""

    def test_another_key_does_not_open_them_and_an_old_one_does(self, settings):
        settings.METER_KEY = "first"
        closed = secrets.closed(KEYS)
        settings.METER_KEY = "second"
        with pytest.raises(secrets.WrongKey):
            secrets.opened(closed)
        settings.METER_KEY = "second, first"
        assert secrets.opened(closed) == KEYS

    def test_the_database_and_the_trail_have_none_of_them(self):
        make_meter("1001")
        adding.add([one()], at=AT)
        row = CredentialSet.objects.get()
        assert secrets.opened(row.closed).password == PASSWORD.encode()
        told = json.dumps([[e.before, e.after] for e in Entry.objects.all()], default=str)
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM collection_credentialset")
            told += repr(cursor.fetchall())
        assert PASSWORD not in told
        assert PASSWORD.encode().hex() not in told

    def test_a_collector_gets_them_opened_and_does_not_print_them(self):
        install(make_point("P"), make_meter("1001"))
        adding.add([one(credentials={
            "client": 48, "mechanism": "hls5", "encryption_key": KEYS.encryption_key.hex(),
            "authentication_key": KEYS.authentication_key.hex()})], at=AT)  # fmt: skip
        work = only(claim())
        assert work.access.encryption_key == KEYS.encryption_key
        assert work.control == work.access
        counter = work.counters[work.access.key]
        assert counter.end > counter.first
        assert not counter.is_known
        assert KEYS.encryption_key.hex() not in repr(work)
        assert repr(KEYS.encryption_key) not in repr(work)


class TestAdding:
    def test_twice_is_once(self):
        make_meter("1001")
        make_meter("1002")
        told = [one("1001"), one("1002", address={"server": 2})]
        first, again = adding.add(told, at=AT), adding.add(told, at=AT)
        assert (first.made, again.same, again.made) == (2, 2, 0)
        assert (Line.objects.count(), CredentialSet.objects.count()) == (1, 1)
        assert Device.objects.count() == 2

    def test_what_is_wrong_is_told_by_its_place_and_the_rest_is_done(self):
        make_meter("1001")
        told = [one("999"), one("1001"), {"number": "1001"}, 5, one("1001", plan="none")]
        done = adding.add(told, at=AT)
        assert done.made == 1
        assert done.problems == [
            (0, "Meter 999 is unknown; meters come with the import of the grid."),
            (2, "'host' is missing."),
            (3, "It is no object."),
            (4, "There is no plan 'none'."),
        ]
        assert adding.add({"number": 1}, at=AT).problems

    def test_another_address_is_a_change_and_forgets_what_was_learned(self):
        make_meter("1001")
        adding.add([one()], at=AT)
        Device.objects.update(layouts={"1": {}})
        assert adding.add([one(address={"server": 7})], at=AT).changed == 1
        assert Device.objects.get().layouts == {}


class TestPlans:
    def test_a_changed_plan_changes_the_tasks_of_its_meters(self):
        make_device()
        plan = CollectionPlan.objects.get()
        services.keep_plan(plan, at=AT, items={Kind.EVENTS: 60})
        assert [task.kind for task in DeviceTask.objects.all()] == [Kind.EVENTS]

    def test_what_cannot_be_is_refused(self):
        with pytest.raises(ValidationError):
            make_plan("a", channels=["XX"])
        with pytest.raises(ValidationError):
            make_plan("b", correct_from=100, correct_to=10)
        with pytest.raises(ValidationError):
            services.keep_credentials(
                CredentialSet(name="x", mechanism="hls5"), at=AT, given=Secrets()
            )
        with pytest.raises(ValidationError):
            services.keep_credentials(
                CredentialSet(name="x", mechanism="hls5"), at=AT, given=Secrets(b"", b"short")
            )


@pytest.mark.parametrize(
    ("order", "arguments"),
    [
        (Order.RELAY, {"to": "sideways"}),
        (Order.SHIFT_CLOCK, {}),
        (Order.LIMITER, {"what": "power", "threshold": -1, "seconds": 1, "is_on": True}),
        (Order.CALENDAR, {"calendar": {}}),
        (Order.READ_NOW, {"kinds": ["everything"]}),
        (Order.SET_CLOCK, {"at": "now"}),
    ],
)
def test_commands_with_wrong_arguments_are_refused(order, arguments):
    with pytest.raises(ValidationError):
        services.check(order, arguments)


def test_sessions_are_forgotten_after_a_month_and_commands_stay():
    from datetime import timedelta

    from faza.collection.models import Command, Session
    from faza.collection.polling.work import CommandResult
    from tests.collection.polling.factories import answered, store

    device = make_device()
    services.ask(device, Order.SET_CLOCK, at=AT)
    (line,) = claim()
    (work,) = line.devices
    store(answered(line, work, commands=(CommandResult(work.commands[0].id),)))
    assert services.sweep_sessions(AT, AT) == 0
    assert services.sweep_sessions(AT + timedelta(seconds=1), AT) == 1
    assert services.sweep_sessions(AT + timedelta(seconds=1), AT) == 0
    assert not Session.objects.exists()
    assert Command.objects.get().session is None
