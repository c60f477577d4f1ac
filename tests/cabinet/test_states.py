"""Every page with no point, a silent one, late data, gaps: what it says, and never a zero."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from faza.accounts.models import User
from faza.contracts import services as contracts
from faza.contracts.models import Customer
from faza.ui import menu
from tests.cabinet import states
from tests.cabinet.factories import SINCE, make_user
from tests.cabinet.states import told

pytestmark = pytest.mark.django_db

CLOSED = "Точки учёта вам пока не открыты"
UNTIL, LATE = "Данные до 15.05.2026 24:00", "запаздывают на 5 сут 9 ч"
NEVER = "Данных ещё не было"
MONTH = "?points=all&period=month"
NOTICES, NEWS, CASES = "Пока ничего не произошло", "Новостей пока нет", "Обращений пока нет"
PAPERS = {"cabinet:notices": (NOTICES,), "cabinet:news": (NEWS,), "cabinet:cases": (CASES,)}
"""They tell of no measured values, so no late or missing ones; the other states are theirs too."""

SAID: dict[str, dict[str, tuple[str, ...]]] = {
    "nobody": PAPERS | {
        "cabinet:home": (CLOSED, "Точек учёта пока нет"),
        "cabinet:explorer": (CLOSED, "Точек учёта пока нет"),
        "cabinet:registers": (CLOSED, "Точек учёта пока нет"),
        "cabinet:entry": ("Точек учёта пока нет",),
        "cabinet:resources": (CLOSED, "Точек учёта пока нет"),
        "cabinet:history": (CLOSED, "Точек учёта пока нет"),
        "cabinet:events": (CLOSED, "Точек учёта пока нет"),
        "cabinet:network": (CLOSED, "Точек учёта пока нет"),
        "cabinet:meters": (CLOSED, "Приборов пока нет"),
        "cabinet:complexes": (CLOSED, "Точек учёта пока нет"),
        "cabinet:passport": (CLOSED, "Точек учёта пока нет"),
        "cabinet:costs": (CLOSED, "Точек учёта пока нет"),
        "cabinet:reports": (CLOSED, "Точек учёта пока нет"),
        "cabinet:agreements": ("Договор Д-0 действует с 01.01.2020: 0 точек учёта",),
    },
    "silent": PAPERS | {
        "cabinet:home": ("Данных в мае пока нет", NEVER, "0,0 % · 20 сут 9 ч нет данных"),
        "cabinet:explorer": ("Дом: в мае данных нет", NEVER, "За этот период данных нет"),
        "cabinet:registers": ("Дом: показаний с начала мая нет", "показаний нет"),
        "cabinet:entry": ("показания ваших точек вручную не принимают",),
        "cabinet:resources": (
            "В мае данных о расходе нет", NEVER, "1 точка учёта без данных",
            "ещё не передали ни интервалов, ни показаний", "Дом — — — — нет данных",
        ),
        "cabinet:history": ("Дом: за 2026 год данных нет", NEVER),
        "cabinet:events": ("В мае событий не записано", NEVER),
        "cabinet:network": ("параметры сети здесь не считываются", "перерывы, неизвестно"),
        "cabinet:meters": ("1 прибор учёта: 0 на связи", "интервалов нет"),
        "cabinet:complexes": ("Энергию считает ЭМ-1 № A-111",),
        "cabinet:passport": ("интервалов нет",),
        "cabinet:costs": ("В мае: стоимость не известна", NEVER),
        "cabinet:reports": ("Дом A A-111 Сумма",),
        "cabinet:agreements": ("1 точка учёта",),
    },
    "late": PAPERS | {
        "cabinet:home": ("израсходовано 360,0 кВт·ч", UNTIL, LATE, "73,6 % · 5 сут 9 ч нет"),
        "cabinet:explorer": ("360,0 кВт·ч, не считая 5 сут 9 ч без данных", UNTIL, LATE),
        "cabinet:registers": ("прибавил 360,00", "показания на 16.05.2026 00:00", LATE),
        "cabinet:entry": ("показания ваших точек вручную не принимают",),
        "cabinet:resources": ("В мае израсходовано 360,0 кВт·ч", UNTIL, LATE, "73,6 %"),
        "cabinet:history": ("май, пока основание: интервалы", UNTIL, LATE, "73,6 %"),
        "cabinet:events": (UNTIL, "Дом: нет связи, события придут позже"),
        "cabinet:network": ("Средние за 30 мин, 15.05.2026 23:30–00:00", LATE),
        "cabinet:meters": ("у 1 данные запаздывают", UNTIL),
        "cabinet:complexes": ("Энергию считает ЭМ-1 № A-111",),
        "cabinet:passport": ("данные запаздывают", UNTIL),
        "cabinet:costs": ("1 800,00 ₽ за 360 кВт·ч", UNTIL, LATE, "73,6 % · 5 сут 9 ч нет"),
        "cabinet:reports": ("Дом A A-111 Сумма",),
        "cabinet:agreements": ("1 точка учёта",),
    },
    "partly": PAPERS | {
        "cabinet:home": ("израсходовано 312,0 кВт·ч", "65,0 % · 7 сут нет данных"),
        "cabinet:explorer": (
            "312,0 кВт·ч, не считая 7 сут без данных", "65,0 % · 7 сут нет данных",
            "11.05.2026 пн нет данных 0,0 % · 24 ч нет данных",
        ),
        "cabinet:registers": (
            "Между 11.05.2026 00:00 и 21.05.2026 00:00 счётчик прибавил 240,00 кВт·ч.",
            "Стоимость месяца — 1 560,00 ₽ за 312 кВт·ч.",
        ),
        "cabinet:entry": ("показания ваших точек вручную не принимают",),
        "cabinet:resources": (
            "В мае израсходовано 312,0 кВт·ч", "май 2026 7 сут нет данных 312,0",
            "март 2026 — апрель 2026 720,0", "Дом 312,0 100 % 24,0 0 % 65,0 %",
        ),
        "cabinet:history": (
            # 720 + 312: what is known of the months by what tells most of each of them.
            "За 2026 год израсходовано 1 032,0 кВт·ч, без 3 месяцев, за которые данных нет",
            "май, пока основание: интервалы", "312,00 65,0 %",
            "апрель основание: интервалы", "720,00 100 %",
        ),
        "cabinet:events": ("В мае записано 4 события",),
        "cabinet:network": ("A 231,0", "B 231,0", "C — — — —"),
        "cabinet:meters": ("1 прибор учёта, на связи",),
        "cabinet:complexes": ("Энергию считает ЭМ-1 № A-111",),
        "cabinet:passport": ("на связи",),
        "cabinet:costs": ("1 560,00 ₽ за 312 кВт·ч", "65,0 % · 7 сут нет данных"),
        "cabinet:reports": ("Дом A A-111 Сумма",),
        "cabinet:agreements": ("1 точка учёта",),
    },
}  # fmt: skip
QUERIES = {"cabinet:explorer": MONTH, "cabinet:events": MONTH}
ZERO = re.compile(r"(?<!разница )(?<!показания )(?<![\d,])0(,0+)? (кВт·ч|кВт|В|А|₽)(?!\w)")
"""Nothing that is measured here is nothing at all, but for differences of what agrees."""


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: states.NOW)


@pytest.mark.parametrize("state", SAID)
def test_every_page_says_how_things_are(state, enter):
    client = enter(getattr(states, state)())
    wrong = []
    for name, words in SAID[state].items():
        page = told(client.get(reverse(name) + QUERIES.get(name, "")))
        wrong += [f"{name}: no «{one}» in «{page}»" for one in words if one not in page]
        if (zero := ZERO.search(page)) is not None:
            wrong.append(f"{name}: «{page[max(0, zero.start() - 60) : zero.end()]}»")

    assert not wrong, "\n\n".join(wrong)


def test_every_section_is_looked_at():
    sections = {section.url_name for section in menu.SECTIONS if section.right is None}
    for pages in SAID.values():
        assert sections == set(pages)


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("cabinet:costs", "?period=month&on=2026-04-01"),
        ("cabinet:resources", "?on=2026-04-01"),
    ],
)
def test_a_month_that_is_all_there_is_not_late(name, query, enter):
    client = enter(states.late())

    page = told(client.get(reverse(name) + query))

    assert "720" in page
    assert "запаздывают" not in page
    assert UNTIL not in page


def test_what_is_on_its_way_is_not_missing_on_any_page(enter):
    """At nine in the morning all of yesterday is there: 20 days of 20, not of 20.4."""
    user = make_user("on-time@example.org")
    point, meter = states.make_home(user)
    states.tell(point, meter, states.SINCE, states.TODAY)
    states.keep()
    client = enter(user)

    for name in ("home", "explorer", "costs", "resources", "history"):
        page = told(client.get(reverse(f"cabinet:{name}") + MONTH))
        assert "480" in page, name
        assert not re.search(r"\d (ч|сут|мин) нет данных", page), name
        assert not re.search(r"9[78],\d %", page), name


def test_a_supplier_without_requests_and_a_page_of_nothing_say_so(enter):
    supplier = make_user("s@example.org", User.Role.SUPPLIER)
    sales = Customer(kind=Customer.Kind.ORGANISATION, name="Сбыт")
    contracts.admit_member(
        user=supplier, customer=contracts.add_customer(sales, at=SINCE), at=SINCE
    )

    assert "Запросов пока нет" in told(enter(supplier).get(reverse("cabinet:supply")))
    one = enter(states.silent())
    assert "Выберите" in told(one.get(reverse("cabinet:network") + "?points=none"))
    assert "Точка не выбрана" in told(one.get(reverse("cabinet:explorer") + "?points=none"))


@pytest.mark.parametrize(
    ("query", "week"),
    [("", "11.05.2026 – 17.05.2026"), ("period=week", "18.05.2026 – 24.05.2026")],
)
def test_the_usual_week_is_the_last_with_data(enter, query, week):
    """Nobody who opens the page on a Monday morning is shown an empty week."""
    response = enter(states.late()).get(f"{reverse('cabinet:explorer')}?{query}")

    assert week in told(response)
