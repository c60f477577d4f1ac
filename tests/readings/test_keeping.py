"""Former versions and moments are kept for ever, until an administrator sets a term."""

from datetime import timedelta

import pytest

from faza.accounts import retention
from faza.accounts.models import Retention
from faza.core.periods import Period
from faza.core.quality import Quality
from faza.core.windows import Window, Windows
from faza.readings import keeping
from faza.readings.models import IntervalBlock, IntervalBlockVersion, Moment
from faza.readings.queries import profiles
from tests.readings.factories import AT, DAY, day_of, deliver, full, make_point

pytestmark = pytest.mark.django_db
LATER = timedelta(days=100)


@pytest.fixture
def point() -> int:
    """A point with a day that was changed twice: at AT + 1 day and a hundred days after."""
    pk = make_point().pk
    for number, at in enumerate((AT, AT + timedelta(days=1), AT + timedelta(days=1) + LATER), 1):
        deliver(day_of(pk, full(1, number)), number, at=at)
    return pk


def known(point: int, as_of=None) -> set[tuple[int, int]]:
    windows = Windows((Window(point, "UTC", Period(DAY, DAY + timedelta(days=1))),))
    profile = profiles(windows, [1], Period(DAY, DAY + timedelta(days=1)), as_of=as_of)[0]
    return set(zip(profile.values.tolist(), profile.quality.tolist(), strict=True))


def test_without_a_term_nothing_is_erased(point):
    done = retention.run(AT + timedelta(days=10_000))

    assert {"readings.versions", "readings.moments"} & set(done) == set()
    assert IntervalBlockVersion.objects.count() == 2


def test_versions_over_their_term_are_erased_and_what_stands_stays(point):
    Retention.objects.create(kind="readings.versions", days=50)
    at = AT + timedelta(days=1) + LATER + timedelta(days=1)
    standing = list(IntervalBlock.objects.values())
    assert keeping.count_versions(at - timedelta(days=50)) == 1

    assert retention.run(at)["readings.versions"] == 1
    assert retention.run(at)["readings.versions"] == 0
    assert list(IntervalBlock.objects.values()) == standing
    assert IntervalBlockVersion.objects.get().replaced_at == AT + timedelta(days=1) + LATER
    # As of then nothing is known any more: it is missing, and no later value stands for it.
    assert known(point, AT) == {(0, Quality.MISSING)}
    assert max(known(point, AT + timedelta(days=50))) == (2, Quality.VALID)
    assert max(known(point)) == (3, Quality.VALID)


def test_moments_over_their_term_are_erased(point):
    for days in (0, 10, 400):
        Moment.objects.create(
            usage_point_id=point, at=AT + timedelta(days=days), meter_id=1, recorded_at=AT,
            source=1, kinds=b"", values=b"",
        )  # fmt: skip

    before = AT + timedelta(days=400)
    assert keeping.count_moments(before) == 2
    assert keeping.sweep_moments(before, before) == 2
    assert Moment.objects.get().at == before
