"""A phone is connected by its camera: the QR of one browser's page is what the other one sees."""

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.support import browser as support
from tests.support.browser import Live, Problems, open_context, sign_in

pytestmark = pytest.mark.browser
WHO, PASSWORD = "supplier@example.ru", "Zarechny-35-10"
WIDE, HIGH = 640, 480
SOON = 20_000
"""Milliseconds: the page asks every two seconds, on a machine that is busy with other tests."""
ASK = """async () => {
  const told = await fetch("/api/v1/usage-points", { headers: { "X-Faza-App": "1" } });
  return told.status;
}"""


def film(picture: bytes, file: Path) -> Path:
    """What a camera sees that is held before a picture: YUV 4:2:0, a few frames that repeat."""
    drawn = (
        Image.open(io.BytesIO(picture)).convert("L").resize((360, 360), Image.Resampling.LANCZOS)
    )
    frame = Image.new("L", (WIDE, HIGH), 200)
    frame.paste(drawn, ((WIDE - 360) // 2, (HIGH - 360) // 2))
    # Of the brightness 16 to 235 are used; without colour both other planes are 128.
    bright = (16 + np.asarray(frame, dtype=np.float32) * 219 / 255).astype(np.uint8).tobytes()
    grey = bytes([128]) * (WIDE * HIGH // 2)
    head = f"YUV4MPEG2 W{WIDE} H{HIGH} F10:1 Ip A1:1 C420jpeg\n".encode()
    file.write_bytes(head + (b"FRAME\n" + bright + grey) * 5)
    return file


@contextmanager
def phone(browser: Browser, camera: Path, live: Live, problems: Problems) -> Iterator[Page]:
    """Another Chromium, whose camera sees a film and is allowed without asking."""
    arguments = [
        *support.ARGUMENTS,
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={camera}",
    ]
    other = browser.browser_type.launch(executable_path=support.chromium(), args=arguments)
    size = {"width": 390, "height": 800}
    context = open_context(other, live.url, problems, viewport=size, has_touch=True)
    context.grant_permissions(["camera"])
    try:
        yield context.new_page()
    finally:
        context.close()
        other.close()


def shown_code(page: Page) -> None:
    """The page of connecting with a fresh code, after the password was typed once more."""
    page.goto("/profile/devices/")
    page.get_by_role("main").get_by_role("button", name="Подключить мобильный клиент").click()
    typed = page.locator("input[name=password]")
    typed.or_(page.locator(".pair-qr")).first.wait_for()
    if typed.is_visible():
        typed.fill(PASSWORD)
        page.locator("form:has(input[name=password]) button:not([type=button])").first.click()
    page.locator(".pair-qr svg").wait_for()


def test_a_phone_scans_the_page_is_confirmed_uses_the_data_is_revoked_and_out(
    page: Page, browser: Browser, live: Live, problems: Problems, tmp_path: Path
):
    sign_in(page, WHO, PASSWORD)
    shown_code(page)
    camera = film(page.locator(".pair-qr").screenshot(), tmp_path / "camera.y4m")

    with phone(browser, camera, live, problems) as held:
        held.goto("/m/connect/")
        assert held.evaluate("document.querySelector('script[src*=jsqr]')") is None
        held.get_by_role("button", name="Сканировать QR-код").click()
        held.wait_for_url("**/m/connect/wait/")
        number = held.locator(".pair-check").inner_text()

        expect(page.get_by_role("heading", name="Подключить этот телефон?")).to_be_visible(
            timeout=SOON
        )
        expect(page.locator(".pair-check")).to_have_text(number, timeout=SOON)
        expect(page.locator("#pairing")).to_contain_text("127.0.0.1", timeout=SOON)
        names = {one["name"] for one in held.context.cookies()}
        assert "faza_device" not in names
        page.locator("#pairing").get_by_role("button", name="Подключить", exact=True).click()
        expect(page.locator("#pairing")).to_contain_text("Подключено:", timeout=SOON)

        held.wait_for_function("!location.pathname.startsWith('/m/connect/wait')")
        (key,) = [one for one in held.context.cookies() if one["name"] == "faza_device"]
        assert (key["httpOnly"], key["sameSite"]) == (True, "Strict")
        assert key["value"] not in held.evaluate("document.cookie")
        assert held.evaluate(ASK) == 200
        assert key["value"] not in json.dumps(
            held.evaluate("({...localStorage, ...sessionStorage})")
        )

        page.goto("/profile/devices/")
        page.get_by_role("row", name="Chrome").first.get_by_role("button").click()
        expect(page.get_by_role("main")).to_contain_text("отключён.", timeout=SOON)
        assert held.evaluate(ASK) == 401
        problems.excuse("401")


def test_the_link_of_the_phones_own_camera_and_a_stranger_who_is_turned_away(
    page: Page, visitors, problems: Problems
):
    sign_in(page, WHO, PASSWORD)
    shown_code(page)
    link = page.get_by_role("link", name="Эта страница открыта на самом телефоне").get_attribute(
        "href"
    )
    stranger, own = visitors(), visitors()

    stranger.goto(str(link))
    assert "#" not in stranger.url  # not left in the address bar
    stranger.get_by_role("button", name="Подключить этот телефон").click()
    stranger.wait_for_url("**/m/connect/wait/")
    own.goto(str(link))
    own.get_by_role("button", name="Подключить этот телефон").click()
    expect(own.get_by_role("alert").first).to_contain_text(
        "уже воспользовался другой телефон", timeout=SOON
    )
    problems.excuse("422")

    page.get_by_role("button", name="Это не мой телефон").click()
    expect(page.locator("#pairing")).to_contain_text("Телефону отказано", timeout=SOON)
    expect(stranger.get_by_role("alert").first).to_contain_text(
        "Владелец кабинета отказал", timeout=SOON
    )
    assert not [one for one in stranger.context.cookies() if one["name"] == "faza_device"]


def test_a_code_is_typed_and_all_works_without_scripts(page: Page, visitors, problems: Problems):
    sign_in(page, WHO, PASSWORD)
    shown_code(page)
    code = page.locator(".pair-code").inner_text()
    plain = visitors(java_script_enabled=False)

    plain.goto("/m/connect/")
    plain.locator("input[name=code]").fill(code.lower())
    plain.get_by_role("button", name="Продолжить").click()
    page.locator("#pairing").get_by_role("button", name="Подключить", exact=True).click()
    plain.get_by_role("button", name="Я подтвердил").click()
    expect(page.locator("#pairing")).to_contain_text("Подключено:", timeout=SOON)
    assert [one for one in plain.context.cookies() if one["name"] == "faza_device"]
    page.goto("/profile/devices/")
    page.get_by_role("row", name="Chrome").first.get_by_role("button").click()
