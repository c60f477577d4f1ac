"""Of what meters tell people hear at once: those whom it concerns, and once."""

import ast
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction

from faza.accounts.models import User
from faza.collection import warnings
from faza.contracts import services as contracts
from faza.contracts.models import CustomerMember, OperatorArea
from faza.events.batches import EventBatch, WrongEvents
from faza.events.models import EndDeviceEvent
from faza.notifications import mails
from faza.outbox.models import Message
from tests.accounts.factories import make_user
from tests.contracts.factories import (
    LONG_AGO,
    cover,
    make_customer,
    make_member,
    make_operator,
)
from tests.events.factories import batch_of, second
from tests.metering.factories import make_node, make_point

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parent.parent.parent
AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
OFF, ON = ("2026-11-20 11:40:02", 2, 1), ("2026-11-20 11:46:20", 2, 2)
MAGNET = ("2026-11-20 11:00:00", 4, 1)


def happen(*events, point=1, at=AT, **more):
    return warnings.record(batch_of(*events, point=point, **more), source=0, at=at)


def told(user: User | None = None) -> list[tuple[str, list]]:
    rows = Message.objects.order_by("id")
    if user is not None:
        rows = rows.filter(recipient=user.pk)
    return [
        (row.kind, [(e["journal"], e["code"]) for e in row.payload.get("events", ())])
        for row in rows
    ]


@pytest.fixture
def station():
    return make_node("ТП-1")


@pytest.fixture
def point(station):
    return make_point(station, name="Дом", address="ул. Мира, 3", zone="Asia/Omsk")


@pytest.fixture
def customer(point):
    own = make_customer()
    cover(own, point, LONG_AGO)
    return own


@pytest.fixture
def operator(station):
    return make_operator(station)


class TestWho:
    def test_the_subscriber_is_told_at_once_in_the_deeds_transaction(
        self, point, customer, operator
    ):
        reader = make_member(customer)
        happen(OFF, ON, point=point.pk)

        [message] = Message.objects.filter(recipient=reader.pk)
        assert message.kind == "events.warning"
        assert message.due_at == AT
        assert [e["code"] for e in message.payload["events"]] == [1, 2]
        assert message.payload["events"][0] == {
            "at": "2026-11-20T11:40:02+00:00", "journal": 2, "code": 1,
            "place": "Дом, ул. Мира, 3", "point": point.pk, "zone": "Asia/Omsk",
        }  # fmt: skip

    def test_of_two_owners_each_hears_of_the_own_time(self, point, operator):
        old, new = make_customer(), make_customer()
        moved = datetime(2026, 11, 20, 11, 43, tzinfo=UTC)
        cover(old, point, LONG_AGO, moved)
        cover(new, point, moved)
        before, after = make_member(old), make_member(new)
        happen(OFF, ON, point=point.pk)

        assert told(before) == [("events.warning", [(2, 1)])]
        assert told(after) == [("events.warning", [(2, 2)])]

    def test_who_may_no_longer_read_is_not_told(self, point, customer, operator):
        gone, closed = make_user(), make_member(customer)
        contracts.admit_member(user=gone, customer=customer, at=LONG_AGO)
        User.objects.filter(pk=closed.pk).update(is_active=False)
        CustomerMember.objects.filter(user=gone).update(valid_to=AT - timedelta(days=1))
        happen(OFF, point=point.pk)
        assert told(gone) == told(closed) == []

    def test_the_supplier_of_the_agreement_and_no_other(self, point, operator):
        firm, other = make_customer(), make_customer()
        cover(make_customer(), point, LONG_AGO, supplier=firm)
        ours = make_member(firm, role=User.Role.SUPPLIER)
        clerk = make_member(firm)  # a member of the firm without the role reads nobody's points
        theirs = make_member(other, role=User.Role.SUPPLIER)
        happen(OFF, point=point.pk)

        assert told(ours) == [("events.warning", [(2, 1)])]
        assert told(theirs) == told(clerk) == []

    def test_the_operator_of_the_area_above_and_no_other(self, point, station):
        above, beside = make_operator(station), make_operator(make_node("ТП-10"))
        administrator = make_user(User.Role.ADMINISTRATOR)
        happen(OFF, point=point.pk)

        assert told(above) == [("events.warning", [(2, 1)])]
        assert told(beside) == told(administrator) == []
        [message] = Message.objects.all()
        assert message.payload["url"] == "/desk/"
        assert message.payload["events"][0]["place"].startswith(point.code)

    def test_without_an_operator_the_administrator_is_told(self, point):
        administrator, auditor = make_user(User.Role.ADMINISTRATOR), make_user(User.Role.AUDITOR)
        happen(OFF, point=point.pk)
        assert told(administrator) == [("events.warning", [(2, 1)])]
        assert told(auditor) == []

    def test_who_is_both_is_told_once_as_the_consumer(self, point, customer, operator):
        contracts.admit_member(user=operator, customer=customer, at=LONG_AGO)
        happen(OFF, point=point.pk)
        [message] = Message.objects.filter(recipient=operator.pk)
        assert message.due_at == AT

    def test_each_in_the_own_language(self, point, customer, operator):
        reader = make_member(customer)
        User.objects.filter(pk=reader.pk).update(language="en")
        happen(OFF, point=point.pk)
        mail = mails.compose(Message.objects.get(recipient=reader.pk))
        assert mail.subject == "Power off: Дом, ул. Мира, 3"


class TestWhat:
    @pytest.mark.parametrize(
        "pair", [(4, 3), (4, 4), (4, 5), (4, 1), (7, 2), (7, 11), (2, 1), (2, 2), (2, 29), (7, 1)]
    )
    def test_seals_field_failure_power_and_restart(self, pair, point, operator):
        happen(("2026-11-20 11:00:00", *pair), point=point.pk)
        assert told() == [("events.warning", [pair])]

    def test_nothing_else(self, point, operator, django_assert_max_num_queries):
        with django_assert_max_num_queries(6):  # the event, its mark and two savepoints
            happen(("2026-11-20 11:00:00", 3, 68), ("2026-11-20 11:00:00", 0, 1), point=point.pk)
        assert told() == []

    def test_once_however_often_it_is_read(self, point, operator):
        happen(OFF, point=point.pk)
        happen(OFF, point=point.pk)
        happen(OFF, OFF, ON, point=point.pk, at=AT + timedelta(hours=1))
        assert told() == [("events.warning", [(2, 1)]), ("events.warning", [(2, 2)])]

    def test_both_or_none_stand(self, point, operator):
        with transaction.atomic():
            happen(OFF, point=point.pk)
            transaction.set_rollback(True)
        assert not Message.objects.exists()
        assert not EndDeviceEvent.objects.exists()

        wrong = EventBatch.joined([batch_of(OFF, point=point.pk), EventBatch.of(1, 1, [5], -1, 1)])
        with pytest.raises(WrongEvents):
            warnings.record(wrong, source=0, at=AT)
        assert not Message.objects.exists()

    def test_what_cannot_be_told_is_not_stored_either(self, point, operator):
        def broken(execute, sql, params, many, context):
            if sql.startswith('INSERT INTO "outbox_message"'):
                raise DatabaseError("the disk is full")
            return execute(sql, params, many, context)

        with connection.execute_wrapper(broken), pytest.raises(DatabaseError, match="full"):
            happen(OFF, point=point.pk)
        assert not EndDeviceEvent.objects.exists()

    def test_a_point_that_is_not_there_tells_nobody(self):
        make_user(User.Role.ADMINISTRATOR)
        assert happen(OFF, point=999_999).count == 1
        assert told() == []


class TestHowMuch:
    def test_for_the_desk_what_comes_within_a_minute_is_one_mail(self, station, operator):
        several = [make_point(station) for _ in range(3)]
        for n, point in enumerate(several):
            happen(OFF, point=point.pk, at=AT + timedelta(seconds=10 * n))
        [message] = Message.objects.all()
        assert len(message.payload["events"]) == 3
        assert message.due_at == AT + timedelta(minutes=1)

        happen(ON, point=several[0].pk, at=AT + timedelta(minutes=2))
        assert len(told()) == 2

    def test_a_feeder_goes_out_and_nothing_of_it_is_hidden(self, station, operator):
        points = [make_point(station).pk for _ in range(70)]
        moment = second(OFF[0])
        for part in (points[:60], points[60:]):
            batch = EventBatch.of(part, 1, [moment] * len(part), 2, 1)
            warnings.record(batch, source=0, at=AT)
        [message] = Message.objects.all()
        assert len(message.payload["events"]) == warnings.MOST
        assert message.payload["more"] == 70 - warnings.MOST
        assert mails.compose(message).subject == "70 событий приборов учёта"

    def test_as_many_questions_for_many_points_as_for_one(
        self, station, operator, django_assert_max_num_queries
    ):
        many = [make_point(station).pk for _ in range(40)]
        for points in (many[:1], many[1:]):
            batch = EventBatch.of(points, 1, [second(OFF[0])] * len(points), 2, 1)
            with django_assert_max_num_queries(20):
                warnings.record(batch, source=0, at=AT)


class TestLate:
    OLD = [(f"2026-09-{day:02} 10:00:00", 2, 1 + day % 2) for day in range(1, 11)]

    def test_old_events_are_a_summary_and_new_ones_are_told(self, point, customer, operator):
        reader = make_member(customer)
        happen(*self.OLD, MAGNET, point=point.pk)

        now, later = Message.objects.filter(recipient=reader.pk).order_by("due_at")
        assert (now.kind, [e["code"] for e in now.payload["events"]]) == ("events.warning", [1])
        assert later.kind == "events.warning.late"
        assert later.due_at == AT + timedelta(hours=1)
        assert [(c["code"], c["count"]) for c in later.payload["counts"]] == [(1, 5), (2, 5)]
        assert later.payload["counts"][0]["first"] == "2026-09-02T10:00:00+00:00"
        assert later.payload["counts"][0]["last"] == "2026-09-10T10:00:00+00:00"

    def test_an_hours_worth_of_them_is_one(self, point, customer, operator):
        reader = make_member(customer)
        for n, event in enumerate(self.OLD):
            happen(event, point=point.pk, at=AT + timedelta(minutes=n))
        [message] = Message.objects.filter(recipient=reader.pk)
        assert sum(c["count"] for c in message.payload["counts"]) == 10
        assert "Перерыв питания: 5 раз" in mails.compose(message).body

    @pytest.mark.parametrize(
        ("age", "kind"),
        [
            (timedelta(days=3), "events.warning"),
            (timedelta(days=3, seconds=1), "events.warning.late"),
            (timedelta(hours=-2), "events.warning"),  # by a clock that is ahead
        ],
    )
    def test_late_is_more_than_three_days(self, age, kind, point, operator):
        moment = int((AT - age).timestamp())
        warnings.record(EventBatch.of(point.pk, 1, [moment], 2, 1), source=0, at=AT)
        assert [one for one, _ in told()] == [kind]


def test_collection_records_events_by_this_door_only():
    """Whoever called `events.services.record` there would tell nobody of what it says."""
    wrong = set()
    for file in (ROOT / "faza/collection").rglob("*.py"):
        text = file.read_text()
        for node in ast.walk(ast.parse(text)):
            if file.parent.name == "warnings" or not isinstance(node, ast.ImportFrom):
                continue
            names = {alias.name: alias.asname or alias.name for alias in node.names}
            if node.module == "faza.events.services" and "record" in names:
                wrong.add(file.name)
            if node.module == "faza.events" and f"{names.get('services', '')}.record(" in text:
                wrong |= {file.name} if "services" in names else set()
    assert wrong == set()


def test_areas_are_found_by_whole_nodes():
    """Paths end with a slash, so that no place is taken for one whose number begins alike."""
    node = make_node("ТП")
    make_operator(node)
    assert OperatorArea.objects.get().node.path.endswith("/")
