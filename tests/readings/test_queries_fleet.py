"""Completeness, the last values and sums over many points."""

from datetime import date, timedelta

import numpy as np
import pytest

from faza.core.periods import ALWAYS, FOREVER, Period, start_of_day
from faza.core.quality import Quality
from faza.core.windows import Window, Windows
from faza.readings import queries, services
from faza.readings.blocks import BlockBatch
from faza.readings.models import Provenance
from tests.readings.factories import AT, DAY, day_of, deliver, full, make_point
from tests.readings.test_queries import BERLIN, END, FIRST, MOSCOW, VLADIVOSTOK, A, R, put, whole

pytestmark = pytest.mark.django_db


def midnight(day, zone=MOSCOW):
    return start_of_day(day, zone)


class TestCompleteness:
    def test_missing_days_and_intervals_are_counted(self):
        point = make_point(zone=MOSCOW)
        put(point, FIRST, 10, absent=[1, 2])
        put(point, date(2026, 3, 20), 1, quality=Quality.INTERPOLATED)

        found = queries.completeness(whole(point), [A, R], FIRST, END)

        assert found.reading_types.tolist() == [A, R]
        assert found.expected.tolist() == [31 * 48] * 2
        assert found.present.tolist() == [11 * 48 - 2, 0]
        assert found.estimated.tolist() == [48, 0]
        assert found.share[1] == 0

    def test_nothing_expected_is_no_share(self):
        found = queries.completeness(
            whole(make_point()), [A], FIRST, END, until=midnight(date(2026, 2, 1))
        )

        assert len(found.share) == 0


class TestLatest:
    def test_the_end_of_the_last_present_interval(self):
        point = make_point(zone=MOSCOW)
        put(point, FIRST, 3, absent=range(143, 144))

        found = queries.latest(whole(point), [A], before=midnight(date(2026, 3, 4)))

        assert found.ends.tolist() == [int(midnight(date(2026, 3, 4)).timestamp()) - 1800]

    def test_what_ends_after_the_moment_does_not_count(self):
        point = make_point(zone=MOSCOW)
        put(point, FIRST, 3)
        before = midnight(FIRST) + timedelta(hours=5, minutes=10)

        found = queries.latest(whole(point), [A], before=before)

        assert found.ends[0] == (before - timedelta(minutes=10)).timestamp()

    def test_who_fell_silent_is_looked_for_further_back(self):
        silent, talking = make_point("P1"), make_point("P2")
        put(silent, FIRST, 1)
        put(talking, FIRST, 20)
        before = midnight(date(2026, 3, 21))

        found = queries.latest(whole(silent, talking), [A], before=before)
        too_far = queries.latest(
            whole(silent, talking), [A], before=before, within=timedelta(days=3)
        )

        assert found.ends.tolist() == [midnight(date(2026, 3, 2)).timestamp(), before.timestamp()]
        assert too_far.ends.tolist() == [0, before.timestamp()]

    def test_who_left_sees_the_last_of_the_own_time(self):
        point = make_point()
        put(point, FIRST, 20)
        left = midnight(date(2026, 3, 5)) + timedelta(minutes=45)
        windows = Windows((Window(point.pk, MOSCOW, Period(ALWAYS, left)),))

        found = queries.latest(windows, [A], before=midnight(date(2026, 3, 21)))

        assert found.ends[0] == (left - timedelta(minutes=15)).timestamp()


class TestDayTotals:
    def windows(self) -> Windows:
        full, far, part = make_point("P1"), make_point("P2", BERLIN), make_point("P3")
        put(full, FIRST, 31, value=2, absent=[0])
        put(far, FIRST, 10, value=3, zone=BERLIN)
        put(part, FIRST, 31, value=np.arange(31 * 48) % 7)
        half = Period(ALWAYS, midnight(date(2026, 3, 5)) + timedelta(hours=7, minutes=20))
        return Windows.merged(
            [
                Window(full.pk, MOSCOW, Period(ALWAYS, FOREVER)),
                Window(far.pk, BERLIN, Period(ALWAYS, FOREVER)),
                Window(part.pk, MOSCOW, half),
            ]
        )

    @pytest.mark.parametrize("until", [None, midnight(date(2026, 3, 4)) + timedelta(hours=2)])
    def test_they_are_the_sums_of_the_points(self, until):
        windows = self.windows()

        found = queries.day_totals(windows, [A], FIRST, END, until=until)
        parts = queries.consumption(windows, [A], FIRST, END, "day", until=until)

        assert found.total[0].tolist() == parts.total.sum(axis=0).tolist()
        assert found.n_expected[0].tolist() == parts.n_expected.sum(axis=0).tolist()
        assert found.n_missing[0].tolist() == parts.n_missing.sum(axis=0).tolist()
        assert found.n_points[0].tolist() == (parts.n_present > 0).sum(axis=0).tolist()

    def test_no_points_are_zeros(self):
        found = queries.day_totals(Windows(()), [A], FIRST, END)

        assert found.total.tolist() == [[0] * 31]


def test_channels_that_have_days_are_listed():
    point, other = make_point("P1"), make_point("P2", VLADIVOSTOK)
    put(point, FIRST, 1, kind=R)
    put(point, FIRST, 1)
    windows = Windows.merged([*whole(point), *whole(other, zone=VLADIVOSTOK)])

    assert queries.reading_types_of(windows, FIRST, END) == {point.pk: (A, R)}
    assert queries.reading_types_of(windows, date(2026, 5, 1), date(2026, 6, 1)) == {}


def test_a_channel_that_was_only_estimated_since_is_as_silent_as_before():
    point = make_point()
    deliver(day_of(point.pk, full(1, 2, rest=None)))
    source = services.get_source("estimate")
    codes = [Quality.ESTIMATED_BY_DAY] * 24
    days = [day_of(point.pk, [3] * 24, codes, start=DAY + timedelta(days=n)) for n in range(2)]
    guessed = BlockBatch.concatenate(days)
    services.amend(guessed, layer=Provenance.Layer.ESTIMATE, source=source, at=AT)
    end = DAY + timedelta(days=9)
    windows = Windows((Window(point.pk, "UTC", Period(DAY, end)),))
    told = queries.latest(windows, [1], before=end)

    assert told.ends.tolist() == [int(DAY.timestamp()) + 2 * 3600]
