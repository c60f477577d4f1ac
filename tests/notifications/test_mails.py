"""Every kind of message has a mail, in both languages, of which nothing is left out."""

import ast
import re
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import pytest

from faza.accounts import card
from faza.accounts.models import OrganisationCard
from faza.notifications import mails
from faza.outbox.models import Message

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parent.parent.parent
WHEN = "2026-11-20T09:00:00+00:00"
# Codes are said in words: test_order_mails.
ORDER = {
    "deed": "off", "ground": "debt", "place": "КВ-5", "power": "3000",
    "when": WHEN, "url": "/",
}  # fmt: skip
CASE = {
    "number": 17,
    "subject": "estimate",
    "place": "КВ-5",
    "due": "2026-12-20",
    "url": "/cases/17/",
}
# Each kind with all that its mail shows.
PAYLOADS: dict[str, dict[str, object]] = {
    "account.confirm": {"name": "Иванова Анна Петровна", "url": "/confirm/MQ:1/", "code": "MQ:1"},
    "account.exists": {"name": "Иванова Анна Петровна", "url": "/reset/"},
    "account.password_reset": {"url": "/reset/key/1/"},
    "account.password_changed": {"when": WHEN, "address": "203.0.113.7", "browser": "Firefox 140"},
    "account.security_changed": {
        "what": "добавлен ключ", "when": WHEN, "address": "203.0.113.7", "browser": "Firefox 140",
    },
    "contracts.application.received": {"number": "17", "due": WHEN, "url": "/request/"},
    "contracts.application.approved": {
        "agreement": "7701-0045", "points": ["132070043214102, ул. Мира, 3"], "url": "/cabinet/",
        "letter": "Ждём вас в кабинете.",
    },
    "contracts.application.refused": {"reason": "Договор чужой.", "url": "/request/"},
    "contracts.application.correction": {"text": "Не хватает двух цифр.", "url": "/request/"},
    "contracts.application.message": {"text": "Нашли ваш договор.", "url": "/request/"},
    "contracts.application.reopened": {"url": "/request/"},
    "contracts.device.connected": {
        "phone": "Pixel 8 · Chrome 130", "address": "203.0.113.7", "when": WHEN,
        "url": "/profile/devices/",
    },
    "accounts.invited": {"role": "operator", "url": "/reset/key/2/"},
    "accounts.withdrawal.received": {"when": WHEN, "due": "2026-12-20"},
    # What they say of events: test_event_mails.
    "events.warning": {
        "events": [
            {"at": WHEN, "journal": 4, "code": 1, "place": "Ввод", "zone": "Asia/Omsk"},
            {"at": WHEN, "journal": 2, "code": 2, "place": "Ввод", "zone": "Asia/Omsk"},
        ],
        "more": 4, "url": "/",
    },
    "events.warning.late": {
        "counts": [{"journal": 2, "code": 1, "count": 3, "first": WHEN, "last": WHEN}],
        "url": "/",
    },
    # What they say of each: test_words.
    "notifications.notices": {
        "notices": [
            {"kind": "outage", "zone": "Asia/Omsk",
             "payload": {"from": 1763539200, "to": 1763547240, "place": "Ввод"}},
        ],
        "more": 4, "url": "/notices/",
    },
    "notifications.digest": {
        "notices": [{"kind": "news", "zone": "UTC", "payload": {"title": "Работы на ВЛ-1"}}],
        "more": 4, "url": "/notices/",
    },
    "notifications.news": {
        "title": "Работы на ВЛ-1", "text": "С утра до обеда.", "url": "/news/7/",
    },
    "collection.order.planned": ORDER,
    "collection.order.done": ORDER,
    "collection.order.failed": ORDER,
    "collection.order.called_off": ORDER,
    "collection.order.broken": ORDER | {"reason": "The meter refused.", "url": "/desk/orders/1/"},
    "collection.order.refused": ORDER | {"reason": "Нет акта."},
    "cases.case.received": CASE,
    "cases.case.new": CASE,
    "cases.case.assigned": CASE,
    "cases.case.answered": {"number": 17, "text": "Пересчитали.", "url": "/cases/17/"},
    "cases.case.message": {"number": 17, "text": "Проверяем.", "url": "/cases/17/"},
    "cases.case.closed": {"number": 17, "url": "/cases/17/"},
    "cases.case.said": {name: CASE[name] for name in ("number", "place", "due", "url")},
    "cases.case.again": {name: CASE[name] for name in ("number", "place", "due", "url")},
    # What they say of each reading: tests/manual_entry/test_telling.
    **{
        f"manual_entry.entry.{what}": {
            "lines": [
                {"entry": 1, "point": 1, "place": "Баня", "zone": "UTC", "of": 1763539200,
                 "shown": {"0": 4_821_640}, "accepted": None, "decimals": 2, "reason": "Нечётко"},
            ],
            "more": 4, "url": "/entry/",
        }
        for what in ("approved", "corrected", "refused", "withdrawn", "asked", "reopened")
    },
    "reports.run.made": {"title": "Detail", "url": "/reports/"},
    "reports.run.sent": {"title": "Detail", "url": "/reports/"},
    "reports.run.failed": {"title": "Detail", "why": "TooLong", "url": "/reports/"},
}  # fmt: skip
SHOWN = {
    "добавлен ключ": "Добавлен ключ",
    WHEN: "20.11.2026 12:00",
    "2026-12-20": "20.12.2026",
    "Иванова Анна Петровна": "Анна Петровна",
}
CODES = {"operator", "off", "debt", "3000", "estimate"}


def compose(kind: str, language: str = "ru", **payload):
    message = Message(
        kind=kind, key=kind, address="a@example.ru", language=language,
        payload=PAYLOADS[kind] | payload,
    )  # fmt: skip
    return mails.compose(message)


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("kind", PAYLOADS)
class TestEveryKind:
    def test_text_and_html_show_all_of_the_payload(self, kind, language, settings):
        settings.URL = "https://faza.example"
        mail = compose(kind, language)
        page = unescape(mail.alternatives[0].content)

        for name, value in PAYLOADS[kind].items():
            for part in value if isinstance(value, list) else [value]:
                if isinstance(part, dict):
                    continue
                words = (
                    f"https://faza.example{part}" if name == "url" else str(SHOWN.get(part, part))
                )
                if words not in CODES:
                    assert words in mail.body
                    assert words in page
        assert mail.subject
        assert "\n" not in mail.subject

    def test_it_is_in_its_language(self, kind, language):
        mail = compose(kind, language)
        words = re.sub(r"https?://\S+|«[^»]*»", "", mail.subject)

        assert bool(re.search("[а-я]", words)) == (language == "ru")
        assert ("Здравствуйте" in mail.body) == (language == "ru")

    def test_it_has_no_script_no_table_no_picture_and_nothing_from_outside(self, kind, language):
        page = compose(kind, language).alternatives[0].content

        assert not re.search(r"<(script|table|img|link|form|iframe)\b", page)
        assert "{{" not in page + compose(kind, language).body
        assert "{%" not in page


def test_every_kind_that_is_told_has_its_mail():
    """Kinds are first arguments of `outbox.tell` anywhere in the rooms; those put together are not.

    Of what is not found here a test of its room sees the mail, or `deliver` gives it up.
    """
    told = set()
    for file in (ROOT / "faza").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("outbox.tell"):
                kind = node.args[0]
                if isinstance(kind, ast.Constant):
                    told.add(kind.value)
    assert told <= set(PAYLOADS)


def test_every_mail_is_of_a_kind():
    folder = ROOT / "faza/notifications/templates/notifications/mail"
    written = {file.name for file in folder.glob("*.html")}
    assert written == {Path(mails.template_of(kind)).name for kind in PAYLOADS}


def test_the_footer_is_the_organisations_card(settings):
    OrganisationCard.objects.update_or_create(
        id=1,
        defaults={
            "name": "АО «Зареченские сети»", "phones": "8 800 100-20-30", "hours": "8:00–17:00",
            "address": "ул. Ленина, 12", "email": "abonent@setel.example",
            "site": "https://setel.example", "changed_at": datetime(2026, 1, 1, tzinfo=UTC),
        },
    )  # fmt: skip
    card.forget_current()
    mail = compose("account.exists")
    card.forget_current()

    for words in ("АО «Зареченские сети»", "8 800 100-20-30", "8:00–17:00", "ул. Ленина, 12",
                  "abonent@setel.example", "https://setel.example"):  # fmt: skip
        assert words in mail.body
        assert words in mail.alternatives[0].content


def test_without_a_card_it_is_from_faza():
    card.forget_current()
    page = compose("account.exists").alternatives[0].content
    assert "Фаза" in page
    assert "None" not in page


@pytest.mark.parametrize(
    ("full_name", "form"),
    [("Иванова Анна Петровна", "Анна Петровна"), ("Анна", "Анна"), ("Анна Иванова", "Анна Иванова"),
     ("", "")],
)  # fmt: skip
def test_people_are_addressed_by_name_and_patronymic(full_name, form):
    assert mails.form_of_address(full_name) == form


@pytest.mark.parametrize(
    "url",
    [
        "//evil.example/a",
        "https://evil.example/a",
        "\\\\evil.example/a",
        "javascript:alert(1)",
        "a",
    ],
)
def test_no_link_leads_elsewhere(url, settings):
    settings.URL = "https://faza.example"
    assert mails.own_address(url).startswith("https://faza.example/")
