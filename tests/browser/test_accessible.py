"""Every page of the cabinet, and the desk's of prices and news: for all, by keys, and light.

The demo grid behind a server as it is installed: static files collected and compressed. A page is
opened once, without the browser's cache; axe-core looks at it in light, dark and on a phone, Tab
walks through it, and its bytes and shifts are counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from faza.demo.people import PASSWORD
from tests.browser.test_every_page import FILES, PARTS
from tests.doors.walk import DOORS
from tests.support.accessible import COLOURS, RECORD, Watched, complaints, walk
from tests.support.browser import Live, answering, open_context, sign_in
from tests.support.installation import run
from tests.support.postgres import free_port

pytestmark = pytest.mark.browser
WIDE = {"width": 1440, "height": 900}
PHONE = {"width": 360, "height": 760}
MOST_SHIFT = 0.05
MOST_BYTES = 450_000
HOUSE = "501203740001014"
PHONE_RULES = ("link-in-text-block", "scrollable-region-focusable")
"""What a narrow page can break that a wide one does not."""
OWNER, PLANT, SUPPLIER, ADMIN = "kovaleva", "energetik", "supplier", "admin"

LED_TO = {
    "cabinet:agreement": ("/agreements/", r"/agreements/\d+/"),
    "cabinet:case": ("/cases/", r"/cases/\d+/"),
    "cabinet:token": ("/profile/tokens/", r"/profile/tokens/\d+/"),
    "cabinet:news_piece": ("/news/", r"/news/\d+/"),
    "cabinet:help_topic": ("/help/", r"/help/registers/"),
}
"""Pages of one thing: the list that leads to them, and how such an address looks."""
UNLED = {"cabinet:entry_file_one", "cabinet:authorize"}
"""The demo has none of them; test_every_page looks at them."""
ASKED = {"cabinet:report_save", "cabinet:report_own"}
"""One page of a form, empty or filled; its address is asked for something (`MORE`)."""
MORE = (
    "/reports/save/?kind=readings",
    f"/data/?point={HOUSE}&period=day",
    "/data/?points=all&period=month",
    "/data/?points=all&period=year",
    "/data/?points=none",
    "/meters/?q=nothing",
    "/search/?q=Дом",
    "/passport/?points=all",
    "/accounts/password/change/",
    "/accounts/email/",
    "/accounts/sessions/",
)
OTHERS = {
    PLANT: ("/network/", "/registers/", "/costs/"),
    SUPPLIER: ("/supply/",),
    "": ("/accounts/login/", "/accounts/signup/", "/accounts/password/reset/"),
}
DESK = ("desk:tariffs", "desk:tariffs-vat", "desk:prices-import", "desk:news", "desk:news-new")
DESK_LED_TO = {
    "desk:tariff": ("/desk/tariffs/", r"/desk/tariffs/\d+/"),
    "desk:news-piece": ("/desk/news/", r"/desk/news/\d+/"),
}


def names() -> set[str]:
    """Pages of the cabinet that an owner sees."""
    return {
        door.name
        for door in DOORS
        if door.name.startswith("cabinet:")
        and door.statuses["owner"] == 200
        and not door.is_post
        and door.name not in UNLED
        and not any(one in f"{door.name} {door.query}" for one in (*FILES, *PARTS))
    }


def alone(name: str) -> bool:
    return any(door.name == name and not door.args and not door.query for door in DOORS)


def pages() -> list[tuple[str, str]]:
    """Who looks at what: an address, or the name of a page that a list leads to."""
    own = [reverse(name) if alone(name) else name for name in sorted(names() - ASKED)]
    found = [(OWNER, address) for address in (*own, *MORE)]
    found += [(who, address) for who, seen in OTHERS.items() for address in seen]
    found += [(ADMIN, reverse(name)) for name in DESK]
    return found + [(ADMIN, name) for name in DESK_LED_TO]


@pytest.fixture(scope="module")
def packed(live: Live, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """The demo's installation behind a second server, with static files as installed."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    root = tmp_path_factory.mktemp("static")
    told = live.environment | {"FAZA_URL": url, "FAZA_STATIC_ROOT": str(root)}
    # Of its package nothing is used but the headers: half of the bytes to compress.
    collect = ("collectstatic", "--noinput", "--verbosity", "0", "--ignore", "django_htmx")
    run(told, "manage.py", *collect)
    server = replace(live, url=url, environment=told)
    with answering(server, "serve", "--port", str(port)):
        yield server


class Visitors:
    """A tab for each person, who stays signed in."""

    def __init__(self, browser: Browser, url: str, stack: ExitStack) -> None:
        self._browser, self._url, self._stack = browser, url, stack
        self._tabs: dict[str, Watched] = {}
        self.problems: list[str] = []

    def come(self, who: str) -> Watched:
        if who not in self._tabs:
            context = open_context(self._browser, self._url, self.problems, viewport=WIDE)
            self._stack.callback(context.close)
            context.add_init_script(RECORD)
            page = context.new_page()
            if who:
                sign_in(page, f"{who}@example.ru", PASSWORD)
            if who == OWNER:  # to close an account one shows the password again
                page.goto("/accounts/reauthenticate/")
                page.locator("input[name=password]").fill(PASSWORD)
                page.locator("main form .btn-p").click()
            page.goto("about:blank")  # so that nothing of this is counted to the first page
            self._tabs[who] = Watched(page)
        return self._tabs[who]

    def told(self) -> list[str]:
        """What the browser complained of since it was asked last."""
        told, self.problems[:] = list(self.problems), []
        return told


@pytest.fixture(scope="module")
def people(browser: Browser, packed: Live) -> Iterator[Visitors]:
    with ExitStack() as stack:
        yield Visitors(browser, packed.url, stack)


@pytest.fixture
def tab(people: Visitors) -> Iterator[Page]:
    """The owner's tab."""
    page = people.come(OWNER).page
    people.told()
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    page.emulate_media(color_scheme="light")
    yield page
    assert not people.told()


def address_of(page: Page, name: str) -> str:
    """Where a page of one thing is: the first that its list leads to."""
    if not (led := (LED_TO | DESK_LED_TO).get(name)):
        return name
    page.goto(led[0])
    links: list[str] = page.evaluate(
        "[...document.querySelectorAll('main a')].map((a) => a.pathname)"
    )
    return next(link for link in links if re.fullmatch(led[1], link))


def themed(page: Page, theme: Any) -> None:
    page.emulate_media(color_scheme=theme)
    page.locator(f"html[data-bs-theme={theme}]").wait_for()


def test_each_page_of_one_thing_is_reached() -> None:
    assert {name for name in names() if not alone(name)} == set(LED_TO) | ASKED


@pytest.mark.parametrize(("who", "what"), pages())
def test_a_page_is_for_everybody_and_light(people: Visitors, who: str, what: str) -> None:
    tab = people.come(who)
    people.told()
    page = tab.page
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    address = address_of(page, what)
    page.emulate_media(color_scheme="light")

    status = tab.go(address)

    assert status == 200
    assert tab.shift < MOST_SHIFT, page.evaluate("seen.shifts")
    assert tab.transferred <= MOST_BYTES, tab.files[:8]
    drawn = page.locator(".fz-chart[data-chart]").count()
    assert any(file.startswith("charts-") for file in tab.files) == bool(drawn)
    wrong = [f"light: {one}" for one in complaints(page)]
    themed(page, "dark")
    wrong += [f"dark: {one}" for one in complaints(page, COLOURS)]
    walked = walk(page)
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.evaluate("() => new Promise((go) => setTimeout(go, 60))")
    wrong += [f"phone: {one}" for one in complaints(page, PHONE_RULES)]
    assert not wrong, "\n".join(wrong)
    assert not walked.missed
    assert not walked.unseen
    assert not walked.ringless
    assert walked.count > 3
    if who:
        assert "skip" in walked.first
    assert not people.told()


def test_faults_are_seen(tab: Page) -> None:
    tab.goto("/about/")
    tab.evaluate(
        """() => {
          document.querySelector("main").insertAdjacentHTML("beforeend",
            "<button id=bare></button><p id=pale>Pale</p><a href='/' id=dull>Dull</a>" +
            "<input id=trap aria-label=trap><a href='/' id=after>After</a>");
          pale.style.color = "#ccc";
          dull.style.outline = bare.style.outline = "none";
          trap.addEventListener("keydown", (event) => event.preventDefault());
        }"""
    )

    told = " ".join(complaints(tab))
    walked = walk(tab)

    assert "button-name (critical" in told
    assert "color-contrast (serious" in told
    assert any("Dull" in one for one in walked.ringless)
    assert walked.missed == ["<a > After"]


def test_a_late_chart_that_pushes_is_counted(tab: Page) -> None:
    tab.goto("/about/")
    tab.wait_for_timeout(600)  # what follows a press by half a second is asked for
    tab.evaluate(
        """() => new Promise((go) => {
          const late = document.createElement("p");
          late.style.height = "400px";
          document.querySelector("main").prepend(late);
          setTimeout(go, 200);
        })"""
    )

    assert float(tab.evaluate("seen.shift")) > MOST_SHIFT


def test_the_letters_may_come_late(people: Visitors) -> None:
    """Half a second without Inter: what stands in for it is as wide and as tall."""
    tab = people.come(OWNER)
    tab.page.set_viewport_size(WIDE)  # type: ignore[arg-type]

    def late(route: Any) -> None:
        tab.page.wait_for_timeout(500)
        route.continue_()

    tab.page.route("**/*.woff2", late)
    try:
        shifts = {}
        for address in ("/", "/help/registers/"):
            tab.go(address)
            shifts[address] = tab.shift
    finally:
        tab.page.unroute("**/*.woff2")

    assert max(shifts.values()) < MOST_SHIFT, shifts


def test_the_menu_is_skipped_by_a_key(tab: Page) -> None:
    tab.goto("/registers/")

    tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")

    expect(tab.locator("main")).to_be_focused()
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.closest('main') !== null")


@pytest.mark.parametrize(
    ("address", "menu"), [("/", ".top details.drop:has(.ava)"), ("/data/", ".acts details.drop"),
                          ("/data/", ".seg.spans details.drop")]
)  # fmt: skip
def test_a_menu_opens_and_closes_by_keys(tab: Page, address: str, menu: str) -> None:
    tab.goto(address)
    drop = tab.locator(menu).first
    drop.locator("summary").focus()

    tab.keyboard.press("Enter")
    expect(drop).to_have_attribute("open", "")
    tab.keyboard.press("Tab")
    assert drop.evaluate("menu => menu.contains(document.activeElement)")
    tab.keyboard.press("Escape")

    assert drop.get_attribute("open") is None
    expect(drop.locator("summary")).to_be_focused()


def test_a_sheet_opens_and_closes_by_keys(tab: Page) -> None:
    tab.goto("/data/?period=month")
    opener = tab.locator("[data-sheet]").first
    opener.focus()

    tab.keyboard.press("Enter")
    sheet = tab.locator("dialog[open]")
    expect(sheet).to_be_visible()
    assert sheet.evaluate("sheet => sheet.contains(document.activeElement)")
    for _ in range(4):
        tab.keyboard.press("Tab")
        # Behind the last stop is the browser's own; never the page below.
        assert sheet.evaluate("sheet => document.activeElement === document.body"
                              " || sheet.contains(document.activeElement)")  # fmt: skip
    tab.keyboard.press("Escape")

    expect(tab.locator("dialog[open]")).to_have_count(0)
    expect(opener).to_be_focused()


def test_a_wide_table_is_scrolled_by_keys(tab: Page) -> None:
    tab.set_viewport_size(PHONE)  # type: ignore[arg-type]
    tab.goto("/profile/sign-ins/")
    area = tab.locator(".tb-x").first

    expect(area).to_have_attribute("tabindex", "0")
    area.focus()
    tab.keyboard.press("ArrowRight")

    assert area.get_attribute("aria-label")
    tab.set_viewport_size(WIDE)  # type: ignore[arg-type]
    expect(area).not_to_have_attribute("tabindex", "0")


def test_every_page_is_read_without_scripts(
    people: Visitors, browser: Browser, packed: Live
) -> None:
    problems: list[str] = []
    wrong = []
    context = open_context(browser, packed.url, problems, java_script_enabled=False)
    page = context.new_page()
    sign_in(page, f"{OWNER}@example.ru", PASSWORD)
    for what in (what for who, what in pages() if who == OWNER):
        address = address_of(page, what)
        page.goto(address)
        told = page.evaluate(READ)
        if not told["lead"]:
            wrong.append(f"{address} has no lead")
        if told["length"] < 20:
            wrong.append(f"{address} says next to nothing")
        if told["charts"] and not told["rows"]:
            wrong.append(f"{address} has pictures and no table")
    context.close()

    assert not [*wrong, *problems]


READ = """() => {
  // What is folded away unfolds without scripts too.
  const seen = (one) => one.closest("details") ||
    one.checkVisibility({ visibilityProperty: true });
  const main = document.querySelector("main");
  return {
    lead: document.querySelector("h1")?.innerText.trim() ?? "",
    length: main.innerText.length,
    charts: main.querySelectorAll(".fz-chart").length,
    rows: [...main.querySelectorAll("table tr")].filter(seen).length,
  };
}"""


def test_the_tree_of_points_folds_before_it_pushes(people: Visitors) -> None:
    tab = people.come(OWNER)
    tab.page.set_viewport_size(PHONE)  # type: ignore[arg-type]

    tab.go(f"/data/?point={HOUSE}&period=year&by=interval")

    assert tab.shift < MOST_SHIFT, tab.page.evaluate("seen.shifts")


def test_a_year_is_drawn_at_once(people: Visitors) -> None:
    """17,520 half-hours; here the machine is shared with the other tests, so the bound is wide."""
    tab = people.come(OWNER)
    tab.page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    taken = []
    for _ in range(3):
        tab.go(f"/data/?point={HOUSE}&period=year&by=interval")
        taken.append(
            float(
                tab.page.evaluate(
                    """() => {
                      const [page] = performance.getEntriesByType("navigation");
                      const [chart] = performance.getEntriesByType("mark")
                        .filter(({ name }) => name.startsWith("faza:chart:"));
                      return chart.startTime - page.domContentLoadedEventEnd;
                    }"""
                )
            )
        )

    assert min(taken) < 1_500, taken
    assert tab.transferred <= MOST_BYTES, tab.files[:8]
    assert tab.shift < MOST_SHIFT
