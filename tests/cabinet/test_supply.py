"""The switch in the meter as its consumer sees it, and a supplier's requests about supply."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from faza.collection.models import SupplyOrder
from tests.collection.orders.factories import DAY, confirmed, do, make_place, off
from tests.desk.requests.factories import signed_in

pytestmark = pytest.mark.django_db
PAGE = "/supply/"


@pytest.fixture
def place():
    return make_place()


def page(client: Client, address: str = PAGE) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def asked(place, **about) -> dict[str, object]:
    told = {
        "code": place.point.code, "deed": "off", "ground": "debt", "words": "Долг за лето.",
        "noticed_on": "2020-01-01",
        "document": SimpleUploadedFile("долг.pdf", b"%PDF-1.7"),
    }  # fmt: skip
    return told | about


class TestRelay:
    def test_the_consumer_sees_state_since_when_and_why(self, place, monkeypatch):
        order = do(confirmed(place), off())
        place.device.refresh_from_db()
        place.device.relay = {
            "is_on": False, "control": "off", "at": order.ended_at.isoformat()
        }  # fmt: skip
        place.device.save()
        monkeypatch.setattr(timezone, "now", lambda: order.ended_at + DAY)

        said = page(signed_in(place.subscriber), "/meters/")

        assert "Подача ограничена: реле разомкнуто" in said
        assert "С 21.11.2026" in said
        assert "задолженность за электроэнергию" in said

    def test_and_what_is_planned(self, place, monkeypatch):
        order = confirmed(place)
        monkeypatch.setattr(timezone, "now", lambda: order.confirmed_at)

        assert "Запланировано не раньше 21.11.2026" in page(signed_in(place.subscriber), "/meters/")


class TestRequests:
    def test_a_supplier_asks_and_takes_it_back(self, place):
        client = signed_in(place.seller)
        assert client.post(PAGE, asked(place)).status_code == 302
        order = SupplyOrder.objects.get()
        assert (order.state, order.initiator) == ("asked", "supplier")
        assert "запрошено поставщиком" in page(client)

        client.post(f"{PAGE}{order.pk}/back/")
        assert "отозвано" in page(client)

    def test_what_is_lacking_is_said(self, place):
        answer = signed_in(place.seller).post(PAGE, asked(place, document=""))

        assert answer.status_code == 422
        assert "Приложите документ" in answer.content.decode()

    def test_a_foreign_point_is_as_none(self, place):
        other = make_place("2002")
        client = signed_in(place.seller)
        foreign = client.post(PAGE, asked(other)).content.decode()
        absent = client.post(PAGE, asked(other, code="absent")).content.decode()

        assert "нет такой точки" in foreign
        assert "нет такой точки" in absent
        assert not SupplyOrder.objects.exists()

    def test_others_have_no_such_page(self, place):
        for user in (place.subscriber, place.first):
            assert signed_in(user).get(PAGE).status_code == 403
        assert "Запросы по подаче" not in page(signed_in(place.subscriber), "/meters/")
        assert "Запросы по подаче" in page(signed_in(place.seller), "/meters/")
