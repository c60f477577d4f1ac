"""Profiles and consumption: windows clip exactly, missing is never zero, parts make the whole."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from faza.core.periods import ALWAYS, FOREVER, Period, start_of_day
from faza.core.quality import Quality
from faza.core.windows import Window, Windows
from faza.readings import queries
from faza.readings.blocks import BlockBatch
from tests.readings.factories import deliver, make_point

pytestmark = pytest.mark.django_db

MOSCOW, BERLIN, VLADIVOSTOK = "Europe/Moscow", "Europe/Berlin", "Asia/Vladivostok"
A, R, U = 1, 3, 10
FIRST, END = date(2026, 3, 1), date(2026, 4, 1)


def whole(*points, zone=MOSCOW) -> Windows:
    return Windows.merged(Window(point.pk, zone, Period(ALWAYS, FOREVER)) for point in points)


def put(point, first, days, *, value=1, kind=A, interval=30, zone=MOSCOW, quality=0, absent=()):
    """Store days of one value; `absent` are numbers of intervals without one."""
    start, end = (start_of_day(first + timedelta(days=n), zone) for n in (0, days))
    count = (end - start) // timedelta(minutes=interval)
    codes = np.full(count, quality, np.uint8)
    codes[list(absent)] = Quality.MISSING
    values = np.full(count, value) if np.isscalar(value) else np.asarray(value)[:count]
    deliver(
        BlockBatch.from_series(
            usage_points=[point.pk], reading_types=[kind], start=start, interval=interval,
            values=[values], quality=[codes], zone=zone,
        )
    )  # fmt: skip


def days(first, end, zone=MOSCOW) -> Period:
    return Period.of_days(first, end, zone)


class TestProfiles:
    def test_values_stand_at_their_moments(self):
        point = make_point(zone=MOSCOW)
        put(point, FIRST, 2, value=np.arange(96))

        (profile,) = queries.profiles(whole(point), [A], days(FIRST, date(2026, 3, 3)))

        assert profile.values.tolist() == list(range(96))
        assert profile.starts[0] == start_of_day(FIRST, MOSCOW).timestamp()
        assert set(np.diff(profile.starts)) == {1800}
        assert set(profile.minutes) == {30}
        assert (profile.n_expected, profile.n_missing, profile.completeness) == (96, 0, 1)

    def test_a_day_without_a_block_is_missing_not_zero(self):
        point = make_point(zone=MOSCOW)
        put(point, FIRST, 1, interval=60)
        put(point, date(2026, 3, 3), 1, interval=60, absent=[5])

        (profile,) = queries.profiles(whole(point), [A], days(FIRST, date(2026, 3, 4)))

        assert (profile.n_expected, profile.n_present, profile.n_missing) == (72, 47, 25)
        assert profile.total == 47
        assert (profile.quality[24:48] == Quality.MISSING).all()

    def test_nothing_stored_is_half_hours_missing(self):
        point = make_point(zone=MOSCOW)

        (profile,) = queries.profiles(whole(point), [A], days(FIRST, date(2026, 3, 2)))

        assert (profile.n_expected, profile.n_missing, profile.completeness) == (48, 48, 0)

    def test_the_grid_of_a_missing_day_is_that_of_the_nearest(self):
        point = make_point(zone=MOSCOW)
        put(point, FIRST, 1, interval=60)
        put(point, date(2026, 3, 5), 1, interval=30)

        (profile,) = queries.profiles(whole(point), [A], days(FIRST, date(2026, 3, 6)))

        assert profile.n_expected == 24 + 24 + 24 + 48 + 48
        assert profile.total == 24 + 48

    @pytest.mark.parametrize(("asked", "count"), [(5, 24), (8, 48), (13, 48), (70, 48)])
    def test_the_nearest_day_may_lie_out_of_the_answer(self, asked, count):
        point = make_point(zone=MOSCOW)
        put(point, FIRST, 1, interval=60)
        put(point, date(2026, 3, 12), 1, interval=30)
        day = FIRST + timedelta(days=asked)

        (profile,) = queries.profiles(whole(point), [A], days(day, day + timedelta(days=1)))
        sums = queries.consumption(whole(point), [A], day, day + timedelta(days=1), "day")

        assert (profile.n_expected, profile.n_missing) == (count, count)
        assert sums.n_expected.tolist() == [[count]]

    @pytest.mark.parametrize(
        ("zone", "day", "count"),
        [
            (MOSCOW, date(2010, 3, 28), 46),
            (MOSCOW, date(2010, 10, 31), 50),
            (BERLIN, date(2026, 3, 29), 46),
            (BERLIN, date(2026, 10, 25), 50),
            ("Asia/Magadan", date(2014, 10, 26), 52),
        ],
    )
    def test_days_on_which_clocks_change(self, zone, day, count):
        point = make_point(zone=zone)
        before = day - timedelta(days=1)
        put(point, before, 2, value=np.arange(200), zone=zone)

        (profile,) = queries.profiles(
            whole(point, zone=zone), [A], days(before, day + timedelta(days=2), zone)
        )

        assert profile.n_expected == 48 + count + 48
        assert profile.values[: 48 + count].tolist() == list(range(48 + count))
        assert set(np.diff(profile.starts)) == {1800}
        assert profile.n_missing == 48

    def test_a_window_clips_what_is_not_wholly_in_it(self):
        point = make_point(zone=MOSCOW)
        put(point, FIRST, 3, value=np.arange(144))
        start = start_of_day(FIRST, MOSCOW)
        inside = Period(start + timedelta(minutes=45), start + timedelta(hours=25, minutes=10))
        windows = Windows((Window(point.pk, MOSCOW, inside),))

        (profile,) = queries.profiles(windows, [A], days(FIRST, date(2026, 3, 4)))

        assert profile.values.tolist() == list(range(2, 50))

    def test_who_left_and_returned_has_two_profiles(self):
        point = make_point(zone=MOSCOW)
        put(point, FIRST, 3, value=np.arange(144))
        windows = Windows.merged(
            [
                Window(point.pk, MOSCOW, Period(ALWAYS, start_of_day(date(2026, 3, 2), MOSCOW))),
                Window(point.pk, MOSCOW, Period(start_of_day(date(2026, 3, 3), MOSCOW), FOREVER)),
            ]
        )

        left, returned = queries.profiles(windows, [A], days(FIRST, date(2026, 3, 4)))

        assert left.values.tolist() == list(range(48))
        assert returned.values.tolist() == list(range(96, 144))

    def test_what_has_not_arrived_is_not_missing(self):
        point = make_point(zone=MOSCOW)
        put(point, FIRST, 1)
        until = start_of_day(date(2026, 3, 2), MOSCOW) + timedelta(hours=1, minutes=10)

        (profile,) = queries.profiles(whole(point), [A], days(FIRST, END), until=until)

        assert (profile.n_expected, profile.n_missing) == (50, 2)

    def test_one_query_for_many_points_zones_and_types(self, django_assert_num_queries):
        near, far = make_point("P1", MOSCOW), make_point("P2", VLADIVOSTOK)
        put(near, FIRST, 2, value=5)
        put(far, FIRST, 2, value=7, zone=VLADIVOSTOK)
        put(far, FIRST, 2, value=9, kind=R, zone=VLADIVOSTOK)
        windows = Windows.merged(
            [
                Window(near.pk, MOSCOW, Period(ALWAYS, FOREVER)),
                Window(far.pk, VLADIVOSTOK, Period(ALWAYS, FOREVER)),
            ]
        )
        period = days(FIRST, date(2026, 3, 2))
        with django_assert_num_queries(2):  # the second: P1 has no day of R+
            found = queries.profiles(windows, [R, A], period)

        assert [(p.usage_point, p.reading_type) for p in found] == [
            (near.pk, A), (near.pk, R), (far.pk, A), (far.pk, R)
        ]  # fmt: skip
        assert [p.total for p in found] == [5 * 48, 0, 7 * 48, 9 * 48]
        assert [p.n_expected for p in found] == [48] * 4

    def test_a_period_without_bounds_is_refused(self):
        with pytest.raises(ValueError, match="bound the period"):
            queries.profiles(whole(make_point()), [A], Period(ALWAYS, FOREVER))

    def test_gaps_are_stretches_of_missing(self):
        point = make_point(zone=MOSCOW)
        put(point, FIRST, 1, absent=[0, 1, 10])
        start = int(start_of_day(FIRST, MOSCOW).timestamp())

        found = queries.gaps(whole(point), [A], FIRST, date(2026, 3, 3))

        assert [(gap.start - start, gap.end - start) for gap in found] == [
            (0, 3600), (18000, 19800), (86400, 172800)
        ]  # fmt: skip
        assert [gap.hours for gap in found] == [1, 0.5, 24]


class TestConsumption:
    def test_days_and_months_come_from_counters(self):
        point = make_point(zone=MOSCOW)
        values = np.ones(48 * 31, int)
        values[100] = 50
        put(point, date(2026, 1, 31), 31, value=values, absent=[3])

        by_day = queries.consumption(whole(point), [A], date(2026, 1, 30), FIRST, "day")
        by_month = queries.consumption(whole(point), [A], date(2026, 1, 1), END, "month")

        assert by_day.total[0, :4].tolist() == [0, 47, 48, 97]
        assert by_day.n_missing[0, :4].tolist() == [48, 1, 0, 0]
        assert by_day.peak[0, :4].tolist() == [0, 1, 1, 50]
        assert by_day.peak_minutes[0, :2].tolist() == [0, 30]
        assert by_month.labels.astype(str).tolist() == ["2026-01", "2026-02", "2026-03"]
        assert by_month.total.tolist() == [[47, 28 * 48 + 49, 2 * 48]]
        assert by_month.n_expected.tolist() == [[31 * 48, 28 * 48, 31 * 48]]
        assert str(by_month.peak_days[0, 1]) == "2026-02-02"
        assert by_month.starts[0, 1] == start_of_day(date(2026, 2, 1), MOSCOW).timestamp()

    @pytest.mark.parametrize(
        ("zone", "day", "hours"),
        [
            (MOSCOW, date(2010, 3, 28), 23),
            (MOSCOW, date(2010, 10, 31), 25),
            (BERLIN, date(2026, 3, 29), 23),
            (BERLIN, date(2026, 10, 25), 25),
        ],
    )
    def test_hours_of_the_days_on_which_clocks_change(self, zone, day, hours):
        point = make_point(zone=zone)
        put(point, day, 1, value=np.arange(50), zone=zone)

        found = queries.consumption(
            whole(point, zone=zone), [A], day, day + timedelta(days=1), "hour"
        )

        assert found.total[0].tolist() == [4 * n + 1 for n in range(hours)]
        assert set(np.diff(found.starts[0])) == {3600}
        local = [datetime.fromtimestamp(s, ZoneInfo(zone)) for s in found.starts[0].tolist()]
        assert [t.replace(tzinfo=None) for t in local] == found.labels.astype(object).tolist()
        assert found.n_expected[0].tolist() == [2] * hours

    def test_hours_of_several_zones_share_their_labels(self):
        steady, changing = make_point("P1", MOSCOW), make_point("P2", BERLIN)
        day = date(2026, 3, 29)
        put(steady, day, 1)
        put(changing, day, 1, zone=BERLIN)
        windows = Windows.merged([*whole(steady), *whole(changing, zone=BERLIN)])

        found = queries.consumption(windows, [A], day, date(2026, 3, 30), "hour")

        assert found.total.shape == (2, 24)
        assert found.total.tolist() == [[2] * 24, [2, 2, 0, *[2] * 21]]
        assert found.n_expected[1, 2] == 0
        assert found.starts[1, 2] == -1
        assert found.n_missing.sum() == 0

    def test_days_cut_by_a_window_are_clipped(self):
        point = make_point(zone=MOSCOW)
        put(point, FIRST, 3, value=np.arange(144))
        start = start_of_day(FIRST, MOSCOW)
        inside = Period(start + timedelta(hours=1, minutes=10), start + timedelta(hours=50))
        windows = Windows((Window(point.pk, MOSCOW, inside),))

        found = queries.consumption(windows, [A], FIRST, END, "day")

        assert found.total[0, :4].tolist() == [
            sum(range(3, 48)), sum(range(48, 96)), sum(range(96, 100)), 0
        ]  # fmt: skip
        assert found.n_expected[0, :4].tolist() == [45, 48, 4, 0]
        assert found.peak[0, :3].tolist() == [47, 95, 99]

    def test_two_windows_in_one_day_are_one_row(self):
        point = make_point(zone=MOSCOW)
        put(point, FIRST, 1, value=np.arange(48))
        start = start_of_day(FIRST, MOSCOW)
        windows = Windows(
            tuple(
                Window(
                    point.pk, MOSCOW, Period(start + timedelta(hours=a), start + timedelta(hours=b))
                )
                for a, b in [(1, 2), (4, 6)]
            )
        )

        found = queries.consumption(windows, [A], FIRST, date(2026, 3, 2), "day")

        assert found.total.tolist() == [[2 + 3 + 8 + 9 + 10 + 11]]
        assert found.n_expected.tolist() == [[6]]
        assert found.peak.tolist() == [[11]]

    def test_estimates_count_but_make_no_peak(self):
        point = make_point(zone=MOSCOW)
        put(point, FIRST, 1, value=3)
        put(point, date(2026, 3, 2), 1, value=90, quality=Quality.ESTIMATED_BY_DAY)

        for by in ("month", "hour"):
            found = queries.consumption(whole(point), [A], FIRST, date(2026, 3, 3), by)
            assert found.total.sum() == 93 * 48
            assert found.n_estimated.sum() == 48
            assert found.peak.max() == (3 if by == "month" else 3)

    def test_voltage_has_a_mean_and_extremes(self):
        point = make_point(zone=MOSCOW)
        put(point, FIRST, 1, kind=U, value=[2300, 2200, 2400, *[2300] * 45], absent=[10])

        found = queries.consumption(whole(point), [U], FIRST, date(2026, 3, 3), "day")

        assert found.mean[0, 0] == 2300
        assert np.isnan(found.mean[0, 1])
        assert (found.lowest[0, 0], found.peak[0, 0]) == (2200, 2400)
        assert found.n_missing.tolist() == [[1, 48]]

    def test_peaks_of_unlike_intervals_are_compared_by_power(self):
        point = make_point(zone=MOSCOW)
        put(point, FIRST, 1, value=50, interval=60)
        put(point, date(2026, 3, 2), 1, value=30, interval=30)

        found = queries.consumption(whole(point), [A], FIRST, END, "month")

        assert (found.peak[0, 0], found.peak_minutes[0, 0]) == (30, 30)
        assert found.n_expected[0, 0] == 24 + 30 * 48

    def test_no_window_is_no_row(self):
        found = queries.consumption(Windows(()), [A], FIRST, END, "day")

        assert found.total.shape == (0, 31)
        with pytest.raises(KeyError):
            found.row(1, A)


@st.composite
def archives(draw):
    """A zone, some days around a change of clocks, an interval, values and what is absent."""
    zone, day = draw(
        st.sampled_from(
            [(MOSCOW, date(2010, 10, 30)), (MOSCOW, date(2010, 3, 27)), (BERLIN, date(2026, 3, 27)),
             (VLADIVOSTOK, date(2026, 2, 26))]
        )
    )  # fmt: skip
    interval = draw(st.sampled_from([15, 30, 60]))
    seed = draw(st.integers(0, 2**32 - 1))
    stored = draw(st.lists(st.integers(0, 5), min_size=1, max_size=6, unique=True))
    edges = sorted(draw(st.lists(st.integers(0, 8 * 24 * 60), min_size=4, max_size=4, unique=True)))
    return zone, day, interval, seed, stored, edges


class TestLaws:
    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
    @given(archives())
    def test_the_answers_agree_with_a_count_by_hand(self, archive):
        zone, first, interval, seed, stored, edges = archive
        point = make_point(f"P{seed}-{datetime.now(UTC).timestamp()}", zone)
        random = np.random.default_rng(seed)
        for number in stored:
            put(
                point, first + timedelta(days=number), 1, interval=interval, zone=zone,
                value=random.integers(0, 300, 110), absent=random.integers(0, 20, 3),
            )  # fmt: skip
        end = first + timedelta(days=6)
        start = start_of_day(first, zone)
        cuts = [start + timedelta(minutes=minutes) for minutes in edges]
        windows = Windows(
            (Window(point.pk, zone, Period(*cuts[:2])), Window(point.pk, zone, Period(*cuts[2:])))
        )
        (all_of_it,) = queries.profiles(whole(point, zone=zone), [A], days(first, end, zone))
        inside = np.zeros(all_of_it.n_expected, bool)
        for a, b in (cuts[:2], cuts[2:]):
            inside |= (all_of_it.starts >= a.timestamp()) & (all_of_it.ends <= b.timestamp())

        parts = queries.profiles(windows, [A], days(first, end, zone))
        assert [s for p in parts for s in p.starts] == all_of_it.starts[inside].tolist()
        assert [v for p in parts for v in p.values] == all_of_it.values[inside].tolist()
        assert [q for p in parts for q in p.quality] == all_of_it.quality[inside].tolist()

        tz = ZoneInfo(zone)
        local = [datetime.fromtimestamp(int(s), tz) for s in all_of_it.starts]
        for by, form in (("hour", "%Y-%m-%dT%H %z"), ("day", "%Y-%m-%d"), ("month", "%Y-%m")):
            found = queries.consumption(windows, [A], first, end, by)
            if not len(found.total):
                assert not inside.any()
                continue
            label = np.array([moment.strftime(form) for moment in local])
            names, place = np.unique(label, return_inverse=True)
            order = np.argsort([all_of_it.starts[place == n][0] for n in range(len(names))])
            exists = found.starts[0] >= 0
            for array, of_cells in (
                (found.total, all_of_it.values),
                (found.n_expected, np.ones(len(local), int)),
                (found.n_missing, ~all_of_it.present),
            ):
                sums = np.array([of_cells[inside & (place == n)].sum() for n in order])
                assert array[0, exists].tolist() == sums.tolist(), by
            peaks = [
                max(all_of_it.values[inside & all_of_it.present & (place == n)], default=0)
                for n in order
            ]
            assert found.peak[0, exists].tolist() == peaks
