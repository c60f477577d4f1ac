"""A file whose job is cancelled, lost or killed for good says so, and can be gone on with."""

from datetime import timedelta

import pytest

from faza.jobs import services as jobs
from faza.jobs.models import Job
from faza.jobs.worker import run_waiting
from faza.manual_entry import bulk, filing, matching
from faza.manual_entry.models import Entry, EntryFile
from tests.cabinet.factories import make_user
from tests.manual_entry.fleets import NOW, a_file, make_fleet

pytestmark = pytest.mark.django_db
FILE = Entry.Way.FILE
State = EntryFile.State
COUNT = 8


@pytest.fixture
def user():
    return make_user("own@example.org")


@pytest.fixture
def tried(user, monkeypatch):
    """A file of eight points that was tried, whose sending is a job in batches of three."""
    make_fleet(COUNT, user)
    one = filing.upload(name="a.csv", content=a_file(COUNT), way=FILE, by=user, at=NOW)
    monkeypatch.setattr(filing, "AT_ONCE", 0)
    monkeypatch.setattr(bulk, "BATCH", 3)
    monkeypatch.setattr(matching, "BATCH", 3)
    return one


def begun(one, user):
    return filing.apply(one=one, confirmed=False, by=user, at=NOW)


def fresh(one):
    return EntryFile.objects.get(pk=one.pk)


def test_cancelled_between_two_batches_it_tells_what_was_sent_and_goes_on(tried, user):
    begun(tried, user)
    calls = iter([False, True])
    with pytest.raises(filing.Stopped):
        filing.run(tried.pk, at=NOW, is_cancelled=lambda: next(calls))

    stopped = fresh(tried)
    assert (stopped.state, stopped.told["ready"], Entry.objects.count()) == (State.STOPPED, 6, 6)
    Job.objects.update(state=Job.State.CANCELLED, ended_at=NOW)

    filing.resume(one=stopped, by=user, at=NOW + timedelta(hours=1))
    assert run_waiting() == 1
    ended = fresh(tried)
    assert (ended.state, ended.told["ready"], ended.told["again"]) == (State.APPLIED, COUNT, 0)
    assert set(Entry.objects.values_list("sent_at", flat=True)) == {NOW}


def test_cancelled_by_the_worker_the_job_is_cancelled_too(tried, user, monkeypatch):
    job = Job.objects.get(pk=begun(tried, user).job)
    send = bulk.send_many

    def cancelling(*args, **more):
        done = send(*args, **more)
        jobs.cancel(Job.objects.get(pk=job.pk), by=user, at=NOW)
        return done

    monkeypatch.setattr(bulk, "send_many", cancelling)
    run_waiting()

    assert fresh(tried).state == State.STOPPED
    assert Job.objects.get(pk=job.pk).state == Job.State.CANCELLED


@pytest.mark.parametrize("state", ["cancelled", "failed"])
def test_a_job_that_ended_without_a_word_is_found(tried, user, state):
    begun(tried, user)
    Job.objects.update(state=state, ended_at=NOW)

    assert filing.settle(at=NOW) == 1
    assert fresh(tried).state == State.STOPPED
    filing.resume(one=tried, by=user, at=NOW)
    run_waiting()
    assert fresh(tried).state == State.APPLIED


def test_what_is_worked_on_is_left_alone(tried, user):
    begun(tried, user)

    assert filing.settle(at=NOW) == 0
    with pytest.raises(filing.NotNow):
        filing.resume(one=tried, by=user, at=NOW)


def test_begun_again_twice_it_is_one_job(tried, user):
    begun(tried, user)
    Job.objects.update(state="failed", ended_at=NOW)
    filing.resume(one=tried, by=user, at=NOW)
    with pytest.raises(filing.NotNow):
        filing.resume(one=tried, by=user, at=NOW)

    assert Job.objects.count() == 2


def test_a_trial_whose_request_was_killed_has_no_job_and_is_found(tried, user):
    EntryFile.objects.update(state=State.CHECKING, told={}, job=None)
    assert filing.settle(at=NOW) == 0

    assert filing.settle(at=NOW + timedelta(minutes=2)) == 1
    filing.resume(one=tried, by=user, at=NOW + timedelta(minutes=2))
    run_waiting()
    assert (fresh(tried).state, fresh(tried).told["ready"]) == (State.CHECKED, COUNT)


def test_put_aside_it_sends_nothing_more(tried, user):
    begun(tried, user)
    Job.objects.update(state="failed", ended_at=NOW)
    filing.settle(at=NOW)

    filing.put_aside(one=tried, by=user, at=NOW)

    assert (fresh(tried).state, bytes(fresh(tried).content)) == (State.DROPPED, b"")
    with pytest.raises(filing.NotNow):
        filing.resume(one=tried, by=user, at=NOW)
