"""Terms of keeping: within bounds, said before they hold, counted."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from faza.accounts import retention
from faza.accounts.models import Retention, SignIn
from faza.jobs import services as jobs
from faza.jobs import worker
from tests.desk.office.factories import NOW, make, signed_in

KIND = "accounts.sign_in_addresses"


def address(kind: str = KIND) -> str:
    return reverse("desk:retention-edit", args=[kind])


def standing() -> int | None:
    return next(days for kind, days in retention.kinds() if kind.name == KIND)


@pytest.fixture
def old_sign_in(db):
    then = datetime.now(UTC) - timedelta(days=100)
    return SignIn.objects.create(user=make(), at=then, address="192.0.2.1", outcome="done")


class TestTerm:
    def test_before_it_holds_the_page_says_how_much_goes(self, office, old_sign_in):
        page = office.post(address(), {"days": "90"}).content.decode()
        assert "удалит 1 запись" in page
        assert not Retention.objects.exists()

    def test_it_holds_once_that_was_confirmed(self, office):
        assert office.post(address(), {"days": "90", "sure": "1"}).status_code == 302
        assert standing() == 90

    def test_for_ever_erases_nothing(self, office, old_sign_in):
        office.post(address(), {"forever": "on", "sure": "1"})
        assert standing() is None
        assert "всегда" in office.get(reverse("desk:retention")).content.decode()

    @pytest.mark.parametrize("days", ["0", "-1", "3651", "1.5", "x", ""])
    def test_senseless_terms_are_refused(self, days, office):
        answer = office.post(address(), {"days": days, "sure": "1"})
        assert answer.status_code == 422
        assert not Retention.objects.exists()

    def test_an_auditor_only_reads(self, auditor):
        assert signed_in(auditor).post(address(), {"days": "9", "sure": "1"}).status_code == 403
        assert not Retention.objects.exists()

    def test_other_fields_of_a_request_are_not_read(self, office):
        office.post(address(), {"days": "90", "sure": "1", "kind": "accounts.closed"})
        assert Retention.objects.get().kind == KIND


class TestTable:
    def test_every_kind_is_told_with_what_would_go_now(self, office, old_sign_in):
        office.post(address(), {"days": "90", "sure": "1"})
        page = office.get(reverse("desk:retention"))
        kinds = {one.name: one for one in page.context["kinds"]}
        assert set(kinds) == {kind.name for kind, _days in retention.kinds()}
        assert kinds[KIND].due == 1

    def test_the_count_is_what_the_round_erases(self, office, old_sign_in):
        office.post(address(), {"days": "90", "sure": "1"})
        told = {one.name: one.due for one in _kinds(office)}
        jobs.start("accounts.retention.sweep", arguments={}, by=None, at=NOW)
        worker.run_waiting()
        kinds = {one.name: one for one in _kinds(office)}
        told = {name: due for name, due in told.items() if kinds[name].days is not None}
        assert {name: kinds[name].erased for name, due in told.items() if due is not None} == {
            name: due for name, due in told.items() if due is not None
        }
        assert kinds[KIND].due == 0


def _kinds(client):
    return client.get(reverse("desk:retention")).context["kinds"]
