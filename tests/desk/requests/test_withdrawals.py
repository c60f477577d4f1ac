"""Consents taken back: the list with terms, and what was done."""

from __future__ import annotations

from datetime import timedelta

import pytest

from faza.accounts import services as accounts
from faza.accounts.models import Withdrawal
from faza.audit.models import Entry
from faza.contracts import services as contracts
from faza.desk.requests.counting import open_withdrawals, queue
from tests.desk.requests.factories import NOW, make_person

pytestmark = pytest.mark.django_db
LIST = "/desk/withdrawals/"


@pytest.fixture
def asked(papers) -> Withdrawal:
    user = make_person("Лапина Таисия Юрьевна")
    contracts.admit_member(user=user, customer=papers.customer, at=NOW)
    return accounts.withdraw_consent(user=user, at=NOW)


@pytest.fixture
def theirs(foreign) -> Withdrawal:
    user = make_person("Чужой Пётр Ильич")
    contracts.admit_member(user=user, customer=foreign.customer, at=NOW)
    return accounts.withdraw_consent(user=user, at=NOW)


def page(client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    body = b"".join(answer) if answer.streaming else answer.content
    return body.decode()


def test_the_list_tells_whose_and_by_when(desk, asked, theirs):
    said = page(desk, LIST)

    assert "Лапина Таисия Юрьевна" in said
    assert "20.12.2026" in said
    assert "Чужой" not in said


def test_an_overdue_one_is_told(desk, asked):
    hour = timedelta(hours=1)
    Withdrawal.objects.update(at=NOW - 2 * hour, due_at=NOW - hour)

    assert '<b class="bad">1 просроч' in page(desk, LIST)
    assert "Лапина" in page(desk, f"{LIST}?state=overdue")
    assert "Лапина" not in page(desk, f"{LIST}?state=handled")


def test_it_is_handled_with_what_was_done(desk, asked, operator):
    address = f"{LIST}{asked.pk}/"
    assert "Что с этим связано" in page(desk, address)

    said = desk.post(address, {"done": "Доступ закрыт"}, follow=True).content.decode()

    asked.refresh_from_db()
    assert (asked.handled_at, asked.handled_by) == (NOW, operator)
    assert "Отзыв обработан" in said
    assert Entry.objects.filter(action="accounts.withdrawal.handled").exists()
    again = desk.post(address, {"done": "Ещё раз"}, follow=True).content.decode()
    assert "уже обработал коллега" in again


def test_what_was_done_has_to_be_told(desk, asked):
    said = desk.post(f"{LIST}{asked.pk}/", {"done": " "}, follow=True).content.decode()

    asked.refresh_from_db()
    assert asked.handled_at is None
    assert "Напишите в нескольких словах" in said


def test_a_foreign_one_is_not_there(desk, theirs):
    assert desk.get(f"{LIST}{theirs.pk}/").status_code == 404
    assert desk.post(f"{LIST}{theirs.pk}/", {"done": "x"}).status_code == 404


def test_an_auditor_only_reads(auditor, asked):
    assert "Отметить обработанным" not in page(auditor, f"{LIST}{asked.pk}/")
    assert auditor.post(f"{LIST}{asked.pk}/", {"done": "x"}).status_code == 403


def test_taking_the_list_away_is_written_down(desk, asked):
    assert "Лапина" in page(desk, f"{LIST}?export=csv")
    assert Entry.objects.filter(action="desk.list.exported").exists()


def test_the_menu_counts_only_those_within_reach(operator, asked, theirs):
    assert open_withdrawals(operator, NOW).count == 1


def test_a_queue_is_parted_by_how_near_the_terms_are():
    hour = timedelta(hours=1)
    terms = [
        (NOW - hour, NOW + 80 * hour),  # fresh
        (NOW - 90 * hour, NOW + 80 * hour),  # past the half
        (NOW - hour, NOW + hour),  # due today
        (NOW - 99 * hour, NOW),  # over
    ]

    found = queue(terms, NOW)

    assert (found.fresh, found.half, found.today, found.overdue) == (1, 1, 1, 1)
    assert found.oldest == NOW - 99 * hour
