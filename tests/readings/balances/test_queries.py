"""Balances from the store: aligned by the hour, ranked by days, never of what is out of reach."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest

from faza.core.periods import ALWAYS, Period
from faza.core.windows import Window, Windows
from faza.metering.balances import Loss, Scheme
from faza.metering.rules import Sides
from faza.readings.balances import queries
from tests.readings.factories import day_of, deliver, make_point

pytestmark = pytest.mark.django_db

FIRST = date(2026, 3, 2)
AT = datetime(2026, 3, 20, tzinfo=UTC)
DAY = timedelta(days=1)


def start(day: date = FIRST) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def hours(point, values, day=FIRST, channel=1, zone="UTC"):
    begin = datetime.fromisoformat(f"{day}T00:00:00+00:00") if zone == "UTC" else start(day)
    batch = day_of(point, values, start=begin, channel=channel, zone=zone)
    deliver(batch, content=f"{point} {channel} {day}".encode())


def windows(*points, zone="UTC") -> Windows:
    return Windows.merged(Window(point, zone, Period(ALWAYS, AT)) for point in points)


@pytest.fixture
def points():
    return [make_point(f"P{n}").pk for n in range(3)]


def scheme(points, **more) -> Scheme:
    return Scheme(1, Sides((points[0],), tuple(points[1:])), **more)


def told(seen, held, days=1, by="hour", zone="UTC"):
    return queries.told_of(seen, [held], FIRST, FIRST + DAY * days, zone, by, until=AT)


def one(seen, held, **asked):
    found = told(seen, held, **asked)
    return queries.balance(found, held, np.array([0]), np.array([len(found.flows.starts)]))


class TestFlows:
    def test_only_hours_known_at_all_points_count(self, points):
        hours(points[0], [100] * 24)
        hours(points[1], [60] * 24)
        hours(points[2], [30] * 20 + [None] * 4)
        found, parts = one(windows(*points), scheme(points, least_complete=Decimal(50)))

        assert found.received.tolist() == [2000]
        assert found.imbalance.tolist() == [200]
        assert found.share[0] == pytest.approx(20 / 24)
        assert parts.complete[:, 0] == pytest.approx([1, 1, 20 / 24])

    def test_by_days_such_a_day_does_not_count_at_all(self, points):
        hours(points[0], [100] * 24)
        hours(points[1], [60] * 24)
        hours(points[2], [30] * 20 + [None] * 4)
        found, _ = one(windows(*points), scheme(points), by="day")

        assert found.counted.tolist() == [0]

    def test_export_counts_where_a_point_tells_it(self, points):
        hours(points[0], [100] * 24)
        for point in points[1:]:
            hours(point, [50] * 24)
        hours(points[2], [10] * 23 + [None], channel=2)
        found, _ = one(windows(*points), scheme(points))

        assert found.counted.tolist() == [23]
        assert found.received.tolist() == [2300 + 230]
        assert found.released.tolist() == [2300]

    def test_a_point_without_a_window_makes_it_impossible(self, points):
        for point in points:
            hours(point, [10] * 24)
        found, parts = one(windows(*points[:2]), scheme(points))

        assert found.counted.tolist() == [0]
        assert parts.forth.sum() == 0

    def test_points_of_two_zones_meet_in_the_same_hours(self, points):
        east = make_point("E", zone="Asia/Yekaterinburg").pk
        for day in (FIRST, FIRST + DAY):
            hours(points[0], list(range(24)), day)
        for day in (FIRST, FIRST + DAY):
            begin = datetime.combine(day, datetime.min.time(), UTC) - timedelta(hours=5)
            # The same energy at the same moments, cut into days of five hours earlier.
            values = [(n - 5) % 24 for n in range(24)]
            deliver(day_of(east, values, start=begin, zone="Asia/Yekaterinburg"),
                    content=f"E {day}".encode())  # fmt: skip
        seen = Windows.merged([*windows(points[0]), *windows(east, zone="Asia/Yekaterinburg")])
        found, _ = one(seen, scheme([points[0], east]))

        assert found.counted.tolist() == [24]
        assert found.imbalance.tolist() == [0]

    def test_what_has_not_come_yet_is_no_gap(self, points):
        for point in points:
            hours(point, [10] * 12 + [None] * 12)
        until = start() + timedelta(hours=12)
        found = queries.told_of(
            windows(*points), [scheme(points)], FIRST, FIRST + DAY, "UTC", "hour", until=until
        )
        balances, _ = queries.balance(found, scheme(points), np.array([0]), np.array([24]))

        assert balances.share.tolist() == [1.0]

    def test_nobody_s_windows_give_nothing(self, points):
        hours(points[0], [10] * 24)
        found, _ = one(Windows(()), scheme(points))

        assert found.received.tolist() == [0]


class TestSeries:
    def test_each_day_is_by_the_group_that_held(self, points):
        for day in (FIRST, FIRST + DAY):
            hours(points[0], [100] * 24, day)
            hours(points[1], [60] * 24, day)
            hours(points[2], [30] * 24, day)
        change = start(FIRST + DAY)
        held = [
            Scheme(1, Sides((points[0],), (points[1],)), group=1, period=Period(ALWAYS, change)),
            scheme(points, group=2, period=Period(change, AT)),
        ]
        found = queries.told_of(
            windows(*points), held, FIRST, FIRST + DAY * 2, "UTC", "hour", until=AT
        )
        days = queries.series(found, held, np.array([0, 24]), np.array([24, 48]))

        assert days.imbalance.tolist() == [40 * 24, 10 * 24]

    def test_a_stretch_reaches_back_to_where_its_group_begins(self, points):
        for day in (FIRST, FIRST + DAY):
            for point in points:
                hours(point, [10] * 24, day)
        held = [scheme(points, group=2, period=Period(start(FIRST + DAY), AT))]
        found = queries.told_of(
            windows(*points), held, FIRST, FIRST + DAY * 2, "UTC", "hour", until=AT
        )
        both = queries.series(found, held, np.array([0]), np.array([48]))

        assert both.expected.tolist() == [24]

    def test_without_a_group_nothing_is_told(self, points):
        held = [scheme(points, group=2, period=Period(AT, AT + DAY))]
        found = queries.told_of(windows(*points), held, FIRST, FIRST + DAY, "UTC", "hour", until=AT)
        days = queries.series(found, held, np.array([0]), np.array([24]))

        assert not days.counts.any()


def test_months_are_those_of_the_zone():
    # 21:00 UTC of 31 March is April in Moscow.
    starts = np.array(
        [int(datetime(2026, 3, 31, hour, tzinfo=UTC).timestamp()) for hour in (20, 21)]
    )
    assert queries.months_of(starts, "Europe/Moscow").tolist() == [3, 4]
    assert queries.months_of(starts[:0], "UTC").tolist() == []


class TestRanked:
    def nodes(self, points, losses=()):
        """Node 1 loses a tenth, node 2 nothing, node 3 has a gap all day, node 4 for two hours."""
        made = []
        for node, (out, gap) in enumerate([(90, 0), (100, 0), (100, 24), (80, 2)], 1):
            inlet, flat = make_point(f"I{node}").pk, make_point(f"O{node}").pk
            hours(inlet, [100] * 24)
            hours(flat, [out] * (24 - gap) + [None] * gap)
            made.append(Scheme(node, Sides((inlet,), (flat,)), losses=losses))
        return made

    def test_the_worst_is_first_and_what_is_not_judged_last(self, points):
        schemes = self.nodes(points)
        seen = windows(*(point for one in schemes for point in one.points))
        found = queries.ranked(seen, schemes, FIRST, FIRST + DAY, until=AT)

        # Node 4 is not whole by days: its 22 hours are asked for.
        assert [one.scheme.node for one in found] == [4, 1, 2, 3]
        assert found[0].balance.percent.tolist() == [20.0]
        assert found[0].balance.share[0] == pytest.approx(22 / 24)
        assert not found[-1].balance.counts[0]

    def test_points_out_of_reach_are_counted(self, points):
        schemes = self.nodes(points)
        seen = windows(*(one.points[0] for one in schemes))
        found = queries.ranked(seen, schemes, FIRST, FIRST + DAY, until=AT)

        assert [one.hidden for one in found] == [1] * 4
        assert not any(one.balance.counts[0] for one in found)

    def test_losses_by_load_are_those_of_the_hours(self, points):
        load = (Loss("Т-1", "load", 10, 100, ()),)
        inlet, flat = points[:2]
        values = [90] * 12 + [0] * 12
        hours(inlet, values)
        hours(flat, values)
        asked = Scheme(1, Sides((inlet,), (flat,)), losses=load)
        found = queries.ranked(windows(inlet, flat), [asked], FIRST, FIRST + DAY, until=AT)

        # 90 W at cos φ 0.9 are the rated 100 VA: 10 W for twelve hours.
        assert found[0].balance.losses.tolist() == [120]

    def test_questions_do_not_grow_with_places(self, points, django_assert_max_num_queries):
        schemes = self.nodes(points)
        seen = windows(*(point for one in schemes for point in one.points))
        with django_assert_max_num_queries(18):
            queries.ranked(seen, schemes, FIRST, FIRST + DAY, until=AT)
