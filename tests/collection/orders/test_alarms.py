"""Events to look at, and who has dealt with them; what a consumer sees of the switch."""

import pytest

from faza.accounts.models import User
from faza.audit.models import Entry
from faza.collection.models import AlarmSeen
from faza.collection.orders import alarms, showing
from faza.contracts import access
from faza.contracts import services as contracts
from faza.events import services as events
from faza.events.batches import EventBatch
from tests.accounts.factories import make_user
from tests.collection.orders.factories import (
    AT,
    DAY,
    confirmed,
    do,
    make_place,
    off,
    restoring,
    wanted,
)
from tests.contracts.factories import make_customer, make_member

pytestmark = pytest.mark.django_db
MAGNET, ORDINARY = (4, 3), (3, 1)


@pytest.fixture
def place():
    return make_place()


def happen(place, kinds, *, at=AT - DAY / 2) -> None:
    batch = EventBatch.of(
        place.point.pk,
        place.device.meter_id,
        [int(at.timestamp()) + n for n in range(len(kinds))],
        [journal for journal, _ in kinds],
        [code for _, code in kinds],
    )
    events.record(batch, source=0, at=AT)


def keys(user) -> list:
    return [alarms.key_of(row) for row in alarms.alarms(user, at=AT)]


class TestAlarms:
    def test_what_people_are_warned_of_and_nothing_ordinary(self, place):
        happen(place, [MAGNET, ORDINARY])

        assert [key[3:5] for key in keys(place.first)] == [MAGNET]

    def test_within_the_own_area(self, place):
        happen(place, [MAGNET])

        assert keys(make_user(User.Role.OPERATOR)) == []
        assert len(keys(make_user(User.Role.AUDITOR))) == 1

    def test_who_has_dealt_with_it_stays(self, place):
        happen(place, [MAGNET])
        (key,) = keys(place.first)

        assert alarms.acknowledge([key], note="Осмотрено.", at=AT, by=place.first) == 1
        assert alarms.acknowledge([key], note="Снова.", at=AT + DAY, by=place.second) == 0
        (row,) = alarms.alarms(place.first, at=AT + DAY)
        assert (row.seen_note, row.seen_at) == ("Осмотрено.", AT)
        assert alarms.waiting(place.first, at=AT).count() == 0
        assert Entry.objects.filter(action="collection.alarm.seen").count() == 1

    def test_not_that_of_another_area_nor_what_is_none(self, place):
        happen(place, [MAGNET, ORDINARY])
        (key,) = keys(place.first)
        ordinary = (*key[:3], *ORDINARY, 0)

        assert alarms.acknowledge([key], note="", at=AT, by=make_user(User.Role.OPERATOR)) == 0
        assert alarms.acknowledge([ordinary], note="", at=AT, by=place.first) == 0
        assert not AlarmSeen.objects.exists()

    @pytest.mark.parametrize("role", sorted(set(User.Role) - {"operator", "administrator"}))
    def test_not_by_who_only_reads(self, place, role):
        happen(place, [MAGNET])
        with pytest.raises(alarms.Forbidden):
            alarms.acknowledge(keys(place.first), note="", at=AT, by=make_user(role))

    def test_old_ones_do_not_wait(self, place):
        happen(place, [MAGNET], at=AT - alarms.LATELY - DAY)

        assert len(keys(place.first)) == 1
        assert alarms.waiting(place.first, at=AT).count() == 0


class TestSupply:
    def seen(self, user, at):
        return showing.supplies(access.windows_of(user, at=at), at=at)

    def test_nothing_is_told_where_nothing_is_known(self, place):
        assert self.seen(place.subscriber, AT) == {}

    def test_off_since_when_and_why(self, place):
        order = do(confirmed(place), off())
        relay = {"is_on": False, "control": "off", "mode": 4, "at": order.ended_at.isoformat()}
        type(place.device).objects.update(relay=relay)

        (told,) = self.seen(place.subscriber, order.ended_at + DAY).values()

        assert (told.state, told.since, told.ground) == ("off", order.ended_at, "debt")

    def test_a_planned_one_is_told_before(self, place):
        order = confirmed(place)

        (told,) = self.seen(place.subscriber, AT).values()
        assert told.planned == order

    def test_the_next_owner_does_not_learn_of_the_debts_of_the_last(self, place):
        order = do(confirmed(place), off())
        relay = {"is_on": False, "control": "off", "at": order.ended_at.isoformat()}
        type(place.device).objects.update(relay=relay)
        sold = order.ended_at + DAY
        contracts.close_agreement(agreement=place.agreement, at=sold, valid_to=sold)
        heir = make_customer()
        signed = contracts.sign_agreement(
            kind="household", number="Д-9", customer=heir, valid_from=sold, at=sold
        )
        contracts.bind_point(agreement=signed, usage_point=place.point, at=sold)
        new = make_member(heir)

        (told,) = self.seen(new, sold + DAY).values()
        assert (told.state, told.since, told.ground) == ("off", None, "")
        assert self.seen(place.subscriber, sold + DAY) == {}

    def test_another_state_than_the_order_left_has_no_ground(self, place):
        order = do(confirmed(place, restoring()), off(control="ready"))
        type(place.device).objects.update(
            relay={"is_on": False, "control": "off", "at": order.ended_at.isoformat()}
        )

        (told,) = self.seen(place.subscriber, order.ended_at + DAY).values()
        assert (told.state, told.ground) == ("off", "")

    def test_strangers_see_nothing(self, place):
        confirmed(place, wanted())
        assert self.seen(make_member(make_customer()), AT) == {}
