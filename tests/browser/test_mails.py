"""What the live demo tells by mail arrives in its mailbox, and can be read there."""

import pytest

from tests.support.mailbox import link_in, text_in

pytestmark = pytest.mark.browser


def test_a_forgotten_password_is_set_anew_by_the_link_of_a_mail(page, live):
    page.goto("/accounts/password/reset/")
    page.locator("input[name=email]").fill("lugovoy@example.ru")
    page.locator("form:has(input[name=email]) button:not([type=button])").first.click()

    mail = live.mails.wait_for(to="lugovoy@example.ru", kind="account.password_reset")
    assert "Новый пароль" in mail["Subject"]
    link = link_in(mail)
    assert link.startswith(f"{live.url}/accounts/")
    assert link in text_in(mail, "html")
    page.goto(link)
    assert page.locator("input[name=password1]").is_visible()
