"""Work in the background and mails: one's own, its progress, cancel, send again."""

from pathlib import Path

import pytest
from django.urls import reverse

from faza.audit.models import Entry
from faza.desk.office.background import JOBS, MAILS
from faza.jobs import registry
from faza.jobs import services as jobs
from faza.jobs.models import Job
from faza.notifications import telling
from faza.outbox import services as outbox
from faza.outbox.models import Message
from tests.desk.office.factories import NOW, make, signed_in

KIND = "accounts.retention.sweep"


def start(by) -> Job:
    return jobs.start(KIND, arguments={}, by=by, at=NOW)


def change(job: Job, **fields) -> Job:
    Job.objects.filter(pk=job.pk).update(**fields)
    return job


def address(name: str, thing) -> str:
    return reverse(f"desk:{name}", args=[thing.pk])


def test_every_kind_of_work_has_words():
    registry.load()
    of_tests = {kind for kind in registry.handlers if kind.startswith("test.")}
    assert set(registry.handlers) - of_tests == set(JOBS)


def test_every_kind_of_mail_has_words():
    folder = Path(telling.__file__).parent / "templates/notifications/mail"
    kinds = {file.stem for file in folder.glob("*.html")}
    assert kinds == {kind.replace(".", "_") for kind in MAILS}


class TestWhose:
    def test_an_operator_has_the_own_work_only(self, operator, administrator):
        mine, foreign, system = start(operator), start(administrator), start(None)
        client = signed_in(operator)
        listed = client.get(reverse("desk:jobs")).context["shown"]
        assert [one.job for one in listed] == [mine]
        for job in (foreign, system):
            for name in ("job", "job-part"):
                assert client.get(address(name, job)).status_code == 404
            assert client.post(address("job-cancel", job)).status_code == 404

    def test_the_administrator_has_all(self, office, operator):
        start(operator), start(None)
        assert len(office.get(reverse("desk:jobs")).context["shown"]) == 2

    def test_the_auditor_sees_all_and_cancels_nothing(self, auditor, operator):
        job, client = start(operator), signed_in(auditor)
        assert client.get(address("job", job)).status_code == 200
        assert client.post(address("job-cancel", job)).status_code == 404
        job.refresh_from_db()
        assert job.state == Job.State.WAITING


class TestProgress:
    def test_it_asks_for_itself_until_it_has_ended(self, office):
        job = change(start(None), state="running", started_at=NOW, done=250, total=1000)
        page = office.get(address("job-part", job))
        assert "hx-trigger" in page.content.decode()
        assert "250 из" in page.content.decode()
        assert "25" in page.content.decode()
        change(job, state="done", ended_at=NOW, result={"rows": 5})
        page = office.get(address("job-part", job))
        assert "hx-trigger" not in page.content.decode()
        assert page["HX-Refresh"] == "true"

    def test_an_error_is_told_with_a_number_and_runs_nothing(self, office):
        job = change(start(None), state="failed", ended_at=NOW, error="<script>alert(1)</script>")
        page = office.get(address("job", job)).content.decode()
        assert "&lt;script&gt;" in page
        assert f"Номер для обращения: {job.pk}" in page

    def test_it_is_cancelled_once(self, operator):
        job, client = start(operator), signed_in(operator)
        for _time in range(2):
            assert client.post(address("job-cancel", job)).status_code == 302
        job.refresh_from_db()
        assert (job.state, job.cancelled_by) == (Job.State.CANCELLED, operator.pk)

    @pytest.mark.parametrize("state", ["waiting", "done", "nothing"])
    def test_the_list_is_narrowed_by_state(self, state, office):
        start(None)
        found = office.get(reverse("desk:jobs"), {"state": state}).context["shown"]
        assert len(found) == (0 if state == "done" else 1)

    def test_as_many_queries_for_many_as_for_few(self, office, django_assert_max_num_queries):
        for _number in range(60):
            start(make())
        with django_assert_max_num_queries(14):
            office.get(reverse("desk:jobs"))


class TestMails:
    @pytest.fixture
    def mail(self, operator):
        told = outbox.tell("account.exists", to=operator.pk, key="1", payload={"name": "А"}, at=NOW)
        outbox.mark_failed(told, reason="550 <b>no such box</b>", at=NOW, for_good=True)
        return told

    def test_the_reason_is_told_and_the_address(self, office, mail, operator):
        page = office.get(reverse("desk:mails")).content.decode()
        assert "no such box" in page
        assert "<b>no such" not in page
        assert operator.email in page

    def test_it_is_sent_again_and_that_is_noted_once(self, office, mail):
        for _time in range(2):
            assert office.post(address("mail-retry", mail)).status_code in {302, 404}
        mail.refresh_from_db()
        assert mail.state == Message.State.WAITING
        assert Entry.objects.filter(action="outbox.message.retried").count() == 1

    def test_the_auditor_reads_only(self, auditor, mail):
        client = signed_in(auditor)
        assert "Отправить снова" not in client.get(reverse("desk:mails")).content.decode()
        assert client.post(address("mail-retry", mail)).status_code == 403
