"""Values of times that are still to come: stored, and told of."""

import io
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from faza.core.quality import is_present
from faza.core.reading_types import A_PLUS
from faza.readings.store import fetch
from tests.collection.factories import AT, days_of, imported, make_point, message, written

pytestmark = pytest.mark.django_db
MOSCOW = ZoneInfo("Europe/Moscow")


def test_a_message_of_tomorrow_is_kept_and_told_and_does_not_stand(tmp_path):
    point = make_point()
    day = (AT + timedelta(days=1)).date()
    done = imported(written(tmp_path, message([1] * 48, day=day)))

    assert days_of(point) == {str(day): [1] * 48}
    effective = fetch([point.pk], [A_PLUS.code], day, day + timedelta(days=1))
    assert not is_present(effective.quality).any()
    (problem,) = done.problems
    assert problem.code == "value-late"
    assert "48 values lie after" in problem.reason
    assert f"first {day} 00:00+03:00" in problem.reason
    assert any("after the moment of the import" in note for note in done.notes)


@pytest.mark.parametrize(("minutes", "told"), [(-30, 0), (0, 0), (1, 1), (30, 1)])
def test_an_interval_that_is_under_way_is_no_late_one(minutes, told):
    """AT is a start of an interval; at a later moment one more has begun."""
    make_point("A-1")
    rows = "".join(
        f"A-1;{AT.astimezone(MOSCOW) + timedelta(minutes=n):%d.%m.%Y %H:%M};1\n" for n in (0, 30)
    )
    table = io.BytesIO(f"Точка;Начало;кВт·ч\n{rows}".encode())
    at = AT + timedelta(minutes=30 - minutes)
    done = imported([("t.csv", table)], at=at)

    assert [problem.code for problem in done.problems] == ["value-late"] * told
    assert done.values == 2


def test_register_readings_of_the_future_are_told():
    later = datetime(2027, 5, 1, tzinfo=MOSCOW)
    table = io.BytesIO(f"Прибор;Дата и время;T1\nM1;{later:%d.%m.%Y %H:%M};5\n".encode())
    done = imported([("r.csv", table)])

    assert done.unassigned == 1
    assert [p.code for p in done.problems] == ["value-late"]
    assert "first 2027-05-01 00:00+03:00" in done.problems[0].reason
