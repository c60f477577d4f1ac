"""Who gets which page of the office: by role, and with what on it."""

import re

import pytest
from django.urls import reverse

from faza.accounts.models import LegalText, User
from faza.jobs import services as jobs
from tests.desk.office.factories import NOW, make, published, signed_in

READ = {
    "desk:texts": [],
    "desk:organisation": [],
    "desk:users": [],
    "desk:users-rights": [],
    "desk:retention": [],
    "desk:audit": [],
    "desk:mails": [],
}
WRITE = {
    "desk:text-draft": ["consent"],
    "desk:user-invite": [],
    "desk:retention-edit": ["accounts.closed"],
}


@pytest.mark.parametrize("name", READ)
class TestReading:
    def test_the_administrator_and_the_auditor_read(self, name, administrator, auditor):
        for user in (administrator, auditor):
            assert signed_in(user).get(reverse(name, args=READ[name])).status_code == 200

    def test_an_operator_is_told_no(self, name, operator):
        assert signed_in(operator).get(reverse(name, args=READ[name])).status_code == 403

    def test_nobody_is_sent_to_the_sign_in(self, name, client, db):
        answer = client.get(reverse(name, args=READ[name]))
        assert answer.status_code == 302
        assert "/accounts/login/" in answer["Location"]

    def test_the_auditor_has_no_form_that_changes_anything(self, name, auditor):
        page = signed_in(auditor).get(reverse(name, args=READ[name])).content.decode()
        main = page[page.index("<main") : page.index("</main>")]
        forms = re.findall(r'<form[^>]*method="post"[^>]*>', main)
        own = ("data-chooser", 'action="/desk/filters/')  # what a reader may do too
        assert [form for form in forms if not any(one in form for one in own)] == []


@pytest.mark.parametrize("name", WRITE)
class TestWriting:
    def test_the_administrator_gets_the_form(self, name, office):
        assert office.get(reverse(name, args=WRITE[name])).status_code == 200

    def test_an_auditor_and_an_operator_are_told_no(self, name, auditor, operator):
        for user in (auditor, operator):
            for method in ("get", "post"):
                answer = getattr(signed_in(user), method)(reverse(name, args=WRITE[name]))
                assert answer.status_code == 403


class TestObjects:
    def test_pages_of_a_user_a_text_a_job(self, office, administrator):
        text = published(LegalText.Kind.CONSENT)
        job = jobs.start("accounts.retention.sweep", arguments={}, by=administrator, at=NOW)
        for address in (
            reverse("desk:user", args=[administrator.pk]),
            reverse("desk:user-role", args=[administrator.pk]),
            reverse("desk:text", args=[text.pk]),
            reverse("desk:job", args=[job.pk]),
            reverse("desk:job-part", args=[job.pk]),
            reverse("desk:jobs"),
        ):
            assert office.get(address).status_code == 200, address

    @pytest.mark.parametrize("role", User.Role)
    def test_the_page_of_a_user_of_each_role(self, role, office):
        assert office.get(reverse("desk:user", args=[make(role).pk])).status_code == 200

    def test_what_is_not_there_is_not_found(self, office):
        for name in ("desk:user", "desk:text", "desk:job"):
            assert office.get(reverse(name, args=[10**12])).status_code == 404
        assert office.get(reverse("desk:text-draft", args=["nothing"])).status_code == 404
        assert office.get(reverse("desk:retention-edit", args=["no.such"])).status_code == 404
