"""The journal's statistics and pages: by days of one zone, filtered, devices above included."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import translation

from faza.core.periods import Period
from faza.core.windows import Window, Windows
from faza.events import journal, services
from faza.events.kinds import Category, Device, Importance
from faza.events.queries import ALL, Filter
from tests.events.factories import AT, happen
from tests.metering.factories import make_node, make_point

pytestmark = pytest.mark.django_db
MOSCOW, BERLIN = "Europe/Moscow", "Europe/Berlin"


def day(number: int, month: int = 11) -> datetime:
    return datetime(2026, month, number, tzinfo=UTC)


NOVEMBER = Period(day(1), day(1, 12))
NOW = day(25)


def seen(*points: int, period: Period = NOVEMBER) -> Windows:
    return Windows.merged(Window(point, MOSCOW, period) for point in points)


def tally(*points: int, period: Period = NOVEMBER, zone: str = MOSCOW, **paths):
    return journal.tally(seen(*points, period=period), period, zone, dict.fromkeys(points, ""))


def days_of(found) -> dict[date, int]:
    told = journal.facets(found.groups, ALL).days
    return {day: sum(counts.values()) for day, counts in told.items()}


def test_days_are_those_of_the_pages_zone():
    happen(("2026-11-10 20:59:59", 3, 68), ("2026-11-10 21:00:00", 3, 68))

    assert days_of(tally(1)) == {date(2026, 11, 10): 1, date(2026, 11, 11): 1}
    assert days_of(tally(1, zone="Asia/Yekaterinburg")) == {date(2026, 11, 11): 2}


def test_days_are_right_where_the_clock_goes_back():
    """In Berlin 25 October 2026 ends at 23:00 UTC, an hour later by UTC than the day before."""
    happen(("2026-10-24 21:59:59", 3, 68), ("2026-10-24 22:00:00", 3, 68),
           ("2026-10-25 00:30:00", 3, 68), ("2026-10-25 22:59:59", 3, 68),
           ("2026-10-25 23:00:00", 3, 68))  # fmt: skip
    october = Period(day(1, 10), day(1, 11))

    assert days_of(tally(1, period=october, zone=BERLIN)) == {
        date(2026, 10, 24): 1, date(2026, 10, 25): 3, date(2026, 10, 26): 1,
    }  # fmt: skip


def test_each_facet_counts_without_its_own_part_of_the_filter():
    happen(("2026-11-10 01:00:00", 2, 1), ("2026-11-10 02:00:00", 2, 2),
           ("2026-11-10 03:00:00", 3, 68), ("2026-11-10 04:00:00", 1001, 2))  # fmt: skip
    found = tally(1)
    facets = journal.facets(found.groups, Filter(categories={Category.POWER}))

    assert facets.total == 2
    assert facets.categories == {Category.POWER: 2, Category.TIME: 1, Category.MODEM: 1}
    assert facets.importances == {Importance.ALARM: 1, Importance.INFO: 1}
    assert facets.devices == {Device.METER: 2}
    both = journal.facets(
        found.groups, Filter(categories={Category.POWER}, importances={Importance.INFO})
    )
    assert (both.total, both.categories[Category.TIME], both.importances[Importance.ALARM]) == (
        1, 1, 1,
    )  # fmt: skip


def test_words_are_looked_for_in_kind_category_and_device():
    happen(("2026-11-10 01:00:00", 2, 1), ("2026-11-10 04:00:00", 1001, 2))
    found = tally(1)
    with translation.override("ru"):
        assert found.total(Filter(text="ПИТАНИ")) == 1
        assert found.total(Filter(text="модем")) == 1
        assert found.total(Filter(text="счётчик")) == 1
        assert found.total(Filter(text="нет таких слов")) == 0


def told(*points: int, only: Filter = ALL, limit: int = 3, offset: int = 0) -> list[str]:
    lines = journal.lines(seen(*points), tally(*points), only, limit=limit, offset=offset, at=NOW)
    return [f"{line.at:%d %H:%M}" for line in lines]


def test_pages_of_many_days_follow_each_other():
    for n in range(1, 6):
        happen(*((f"2026-11-{n:02} {h:02}:00:00", 3, 68) for h in range(n)))
    pages = [told(1, limit=4, offset=offset) for offset in range(0, 20, 4)]

    assert [len(page) for page in pages] == [4, 4, 4, 3, 0]
    whole = [one for page in pages for one in page]
    assert whole == sorted(whole, reverse=True)
    assert len(set(whole)) == 15


def test_a_page_of_a_filter_holds_that_alone():
    happen(("2026-11-10 01:00:00", 2, 1), ("2026-11-11 02:00:00", 3, 68),
           ("2026-11-12 03:00:00", 2, 1))  # fmt: skip

    assert told(1, only=Filter(categories={Category.POWER})) == ["12 03:00", "10 01:00"]
    assert told(1, only=Filter(categories={Category.RELAY})) == []


class TestDevicesAbove:
    def world(self):
        station = make_node("ТП-214")
        point = make_point(make_node("Дом", parent=station))
        happen(("2026-11-12 10:00:00", 3, 68), point=point.pk)
        services.record_devices(
            [
                services.DeviceEvent(
                    Device.CONCENTRATOR, "УСПД-1", day(12) + timedelta(hours=hour), 1002, code,
                    node=station.pk,
                )
                for hour, code in ((9, 5), (11, 6))
            ],
            source=0, at=AT,
        )  # fmt: skip
        return point

    def test_they_stand_among_the_others_with_their_name_and_place(self):
        point = self.world()
        windows = seen(point.pk)
        found = journal.tally(windows, NOVEMBER, MOSCOW)
        lines = journal.lines(windows, found, ALL, limit=9, at=NOW)

        assert [(line.usage_point, line.name) for line in lines] == [
            (0, "УСПД-1"), (point.pk, ""), (0, "УСПД-1"),
        ]  # fmt: skip
        assert {line.place for line in lines} == {"ТП-214", ""}
        assert lines[-1].lasted == timedelta(hours=2)
        assert journal.facets(found.groups, ALL).devices == {
            Device.CONCENTRATOR: 2, Device.METER: 1,
        }  # fmt: skip

    def test_with_the_paths_it_is_a_query_less(self, django_assert_num_queries):
        point = self.world()
        windows, paths = seen(point.pk), {point.pk: point.node.path}
        with django_assert_num_queries(2):
            found = journal.tally(windows, NOVEMBER, MOSCOW, paths)
        assert found.total() == 3
        with django_assert_num_queries(1):
            assert len(journal.lines(windows, found, ALL, limit=9, at=NOW)) == 3


class TestWhatGoesOn:
    def line(self, *events, windows=None, at=NOW):
        happen(*events)
        windows = windows or seen(1, period=Period(day(1), at))
        found = journal.tally(windows, NOVEMBER, MOSCOW, {1: ""})
        return journal.lines(windows, found, ALL, limit=9, at=at)[-1]

    def test_a_state_without_an_end_goes_on(self):
        line = self.line(("2026-11-20 10:00:00", 2, 1))
        assert (line.goes_on, line.lasted) == (True, None)

    def test_one_with_an_end_does_not(self):
        line = self.line(("2026-11-20 10:00:00", 2, 1), ("2026-11-20 11:00:00", 2, 2))
        assert (line.goes_on, line.lasted) == (False, timedelta(hours=1))

    def test_what_begins_no_state_does_not(self):
        assert not self.line(("2026-11-20 10:00:00", 3, 68)).goes_on

    def test_who_reads_no_longer_is_not_told_that_it_goes_on(self):
        former = seen(1, period=Period(day(1), day(21)))
        assert not self.line(("2026-11-20 10:00:00", 2, 1), windows=former).goes_on
