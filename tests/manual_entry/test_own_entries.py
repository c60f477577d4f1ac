"""Whose typed readings are whose: by windows, to the moment; and in the file of own data."""

import csv
import io
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from faza.accounts.models import User
from faza.cabinet.account import own_data
from faza.core.periods import Period
from faza.core.windows import Window, Windows
from faza.manual_entry import queries
from faza.manual_entry.models import Entry
from faza.manual_entry.photos import keeping
from tests.cabinet.factories import give_house, make_agreement, make_meter, make_point, make_user
from tests.manual_entry.factories import make_entry, make_picture

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
SOLD = datetime(2026, 11, 1, tzinfo=UTC)
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.HOME = tmp_path
    return tmp_path


def a_point(code="A", **fields):
    point = make_point(code, **fields)
    make_meter(point, f"M-{code}")
    return point


def typed(point, by, at, token, **more):
    """A reading that waits; what waited before is refused."""
    Entry.objects.filter(state="sent").update(state="refused", decided_at=at, reason="Нет фото")
    return make_entry(point, by, {0: 4_821_640}, at=at, token=token, **more)


class TestWindows:
    def test_of_two_successive_owners_each_finds_the_own_time(self):
        point = a_point()
        former, present = make_user("former@example.org"), make_user("present@example.org")
        make_agreement("1", [former], [point], end=SOLD)
        make_agreement("2", [present], [point], start=SOLD)
        last = typed(point, former, SOLD - SECOND, "1")
        first = typed(point, present, SOLD, "2")
        now = typed(point, present, NOW, "3")

        assert list(queries.own_entries(former, at=NOW)) == [last]
        assert list(queries.own_entries(present, at=NOW)) == [now, first]

    @pytest.mark.parametrize("most", [200, 0])
    def test_as_many_periods_as_there_are(self, most, monkeypatch):
        """However the question is put, it finds the same."""
        monkeypatch.setattr(queries, "MOST_PERIODS", most)
        point, other = a_point(), a_point("B")
        user = make_user("own@example.org")
        moments = [NOW - DAY * n for n in range(8)]
        made = [typed(point, user, moment, str(n)) for n, moment in enumerate(moments)]
        typed(other, user, NOW, "other")
        windows = Windows.merged(
            [
                Window(point.pk, point.zone, Period(moments[7], moments[5])),
                Window(point.pk, point.zone, Period(moments[3], moments[1])),
                Window(point.pk, point.zone, Period(NOW - SECOND, NOW)),
            ]
        )

        found = queries.entries_in(windows, at=NOW)

        assert list(found) == [made[n] for n in (0, 2, 3, 6, 7)]

    def test_windows_of_very_many_periods(self):
        """SQLite nests a thousand conditions and no more."""
        point = a_point()
        user = make_user("own@example.org")
        made = typed(point, user, NOW - DAY, "1")
        windows = Windows.merged(
            [Window(10**6 + n, point.zone, Period(SOLD, SOLD + n * SECOND)) for n in range(1, 1500)]
            + [Window(point.pk, point.zone, Period(SOLD, NOW))]
        )

        assert list(queries.entries_in(windows, at=NOW)) == [made]

    def test_of_nobody_there_are_none(self):
        assert not queries.own_entries(make_user("own@example.org"), at=NOW).exists()


class TestOwnData:
    def pack(self, user):
        told = b"".join(own_data.archive(user, at=timezone.now()))
        pack = zipfile.ZipFile(io.BytesIO(told))
        rows = list(csv.DictReader(io.StringIO(pack.read("typed.csv").decode())))
        return pack, rows

    def test_readings_and_their_photos_are_in_it(self):
        point, user = a_point(), make_user("own@example.org")
        make_agreement("1", [user], [point])
        now = timezone.now()
        first = typed(point, user, now - DAY, "1", photo=make_picture())
        second = typed(point, user, now - SECOND, "2")
        Entry.objects.filter(pk=second.pk).update(
            state="approved", decided_at=now, accepted={"0": 4_821_000}
        )

        pack, rows = self.pack(user)

        told = [[row[k] for k in ("usage_point", "meter", "value", "accepted", "unit", "state",
                                  "reason", "photo")] for row in rows]  # fmt: skip
        assert told == [
            ["A", "M-A", "4821.64", "4821", "kWh", "approved", "", ""],
            ["A", "M-A", "4821.64", "", "kWh", "refused", "Нет фото", f"photos/{first.pk}.jpg"],
        ]
        assert pack.read(f"photos/{first.pk}.jpg") == make_picture().data

    def test_a_photo_whose_term_is_over_is_not(self):
        point, user = a_point(), make_user("own@example.org")
        make_agreement("1", [user], [point])
        typed(point, user, timezone.now() - DAY, "1", photo=make_picture())
        keeping.sweep_old(timezone.now(), timezone.now())

        pack, rows = self.pack(user)

        assert [row["photo"] for row in rows] == [""]
        assert not [name for name in pack.namelist() if name.startswith("photos/")]

    def test_what_others_typed_at_houses_that_one_runs_is_not(self):
        point = a_point("H", is_common=True)
        manager = make_user("manager@example.org", User.Role.HOUSE_MANAGER)
        give_house(manager, point.node)
        typed(point, manager, timezone.now() - SECOND, "1", photo=make_picture())
        assert queries.own_entries(manager, at=timezone.now()).exists()

        pack, rows = self.pack(manager)

        assert rows == []
        assert not [name for name in pack.namelist() if name.startswith("photos/")]
