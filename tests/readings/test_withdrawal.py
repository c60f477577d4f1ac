"""Register readings that are taken back: as before for all questions, and seen in the versions."""

import numpy as np
import pytest

from faza.core.periods import Period
from faza.core.windows import Window, Windows
from faza.readings import registers, services
from faza.readings.models import Mark, RegisterReading, RegisterReadingVersion
from faza.readings.register_queries import readings_at, register_consumption
from faza.readings.register_withdrawal import withdraw_registers
from tests.readings.factories import make_point
from tests.readings.meters import AT, Kind, day, make_meter, put_in, read

pytestmark = pytest.mark.django_db


@pytest.fixture
def place():
    point, meter = make_point(), make_meter()
    put_in(point, meter)
    return point, meter


def typed(place, shown, *, number=1):
    return read(*place, day(5), shown, kind=Kind.MANUAL, source="manual", number=number)


def key(place) -> np.ndarray:
    point, meter = place
    return np.array([[point.pk, meter.pk, int(day(5).timestamp()), Kind.MANUAL]])


def withdraw(place, source="manual") -> int:
    return withdraw_registers(key(place), source=services.get_source(source), at=AT)


def seen(place) -> tuple:
    """What questions about the point find."""
    period = Period(day(0), day(10))
    windows = Windows((Window(place[0].pk, "Europe/Moscow", period),))
    at = readings_at(windows, [day(1), day(5), day(9)])
    counted = register_consumption(windows, period, [0])
    return at.keys().tolist(), at.values[:, 0].tolist(), counted.rounded.tolist()


def test_nothing_of_it_is_found_and_the_version_tells_what_it_was(place):
    read(*place, day(1), 1000)
    read(*place, day(9), 9000)
    before = seen(place)
    typed(place, 5000)
    assert seen(place) != before

    assert withdraw(place) == 1

    assert seen(place) == before
    version = RegisterReadingVersion.objects.get()
    _, present = registers.unpack([version.present], [bytes(version.registers)])
    assert (version.version, present.sum(), version.replaced_at) == (1, 1, AT)


def test_twice_is_once_and_what_was_never_there_is_none(place):
    typed(place, 5000)

    assert (withdraw(place), withdraw(place)) == (1, 0)
    assert RegisterReadingVersion.objects.count() == 1


def test_it_may_be_typed_again(place):
    typed(place, {0: 5000, 1: 3000})
    withdraw(place)

    again = typed(place, {0: 4000}, number=2)

    assert again.changed == 1
    row = RegisterReading.objects.get()
    assert (row.version, row.present) == (3, 1)
    assert RegisterReadingVersion.objects.count() == 2


def test_only_what_the_source_itself_delivered(place):
    typed(place, 5000)

    assert withdraw(place, source="table") == 0
    assert RegisterReading.objects.get().present == 1


def test_a_measured_reading_of_that_moment_stays(place):
    typed(place, 5000)
    read(*place, day(5), 5100)

    withdraw(place)

    assert seen(place)[1] == [5100]


def test_the_days_are_to_be_looked_at_again(place):
    typed(place, 5000)
    Mark.objects.all().delete()

    withdraw(place)

    assert Mark.objects.exists()
