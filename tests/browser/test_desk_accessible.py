"""Pages of the desk about one thing, with the demo's: for all, in light and dark, on a phone too.

As test_accessible.py looks at the cabinet; ways to these pages are in desk_pages.py.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, Page

from faza.demo.people import PASSWORD
from tests.browser.desk_pages import WAYS, find
from tests.support.accessible import COLOURS, complaints
from tests.support.browser import Live, open_context, sign_in

pytestmark = pytest.mark.browser
WIDE = {"width": 1440, "height": 900}
PHONE = {"width": 360, "height": 760}
PHONE_RULES = ("link-in-text-block", "scrollable-region-focusable")

BEYOND = """() => [...document.querySelectorAll("body *")].filter((one) => {
  const box = one.getBoundingClientRect();
  return box.width && box.right > innerWidth + 1 && !one.closest(".tb-x");
}).slice(0, 4).map((one) => `${one.nodeName}.${one.className}`)"""
"""What stands out at the right, but in tables that scroll by themselves."""


@pytest.fixture(scope="module")
def told() -> list[str]:
    """What the browser complains of."""
    return []


@pytest.fixture(scope="module")
def desk(browser: Browser, live: Live, told: list[str]) -> Iterator[Page]:
    """The administrator's tab."""
    with ExitStack() as stack:
        context = open_context(browser, live.url, told, viewport=WIDE)
        stack.callback(context.close)
        page = context.new_page()
        sign_in(page, "admin@example.ru", PASSWORD)
        yield page


@pytest.mark.parametrize("name", WAYS)
def test_a_page_of_one_thing_is_for_everybody(desk: Page, told: list[str], name: str) -> None:
    desk.set_viewport_size(WIDE)  # type: ignore[arg-type]
    desk.emulate_media(color_scheme="light", reduced_motion="reduce")
    address = find(desk, name)
    assert address is not None, f"no link leads to {name}"
    told.clear()

    answer = desk.goto(address)

    assert answer is not None
    assert answer.status == 200, address
    wrong = [f"light: {one}" for one in complaints(desk)]
    desk.emulate_media(color_scheme="dark", reduced_motion="reduce")
    desk.locator("html[data-bs-theme=dark]").wait_for()
    desk.wait_for_timeout(250)  # colours of buttons pass over
    wrong += [f"dark: {one}" for one in complaints(desk, COLOURS)]
    desk.set_viewport_size(PHONE)  # type: ignore[arg-type]
    desk.wait_for_timeout(60)
    wrong += [f"phone: {one}" for one in complaints(desk, PHONE_RULES)]
    width = int(desk.evaluate("document.documentElement.scrollWidth"))
    if width > PHONE["width"]:
        wrong.append(f"phone: {width} px wide, {json.dumps(desk.evaluate(BEYOND))}")
    assert not wrong, f"{address}\n" + "\n".join(wrong)
    assert not told
