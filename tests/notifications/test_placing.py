"""What lower rooms tell stands on the page, whatever becomes of the mail, and once."""

from datetime import UTC, datetime, timedelta

import pytest

from faza.accounts.models import User
from faza.collection import warnings
from faza.notifications import queries, subscriptions
from faza.notifications.models import Notice, Topic, Way
from faza.notifications.queries import Filter
from faza.notifications.services import deliver
from faza.outbox import services as outbox
from faza.outbox.models import Message
from tests.contracts.factories import LONG_AGO, cover, make_customer, make_member, make_operator
from tests.events.factories import batch_of
from tests.metering.factories import make_node, make_point

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
OFF, ON = ("2026-11-20 11:40:02", 2, 1), ("2026-11-20 11:46:20", 2, 2)


def happen(*events, point, at=AT):
    warnings.record(batch_of(*events, point=point.pk), source=0, at=at)


@pytest.fixture
def point():
    return make_point(make_node("ТП-1"), name="Дом", address="ул. Мира, 3")


@pytest.fixture
def reader(point):
    own = make_customer()
    cover(own, point, LONG_AGO)
    return make_member(own)


def choose(user: User, topic: Topic, way: Way) -> None:
    subscriptions.choose(user=user, topics={topic: way}, events={}, at=AT)


class TestWarnings:
    def test_they_are_on_the_page_and_by_mail_without_being_asked_for(self, point, reader, mailbox):
        happen(OFF, ON, point=point)
        deliver(at=AT)

        [notice] = Notice.objects.filter(user=reader)
        assert (notice.kind, notice.topic) == ("events.warning", "warnings")
        assert notice.usage_point == point
        assert notice.payload["place"] == "Дом, ул. Мира, 3"
        assert [event[1:] for event in notice.payload["events"]] == [[2, 1], [2, 2]]
        assert len(mailbox.all()) == 1

    def test_once_however_often_the_mail_is_tried(self, point, reader, mailbox, settings):
        settings.EMAIL_PORT = 1  # nobody listens
        happen(OFF, point=point)
        for hours in range(4):
            deliver(at=AT + timedelta(hours=hours))

        assert Notice.objects.count() == 1
        assert Message.objects.get().state == "waiting"

    def test_each_point_has_its_own(self, point, reader, mailbox):
        other = make_point(point.node, name="Баня")
        cover(make_member_customer(reader), other, LONG_AGO)
        batch = batch_of(OFF, point=point.pk)
        happen(OFF, point=other)
        warnings.record(batch, source=0, at=AT)
        deliver(at=AT)

        assert set(Notice.objects.values_list("usage_point", flat=True)) == {point.pk, other.pk}

    def test_who_wants_no_mail_gets_none(self, point, reader, mailbox):
        choose(reader, Topic.WARNINGS, Way.PAGE)
        happen(OFF, point=point)
        deliver(at=AT)

        assert Notice.objects.filter(user=reader).count() == 1
        assert Message.objects.filter(recipient=reader.pk).get().state == "delivered"
        assert mailbox.all() == []

    def test_who_wants_one_mail_a_day_gets_one(self, point, reader, mailbox):
        choose(reader, Topic.WARNINGS, Way.DIGEST)
        happen(OFF, point=point)
        deliver(at=AT)
        happen(ON, point=point, at=AT + timedelta(hours=1))
        deliver(at=AT + timedelta(hours=1))
        assert mailbox.all() == []

        deliver(at=datetime(2026, 11, 21, 4, 0, tzinfo=UTC))  # 7:00 in Moscow
        [mail] = mailbox.all()
        assert "2 уведомления" in mail["Subject"]
        assert Notice.objects.filter(user=reader).count() == 2

    def test_the_desk_has_lists_of_its_own(self, point, reader, mailbox):
        operator = make_operator(point.node)
        happen(OFF, point=point)
        deliver(at=AT + timedelta(minutes=5))

        assert not Notice.objects.filter(user=operator).exists()
        assert Message.objects.get(recipient=operator.pk).state == "delivered"
        assert len(mailbox.all()) == 2

    def test_what_is_more_than_a_mail_names_is_counted(self, point, reader, mailbox):
        several = [(f"2026-11-20 10:{n // 60:02}:{n % 60:02}", 2, 1) for n in range(53)]
        happen(*several, point=point)
        deliver(at=AT)

        told = {row.key.rpartition(":")[2]: row.payload for row in Notice.objects.all()}
        assert len(told[str(point.pk)]["events"]) == 50
        assert told["more"] == {"more": 3}

    def test_news_that_come_after_it_was_placed_are_another_message(self, point, reader):
        firm = make_customer()
        clerk = make_member(firm, role=User.Role.SUPPLIER)
        message = outbox.gather(
            "events.warning", key="a", payload={"events": [], "more": 0, "url": "/"},
            merge=lambda old, new: {**old, "more": 1}, at=AT, to=clerk.pk,
            due=AT + timedelta(minutes=1),
        )  # fmt: skip
        outbox.mark_placed([message.pk], at=AT)
        again = outbox.gather(
            "events.warning", key="b", payload={"events": [], "more": 0, "url": "/"},
            merge=lambda old, new: {**old, "more": 1}, at=AT, to=clerk.pk,
            due=AT + timedelta(minutes=1),
        )  # fmt: skip
        assert again.pk != message.pk


def make_member_customer(user: User):
    """The customer that a user reads for."""
    from faza.contracts.models import CustomerMember

    return CustomerMember.objects.get(user=user).customer


class TestWhoReads:
    def test_who_has_lost_the_point_has_lost_the_notice(self, point, reader, mailbox):
        happen(OFF, point=point)
        deliver(at=AT)
        assert queries.own(reader, Filter(), at=AT, limit=9).total == 1
        assert queries.unread(reader, at=AT) == 1

        from faza.contracts.models import CustomerMember

        CustomerMember.objects.filter(user=reader).update(valid_to=AT)
        later = AT + timedelta(hours=1)
        assert queries.own(reader, Filter(), at=later, limit=9).total == 0
        assert queries.unread(reader, at=later) == 0
        [number] = Notice.objects.values_list("pk", flat=True)
        assert queries.readable(reader, [number], at=later) == []

    def test_a_former_owner_keeps_what_happened_in_the_own_time(self, mailbox):
        point = make_point(make_node("ТП-2"))
        old, moved = make_customer(), AT + timedelta(days=1)
        cover(old, point, LONG_AGO, moved)
        new = make_customer()
        cover(new, point, moved)
        before, after = make_member(old), make_member(new)
        happen(OFF, point=point)
        deliver(at=AT)

        later = AT + timedelta(days=5)
        assert queries.own(before, Filter(), at=later, limit=9).total == 1
        assert queries.own(after, Filter(), at=later, limit=9).total == 0

    def test_questions_do_not_grow_with_notices(self, point, reader, mailbox,
                                                django_assert_max_num_queries):  # fmt: skip
        for n in range(40):
            happen((f"2026-11-20 11:{n:02}:00", 2, 1), point=point)
        deliver(at=AT, limit=100)
        with django_assert_max_num_queries(5):
            found = queries.own(reader, Filter(), at=AT, limit=30)
            assert [row.usage_point.name for row in found.rows]
        assert (found.total, len(found.rows)) == (40, 30)
