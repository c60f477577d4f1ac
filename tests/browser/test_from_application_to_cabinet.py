"""From an application to an opened cabinet, by three people: subscriber, operator, administrator.

Each has a browser of their own; the link of the mail is opened on yet another device.
"""

import csv
import io
import re
import time
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import Page, expect

from tests.support.browser import Live, Problems, add_device_key, sign_in
from tests.support.mailbox import link_in, text_in

pytestmark = pytest.mark.browser

WHO = "lapina@example.org"
NAME = "Лапина Ольга Дмитриевна"
FIRM = 'ООО "Светлый берег"'
AGREEMENT = "Э-771/26"
PASSWORD = "Lodka-i-veslo-77"
SEARCHED = "Ввод Т-1"
"""Four points of the network itself have this in their name: nobody has an agreement for them."""
ASKED = ("ТП-369", "ТП-370")
PHONE = {"width": 360, "height": 760}
CODE = re.compile(r"point=(\d+)")


def today() -> date:
    return datetime.now(ZoneInfo("Europe/Moscow")).date()


BOUND_FROM = today() - timedelta(days=60)
LAST_DAY = today() - timedelta(days=10)


def test_from_an_application_to_an_opened_cabinet(
    visitors: Any, live: Live, problems: Problems
) -> None:
    person, device = visitors(by_name=True), visitors(viewport=PHONE)
    operator, administrator = visitors(), visitors()
    papers_are_made(operator)

    registers(person, problems)
    activates(device, person, live)
    waits(person)
    number = is_checked(operator)
    approves(operator, number)
    secret = protects_the_account(person, live)
    comes_back(person, secret)
    codes = sees_what_was_bound(person)
    looks_by_phone(visitors(viewport=PHONE, by_name=True), secret)
    ends_the_binding(operator, codes)
    reads_the_own_time_and_nothing_newer(person, codes)
    finds_it_in_the_trail(administrator, number)


def papers_are_made(page: Page) -> None:
    """The company has an agreement with the firm already, which opens nothing yet."""
    from faza.demo.people import PASSWORD as OF_THE_DEMO

    sign_in(page, "operator@example.ru", OF_THE_DEMO)
    page.goto("/desk/customers/add/")
    page.locator("[name=kind]").select_option("organisation")
    page.locator("[name=name]").fill(FIRM)
    page.locator("[name=actual_address]").fill("пос. Заречный, Береговая ул., 3")
    press(page)
    page.get_by_role("link", name="Договор N").click()
    page.locator("[name=number]").fill(AGREEMENT)
    page.locator("[name=kind]").select_option("energy_supply")
    page.locator("[name=valid_from]").fill("2025-01-01")
    press(page)
    expect(page.locator("h1")).to_contain_text(AGREEMENT)


def registers(page: Page, problems: Problems) -> None:
    page.goto("/accounts/login/")
    page.get_by_role("link", name="Зарегистрироваться").click()
    expect(page.locator("h1")).to_have_text("Регистрация новой учётной записи")
    page.get_by_label("Для организации").check()
    page.locator("#id_organisation").fill(FIRM)
    page.locator("#id_full_name").fill(NAME)
    page.locator("#id_agreement_number").fill(AGREEMENT)
    page.locator("#id_phone").fill("12")
    page.locator("#id_email").fill("lapina@")
    page.locator("#id_password1").fill(PASSWORD)
    page.locator("#id_password2").fill(PASSWORD + "x")
    page.locator("#id_licence").check()
    press(page)

    expect(page.get_by_role("alert")).to_contain_text("Не удалось создать учётную запись.")
    for field, said in {
        "phone": "Это не номер телефона",
        "email": "адрес электронной почты",
        "password2": "Пароли не совпадают",
        "consent": "Без согласия",
    }.items():
        expect(page.locator(f"#id_{field}-about, #id_{field}-about .err").first).to_contain_text(
            said
        )
    for field, kept in {"full_name": NAME, "organisation": FIRM, "email": "lapina@"}.items():
        expect(page.locator(f"#id_{field}")).to_have_value(kept)
    expect(page.locator("#id_licence")).to_be_checked()
    expect(page.locator("#id_password1")).to_have_value("")

    page.locator("#id_phone").fill("8 912 345-67-89")
    page.locator("#id_email").fill(WHO)
    page.locator("#id_password1").fill(PASSWORD)
    page.locator("#id_password2").fill(PASSWORD)
    page.locator("#id_consent").check()
    press(page)
    expect(page.locator("h1")).to_have_text("Ваша заявка принята в обработку")
    expect(page.locator("main, body").first).to_contain_text(WHO)


def activates(device: Page, person: Page, live: Live) -> None:
    """The link alone does nothing: scanners of mail follow it too."""
    link = link_in(live.mails.wait_for(to=WHO, kind="account.confirm"))
    assert link.startswith(f"{live.url}/accounts/confirm/")
    device.goto(link)
    expect(device.locator("h1")).to_have_text("Активация учётной записи")
    assert device.locator("#id_code").input_value() in link
    does_not_scroll_sideways(device)
    enters(person)
    expect(person.locator("h1")).to_contain_text("Подтвердите почту")

    device.get_by_role("button", name="Активировать").click()

    expect(device.locator("h1")).to_have_text("Учётная запись успешно активирована")
    does_not_scroll_sideways(device)
    live.mails.wait_for(to=WHO, kind="contracts.application.received")


def waits(page: Page) -> None:
    """The state of the own application, and nobody's data anywhere."""
    enters(page)
    page.wait_for_url("**/request/")
    expect(page.locator(".states .now")).to_contain_text("Проверка оператором")
    for address in ("/", "/meters/", "/data/"):
        page.goto(address)
        page.wait_for_url("**/request/")
    for address in ("/data/export/csv/?point=501203690009001", "/data/why/?point=501203690009001"):
        answer = page.request.get(address)
        assert "/request/" in answer.url
        assert SEARCHED not in answer.text()
    assert page.request.get("/desk/requests/").status == 403

    page.locator("textarea[name=text]").fill("Прошу открыть вводы ТП-369 и ТП-370.")
    page.get_by_role("button", name="Отправить", exact=True).click()
    expect(page.locator(".word.mine")).to_contain_text("Прошу открыть вводы")


def is_checked(page: Page) -> str:
    """The application stands in the queue with the agreement suggested; its number."""
    page.goto("/desk/requests/")
    page.locator("#rq-list a", has_text=FIRM).click()
    case = page.locator("#case", has_text=FIRM)
    expect(case).to_be_visible()
    best = case.locator(".cand .cd").first
    expect(best).to_have_attribute("aria-current", "true")
    expect(best).to_contain_text(AGREEMENT)
    expect(best.locator(".cd-r")).to_contain_text("номер")
    expect(case.locator(".say.theirs")).to_contain_text("Прошу открыть вводы")
    found = case.get_attribute("data-case")
    assert found
    return found


def approves(page: Page, number: str) -> None:
    """Of the points found by hand exactly those asked for, from a day on."""
    page.locator("input[name=place]").fill(SEARCHED)
    page.locator("input[name=place]").press("Enter")
    rows = page.locator("#case tr", has_text=SEARCHED)
    expect(rows).to_have_count(4)
    for place in ASKED:
        with page.expect_response(re.compile("/desk/requests/")):
            rows.filter(has_text=place).locator("input[name=points]").check()
    page.locator("[name=valid_from]").fill(BOUND_FROM.isoformat())
    expect(page.locator("#case-mail")).to_contain_text("ТП-370")
    expect(page.locator("#case-mail")).not_to_contain_text("ТП-374")
    page.locator("#case-foot button", has_text="открыть 2 точки").click()
    expect(page.locator(".rq-undo")).to_contain_text(FIRM)


def protects_the_account(page: Page, live: Live) -> str:
    """Signed in by the password alone for the last time; the secret of the codes."""
    mail = text_in(live.mails.wait_for(to=WHO, kind="contracts.application.approved"))
    assert all(place in mail for place in ASKED)
    assert "ТП-374" not in mail
    page.goto("/")
    expect(page.locator(".lead")).not_to_contain_text("Подтвердите")
    page.goto("/accounts/second-factor/totp/activate/")
    page.locator("input[name=password]").fill(PASSWORD)
    press(page)
    secret = page.locator(".key").inner_text().strip()
    page.locator("#id_code").fill(code(secret))
    page.get_by_role("button", name="Включить").click()
    expect(page.locator(".codes li")).to_have_count(10)
    told = live.mails.wait_for(to=WHO, kind="account.security_changed")
    assert "коды из приложения" in text_in(told)

    add_device_key(page)
    page.goto("/accounts/second-factor/webauthn/add/")
    page.locator("input[name=name]").fill("Ноутбук")
    page.get_by_role("button", name="Добавить ключ").click()
    expect(page.locator("main")).to_contain_text("Ключ устройства добавлен.")
    live.mails.wait_for(to=WHO, kind="account.security_changed", count=2)
    signs_out(page)
    return secret


def comes_back(page: Page, secret: str) -> None:
    """By the password and a code; then by the key of the device alone."""
    enters(page)
    expect(page.locator("h1")).to_have_text("Ещё один шаг")
    assert page.request.get("/meters/", max_redirects=0).status == 302
    page.locator("#id_code").fill("000000")
    press(page)
    expect(page.locator(".err")).to_contain_text("Код не подходит")
    page.locator("#id_code").fill(code(secret))
    press(page)
    page.wait_for_url(lambda url: "/accounts/" not in url)
    signs_out(page)
    page.get_by_role("button", name="Войти по ключу устройства").click()
    page.wait_for_url(lambda url: "/accounts/" not in url)


def sees_what_was_bound(page: Page) -> list[str]:
    """Exactly the two points, on every page and in the files; their codes."""
    page.goto("/meters/")
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(2)
    for place in ASKED:
        expect(rows.filter(has_text=place)).to_have_count(1)
    codes = [CODE.search(a.get_attribute("href") or "")[1] for a in rows.locator("th a").all()]
    page.goto("/data/?points=all&period=month")
    expect(page.locator(".tree .leaf")).to_have_count(2)
    assert set(CODE.findall(page.url) or codes) == set(codes)
    for found in codes:
        days = days_of(page, found)
        assert days[0] == BOUND_FROM
        assert days[-1] >= today() - timedelta(days=1)
    for foreign in ("501203740009001", "501204120009001", "999999999999999"):
        assert page.request.get(f"/data/?point={foreign}").status == 404
        assert page.request.get(file_of(foreign)).status == 404
    return codes


def looks_by_phone(page: Page, secret: str) -> None:
    """The same by a telephone, where a code opens the door."""
    enters(page)
    page.locator("#id_code").fill(code(secret, fresh=True))
    press(page)
    page.wait_for_url(lambda url: "/accounts/" not in url)
    for address in ("/", "/meters/", "/data/?points=all&period=month", "/profile/"):
        page.goto(address)
        page.wait_for_load_state("networkidle")
        does_not_scroll_sideways(page)


def ends_the_binding(page: Page, codes: list[str]) -> None:
    page.goto("/desk/agreements/?q=" + AGREEMENT.split("/")[0])
    page.locator("tbody a", has_text=AGREEMENT).click()
    for found in codes:
        page.locator("tr", has_text=found).get_by_role("link", name="Срок").click()
        page.locator("[name=valid_to]").fill(LAST_DAY.isoformat())
        press(page)
        expect(page.locator("h1")).to_contain_text(AGREEMENT)


def reads_the_own_time_and_nothing_newer(page: Page, codes: list[str]) -> None:
    for found in codes:
        days = days_of(page, found)
        assert (days[0], days[-1]) == (BOUND_FROM, LAST_DAY)
    page.goto(f"/data/?points=all&period=any&from={BOUND_FROM}&to={today()}&by=day")
    shown = page.locator("#table tbody tr:has(td:not(.gap, .yet, :empty))")
    assert shown.count() > 40
    newest = LAST_DAY + timedelta(days=1)
    page.goto(f"/data/?points=all&period=any&from={newest}&to={today()}&by=day")
    expect(page.locator("h1")).to_contain_text("данных нет")
    expect(page.locator("main")).to_contain_text(f"действовал до {LAST_DAY:%d.%m.%Y}")


def finds_it_in_the_trail(page: Page, number: str) -> None:
    from faza.demo.people import PASSWORD as OF_THE_DEMO

    sign_in(page, "admin@example.ru", OF_THE_DEMO)
    found: dict[str, str] = {}
    for asked in (f"who={NAME.split()[0]}", "who=Климова", "action=accounts.user.created"):
        page.goto(f"/desk/audit/?{asked}")
        for row in page.locator("table.deeds tbody tr").all():
            cells = row.locator("td").all()
            found.setdefault(cells[2].get_attribute("title") or "", row.inner_text())

    for deed in (
        "accounts.user.created",
        "accounts.text.accepted",
        "accounts.email.confirmed",
        "accounts.second_factor.added",
        "contracts.application.submitted",
        "contracts.application.confirmed",
        "contracts.application.written",
        "contracts.application.viewed",
        "contracts.application.approved",
        "contracts.customer.added",
        "contracts.agreement.signed",
        "contracts.member.admitted",
        "contracts.point.bound",
    ):
        assert deed in found, (deed, sorted(found))
    assert NAME in found["accounts.user.created"]
    ended = found["contracts.point.rebound"]
    assert "Климова" in ended
    assert "127.0.0.1" in ended
    assert f"{LAST_DAY + timedelta(days=1):%d.%m.%Y}" in ended or f"{LAST_DAY:%d.%m.%Y}" in ended
    page.goto(f"/desk/requests/{number}/")
    expect(page.locator("#case .trail")).to_contain_text("Заявка подтверждена")


def enters(page: Page) -> None:
    page.goto("/accounts/login/")
    page.locator("input[name=login]").fill(WHO)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("form:has(input[name=password]) .btn-p").click()
    page.wait_for_url(lambda url: "/accounts/login" not in url)


def signs_out(page: Page) -> None:
    page.goto("/accounts/logout/")
    press(page)
    page.wait_for_url("**/accounts/login/")


def press(page: Page) -> None:
    """The chief button of the page's form."""
    page.locator("main form .btn-p, form.reg .btn-p").first.click()


def code(secret: str, *, fresh: bool = False) -> str:
    """What the app shows: one of which some seconds are left, and if asked for the next one."""
    step = int(time.time()) // 30
    until = (step + 1) * 30
    if fresh or until - time.time() < 4:
        time.sleep(until - time.time() + 0.1)
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))


def file_of(point: str) -> str:
    """The address of all that a point measured from before the binding until tomorrow."""
    first, last = BOUND_FROM - timedelta(days=10), today() + timedelta(days=1)
    return f"/data/export/csv/?point={point}&from={first}&to={last}"


def days_of(page: Page, point: str) -> list[date]:
    """The days of which a file of a point holds values."""
    answer = page.request.get(file_of(point))
    assert answer.status == 200, answer.text()
    rows = csv.DictReader(io.StringIO(answer.body().decode("utf-8-sig")))
    return sorted({date.fromisoformat(row["start"][:10]) for row in rows if row["value"]})


def does_not_scroll_sideways(page: Page) -> None:
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= page.evaluate("window.innerWidth"), f"{page.url} is {width} px wide"
