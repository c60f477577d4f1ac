"""Pages of orders, protections, calendars and alarms, as two operators and an auditor find them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from faza.accounts.models import User
from faza.collection.models import AlarmSeen, Command, SupplyOrder, SupplyProtection
from faza.contracts import services as contracts
from faza.contracts.permissions import Right
from faza.tariffs import services as tariffs
from faza.tariffs.models import Tariff
from tests.cabinet.factories import SINCE, give_area, make_meter, make_node, make_point, make_user
from tests.desk.orders import factories
from tests.desk.requests.factories import make_papers, signed_in

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7"


@pytest.fixture
def here(db):
    return make_node("HERE", "Здесь")


@pytest.fixture
def flat(here):
    point = make_point("HERE-5", "Квартира 5", node=here, address="ул. Садовая, 27")
    meter = make_meter(point, "500")
    meter.model.has_relay = True
    meter.model.save()
    factories.connect(point, "GSM")
    return point


@pytest.fixture
def papers(flat):
    return make_papers(points=(flat,))


def switcher(here, name: str) -> User:
    user = make_user(f"{name}@example.org", User.Role.OPERATOR, name)
    give_area(user, here)
    contracts.grant_right(user=user, right=Right.SWITCH_RELAY, at=SINCE)
    return user


@pytest.fixture
def first(here) -> User:
    return switcher(here, "first")


@pytest.fixture
def second(here) -> Client:
    return signed_in(switcher(here, "second"))


@pytest.fixture
def desk(first) -> Client:
    return signed_in(first)


def page(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    return (b"".join(answer) if answer.streaming else answer.content).decode()


def fields(**about: object) -> dict[str, object]:
    told = {
        "deed": "off", "initiator": "owner", "ground": "debt", "words": "Долг 12 000 ₽.",
        "noticed_on": (timezone.localdate() - timedelta(days=40)).isoformat(),
        "document": SimpleUploadedFile("уведомление.pdf", PDF),
    }  # fmt: skip
    return told | about


NEW = "/desk/orders/new/?point=HERE-5"


class TestOrders:
    def test_from_the_point_to_the_meter_by_two_persons(self, desk, second, flat, papers):
        assert "Подача…" in page(desk, "/desk/points/HERE-5/")
        answer = desk.post(NEW, fields())
        order = SupplyOrder.objects.get()
        assert answer.headers["Location"] == f"/desk/orders/{order.pk}/"
        own = page(desk, f"/desk/orders/{order.pk}/")
        assert "составили вы" in own
        assert "Подтвердить вторым лицом" not in own

        desk.post(f"/desk/orders/{order.pk}/confirm/")
        assert not Command.objects.exists()

        said = page(second, f"/desk/orders/{order.pk}/")
        assert "Подтвердить вторым лицом" in said
        assert "препятствий нет" in said
        second.post(f"/desk/orders/{order.pk}/confirm/")
        assert Command.objects.get().arguments == {"to": "off"}
        assert "идёт в прибор" in page(second, f"/desk/orders/{order.pk}/")

    def test_what_is_lacking_is_said_and_nothing_kept(self, desk, flat, papers):
        answer = desk.post(NEW, fields(document="", noticed_on=""))

        assert answer.status_code == 422
        assert "Приложите документ" in answer.content.decode()
        assert "день уведомления" in answer.content.decode()
        assert not SupplyOrder.objects.exists()

    def test_a_protected_point_says_so_before(self, desk, flat, papers):
        SupplyProtection.objects.create(usage_point=flat, kind="life", ground="x", valid_from=SINCE)
        assert "Точка защищена" in page(desk, NEW)
        assert desk.post(NEW, fields()).status_code == 422

    def test_the_document_is_a_file_that_nothing_runs(self, desk, flat, first):
        order = factories.make_order(flat, first)
        answer = desk.get(f"/desk/orders/{order.pk}/papers/{order.papers.get().pk}/")

        assert answer["Content-Type"] == "application/pdf"
        assert answer["Content-Disposition"].startswith("attachment")
        assert answer["X-Content-Type-Options"] == "nosniff"

    def test_who_has_not_the_right_by_name_reads_only(self, flat, here, first):
        order = factories.make_order(flat, first)
        user = make_user("third@example.org", User.Role.OPERATOR, "third")
        give_area(user, here)
        client = signed_in(user)

        assert "Подтвердить" not in page(client, f"/desk/orders/{order.pk}/")
        assert "Подача…" not in page(client, "/desk/points/HERE-5/")
        page(client, NEW, 403)

    def test_refusing_needs_a_reason(self, second, flat, first):
        order = factories.make_order(flat, first)
        second.post(f"/desk/orders/{order.pk}/refuse/", {"reason": " "})
        order.refresh_from_db()
        assert order.state == "waiting"

        second.post(f"/desk/orders/{order.pk}/refuse/", {"reason": "Нет акта."})
        assert "Нет акта." in page(second, f"/desk/orders/{order.pk}/")

    def test_the_list_filters_and_exports(self, desk, flat, first):
        factories.make_order(flat, first)

        assert "Квартира 5" in page(desk, "/desk/orders/?state=waiting")
        assert "Квартира 5" not in page(desk, "/desk/orders/?state=done")
        assert "HERE-5" in page(desk, "/desk/orders/?export=csv")

    def test_queries_do_not_grow(self, desk, here, first, django_assert_max_num_queries):
        for number in range(6):
            factories.make_order(make_point(f"H-{number}", node=here), first)
        with django_assert_max_num_queries(20):
            page(desk, "/desk/orders/")


class TestProtections:
    def test_adding_calls_off_and_ending_ends(self, desk, flat, first, papers):
        order = factories.make_order(flat, first, deed="off", ground="debt")

        desk.post("/desk/orders/protected/", {"kind": "life", "code": "HERE-5", "ground": "ИВЛ"})
        order.refresh_from_db()
        assert order.state == "withdrawn"
        assert "ИВЛ" in page(desk, "/desk/orders/protected/?state=now")

        desk.post(f"/desk/orders/protected/{SupplyProtection.objects.get().pk}/end/")
        assert "ИВЛ" not in page(desk, "/desk/orders/protected/?state=now")

    def test_a_customer_by_the_agreement(self, desk, papers):
        desk.post(
            "/desk/orders/protected/",
            {"kind": "consumer", "agreement": papers.number, "ground": "Реестр"},
        )
        assert SupplyProtection.objects.get().customer == papers.customer


@pytest.fixture
def tariff(papers):
    tariffs.import_shipped()
    papers.tariff = Tariff.objects.get(code="HH2")
    papers.save()
    return papers.tariff


class TestCalendars:
    def test_preview_then_writing(self, desk, flat, tariff):
        assert "не прочитано" in page(desk, "/desk/calendars/")
        device = str(flat.complexes.get().meter.device.pk)

        said = desk.post("/desk/calendars/write/", {"chosen": device}).content.decode()
        assert "№ 500" in said
        assert not Command.objects.exists()
        day = (timezone.localdate() + timedelta(days=3)).isoformat()
        desk.post("/desk/calendars/write/", {"chosen": device, "sure": "1", "activate_on": day})
        assert Command.objects.filter(kind="calendar").count() == 1
        said = page(desk, f"/desk/calendars/{flat.complexes.get().meter_id}/")
        assert "T2 00:00, T1 07:00, T2 23:00" in said

    def test_a_past_day_is_told(self, desk, flat, tariff):
        device = str(flat.complexes.get().meter.device.pk)
        told = {"chosen": device, "sure": "1", "activate_on": "2020-01-01"}

        answer = desk.post("/desk/calendars/write/", told)

        assert "уже начался" in answer.content.decode()
        assert not Command.objects.exists()


class TestAlarms:
    def test_they_are_listed_and_dealt_with(self, desk, flat, first):
        key = factories.open_cover(flat)
        assert "Клеммная крышка" in page(desk, "/desk/alarms/") or "крышк" in page(
            desk, "/desk/alarms/"
        )

        desk.post("/desk/alarms/seen/?state=open", {"chosen": key, "note": "Осмотрено."})

        assert AlarmSeen.objects.get().seen_by == first
        assert "Осмотрено." in page(desk, "/desk/alarms/?state=seen")
        assert "Квартира 5" not in page(desk, "/desk/alarms/?state=open")

    @pytest.mark.parametrize("key", ["", "1", "a-b-c-d-e-f", "1-9-9-99999-1-1", "1-2-3-4-5-6"])
    def test_odd_choices_do_nothing(self, desk, flat, key):
        factories.open_cover(flat)
        assert desk.post("/desk/alarms/seen/", {"chosen": key}).status_code == 302
        assert not AlarmSeen.objects.exists()
