"""The mobile client without a network and without a key: what it keeps, sends once, and forgets."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.browser import Live, Problems
from tests.support.mobile import (
    ASKED,
    KEPT,
    OFF,
    PHONE,
    QUEUED,
    SCREENS,
    asked,
    connect,
    key_of,
    ready,
    show,
    until,
)

pytestmark = pytest.mark.browser
GARAGE = "Гараж"
LAST = """(name) => new Promise((resolve) => {
  const asked = indexedDB.open("faza");
  asked.onsuccess = () => {
    const kept = asked.result.transaction("answers").objectStore("answers").get("entry?limit=50");
    kept.onsuccess = () => {
      asked.result.close();
      resolve(kept.result.data.items.find((one) => one.name === name).registers[0].last);
    };
  };
})"""
"""The last reading of a point, as the phone keeps it."""


@pytest.fixture
def key(live: Live) -> str:
    return key_of(live)


@pytest.fixture
def phone(visitors: Any, live: Live, key: str) -> Page:
    page: Page = visitors(viewport=PHONE, has_touch=True)
    connect(page.context, live, key)
    return page


def form_of(page: Page, name: str) -> Locator:
    """The form of a point; behind a line where a reading of it waits for the check already."""
    expect(page.locator("form.m-entry").first).to_be_attached()
    fold = page.locator("details.m-fold:not([open])", has_text=name)
    if fold.count():
        fold.locator("summary").click()
    return page.locator("form.m-entry", has=page.get_by_role("heading", name=name))


def type_reading(page: Page, add: float) -> None:
    """A reading of the garage; what is odd about it is confirmed."""
    form = form_of(page, GARAGE)
    field = form.locator("input[inputmode=decimal]").first
    was = page.evaluate(LAST, GARAGE)
    field.fill(str(was + add).replace(".", ","))
    form.get_by_role("button", name="Передать").click()
    sure = form.get_by_role("button", name="Всё верно, передать")
    queued = page.locator("section", has_text="Ждут отправки")
    expect(sure.or_(queued).first).to_be_visible()
    if sure.count():
        sure.click()


def test_without_a_network_data_are_read_and_a_reading_is_typed_that_arrives_once(
    phone: Page, live: Live, problems: Problems
) -> None:
    for name in ("", "readings", "history", "events", "notices", "entry"):
        show(phone, name)
    ready(phone)
    before = len(asked(phone, "entry/sent?limit=200")["items"])
    posts: list[str] = []
    phone.on("request", lambda one: posts.append(one.url) if one.method == "POST" else None)

    phone.context.set_offline(True)
    phone.goto("/m/")
    expect(phone.locator(".m-status")).to_contain_text("нет связи")
    expect(phone.locator(".m-lead")).to_contain_text("кВт·ч")
    for name in ("readings", "history", "events", "notices"):
        phone.goto(f"/m/#/{name}")
        expect(phone.locator("h1")).to_have_text(SCREENS[name])
        expect(phone.locator(".m-status")).to_contain_text("Данные на")
    phone.goto("/m/#/entry")
    type_reading(phone, 41)
    expect(phone.locator("section", has_text="Ждут отправки")).to_contain_text("Сохранено")

    phone.reload()  # the page is another one, the reading is still there
    expect(phone.locator("section", has_text="Ждут отправки")).to_contain_text(GARAGE)
    expect(phone.locator(".m-tabs em")).to_contain_text("1")
    posts.clear()

    phone.context.set_offline(False)
    expect(phone.locator("section", has_text="Ждут отправки")).to_have_count(0)
    phone.reload()
    phone.wait_for_load_state("networkidle")
    after = asked(phone, "entry/sent?limit=200")["items"]
    assert len(after) == before + 1
    assert after[0]["state"] == "sent"
    assert after[0]["way"] == "phone"
    problems.excuse(OFF, "422")


def test_an_answer_that_was_lost_does_not_make_two_of_a_reading(
    phone: Page, problems: Problems
) -> None:
    show(phone, "entry")
    before = len(asked(phone, "entry/sent?limit=200")["items"])
    lost = []

    def lose(route: Any) -> None:
        route.fetch()  # it arrives, and nobody hears of it
        lost.append(1)
        route.abort("connectionreset")

    # The worker's own requests pass by `route` of the page: it has none of these.
    phone.context.route("**/usage-points/*/entry", lose, times=1)
    type_reading(phone, 43)
    expect(phone.locator("section", has_text="Ждут отправки")).to_be_visible()
    phone.reload()
    phone.wait_for_load_state("networkidle")
    expect(phone.locator("section", has_text="Ждут отправки")).to_have_count(0)
    assert lost == [1]
    assert len(asked(phone, "entry/sent?limit=200")["items"]) == before + 1
    problems.excuse("ERR_CONNECTION_RESET", "422")


def test_a_photo_goes_with_a_reading(phone: Page, tmp_path: Any, problems: Problems) -> None:
    show(phone, "entry")
    data = phone.evaluate("document.createElement('canvas').toDataURL('image/png')")
    file = tmp_path / "meter.png"
    file.write_bytes(base64.b64decode(data.split(",", 1)[1]))
    form = form_of(phone, GARAGE)
    form.locator("input[type=file]").set_input_files(file)
    expect(form.locator("img")).to_be_visible()
    type_reading(phone, 45)
    until(phone, f"({ASKED})('entry/sent?limit=1').then((told) => told.items[0].has_photo)")
    expect(phone.locator("section", has_text="Ждут отправки")).to_have_count(0)
    problems.excuse("422")


def test_a_refused_reading_says_why_and_comes_back_into_its_form(
    phone: Page, problems: Problems
) -> None:
    show(phone, "entry")
    body = {
        "type": "urn:faza:problem:closed", "title": "Показания сейчас не принимаются",
        "status": 422, "code": "closed",
    }  # fmt: skip
    phone.context.route(
        "**/usage-points/*/entry",
        lambda route: route.fulfill(
            status=422, body=json.dumps(body), content_type="application/problem+json"
        ),
        times=1,
    )
    type_reading(phone, 47)
    waiting = phone.locator("section", has_text="Ждут отправки")
    expect(waiting).to_contain_text("Показания сейчас не принимаются")
    waiting.get_by_role("button", name="Исправить").click()
    field = form_of(phone, GARAGE).locator("input").first
    expect(field).not_to_have_value("")
    waiting.get_by_role("button", name="Удалить").click()
    expect(waiting).to_have_count(0)
    problems.excuse("422")


def test_a_device_that_was_revoked_forgets_everything(
    phone: Page, live: Live, problems: Problems
) -> None:
    show(phone, "readings")
    ready(phone)
    assert phone.evaluate(QUEUED)["answers"] > 0
    phone.context.clear_cookies()  # as of a token that works no longer: 401
    phone.reload()
    expect(phone.locator("h1")).to_have_text("Устройство отключено")
    assert nothing_is_left(phone)
    problems.excuse("401")


def test_signing_out_leaves_nothing_here_and_ends_the_token(
    phone: Page, live: Live, key: str, problems: Problems
) -> None:
    show(phone, "settings")
    ready(phone)
    kept = phone.evaluate(KEPT)
    assert kept
    assert not [one for one in kept if one.startswith("/api/")]
    phone.locator("#sign-out").click()
    phone.locator("#sign-out-sure").click()
    expect(phone.locator("h1")).to_have_text("Вы вышли")
    assert nothing_is_left(phone)
    assert not [one for one in phone.context.cookies() if one["name"] == "faza_device"]
    connect(phone.context, live, key)
    phone.goto("/m/")
    expect(phone.locator("h1")).to_have_text("Устройство отключено")
    problems.excuse("401")


def nothing_is_left(page: Page) -> bool:
    page.wait_for_timeout(300)
    left = page.evaluate(QUEUED)
    return not any(left.values()) and page.evaluate(KEPT) == []
