"""«Tariffs and cost»: lines, forecast, advice; whose they are; empty, late and partly missing."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from faza.charges import keeping as months
from faza.charges.advice import keeping as advising
from faza.charges.forecast import keeping as forecasting
from faza.charges.models import ChargeMonth, SubstitutedMonth
from faza.contracts import services as contracts
from faza.contracts.models import AgreementPoint
from tests.cabinet.factories import fill, make_agreement, make_point, make_user
from tests.tariffs import factories as tariffs

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 5, 21, 6, tzinfo=UTC)
URL = "/costs/"


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def make_tariffs():
    """One zone at 5 RUB and two zones at 6 and 3; the second of them is an example."""
    one = tariffs.tariff("ONE", name="Один", family="f")
    tariffs.price(one, tariffs.SINCE, "5", zone=1)
    two = tariffs.tariff("TWO", name="Два", family="f", hours=tariffs.TWO_ZONES)
    for zone, amount in ((1, "6"), (2, "3")):
        tariffs.price(two, tariffs.SINCE, amount, zone=zone, order="", is_example=True)
    return one, two


def make_home(*users, code="A", tariff=None, first=date(2026, 2, 1), end=date(2026, 5, 21), **time):
    """A point of half-hours of 500 Wh, 24 kWh a day."""
    point = make_point(code, f"Дом {code}")
    agreement = make_agreement(f"Д-{code}", users, [point], **time)
    if tariff is not None:
        agreement.tariff = tariff
        agreement.save()
    if first < end:
        fill(point, first, end, 500)
    return point


def keep(at: datetime = NOW) -> None:
    months.keep(at=at)
    forecasting.keep(at=at)
    advising.keep(at=at)


def text(response) -> str:
    """The words of a page without the marks between them."""
    plain = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"[\s\u00a0\u202f]+", " ", plain)


def test_what_is_billed_instead_of_a_missing_reading_is_told_and_is_no_consumption(enter):
    """A household's meter was read until 1 April only: its mean month stands for April."""
    one, _ = make_tariffs()
    owner, other = make_user("a@example.org"), make_user("b@example.org")
    point = make_home(owner, tariff=one)
    make_home(other, code="B", tariff=one)
    keep()
    month = ChargeMonth.objects.get(usage_point=point, month=date(2026, 4, 1))
    of_month = ("usage_point", "month", "agreement_id", "starts_at", "ends_at", "as_of")
    counts = ("n_expected", "n_present", "n_estimated")
    SubstitutedMonth.objects.create(
        **{name: getattr(month, name) for name in (*of_month, *counts)},
        number=1, method="mean", clause="ПП 354, п. 59", volume=720_000, inputs={},
    )  # fmt: skip
    enters = enter(owner)

    april = text(enters.get(URL, {"period": "month", "on": "2026-04-01"}))
    year = text(enters.get("/history/"))
    others = text(enter(other).get(URL, {"period": "month", "on": "2026-04-01"}))

    told = "За апрель нет показаний: по правилам к расчёту принимается 720 кВт·ч (ПП 354, п. 59)"
    assert told in april
    assert told not in text(enters.get(URL))
    assert "Замещающий объём, показаний нет 720 кВт·ч (ПП 354, п. 59)" in year
    assert "ПП 354" not in others


def test_the_month_its_forecast_and_the_cheaper_tariff(enter):
    """20 days of 24 kWh at 5 RUB: 2,400 RUB; 744 kWh and 3,720 RUB by the end of May.

    By two zones a day costs 16 * 6 + 8 * 3 = 120 RUB as by one: neither is cheaper.
    """
    one, _ = make_tariffs()
    owner = make_user("a@example.org")
    make_home(owner, tariff=one)
    keep()

    told = text(enter(owner).get(URL))

    assert "2 400,00 ₽" in told
    assert "480 кВт·ч" in told
    assert "≈ 3 720 ₽" in told
    assert "744" in told
    assert "Расчёт справочный, не является счётом" in told
    assert "Ваш тариф не хуже других" in told
    assert "«пример»" not in told.split("Какой тариф выгоднее")[0]


def test_examples_are_marked(enter):
    _, two = make_tariffs()
    owner = make_user("a@example.org")
    make_home(owner, tariff=two)
    keep()

    told = text(enter(owner).get(URL))

    assert "цены — пример" in told
    assert "T1" in told
    assert "T2" in told


def test_an_earlier_month_has_no_forecast(enter):
    """April: 30 days of 24 kWh at 5 RUB are 3,600 RUB."""
    one, _ = make_tariffs()
    owner = make_user("a@example.org")
    make_home(owner, tariff=one)
    keep()

    told = text(enter(owner).get(URL + "?period=month&on=2026-04-01"))

    assert "3 600,00 ₽" in told
    assert "Прогноз на конец месяца" not in told


def test_energy_without_a_price_is_not_told_beside_the_cost_of_the_rest(enter):
    """480 kWh at 5 RUB, and 480 kWh more of an agreement without a tariff."""
    one, _ = make_tariffs()
    owner = make_user("a@example.org")
    make_home(owner, code="A", tariff=one)
    make_home(owner, code="B")
    keep()

    told = text(enter(owner).get(URL + "?points=all"))

    assert "2 400,00 ₽ за 480 кВт·ч" in told
    assert "для части нет цены" in told.split("Прогноз")[0]
    assert "2,50 ₽" not in told


def test_several_points_add_up(enter):
    one, _ = make_tariffs()
    owner = make_user("a@example.org")
    make_home(owner, code="A", tariff=one)
    make_home(owner, code="B", tariff=one)
    keep()

    told = text(enter(owner).get(URL + "?points=all"))

    assert "4 800,00 ₽" in told
    assert "≈ 7 440 ₽" in told
    assert "Дом A" in told
    assert "Дом B" in told
    assert "Какой тариф выгоднее" not in told


def test_a_point_that_sends_nothing_is_no_zero_and_spoils_no_completeness(enter):
    """A measures all of May so far, B never a thing, and water is not what is charged here."""
    one, _ = make_tariffs()
    owner = make_user("a@example.org")
    make_home(owner, code="A", tariff=one)
    make_home(owner, code="B", tariff=one, first=NOW.date(), end=NOW.date())
    contracts.bind_point(
        agreement=make_agreement("В-1", [owner], []),
        usage_point=make_point("W", "Вода", resource="water"), at=NOW,
    )  # fmt: skip
    keep()

    told = text(enter(owner).get(URL + "?points=all"))

    assert "без 1 точки, которая не передаёт интервалы" in told
    assert "Без 1 точки другого ресурса" in told
    assert "Полнота 100 %" in told
    assert "часть дней отсутствует" not in told
    assert re.search(r"Дом B (— ){4}", told)
    assert "Вода" not in told.split("По точкам учёта")[1].split("Стоимость за 13")[0]


def test_each_owner_sees_the_own_time(enter):
    """One until April 11, the other since: neither sees the other's kilowatt-hours or roubles."""
    one, _ = make_tariffs()
    former, present = make_user("f@example.org"), make_user("p@example.org")
    edge = datetime(2026, 4, 10, 21, tzinfo=UTC)
    point = make_home(former, tariff=one, end=date(2026, 5, 21))
    binding = point_binding(point)
    contracts.unbind_point(bound=binding, valid_to=edge, at=NOW)
    agreement = make_agreement("Д-2", [present], [], start=edge)
    agreement.tariff = one
    agreement.save()
    contracts.bind_point(agreement=agreement, usage_point=point, at=NOW)
    keep()

    april = "?point=A&period=month&on=2026-04-01"
    told = text(enter(former).get(URL + april))
    assert "1 200,00 ₽" in told
    assert "240 кВт·ч" in told
    told = text(enter(present).get(URL + april))
    assert "2 400,00 ₽" in told
    told = text(enter(former).get(URL + "?point=A"))
    assert "Прогноз на конец месяца" not in told
    assert "2 400,00 ₽" not in told


def point_binding(point):
    return AgreementPoint.objects.get(usage_point=point)


def test_a_stranger_gets_neither_page_nor_file(enter):
    one, _ = make_tariffs()
    owner, stranger = make_user("a@example.org"), make_user("s@example.org")
    make_home(owner, tariff=one)
    make_home(stranger, code="B", tariff=one)
    keep()

    assert enter(stranger).get(URL + "?point=A").status_code == 404
    assert enter(stranger).get("/costs/file/csv/?point=A").status_code == 404
    assert enter(owner).get("/costs/file/exe/?point=A").status_code == 404


def test_the_file_has_the_lines(enter):
    one, _ = make_tariffs()
    owner = make_user("a@example.org")
    make_home(owner, tariff=one)
    keep()

    answer = enter(owner).get("/costs/file/csv/?point=A&period=month&on=2026-04-01")
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()

    assert "720;кВт·ч;5" in lines[1]
    assert ";3600,00" in lines[1]
    assert lines[-1] == "Расчёт справочный, не является счётом."
    table = enter(owner).get("/costs/file/xlsx/?point=A")
    assert b"".join(table.streaming_content)[:2] == b"PK"
    table.close()


def test_without_points_it_says_what_to_do(enter):
    nobody = make_user("n@example.org")
    make_agreement("Д-9", [nobody], [])

    told = text(enter(nobody).get(URL))

    assert "Точек учёта пока нет" in told


def test_without_a_tariff_it_says_why(enter):
    owner = make_user("a@example.org")
    make_home(owner)
    keep()

    told = text(enter(owner).get(URL))

    assert "стоимость не известна" in told
    assert "В договоре не указан тариф" in told
    assert "744" in told  # kWh are foretold all the same


def test_before_anything_was_kept(enter):
    one, _ = make_tariffs()
    owner = make_user("a@example.org")
    make_home(owner, tariff=one)

    answer = enter(owner).get(URL)

    assert answer.status_code == 200
    assert "стоимость не известна" in text(answer)


def test_a_round_that_is_late_is_told(enter, monkeypatch):
    one, _ = make_tariffs()
    owner = make_user("a@example.org")
    make_home(owner, tariff=one)
    keep()
    monkeypatch.setattr(timezone, "now", lambda: NOW + timedelta(days=3))

    assert "запаздывают на 3 сут" in text(enter(owner).get(URL))


def test_what_is_missing_is_told(enter):
    """Half of the days of May are not there: the chip says so, and the sum is of what is."""
    one, _ = make_tariffs()
    owner = make_user("a@example.org")
    point = make_home(owner, tariff=one, end=date(2026, 5, 11))
    fill(point, date(2026, 5, 18), date(2026, 5, 21), 500)
    keep()

    told = text(enter(owner).get(URL))

    assert "нет данных" in told
