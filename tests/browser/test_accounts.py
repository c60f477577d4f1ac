"""A device key in a real browser: added, used instead of the password, and the form's advice."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import add_device_key, sign_in

pytestmark = pytest.mark.browser
WHO = "manager@example.ru"  # nobody else signs in as them: a second factor stays


def test_a_device_key_opens_the_cabinet_without_a_password(visitors: Any) -> None:
    from faza.demo.people import PASSWORD

    page = visitors(by_name=True)
    add_device_key(page)
    sign_in(page, WHO, PASSWORD)
    page.goto("/accounts/second-factor/webauthn/add/")
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main form .btn-p").click()
    page.locator("input[name=name]").fill("Ноутбук")
    page.get_by_role("button", name="Добавить ключ").click()
    expect(page.locator(".codes li")).to_have_count(10)
    page.goto("/accounts/second-factor/webauthn/")
    expect(page.locator("td").first).to_have_text("Ноутбук")
    page.context.clear_cookies()

    page.goto("/accounts/login/")
    page.get_by_role("button", name="Войти по ключу устройства").click()

    page.wait_for_url(lambda url: "/accounts/" not in url)
    page.goto("/profile/sign-ins/")
    expect(page.locator("tbody tr").first).to_contain_text("вход выполнен")


def test_by_a_number_of_the_host_no_key_is_offered(page: Page) -> None:
    page.goto("/accounts/login/")

    expect(page.get_by_role("button", name="Войти по ключу устройства")).to_be_hidden()


def test_the_form_shows_the_organisation_and_how_strong_a_password_is(page: Page) -> None:
    page.goto("/accounts/signup/")
    expect(page.locator("#id_organisation")).to_be_hidden()
    page.get_by_label("Для организации").check()
    expect(page.locator("#id_organisation")).to_be_visible()
    page.locator("#id_password1").fill("12345")
    expect(page.locator(".hint.said")).to_have_text("Слабый")
    page.locator("#id_password1").fill("Krepkiy-Parol-77")
    expect(page.locator(".hint.said")).to_have_text("Надёжный")

    page.get_by_role("button", name="Отправить заявку").click()

    expect(page.get_by_role("alert")).to_contain_text("Не удалось создать учётную запись.")
    expect(page.locator("#id_organisation")).to_be_visible()
    expect(page.locator("#id_password1")).to_have_value("")


def test_the_way_to_the_text_and_back_loses_nothing(page: Page) -> None:
    page.goto("/accounts/signup/")
    page.locator("#id_full_name").fill("Тестова Анна")
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Показать полностью").first.click()

    expect(opened.value.locator("h1")).to_have_text(re.compile("Лицензионное соглашение"))
    expect(page.locator("#id_full_name")).to_have_value("Тестова Анна")
