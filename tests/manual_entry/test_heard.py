"""Until when a point was heard: registers that came by themselves count, typed ones do not."""

from datetime import timedelta

import pytest

from faza.core.periods import Period
from faza.core.windows import Window, Windows
from faza.manual_entry import queries, services, still
from faza.manual_entry.models import EntryRule
from faza.manual_entry.rules.opening import Why
from tests.cabinet.factories import make_node, make_point, make_user
from tests.desk.typed import NOW, typed
from tests.readings.meters import make_meter, put_in, read

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def gas():
    """A meter whose register alone is read, by itself; entry opens after ten silent days."""
    point = make_point("GAS", "Газ", node=make_node("N-1", "Сети"))
    meter = make_meter("G-1")
    put_in(point, meter)
    EntryRule.objects.create(made_at=NOW, first_day=1, last_day=2, silent_days=10)
    return point, meter


def standing(point):
    (due,) = queries.due([point], at=NOW)
    return due.standing


def test_a_point_of_which_registers_come_is_not_silent(gas):
    read(*gas, NOW - 2 * DAY, 100_000)

    assert standing(gas[0]).why is Why.BETWEEN
    windows = Windows([Window(gas[0].pk, gas[0].zone, Period(NOW - 5 * DAY, NOW))])
    assert queries.data_until(windows, at=NOW) == {gas[0].pk: NOW - 2 * DAY}


@pytest.mark.parametrize(("days", "why"), [(9, Why.BETWEEN), (10, Why.SILENT), (500, Why.SILENT)])
def test_it_is_silent_after_so_many_days_without_them(gas, days, why):
    read(*gas, NOW - days * DAY, 100_000)

    assert standing(gas[0]).why is why


def test_what_people_typed_is_not_heard(gas):
    read(*gas, NOW - 20 * DAY, 100_000)
    owner, desk = make_user("own@example.org"), make_user("desk@example.org")
    entry = typed(gas[0], owner, 110_000, at=NOW - DAY, confirmed=True)
    services.approve(entry=entry, by=desk, at=NOW - DAY)

    assert standing(gas[0]).why is Why.SILENT
    assert still.read_from_afar([gas[0]], NOW) == set()


def test_what_was_read_after_the_moment_is_not_known_yet(gas):
    read(*gas, NOW - 20 * DAY, 100_000)
    read(*gas, NOW + DAY, 110_000)

    assert standing(gas[0]).why is Why.SILENT


def test_read_from_afar_within_three_days(gas):
    read(*gas, NOW - 2 * DAY, 100_000)

    assert still.read_from_afar([gas[0]], NOW) == {gas[0].pk}
    assert still.read_from_afar([gas[0]], NOW + 2 * DAY) == set()
