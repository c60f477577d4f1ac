"""Reports as jobs, saved ones and those by schedule: made once, for whom they are."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.core import mail
from django.http import QueryDict
from python_calamine import CalamineWorkbook

from faza.audit.models import Entry
from faza.contracts import access
from faza.contracts import services as contracts
from faza.contracts.models import AgreementPoint, Customer, CustomerAgreement
from faza.jobs import leases, worker
from faza.jobs.models import Job
from faza.notifications import services as notifications
from faza.notifications.models import Notice
from faza.outbox.models import Message
from faza.reports import files, making, queries, services
from faza.reports.models import PersonalReport, Run, Schedule
from faza.reports.shaping import Formula, Layout
from tests.cabinet.factories import (
    fill,
    give_area,
    make_agreement,
    make_meter,
    make_point,
    make_user,
)

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 11, tzinfo=UTC)
OCTOBER = "kind=detail&period=month&on=2026-10-01"


@pytest.fixture(autouse=True)
def _place(settings, tmp_path, monkeypatch):
    settings.HOME = tmp_path
    monkeypatch.setattr(worker, "_now", lambda: NOW)


@pytest.fixture
def owner():
    return make_user("owner@example.org", name="Ковалёва Мария Сергеевна")


@pytest.fixture
def home(owner):
    house, other = make_point("HOUSE", "Дом"), make_point("OTHER", "Чужая")
    make_agreement("Д-1", [owner], [house])
    make_agreement("Д-2", [make_user("other@example.org")], [other])
    for point in (house, other):
        make_meter(point, f"M-{point.code}")
        fill(point, date(2026, 10, 1), date(2026, 10, 4))
    return house, other


def begin(user, query=OCTOBER, format="xlsx", **more):
    return services.begin(user, title="Расход", query=query, format=format, at=NOW, **more)


def made(run: Run) -> Run:
    worker.run_waiting()
    run.refresh_from_db()
    return run


class TestRun:
    def test_its_file_has_what_its_user_sees(self, owner, home):
        run = made(begin(owner))
        place = queries.file_of(owner, run, at=NOW)
        cells = CalamineWorkbook.from_path(str(place)).get_sheet_by_index(0).to_python()

        assert run.state == Run.State.MADE
        assert run.size == place.stat().st_size
        assert run.name.endswith(".xlsx")
        assert any("HOUSE" in row for row in cells)
        assert not any("OTHER" in row for row in cells)
        assert place.stat().st_mode & 0o777 == 0o600
        assert [one.run for one in queries.recent(owner)] == [run]

    def test_its_user_is_told_once_on_the_page(self, owner, home):
        run = made(begin(owner))
        notifications.deliver(at=NOW)

        notice = Notice.objects.get()
        assert (notice.user_id, notice.kind) == (owner.pk, "reports.run.made")
        assert Message.objects.filter(key=f"reports.run:{run.pk}").count() == 1

    def test_a_foreign_point_fails_with_words_and_leaves_no_file(self, owner, home):
        run = made(begin(owner, f"{OCTOBER}&point=OTHER"))

        assert run.state == Run.State.FAILED
        assert run.why
        assert "OTHER" not in run.why
        assert not list(files.place_of("x").parent.iterdir())

    def test_a_fault_is_told_without_its_words(self, owner, home, monkeypatch):
        def broken(*args):
            raise RuntimeError("secret path")

        monkeypatch.setattr("faza.reports.renderers.write", broken)
        run = made(begin(owner))

        assert run.state == Run.State.FAILED
        assert "secret" not in run.why
        assert Job.objects.get(pk=run.job).state == Job.State.FAILED

    def test_cancelled_before_it_began(self, owner, home):
        run = begin(owner)
        services.cancel(run, by=owner, at=NOW)

        assert made(run).state == Run.State.CANCELLED

    def test_cancelled_while_it_runs(self, owner, home, monkeypatch):
        run = begin(owner)
        monkeypatch.setattr("faza.jobs.pulse.Pulse.is_cancelled", True)

        assert made(run).state == Run.State.CANCELLED
        assert not list(files.place_of("x").parent.iterdir())

    def test_a_user_waits_for_three_at_most(self, owner, home):
        for _number in range(3):
            begin(owner)
        with pytest.raises(services.TooMany):
            begin(owner)
        begin(make_user("second@example.org"))

    def test_lost_workers_end_it(self, owner, home):
        run = begin(owner)
        Job.objects.filter(pk=run.job).update(attempts=leases.MOST_ATTEMPTS)
        worker.run_waiting()

        assert making.settle(at=NOW) == 1
        assert making.settle(at=NOW) == 0
        run.refresh_from_db()
        assert (run.state, bool(run.why)) == (Run.State.FAILED, True)

    def test_the_file_of_a_worker_that_was_only_late_stays(self, owner, home, monkeypatch):
        """It makes the report just when the run is to be ended, as its job was given up."""
        run = begin(owner)
        Job.objects.filter(pk=run.job).update(attempts=leases.MOST_ATTEMPTS)
        worker.run_waiting()
        late = SimpleNamespace(
            at=NOW, arguments={"run": run.pk}, is_cancelled=False, progress=lambda *_told: None
        )
        found = Run.objects.get

        def meanwhile(**more):
            told = found(**more)
            making.make(late)
            return told

        with monkeypatch.context() as patched:
            patched.setattr(Run.objects, "get", meanwhile)
            assert making.settle(at=NOW) == 0
        run.refresh_from_db()
        assert run.state == Run.State.MADE
        assert queries.file_of(owner, run, at=NOW).stat().st_size == run.size

    def test_a_run_that_was_ended_gets_no_file_of_a_late_worker(self, owner, home):
        run = begin(owner, format="csv")
        Job.objects.filter(pk=run.job).update(attempts=leases.MOST_ATTEMPTS)
        worker.run_waiting()

        def ended(*_told):
            making.settle(at=NOW)

        late = SimpleNamespace(
            at=NOW, arguments={"run": run.pk}, is_cancelled=False, progress=ended
        )
        making.make(late)
        run.refresh_from_db()
        assert run.state == Run.State.FAILED
        assert not list(files.place_of("x").parent.iterdir())

    def test_staff_leave_a_trace(self, owner, home):
        operator = make_user("operator@example.org", role="operator")
        give_area(operator, home[0].node)
        made(begin(operator))

        entry = Entry.objects.get(action="reports.report.made")
        assert entry.after["points_count"] == 2

    def test_files_go_after_their_time(self, owner, home):
        run = made(begin(owner))
        place = files.place_of(run.file)

        assert services.sweep(NOW, NOW) == 0
        assert services.sweep(NOW + timedelta(days=1), NOW) == 1
        assert not place.exists()


class TestAccessToFile:
    def test_nobody_elses(self, owner, home):
        run = made(begin(owner))
        with pytest.raises(queries.NotThere):
            queries.file_of(make_user("second@example.org"), run, at=NOW)

    def test_not_after_the_point_was_taken_away(self, owner, home):
        run = made(begin(owner))
        AgreementPoint.objects.filter(usage_point=home[0]).delete()

        with pytest.raises(queries.NotThere):
            queries.file_of(owner, run, at=NOW)

    def test_not_after_the_window_was_cut(self, owner, home):
        run = made(begin(owner))
        CustomerAgreement.objects.filter(number="Д-1").update(
            valid_to=datetime(2026, 10, 2, tzinfo=UTC)
        )

        with pytest.raises(queries.NotThere):
            queries.file_of(owner, run, at=NOW)

    def test_later_and_with_more_points_it_is_still_there(self, owner, home):
        run = made(begin(owner))
        make_agreement("Д-3", [owner], [make_point("NEW")])

        assert queries.file_of(owner, run, at=NOW + timedelta(days=3)).exists()


def save(user, title="Мой отчёт", query=OCTOBER, layout=None, **more):
    return services.keep(
        user, title=title, query=query, layout=layout or Layout(), at=NOW, **more
    )  # fmt: skip


class TestPersonal:
    def test_saved_changed_deleted(self, owner):
        report = save(owner)
        save(owner, title="Другое", report=report)

        assert [one.title for one in queries.personal(owner, at=NOW)] == ["Другое"]
        services.remove(report, by=owner, at=NOW)
        assert not queries.personal(owner, at=NOW).exists()

    @pytest.mark.parametrize(("title", "query"), [("  ", OCTOBER), ("T", "point=" + "x" * 20_001)])
    def test_wrong_ones(self, owner, title, query):
        with pytest.raises(services.Wrong):
            save(owner, title=title, query=query)

    def test_shared_within_the_customer_each_with_own_windows(self, owner, home):
        customer = Customer.objects.get(name="Абонент Д-1")
        second = make_user("second@example.org")
        report = save(owner)
        services.share(report, customer=customer, by=owner, at=NOW)

        assert not queries.finds(second, report, at=NOW)
        contracts.admit_member(user=second, customer=customer, at=NOW - timedelta(days=1))
        assert queries.finds(second, report, at=NOW)
        assert not queries.own(second).exists()

    def test_not_with_a_foreign_customer(self, owner, home):
        foreign = Customer.objects.get(name="Абонент Д-2")
        with pytest.raises(services.Wrong):
            services.share(save(owner), customer=foreign, by=owner, at=NOW)

    def test_its_columns_are_in_the_file(self, owner, home):
        layout = Layout("", (("own1", ""), ("code", "Код")), (Formula("own1", "Half", "used/2"),))
        run = made(begin(owner, layout=layout))
        place = queries.file_of(owner, run, at=NOW)
        rows = CalamineWorkbook.from_path(str(place)).get_sheet_by_index(0).to_python()

        assert any(row[1] == "Код" for row in rows)


def schedule(report, user, **more):
    wanted = {"every": "month", "on_day": 2, "hour": 8, "zone": "Europe/Moscow", "format": "xlsx"}
    return services.schedule(report, user=user, at=NOW, **(wanted | more))


DUE = datetime(2026, 12, 2, 5, tzinfo=UTC)


class TestSchedule:
    @pytest.mark.parametrize(
        "wrong",
        [
            {"every": "hour"},
            {"on_day": 29},
            {"every": "week", "on_day": 8},
            {"hour": 24},
            {"zone": "Mars/Base"},
            {"zone": "../etc/passwd"},
            {"format": "80020"},
        ],
    )
    def test_wrong_ones(self, owner, wrong):
        with pytest.raises(services.Wrong):
            schedule(save(owner), owner, **wrong)

    def test_it_is_begun_once_and_asks_for_the_latest_whole_period(self, owner, home):
        made_one = schedule(save(owner), owner)
        assert made_one.next_at == DUE

        assert services.begin_due(at=DUE - timedelta(seconds=1)) == 0
        assert services.begin_due(at=DUE) == 1
        assert services.begin_due(at=DUE) == 0
        run = Run.objects.get()
        assert QueryDict(run.query)["on"] == "2026-11-01"
        made_one.refresh_from_db()
        assert made_one.next_at == datetime(2027, 1, 2, 5, tzinfo=UTC)

    def test_after_a_long_silence_it_comes_once(self, owner, home):
        schedule(save(owner), owner, every="day", on_day=0)

        assert services.begin_due(at=NOW + timedelta(days=9)) == 1
        assert services.begin_due(at=NOW + timedelta(days=9)) == 0

    def test_the_mail_brings_the_file_once(self, owner, home):
        schedule(save(owner, title="Для бухгалтерии"), owner, format="csv")
        services.begin_due(at=DUE)
        worker.run_waiting()
        worker.run_waiting()
        for _time in range(2):
            notifications.deliver(at=DUE)

        (sent,) = mail.outbox
        ((name, content, kind),) = sent.attachments
        assert sent.to == [owner.email]
        assert "Для бухгалтерии" in sent.subject
        assert name.endswith(".csv")
        assert "HOUSE" in (content if isinstance(content, str) else content.decode("utf-8-sig"))

    def test_no_file_goes_to_who_has_lost_the_point_meanwhile(self, owner, home):
        schedule(save(owner), owner)
        services.begin_due(at=DUE)
        worker.run_waiting()
        AgreementPoint.objects.filter(usage_point=home[0]).delete()
        notifications.deliver(at=DUE)

        (sent,) = mail.outbox
        assert not sent.attachments

    def test_who_does_not_find_the_report_any_more_gets_none(self, owner, home):
        report = save(make_user("author@example.org"))
        Schedule.objects.create(
            report=report, user=owner, every="day", hour=8, zone="Europe/Moscow", format="csv",
            created_at=NOW, next_at=NOW,
        )  # fmt: skip

        assert services.begin_due(at=NOW) == 0
        assert Schedule.objects.get().next_at is None
        assert not Run.objects.exists()

    def test_it_ends(self, owner):
        report = save(owner)
        schedule(report, owner)
        services.unschedule(report, user=owner, at=NOW)
        services.unschedule(report, user=owner, at=NOW)

        assert not Schedule.objects.exists()
        assert Entry.objects.filter(action="reports.schedule.ended").count() == 1


def test_windows_are_those_of_the_moment_it_is_made(owner, home):
    """What was saved with all points is of those that the user has then."""
    report = save(owner, query=f"{OCTOBER}&points=all")
    query = QueryDict(report.query)
    assert queries.points_of(owner, query, at=NOW).points == [home[0].pk]
    assert not access.windows_of(make_user("none@example.org"), at=NOW)
    assert PersonalReport.objects.get().query == report.query
