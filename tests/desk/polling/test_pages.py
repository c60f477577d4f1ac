"""The page of the collection: states, one meter, its dialogue, what is asked of it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from faza.accounts.models import User
from faza.collection.models import Command, Device, DeviceTask, Line
from faza.desk.polling import reach, state
from faza.desk.polling.state import Day, tally
from tests.cabinet.factories import make_meter, make_node, make_point, make_user
from tests.desk.polling.factories import (
    SECRET,
    make_access,
    make_command,
    make_device,
    make_line,
    make_plan,
    make_session,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client):
    user = make_user("admin@example.org", User.Role.ADMINISTRATOR, "Администратор")
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return user


def make_read(number: str, node=None, **fields) -> Device:
    node = node or make_node(f"N{number}", f"Узел {number}")
    meter = make_meter(make_point(f"P{number}", f"Точка {number}", node=node), number)
    return make_device(meter, **fields)


def set_tasks(device: Device, *, failures=0, due=timedelta(hours=1), problem="") -> None:
    now = timezone.now()
    device.tasks.update(failures=failures, due_at=now + due, problem=problem)
    Device.objects.filter(pk=device.pk).update(problem=problem, last_success_at=now)


def state_of(device: Device, user) -> str:
    rows = reach.devices(user, at=timezone.now()).filter(pk=device.pk)
    return vars(rows.get())["state"]


class TestStates:
    def test_a_device_is_read_its_turn_tried_again_given_up_or_off(self, admin):
        device = make_read("1")
        assert state_of(device, admin) == reach.DUE
        set_tasks(device)
        assert state_of(device, admin) == reach.GOOD
        set_tasks(device, due=-timedelta(minutes=1))
        assert state_of(device, admin) == reach.DUE
        set_tasks(device, failures=1, problem="timeout")
        assert state_of(device, admin) == reach.RETRY
        set_tasks(device, failures=device.plan.retries + 1, problem="timeout")
        assert state_of(device, admin) == reach.BAD
        set_tasks(device, failures=1, problem="denied")
        assert state_of(device, admin) == reach.BAD, "the same password is not tried again"
        Line.objects.update(is_enabled=False)
        assert state_of(device, admin) == reach.OFF

    def test_shares_leave_out_what_is_switched_off(self):
        told = tally(["good", "good", "good", "bad", "off"])
        assert (told.count, told.share, told.left) == (4, 75, 1)
        assert [bar[0] for bar in told.bars] == ["good", "bad"]
        assert tally([]).share is None

    @pytest.mark.parametrize(
        ("share", "level"),
        [(None, "none"), (100, "5"), (99.99, "4"), (99, "4"), (95, "3"), (0.1, "1"), (0, "0")],
    )
    def test_a_day_is_whole_only_at_exactly_a_hundred(self, share, level):
        assert Day(timezone.localdate(), share).level == level

    def test_the_oldest_gap_is_told_and_a_fresh_one_is_not(self, admin):
        now = timezone.now()
        for number, days in (("1", 0), ("2", 9), ("3", 4)):
            known = {"1": {"interval": 30, "whole_to": (now - timedelta(days=days)).isoformat()}}
            Device.objects.filter(pk=make_read(number).pk).update(profiles=known)
        told = state.state(admin, at=now)
        assert [gap.number for gap in told.gaps] == ["2", "3"]


class TestPages:
    def test_an_empty_desk_says_what_to_do(self, client, admin):
        assert "faza collect --add" in client.get(reverse("desk:polling")).content.decode()

    def test_the_dialogue_is_told_in_russian_with_times_and_pauses(self, client, admin):
        device = make_read("1")
        make_session(device)
        page = client.get(reverse("desk:polling"), {"meter": device.meter_id}).content.decode()
        assert "Чтение: часы" in page
        assert "ответа нет; повторяем" in page
        assert "5 001" in page.replace("\N{NARROW NO-BREAK SPACE}", " ").replace("\xa0", " ")
        assert "pl-hex" not in page

    def test_bytes_are_shown_on_demand_and_those_of_a_password_are_not(self, client, admin):
        device = make_read("1")
        session = make_session(device)
        asked = {"meter": device.meter_id, "session": session.pk, "bytes": "1"}
        page = client.get(reverse("desk:polling"), asked).content.decode()
        assert "00 01 02 03" in page
        assert "Байты, в которых может быть пароль, не хранятся." in page
        file = client.get(reverse("desk:polling-session-file", args=[session.pk])).content.decode()
        assert "C4 C4" in file
        assert "Чтение: часы" in file

    def test_a_number_that_is_none_is_no_page(self, client, admin):
        for odd in ("x", "", "9" * 30, "²"):
            assert client.get(reverse("desk:polling"), {"meter": odd}).status_code == 404

    def test_what_a_meter_says_is_text_and_no_markup(self, client, admin):
        from faza.collection.polling.dialogues import HEAR, Entry

        device = make_read("1")
        make_session(device, entries=[Entry(0, HEAR, "<script>alert(1)</script>", "DATA")])
        page = client.get(reverse("desk:polling"), {"meter": device.meter_id}).content.decode()
        assert "<script>alert" not in page

    @pytest.mark.parametrize("query", ["", "?meter={}", "?meter={}&bytes=1"])
    def test_queries_do_not_grow_with_the_devices(self, client, admin, query):
        node = make_node("N", "Узел")
        first = make_read("1", node)
        make_session(first)
        address = reverse("desk:polling") + query.format(first.meter_id)
        client.get(address)
        with CaptureQueriesContext(
            connection,
        ) as few:
            client.get(address)
        for number in range(2, 12):
            make_session(make_read(str(number), node))
        with CaptureQueriesContext(connection) as many:
            client.get(address)
        assert len(many) == len(few)

    def test_the_list_filters_and_exports(self, client, admin):
        good, bad = make_read("11"), make_read("22")
        set_tasks(good)
        set_tasks(bad, failures=9, problem="timeout")
        listing = reverse("desk:polling-devices")
        page = client.get(listing, {"state": "bad"}).content.decode()
        assert "№" in page or "22" in page
        assert ">11<" not in page
        file = b"".join(client.get(listing, {"export": "csv"})).decode()
        assert "ошибка: нет ответа" in file or "ошибка" in file
        assert client.get(listing, {"node": "99999999999999999999"}).status_code == 200


class TestDeeds:
    def test_read_now_asked_twice_waits_once(self, client, admin):
        device = make_read("1")
        for _ in range(2):
            client.post(reverse("desk:polling-read", args=[device.meter_id]))
        (command,) = Command.objects.all()
        assert (command.kind, command.by) == ("read_now", admin)

    def test_a_clock_is_shifted_only_with_the_number_typed(self, client, admin):
        device = make_read("1001")
        Device.objects.filter(pk=device.pk).update(clock_offset=3.2)
        address = reverse("desk:polling-clock", args=[device.meter_id])
        assert 'value="-3"' in client.get(address).content.decode()
        told = {"how": "shift", "seconds": "-3", "number": "1002"}
        assert client.post(address, told).status_code == 422
        assert client.post(address, told | {"number": "1001"}).status_code == 302
        (command,) = Command.objects.all()
        assert (command.kind, command.arguments) == ("shift_clock", {"seconds": -3})

    @pytest.mark.parametrize("seconds", ["", "0", "901", "x"])
    def test_a_shift_needs_seconds_within_what_meters_take(self, client, admin, seconds):
        device = make_read("1001")
        told = {"how": "shift", "seconds": seconds, "number": "1001"}
        answer = client.post(reverse("desk:polling-clock", args=[device.meter_id]), told)
        assert answer.status_code == 422
        assert not Command.objects.exists()

    def test_many_are_read_after_a_look_at_what_will_be_done(self, client, admin):
        one, off = make_read("1"), make_read("2", is_enabled=False)
        body = {"chosen": f"{one.pk},{off.pk}"}
        page = client.post(reverse("desk:polling-read-many"), body)
        assert page.status_code == 200
        assert not Command.objects.exists()
        sure = body | {"sure": "1", "kinds": ["clock", "profile"]}
        assert client.post(reverse("desk:polling-read-many"), sure).status_code == 302
        (command,) = Command.objects.all()
        assert command.device == one
        assert command.arguments == {"kinds": ["clock", "profile"]}

    def test_a_waiting_command_is_asked_again_and_an_ended_one_is_not(self, client, admin):
        command = make_command(make_read("1"))
        address = reverse("desk:polling-command", args=[command.pk])
        assert "hx-get" in client.get(address).content.decode()
        client.post(reverse("desk:polling-cancel", args=[command.pk]))
        assert "hx-get" not in client.get(address).content.decode()
        command.refresh_from_db()
        assert command.state == "cancelled"

    def test_commands_with_guards_of_their_own_are_not_called_off_here(self, client, admin):
        from faza.collection.polling.work import Order

        command = make_command(make_read("1"), Order.RELAY, to="off")
        client.post(reverse("desk:polling-cancel", args=[command.pk]))
        command.refresh_from_db()
        assert command.state == "waiting"


class TestSetup:
    def test_secrets_go_in_and_never_come_out(self, client, admin):
        row = make_access()
        before = row.fingerprint
        address = reverse("desk:polling-access-edit", args=[row.pk])
        for page in (client.get(address), client.get(reverse("desk:polling-access"))):
            text = page.content.decode()
            assert SECRET not in text
            assert row.closed not in text
        told = {"name": "Другое имя", "mechanism": "lls", "client": "32", "level": "1"}
        client.post(address, told)
        row.refresh_from_db()
        assert (row.name, row.fingerprint) == ("Другое имя", before), "empty fields leave them"
        client.post(address, told | {"password": "222222"})
        row.refresh_from_db()
        assert row.fingerprint != before
        refused = client.post(address, told | {"password": "333333", "encryption_key": "zz"})
        assert refused.status_code == 422
        assert "333333" not in refused.content.decode()

    def test_a_group_gives_its_meters_their_tasks(self, client, admin):
        device = make_read("1")
        plan = make_plan()
        body = {
            **{"name": plan.name, "zone": "Europe/Moscow", "priority": 2, "retries": 4},
            **{"back_off": 5, "too_old": 30, "most_days": 5, "tell_from": 5, "correct_from": 10},
            **{"correct_to": 900, "per_day": 1, "every_days": 1440, "corrects": "on"},
        }
        answer = client.post(reverse("desk:polling-plan-edit", args=[plan.pk]), body)
        assert answer.status_code == 302
        kinds = DeviceTask.objects.filter(device=device).values_list("kind", flat=True)
        assert list(kinds) == ["days"]
        page = client.get(reverse("desk:polling-plan-edit", args=[plan.pk])).content.decode()
        assert 'value="1440"' in page

    def test_half_a_window_is_refused_with_words(self, client, admin):
        plan = make_plan()
        body = {"name": plan.name, "zone": "Mars/Base", "window_from": "01:00"}
        answer = client.post(reverse("desk:polling-plan-edit", args=[plan.pk]), body)
        assert answer.status_code == 422

    def test_a_meter_gets_its_connection_and_the_card_links_to_it(self, client, admin):
        meter = make_meter(make_point("P", "Точка", node=make_node("N", "Узел")), "77")
        card = reverse("desk:meter", args=[meter.pk])
        form = reverse("desk:polling-device-edit", args=[meter.pk])
        assert form in client.get(card).content.decode()
        body = {"line": make_line("Линия").name, "position": 0, "driver": "dlms-hdlc",
                "address": "logical 1, physical 17", "plan": make_plan().pk,
                "is_enabled": "on"}  # fmt: skip
        assert client.post(form, body | {"address": "17"}).status_code == 422
        assert client.post(form, body | {"line": "нет такой"}).status_code == 422
        assert client.post(form, body | {"address": "{broken"}).status_code == 422
        assert client.post(form, body | {"address": "[1]"}).status_code == 422
        assert client.post(form, body).status_code == 302
        assert Device.objects.get().address == {"logical": 1, "physical": 17}
        assert f"?meter={meter.pk}" in client.get(card).content.decode()
        assert "logical 1, physical 17" in client.get(form).content.decode()
