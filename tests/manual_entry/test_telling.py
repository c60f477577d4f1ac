"""Who sent a reading is told what became of it: once, in words, and nobody else is."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from faza.manual_entry import queries, services, telling
from faza.manual_entry.models import Entry, EntryRule
from faza.manual_entry.telling import GATHERED, What
from faza.notifications import words
from faza.notifications.models import Notice, Topic, Way
from faza.notifications.services import deliver
from faza.outbox.models import Message
from tests.contracts.factories import LONG_AGO, cover, make_customer, make_member, make_operator
from tests.metering.factories import make_node, make_point
from tests.readings.meters import make_meter, put_in

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
LATER = NOW + GATHERED + timedelta(seconds=1)


@pytest.fixture
def place():
    """A point, who reads it, and who decides."""
    EntryRule.objects.create(made_at=LONG_AGO)
    node = make_node("ТП-1")
    own = make_customer()
    point = _point(node, own, "Баня")
    return point, make_member(own), make_operator(node), own


def _point(node, customer, name):
    point = make_point(node, name=name, address="ул. Садовая, 14")
    put_in(point, make_meter(f"4{point.pk}"))
    cover(customer, point, LONG_AGO)
    return point


def send(point, by, shown=4_821_640, way=Entry.Way.CABINET, token="1"):
    (due,) = queries.due([point], at=NOW)
    return services.send(due=due, shown={0: shown}, way=way, token=token, by=by, at=NOW)


def said():
    """What notices say."""
    deliver(at=LATER)
    return [
        " ".join(words.told(row.kind, row.payload, "Europe/Moscow").whole.split())
        for row in Notice.objects.order_by("pk")
    ]


class TestWhat:
    def test_refused_with_the_reason(self, place, mailbox):
        services.refuse(
            entry=send(*place[:2]), reason="На фото другой счётчик.", by=place[2], at=NOW
        )

        assert said() == [
            "Показания не приняты. Баня, ул. Садовая, 14. "
            "4 821,64 кВт·ч, снято 22.11.2026 12:00. Причина: На фото другой счётчик."
        ]
        [mail] = mailbox.all()
        assert mail["subject"].strip() == "Показания не приняты: Баня, ул. Садовая, 14"
        [notice] = Notice.objects.all()
        assert (notice.topic, notice.user, notice.usage_point) == ("entry", place[1], place[0])

    def test_accepted(self, place, mailbox):
        services.approve(entry=send(*place[:2]), by=place[2], at=NOW)

        assert said()[0].startswith("Показания приняты. Баня")

    def test_accepted_with_another_value(self, place, mailbox):
        services.approve(entry=send(*place[:2]), by=place[2], at=NOW, corrected={0: 4_812_640})

        assert "Принято: 4 812,64 кВт·ч" in said()[0]
        assert Notice.objects.get().kind == telling.kind_of(What.CORRECTED)

    def test_withdrawn(self, place, mailbox):
        entry = send(*place[:2])
        services.approve(entry=entry, by=place[2], at=NOW)
        services.withdraw(entry=entry, reason="Ошибка", by=place[2], at=NOW)

        assert [text.split(".")[0] for text in said()] == [
            "Показания приняты", "Показания больше не учитываются",
        ]  # fmt: skip


class TestWho:
    def test_nobody_of_what_a_rule_accepted(self, place):
        EntryRule.objects.update(approves=True, approves_by=place[2])
        assert send(*place[:2]).state == "approved"
        assert not Message.objects.exists()

    def test_nobody_of_what_staff_typed_from_a_round(self, place):
        entry = send(place[0], make_operator(), way=Entry.Way.ROUND)
        services.approve(entry=entry, by=place[2], at=NOW)
        assert not Message.objects.exists()

    def test_nobody_who_may_not_read_the_point_any_more(self, place):
        stranger = make_member(make_customer())
        entry = send(place[0], stranger)
        services.refuse(entry=entry, reason="Нет", by=place[2], at=NOW)
        assert not Message.objects.exists()

    def test_nothing_of_what_was_not_done(self, place):
        entry = send(*place[:2])
        with transaction.atomic():
            services.refuse(entry=entry, reason="Нет", by=place[2], at=NOW)
            transaction.set_rollback(True)
        assert not Message.objects.exists()

    def test_on_the_page_only_who_wants_no_mail(self, place, mailbox):
        place[1].subscriptions.create(topic=Topic.ENTRY, way=Way.PAGE, made_at=NOW)
        services.refuse(entry=send(*place[:2]), reason="Нет", by=place[2], at=NOW)
        assert len(said()) == 1
        assert not mailbox.all()


class TestMany:
    def test_what_is_decided_one_after_another_is_one_mail(self, place, mailbox):
        garage = _point(place[0].node, place[3], "Гараж")
        for point in (place[0], garage):
            services.approve(entry=send(point, place[1]), by=place[2], at=NOW)

        assert len(said()) == 2
        [mail] = mailbox.all()
        assert mail["subject"].strip() == "Показания приняты: 2 показания"

    def test_of_many_one_notice_that_counts_and_names_none(self, place, mailbox):
        points = [_point(place[0].node, place[3], f"Гараж {number}") for number in range(25)]
        entries = [send(point, place[1]) for point in points]
        with transaction.atomic():
            telling.accepted(entries, by=place[2], at=NOW)

        assert said() == ["Показания приняты. 25 показаний."]
        [message] = Message.objects.all()
        assert message.state == "delivered"
        assert len(mailbox.all()) == 1

    def test_as_few_questions_of_thirty_as_of_one(self, place, django_assert_max_num_queries):
        points = [_point(place[0].node, place[3], f"Гараж {number}") for number in range(30)]
        entries = [send(point, place[1]) for point in points]
        with django_assert_max_num_queries(14), transaction.atomic():
            telling.accepted(entries, by=place[2], at=NOW)
