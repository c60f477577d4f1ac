"""A finding of validation in a real browser, by the keyboard: accepted, edited, estimated."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.browser import Live, answering, open_context, sign_in
from tests.support.installation import installed, run
from tests.support.postgres import free_port

pytestmark = pytest.mark.browser
PASSWORD = "Zarechny-35-10"
GAP = 3
"""Intervals."""


@pytest.fixture(scope="module")
def filled() -> Iterator[tuple[Live, str]]:
    """A server with one point, and the key of its gap."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with installed() as environment:
        told = environment | {"FAZA_URL": url, "FAZA_LOG": "WARNING"}
        told["DJANGO_SETTINGS_MODULE"] = "faza.settings"
        names = json.loads(run(told, "-m", "tests.desk.exceptions.filling").splitlines()[-1])
        live = Live(url, Path(told["FAZA_HOME"]), told)
        with answering(live, "serve", "--port", str(port)):
            yield live, names["gap"]


@pytest.fixture
def desk(browser: Browser, filled: tuple[Live, str]) -> Iterator[Page]:
    """The page of the gap, signed in as its operator; nothing may be complained of."""
    live, gap = filled
    problems: list[str] = []
    context = open_context(browser, live.url, problems, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    sign_in(page, "p1@example.org", PASSWORD)
    page.goto(f"/desk/exceptions/?f={gap}")
    yield page
    context.close()
    assert not problems, problems


def decided(page: Page, words: str) -> None:
    """It is told at the top, and the next finding is shown."""
    expect(page.locator(".vee-undo")).to_contain_text(words)


def takes_back(page: Page) -> None:
    page.keyboard.press("KeyZ")
    expect(page.locator(".notes")).to_contain_text("Решение отменено")
    expect(page.locator("#finding .vee-head")).to_contain_text("V01")


def test_a_gap_is_accepted_edited_and_estimated_by_keys(
    desk: Page, filled: tuple[Live, str]
) -> None:
    page = desk
    expect(page.locator("#finding .fz-chart canvas")).to_have_count(2)
    expect(page.locator("#finding .vee-table tr.in")).to_have_count(GAP)

    page.keyboard.press("KeyA")
    expect(page.locator('.vee-op[aria-current="true"]')).to_contain_text("Принять как есть")
    expect(page).to_have_url(re.compile("do=accept"))
    expect(page.locator("#finding .fz-chart canvas")).to_have_count(2)
    expect(page.locator(".vee-effect")).to_contain_text("без 3 интервалов")
    page.keyboard.press("Control+Enter")
    decided(page, "принято как есть")
    takes_back(page)

    page.keyboard.press("KeyE")
    cells = page.locator(".vee-cells input")
    expect(cells).to_have_count(GAP)
    for place in range(GAP):
        cells.nth(place).fill(f"0,{place + 1}")
    page.locator("#reason").fill("По журналу дежурного")
    page.keyboard.press("Control+Enter")
    decided(page, "записаны другие значения")
    page.goto(f"/desk/exceptions/?f={filled[1]}")
    expect(page.locator("#finding .vee-table tr.in").nth(1)).to_contain_text("0,200")
    expect(page.locator("#finding .vee-table tr.in").nth(1)).to_contain_text("По журналу дежурного")
    takes_back(page)

    page.keyboard.press("KeyO")
    expect(page).to_have_url(re.compile("do=estimate"))
    page.locator(".vee-mt", has_text="Похожие дни").click()
    expect(page.locator('.vee-mt[aria-current="true"]')).to_contain_text("Похожие дни")
    page.keyboard.press("Control+Enter")
    decided(page, "записаны другие значения")
    expect(page.locator(".vee-list .ph h2")).to_contain_text("3")
