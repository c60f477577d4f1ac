"""What somebody hostile sends to the pages of reports."""

from datetime import UTC, date, datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from faza.contracts import services as contracts
from faza.contracts.models import Customer, CustomerMember
from faza.reports import queries, registry, services
from faza.reports.models import PersonalReport, Run
from faza.reports.shaping import Layout
from tests.cabinet.factories import (
    fill,
    give_house,
    make_agreement,
    make_meter,
    make_point,
    make_user,
)
from tests.cabinet.test_report_runs import FORM, NOW, QUERY

pytestmark = pytest.mark.django_db
LONG = "7" * 5000


@pytest.fixture(autouse=True)
def _place(settings, tmp_path, monkeypatch):
    settings.HOME = tmp_path
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def owner(client):
    user, house = make_user("owner@example.org"), make_point("HOUSE", "Дом")
    make_agreement("Д-1", [user], [house])
    make_meter(house, "M-1")
    fill(house, date(2026, 10, 1), date(2026, 10, 3))
    client.force_login(user)
    return user


def posted(client, wrong):
    return client.post(f"{reverse('cabinet:report_save')}?{QUERY}", FORM | wrong)


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"monthday": LONG}, 422),
        ({"hour": LONG}, 422),
        ({"every": "week", "weekday": "٣" * 5000}, 422),
        ({"customer": LONG}, 404),
        ({"customer": "9" * 40}, 404),
        ({"customer": "\0"}, 404),
        ({"zone": "Europe/Moscow\0"}, 422),
        ({"zone": "x" * 5000}, 422),
        ({"every": "\0"}, 422),
        ({"format": "\0"}, 422),
        ({"f_formula": ["used" + "+1" * 3000]}, 422),
        ({"f_formula": ["used\0"]}, 422),
        ({"title": " \0 "}, 422),
    ],
)
def test_odd_values_are_told_and_nothing_is_kept(client, owner, wrong, status):
    made = posted(client, wrong)

    assert made.status_code == status
    assert not PersonalReport.objects.exists()


@pytest.mark.parametrize(
    "odd",
    [{"title": "A\0B"}, {"f_title": ["A\0B"]}, {"name": ["", "A\0B"]}, {"f_unit": ["k\0"]},
     {"name": ["", "Ы" * 50_000]}, {"title": "Ы" * 5000}],
)  # fmt: skip
def test_odd_words_are_kept_clean_and_short(client, owner, odd):
    assert posted(client, odd).status_code == 302

    report = PersonalReport.objects.get()
    told = f"{report.title}{report.layout}"
    assert "\0" not in told
    assert "x00" not in told
    assert len(told) < 2000


def test_what_was_saved_is_said_also_without_a_schedule(client, owner):
    posted(client, {"every": ""})

    assert "сохран" in client.get(reverse("cabinet:reports")).content.decode().lower()


@pytest.mark.parametrize("query", [f"{QUERY}&point=%00", f"{QUERY}&point=A\0B", "kind=\0"])
def test_a_nul_in_a_posted_address_is_not_there(client, owner, query):
    made = client.post(reverse("cabinet:report_begin"), {"query": query, "format": "csv"})

    assert made.status_code in {302, 400, 404}


def test_a_posted_address_that_is_too_long_is_told(client, owner):
    query = f"{QUERY}&point={'x' * 30_000}"
    made = client.post(reverse("cabinet:report_begin"), {"query": query, "format": "csv"})

    assert made.status_code == 302
    assert not Run.objects.exists()


@pytest.mark.parametrize("number", ["٣", "9" * 18, "9" * 19, "-1", "1e3", "0x1", "1 "])
def test_numbers_of_reports_that_are_none(client, owner, number):
    assert client.get(reverse("cabinet:reports"), {"own": number}).status_code == 404
    assert client.get(f"{reverse('cabinet:report')}?{QUERY}&own={number}").status_code == 404


def test_a_personal_report_is_nobody_elses(client, owner):
    report = services.keep(owner, title="Тайный", query=QUERY, layout=Layout(), at=NOW)
    second, house = make_user("second@example.org"), make_point("SECOND")
    make_agreement("Д-2", [second], [house])
    client.force_login(second)

    for name in ("report_own", "report_delete"):
        address = reverse(f"cabinet:{name}", args=[report.pk])
        assert client.post(address, FORM).status_code == 404
    query = "kind=detail&point=SECOND"
    assert client.get(f"{reverse('cabinet:report')}?{query}&own={report.pk}").status_code == 404
    begun = {"query": f"{query}&own={report.pk}", "format": "csv"}
    assert client.post(reverse("cabinet:report_begin"), begun).status_code == 404
    assert "Тайный" not in client.get(reverse("cabinet:reports")).content.decode()


def test_one_who_left_does_not_change_what_the_customers_people_read(client, owner):
    customer = Customer.objects.get(name="Абонент Д-1")
    report = services.keep(owner, title="Общий", query=QUERY, layout=Layout(), at=NOW)
    services.share(report, customer=customer, by=owner, at=NOW)
    second = make_user("second@example.org")
    contracts.admit_member(user=second, customer=customer, at=datetime(2026, 1, 1, tzinfo=UTC))
    CustomerMember.objects.filter(user=owner, customer=customer).update(valid_to=NOW)
    wanted = FORM | {"title": "Перевод на карту", "customer": str(customer.pk)}
    client.post(reverse("cabinet:report_own", args=[report.pk]), wanted)

    assert "Перевод на карту" not in [one.title for one in queries.personal(second, at=NOW)]


def test_a_house_manager_gets_no_flat_by_any_way(client, owner):
    flat = make_point("FLAT", "Квартира 12")
    make_agreement("Д-3", [make_user("flat@example.org")], [flat])
    manager = make_user("manager@example.org", "house_manager")
    give_house(manager, flat.node)
    client.force_login(manager)
    for query in ("point=FLAT", f"branch=n{flat.node_id}", "points=all"):
        made = client.get(f"{reverse('cabinet:report')}?kind=detail&{query}")
        body = b"".join(made) if made.streaming else made.content
        assert "Квартира 12" not in body.decode()


def test_a_branch_of_digits_that_no_database_holds(client, owner):
    for key in ("a" + "9" * 16, "n" + "9" * 16, "a٣", "n-1"):
        shown = client.get(reverse("cabinet:reports"), {"branch": key})
        assert shown.status_code in {200, 404}


@pytest.mark.parametrize(("count", "status"), [(30, 200), (31, 404), (990, 404)])
def test_many_branches_are_a_page_or_not_there(client, owner, count, status):
    query = "&".join(f"branch=a{number}" for number in range(count))
    assert client.get(f"{reverse('cabinet:reports')}?{query}").status_code == status
    save = f"{reverse('cabinet:report_save')}?kind=detail&{query}"
    assert client.get(save).status_code == status


def test_branches_of_a_cookie_are_no_fault(client, owner):
    client.cookies["faza_points"] = "&".join(f"branch=a{number}" for number in range(600))
    assert client.get(reverse("cabinet:explorer")).status_code == 200


@pytest.mark.parametrize("code", [kind.code for kind in registry.kinds()])
def test_a_foreign_point_is_not_there_in_any_format_of_any_kind(client, owner, code):
    foreign = make_point("FLAT", "Чужая квартира")
    make_agreement("Д-3", [make_user("flat@example.org")], [foreign])
    mine = services.keep(
        owner, title="Свой", query=f"kind={code}&point=FLAT", layout=Layout(), at=NOW
    )
    for format in registry.kind(code).formats:
        for query in ("point=FLAT", "point=HOUSE&point=FLAT", f"own={mine.pk}"):
            made = client.get(
                f"{reverse('cabinet:report')}?kind={code}&{query}&format={format.value}"
            )
            assert made.status_code == 404
            assert "Чужая" not in made.content.decode()
    assert client.get(reverse("cabinet:report_own", args=[mine.pk])).status_code == 404


def test_a_cleared_tree_is_a_report_of_all_points(client, owner):
    """rules.md: nothing selected is the whole access zone."""
    query = "kind=detail&period=month&on=2026-10-01&points=none"
    shown = client.get(f"{reverse('cabinet:reports')}?{query}&choose=1")
    made = client.get(f"{reverse('cabinet:report')}?{query}&format=csv")

    assert shown.context["page"].tree.picked == 0
    assert "Все точки" in shown.content.decode()
    assert "HOUSE" in b"".join(made).decode()


def test_saved_as_another_one_it_keeps_its_columns(client, owner):
    posted(client, {"group": ["point", "when"], "every": ""})
    first = PersonalReport.objects.get()
    address = f"{reverse('cabinet:report_save')}?{QUERY}&own={first.pk}"
    shown = client.get(address)

    assert shown.context["editor"].title == "Для бухгалтерии"
    assert [f.formula for f in shown.context["editor"].formulas if f.formula] == ["used * 2"]
    assert client.post(address, FORM | {"title": "Копия"}).status_code == 302
    assert {one.title for one in PersonalReport.objects.all()} == {"Для бухгалтерии", "Копия"}
    stranger = make_user("stranger@example.org")
    make_agreement("Д-4", [stranger], [make_point("SHED")])
    client.force_login(stranger)
    assert client.get(address).status_code == 404


def test_what_was_typed_of_a_schedule_stays_where_something_is_wrong(client, owner):
    typed = {"every": "week", "weekday": "5", "hour": "21", "zone": "Asia/Omsk", "format": "pdf"}
    for more in ({"title": " "}, {"look": "1"}):
        kept = posted(client, typed | more).context["when"]

        assert (kept.every, kept.weekday, kept.hour) == ("week", 5, 21)
        assert (kept.zone, kept.format) == ("Asia/Omsk", "pdf")
