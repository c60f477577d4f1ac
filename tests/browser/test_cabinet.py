"""The story of a subscriber in a real browser: signs in, looks, steps in time, takes the file."""

import csv
import re
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

WHO = "kovaleva@example.ru"
SIZES = {"wide": {"width": 1440, "height": 900}, "phone": {"width": 360, "height": 760}}
LOOKS = [(size, theme) for size in SIZES for theme in ("light", "dark")]


def sign_in(page: Page, who: str = WHO) -> None:
    from faza.demo.people import PASSWORD

    page.goto("/")
    page.locator("input[name=login]").fill(who)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("input[name=password]").press("Enter")
    expect(page.locator(".lead")).to_contain_text("кВт·ч")


def open_section(page: Page, name: str) -> None:
    """By the menu, which on a phone «More» of the bottom bar opens."""
    if page.viewport_size and page.viewport_size["width"] < 721:
        page.locator(".bottom button").click()
    page.locator(".side a", has_text=name).first.click()


def drawn(page: Page, count: int) -> None:
    expect(page.locator(".fz-chart canvas, .fz-chart svg")).to_have_count(count)


def does_not_scroll_sideways(page: Page) -> None:
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= page.evaluate("window.innerWidth"), f"{page.url} is {width} px wide"


def number(text: str) -> Decimal:
    """«1 234,567» as a number."""
    return Decimal(re.sub(r"[\s\u00a0\u202f]", "", text).replace(",", "."))


@pytest.mark.parametrize(("size", "theme"), LOOKS)
def test_a_subscriber_compares_the_file_with_the_page(
    visitors: Any, tmp_path: Path, size: str, theme: str
) -> None:
    page = visitors(viewport=SIZES[size], color_scheme=theme)
    sign_in(page)
    drawn(page, 3)
    does_not_scroll_sideways(page)
    assert page.evaluate("document.documentElement.dataset.bsTheme") == theme

    open_section(page, "Учётные данные")
    if size == "phone":
        page.locator(".tree-fold summary").click()
    page.locator(".tree .leaf", has_text="Мастерская").click()
    page.wait_for_url(re.compile(r"point="))
    page.locator('.per a[rel="prev"]').click()
    page.wait_for_url(re.compile(r"period=week&on="))
    drawn(page, 1)
    does_not_scroll_sideways(page)
    shown = page.locator(".per .d").inner_text()

    page.locator(".acts summary").click()
    with page.expect_download() as coming:
        page.locator(".acts .menu a", has_text="CSV").click()
    file = tmp_path / "week.csv"
    coming.value.save_as(file)

    with file.open(encoding="utf-8-sig", newline="") as text:
        rows = list(csv.DictReader(text))
    total = sum(Decimal(row["value"]) for row in rows if row["value"])
    first, last = (f"{row['start'][8:10]}.{row['start'][5:7]}" for row in (rows[0], rows[-1]))
    assert total == number(page.locator("#sum").inner_text())
    assert total > 0
    assert re.match(rf"{first}\.\d+.+{last}", shown)


@pytest.mark.parametrize(("size", "theme"), LOOKS)
def test_no_page_scrolls_sideways_or_complains(visitors: Any, size: str, theme: str) -> None:
    page = visitors(viewport=SIZES[size], color_scheme=theme)
    sign_in(page)

    for address in (
        "/meters/",
        "/meters/?q=nothing-of-this-kind",
        "/data/?points=all&view=apart&period=day",
        "/data/?points=all&period=year",
        "/data/?points=none",
        "/data/?points=all&period=month&channel=A%2B&channel=R%2B&compare=1",
        "/data/?period=aeon&by=never&channel=Z",
    ):
        page.goto(address)
        page.wait_for_load_state("networkidle")
        does_not_scroll_sideways(page)


def test_choosing_and_stepping_change_the_page_in_place(page: Page) -> None:
    sign_in(page)
    page.goto("/data/")
    page.evaluate("window.stays = true")

    page.locator(".tree .ops a", has_text="Снять").click()
    expect(page.locator(".lead")).to_contain_text("Выберите точки")
    page.locator(".tree .leaf", has_text="Дом").click()
    expect(page.locator(".lead")).to_contain_text("Дом:")
    page.locator(".seg a", has_text="Месяц").click()
    expect(page.locator(".lead")).to_contain_text(re.compile(r"Дом:\sв\s[а-я]+\sизрасходовано"))
    drawn(page, 1)

    assert page.evaluate("window.stays")
    assert "period=month" in page.url
    page.go_back()
    expect(page.locator(".lead")).to_contain_text("за неделю")


def test_completeness_is_explained(page: Page) -> None:
    sign_in(page)
    page.goto("/data/?period=month")

    page.locator(".sub .chip").click()

    expect(page.locator("#why")).to_be_visible()
    page.locator("#why [data-close]").click()
    expect(page.locator("#why")).not_to_be_visible()


@pytest.mark.parametrize("size", list(SIZES))
def test_an_estimate_is_explained_in_place(visitors: Any, size: str) -> None:
    page = visitors(viewport=SIZES[size])
    sign_in(page)
    open_estimated(page)
    address = page.url

    page.locator("a[data-sheet-from]").first.click()

    sheet = page.locator("dialog[open]")
    expect(sheet).to_contain_text("Почему расчётное?")
    for line in ("Причина", "Правило", "Из чего", "Заменено"):
        expect(sheet.locator("dt", has_text=line).first).to_be_visible()
    does_not_scroll_sideways(page)
    sheet.locator("[data-close]").click()
    expect(sheet).to_have_count(0)
    assert page.url == address


def test_an_estimate_is_explained_without_scripts(visitors: Any) -> None:
    page = visitors(java_script_enabled=False)
    sign_in(page)
    open_estimated(page)

    page.locator("a[data-sheet-from]").first.click()

    assert "/data/why/" in page.url
    expect(page.locator("#origins")).to_contain_text("похожим дням")


def open_estimated(page: Page) -> None:
    """Nine days up to today: the demo's workshop has an estimate among them."""
    from faza.demo import plan

    code = plan.POINTS[plan.BY_NAME["Мастерская"]].code
    today = datetime.now(ZoneInfo("Europe/Moscow")).date()
    page.goto(f"/data/?point={code}&period=any&from={today - timedelta(days=8)}&to={today}")


def test_the_address_of_a_view_is_copied(visitors: Any) -> None:
    page = visitors(permissions=["clipboard-read", "clipboard-write"])
    sign_in(page)
    page.goto("/data/?period=week")

    page.locator("a[data-copy]").click()

    expect(page.locator("a[data-copy]")).to_contain_text("Адрес скопирован")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert re.search(r"/data/\?(point=\d+&)+by=interval&channel=A%2B&period=week&on=", copied)


def test_a_day_opens_without_scripts(visitors: Any) -> None:
    page = visitors(java_script_enabled=False)
    page.goto("/")
    from faza.demo.people import PASSWORD

    page.locator("input[name=login]").fill(WHO)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("input[name=password]").press("Enter")
    page.goto("/data/?period=month&by=interval")
    page.locator('.per a[rel="prev"]').click()  # the days of this month may not be over
    page.wait_for_url(re.compile(r"on="))
    before = page.locator("#table tbody tr").count()

    page.locator("#table a.tog").first.click()

    assert page.locator("#table tbody tr").count() == before + 48


def test_two_owners_of_one_flat_see_their_own_time(visitors: Any) -> None:
    """The flat of the demo that was sold: totals of the months add up and none sees the other's."""
    found = {}
    for who in ("ryabinin@example.ru", "sorokina@example.ru"):
        page = visitors()
        sign_in(page, who)
        page.goto("/data/?period=any&from=2024-06-01&to=2027-05-01&by=month")
        found[who] = {
            row.locator("th").inner_text(): row.locator("td").first.inner_text()
            for row in page.locator("#table tbody tr").all()
            if row.locator("td.gap, td.yet").count() == 0
        }

    former, present = found.values()
    assert former
    assert present
    # They share the month of the sale at most.
    assert len(former.keys() & present.keys()) <= 1
