"""What somebody hostile, or unlucky, does to reports that are saved, scheduled, made and mailed."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from faza.contracts.models import CustomerMember
from faza.jobs import worker
from faza.notifications import services as notifications
from faza.reports import files, queries, services
from faza.reports.formulas import computed
from faza.reports.models import PersonalReport, Run, Schedule
from faza.reports.shaping import Formula, Layout
from tests.cabinet.factories import fill, make_agreement, make_meter, make_point, make_user

NOW = datetime(2026, 11, 21, 11, tzinfo=UTC)
OCTOBER = "kind=detail&period=month&on=2026-10-01"


@pytest.fixture(autouse=True)
def _place(settings, tmp_path, monkeypatch):
    settings.HOME = tmp_path
    monkeypatch.setattr(worker, "_now", lambda: NOW)


@pytest.fixture
def owner(db):
    user, house = make_user("owner@example.org"), make_point("HOUSE", "Дом")
    make_agreement("Д-1", [user], [house])
    make_meter(house, "M-1")
    fill(house, date(2026, 10, 1), date(2026, 10, 3))
    return user


def begin(user, query=OCTOBER, format="csv", **more):
    return services.begin(user, title="Расход", query=query, format=format, at=NOW, **more)


def save(user, **more):
    wanted = {"title": "Мой", "query": OCTOBER, "layout": Layout(), "at": NOW}
    return services.keep(user, **(wanted | more))


def daily(report, user, at=NOW):
    return services.schedule(
        report, user=user, every="day", on_day=0, hour=8, zone="Europe/Moscow", format="csv", at=at
    )


class TestFormula:
    @pytest.mark.parametrize(
        "formula",
        ["used + 1" + "0" * 30 + " / 0", "1" + "0" * 30 + " / (1 - 1) + used",
         "used * 1e300 * 1e300", "9" * 120 + " * " + "9" * 120 + " * used * used * 1e200"],
    )  # fmt: skip
    def test_huge_numbers_and_zero_are_missing_not_a_fault(self, formula):
        made = computed(formula, {"used": np.array([10.0, 0.0])})

        assert not np.isinf(made).any()
        assert np.isnan(made[0])

    @pytest.mark.parametrize("format", ["xlsx", "xls", "csv", "json", "pdf", "html"])
    def test_what_overflows_only_when_rounded_is_missing_in_each_format(self, owner, format):
        layout = Layout("", (), (Formula("own1", "Half", "used * 1e306", "", 6),))
        run = begin(owner, layout=layout, format=format)
        worker.run_waiting()
        run.refresh_from_db()

        assert (run.state, run.why) == (Run.State.MADE, "")
        told = files.place_of(run.file).read_bytes()
        assert b"inf" not in told.lower() or format in {"xlsx", "xls", "pdf", "html"}


class TestSchedule:
    def test_one_that_cannot_begin_holds_up_no_other(self, owner, monkeypatch):
        broken = save(owner, query="kind=gone")
        daily(broken, owner)
        daily(save(owner, title="Другой"), owner)

        assert services.begin_due(at=NOW + timedelta(days=1)) == 1
        assert Schedule.objects.get(report=broken).next_at is None

    def test_it_stops_where_nothing_is_the_readers_any_more(self, owner):
        daily(save(owner), owner)
        CustomerMember.objects.filter(user=owner).update(valid_to=NOW)

        assert services.begin_due(at=NOW + timedelta(days=1)) == 1
        worker.run_waiting()
        assert Run.objects.get().state == Run.State.FAILED
        assert Schedule.objects.get().next_at is None

    def test_a_mail_that_waited_asks_what_its_reader_may_see_when_it_goes(self, owner):
        daily(save(owner), owner)
        services.begin_due(at=NOW + timedelta(days=1))
        worker.run_waiting()
        CustomerMember.objects.filter(user=owner).update(valid_to=NOW + timedelta(days=2))
        notifications.deliver(at=NOW + timedelta(days=3))

        (sent,) = mail.outbox
        assert not sent.attachments

    def test_a_closed_account_gets_none(self, owner):
        daily(save(owner), owner)
        owner.is_active = False
        owner.save()

        assert services.begin_due(at=NOW + timedelta(days=1)) == 0


class TestRun:
    def test_those_who_begin_at_once_count_each_other(self, owner):
        if connection.vendor != "postgresql":
            pytest.skip("SQLite has one writer at a time")
        with CaptureQueriesContext(
            connection,
        ) as asked:
            begin(owner)
        assert any("FOR UPDATE" in one["sql"] for one in asked.captured_queries[:3])

    def test_an_address_is_no_longer_than_one_that_is_saved(self, owner):
        with pytest.raises(services.Wrong):
            begin(owner, f"{OCTOBER}&point=" + "x" * services.LONGEST_QUERY)

    def test_a_nul_is_no_point(self, owner):
        run = begin(owner, f"{OCTOBER}&point=%00")
        worker.run_waiting()
        run.refresh_from_db()

        assert run.state == Run.State.FAILED
        assert "fault" not in run.why
        assert "сбо" not in run.why.lower()

    def test_it_is_of_the_customer_that_is_acted_for(self, owner):
        second = make_point("SECOND", "Другой дом")
        make_meter(second, "M-2")
        make_agreement("Д-2", [owner], [second])
        fill(second, date(2026, 10, 1), date(2026, 10, 3))
        owner.acting_for = CustomerMember.objects.filter(user=owner).order_by("pk")[0].customer_id
        run = begin(owner, format="xlsx")
        worker.run_waiting()
        run.refresh_from_db()
        place = queries.file_of(owner, run, at=NOW)
        cells = CalamineWorkbook.from_path(str(place)).get_sheet_by_index(0).to_python()

        assert any("HOUSE" in row for row in cells)
        assert not any("SECOND" in row for row in cells)
        owner.acting_for = CustomerMember.objects.filter(user=owner).order_by("pk")[1].customer_id
        assert queries.file_of(owner, run, at=NOW).exists()


class TestPersonal:
    def test_what_an_erased_person_saved_goes(self, owner):
        daily(save(owner, title="Квартира Ковалёвой"), owner)
        owner.is_active, owner.erased_at = False, NOW
        owner.save()
        services.sweep(NOW - timedelta(days=14), NOW)

        assert not PersonalReport.objects.exists()
        assert not Schedule.objects.exists()

    def test_a_nul_in_a_title_is_left_out(self, owner):
        report = save(owner, title="A\0B")

        assert PersonalReport.objects.get(pk=report.pk).title == "AB"
