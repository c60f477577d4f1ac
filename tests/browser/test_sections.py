"""Each section of the cabinet in a real browser: its numbers are those that the questions answer.

The answers come from another process of the same installation (tests/browser/numbers.py), so no
word of a page's own code is believed. What is looked at is the last whole month, which nothing
changes while the tests run; only the overview is of the present one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.numbers import HOUSE, ZONE, noon_of
from tests.browser.test_cabinet import WHO, drawn, number, sign_in
from tests.support.browser import Live, open_context
from tests.support.installation import run

pytestmark = pytest.mark.browser

Told = dict[str, Any]
MONTHS = (
    "январь", "февраль", "март", "апрель", "май", "июнь", "июль", "август", "сентябрь",
    "октябрь", "ноябрь", "декабрь",
)  # fmt: skip


@pytest.fixture(scope="module")
def told(live: Live) -> Told:
    """What the questions answer, exact."""
    asked = live.environment | {"DJANGO_SETTINGS_MODULE": "faza.settings"}
    answer = json.loads(run(asked, "-m", "tests.browser.numbers", WHO), parse_float=Decimal)
    found: Told = _exact(answer)
    found["month"], found["this"] = (date.fromisoformat(answer[name]) for name in ("month", "this"))
    return found


def _exact(answer: Any) -> Any:
    if isinstance(answer, dict):
        return {name: _exact(one) for name, one in answer.items()}
    if isinstance(answer, list):
        return [_exact(one) for one in answer]
    is_number = isinstance(answer, str) and re.fullmatch(r"-?\d+(\.\d+)?", answer)
    return Decimal(answer) if is_number else answer


@pytest.fixture(scope="module")
def cabinet(browser: Browser, live: Live) -> Iterator[Page]:
    """One visit for all sections; nothing may be complained of in any of them."""
    problems: list[str] = []
    context = open_context(browser, live.url, problems)
    page = context.new_page()
    sign_in(page)
    yield page
    context.close()
    assert not problems, problems


def rounded(exact: Decimal, digits: int) -> Decimal:
    return exact.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)


def month_name(day: date) -> str:
    return f"{MONTHS[day.month - 1]} {day.year}"


def numbers_in(text: str) -> list[Decimal]:
    """Every number of a sentence, thousands apart by spaces."""
    plain = re.sub(r"(?<=\d)[\u00a0\u202f](?=\d{3})", "", text)
    return [Decimal(one.replace(",", ".")) for one in re.findall(r"\d+(?:,\d+)?", plain)]


def row_of(page: Page, place: str, head: str) -> Locator:
    """The row of a table whose first cell begins with these words."""
    begins = re.compile(rf"^\s*{re.escape(head)}")
    return page.locator(f"{place} tbody tr").filter(
        has=page.locator("th[scope=row]").filter(has_text=begins)
    )


def cells(row: Locator) -> list[Decimal]:
    """The numbers of a row's numeric cells, by their first lines."""
    shown = [one.inner_text().strip().split("\n")[0] for one in row.locator("td.n").all()]
    return [numbers_in(text)[0] for text in shown if re.match(r"\d", text)]


def test_the_overview(cabinet: Page, told: Told) -> None:
    page = cabinet
    page.goto("/?points=all")
    drawn(page, 3)
    months = told["energy"]["by_month"]

    lead = page.locator(".lead b").all_inner_texts()
    assert numbers_in(lead[0]) == [rounded(months[f"{told['this']:%Y-%m}"], 1)]
    assert numbers_in(lead[1]) == [rounded(told["roubles"]["so_far"], 0)]
    page.locator("#y13 summary").click()
    for month, energy in months.items():
        name = month_name(date.fromisoformat(f"{month}-01"))
        assert cells(row_of(page, "#y13", name))[0] == rounded(energy, 1), name
    assert cells(row_of(page, "#y13", month_name(told["month"])))[-1] == told["roubles"]["month"]
    parts = told["energy"]["by_point"]
    for name, energy in parts.items():
        value = page.locator(".kv dt", has_text=name).locator("xpath=following-sibling::dd[1]")
        assert numbers_in(value.inner_text())[0] == rounded(energy, 1), name


def test_metering_data(cabinet: Page, told: Told) -> None:
    page = cabinet
    page.goto(f"/data/?point={HOUSE}&period=month&on={told['month']}&by=day")
    drawn(page, 1)

    assert number(page.locator("#sum").inner_text()) == told["house"]["total"]
    assert numbers_in(page.locator(".lead b").inner_text()) == [rounded(told["house"]["total"], 1)]
    for day, energy in told["house"]["by_day"].items():
        row = row_of(page, "", f"{date.fromisoformat(day):%d.%m.%Y}")
        assert cells(row)[0] == energy, day


def test_meter_readings(cabinet: Page, told: Told) -> None:
    page = cabinet
    page.goto(f"/registers/?point={HOUSE}&period=month&on={told['month']}")
    drawn(page, 1)
    shown = told["registers"]

    assert numbers_in(page.locator(".lead b").first.inner_text()) == [rounded(shown["sum"][2], 2)]
    for head, name in (("T1", "T1"), ("T2", "T2"), ("Всего", "sum")):
        row = cells(row_of(page, ".rg", head))
        assert row[:3] == [rounded(value, 2) for value in shown[name]], head
    assert cells(row_of(page, ".rg", "Всего"))[-1] == told["roubles"]["house"]


def test_resources(cabinet: Page, told: Told) -> None:
    page = cabinet
    page.goto(f"/resources/?points=all&on={told['month']}")
    drawn(page, 1)

    row = row_of(page, ".rg", "Дом")
    assert cells(row)[0] == rounded(told["house"]["total"], 1)
    cost = page.locator('.rs-card[aria-current="true"]').inner_text()
    assert rounded(told["roubles"]["month"], 0) in numbers_in(cost)
    page.locator(".rg-table summary").click()
    for month, energy in told["energy"]["by_month"].items():
        name = month_name(date.fromisoformat(f"{month}-01"))
        row = row_of(page, ".rg-table", name)
        if row.count():
            assert cells(row) == [rounded(energy, 1)], name


def test_history(cabinet: Page, told: Told) -> None:
    page = cabinet
    page.goto(f"/history/?point={HOUSE}&period=year&on={told['month'].year}-01-01")
    drawn(page, 1)

    row = row_of(page, ".hs", MONTHS[told["month"].month - 1])
    opening, closing, used = told["registers"]["sum"]
    found = cells(row)
    assert found[:2] == [rounded(opening, 2), rounded(closing, 2)]
    assert found[-2:] == [rounded(used, 2), told["roubles"]["house"]]
    every = [cells(one)[-2] for one in page.locator(".hs tbody tr:not(.hs-more)").all()]
    lead = numbers_in(page.locator(".lead b").first.inner_text())
    # Each month is rounded by itself: half a unit of the lead's last digit.
    assert abs(lead[0] - sum(every)) <= Decimal("0.1")


def test_cost(cabinet: Page, told: Told) -> None:
    page = cabinet
    page.goto(f"/costs/?point={HOUSE}&period=month&on={told['month']}")
    drawn(page, 1)
    roubles = told["roubles"]

    assert numbers_in(page.locator(".lead b").inner_text()) == [roubles["house"]]
    rows = page.locator(".co-lines tbody tr:not(.sum)")
    amounts = [numbers_in(one)[-1] for one in rows.locator("td:last-child").all_inner_texts()]
    assert amounts == roubles["lines"]
    assert sum(amounts) == roubles["house"]
    told_in_all = numbers_in(page.locator(".co-lines tr.sum").inner_text())
    assert told_in_all[0] == roubles["volume"]
    assert told_in_all[-1] == roubles["house"]

    page.goto(f"/costs/?points=all&period=month&on={told['month']}")
    assert roubles["month"] in numbers_in(page.locator(".lead").inner_text())
    silent = row_of(page, ".cards", "Баня")
    assert silent.locator("td").all_inner_texts() == ["—"] * 4


def test_events(cabinet: Page, told: Told) -> None:
    page = cabinet
    page.goto(f"/events/?points=all&period=month&on={told['month']}")
    drawn(page, 1)

    assert numbers_in(page.locator(".lead").inner_text())[0] == sum(told["events"].values())
    bars = {
        bar.locator("span").inner_text().strip().casefold(): number(bar.locator("b").inner_text())
        for bar in page.locator(".ev-bars a").all()
    }
    assert {name: count for name, count in bars.items() if count} == {
        name.casefold(): count for name, count in told["events"].items()
    }


def test_network(cabinet: Page, told: Told) -> None:
    page = cabinet
    noon: datetime = noon_of(told["month"]).astimezone(ZoneInfo(ZONE))
    page.goto(f"/network/?point={HOUSE}&at={noon:%Y-%m-%dT%H:%M}")
    expect(page.locator(".fz-chart canvas, .fz-chart svg").first).to_be_visible()

    assert set(told["network"]) == {"UA", "UB", "UC"}
    for name, volts in told["network"].items():
        row = row_of(page, ".nw-phases", name[1])
        assert cells(row)[0] == rounded(volts, 1), name


def test_lists(cabinet: Page, told: Told) -> None:
    """Meters, papers, notices, news, questions: as many as there are."""
    page, counts = cabinet, told["counts"]
    for address, many in (
        ("/meters/", "points"), ("/passport/?points=all", "points"),
        ("/complexes/?points=all", "points"), ("/agreements/", "agreements"), ("/cases/", "cases"),
    ):  # fmt: skip
        page.goto(address)
        assert page.locator("main table tbody tr").count() == counts[many], address
    page.goto("/notices/")
    unread = numbers_in(page.locator(".lead").inner_text())
    assert (unread[0] if unread else 0) == counts["unread"]
    page.goto("/news/")
    assert page.locator("main article").count() == counts["news"]


def test_reports(cabinet: Page, told: Told) -> None:
    """The first rows, the own window and the file tell the same, and what the questions answer."""
    page, month = cabinet, told["month"]
    page.goto(f"/reports/?kind=readings&point={HOUSE}&period=month&on={month}&tariffs=1")
    assert _readings(page.locator(".rp-look .fr-table")) == told["registers"]

    page.goto(f"/reports/?kind=detail&point={HOUSE}&period=month&on={month}")
    with page.expect_popup() as opened:
        page.get_by_role("button", name="Сформировать", exact=True).click()
    window = opened.value
    rows = window.locator(".fr-table tbody tr").filter(has_text=re.compile(r"\d\d\.\d\d\.20\d\d"))
    shown = [one.locator("th, td").all_inner_texts() for one in rows.all()]
    assert {
        f"{text[2][6:]}-{text[2][3:5]}-{text[2][:2]}": numbers_in(text[3])[0] for text in shown
    } == told["house"]["by_day"]
    total = window.locator(".fr-table tr.fr-s").inner_text()
    assert told["house"]["total"] in numbers_in(total)

    with window.expect_download() as loading:
        window.get_by_role("link", name="CSV", exact=True).click()
    lines = loading.value.path().read_text("utf-8-sig").splitlines()
    days = [line.split(";") for line in lines if re.search(rf";{HOUSE};\d\d\.\d\d\.20\d\d;", line)]
    assert sum(Decimal(line[4].replace(",", ".")) for line in days) == told["house"]["total"]
    window.close()


def _readings(table: Locator) -> dict[str, list[Decimal]]:
    """At both ends and used, by the register's name as the questions call it."""
    names = {"Сумма": "sum", "T1": "T1", "T2": "T2"}
    found = {}
    for row in table.locator("tbody tr").all():
        text = row.locator("td, th").all_inner_texts()
        if len(text) > 10 and text[3].split()[:1] and text[3].split()[0] in names:
            values = [numbers_in(text[place])[0] for place in (5, 7, 10)]
            found[names[text[3].split()[0]]] = values
    return found
