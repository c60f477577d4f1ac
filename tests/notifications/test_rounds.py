"""What jobs find that somebody is to be told of: events, power cuts, limits, verifications."""

from datetime import UTC, date, datetime, timedelta

import pytest

from faza.accounts.models import User
from faza.audit.models import Entry
from faza.collection import warnings
from faza.contracts import services as contracts
from faza.contracts.models import HouseManagement
from faza.events.kinds import Category
from faza.events.models import FreshEvents
from faza.metering.models import MeteringComplex
from faza.notifications import subscriptions
from faza.notifications.models import Notice, Subscription, Topic, Way
from faza.notifications.rounds import events, thresholds, verification
from faza.notifications.subscriptions import TooMany, WrongLimit
from faza.outbox.models import Message
from tests.accounts.factories import make_user
from tests.cabinet.factories import fill, make_meter
from tests.contracts.factories import LONG_AGO, cover, make_customer, make_member, make_operator
from tests.events.factories import batch_of
from tests.metering.factories import make_node, make_point

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
OFF, ON = ("2026-11-20 11:00:00", 2, 1), ("2026-11-20 11:40:00", 2, 2)
DIP, CLOCK = ("2026-11-20 11:00:00", 0, 9), ("2026-11-20 11:05:00", 3, 9)


def happen(*told, point, at=AT):
    warnings.record(batch_of(*told, point=point.pk), source=0, at=at)


@pytest.fixture
def point():
    return make_point(make_node("ТП-1"), name="Дом", address="ул. Мира, 3")


@pytest.fixture
def reader(point):
    own = make_customer()
    cover(own, point, LONG_AGO)
    return make_member(own)


def wish(user: User, category: Category = Category.VOLTAGE, way: Way = Way.PAGE) -> None:
    subscriptions.choose(user=user, topics={}, events={category: way}, at=AT)


def kinds(user: User) -> list[str]:
    return list(Notice.objects.filter(user=user).order_by("id").values_list("kind", flat=True))


class TestEvents:
    def test_who_subscribed_is_told_of_the_kind_and_of_no_other(self, point, reader):
        wish(reader)
        happen(DIP, CLOCK, point=point)
        assert events.run(at=AT) == 1

        [notice] = Notice.objects.all()
        assert [event[1:] for event in notice.payload["events"]] == [[0, 9]]
        assert notice.payload["place"] == "Дом, ул. Мира, 3"

    def test_nobody_else_is(self, point, reader):
        happen(DIP, point=point)
        assert events.run(at=AT) == 0
        assert not FreshEvents.objects.exists()

    def test_once_however_often_it_runs_and_is_read(self, point, reader):
        wish(reader)
        happen(DIP, point=point)
        events.run(at=AT)
        happen(DIP, point=point)
        assert events.run(at=AT) == 0
        assert len(kinds(reader)) == 1

    def test_what_everybody_is_warned_of_is_not_told_again(self, point, reader):
        wish(reader, Category.POWER)
        wish(reader, Category.TAMPER)
        happen(OFF, ("2026-11-20 11:00:00", 4, 1), point=point)
        assert events.run(at=AT) == 0

    def test_what_is_days_old_is_no_news(self, point, reader):
        wish(reader)
        happen(("2026-11-10 11:00:00", 0, 9), point=point)
        assert events.run(at=AT) == 0
        assert not FreshEvents.objects.exists()

    def test_of_two_owners_each_hears_of_the_own_time(self, point):
        old, new, moved = make_customer(), make_customer(), AT - timedelta(minutes=30)
        cover(old, point, LONG_AGO, moved)
        cover(new, point, moved)
        before, after = make_member(old), make_member(new)
        wish(before)
        wish(after)
        happen(DIP, ("2026-11-20 11:45:00", 0, 10), point=point)
        events.run(at=AT)

        told = {row.user_id: row.payload["events"] for row in Notice.objects.all()}
        assert [event[2] for event in told[before.pk]] == [9]
        assert [event[2] for event in told[after.pk]] == [10]

    def test_the_operators_lists_are_the_desks(self, point, reader):
        operator = make_operator(point.node)
        wish(operator)
        happen(DIP, point=point)
        assert events.run(at=AT) == 0

    def test_a_house_manager_hears_of_the_common_meter_only(self, point):
        common = make_point(point.node, name="Общий", is_common=True)
        manager = make_user(User.Role.HOUSE_MANAGER)
        HouseManagement.objects.create(user=manager, node=point.node, valid_from=LONG_AGO)
        wish(manager)
        happen(DIP, point=point)
        happen(DIP, point=common)
        assert events.run(at=AT) == 1
        assert Notice.objects.get().usage_point == common

    def test_by_mail_at_once_where_it_is_wished(self, point, reader):
        wish(reader, way=Way.MAIL)
        happen(DIP, point=point)
        events.run(at=AT)

        [message] = Message.objects.all()
        assert (message.kind, message.due_at) == ("notifications.notices", AT)
        assert message.payload["notices"][0]["kind"] == "events.subscribed"

    def test_once_a_day_where_it_is_wished(self, point, reader):
        wish(reader, way=Way.DIGEST)
        happen(DIP, point=point)
        happen(("2026-11-20 11:50:00", 0, 10), point=point)
        events.run(at=AT)

        [message] = Message.objects.all()
        assert message.kind == "notifications.digest"
        assert message.due_at == datetime(2026, 11, 21, 4, tzinfo=UTC)

    def test_a_mark_made_while_the_job_works_outlives_it(self, point, reader, monkeypatch):
        wish(reader)
        happen(DIP, point=point)
        drop = events.fresh.drop

        def meanwhile(marks):
            happen(("2026-11-20 11:50:00", 0, 10), point=point)
            drop(marks)

        with monkeypatch.context() as patch:
            patch.setattr(events.fresh, "drop", meanwhile)
            events._work(AT)
        assert FreshEvents.objects.count() == 1
        events.run(at=AT)
        assert len(kinds(reader)) == 2


class TestPowerCuts:
    def test_a_cut_that_is_over_is_told_with_its_length_and_without_a_mail(self, point, reader):
        happen(OFF, point=point)
        assert events.run(at=AT) == 0
        happen(ON, point=point)
        assert events.run(at=AT) == 1

        [notice] = Notice.objects.all()
        assert notice.kind == "outage"
        assert notice.payload["to"] - notice.payload["from"] == 40 * 60
        assert set(Message.objects.values_list("kind", flat=True)) == {"events.warning"}

    def test_a_blink_is_none(self, point, reader):
        happen(OFF, ("2026-11-20 11:02:59", 2, 2), point=point)
        assert events.run(at=AT) == 0

    def test_whose_point_it_became_meanwhile_is_not_told(self, point):
        old, new, moved = make_customer(), make_customer(), AT - timedelta(minutes=30)
        cover(old, point, LONG_AGO, moved)
        cover(new, point, moved)
        make_member(old)
        make_member(new)
        happen(OFF, ON, point=point)
        assert events.run(at=AT) == 0

    def test_by_mail_where_it_is_wished(self, point, reader):
        subscriptions.choose(user=reader, topics={Topic.OUTAGES: Way.MAIL}, events={}, at=AT)
        happen(OFF, ON, point=point)
        events.run(at=AT)
        assert Message.objects.filter(kind="notifications.notices").count() == 1


class TestLimits:
    @pytest.fixture
    def filled(self, point, reader):
        """4.8 kWh on each of three days."""
        fill(point, date(2026, 11, 17), date(2026, 11, 20), 100)
        return point

    def limit(self, user, point, watt_hours, *, at=AT - timedelta(days=2), way=Way.PAGE):
        row = subscriptions.set_limit(user=user, point=point, limit=watt_hours, way=way, at=AT)
        Subscription.objects.filter(pk=row.pk).update(made_at=at)
        return row

    @pytest.mark.parametrize("role", [User.Role.ADMINISTRATOR, User.Role.AUDITOR])
    def test_a_grid_is_not_the_staffs_own(self, filled, reader, role):
        user = make_user(role)
        self.limit(user, None, 1)
        assert thresholds.run(at=AT) == 0

        own = make_customer()
        flat = make_point(filled.node, name="Своя")
        cover(own, flat, LONG_AGO)
        contracts.admit_member(user=user, customer=own, at=LONG_AGO)
        fill(flat, date(2026, 11, 17), date(2026, 11, 20), 100)
        thresholds.run(at=AT)
        assert {notice.usage_point_id for notice in Notice.objects.all()} == {flat.pk}

    def test_whose_days_staff_are_told_of_is_in_the_trail(self, filled, reader):
        user = make_user(User.Role.ADMINISTRATOR)
        self.limit(reader, filled, 4_799)
        assert not Entry.objects.filter(action="notifications.limit.set").exists()
        self.limit(user, filled, 4_799)

        [entry] = Entry.objects.filter(action="notifications.limit.set")
        assert entry.after["code"] == filled.code
        assert thresholds.run(at=AT) == 4

    def test_a_day_above_it_is_told_once(self, filled, reader):
        self.limit(reader, filled, 4_799)
        assert thresholds.run(at=AT) == 2  # the 18th, when it was set, and the 19th
        assert thresholds.run(at=AT) == 0
        told = {row.payload["day"]: row.payload for row in Notice.objects.all()}
        assert told[date(2026, 11, 19).toordinal()]["total"] == 4_800
        assert date(2026, 11, 17).toordinal() not in told

    def test_a_day_that_just_reaches_it_is_not(self, filled, reader):
        self.limit(reader, filled, 4_800)
        assert thresholds.run(at=AT) == 0

    def test_any_point_is_each(self, filled, reader):
        self.limit(reader, None, 1_000, at=AT - timedelta(days=1))
        assert thresholds.run(at=AT) == 1

    def test_a_day_is_told_as_soon_as_it_is_above(self, filled, reader):
        self.limit(reader, filled, 4_000, at=datetime(2026, 11, 19, 5, tzinfo=UTC))
        morning = datetime(2026, 11, 19, 17, 5, tzinfo=UTC)  # 40 half-hours of the day are there
        assert thresholds.run(at=morning) == 0
        assert thresholds.run(at=morning + timedelta(hours=1)) == 1
        [notice] = Notice.objects.all()
        assert notice.payload["present"] < 48

    def test_anothers_point_is_none(self, filled):
        stranger = make_user()
        with pytest.raises(subscriptions.access.NoSuchPoint):
            subscriptions.set_limit(user=stranger, point=filled, limit=1, way=Way.PAGE, at=AT)

    def test_who_has_lost_the_point_is_not_told(self, filled, reader):
        self.limit(reader, filled, 1_000)
        from faza.contracts.models import CustomerMember

        CustomerMember.objects.filter(user=reader).update(valid_to=AT - timedelta(minutes=1))
        assert thresholds.run(at=AT) == 0

    def test_senseless_and_too_many(self, filled, reader):
        with pytest.raises(WrongLimit):
            subscriptions.set_limit(user=reader, point=None, limit=0, way=Way.PAGE, at=AT)
        for n in range(subscriptions.MOST_LIMITS):
            subscriptions.set_limit(user=reader, point=None, limit=n + 1, way=Way.PAGE, at=AT)
        subscriptions.set_limit(user=reader, point=None, limit=1, way=Way.MAIL, at=AT)  # the same
        with pytest.raises(TooMany):
            subscriptions.set_limit(user=reader, point=None, limit=999, way=Way.PAGE, at=AT)


class TestVerification:
    def stand(self, point, due: date) -> None:
        make_meter(point, "40123", due=due)

    def test_soon_and_then_over_each_once(self, point, reader):
        self.stand(point, date(2027, 1, 15))
        assert verification.run(at=AT) == 1
        assert verification.run(at=AT + timedelta(days=1)) == 0
        over = datetime(2027, 1, 15, 6, tzinfo=UTC)
        assert verification.run(at=over) == 1
        assert verification.run(at=over + timedelta(days=30)) == 0
        assert [row.payload["is_over"] for row in Notice.objects.order_by("id")] == [False, True]
        assert Message.objects.filter(kind="notifications.notices").count() == 2

    def test_far_off_is_not_told(self, point, reader):
        self.stand(point, date(2027, 2, 19))
        assert verification.run(at=AT) == 0

    def test_what_does_not_stand_any_more_is_not(self, point, reader):
        self.stand(point, date(2026, 12, 1))
        MeteringComplex.objects.update(valid_to=AT - timedelta(days=1))
        assert verification.run(at=AT) == 0

    def test_many_meters_are_one_mail(self, reader, point):
        from tests.notifications.test_placing import make_member_customer

        own = make_member_customer(reader)
        for n in range(60):
            other = make_point(point.node)
            cover(own, other, LONG_AGO)
            make_meter(other, f"M{n}", due=date(2026, 12, 1))
        assert verification.run(at=AT) == 60
        [message] = Message.objects.all()
        assert (len(message.payload["notices"]), message.payload["more"]) == (50, 10)
