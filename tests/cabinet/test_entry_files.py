"""Readings of many points by a file, as a person sends them: trial, yes, what came of it."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from faza.manual_entry import file_pages, filing
from faza.manual_entry.models import Entry, EntryFile, EntryRule
from tests.cabinet.factories import make_agreement, make_point, make_user
from tests.manual_entry.fleets import HEAD, a_file, make_fleet

pytestmark = pytest.mark.django_db
LIST = "/entry/file/"


@pytest.fixture
def user():
    found = make_user("own@example.org")
    make_fleet(3, found, at=timezone.now())
    EntryRule.objects.update(first_day=1, last_day=31)
    return found


@pytest.fixture
def page(user):
    client = Client()
    client.force_login(user)
    return client


def upload(page, data):
    answer = page.post(LIST, {"file": SimpleUploadedFile("a.csv", data)})
    return answer.url if answer.status_code == 302 else answer


def test_trial_yes_and_what_came_of_it(page):
    rows = "P00000;;T1;3810\nP00000;;T2;1905\nP00001;;T1;9000\nP00001;;T2;1905\nNOBODY;;;5\n"
    one = upload(page, (HEAD + rows).encode())
    text = page.get(one).content.decode()
    assert "NOBODY" in text
    assert 'name="confirmed"' in text
    assert not Entry.objects.exists()

    answer = page.post(f"{one}send/", {"confirmed": "1"}, follow=True)

    assert 'name="confirmed"' not in answer.content.decode()
    assert Entry.objects.count() == 2
    assert "a.csv" in page.get(LIST).content.decode()
    remarks = b"".join(page.get(f"{one}remarks/").streaming_content).decode("utf-8-sig")
    assert [row.partition(";")[0] for row in remarks.splitlines()[1:]] == ["6"]


def test_the_template_is_of_the_own_points(page):
    make_point("FOREIGN")
    told = b"".join(page.get(f"{LIST}template.csv").streaming_content).decode("utf-8-sig")

    assert [row.split(";")[0] for row in told.splitlines()[1::2]] == ["P00000", "P00001", "P00002"]
    assert page.get(f"{LIST}template.xlsx").content[:2] == b"PK"


def test_of_very_many_points_there_is_no_workbook(page, monkeypatch):
    monkeypatch.setattr(file_pages, "MOST_IN_WORKBOOK", 2)

    assert "template.xlsx" not in page.get(LIST).content.decode()
    assert page.get(f"{LIST}template.xlsx").status_code == 404


def test_a_large_file_shows_how_far_it_is(page, monkeypatch):
    monkeypatch.setattr(filing, "AT_ONCE", 1)
    one = upload(page, a_file(3))
    assert f'hx-get="{one}"' in page.get(one).content.decode()
    part = page.get(one, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "<progress" in part

    filing.check(EntryFile.objects.get().pk, at=timezone.now())

    answer = page.get(one, headers={"HX-Request": "true"})
    assert answer.headers["HX-Redirect"] == one


def test_twice_sent_and_put_aside(page):
    one = upload(page, a_file(1))
    for _ in range(2):
        page.post(f"{one}send/")
    page.post(f"{one}drop/")

    assert Entry.objects.count() == 1
    assert EntryFile.objects.get().state == "applied"


def test_a_foreign_file_is_not_there(page):
    one = upload(page, a_file(1))
    stranger = make_user("other@example.org")
    make_agreement("OTHER", [stranger], [make_point("FOREIGN")])
    other = Client()
    other.force_login(stranger)

    assert [other.get(one).status_code, other.post(f"{one}send/").status_code] == [404, 404]
    assert not Entry.objects.exists()


@pytest.mark.parametrize("data", [b"", b"a;b\n1;2\n", b"\x89PNG\r\n\x1a\n\0", HEAD.encode()])
def test_what_is_no_table_is_told(page, data):
    answer = upload(page, data)

    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
