import pytest

from faza.demo.people import LOGINS, PASSWORD
from tests.support.browser import sign_in

pytestmark = pytest.mark.browser


def test_a_subscriber_of_the_demo_signs_in(page):
    sign_in(page, LOGINS[0].email, PASSWORD)

    assert page.get_by_text(LOGINS[0].name).first.is_visible()


def test_each_test_begins_signed_out(page):
    page.goto("/")

    assert "/accounts/login/" in page.url


def test_the_installation_answers_commands(live):
    assert str(live.home) in live.faza("doctor")
