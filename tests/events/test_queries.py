"""Events out: clipped to windows, counted by days of the points, with how long they lasted."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.utils import translation

from faza.core.periods import Period
from faza.core.windows import Window, Windows
from faza.events import queries, services
from faza.events.kinds import Category, Device, Importance
from faza.events.models import EndDeviceEvent
from faza.events.queries import Filter
from tests.events.factories import AT, happen
from tests.metering.factories import make_node, make_point

pytestmark = pytest.mark.django_db
MOSCOW = "Europe/Moscow"


def day(number: int, month: int = 11) -> datetime:
    return datetime(2026, month, number, tzinfo=UTC)


NOVEMBER = Period(day(1), day(1, 12))


def seen(*points: int, period: Period = NOVEMBER, zone: str = MOSCOW) -> Windows:
    return Windows.merged(Window(point, zone, period) for point in points)


def told(found) -> list[tuple]:
    return [(e.usage_point, f"{e.at:%d %H:%M:%S}", e.kind.journal, e.kind.code) for e in found]


def test_events_are_clipped_to_windows_and_period_half_open():
    happen(("2026-11-10 00:00:00", 2, 1), ("2026-11-20 00:00:00", 2, 2), point=1)
    happen(("2026-11-15 00:00:00", 2, 1), point=2)
    narrow = seen(1, period=Period(day(10), day(20)))

    assert told(queries.events(narrow, NOVEMBER, limit=9)) == [(1, "10 00:00:00", 2, 1)]
    assert queries.events(narrow, Period(day(11), day(12)), limit=9) == []
    assert queries.events(Windows(()), NOVEMBER, limit=9) == []
    assert queries.counts(narrow, NOVEMBER).total == 1
    both = queries.events(seen(1, 2), NOVEMBER, limit=9)
    assert [e.usage_point for e in both] == [1, 2, 1]


def test_an_edge_inside_a_second_lets_in_what_is_in_it():
    happen(("2026-11-10 00:00:00", 2, 1))
    half = timedelta(microseconds=500_000)
    before = seen(1, period=Period(day(9), day(10) + half))
    after = seen(1, period=Period(day(10) + half, day(11)))
    assert queries.counts(before, NOVEMBER).total == 1
    assert queries.counts(after, NOVEMBER).total == 0


def test_pages_follow_each_other():
    happen(*((f"2026-11-10 00:00:{s:02}", 2, 1) for s in range(5)))
    pages = [queries.events(seen(1), NOVEMBER, limit=2, offset=o) for o in (0, 2, 4)]
    assert [e.at.second for page in pages for e in page] == [4, 3, 2, 1, 0]


def test_filters_by_category_importance_device_and_words():
    happen(("2026-11-10 01:00:00", 2, 1), ("2026-11-10 02:00:00", 3, 68),
           ("2026-11-10 03:00:00", 1001, 2), ("2026-11-10 04:00:00", 17, 5))  # fmt: skip

    def codes(**only):
        return [e.kind.journal for e in queries.events(seen(1), NOVEMBER, Filter(**only), limit=9)]

    assert codes() == [17, 1001, 3, 2]
    assert codes(categories={Category.TIME}) == [3]
    assert codes(importances={Importance.ALARM}) == [2]
    assert codes(devices={Device.MODEM}) == [1001]
    assert codes(devices={Device.METER}, importances={Importance.INFO}) == [3]
    with translation.override("ru"):
        assert codes(text="ПЕРЕЗАГРУЖЕН") == [1001]
    assert codes(text="no such words") == []


def test_counts_are_by_the_days_of_the_points():
    happen(("2026-11-10 20:59:59", 2, 1), ("2026-11-10 21:00:00", 2, 2), point=1)
    happen(("2026-11-10 20:59:59", 3, 68), point=2)
    windows = Windows.merged([*seen(1), *seen(2, zone="Asia/Yekaterinburg")])
    found = queries.counts(windows, NOVEMBER)

    assert found.total == 3
    assert found.by_category == {Category.POWER: 2, Category.TIME: 1}
    assert found.by_importance == {Importance.ALARM: 1, Importance.INFO: 2}
    assert found.by_device == {Device.METER: 3}
    assert found.by_day == {
        date(2026, 11, 10): {Importance.ALARM: 1},
        date(2026, 11, 11): {Importance.INFO: 2},
    }
    only = queries.counts(windows, NOVEMBER, Filter(categories={Category.TIME}))
    assert (only.total, list(only.by_day)) == (1, [date(2026, 11, 11)])


def test_a_state_lasts_until_the_nearest_end_of_the_same_meter():
    happen(("2026-11-17 15:40:02", 2, 1), ("2026-11-17 15:46:20", 2, 2),
           ("2026-11-18 15:46:20", 2, 2))  # fmt: skip
    happen(("2026-11-17 15:41:00", 2, 1), meter=2)
    first, second = (
        e for e in reversed(queries.events(seen(1), NOVEMBER, limit=9)) if e.kind.code == 1
    )
    assert first.lasted == timedelta(minutes=6, seconds=18)
    assert second.lasted is None


def test_an_end_that_is_not_the_readers_is_not_told():
    happen(("2026-11-17 15:40:02", 2, 1), ("2026-11-21 15:46:20", 2, 2))
    [event] = queries.events(seen(1, period=Period(day(1), day(20))), NOVEMBER, limit=9)
    assert event.lasted is None


def test_an_end_after_the_period_but_in_the_window_is_told():
    happen(("2026-11-17 15:40:02", 2, 1), ("2026-11-21 15:40:02", 2, 2))
    [event] = queries.events(seen(1), Period(day(17), day(18)), limit=9)
    assert event.lasted == timedelta(days=4)


def test_as_many_queries_for_many_points_as_for_one(django_assert_num_queries):
    for point in range(1, 30):
        happen(("2026-11-17 15:40:02", 2, 1), ("2026-11-17 15:40:03", 2, 2), point=point)
    for points in ([1], range(1, 30)):
        with django_assert_num_queries(3):
            assert queries.events(seen(*points), NOVEMBER, limit=100)
        with django_assert_num_queries(1):
            assert queries.counts(seen(*points), NOVEMBER).total == 2 * len(points)


class TestDoubt:
    PERIOD = Period(day(10), day(20))

    def stretches(self, *points: int, period: Period = PERIOD):
        found = queries.doubtful_stretches(points or [1], period)
        return {
            point: [(d.meter, f"{d.period.start:%d %H:%M:%S}", f"{d.period.end:%d %H:%M:%S}")
                    for d in several]
            for point, several in found.items()
        }  # fmt: skip

    def test_a_field_and_a_failure_cast_doubt_from_begin_to_end(self):
        happen(("2026-11-12 10:00:00", 4, 1), ("2026-11-12 11:00:00", 4, 2))
        happen(("2026-11-13 10:00:00", 7, 11), ("2026-11-13 11:00:00", 7, 12), point=2, meter=9)
        assert self.stretches(1, 2, 3) == {
            1: [(1, "12 10:00:00", "12 11:00:01")],
            2: [(9, "13 10:00:00", "13 11:00:01")],
        }

    def test_what_began_before_the_period_and_what_has_not_ended_counts_in_it(self):
        happen(("2025-01-01 00:00:00", 7, 2), ("2026-11-11 00:00:00", 7, 3),
               ("2026-11-19 00:00:00", 4, 6), ("2026-11-21 00:00:00", 4, 7))  # fmt: skip
        assert self.stretches() == {
            1: [(1, "10 00:00:00", "11 00:00:01"), (1, "19 00:00:00", "20 00:00:00")]
        }

    def test_an_opened_cover_until_the_seals_are_set_a_day_at_most(self):
        happen(("2026-11-11 10:00:00", 4, 3), ("2026-11-11 12:00:00", 3, 143),
               ("2026-11-15 10:00:00", 4, 4))  # fmt: skip
        assert self.stretches() == {
            1: [(1, "11 10:00:00", "11 12:00:01"), (1, "15 10:00:00", "16 10:00:00")]
        }

    def test_the_end_of_another_meter_ends_nothing(self):
        happen(("2026-11-18 10:00:00", 4, 1))
        happen(("2026-11-18 11:00:00", 4, 2), meter=2)
        assert self.stretches() == {1: [(1, "18 10:00:00", "20 00:00:00")]}

    def test_other_events_cast_none(self):
        happen(("2026-11-12 10:00:00", 2, 1), ("2026-11-12 10:00:00", 7, 9))
        assert self.stretches() == {}
        assert queries.doubtful_stretches([], self.PERIOD) == {}


def test_urgent_events_are_found_by_their_own_index():
    happen(("2026-11-10 01:00:00", 2, 1), ("2026-11-10 02:00:00", 3, 68),
           ("2026-11-10 03:00:00", 1003, 1))  # fmt: skip
    rows = EndDeviceEvent.objects.of_points([1]).within(NOVEMBER).urgent().newest()
    assert [row.journal for row in rows] == [1003, 2]
    assert [r.journal for r in EndDeviceEvent.objects.urgent(Importance.ALARM)] == [2]


@pytest.mark.parametrize("question", ["urgent", "doubts"])
def test_partial_indexes_are_used(question):
    """The conditions of questions are those of the indexes, or neither engine would take them."""
    from faza.events import store

    happen(*((f"2026-11-10 00:{m:02}:00", 2, 2) for m in range(60)))
    asked = []

    def wrapper(execute, sql, params, many, context):
        asked.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(wrapper):
        if question == "urgent":
            list(EndDeviceEvent.objects.urgent().newest()[:10])
        else:
            store.doubted([1, 2, 3], 2_000_000_000)
    sql, params = asked[-1]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
            plan = json.dumps(cursor.fetchall())
        else:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
            plan = str(cursor.fetchall())
    assert f"event_{question}" in plan


def test_events_of_devices_are_seen_by_those_whom_they_serve():
    station = make_node("ТП-214")
    house = make_node("Дом", parent=station)
    point, other = make_point(house), make_point()
    events = [
        services.DeviceEvent(Device.CONCENTRATOR, "УСПД-1", day(12), 1002, 2, node=station.pk),
        services.DeviceEvent(Device.CONCENTRATOR, "УСПД-1", day(22), 1002, 2, node=station.pk),
        services.DeviceEvent(Device.SYSTEM, "collector", day(12), 1003, 1),
    ]
    services.record_devices(events, source=0, at=AT)

    windows = seen(point.pk, period=Period(day(1), day(20)))
    assert [row.at for row in queries.system_events(windows, NOVEMBER)] == [day(12)]
    assert queries.system_events(seen(other.pk), NOVEMBER) == []
