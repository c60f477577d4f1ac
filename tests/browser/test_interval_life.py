"""An interval in a real browser: missing, estimated, measured late; why, and what it was before."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.browser import Live, answering, open_context, sign_in
from tests.support.installation import installed, run
from tests.support.postgres import free_port

pytestmark = pytest.mark.browser
PASSWORD = "Zarechny-35-10"
SIZES = {"wide": {"width": 1440, "height": 900}, "phone": {"width": 360, "height": 760}}


@pytest.fixture(params=list(SIZES))
def owner(browser: Browser, request: pytest.FixtureRequest) -> Iterator[tuple[Page, Live]]:
    """A page of the owner of a point, signed in, beside its server."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with installed() as environment:
        told = environment | {"FAZA_URL": url, "FAZA_LOG": "WARNING"}
        told["DJANGO_SETTINGS_MODULE"] = "faza.settings"
        live = Live(url, Path(told["FAZA_HOME"]), told)
        told_day = live_on(live, "missing")
        problems: list[str] = []
        with answering(live, "serve", "--port", str(port)):
            context = open_context(browser, url, problems, viewport=SIZES[request.param])
            page = context.new_page()
            sign_in(page, "life@example.org", PASSWORD)
            page.goto(f"/data/?point=A&period=day&on={told_day}")
            yield page, live
            context.close()
        assert not problems, problems


def live_on(live: Live, stage: str) -> str:
    """Let a stage of the interval's life come; the day it is of."""
    return run(live.environment, "-m", "tests.cabinet.life", stage).splitlines()[-1]


def row(page: Page):
    return page.locator("#table tbody tr", has_text="10:00–10:30")


def told(page: Page):
    """The explanation of the interval, opened from its row."""
    page.reload()
    row(page).locator("a[data-sheet-from]").click()
    sheet = page.locator("dialog[open]")
    expect(sheet).to_be_visible()
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= page.evaluate("window.innerWidth")
    return sheet


def test_an_interval_is_followed_through_its_life(owner: tuple[Page, Live]) -> None:
    page, live = owner

    sheet = told(page)
    expect(sheet).to_contain_text("Почему нет данных?")
    expect(sheet).to_contain_text("Нет измеренных значений")
    expect(sheet).to_contain_text("Нулём оно не считается")
    address = row(page).locator("a[data-sheet-from]").get_attribute("href")
    assert address

    live_on(live, "estimated")
    sheet = told(page)
    expect(sheet).to_contain_text("Почему расчётное?")
    for line in ("Причина", "Правило", "Из чего", "Заменено"):
        expect(sheet.locator("dt", has_text=line)).to_be_visible()
    expect(sheet.locator("dd", has_text="Дни ")).to_be_visible()
    expect(sheet.locator(".was li")).to_have_count(2)
    expect(sheet.get_by_role("link", name="Оспорить")).to_be_visible()

    live_on(live, "late")
    page.reload()
    expect(row(page)).to_contain_text("0,007")
    expect(row(page).locator("a[data-sheet-from]")).to_have_count(0)
    page.goto(address)
    was = page.locator("#origins .was li")
    expect(was).to_have_count(3)
    for place, state in enumerate(("нет данных", "расчётн", "измерено")):
        expect(was.nth(place)).to_contain_text(state)
    expect(was.nth(2)).to_contain_text("0,007")
    expect(was.nth(2)).to_contain_text("так сейчас")
