"""Personal reports and reports as jobs, on their pages."""

from datetime import UTC, date, datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from faza.jobs import worker
from faza.reports.models import PersonalReport, Run, Schedule
from tests.cabinet.factories import fill, make_agreement, make_meter, make_point, make_user

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
