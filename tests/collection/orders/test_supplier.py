"""A supplier may request an order, and take its request back; nothing else."""

import pytest

from faza.collection.models import Command
from faza.collection.orders import services
from faza.collection.orders.rules import Fault, State
from faza.collection.orders.services import Faulty, Forbidden, MovedOn
from faza.outbox.models import Message
from tests.collection.orders.factories import (
    AT,
    PDF,
    make_place,
    wanted,
)  # fmt: skip

pytestmark = pytest.mark.django_db


@pytest.fixture
def place():
    return make_place()


def faults(deed) -> set[Fault]:
    with pytest.raises(Faulty) as raised:
        deed()
    return set(raised.value.faults)


def mails(kind: str) -> list[int]:
    return sorted(Message.objects.filter(kind=kind).values_list("recipient", flat=True))


class TestSupplier:
    def ask(self, place, **about):
        told = {"point": place.point, "wanted": wanted(), "documents": (PDF,), "at": AT}
        return services.request(**(told | {"by": place.seller} | about))

    def test_it_may_request_only(self, place):
        order = self.ask(place)

        assert (order.state, order.initiator) == (State.ASKED, "supplier")
        for deed in (services.take_up, services.confirm):
            with pytest.raises((Forbidden, MovedOn)):
                deed(order=order, at=AT, by=place.seller)
        assert not Command.objects.exists()

    def test_the_desk_takes_it_up_and_another_person_confirms(self, place):
        order = self.ask(place)
        with pytest.raises(MovedOn):
            services.confirm(order=order, at=AT, by=place.second)

        taken = services.take_up(order=order, at=AT, by=place.first)
        assert faults(lambda: services.confirm(order=taken, at=AT, by=place.first)) == {
            Fault.SAME_PERSON
        }
        assert services.confirm(order=taken, at=AT, by=place.second).state == State.SENT

    def test_not_of_a_point_that_it_does_not_supply(self, place):
        other = make_place("2002")

        with pytest.raises(Forbidden):
            self.ask(place, point=other.point)

    @pytest.mark.parametrize("who", ["subscriber", "first"])
    def test_nobody_else_requests(self, place, who):
        with pytest.raises(Forbidden):
            self.ask(place, by=getattr(place, who))

    def test_the_guards_hold_for_it_too(self, place):
        assert faults(lambda: self.ask(place, documents=())) == {Fault.NO_PAPER}

    def test_it_is_told_of_a_refusal_and_may_take_it_back(self, place):
        services.refuse(order=self.ask(place), reason="Нет акта.", at=AT, by=place.first)
        assert mails("collection.order.refused") == [place.seller.pk]

        services.withdraw(order=self.ask(place), reason="", at=AT, by=place.seller)
        assert mails("collection.order.refused") == [place.seller.pk]
