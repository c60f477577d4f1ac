"""Reminders of windows in which readings may be typed: who, when, once."""

from datetime import UTC, datetime, timedelta

import pytest

from faza.contracts.models import CustomerMember, HouseManagement
from faza.manual_entry import queries, services
from faza.manual_entry.models import Entry, EntryException, EntryRule
from faza.notifications import words
from faza.notifications.models import Notice, Way
from faza.notifications.rounds import entry
from faza.outbox.models import Message
from tests.cabinet.factories import fill
from tests.contracts.factories import LONG_AGO, cover, make_customer, make_member, make_operator
from tests.metering.factories import make_node, make_point
from tests.readings.meters import make_meter, put_in, read

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FIRST = datetime(2026, 11, 19, 21, tzinfo=UTC)
"""When the window of 20–25 November opens by the clock of Moscow."""
LAST = datetime(2026, 11, 25, 21, tzinfo=UTC)
MORNING = FIRST + 9 * HOUR


@pytest.fixture
def point():
    found = make_point(make_node("ТП-1"), name="Баня", address="ул. Садовая, 14")
    put_in(found, make_meter("100"))
    EntryRule.objects.create(made_at=LONG_AGO)
    return found


@pytest.fixture
def reader(point):
    own = make_customer()
    cover(own, point, LONG_AGO)
    return make_member(own)


def customer_of(user):
    return CustomerMember.objects.get(user=user).customer


def told(user):
    rows = Notice.objects.filter(user=user, topic="entry").order_by("pk")
    return [(row.payload["stage"], row.payload.get("place")) for row in rows]


def send(point, reader, at, number="1"):
    (due,) = queries.due([point], at=at)
    return services.send(
        due=due, shown={0: 100_000}, way=Entry.Way.CABINET, token=number, by=reader, at=at
    )


class TestWhen:
    def test_not_before_the_window_opens(self, point, reader):
        assert entry.run(at=FIRST - timedelta(seconds=1)) == 0
        assert entry.run(at=FIRST) == 1

    def test_when_it_opens_and_two_days_before_it_closes_each_once(self, point, reader):
        for days in range(6):
            entry.run(at=MORNING + days * DAY)
            entry.run(at=MORNING + days * DAY)

        assert told(reader) == [
            ("open", "Баня, ул. Садовая, 14"), ("ending", "Баня, ул. Садовая, 14"),
        ]  # fmt: skip
        [first, second] = Notice.objects.filter(user=reader).order_by("pk")
        assert second.happened_at > LAST - 2 * DAY
        with_words = words.told(first.kind, first.payload, "Europe/Moscow")
        assert with_words.lines == ("До конца 25.11.2026",)

    def test_the_next_month_again(self, point, reader):
        entry.run(at=MORNING)
        assert entry.run(at=MORNING + 30 * DAY) == 1

    def test_a_reading_at_the_end_of_the_last_window_is_not_of_this_one(self, point, reader):
        february = datetime(2026, 2, 25, 12, tzinfo=UTC)
        send(point, reader, february)
        assert entry.run(at=datetime(2026, 3, 20, 6, tzinfo=UTC)) == 1

    def test_what_the_desk_opens(self, point, reader):
        EntryException.objects.create(
            usage_point=point, starts_at=FIRST - 9 * DAY, ends_at=FIRST - 5 * DAY, is_open=True,
            made_at=LONG_AGO,
        )  # fmt: skip
        assert entry.run(at=FIRST - 8 * DAY) == 1

    def test_by_the_clock_of_the_point(self, point, reader):
        point.zone = "Asia/Yekaterinburg"
        point.save()
        assert entry.run(at=FIRST - 2 * HOUR - timedelta(seconds=1)) == 0
        assert entry.run(at=FIRST - 2 * HOUR) == 1


class TestWho:
    def test_nobody_who_has_sent(self, point, reader):
        waiting = send(point, reader, FIRST + HOUR)
        assert entry.run(at=MORNING) == 0

        services.refuse(entry=waiting, reason="Нечётко", by=make_operator(), at=FIRST + 2 * HOUR)
        assert entry.run(at=MORNING) == 1

    def test_nobody_whose_meter_is_read_from_afar(self, point, reader):
        fill(point, (FIRST - 2 * DAY).date(), FIRST.date())
        assert entry.run(at=MORNING) == 0

    def test_nor_whose_registers_are(self, point, reader):
        meter = point.complexes.get().meter
        read(point, meter, MORNING - DAY, 100_000)
        assert entry.run(at=MORNING) == 0

    def test_not_where_nothing_may_be_typed(self, point, reader):
        EntryRule.objects.create(usage_point=point, is_allowed=False, made_at=LONG_AGO)
        assert entry.run(at=MORNING) == 0

    def test_nor_where_it_is_open_for_silence_alone(self, point, reader):
        assert queries.due([point], at=FIRST - 3 * DAY)[0].standing.is_open
        assert entry.run(at=FIRST - 3 * DAY) == 0

    def test_the_owner_of_now_and_no_former_one_nor_the_desk(self, point):
        make_operator(point.node)
        old, new = make_customer(), make_customer()
        cover(old, point, LONG_AGO, FIRST - DAY)
        cover(new, point, FIRST - DAY)
        before, after = make_member(old), make_member(new)
        entry.run(at=MORNING)

        assert (told(before), len(told(after))) == ([], 1)

    def test_the_manager_of_the_house_of_a_common_meter(self, point):
        point.is_common = True
        point.save()
        manager = make_member(make_customer())
        manager.role = "house_manager"
        manager.save()
        HouseManagement.objects.create(user=manager, node=point.node, valid_from=LONG_AGO)

        assert entry.run(at=MORNING) == 1
        assert len(told(manager)) == 1

    def test_of_several_points_one_notice_that_names_none(self, point, reader):
        for number in range(2):
            other = make_point(point.node, name=f"Гараж {number}")
            put_in(other, make_meter(f"20{number}"))
            cover(customer_of(reader), other, LONG_AGO)
        assert entry.run(at=MORNING) == 1

        [notice] = Notice.objects.filter(user=reader)
        assert (notice.payload["count"], notice.usage_point) == (3, None)
        assert "place" not in notice.payload

    def test_by_mail_unless_the_reader_wants_none(self, point, reader):
        entry.run(at=MORNING)
        assert Message.objects.filter(recipient=reader.pk).count() == 1

        reader.subscriptions.create(topic="entry", way=Way.PAGE, made_at=MORNING)
        entry.run(at=LAST - DAY)
        assert Message.objects.filter(recipient=reader.pk).count() == 1


def test_as_many_questions_of_thirty_points_as_of_one(point, reader, django_assert_max_num_queries):
    for number in range(30):
        other = make_point(point.node, name=f"Гараж {number}")
        put_in(other, make_meter(f"20{number}"))
        cover(customer_of(reader), other, LONG_AGO)
    with django_assert_max_num_queries(40):
        entry.run(at=MORNING)
