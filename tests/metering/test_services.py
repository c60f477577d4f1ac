from datetime import UTC, datetime
from fractions import Fraction

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from faza.audit.models import Entry
from faza.metering import services
from faza.metering.models import MeteringComplex
from tests.metering.factories import NOW, make_meter, make_node, make_point

pytestmark = pytest.mark.django_db

JANUARY = datetime(2026, 1, 1, tzinfo=UTC)
MARCH = datetime(2026, 3, 1, tzinfo=UTC)
JUNE = datetime(2026, 6, 1, tzinfo=UTC)


def install(point, meter=None, start=JANUARY, end=None, **fields):
    return services.install(
        usage_point=point,
        meter=meter or make_meter(),
        valid_from=start,
        valid_to=end,
        at=NOW,
        **fields,
    )


class TestAddUsagePoint:
    def test_a_zone_has_to_exist(self):
        with pytest.raises(ValidationError, match="Moon"):
            make_point(zone="Europe/Moon")

    def test_there_are_one_or_three_phases(self):
        with pytest.raises(ValidationError):
            make_point(phases=2)


class TestInstall:
    def test_ratios_stand_as_exact_fractions(self):
        installed = install(make_point(), ct=Fraction(200, 5), vt=Fraction(15_750, 100))

        installed.refresh_from_db()
        assert installed.ct_ratio == 40
        assert installed.vt_ratio == Fraction(315, 2)
        assert installed.ratio == 6300

    def test_two_billing_meters_do_not_stand_at_once(self):
        point = make_point()
        install(point, start=MARCH)

        with pytest.raises(services.AnotherInstalled):
            install(point, start=JANUARY)
        with pytest.raises(services.AnotherInstalled):
            install(point, start=JUNE)

    def test_one_may_stand_before_another_and_touch_it(self):
        point = make_point()
        install(point, start=MARCH)

        install(point, start=JANUARY, end=MARCH)

        assert MeteringComplex.objects.valid_at(MARCH).get().valid_from == MARCH

    def test_a_control_meter_stands_beside_the_billing_one(self):
        point = make_point()
        billing = install(point)

        control = install(point, role=MeteringComplex.Role.CONTROL, control_of=billing)

        assert list(billing.controls.all()) == [control]

    def test_a_meter_stands_in_one_place(self):
        meter = make_meter()
        install(make_point(), meter)

        with pytest.raises(services.MeterElsewhere):
            install(make_point(), meter, start=MARCH)

    def test_it_is_in_the_trail(self):
        installed = install(make_point(), ct=Fraction(40))

        entry = Entry.objects.get(action="metering.complex.installed")
        assert entry.object_id == str(installed.pk)
        assert entry.after["ct"] == "40"


class TestRemove:
    def test_doing_it_twice_does_it_once(self):
        installed = install(make_point())

        services.remove(installed=installed, valid_to=MARCH, at=NOW)
        services.remove(installed=installed, valid_to=MARCH, at=NOW)

        assert Entry.objects.filter(action="metering.complex.removed").count() == 1

    def test_it_does_not_end_before_it_began_nor_at_two_moments(self):
        installed = install(make_point(), start=MARCH)

        with pytest.raises(services.NotInstalled):
            services.remove(installed=installed, valid_to=JANUARY, at=NOW)
        services.remove(installed=installed, valid_to=JUNE, at=NOW)
        with pytest.raises(services.NotInstalled):
            services.remove(installed=installed, valid_to=NOW, at=NOW)


class TestTheDatabaseKeepsThePromise:
    @pytest.mark.parametrize(
        "wrong",
        [
            {"valid_to": JANUARY},
            {"ct_numerator": 0},
            {"vt_denominator": 0},
        ],
        ids=str,
    )
    def test_it_refuses(self, wrong):
        point, meter = make_point(), make_meter()

        with pytest.raises(IntegrityError), transaction.atomic():
            MeteringComplex.objects.create(
                **({"usage_point": point, "meter": meter, "valid_from": JANUARY} | wrong)
            )

    def test_it_refuses_a_second_open_billing_complex(self):
        point = make_point()
        install(point)

        with pytest.raises(IntegrityError), transaction.atomic():
            MeteringComplex.objects.create(usage_point=point, meter=make_meter(), valid_from=JUNE)

    def test_it_refuses_a_billing_meter_that_controls(self):
        billing = install(make_point())

        with pytest.raises(IntegrityError), transaction.atomic():
            MeteringComplex.objects.create(
                usage_point=make_point(), meter=make_meter(), valid_from=JUNE, control_of=billing
            )


def test_a_node_knows_its_way_from_the_root():
    owner = make_node("А")
    board = make_node("Б", owner)

    assert board.path.startswith(owner.path)
    assert board.path != owner.path
