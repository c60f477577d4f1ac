"""Replacing a meter: one deed, told twice done once, and what is refused."""

from fractions import Fraction

import pytest

from faza.audit.models import Entry
from faza.core.periods import Period
from faza.metering import services as metering
from faza.metering.models import MeteringComplex
from faza.readings import replacement, services
from faza.readings.models import RegisterReading, UnassignedReading
from faza.readings.register_queries import register_consumption
from faza.readings.replacement import replace_meter
from tests.readings.factories import make_point
from tests.readings.meters import AT, Kind, day, make_meter, put_in, read, stored, window

pytestmark = pytest.mark.django_db
TENTH = day(10)


@pytest.fixture
def point():
    return make_point()


@pytest.fixture
def old(point):
    meter = make_meter("1")
    put_in(point, meter, ct=40)
    read(point, meter, day(0), 1000)
    return meter


@pytest.fixture
def new():
    return make_meter("2")


def replace(point, meter, *, at=TENTH, closing=1500, opening=7, ct=60):
    return replace_meter(
        usage_point=point, meter=meter, replaced_at=at, closing={0: closing},
        opening={0: opening}, source=services.get_source("manual"), at=AT, ct=Fraction(ct),
    )  # fmt: skip


def test_the_complex_both_readings_and_the_trail_are_written(point, old, new):
    done = replace(point, new)

    assert (done.closed.meter_id, done.closed.valid_to) == (old.pk, day(10))
    assert (done.opened.meter_id, done.opened.valid_from) == (new.pk, day(10))
    assert done.opened.ratio == 60
    assert stored()[1:] == [(day(10), Kind.CLOSING, {0: 1500}), (day(10), Kind.OPENING, {0: 7})]
    entry = Entry.objects.get(action="readings.meter.replaced")
    assert entry.before["shown"] == {"0": 1500}
    assert entry.after["meter"] == new.pk


def test_consumption_goes_on_with_the_new_ratio(point, old, new):
    replace(point, new)
    read(point, new, day(31), 107)

    found = register_consumption(window(point), Period(day(0), day(31)), [0])

    assert found.primary(point.pk) == [500 * 40 + 100 * 60]


def test_told_twice_it_is_done_once(point, old, new):
    first = replace(point, new)
    before = (Entry.objects.count(), stored())
    again = replace(point, new)

    assert (again.closed.pk, again.opened.pk) == (first.closed.pk, first.opened.pk)
    assert (Entry.objects.count(), stored()) == before


@pytest.mark.parametrize("change", [{"closing": 1501}, {"opening": 8}, {"ct": 61}])
def test_told_otherwise_it_is_refused(point, old, new, change):
    replace(point, new)
    with pytest.raises(replacement.ReplacedOtherwise):
        replace(point, new, **change)
    with pytest.raises(replacement.ReplacedOtherwise):
        replace(point, make_meter("3"))


def test_a_new_ratio_with_the_same_meter_is_a_replacement_too(point, old):
    done = replace(point, old, opening=1500, ct=80)

    assert done.opened.meter_id == done.closed.meter_id
    assert RegisterReading.objects.count() == 3


def test_nothing_to_replace(point, new):
    with pytest.raises(replacement.NothingInstalled):
        replace(point, new)


@pytest.mark.parametrize("at", [day(0), day(-1)])
def test_a_moment_before_the_old_meter_came(point, old, new, at):
    with pytest.raises(replacement.BeforeInstalled):
        replace(point, new, at=at)


def test_readings_after_that_moment(point, old, new):
    read(point, old, day(11), 1600)
    with pytest.raises(replacement.ReadAfterwards, match="after 2026-01-11"):
        replace(point, new)
    assert MeteringComplex.objects.get().valid_to is None
    replace(point, new, at=day(11), closing=1600)


def test_a_meter_that_stands_elsewhere(point, old, new):
    put_in(make_point("P2"), new)
    with pytest.raises(metering.MeterElsewhere):
        replace(point, new)
    assert MeteringComplex.objects.filter(usage_point=point).get().valid_to is None
    assert len(stored()) == 1


def test_a_complex_that_has_ended_otherwise(point, new):
    put_in(point, make_meter("1"), to=day(20))
    with pytest.raises(metering.NotInstalled):
        replace(point, new)


def test_readings_that_waited_for_the_new_meter_are_taken(point, old, new):
    read(point, new, day(12), 30)
    assert UnassignedReading.objects.count() == 1

    replace(point, new)

    assert not UnassignedReading.objects.exists()
    assert stored()[-1] == (day(12), Kind.DAY, {0: 30})
