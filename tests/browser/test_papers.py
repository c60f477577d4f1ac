"""Papers, help and «About» in a real browser, with the numbers of the demo's own database."""

import re
import sqlite3
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from faza.demo.people import PASSWORD
from tests.browser.test_cabinet import LOOKS, SIZES, does_not_scroll_sideways, sign_in
from tests.support.browser import Live

pytestmark = pytest.mark.browser
HOUSE = "501203740001014"
REPLACED = "501203700002164"


def asked(live: Live, query: str) -> Any:
    """One row of the demo's database."""
    with sqlite3.connect(live.home / "faza.sqlite3") as database:
        return database.execute(query).fetchone()


@pytest.mark.parametrize(("size", "theme"), LOOKS)
def test_a_subscriber_reads_the_papers_of_the_house(
    visitors: Any, live: Live, size: str, theme: str
) -> None:
    page: Page = visitors(viewport=SIZES[size], color_scheme=theme)
    sign_in(page)
    number, due = asked(
        live,
        "SELECT m.number, strftime('%d.%m.%Y', m.verification_due) FROM metering_meter m"
        " JOIN metering_meteringcomplex c ON c.meter_id = m.id"
        " JOIN metering_usagepoint p ON p.id = c.usage_point_id"
        f" WHERE p.code = '{HOUSE}' AND c.valid_to IS NULL",
    )

    page.goto(f"/passport/?point={HOUSE}")
    expect(page.locator(".lead")).to_contain_text(f"№ {number} поверен до {due}")
    expect(page.locator(".pp-schedule")).to_contain_text("Как в тарифе договора")
    does_not_scroll_sideways(page)
    page.get_by_role("link", name="Комплекс и замены").click()
    expect(page.locator(".lead")).to_contain_text(f"№ {number}")
    does_not_scroll_sideways(page)
    page.goto("/agreements/")
    page.get_by_role("link", name="42-0042317").click()
    expect(page.locator(".lead")).to_contain_text("Договор 42-0042317 действует")
    does_not_scroll_sideways(page)
    page.locator(".help-mark").click()
    expect(page).to_have_url(re.compile(r"/help/agreements/$"))
    does_not_scroll_sideways(page)


def test_a_replacement_shows_the_readings_that_were_recorded(visitors: Any) -> None:
    page: Page = visitors()
    page.goto("/")
    page.locator("input[name=login]").fill("auditor@example.ru")
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("input[name=password]").press("Enter")
    expect(page.locator("h1")).to_be_visible()

    page.goto(f"/complexes/?point={REPLACED}")

    expect(page.locator(".lead")).to_contain_text("с коэффициентом 40")
    row = page.locator("tbody tr", has_text="Замена счётчика")
    expect(row).to_contain_text("K 30 → 40")
    expect(row.locator("td").last).to_contain_text("0,00")


def test_the_pages_without_scripts(visitors: Any) -> None:
    page: Page = visitors(java_script_enabled=False)
    sign_in(page)
    for address in ("/passport/?points=all", "/complexes/?points=all", "/agreements/", "/about/"):
        page.goto(address)
        expect(page.locator("main table").first).to_be_attached()
    page.goto("/help/?q=поверка")
    expect(page.locator(".help-found li").first).to_contain_text("оверк")
