"""The mobile client: questions of the desk, further pages, verdicts, sign-out offline."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.test_mobile import key, nothing_is_left, phone, type_reading
from tests.support.browser import Live, Problems
from tests.support.installation import run
from tests.support.mobile import OFF, asked, connect, ready, show

pytestmark = pytest.mark.browser
__all__ = ["key", "phone"]
QUESTION = "Почему больше обычного?"
ASK = f"""
import django
django.setup()
from django.utils import timezone
from faza.accounts.models import User
from faza.manual_entry import asking
from faza.manual_entry.models import Entry
by = User.objects.filter(role=User.Role.ADMINISTRATOR).first()
entry = Entry.objects.filter(state="sent").latest("pk")
asking.ask(entry=entry, text="{QUESTION}", by=by, at=timezone.now())
"""


def test_a_question_of_the_desk_is_answered_without_a_network_and_arrives_once(
    phone: Page, live: Live, problems: Problems
) -> None:
    show(phone, "entry")
    ready(phone)
    type_reading(phone, 201.5)
    expect(phone.locator("section", has_text="Ждут отправки")).to_have_count(0)
    run(live.environment | {"DJANGO_SETTINGS_MODULE": "faza.settings"}, "-c", ASK)
    phone.reload()
    form = phone.locator("form.m-entry", has_text=QUESTION)
    expect(form).to_be_visible()
    form.get_by_role("button", name="Ответить").click()
    expect(form.locator("[role=alert]")).to_have_text("Напишите ответ")

    phone.context.set_offline(True)
    form.get_by_label("Ответ").fill("Жили гости")
    form.get_by_role("button", name="Ответить").click()
    queued = phone.locator("section", has_text="Ждут отправки")
    expect(queued).to_contain_text("Жили гости")
    expect(form).to_have_count(0)
    phone.reload()
    expect(queued).to_contain_text("Жили гости")
    phone.context.set_offline(False)
    expect(queued).to_have_count(0)

    (told, *_) = asked(phone, "entry/sent?limit=1")["items"]
    assert told["state"] == "sent"
    assert [one["text"] for one in told["words"]] == [QUESTION, "Жили гости"]
    problems.excuse(OFF, "422")


def test_further_pages_are_shown_on_demand(phone: Page) -> None:
    def fewer(route: Route) -> None:
        route.continue_(url=route.request.url.replace("limit=100", "limit=2"))

    phone.route("**/api/v1/events?*", fewer)
    show(phone, "events")
    rows = phone.locator("ul.m-plain > li")
    expect(rows).to_have_count(2)
    phone.locator("#show-more").click()
    expect(rows).to_have_count(4)
    phone.unroute("**/api/v1/events?*")
    show(phone, "history")
    months = phone.locator("tbody tr")
    expect(months).to_have_count(13)
    phone.locator("#show-more").click()
    expect(months).to_have_count(25)


def test_the_network_is_judged_as_on_the_cabinets_page(phone: Page) -> None:
    show(phone, "network")
    verdicts = phone.locator(".m-verdict")
    expect(verdicts.first).to_contain_text("апряжени")
    told = asked(phone, "usage-points?limit=1")["items"][0]["code"]
    many = len(asked(phone, f"usage-points/{told}/network")["verdicts"])
    assert many >= 3
    expect(verdicts).to_have_count(many)


def test_signed_out_without_a_network_all_is_gone_and_the_key_ends_before_anything_else(
    phone: Page, live: Live, key: str, visitors: Any, problems: Problems
) -> None:
    show(phone, "settings")
    ready(phone)
    phone.context.set_offline(True)
    phone.locator("#sign-out").click()
    phone.locator("#sign-out-sure").click()
    expect(phone.locator("h1")).to_have_text("Вы вышли")
    expect(phone.get_by_role("alert")).to_contain_text("Нет связи")
    assert nothing_is_left(phone)
    assert [one for one in phone.context.cookies() if one["name"] == "faza_device"]

    sent: list[str] = []
    phone.context.on("request", lambda one: sent.append(f"{one.method} {one.url}"))
    phone.context.set_offline(False)
    phone.goto("/m/#/readings")
    expect(phone.locator("h1")).to_have_text("Вы вышли")
    expect(phone.get_by_role("alert")).to_have_count(0)
    assert not [one for one in sent if "/api/" in one]
    assert [one for one in sent if one.endswith("/m/out/")]
    assert not [one for one in phone.context.cookies() if one["name"] == "faza_device"]

    other: Page = visitors()
    connect(other.context, live, key)
    other.goto("/m/")
    expect(other.locator("h1")).to_have_text("Устройство отключено")
    problems.excuse(OFF, "401")
