"""A meter comes and goes with what it shows; ratios are set anew only where nothing was read."""

from fractions import Fraction

import pytest

from faza.audit.models import Entry
from faza.metering import services as metering
from faza.metering.models import MeteringComplex
from faza.readings import installation, services
from faza.readings.replacement import ReadAfterwards
from tests.readings.factories import make_point
from tests.readings.meters import AT, Kind, day, make_meter, put_in, read, stored

pytestmark = pytest.mark.django_db


@pytest.fixture
def point():
    return make_point()


def install(point, meter, *, opening, **fields):
    return installation.install_meter(
        usage_point=point, meter=meter, installed_at=day(1), opening=opening,
        source=services.get_source("manual"), at=AT, **fields,
    )  # fmt: skip


def take_away(installed, *, at, closing):
    return installation.take_away(
        installed=installed, removed_at=at, closing=closing,
        source=services.get_source("manual"), at=AT,
    )  # fmt: skip


class TestInstallMeter:
    def test_the_complex_and_the_opening_reading_are_written(self, point):
        opened = install(point, make_meter(), opening={0: 20, 1: 15}, ct=Fraction(40))

        assert (opened.valid_from, opened.ratio) == (day(1), 40)
        assert stored() == [(day(1), Kind.OPENING, {0: 20, 1: 15})]

    def test_without_a_reading_none_is_written(self, point):
        install(point, make_meter(), opening={})
        assert stored() == []

    def test_nothing_is_written_where_another_stands(self, point):
        put_in(point, make_meter("1"))

        with pytest.raises(metering.AnotherInstalled):
            install(point, make_meter("2"), opening={0: 20})
        assert (MeteringComplex.objects.count(), stored()) == (1, [])


class TestTakeAway:
    def test_the_complex_ends_with_the_closing_reading(self, point):
        installed = put_in(point, make_meter())

        take_away(installed, at=day(10), closing={0: 1500})
        take_away(installed, at=day(10), closing={0: 1500})

        assert MeteringComplex.objects.get().valid_to == day(10)
        assert stored() == [(day(10), Kind.CLOSING, {0: 1500})]

    def test_not_before_what_was_read(self, point):
        meter = make_meter()
        installed = put_in(point, meter)
        read(point, meter, day(12), 1600)

        with pytest.raises(ReadAfterwards):
            take_away(installed, at=day(10), closing={0: 1500})
        assert MeteringComplex.objects.get().valid_to is None


class TestCorrectRatios:
    def correct(self, installed, ct):
        return installation.correct_ratios(
            installed=installed, ct=Fraction(ct), vt=Fraction(1), at=AT
        )

    def test_before_the_first_reading_they_are_simply_set(self, point):
        installed = put_in(point, make_meter(), ct=40)

        assert self.correct(installed, 60).ratio == 60
        entry = Entry.objects.get(action="metering.complex.changed")
        assert (entry.before, entry.after) == ({"ct": "40"}, {"ct": "60"})

    def test_after_it_they_stand(self, point):
        meter = make_meter()
        installed = put_in(point, meter, ct=40)
        read(point, meter, day(2), 100)

        with pytest.raises(installation.HasReadings):
            self.correct(installed, 60)
        installed.refresh_from_db()
        assert installed.ratio == 40

    def test_readings_of_another_meter_do_not_matter(self, point):
        old, new = make_meter("1"), make_meter("2")
        put_in(point, old, to=day(5))
        read(point, old, day(2), 100)
        installed = put_in(point, new, since=day(5), ct=40)

        assert self.correct(installed, 60).ratio == 60

    def test_nothing_changed_leaves_no_entry(self, point):
        meter = make_meter()
        installed = put_in(point, meter, ct=40)
        read(point, meter, day(2), 100)

        self.correct(installed, 40)
        assert not Entry.objects.filter(action="metering.complex.changed").exists()
