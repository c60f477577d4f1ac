"""A window ends with the last second of its last day by the clock of the point, wherever it is."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from faza.manual_entry import queries, services
from faza.manual_entry.models import Entry, EntryException, EntryRule
from faza.manual_entry.rules.opening import Why
from tests.accounts.factories import make_user
from tests.metering.factories import make_node, make_point
from tests.readings.meters import make_meter, put_in

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)
ZONES = ("Europe/Kaliningrad", "Europe/Moscow", "Asia/Yekaterinburg", "Asia/Kamchatka")


def point_in(zone):
    found = make_point(make_node(), zone=zone)
    put_in(found, make_meter(zone))
    return found


def send(point, at):
    (due,) = queries.due([point], at=at)
    return services.send(
        due=due, shown={0: 1_000}, way=Entry.Way.CABINET, token=at.isoformat(), by=make_user(),
        at=at,
    )  # fmt: skip


@pytest.mark.parametrize("zone", ZONES)
def test_the_last_second_and_the_first(zone):
    EntryRule.objects.create(silent_days=None, made_at=datetime(2026, 1, 1, tzinfo=UTC))
    point, local = point_in(zone), ZoneInfo(zone)
    opens = datetime(2026, 11, 20, tzinfo=local)
    closes = datetime(2026, 11, 26, tzinfo=local)

    assert send(point, closes - SECOND).of_at == closes - SECOND
    assert send(point, opens).of_at == opens
    for moment, then in ((opens - SECOND, opens), (closes, opens.replace(month=12))):
        with pytest.raises(services.Closed) as told:
            send(point, moment)
        assert told.value.due.standing.opens_at == then


def test_one_moment_is_open_here_and_closed_there():
    EntryRule.objects.create(silent_days=None, made_at=datetime(2026, 1, 1, tzinfo=UTC))
    points = [point_in(zone) for zone in ZONES]
    # 20:30 UTC of the 25th: still the 25th in Kaliningrad and Moscow, the 26th in the east.
    found = queries.due(points, at=datetime(2026, 11, 25, 20, 30, tzinfo=UTC))

    assert [due.standing.is_open for due in found] == [True, True, False, False]


def test_of_an_exception_the_end_is_not_in_it():
    point = point_in(ZONES[1])
    end = datetime(2026, 11, 3, 12, tzinfo=UTC)
    EntryException.objects.create(
        usage_point=point, starts_at=end - timedelta(days=1), ends_at=end, is_open=True,
        made_at=end - timedelta(days=2),
    )  # fmt: skip
    assert send(point, end - SECOND)
    with pytest.raises(services.Closed) as told:
        send(point, end)
    assert told.value.due.standing.why is Why.NOT_ALLOWED
