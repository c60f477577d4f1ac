"""From the keyboard to the register readings, and back."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction

from faza.audit.models import Entry as Deed
from faza.core.periods import Period
from faza.core.windows import Window, Windows
from faza.manual_entry import queries, services
from faza.manual_entry.models import Entry, EntryException, EntryRule
from faza.manual_entry.rules.moves import State
from faza.manual_entry.rules.opening import Why
from faza.manual_entry.rules.plausible import Doubt
from faza.readings.models import RegisterReading
from faza.readings.register_queries import readings_between, register_consumption
from tests.cabinet.factories import make_agreement, make_node, make_point, make_user
from tests.readings.meters import make_meter, put_in, read

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def place():
    """A point with a meter that was read on the first of each month: 300 kWh each."""
    point = make_point("HOUSE", "Дом", node=make_node("N-1", "Сети"))
    meter = make_meter("100")
    put_in(point, meter)
    for month in range(1, 12):
        start = datetime(2026, month, 1, tzinfo=UTC) - timedelta(hours=3)
        if month > 1:
            read(point, meter, start, month * 300_000)
    EntryRule.objects.create(made_at=NOW, silent_days=None)
    return point, meter


@pytest.fixture
def people():
    return make_user("own@example.org"), make_user("desk@example.org")


def due(point, at=NOW):
    (found,) = queries.due([point], at=at)
    return found


def send(place, people, shown=3_500_000, *, at=NOW, token="1", confirmed=False):
    return services.send(
        due=due(place[0], at), shown={0: shown}, way=Entry.Way.CABINET, token=token,
        by=people[0], at=at, confirmed=confirmed,
    )  # fmt: skip


def seen(point):
    """All that questions about registers find."""
    period = Period(datetime(2026, 10, 31, 21, tzinfo=UTC), NOW)
    windows = Windows((Window(point.pk, point.zone, period),))
    rows = readings_between(windows, period)
    counted = register_consumption(windows, period, [0])
    return rows.keys().tolist(), rows.values[:, 0].tolist(), counted.rounded.tolist()


class TestDue:
    def test_what_is_to_be_typed_and_what_it_was_last(self, place):
        found = due(place[0])

        (dial,) = found.dials
        assert (found.standing.is_open, found.standing.why) == (True, Why.WINDOW)
        assert (dial.register, dial.last, dial.decimals) == (0, 3_300_000, 2)
        assert dial.capacity == 10**6 * 1000
        assert dial.band.low < 210_000 < dial.band.high

    def test_zones_where_the_meter_counts_them(self, place):
        read(*place, NOW - DAY, {0: 3_400_000, 1: 2_000_000, 2: 1_400_000, 3: 0})

        assert [dial.register for dial in due(place[0]).dials] == [1, 2]

    def test_the_rule_of_the_point_holds_and_an_exception_over_it(self, place):
        point, _ = place
        EntryRule.objects.create(usage_point=point, is_allowed=False, made_at=NOW)
        assert due(point).standing.why is Why.NOT_ALLOWED

        EntryException.objects.create(
            node=point.node, starts_at=NOW - DAY, ends_at=NOW + DAY, is_open=True, made_at=NOW
        )
        assert due(point).standing.why is Why.OPENED

    def test_of_the_group_of_the_customer(self, place, people):
        point, _ = place
        EntryRule.objects.create(
            group="person", first_day=1, last_day=2, silent_days=None, made_at=NOW
        )
        assert due(point).standing.is_open  # nobody's yet

        agreement = make_agreement("A-1", [people[0]], [point])
        assert agreement.customer.kind == "person"
        assert due(point).standing.why is Why.BETWEEN

    def test_a_point_without_a_meter_has_nothing_to_type(self):
        point = make_point("EMPTY", "Пусто", node=make_node("N-2", "Сети"))

        found = due(point)

        assert (found.installed, found.dials, found.standing.is_open) == (None, (), False)

    def test_as_many_questions_of_one_point_as_of_thirty(
        self, place, django_assert_max_num_queries
    ):
        point, _ = place
        points = [point]
        for number in range(30):
            points.append(make_point(f"P{number}", f"Точка {number}", node=point.node))
            put_in(points[-1], make_meter(f"M{number}"))

        with django_assert_max_num_queries(12):
            assert len(queries.due(points, at=NOW)) == 31


class TestSending:
    def test_it_waits_and_counts_nowhere(self, place, people):
        before = seen(place[0])

        entry = send(place, people)

        assert entry.state == State.SENT
        assert seen(place[0]) == before
        assert due(place[0]).waiting == entry

    def test_twice_is_once(self, place, people):
        assert send(place, people) == send(place, people)
        assert Entry.objects.count() == 1

    def test_another_one_replaces_what_waits(self, place, people):
        first = send(place, people)
        second = send(place, people, 3_510_000, token="2")

        first.refresh_from_db()
        assert (first.state, second.state) == (State.REPLACED, State.SENT)

    def test_out_of_the_window_it_is_told_when(self, place, people):
        with pytest.raises(services.Closed) as told:
            send(place, people, at=NOW + 10 * DAY)

        assert told.value.due.standing.opens_at == datetime(2026, 12, 19, 21, tzinfo=UTC)

    @pytest.mark.parametrize("value", [-1, 10**9])
    def test_what_the_meter_cannot_show(self, place, people, value):
        with pytest.raises(services.NotOnTheFace):
            send(place, people, value, confirmed=True)

    def test_what_is_odd_is_asked_about_and_never_refused(self, place, people):
        with pytest.raises(services.Doubtful) as told:
            send(place, people, 9_900_000)

        assert told.value.doubts == {0: (Doubt.MUCH,)}
        assert not Entry.objects.exists()
        assert send(place, people, 9_900_000, confirmed=True).doubts == {"0": ["much"]}


class TestDeciding:
    def test_approved_it_counts_and_withdrawn_all_is_as_before(self, place, people):
        before = seen(place[0])
        entry = send(place, people)

        services.approve(entry=entry, by=people[1], at=NOW)
        assert seen(place[0])[1][-1] == 3_500_000
        assert (before[2], seen(place[0])[2]) == ([[0]], [[200_000]])

        services.withdraw(entry=entry, reason="Не тот счётчик", by=people[1], at=NOW)
        assert seen(place[0]) == before
        entry.refresh_from_db()
        assert (entry.state, entry.reason) == (State.WITHDRAWN, "Не тот счётчик")

    def test_the_desks_correction_counts_and_the_typed_value_stays(self, place, people):
        entry = send(place, people)

        found = services.approve(entry=entry, by=people[1], at=NOW, corrected={0: 3_505_000})

        assert (found.shown, found.accepted) == ({"0": 3_500_000}, {"0": 3_505_000})
        assert seen(place[0])[1][-1] == 3_505_000

    def test_refused_it_counts_nowhere_and_may_be_sent_anew(self, place, people):
        before = seen(place[0])
        services.refuse(entry=send(place, people), reason="Нечёткое фото", by=people[1], at=NOW)

        assert seen(place[0]) == before
        again = send(place, people, 3_490_000, token="2")
        services.approve(entry=again, by=people[1], at=NOW)
        assert seen(place[0])[1][-1] == 3_490_000

    def test_of_two_at_once_one_wins_and_the_other_is_told(self, place, people):
        entry = send(place, people)
        services.approve(entry=entry, by=people[1], at=NOW)

        with pytest.raises(services.WrongMove):
            services.refuse(entry=entry, reason="Нет", by=people[1], at=NOW)
        with pytest.raises(services.WrongMove):
            services.approve(entry=entry, by=people[1], at=NOW)
        assert RegisterReading.objects.filter(kind=RegisterReading.Kind.MANUAL).count() == 1

    def test_the_rule_approves_what_is_inside_the_band_only(self, place, people):
        EntryRule.objects.update(approves=True, approves_by=people[1])

        assert send(place, people).state == State.APPROVED
        odd = send(place, people, 9_900_000, token="2", at=NOW + timedelta(hours=1), confirmed=True)
        assert odd.state == State.SENT
        deed = Deed.objects.get(action="manual_entry.entry.approved")
        assert deed.after["rule"] == EntryRule.objects.get().pk

    def test_what_the_meter_says_of_that_moment_outranks_it(self, place, people):
        services.approve(entry=send(place, people), by=people[1], at=NOW)

        read(*place, NOW, 3_498_000)

        assert due(place[0], NOW + DAY).dials[0].last == 3_498_000

    def test_every_deed_is_in_the_trail(self, place, people):
        entry = send(place, people)
        services.approve(entry=entry, by=people[1], at=NOW)
        services.withdraw(entry=entry, reason="Ошибка", by=people[1], at=NOW)

        told = Deed.objects.filter(action__startswith="manual_entry.").order_by("pk")
        assert [deed.action.split(".")[-1] for deed in told] == ["sent", "approved", "withdrawn"]


def test_one_reading_of_a_meter_waits_at_most(place, people):
    first = send(place, people)
    with pytest.raises(Exception, match=r"(?i)unique"), transaction.atomic():
        Entry.objects.create(
            usage_point=place[0], meter=place[1], of_at=NOW, shown={}, way="file", token="9",
            sent_at=NOW,
        )  # fmt: skip
    assert first.state == State.SENT
    assert connection.vendor in {"sqlite", "postgresql"}
