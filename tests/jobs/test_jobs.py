from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from faza.jobs import leases, pulse, queries, registry, services, worker
from faza.jobs.models import Job

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 20, 9, tzinfo=UTC)
LATER = AT + leases.LEASE + timedelta(seconds=1)


class Person:
    def __init__(self, pk: int = 7) -> None:
        self.pk = pk


@pytest.fixture
def handlers(monkeypatch) -> dict[str, registry.Handler]:
    """Handlers of the test's own."""
    found: dict[str, registry.Handler] = {}
    # Those of the rooms register themselves once for the process: not into this test's own.
    registry.load()
    monkeypatch.setattr(registry, "handlers", found)
    monkeypatch.setattr(registry, "dailies", {})
    monkeypatch.setattr(registry, "rounds", {})
    monkeypatch.setattr(pulse, "BEAT", 0.0)
    return found


def start(kind: str = "test.job", **fields) -> Job:
    known = {"arguments": {"file": 3}, "by": Person(), "at": AT}
    return services.start(kind, **(known | fields))


def take(name: str = "one", at: datetime = AT) -> Job | None:
    return leases.take(worker=name, at=at)


class TestRun:
    def test_a_handler_gets_its_arguments_and_its_result_is_kept(self, handlers):
        handlers["test.job"] = lambda job: {"file": job.arguments["file"], "by": job.by}
        job = start()

        assert worker.run_waiting() == 1
        job.refresh_from_db()
        assert (job.state, job.result, job.error) == ("done", {"file": 3, "by": 7}, "")
        assert job.is_ended

    def test_progress_is_written(self, handlers):
        seen = []

        def run(job):
            job.progress(2, 8, "rows")
            found = Job.objects.get()
            seen.append((found.done, found.total, found.note, found.percent))

        handlers["test.job"] = run
        start()
        worker.run_waiting()

        assert seen == [(2, 8, "rows", 25)]

    def test_a_job_without_a_handler_fails_and_says_so(self, handlers):
        job = start("nobody.knows")
        worker.run_waiting()
        job.refresh_from_db()

        assert (job.state, job.error) == (
            "failed", "no handler of nobody.knows in this installation",
        )  # fmt: skip

    def test_an_exception_is_kept_and_the_next_job_is_run(self, handlers, caplog):
        def run(job):
            raise LookupError("no row 3")

        handlers["test.job"] = run
        handlers["test.good"] = lambda job: {}
        bad, good = start(), start("test.good")

        assert worker.run_waiting() == 2
        bad.refresh_from_db()
        good.refresh_from_db()
        assert (bad.state, bad.error) == ("failed", "LookupError: no row 3")
        assert good.state == "done"
        assert "no row 3" in caplog.text

    def test_a_told_failure_is_no_error_of_ours(self, handlers, caplog):
        def run(job):
            raise registry.Failed("the file is gone")

        handlers["test.job"] = run
        job = start()
        worker.run_waiting()
        job.refresh_from_db()

        assert (job.state, job.error) == ("failed", "the file is gone")
        assert caplog.text == ""

    def test_a_failed_job_is_not_run_again(self, handlers):
        start("nobody.knows")
        assert worker.run_waiting() == 1
        assert worker.run_waiting() == 0


class TestStart:
    def test_the_same_key_starts_once(self):
        assert start(key="today").pk == start(key="today").pk
        assert start().pk != start().pk

    def test_the_database_wants_an_end_with_its_moment(self):
        job = start()
        with pytest.raises(IntegrityError), transaction.atomic():
            Job.objects.filter(pk=job.pk).update(state="done")

    def test_everybody_finds_the_own_jobs_newest_first(self):
        old, new = start(), start(at=AT + timedelta(minutes=1))
        start(by=Person(8))
        start(by=None)

        assert list(queries.of(Person())) == [new, old]
        assert queries.all_jobs().count() == 4


class TestCancel:
    def test_one_that_waits_ends_at_once(self, handlers):
        job = services.cancel(start(), by=Person(9), at=AT)

        assert (job.state, job.cancelled_by) == ("cancelled", 9)
        assert worker.run_waiting() == 0

    def test_one_that_runs_learns_of_it_and_keeps_what_was_done(self, handlers):
        def run(job):
            for number in range(5):
                if job.is_cancelled:
                    return {"rows": number}
                services.cancel(Job.objects.get(), by=Person(), at=AT)
            return {"rows": 5}

        handlers["test.job"] = run
        job = start()
        worker.run_waiting()
        job.refresh_from_db()

        assert (job.state, job.result) == ("cancelled", {"rows": 1})

    def test_a_handler_may_undo_by_an_exception(self, handlers):
        def run(job):
            with transaction.atomic():
                start("test.other")
                raise registry.Cancelled

        handlers["test.job"] = run
        start()
        worker.run_waiting()

        assert list(Job.objects.values_list("state", flat=True)) == ["cancelled"]

    def test_what_has_ended_stays(self, handlers):
        handlers["test.job"] = lambda job: {}
        job = start()
        worker.run_waiting()

        assert services.cancel(job, by=Person(), at=AT).state == "done"

    def test_one_whose_worker_was_killed_is_not_begun_again(self, handlers):
        job = start()
        take()
        services.cancel(job, by=Person(), at=AT)

        assert take("two", LATER) is None
        job.refresh_from_db()
        assert job.state == "cancelled"


class TestLeases:
    def test_two_workers_never_have_the_same(self):
        start()
        start()

        first, second = take("one"), take("two")
        assert {first.pk, second.pk} == set(Job.objects.values_list("pk", flat=True))
        assert take("three") is None

    def test_a_killed_workers_job_is_taken_up_again_when_its_lease_is_over(self):
        job = start()
        take("killed")

        assert take("two", AT + leases.LEASE) is None
        again = take("two", LATER)
        assert (again.pk, again.attempts, again.worker) == (job.pk, 2, "two")

    def test_a_heartbeat_keeps_it(self):
        start()
        mine = take("one")

        assert leases.beat(mine, at=LATER, done=1, total=2, note="") is False
        assert take("two", LATER) is None

    def test_who_lost_it_learns_of_it_and_changes_nothing(self):
        start()
        mine = take("one")
        theirs = take("two", LATER)

        assert leases.beat(mine, at=LATER, done=9, total=9, note="mine") is None
        leases.fail(mine, "mine", at=LATER)
        leases.hand_back(mine)
        theirs.refresh_from_db()
        assert (theirs.state, theirs.worker, theirs.note) == ("running", "two", "")

    def test_the_first_to_finish_wins(self):
        start()
        mine, _theirs = take("one"), take("two", LATER)
        leases.finish(mine, {"by": "one"}, at=LATER)
        leases.finish(_theirs, {"by": "two"}, at=LATER)

        assert Job.objects.get().result == {"by": "one"}

    def test_a_job_that_kills_its_workers_is_given_up(self):
        start()
        at = AT
        for number in range(leases.MOST_ATTEMPTS):
            assert take(str(number), at)
            at += leases.LEASE + timedelta(seconds=1)

        assert take("last", at) is None
        found = Job.objects.get()
        assert found.state == "failed"
        assert "lost 3 times" in found.error

    def test_handing_back_does_not_count(self):
        start()
        leases.hand_back(take())

        found = Job.objects.get()
        assert (found.state, found.attempts) == ("waiting", 0)


class TestInterrupted:
    def test_a_handler_that_lost_its_job_is_stopped_at_its_next_progress(self, handlers):
        reached = []

        def run(job):
            Job.objects.update(worker="somebody else")
            try:
                job.progress(1)
            except Exception:  # noqa: BLE001  just what it must not get
                reached.append("swallowed")
            reached.append("went on")

        handlers["test.job"] = run
        start()
        worker.run_waiting()

        assert reached == []
        assert Job.objects.get().worker == "somebody else"


class TestDaily:
    def test_it_is_started_once_a_day_by_all_workers(self, handlers, settings):
        settings.TIME_ZONE = "Europe/Moscow"
        registry.daily("test.daily", hour=3)(lambda job: {})
        night = datetime(2026, 11, 20, 23, 59, tzinfo=UTC)  # 02:59 of the 21st

        for moment in (night, night + timedelta(minutes=1), night + timedelta(hours=20)):
            for loop in (worker.Loop(), worker.Loop()):
                loop.start_dailies(at=moment)

        assert list(Job.objects.values_list("key", flat=True)) == ["test.daily:2026-11-21"]

    def test_two_handlers_of_one_kind_are_refused(self, handlers):
        registry.handler("test.job")(lambda job: {})
        with pytest.raises(ValueError, match="two handlers"):
            registry.handler("test.job")(lambda job: {})


def test_sweeping_takes_only_what_ended_before(handlers):
    handlers["test.job"] = lambda job: {}
    start()
    worker.run_waiting()
    start()

    assert services.sweep(before=datetime.now(UTC) + timedelta(days=1)) == 1
    assert Job.objects.get().state == "waiting"


def test_standing_still_is_seen():
    start()
    assert not queries.overdue(at=AT + timedelta(minutes=9)).exists()
    assert queries.overdue(at=AT + timedelta(minutes=11)).count() == 1
    take(at=AT + timedelta(minutes=11))
    assert queries.overdue(at=AT + timedelta(minutes=30)).count() == 1


class TestRounds:
    @pytest.fixture(autouse=True)
    def kind(self, handlers):
        registry.every("test.round", minutes=5)(lambda job: {"at": 1})

    def test_the_same_job_is_begun_again_when_its_time_has_come(self):
        loop, minute = worker.Loop(), timedelta(minutes=1)
        for at in (AT, AT + minute, AT + 4 * minute):
            loop.start_rounds(at=at)
            worker.run_waiting()

        job = Job.objects.get()
        assert (job.state, job.created_at) == ("done", AT)

        loop.start_rounds(at=AT + 5 * minute)
        job.refresh_from_db()
        assert (job.state, job.created_at) == ("waiting", AT + 5 * minute)
        assert (job.result, job.ended_at, job.attempts) == (None, None, 0)
        assert worker.run_waiting() == 1

    def test_one_that_waits_or_runs_is_left_alone(self):
        pause = timedelta(minutes=5)
        assert services.start_round("test.round", at=AT, pause=pause)
        assert not services.start_round("test.round", at=AT + 2 * pause, pause=pause)
        assert take() is not None
        assert not services.start_round("test.round", at=AT + 3 * pause, pause=pause)

    def test_however_many_workers_ask_it_is_begun_once(self):
        pause = timedelta(minutes=5)
        services.start_round("test.round", at=AT, pause=pause)
        worker.run_waiting()

        begun = [services.start_round("test.round", at=AT + pause, pause=pause) for _ in range(3)]

        assert begun == [True, False, False]
        assert Job.objects.count() == 1

    def test_a_round_that_failed_is_made_again(self, handlers):
        def fails(job):
            raise registry.Failed("not now")

        handlers["test.round"] = fails
        pause = timedelta(minutes=5)
        services.start_round("test.round", at=AT, pause=pause)
        worker.run_waiting()
        assert Job.objects.get().error == "not now"

        assert services.start_round("test.round", at=AT + pause, pause=pause)
        assert Job.objects.get().error == ""
