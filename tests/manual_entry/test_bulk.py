"""Many readings sent at once: as each of them sent alone."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from faza.audit.models import Entry as Deed
from faza.manual_entry import bulk, queries, services
from faza.manual_entry.bulk import Sending, send_many
from faza.manual_entry.models import Entry, EntryRule
from faza.readings.models import RegisterReading
from tests.cabinet.factories import make_user
from tests.manual_entry.fleets import NOW, make_fleet

pytestmark = pytest.mark.django_db
WAY = Entry.Way.FILE
GOOD, MUCH, LESS, WIDE = 3_810_000, 9_000_000, 100_000, 10**9
CASES = (
    {1: GOOD, 2: GOOD // 2},
    {1: GOOD},
    {1: MUCH},
    {1: LESS, 2: GOOD},
    {1: WIDE},
    {0: GOOD},
    {},
)


@pytest.fixture
def user():
    return make_user("own@example.org")


@pytest.fixture
def fleet(user):
    """As many points as cases, thrice: one time waiting already, one time with a rule of their own
    that approves, one time closed or wanting a photo."""
    points = make_fleet(3 * len(CASES), user)
    for point in points[: len(CASES)]:
        (due,) = queries.due([point], at=NOW)
        services.send(due=due, shown={1: GOOD - 10_000}, way=WAY, token="0", by=user, at=NOW)
    for point in points[len(CASES) : 2 * len(CASES)]:
        EntryRule.objects.create(
            usage_point=point, approves=True, approves_by=user, made_at=NOW, silent_days=None
        )
    for n, point in enumerate(points[2 * len(CASES) :]):
        EntryRule.objects.create(
            usage_point=point, is_allowed=n % 2 == 0, wants_photo=n % 2 == 0, made_at=NOW
        )
    return points


def sendings(points, cases=CASES, at=NOW):
    return [
        Sending(due, cases[n % len(cases)], at)
        for n, due in enumerate(queries.due(points, at=at))
    ]  # fmt: skip


def all_that_stands():
    """Entries, deeds and register readings, without ids."""
    entries = Entry.objects.order_by("usage_point__code", "sent_at", "token").values_list(
        "usage_point__code", "meter", "of_at", "shown", "accepted", "doubts", "way", "token",
        "state", "sent_by", "rule", "decided_by", "decided_at",
    )  # fmt: skip
    names = dict(Entry.objects.values_list("pk", "usage_point__code"))
    deeds = sorted(
        (deed.action, names[int(deed.object_id)], str(deed.before), str(deed.after),
         str(deed.person_id))
        for deed in Deed.objects.filter(action__startswith="manual_entry.entry")
    )  # fmt: skip
    readings = RegisterReading.objects.filter(kind=services.KIND).order_by("usage_point_id")
    rows = [(r.usage_point_id, r.meter_id, r.at, bytes(r.registers)) for r in readings]
    return list(entries), deeds, rows


def undone(deed):
    """What a deed leaves, which is then as if it had not been."""
    before = transaction.savepoint()
    found = deed()
    stands = all_that_stands()
    transaction.savepoint_rollback(before)
    return found, stands


@pytest.mark.parametrize("sure", [False, True])
@pytest.mark.parametrize("way", [Entry.Way.FILE, Entry.Way.ROUND])
def test_many_at_once_are_as_each_alone(user, fleet, sure, way):
    at, told = NOW + timedelta(minutes=5), sendings(fleet)

    def alone():
        for one in told:
            try:
                services.send(
                    due=one.due, shown=one.shown, way=way, token="t", by=user, at=at,
                    confirmed=sure, of_at=one.of_at,
                )  # fmt: skip
                yield None
            except bulk.REASONS as refusal:
                yield type(refusal), str(refusal)

    def together():
        outcomes = send_many(told, way=way, token="t", by=user, at=at, confirmed=sure)
        return [
            None if one.refusal is None else (type(one.refusal), str(one.refusal))
            for one in outcomes
        ]

    assert undone(together) == undone(lambda: list(alone()))


def test_what_is_left_depends_on_what_is_told(user, fleet):
    """The law above compares something: of all outcomes there are some."""
    outcomes = send_many(sendings(fleet), way=WAY, token="t", by=user, at=NOW)

    assert {type(one.refusal) for one in outcomes} == {type(None), *bulk.REASONS}
    assert set(Entry.objects.values_list("state", flat=True)) == {"sent", "approved", "replaced"}
    assert RegisterReading.objects.filter(kind=services.KIND).exists()


def test_twice_is_once(user, fleet):
    send_many(sendings(fleet), way=WAY, token="t", by=user, at=NOW, confirmed=True)
    before = all_that_stands()

    outcomes = send_many(sendings(fleet), way=WAY, token="t", by=user, at=NOW, confirmed=True)

    sent = [one for one in outcomes if one.refusal is None]
    assert sent
    assert all(one.is_again for one in sent)
    assert all_that_stands() == before


def test_a_trial_tells_the_same_and_writes_nothing(user, fleet):
    told, before = sendings(fleet), all_that_stands()

    tried = bulk.tried(told, way=WAY, token="t")

    assert all_that_stands() == before
    done = send_many(told, way=WAY, token="t", by=user, at=NOW)
    assert [type(one.refusal) for one in tried] == [type(one.refusal) for one in done]


def test_somebody_who_types_in_the_same_instant(user, monkeypatch):
    """The batch is not lost: it is tried once more."""
    points = make_fleet(3, user)
    told = sendings(points, [{1: GOOD}])
    found, turns = bulk._replace, []

    def late(going, **when):
        found(going, **when)
        turns.append(1)
        if len(turns) == 1:
            services.send(
                due=told[1].due, shown={1: GOOD + 10}, way=WAY, token="x", by=user, at=NOW
            )

    monkeypatch.setattr(bulk, "_replace", late)
    outcomes = send_many(told, way=WAY, token="t", by=user, at=NOW)

    assert [one.entry.state for one in outcomes] == ["sent"] * 3


def test_as_many_questions_of_ten_points_as_of_forty(user):
    points = make_fleet(50, user)
    told = sendings(points, [{1: GOOD}])
    counts = []
    for part in (told[:2], told[2:10], told[10:]):  # by the first one the trail knows the person
        with CaptureQueriesContext(connection) as asked:
            send_many(part, way=WAY, token="t", by=user, at=NOW)
        counts.append(len(asked))

    assert counts[1] == counts[2] < 20
