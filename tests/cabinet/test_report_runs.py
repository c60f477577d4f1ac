"""Personal reports and reports as jobs, on their pages."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from faza.cabinet.account import own_data
from faza.contracts import services as contracts
from faza.contracts.models import Customer
from faza.jobs import worker
from faza.reports import queries
from faza.reports.models import PersonalReport, Run, Schedule
from tests.cabinet.factories import fill, make_agreement, make_meter, make_point, make_user
from tests.cabinet.reading import words

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 11, tzinfo=UTC)
QUERY = "kind=detail&period=month&on=2026-10-01&point=HOUSE"
FORM = {
    "title": "Для бухгалтерии", "key": ["code", "used"], "place": ["2", "1"],
    "name": ["", "Расход"], "f_title": ["Вдвое"], "f_formula": ["used * 2"], "f_unit": ["кВт·ч"],
    "f_digits": ["1"], "customer": "", "every": "month", "monthday": "2", "weekday": "1",
    "hour": "8", "zone": "Europe/Moscow", "format": "csv",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _place(settings, tmp_path, monkeypatch):
    settings.HOME = tmp_path
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    monkeypatch.setattr(worker, "_now", lambda: NOW)


@pytest.fixture
def owner(client):
    user, house = make_user("owner@example.org"), make_point("HOUSE", "Дом")
    make_agreement("Д-1", [user], [house])
    make_meter(house, "M-1")
    fill(house, date(2026, 10, 1), date(2026, 10, 3))
    client.force_login(user)
    return user


def test_saved_with_columns_formula_and_schedule_and_opened(client, owner):
    address = f"{reverse('cabinet:report_save')}?{QUERY}"
    assert "used" in client.get(address).content.decode()
    assert client.post(address, FORM).status_code == 302

    report, schedule = PersonalReport.objects.get(), Schedule.objects.get()
    assert (report.title, schedule.every, schedule.on_day) == ("Для бухгалтерии", "month", 2)
    assert "Для бухгалтерии" in client.get(reverse("cabinet:reports")).content.decode()
    assert client.get(reverse("cabinet:report_own", args=[report.pk])).status_code == 200
    told = f"{reverse('cabinet:report')}?{QUERY}&own={report.pk}"
    shown = b"".join(client.get(told)).decode()
    assert "Вдвое" in shown
    table = shown[shown.index("<table") :]
    assert table.index("Расход") < table.index("HOUSE")


@pytest.mark.parametrize(
    "wrong",
    [{"title": " "}, {"f_formula": ["used.real"]}, {"monthday": "31"}, {"zone": "X"}, {"hour": ""}],
)
def test_what_is_wrong_is_told_and_nothing_is_sent(client, owner, wrong):
    made = client.post(f"{reverse('cabinet:report_save')}?{QUERY}", FORM | wrong)

    assert made.status_code == 422
    assert not Schedule.objects.exists()


def test_made_in_the_background_and_fetched(client, owner):
    begun = client.post(reverse("cabinet:report_begin"), {"query": QUERY, "format": "csv"})
    assert begun.url == reverse("cabinet:report_runs")
    assert "/cancel/" in client.get(begun.url).content.decode()
    worker.run_waiting()

    run = Run.objects.get()
    got = client.get(reverse("cabinet:report_file", args=[run.pk]))
    assert b"HOUSE" in got.getvalue()
    second = make_user("second@example.org")
    make_agreement("Д-2", [second], [make_point("SECOND")])
    client.force_login(second)
    assert client.get(reverse("cabinet:report_file", args=[run.pk])).status_code == 404


def test_one_that_is_too_large_offers_the_background(client, owner, monkeypatch):
    monkeypatch.setattr("faza.cabinet.reports.page.MOST_ROWS", 0)
    told = client.get(f"{reverse('cabinet:report')}?{QUERY}&format=xlsx")

    assert reverse("cabinet:report_begin") in told.content.decode()


def test_one_that_takes_long_offers_the_background(client, owner, monkeypatch):
    monkeypatch.setattr("faza.reports.pace.AT_ONCE", 0.0)
    told = client.get(f"{reverse('cabinet:report')}?{QUERY}&format=pdf")

    assert told.status_code == 400
    assert "ждут не дольше 0 с" in words(told)
    assert reverse("cabinet:report_begin") in told.content.decode()


def test_the_first_rows_are_shown_as_they_are_typed_and_nothing_is_saved(client, owner):
    address = f"{reverse('cabinet:report_save')}?{QUERY}"
    shown = client.post(address, FORM | {"group": "point", "look": "1"})

    assert shown.status_code == 200
    assert not PersonalReport.objects.exists()
    text = shown.content.decode()
    table = text[text.index('class="fr-table"') :]
    assert "Вдвое, кВт·ч" in table
    assert table.index("Расход") < table.index("Дом")
    wrong = client.post(address, FORM | {"f_formula": ["used.real"], "look": "1"})
    assert wrong.status_code == 422


def test_groups_are_kept_and_stand_in_the_window(client, owner):
    wanted = FORM | {"group": ["point", "code", "point"], "every": ""}
    assert client.post(f"{reverse('cabinet:report_save')}?{QUERY}", wanted).status_code == 302
    report = PersonalReport.objects.get()

    assert report.layout["groups"] == ["point", "code"]
    told = b"".join(client.get(f"{reverse('cabinet:report')}?own={report.pk}")).decode()
    assert ">Дом · HOUSE</" in told
    assert ">Дом: всего</" in told
    assert "Вдвое" in told


def test_the_address_of_a_shared_report_names_no_point_of_its_owners(client, owner):
    """Its readers see those of its points that are theirs too, here and by mail."""
    second, third = make_user("second@example.org"), make_user("third@example.org")
    make_agreement("Д-2", [owner], [make_point("HALL", "Зал")])
    make_agreement("Д-3", [third], [make_point("SHED", "Сарай")])
    customer = Customer.objects.get(name="Абонент Д-1")
    report = PersonalReport.objects.create(
        owner=owner, customer=customer, title="Общий", query=f"{QUERY}&point=HALL",
        created_at=NOW, changed_at=NOW,
    )  # fmt: skip
    contracts.admit_member(user=second, customer=customer, at=NOW - timedelta(days=1))
    address = f"{reverse('cabinet:reports')}?own={report.pk}"

    client.force_login(third)
    assert client.get(address).status_code == 404
    client.force_login(second)
    shown = client.get(reverse("cabinet:reports")).content.decode()
    assert f'href="{address}"' in shown
    opened = client.get(address).content.decode()
    assert "HOUSE" in opened
    assert "HALL" not in shown + opened
    made = b"".join(client.get(f"{reverse('cabinet:report')}?own={report.pk}&format=csv")).decode()
    assert "HOUSE" in made
    assert "HALL" not in made
    assert "HALL" not in queries.latest(report, second, "Europe/Moscow", at=NOW)
    assert "HALL" in queries.latest(report, owner, "Europe/Moscow", at=NOW)
    assert queries.query_of(report, third, at=NOW)["branch"] == queries.NOWHERE


def test_the_file_of_own_data_has_personal_reports(client, owner):
    client.post(f"{reverse('cabinet:report_save')}?{QUERY}", FORM)
    other = make_user("other@example.org")
    PersonalReport.objects.create(
        owner=other, title="Чужой", query=QUERY, created_at=NOW, changed_at=NOW
    )
    told = own_data.data(owner, at=NOW)

    assert [one["title"] for one in told["personal_reports"]] == ["Для бухгалтерии"]
    assert [one["every"] for one in told["report_schedules"]] == ["month"]
    assert told["reports_made"] == []
