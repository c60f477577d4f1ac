"""A finding in whose place a person put other values: nobody looks, its effect stays."""

import pytest

from faza.accounts.models import User
from faza.core.quality import Quality, is_estimated
from faza.readings.models import Finding
from faza.readings.vee import deeds, findings, running
from tests.cabinet.factories import make_user
from tests.readings.vee.world import AT, cells, deliver, install, make_point, usual, work

pytestmark = pytest.mark.django_db
State = Finding.State
DAY, CELL = 20, 12


@pytest.fixture
def spike():
    """A point with a spike, its values, and the operator."""
    point = make_point(power=300_000)
    install(point)
    values = usual(30)
    values[DAY, CELL] = 20_000
    deliver(point.pk, values)
    work()
    return point, values, make_user("op@example.org", User.Role.OPERATOR)


def row(rule: str = "V05") -> findings.Row:
    return findings.row_of(Finding.objects.filter(rule=rule).values_list(*findings.VALUES).get())


def test_the_job_leaves_what_is_decided_and_its_doubt(spike):
    point, _, user = spike
    assert deeds.estimate_keys([row().key], "like-days", by=user, at=AT).done == 1
    assert (row().state, row().decided_by) == (State.DECIDED, str(user.pk))
    before = cells(point.pk)
    deeds.reopen([row().key], by=user, at=AT)
    assert (row().state, row().decided_by) == (State.OPEN, "")
    deeds.decide([row().key], by=user, at=AT, reason="Так и есть")

    running.validate_points([point.pk], AT.date().replace(day=1), AT.date(), at=AT)
    work()
    assert row().state == State.DECIDED
    assert row().reason == "Так и есть"
    after = cells(point.pk)
    assert is_estimated(after[1][DAY, CELL])
    assert (before[0] == after[0]).all()


def test_another_finding_in_its_place_is_looked_at_again(spike):
    point, values, user = spike
    deeds.decide([row().key], by=user, at=AT)
    values[DAY, CELL] = 30_000
    deliver(point.pk, values, number=2)
    work()
    assert row().state == State.OPEN
    assert row().decided_by == ""


def test_what_is_found_no_longer_is_gone_though_decided(spike):
    point, values, user = spike
    deeds.decide([row().key], by=user, at=AT)
    values[DAY, CELL] = usual(30)[DAY, CELL]
    deliver(point.pk, values, number=2)
    work()
    assert row().state == State.GONE
    assert cells(point.pk)[1][DAY, CELL] == Quality.VALID


def test_it_is_decided_once(spike):
    *_, user = spike
    key = row().key
    deeds.decide([key], by=user, at=AT)
    for deed in (deeds.decide, deeds.accept):
        done = deed([key], by=user, at=AT)
        assert (done.done, done.left) == (0, ((key, deeds.DECIDED_ALREADY),))
    done = deeds.estimate_keys([key], "auto", by=user, at=AT)
    assert done.left == ((key, deeds.DECIDED_ALREADY),)


def test_nothing_to_estimate_decides_nothing(spike):
    """What only tells leaves measured values as they are: there is nothing to put."""
    point, _, user = spike
    start = row().starts_at.replace(hour=0)
    told = Finding.objects.create(
        usage_point_id=point.pk, reading_type=1, rule="V06", start=start, end=row().starts_at,
        effect=0, found_at=AT,
    )  # fmt: skip
    key = findings.Key(point.pk, 1, told.rule, int(start.timestamp()))
    done = deeds.estimate_keys([key], "auto", by=user, at=AT)
    assert done.left == ((key, deeds.NOT_INTERVALS),)
    assert row("V06").state == State.OPEN
