"""Every page of the table of doors in a real browser: nothing breaks the policy or scrolls aside.

The server has the world of the doors (tests/doors/filling.py) in a database of its own.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.doors.table import Door
from tests.doors.walk import DOORS, address_of
from tests.support.browser import Live, answering, open_context, sign_in
from tests.support.installation import installed, run
from tests.support.postgres import free_port

pytestmark = pytest.mark.browser
PASSWORD = "Zarechny-35-10"
WIDE = {"width": 1440, "height": 900}
NARROW = {"desk": 768, "cabinet": 360}
FILES = (
    "export=",
    "import_template",
    "api:v1:",
    "import_marked",
    "cabinet:export",
    "complexes_file",
    "network_file",
    "registers_file",
    "history_file",
    "events_file",
    "costs_file",
    "cabinet:report ",
    "cabinet:report_file",
    "desk:report-file",
    "own_data_file",
    "entry_photo",
    "entry_held_photo",
    "entry_history_file",
    "reading_photo",
    "entry_file_template",
    "entry_file_remarks",
    "rounds-template",
    "rounds-file-remarks",
    "exchange-problems",
    "exchange-content",
    "exchange-sent-content",
    "exchange-codes-csv",
    "order-paper",
    "polling-session-file",
    "desk:tariffs-file",
    "desk:tariff-file",
    "prices-template",
    "share:file",
)
PARTS = (
    *("desk:network-branch", "desk:network-places", "desk:job-part", "desk:import_progress"),
    *("desk:report-runs", "desk:polling-command", "cabinet:bell"),
    *("mobile:home", "mobile:manifest", "mobile:worker"),
    *("health-live", "health-ready", "metrics"),
)
"""What is put into a page, or told to programs; the mobile client has test_mobile.py."""


@pytest.fixture(scope="module")
def filled() -> Iterator[tuple[Live, dict[str, str]]]:
    """A server of the world of the doors, and the names of its things."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with installed() as environment:
        told = environment | {"FAZA_URL": url, "FAZA_LOG": "WARNING"}
        told["DJANGO_SETTINGS_MODULE"] = "faza.settings"
        names = json.loads(run(told, "-m", "tests.doors.filling").splitlines()[-1])
        live = Live(url, Path(told["FAZA_HOME"]), told)
        with answering(live, "serve", "--port", str(port)):
            yield live, names


def pages_of(role: str) -> list[Door]:
    """What a role may see; of the operator what is not the administrator's as well."""
    seen = [
        door for door in DOORS
        if door.statuses[role] == 200 and not door.is_post
        and not any(one in f"{door.name} {door.query}" for one in (*FILES, *PARTS))
    ]  # fmt: skip
    if role != "operator":
        return seen
    lists = {"desk:home", "desk:requests", "desk:network", "desk:points", "desk:import_one"}
    return [door for door in seen if door.name in lists or door.statuses["administrator"] != 200]


@pytest.mark.parametrize("role", ["administrator", "operator", "owner", "unverified", "anonymous"])
def test_no_page_breaks_the_policy_complains_or_scrolls(
    browser: Browser, filled: tuple[Live, dict[str, str]], role: str
) -> None:
    live, names = filled
    problems: list[str] = []
    context = open_context(browser, live.url, problems, viewport=WIDE)
    page = context.new_page()
    if role != "anonymous":
        sign_in(page, f"{role}@example.org", PASSWORD)
        page.goto("/accounts/reauthenticate/")
        page.locator("input[name=password]").fill(PASSWORD)
        page.locator("main form .btn-p").click()
    wrong = []
    for door in pages_of(role):
        address = address_of(door, names)
        answer = page.goto(address)
        if answer is None or answer.status != 200:
            wrong.append(f"{address}: {answer.status if answer else 'no answer'}")
        wrong += [f"{address}: {problem}" for problem in problems]
        problems.clear()
        wrong += [f"{address} at {width} px is {is_} px wide" for width, is_ in too_wide(page)]
    page.wait_for_timeout(200)  # what the last page complains of comes a moment later
    context.close()

    assert not [*wrong, *problems], "\n".join([*wrong, *problems])


def too_wide(page: Page) -> Iterator[tuple[int, int]]:
    """At 1440 px and at the narrowest width of this part of the site."""
    part = "desk" if "/desk/" in page.url else "cabinet"
    for width in (WIDE["width"], NARROW[part]):
        if width != WIDE["width"]:
            page.set_viewport_size({"width": width, "height": 800})
        found: Any = page.evaluate("document.documentElement.scrollWidth")
        if found > width:
            yield width, int(found)
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]  # a dict of whole numbers


def test_the_browser_tells_of_a_breach(
    browser: Browser, filled: tuple[Live, dict[str, str]]
) -> None:
    live, _ = filled
    problems: list[str] = []
    context = open_context(browser, live.url, problems)
    page = context.new_page()
    page.goto("/accounts/login/")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=f()>')")
    page.wait_for_timeout(300)
    context.close()

    assert any(one.startswith("CSP: script-src-attr") for one in problems), problems
