"""Orders from the request to what the meter said: who may, what blocks, who is told."""

import ast
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction

import faza
from faza.audit.models import Entry
from faza.collection.models import Command, SupplyOrder, SupplyProtection
from faza.collection.orders import papers, protecting, services
from faza.collection.orders.papers import Document
from faza.collection.orders.rules import MOST_AN_HOUR, TOLD_AHEAD, Deed, Fault, Ground, State
from faza.collection.orders.services import Faulty, Forbidden, MovedOn, OtherOrder
from faza.collection.polling import services as polling
from faza.collection.polling.work import Problem
from faza.contracts import services as contracts
from faza.contracts.models import PersonalRight
from faza.contracts.permissions import Right
from faza.outbox.models import Message
from tests.collection.orders.factories import (
    AT,
    DAY,
    claim,
    confirmed,
    do,
    make_order,
    make_place,
    off,
    on,
    restoring,
    wanted,
)  # fmt: skip
from tests.contracts.factories import make_customer, make_operator

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


class TestMaking:
    def test_it_waits_for_a_second_person_and_nothing_goes_to_the_meter(self, place):
        order = make_order(place)

        assert order.state == State.WAITING
        assert order.papers.get().kind == "application/pdf"
        assert not Command.objects.exists()
        assert not Message.objects.exists()
        assert Entry.objects.filter(action="collection.order.asked").count() == 1

    def test_who_has_not_the_right_by_name_may_not(self, place):
        PersonalRight.objects.filter(user=place.first).delete()

        with pytest.raises(Forbidden):
            make_order(place)

    def test_nor_who_works_elsewhere(self, place):
        place.first = make_operator()
        contracts.grant_right(user=place.first, right=Right.SWITCH_RELAY, at=AT)

        with pytest.raises(Forbidden):
            make_order(place)

    def test_nor_a_supplier(self, place):
        place.first = place.seller
        with pytest.raises(Forbidden):
            make_order(place)

    def test_a_paper_is_needed_and_has_to_be_one(self, place):
        assert faults(lambda: make_order(place, documents=())) == {Fault.NO_PAPER}
        for one in (Document("a.pdf", b"MZ program"), Document("b.pdf", b""),
                    Document("c.pdf", b"%PDF-" + bytes(papers.MOST))):  # fmt: skip
            with pytest.raises(papers.NoPaper):
                make_order(place, documents=(one,))
        assert not SupplyOrder.objects.exists()

    def test_the_term_of_the_agreement_is_kept(self, place):
        since = (AT - 19 * DAY).date()

        assert faults(lambda: make_order(place, wanted(noticed_on=since))) == {Fault.TOO_SOON}
        make_order(place, wanted(noticed_on=since, not_before=AT + DAY))

    def test_a_point_has_one_open_order(self, place):
        make_order(place)

        with pytest.raises(OtherOrder):
            make_order(place, restoring())

    def test_the_supplier_is_no_initiator_where_the_agreement_has_none(self, place):
        place.agreement.supplier = None
        place.agreement.save()

        assert Fault.NO_SUPPLIER in faults(lambda: make_order(place, wanted(initiator="supplier")))

    def test_without_a_line_nothing_can_be_ordered(self, place):
        place.device.is_enabled = False
        place.device.save()

        assert faults(lambda: make_order(place)) == {Fault.NO_DEVICE}

    def test_a_meter_without_a_relay_can_only_be_limited_in_power(self, place):
        place.device.meter.model.has_relay = False
        place.device.meter.model.save()

        assert faults(lambda: make_order(place)) == {Fault.NO_RELAY}
        make_order(place, wanted(deed=Deed.LIMIT, threshold=3_000))

    def test_the_meter_of_a_house_is_not_switched(self, place):
        place.point.is_common = True
        place.point.save()

        assert faults(lambda: make_order(place)) == {Fault.COMMON}


class TestProtection:
    @pytest.mark.parametrize("kind", ["consumer", "life"])
    @pytest.mark.parametrize("of", ["usage_point", "customer"])
    def test_it_blocks_at_the_making_and_at_the_confirming(self, place, kind, of):
        order = make_order(place)
        row = SupplyProtection(kind=kind, ground="Приказ 7", valid_from=AT, **self.of(place, of))
        row.save()  # past `protect`, which would call the order off
        fault = {"consumer": Fault.PROTECTED, "life": Fault.LIFE_SUPPORT}[kind]

        assert faults(lambda: services.confirm(order=order, at=AT, by=place.second)) == {fault}
        services.withdraw(order=order, reason="", at=AT, by=place.first)
        assert faults(lambda: make_order(place)) == {fault}

    def of(self, place, of):
        return {of: place.point if of == "usage_point" else place.customer}

    @pytest.mark.parametrize("of", ["usage_point", "customer"])
    def test_it_calls_off_what_is_on_its_way(self, place, of):
        order = confirmed(place)

        running = protecting.protect(
            SupplyProtection(kind="life", ground="ИВЛ", valid_from=AT, **self.of(place, of)), at=AT
        )

        order.refresh_from_db()
        assert (running, order.state) == ([], State.WITHDRAWN)
        assert order.command.state == Command.State.CANCELLED
        assert claim(order.not_before)[0].devices[0].commands == ()
        assert mails("collection.order.called_off")

    def test_it_tells_what_is_being_done_already(self, place):
        order = confirmed(place)
        claim(order.not_before)

        row = SupplyProtection(kind="life", ground="x", valid_from=AT, usage_point=place.point)
        assert protecting.protect(row, at=order.not_before) == [order]
        order.refresh_from_db()
        assert order.state == State.SENT

    def test_of_another_customer_or_another_time_it_blocks_nothing(self, place):
        other = {"kind": "life", "ground": "x"}
        SupplyProtection.objects.create(customer=make_customer(), valid_from=AT, **other)
        SupplyProtection.objects.create(usage_point=place.point, valid_from=AT + DAY, **other)
        ended = SupplyProtection.objects.create(
            usage_point=place.point, valid_from=AT - DAY, **other
        )
        protecting.release(protection=ended, at=AT)

        make_order(place)

    def test_one_that_has_not_begun_never_was(self, place):
        for begins in (AT, AT + DAY):
            row = SupplyProtection.objects.create(
                kind="life", ground="x", usage_point=place.point, valid_from=begins
            )
            protecting.release(protection=row, at=AT)

        assert not SupplyProtection.objects.exists()

    def test_what_was_limited_may_be_restored(self, place):
        SupplyProtection.objects.create(
            kind="life", ground="x", usage_point=place.point, valid_from=AT
        )

        confirmed(place, restoring())


class TestConfirming:
    def test_a_second_person_lets_it_go_and_the_subscriber_is_told_before(self, place):
        order = confirmed(place)

        assert order.state == State.SENT
        assert order.not_before == AT + TOLD_AHEAD
        assert order.command.arguments == {"to": "off"}
        assert order.command.not_before == order.not_before
        assert not any(one.commands for line in claim(AT + DAY / 2) for one in line.devices)
        assert mails("collection.order.planned") == sorted([place.subscriber.pk, place.seller.pk])
        assert Message.objects.filter(kind="collection.order.planned", due_at__lte=AT).count() == 2

    def test_not_who_made_it(self, place):
        order = make_order(place)

        assert faults(lambda: services.confirm(order=order, at=AT, by=place.first)) == {
            Fault.SAME_PERSON
        }
        assert not Command.objects.exists()

    def test_the_database_holds_it_too(self, place):
        order = make_order(place)
        rows = SupplyOrder.objects.filter(pk=order.pk)
        for fields in (
            {"confirmed_by": place.first},
            {"state": State.SENT},
            {"to_on": True, "deed": Deed.RESTORE},
        ):
            with pytest.raises(IntegrityError), transaction.atomic():
                rows.update(**fields)

    def test_not_who_has_not_the_right_any_more(self, place):
        order = make_order(place)
        granted = PersonalRight.objects.get(user=place.second)
        contracts.withdraw_right(granted=granted, at=AT)

        with pytest.raises(Forbidden):
            services.confirm(order=order, at=AT, by=place.second)

    def test_it_goes_once(self, place):
        order = confirmed(place)

        with pytest.raises(MovedOn):
            services.confirm(order=order, at=AT, by=place.second)
        assert Command.objects.count() == 1

    def test_no_bulk_one_person_lets_few_go_in_an_hour(self, place):
        for number in range(MOST_AN_HOUR):
            one = make_place(f"3{number:03d}")
            order = make_order(one)
            services.confirm(order=order, at=AT, by=place.second)
        order = make_order(place)

        assert faults(lambda: services.confirm(order=order, at=AT, by=place.second)) == {
            Fault.TOO_MANY
        }
        services.confirm(order=order, at=AT + timedelta(hours=1), by=place.second)

    def test_restorations_are_not_held_up_by_that(self, place):
        for number in range(MOST_AN_HOUR + 1):
            one = make_place(f"3{number:03d}")
            services.confirm(order=make_order(one, restoring()), at=AT, by=place.second)

    def test_what_has_changed_since_stops_it(self, place):
        order = make_order(place)
        place.device.is_enabled = False
        place.device.save()

        assert faults(lambda: services.confirm(order=order, at=AT, by=place.second)) == {
            Fault.NO_DEVICE
        }


class TestDoing:
    def test_the_meter_is_believed_when_it_is_read_back_and_people_are_told(self, place):
        order = do(confirmed(place), off())

        assert order.state == State.DONE
        assert order.result["control"] == "off"
        assert mails("collection.order.done") == sorted([place.subscriber.pk, place.seller.pk])
        assert Entry.objects.filter(action="collection.order.done").count() == 1

    def test_not_when_it_says_something_else(self, place):
        order = do(confirmed(place), on())

        assert order.state == State.FAILED
        assert mails("collection.order.failed") == sorted([place.subscriber.pk, place.seller.pk])
        assert mails("collection.order.broken") == sorted([place.first.pk, place.second.pk])
        assert not mails("collection.order.done")

    def test_a_failure_is_told_with_its_words(self, place):
        order = do(confirmed(place), None, problem=Problem.REFUSED)

        assert (order.state, order.reason) == (State.FAILED, "words")
        assert Message.objects.filter(kind="collection.order.broken").count() == 2

    def test_what_was_not_done_in_time_has_failed(self, place):
        order = confirmed(place)

        claim(order.command.expires_at + DAY)

        order.refresh_from_db()
        assert order.state == State.FAILED
        assert mails("collection.order.failed")

    def test_switching_on_is_a_permission_by_default(self, place):
        order = confirmed(place, restoring())

        assert order.command.arguments == {"to": "permit"}
        assert order.command.not_before == AT
        assert do(order, off(control="ready")).state == State.DONE

    def test_directly_only_with_somebody_at_the_meter(self, place):
        assert faults(lambda: make_order(place, restoring(to_on=True))) == {Fault.NO_PRESENCE}
        order = confirmed(place, restoring(to_on=True, presence="Монтёр Ильин, по телефону"))

        assert order.command.arguments == {"to": "on"}
        assert do(order, off(control="ready")).state == State.FAILED

    def test_a_limit_of_power(self, place):
        order = confirmed(place, wanted(deed=Deed.LIMIT, threshold=3_000))
        told = {"what": "power", "threshold": 3_000, "seconds": 60, "is_on": True}

        assert order.command.arguments == told
        assert do(order, told).state == State.DONE

    def test_lifting_it_leaves_the_threshold_of_the_meter(self, place):
        place.device.relay = {
            "limiters": [{"what": "power", "threshold": 3_000, "seconds": 90, "is_on": True}]
        }
        place.device.save()
        order = confirmed(place, restoring(deed=Deed.LIFT))
        told = {"what": "power", "threshold": 3_000, "seconds": 90, "is_on": False}

        assert order.command.arguments == told
        assert do(order, told).state == State.DONE

    def test_after_it_another_order_may_be_made(self, place):
        order = do(confirmed(place), off())

        make_order(place, restoring(), at=order.ended_at)


class TestWithdrawing:
    def test_until_a_collector_begins_it(self, place):
        order = confirmed(place)
        services.withdraw(order=order, reason="Оплачено.", at=AT, by=place.first)

        order.refresh_from_db()
        assert order.state == State.WITHDRAWN
        assert order.command.state == Command.State.CANCELLED
        assert mails("collection.order.called_off") == sorted(
            [place.subscriber.pk, place.seller.pk]
        )

    def test_then_it_is_too_late(self, place):
        order = confirmed(place)
        claim(order.not_before)

        with pytest.raises(polling.TooLate):
            services.withdraw(order=order, reason="", at=order.not_before, by=place.first)
        order.refresh_from_db()
        assert order.state == State.SENT

    def test_a_command_that_is_called_off_elsewhere_ends_the_order(self, place):
        order = confirmed(place)
        polling.cancel(order.command, at=AT)

        order.refresh_from_db()
        assert order.state == State.FAILED

    def test_a_refused_order_is_not_confirmed(self, place):
        order = make_order(place)
        services.refuse(order=order, reason="Нет акта.", at=AT, by=place.second)

        with pytest.raises(MovedOn):
            services.confirm(order=order, at=AT, by=place.second)


GUARDED = {"RELAY", "LIMITER"}


def test_nobody_else_asks_for_a_relay_or_a_limiter():
    """The one way is an order: a call of `ask` elsewhere with such an order would pass it by."""
    root = Path(faza.__file__).parent
    found = []
    for file in root.rglob("*.py"):
        if file.is_relative_to(root / "collection" / "orders"):
            continue
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and _name(node.func) == "ask":
                named = {n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute)}
                if named & GUARDED:
                    found.append(f"{file.name}:{node.lineno}")
    assert not found


def _name(func: ast.expr) -> str:
    return getattr(func, "attr", getattr(func, "id", ""))


def test_words_of_the_ground_are_needed(place):
    assert Fault.NO_WORDS in faults(lambda: make_order(place, wanted(words=" ")))
    assert Fault.GROUND in faults(lambda: make_order(place, wanted(ground=Ground.CURED)))
